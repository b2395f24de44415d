"""Seals of agencies on this server: a PKCS#12 file for each unit, and the signature they put on a PDF.

A folder of the settings holds ``CODE.p12`` with the key and ``CODE.password`` with its passphrase, CODE being the code
of the unit. Both belong to the service user alone (mode 0600); a file that others may read is refused, because whoever
reads it can sign in the agency's name. The key is read for one signature and kept nowhere.
"""

from __future__ import annotations

import io
import re
import stat
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import SigFieldSpec
from pyhanko.stamp import StaticStampStyle

from portal.documents.pdf import Place, stamp_pdf
from portal.refusal import Refused

SAFE_CODE = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*")
FIELD = "ConDau"


@dataclass(frozen=True)
class Seal:
    """The seal of one unit, opened."""

    signer: signers.SimpleSigner
    holder: str
    valid_to: datetime


class Seals:
    """The folder of seals; ``root`` None: this server keeps none."""

    def __init__(self, root: Path | None) -> None:
        self.root = root

    def has(self, unit_code: str) -> bool:
        """Whether a seal lies here for this unit; says nothing about whether it can be opened."""
        path = self._path(unit_code, "p12")
        return path is not None and path.is_file()

    def codes(self) -> list[str]:
        """The codes of the units that have a seal here."""
        if self.root is None or not self.root.is_dir():
            return []
        return sorted(path.stem for path in self.root.glob("*.p12"))

    def open(self, unit_code: str, at: datetime) -> Seal:
        """The seal of a unit, ready to sign at the instant ``at``; raises Refused saying why it cannot."""
        key, password = self._path(unit_code, "p12"), self._path(unit_code, "password")
        if key is None or password is None or not key.is_file():
            raise Refused("documents.no_seal", unit=unit_code)
        signer = _opened(key, password, unit_code)
        certificate = signer.signing_cert
        if certificate is None or not certificate.not_valid_before <= at <= certificate.not_valid_after:
            last = f"{certificate.not_valid_after:%d/%m/%Y}" if certificate else ""
            raise Refused("documents.seal_expired", unit=unit_code, last=last)
        name = certificate.subject.native.get("common_name", "")
        holder = "; ".join(name) if isinstance(name, list) else str(name)
        return Seal(signer, holder, certificate.not_valid_after)

    def _path(self, unit_code: str, ending: str) -> Path | None:
        if self.root is None or not SAFE_CODE.fullmatch(unit_code):
            return None
        return self.root / f"{unit_code}.{ending}"


def _opened(key: Path, password: Path, unit_code: str) -> signers.SimpleSigner:
    try:
        if any(path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO) for path in (key, password)):
            raise Refused("documents.seal_open_to_others", unit=unit_code)
        passphrase = password.read_text(encoding="utf-8").strip("\r\n").encode()
        signer: signers.SimpleSigner = signers.SimpleSigner.load_pkcs12_data(key.read_bytes(), [], passphrase)
    except (OSError, ValueError) as error:
        raise Refused("documents.seal_unreadable", unit=unit_code) from error
    return signer


def sealed(pdf: bytes, seal: Seal, place: Place, *, agency: str, wall: datetime) -> bytes:
    """``pdf`` with the seal's signature as an incremental update, shown in a block at ``place``.

    ``wall``: the moment the block names, Vietnam wall time; the signature itself carries the real clock.
    """
    lines = [f"Ký bởi: {seal.holder}"]
    if agency and agency != seal.holder:
        lines.append(f"Cơ quan: {agency}")
    lines.append(f"Ngày ký: {wall:%d/%m/%Y %H:%M:%S} +07:00")
    box = tuple(round(side) for side in (place.left, place.bottom, place.right, place.top))
    with tempfile.NamedTemporaryFile(suffix=".pdf") as block:
        block.write(stamp_pdf(lines, place, wall))
        block.flush()
        style = StaticStampStyle.from_pdf_file(block.name, border_width=0)
        meta = signers.PdfSignatureMetadata(field_name=FIELD, md_algorithm="sha256", name=seal.holder)
        field = SigFieldSpec(FIELD, on_page=place.page, box=box)  # type: ignore[arg-type]
        signer = signers.PdfSigner(meta, signer=seal.signer, stamp_style=style, new_field_spec=field)
        signed: bytes = signer.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf))).getvalue()
    return signed
