"""The file of a backup: one compressed tar with the list of contents, the database and the stored files.

Written aside and renamed when whole; read once, every byte checked, before anything is put anywhere.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import tarfile
import zlib
from pathlib import Path
from typing import IO

from portal.upkeep.rules import ArchiveFault, Manifest

CONTENTS = "contents.json"
CONTENTS_HASH = "contents.sha256"
DATABASE = "database"
FILES = "files/"
CHUNK = 1 << 20
BROKEN = (tarfile.TarError, EOFError, OSError, zlib.error)


def sha256_of(path: Path) -> str:
    """The hash of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def stored_files(root: Path) -> dict[str, Path]:
    """The files of the store by their hash; files half written are left out."""
    found = (path for path in sorted(root.glob("??/*")) if path.is_file() and len(path.name) == 64)
    return {path.name: path for path in found}


def write(target: Path, manifest: Manifest, database: Path, files: dict[str, Path]) -> None:
    """Write a backup to ``target``, readable by its owner only. Raises ArchiveFault when a file exists there."""
    if target.exists():
        raise ArchiveFault(f"tệp {target} đã có; bản sao lưu không bao giờ ghi đè lên bản khác")
    aside = target.with_name(target.name + ".partial")
    listing = manifest.to_bytes()
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as raw:
        with tarfile.open(fileobj=raw, mode="w:gz", compresslevel=1) as archive:
            _add_bytes(archive, CONTENTS, listing)
            _add_bytes(archive, CONTENTS_HASH, hashlib.sha256(listing).hexdigest().encode())
            _add_file(archive, DATABASE, database)
            for name, path in files.items():
                _add_file(archive, FILES + name, path)
        raw.flush()
        os.fsync(raw.fileno())
    os.replace(aside, target)


def _add_bytes(archive: tarfile.TarFile, name: str, data: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(data)
    archive.addfile(member, io.BytesIO(data))


def _add_file(archive: tarfile.TarFile, name: str, path: Path) -> None:
    member = tarfile.TarInfo(name)
    member.size = path.stat().st_size
    with path.open("rb") as file:
        archive.addfile(member, file)


def unpack(source: Path, folder: Path) -> Manifest:
    """Check every byte of a backup and put the database and the files into an empty ``folder``.

    Raises ArchiveFault with the reason when anything is missing, changed, cut short or does not belong there.
    """
    try:
        with gzip.open(source) as stream, tarfile.open(fileobj=stream, mode="r:") as archive:
            manifest = _read_contents(archive)
            seen: set[str] = set()
            while member := archive.next():
                expected = _expected_hash(member, manifest)
                if member.name in seen:
                    raise ArchiveFault(f"{member.name} có hai lần")
                seen.add(member.name)
                _unpack_member(archive, member, folder / member.name, expected)
            while stream.read(CHUNK):
                pass  # the checksum of the whole is looked at where the stream ends
    except BROKEN as error:
        raise ArchiveFault(f"không đọc được đến hết ({error})") from error
    missing = {DATABASE, *(FILES + name for name in manifest.files)} - seen
    if missing:
        raise ArchiveFault(f"thiếu {min(missing)}")
    return manifest


def _read_contents(archive: tarfile.TarFile) -> Manifest:
    listing, digest = _next(archive, CONTENTS), _next(archive, CONTENTS_HASH)
    if hashlib.sha256(listing).hexdigest().encode() != digest:
        raise ArchiveFault("bản kê nội dung đã bị sửa")
    return Manifest.from_bytes(listing)


def _next(archive: tarfile.TarFile, name: str) -> bytes:
    member = archive.next()
    content = archive.extractfile(member) if member and member.name == name else None
    if content is None:
        raise ArchiveFault("đây không phải bản sao lưu của cổng")
    return content.read()


def _expected_hash(member: tarfile.TarInfo, manifest: Manifest) -> str:
    name = member.name.removeprefix(FILES)
    if member.isfile() and member.name == DATABASE:
        return manifest.database_sha256
    if member.isfile() and member.name == FILES + name and name in manifest.files:
        return name
    raise ArchiveFault(f"{member.name} không thuộc bản sao lưu")


def _unpack_member(archive: tarfile.TarFile, member: tarfile.TarInfo, target: Path, expected: str) -> None:
    content: IO[bytes] | None = archive.extractfile(member)
    if content is None:
        raise ArchiveFault(f"{member.name} trống")
    target.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with target.open("wb") as file:
        while chunk := content.read(CHUNK):
            digest.update(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    if digest.hexdigest() != expected:
        raise ArchiveFault(f"{member.name} đã bị sửa hoặc hỏng")
