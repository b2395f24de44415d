"""Making and restoring backups."""

from __future__ import annotations

import os
import tempfile
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine, inspect

from portal.upkeep import archive, copying
from portal.upkeep.rules import ArchiveFault, Manifest, first_difference, key_fingerprint


def back_up(engine: Engine, store: Path, target: Path, *, secret: str, at: datetime) -> Manifest:
    """Write a backup of database and stored files to ``target`` and read it back. ``at`` is an instant.

    The database is copied first: every file it speaks of was on the disk before. Raises ArchiveFault.
    """
    if target.exists():
        raise ArchiveFault(f"tệp {target} đã có; bản sao lưu không bao giờ ghi đè lên bản khác")
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".backup-") as folder:
        copy = Path(folder) / "copy"
        facts = copying.copy_out(engine, copy)
        files = archive.stored_files(store)
        manifest = Manifest(
            made_at=at.isoformat(timespec="seconds"),
            database=engine.dialect.name,
            server=server_version(engine),
            revision=facts.revision,
            counts=facts.counts,
            audit_seq=facts.audit_seq,
            audit_hash=facts.audit_hash,
            key=key_fingerprint(secret),
            database_sha256=archive.sha256_of(copy),
            files={name: path.stat().st_size for name, path in files.items()},
        )
        archive.write(target, manifest, copy, files)
        archive.unpack(target, Path(folder) / "read back")
    return manifest


def restore(engine: Engine, store: Path, source: Path, *, secret: str, known: frozenset[str]) -> Manifest:
    """Put a backup into an empty database and its files into the store; prove that all of it arrived.

    ``known`` are the revisions of the schema this portal understands. Raises ArchiveFault; until the database is
    loaded nothing has been written.
    """
    with engine.connect() as connection:
        if inspect(connection).get_table_names():
            raise ArchiveFault("cơ sở dữ liệu không trống; chỉ khôi phục vào cơ sở dữ liệu trống")
    store.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=store, prefix=".restore-") as name:
        folder = Path(name)
        manifest = archive.unpack(source, folder)
        _refuse_foreign(manifest, engine, secret, known)
        facts = copying.copy_in(engine, folder / archive.DATABASE)
        difference = first_difference(manifest.counts, facts.counts)
        if (facts.audit_seq, facts.audit_hash) != (manifest.audit_seq, manifest.audit_hash):
            difference = f"nhật ký dừng ở sự kiện {facts.audit_seq}, bản sao lưu ghi {manifest.audit_seq}"
        if difference:
            raise ArchiveFault(f"cơ sở dữ liệu vừa khôi phục khác với bản sao lưu: {difference}. Không được sử dụng")
        for digest in manifest.files:
            target = store / digest[:2] / digest
            target.parent.mkdir(parents=True, exist_ok=True)
            os.chmod(folder / archive.FILES / digest, 0o440)
            os.replace(folder / archive.FILES / digest, target)
    return manifest


def _refuse_foreign(manifest: Manifest, engine: Engine, secret: str, known: frozenset[str]) -> None:
    if manifest.database != engine.dialect.name:
        raise ArchiveFault(f"bản này chứa cơ sở dữ liệu {manifest.database}, còn địa chỉ này là {engine.dialect.name}")
    if manifest.revision not in known:
        raise ArchiveFault(f"không biết lược đồ {manifest.revision or '(không có)'}; hãy dùng phiên bản đã tạo ra nó")
    if manifest.key != key_fingerprint(secret):
        raise ArchiveFault("bản này tạo với PORTAL_SECRET_KEY khác; với khoá này không kiểm chứng được nhật ký")


def server_version(engine: Engine) -> str:
    """The version of the database program, as it names itself."""
    with engine.connect() as connection:
        found = connection.dialect.server_version_info or ()
    return ".".join(str(part) for part in found)
