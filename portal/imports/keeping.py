"""Where uploaded case lists are kept until retention erases them, and how large one is without reading it whole."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import IO
from zlib import error as zlib_error

from flask import current_app

from portal.documents.store import FileStore
from portal.imports.models import Batch
from portal.imports.preparing import Upload
from portal.refusal import Refused

LARGE = 5_000
"""Files of more rows are handled by a job; the page shows its progress."""
MEDIA = "application/octet-stream"
CHUNK = 1 << 18
LOOKED_AT = 48 << 20
"""Inflated bytes that are looked at; a part that needs more for its first rows counts as large."""
ROW_TAGS = {"xl/worksheets/": b"<row ", "content.xml": b"<table:table-row"}
OLD_WORKBOOK = 1 << 20
"""A .xls cannot be counted without reading it; from this size on it counts as large."""


def uploads() -> FileStore:
    """Uploaded case lists, apart from other files because they are erased after some days."""
    return FileStore(Path(current_app.config["SETTINGS"].data_dir) / "imports")


def keep(data: bytes, name: str) -> Upload:
    """Keep a file under the hash of its content."""
    store = uploads()
    return Upload(store.path(store.put(data, MEDIA).sha256), name)


def is_kept(batch: Batch) -> bool:
    """Whether the source file of a batch is still there."""
    return batch.erased_at is None and uploads().has(batch.file_sha256)


def upload_of(batch: Batch) -> Upload:
    """The kept file of a batch. Refused when it is no longer kept."""
    if not is_kept(batch):
        raise Refused("imports.file_gone")
    return Upload(uploads().path(batch.file_sha256), batch.file_name)


def is_large(upload: Upload) -> bool:
    """Whether a file has more than ``LARGE`` rows, by a cheap look: line ends of a text, row tags of a workbook.

    A damaged file is not large: the reader says at once what is wrong with it.
    """
    with upload.path.open("rb") as file:
        head = file.read(4)
        file.seek(0)
        if head.startswith(b"PK"):
            return _has_many_rows(file)
        if head.startswith(b"\xd0\xcf\x11\xe0"):
            return upload.path.stat().st_size > OLD_WORKBOOK
        return _counts_beyond(file, b"\n", LOOKED_AT)


def _has_many_rows(file: IO[bytes]) -> bool:
    try:
        with zipfile.ZipFile(file) as archive:
            for info in archive.infolist():
                tag = next((tag for start, tag in ROW_TAGS.items() if info.filename.lower().startswith(start)), None)
                if tag is None or info.flag_bits & 1:
                    continue
                with archive.open(info) as member:
                    if _counts_beyond(member, tag, LOOKED_AT):
                        return True
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, ValueError, OSError, EOFError, zlib_error):
        return False
    return False


def _counts_beyond(file: IO[bytes], mark: bytes, most: int) -> bool:
    """Whether a mark stands more than ``LARGE`` times in a stream of which at most ``most`` bytes are looked at."""
    found, seen, rest = 0, 0, b""
    while chunk := file.read(CHUNK):
        seen += len(chunk)
        window = rest + chunk
        found += window.count(mark)
        rest = window[len(window) - len(mark) + 1 :] if len(mark) > 1 else b""
        if found > LARGE or seen > most:
            return True
    return False
