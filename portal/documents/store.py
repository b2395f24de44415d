"""Files on the disk under the hash of their content: written once, never changed, never named by users.

A file is on the disk, whole, before any row speaks of it (write aside, fsync, rename, fsync the folder); a row that
fails to be written leaves an orphan, never a hole. Knows no request and no database.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

NAME_LENGTH = 64


@dataclass(frozen=True)
class Content:
    """What was put into the store: hash, size in bytes, type."""

    sha256: str
    size: int
    media_type: str


class FileStore:
    """The folder of stored files."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, sha256: str) -> Path:
        """Where the file with this hash lies, whether it exists or not."""
        if len(sha256) != NAME_LENGTH or not all(letter in "0123456789abcdef" for letter in sha256):
            raise ValueError("not a content hash")
        return self.root / sha256[:2] / sha256

    def put(self, data: bytes, media_type: str) -> Content:
        """Keep the bytes and give their hash; the same content is kept once."""
        digest = hashlib.sha256(data).hexdigest()
        target = self.path(digest)
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            _write_whole(target, data)
        return Content(digest, len(data), media_type)

    def has(self, sha256: str) -> bool:
        """Whether the file is there."""
        return self.path(sha256).is_file()

    def read(self, sha256: str) -> bytes:
        """The bytes with this hash. Raises FileNotFoundError when missing, ValueError when they were changed."""
        data = self.path(sha256).read_bytes()
        if hashlib.sha256(data).hexdigest() != sha256:
            raise ValueError(f"stored file {sha256} was changed on the disk")
        return data


def _write_whole(target: Path, data: bytes) -> None:
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=".new-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o440)
        os.replace(temporary, target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    for folder in (target.parent, target.parent.parent):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
