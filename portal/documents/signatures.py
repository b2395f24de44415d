"""Whether a PDF that comes back signed is the issued one with nothing but signatures added. Knows no database.

The returned file must begin with the issued bytes (an incremental update): what was issued can then be read out of it
for ever. pyHanko proves each signature and what came after it; what stands between the issued file and the first
signature it does not judge (it expects a form to be there already), so that is compared here, object by object.
Nothing is fetched from a network: revocation lists are not asked, and the caller shows so.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Self

from asn1crypto.x509 import Certificate
from pyhanko.pdf_utils.generic import DictionaryObject, Reference, StreamObject
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.validation import EmbeddedPdfSignature, validate_pdf_signature
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko.sign.validation.status import PdfSignatureStatus, SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from portal.documents.rules import MIB
from portal.logs import logger
from portal.refusal import Refused

MOST_ADDED = 5 * MIB
"""Certificates, revocation data and the picture of a signature; more is something else."""
LARGEST_BLOCK = 0.3
"""The part of a page that the picture of a signature may cover; a larger one could hide what was issued."""
MAY_CHANGE = {
    "/Catalog": frozenset({"/AcroForm", "/DSS", "/Extensions", "/Metadata", "/Perms", "/Version"}),
    "/Page": frozenset({"/Annots", "/Tabs"}),
}
MOMENTS = ("valid_from", "valid_to", "claimed_at")
log = logger(__name__)


@dataclass(frozen=True)
class Signature:
    """One signature of a returned file. ``claimed_at``: by the signer's own clock; ``trusted`` None: not checked."""

    signer: str
    organisation: str
    issuer: str
    serial: str
    valid_from: datetime
    valid_to: datetime
    claimed_at: datetime | None
    trusted: bool | None

    def as_json(self) -> dict[str, Any]:
        """In the types JSON has; moments as ISO text."""
        return {
            name: value.isoformat() if isinstance(value, datetime) else value for name, value in asdict(self).items()
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The signature that ``as_json`` kept."""
        moments = {name: datetime.fromisoformat(data[name]) for name in MOMENTS if data[name] is not None}
        return cls(**{**data, **moments})


def read_signatures(
    issued: bytes, returned: bytes, *, roots: Sequence[Certificate], at: datetime
) -> tuple[Signature, ...]:
    """The signatures of ``returned``, the oldest first, after all of it was proved; raises Refused saying what is not.

    ``roots``: the certificates of the authorities that are trusted; without any, who stands behind a certificate is
    not checked and ``trusted`` is None. ``at``: the instant at which the certificates must be valid.
    """
    if not returned.startswith(issued):
        raise Refused("documents.not_the_issued_file")
    if len(returned) == len(issued):
        raise Refused("documents.not_signed")
    if len(returned) - len(issued) > MOST_ADDED:
        raise Refused("documents.too_much_added", most=MOST_ADDED // MIB)
    try:
        return _proved(issued, returned, roots, at)
    except Refused:
        raise
    except Exception as error:
        # Hostile bytes make a parser fail in any way it can; whatever it is, the file is not accepted.
        log.warning("signed file unreadable", error=f"{type(error).__name__}: {error}")
        raise Refused("documents.signature_unreadable") from error


def _proved(issued: bytes, returned: bytes, roots: Sequence[Certificate], at: datetime) -> tuple[Signature, ...]:
    reader = PdfFileReader(io.BytesIO(returned))
    last = PdfFileReader(io.BytesIO(issued)).xrefs.total_revisions - 1
    if reader.xrefs.total_revisions <= last or not _continues(issued, reader, last):
        raise Refused("documents.not_the_issued_file")
    found = reader.embedded_regular_signatures
    if not found:
        raise Refused("documents.not_signed")
    _refuse_other_changes(reader, last)
    return tuple(_checked(one, roots, at) for one in found)


def _continues(issued: bytes, reader: PdfFileReader, last: int) -> bool:
    """Whether the revision that was issued is what the later ones build on, not bytes that nobody refers to."""
    own = PdfFileReader(io.BytesIO(issued))
    return all(
        own.xrefs.get_startxref_for_revision(revision) == reader.xrefs.get_startxref_for_revision(revision)
        for revision in range(last + 1)
    )


def _checked(one: EmbeddedPdfSignature, roots: Sequence[Certificate], at: datetime) -> Signature:
    certificate = one.signer_cert
    name = _named(certificate.subject.native, "common_name")
    context = ValidationContext(trust_roots=list(roots), allow_fetching=False, moment=at)
    status = validate_pdf_signature(one, context, key_usage_settings=KeyUsageConstraints())
    if not (status.intact and status.valid):
        raise Refused("documents.signature_broken", signer=name)
    if not _nothing_after(status):
        raise Refused("documents.changed_after_signature", signer=name)
    first, until = certificate.not_valid_before, certificate.not_valid_after
    if not first <= at <= until:
        raise Refused("documents.certificate_expired", signer=name, first=f"{first:%d/%m/%Y}", last=f"{until:%d/%m/%Y}")
    issuer = _named(certificate.issuer.native, "common_name")
    if roots and not status.trusted:
        raise Refused("documents.certificate_not_trusted", signer=name, issuer=issuer)
    return Signature(
        signer=name,
        organisation=_named(certificate.subject.native, "organization_name"),
        issuer=issuer,
        serial=f"{certificate.serial_number:X}",
        valid_from=first,
        valid_to=until,
        claimed_at=status.signer_reported_dt,
        trusted=True if roots else None,
    )


def _nothing_after(status: PdfSignatureStatus) -> bool:
    """Whether after this signature came nothing, or only further signatures and their proofs."""
    if status.coverage == SignatureCoverageLevel.ENTIRE_FILE:
        return True
    harmless = (ModificationLevel.NONE, ModificationLevel.LTA_UPDATES, ModificationLevel.FORM_FILLING)
    whole = status.coverage == SignatureCoverageLevel.ENTIRE_REVISION
    return whole and bool(status.docmdp_ok) and status.modification_level in harmless


def _refuse_other_changes(reader: PdfFileReader, last: int) -> None:
    """Refuse a file in which anything that was issued was replaced, removed or drawn over. ``last``: its revision."""
    before = reader.get_historical_resolver(last)
    for revision in range(last + 1, reader.xrefs.total_revisions):
        if any(_known(reader, one, last) for one in reader.xrefs.refs_freed_in_revision(revision)):
            raise Refused("documents.changed_beside_signature")
        for one in reader.xrefs.explicit_refs_in_revision(revision):
            if not _known(reader, one, last):
                continue
            for after in (reader.get_historical_resolver(revision), reader):
                if not _harmless(before.get_object(one), after.get_object(one)):
                    raise Refused("documents.changed_beside_signature")
    _refuse_foreign_form(reader)
    for page in _pages(reader.root["/Pages"]):
        _refuse_drawings(page)


def _known(reader: PdfFileReader, one: Reference, last: int) -> bool:
    return reader.xrefs.get_historical_ref(one, last) is not None


def _harmless(old: Any, new: Any) -> bool:
    """Whether an object that a later revision writes again is the same, but for what a signature adds."""
    if isinstance(old, StreamObject) and isinstance(new, StreamObject):
        if _part(old, "/Type") == "/Metadata" == _part(new, "/Type"):
            return True
        return repr(dict(old)) == repr(dict(new)) and old.data == new.data
    if not (isinstance(old, DictionaryObject) and isinstance(new, DictionaryObject)):
        return repr(old) == repr(new)
    if "/Type" not in old:
        # The file's own data (title, producer, moments): nothing of it stands on a page.
        return set(old) | set(new) <= INFO_KEYS or repr(dict(old)) == repr(dict(new))
    free = MAY_CHANGE.get(str(old["/Type"]), frozenset())
    keys = (set(old) | set(new)) - free
    return all(repr(old.raw_get(key)) == repr(new.raw_get(key)) if key in old and key in new else False for key in keys)


INFO_KEYS = frozenset(
    {"/Title", "/Author", "/Subject", "/Keywords", "/Creator", "/Producer", "/CreationDate", "/ModDate", "/Trapped"}
)


def _refuse_foreign_form(reader: PdfFileReader) -> None:
    """A form may hold signatures only."""
    form = _part(reader.root, "/AcroForm", {})
    fields = [field.get_object() for field in _part(form, "/Fields", ())]
    if "/XFA" in form or any(_part(field, "/FT") != "/Sig" for field in fields):
        raise Refused("documents.changed_beside_signature")


def _pages(node: Any) -> Iterator[Any]:
    """The pages under a node of the page tree."""
    for kid in _part(node, "/Kids", ()):
        child = kid.get_object()
        if _part(child, "/Type") == "/Pages":
            yield from _pages(child)
        else:
            yield child


def _refuse_drawings(page: Any) -> None:
    """Only the blocks of signatures may lie on a page, and none so large that it hides what was issued."""
    left, bottom, right, top = (float(side) for side in _part(page, "/MediaBox", (0, 0, 595, 842)))
    for annotation in (one.get_object() for one in _part(page, "/Annots", ())):
        kind = _part(annotation, "/FT") or _part(_part(annotation, "/Parent", {}), "/FT")
        if _part(annotation, "/Subtype") != "/Widget" or kind != "/Sig":
            raise Refused("documents.changed_beside_signature")
        x1, y1, x2, y2 = (float(side) for side in _part(annotation, "/Rect", (0, 0, 0, 0)))
        if abs((x2 - x1) * (y2 - y1)) > LARGEST_BLOCK * (right - left) * (top - bottom):
            raise Refused("documents.signature_covers_page")


def _part(node: Any, key: str, otherwise: Any = None) -> Any:
    """What stands under a key, references followed."""
    return node[key] if key in node else otherwise


def _named(fields: Any, part: str) -> str:
    """One part of a distinguished name; several values joined, none: empty."""
    value = fields.get(part, "")
    return "; ".join(map(str, value)) if isinstance(value, list) else str(value)
