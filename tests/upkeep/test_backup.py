"""A backup is whole or it is none; a restore proves it."""

from __future__ import annotations

import gzip
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, inspect

from portal import clock
from portal.database import commit, db
from portal.documents.models import StoredFile
from portal.documents.store import FileStore
from portal.upkeep.archive import unpack
from tests.databases import SECRET
from tests.factories import Make
from tests.upkeep.archives import members, rewrite


@pytest.fixture
def target(databases: Any) -> Iterator[str]:
    url = databases.empty()
    yield url
    databases.drop(url)


@pytest.fixture
def stored(make: Make, tmp_path: Path) -> str:
    """A case and a stored file; gives the hash of the file."""
    make.case()
    content = FileStore(tmp_path / "files").put("Phiếu xin lỗi".encode(), "application/pdf")
    make.add(StoredFile(sha256=content.sha256, size=content.size, media_type=content.media_type, made_at=clock.now()))
    return content.sha256


@pytest.fixture
def archive(portal: Callable[..., Any], stored: str, tmp_path: Path) -> Path:
    path = tmp_path / "backup.tar.gz"
    assert portal("backup", str(path)).exit_code == 0
    return path


def test_a_restored_portal_is_the_one_that_was_backed_up(
    portal: Callable[..., Any], archive: Path, stored: str, target: str, tmp_path: Path
) -> None:
    done = portal("restore", str(archive), url=target, data_dir=tmp_path / "new")

    assert done.exit_code == 0, done.stderr
    assert done.json["files"] == 1
    assert FileStore(tmp_path / "new").read(stored) == "Phiếu xin lỗi".encode()
    checks = {check["name"]: check for check in portal("doctor", url=target, data_dir=tmp_path / "new").json["checks"]}
    assert checks["append-only"]["state"] == checks["trail"]["state"] == checks["files"]["state"] == "good", checks


def test_a_backup_is_not_written_over_another(portal: Callable[..., Any], archive: Path) -> None:
    done = portal("backup", str(archive))

    assert done.exit_code == 2
    assert "đã có" in done.json["problems"][0]["reason"]


def test_a_backup_is_readable_by_its_owner_only(archive: Path) -> None:
    assert archive.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in archive.parent.iterdir() if "backup" in path.name] == [archive.name]


def test_a_database_with_tables_is_not_overwritten(portal: Callable[..., Any], archive: Path) -> None:
    done = portal("restore", str(archive))

    assert done.exit_code == 2
    assert "không trống" in done.stderr


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-2000])


def one_byte_changed(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)


def another_file(path: Path) -> None:
    path.write_bytes(b"PK\x03\x04 something else")


def a_file_left_out(path: Path) -> None:
    rewrite(path, {name: data for name, data in members(path).items() if not name.startswith("files/")})


def a_database_exchanged(path: Path) -> None:
    rewrite(path, {**members(path), "database": b"SQLite format 3\x00"})


def counts_altered(path: Path) -> None:
    content = members(path)
    rewrite(path, {**content, "contents.json": content["contents.json"].replace(b'"cases": 1', b'"cases": 2')})


def a_path_that_climbs(path: Path) -> None:
    rewrite(path, {**members(path), "files/../../climbed": b"x"})


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (cut_short, "không đọc được đến hết"),
        (one_byte_changed, "Chưa khôi phục"),
        (another_file, "không đọc được"),
        (a_file_left_out, "thiếu files/"),
        (a_database_exchanged, "đã bị sửa hoặc hỏng"),
        (counts_altered, "bản kê nội dung đã bị sửa"),
        (a_path_that_climbs, "không thuộc bản sao lưu"),
    ],
)
def test_a_damaged_backup_is_refused_with_the_reason(
    portal: Callable[..., Any],
    archive: Path,
    target: str,
    tmp_path: Path,
    damage: Callable[[Path], None],
    reason: str,
) -> None:
    damage(archive)

    done = portal("restore", str(archive), url=target, data_dir=tmp_path / "new")

    assert done.exit_code == 2
    assert reason in done.stderr
    assert done.json["rows"] == 0
    assert list((tmp_path / "new").iterdir()) == []
    engine = create_engine(target)
    assert inspect(engine).get_table_names() == []
    engine.dispose()


def test_a_backup_goes_on_while_others_write(portal: Callable[..., Any], make: Make, tmp_path: Path) -> None:
    make.unit()
    with commit():
        db.session.flush()

        done = portal("backup", str(tmp_path / "while.tar.gz"))

    assert done.exit_code == 0


def test_another_secret_is_refused(portal: Callable[..., Any], archive: Path, target: str, tmp_path: Path) -> None:
    done = portal("restore", str(archive), url=target, data_dir=tmp_path / "new", secret="x" * 40)

    assert done.exit_code == 2
    assert "PORTAL_SECRET_KEY" in done.stderr


def test_no_room_is_needed_after_a_backup(archive: Path) -> None:
    left = [path for path in archive.parent.iterdir() if path.name.startswith(".backup")]

    assert not left
    assert shutil.disk_usage(archive.parent).free > 0


@pytest.mark.prove
def test_no_changed_byte_goes_unseen(portal: Callable[..., Any], archive: Path, databases: Any, tmp_path: Path) -> None:
    """A flipped bit is refused, unless it lay where the compression says nothing and the content is the same."""
    whole = archive.read_bytes()
    content = gzip.decompress(whole)
    chance = random.Random(7)
    for number in range(150):
        place = chance.randrange(len(whole))
        archive.write_bytes(whole[:place] + bytes([whole[place] ^ (1 << chance.randrange(8))]) + whole[place + 1 :])
        target = databases.empty()

        done = portal("restore", str(archive), url=target, data_dir=tmp_path / f"files-{number}")

        assert done.exit_code == 2 or gzip.decompress(archive.read_bytes()) == content, f"byte {place}: {done.stderr}"
        databases.drop(target)


@pytest.mark.prove
def test_a_killed_backup_leaves_none(database_url: str, stored: str, tmp_path: Path) -> None:
    """Killed at any moment there is no file under the asked name, or a whole one."""
    environment = {**os.environ, "PORTAL_DATABASE_URL": database_url, "PORTAL_SECRET_KEY": SECRET}
    environment["PORTAL_DATA_DIR"] = str(tmp_path / "files")
    for number in range(30):
        target = tmp_path / f"killed-{number}.tar.gz"
        command = [sys.executable, "-c", "from portal.cli import main; main()", "backup", str(target)]
        running = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(0.05 * number)
        running.kill()
        running.wait()

        if target.exists():
            unpack(target, tmp_path / f"unpacked-{number}")
