"""The store of this application, and how a stored file leaves it: as a download that can do nothing."""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path
from urllib.parse import quote

from asn1crypto.x509 import Certificate
from flask import Response, abort, current_app, send_file
from pyhanko.keys import load_certs_from_pemder_data
from werkzeug.datastructures import FileStorage

from portal.documents import checks, rules
from portal.documents.letter import DEMO_MARK
from portal.documents.seals import Seals
from portal.documents.store import Content, FileStore
from portal.logs import logger

SANDBOX = "default-src 'none'; sandbox; frame-ancestors 'none'"
log = logger(__name__)


def file_store() -> FileStore:
    """The store in the data folder of the settings."""
    return FileStore(current_app.config["SETTINGS"].data_dir)


def seals() -> Seals:
    """The seals that this server keeps; none where no folder is set."""
    return Seals(current_app.config["SETTINGS"].seal_dir)


def trusted_roots() -> tuple[Certificate, ...]:
    """The certificates of the authorities whose signatures are trusted; none where no file is set."""
    path = current_app.config["SETTINGS"].signature_roots
    return _roots(path) if path is not None else ()


@cache
def _roots(path: Path) -> tuple[Certificate, ...]:
    return tuple(load_certs_from_pemder_data(path.read_bytes()))


def document_mark() -> str:
    """What stands at the foot of every document of a demonstration; nothing on real ones."""
    return DEMO_MARK if current_app.config.get("DEMO") else ""


def keep_upload(upload: FileStorage) -> tuple[checks.Checked, Content]:
    """Check an uploaded file and keep it; raises Refused. The row is written later, inside ``commit()``."""
    data = upload.stream.read(rules.LARGEST_FILE + 1)
    checked = checks.check_upload(data, upload.filename or "")
    return checked, file_store().put(data, checked.media_type)


def send_stored(sha256: str, name: str, media_type: str | None = None) -> Response:
    """Answer with a stored file as a download. The caller has already decided that this viewer may have it."""
    try:
        data = file_store().read(sha256)
    except (FileNotFoundError, ValueError) as error:
        log.error("stored file", sha256=sha256, error=str(error))
        abort(404)
    return send_bytes(data, name, media_type)


def send_bytes(data: bytes, name: str, media_type: str | None = None) -> Response:
    """Answer with bytes as a download: attachment, nosniff, and a sandbox for what opens it all the same."""
    safe = rules.safe_name(name)
    kind = media_type or rules.MEDIA_TYPES.get(rules.ending_of(safe), "application/octet-stream")
    response = send_file(io.BytesIO(data), mimetype=kind)
    plain = safe.encode("ascii", "ignore").decode().replace('"', "") or "tep"
    response.headers["Content-Disposition"] = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(safe)}"
    response.headers["Content-Security-Policy"] = SANDBOX
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    return response
