"""The drop folder: claimed once, imported or refused, put aside with a report, never twice, never overwritten."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from portal import clock
from portal.accountability.breaches.models import Breach
from portal.cases.models import Case, Source
from portal.database import db
from portal.directory.models import Unit
from portal.imports import dropping
from portal.imports.jobs import poll_drop_folder
from portal.imports.models import Batch
from tests.databases import application
from tests.imports.bringing import count, newest
from tests.imports.lists import open_row, row, text

LONG_AGO = 3600


@pytest.fixture
def drop(app: Flask, database_url: str, tmp_path: Path, unit: Unit) -> Iterator[Path]:
    """A drop folder with one source; the application of the test knows it."""
    folder = tmp_path / "drop"
    (folder / "iGate").mkdir(parents=True)
    with application(database_url, tmp_path / "files", drop_dir=folder) as portal, portal.app_context():
        yield folder


def put(folder: Path, rows: list[Any], name: str = "ds.csv", seconds_ago: int = LONG_AGO) -> Path:
    """A file that was last written so many seconds ago."""
    path = text(folder / name, rows)
    age(path, seconds_ago)
    return path


def age(path: Path, seconds_ago: int) -> None:
    moment = clock.now().timestamp() - seconds_ago
    os.utime(path, (moment, moment))


def poll() -> dict[str, int]:
    db.session.rollback()
    return poll_drop_folder(clock.today(), clock.now())


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_dropped_file_is_imported_and_put_aside_with_its_report(drop: Path) -> None:
    rows = [row("A", finished="12/10/2023 09:00"), open_row("B", unit="Phòng Lạ"), row("C", due="sai")]
    put(drop / "iGate", rows, "danh sách.csv")

    assert poll() == {"done": 1, "failed": 0, "growing": 0, "busy": 0}

    done = drop / "iGate" / "done"
    assert names(done) == ["danh sách.csv", "danh sách.csv.report.json", "danh sách.csv.report.txt"]
    said = json.loads((done / "danh sách.csv.report.json").read_text("utf-8"))
    assert {key: said[key] for key in ("batch", "rows", "new", "pending", "rejected", "fault")} == {
        "batch": 1, "rows": 3, "new": 1, "pending": 1, "rejected": 1, "fault": None,
    }  # fmt: skip
    assert [(item["row"], item["column"], item["value"]) for item in said["problems"]] == [
        (3, "Cơ quan giải quyết", "Phòng Lạ"),
        (4, "Ngày hẹn trả", "sai"),
    ]
    told = (done / "danh sách.csv.report.txt").read_text("utf-8")
    assert "3 dòng: 1 mới" in told and "Dòng 4, cột “Ngày hẹn trả”, giá trị “sai”" in told
    assert (newest().door, newest().source.name, newest().state) == ("drop", "iGate", "applied")
    assert "iGate" in newest().uploaded_by
    assert count(Breach) == 1
    assert names(drop / "iGate") == ["done", "failed", "working"]
    assert names(drop / "iGate" / "working") == []
    assert poll() == {"done": 0, "failed": 0, "growing": 0, "busy": 0}


def test_a_folder_of_full_extracts_marks_what_is_gone(drop: Path) -> None:
    put(drop / "iGate", [open_row("A", received="01/10/2023 08:00"), open_row("B", received="01/10/2023 09:00")])
    poll()
    (drop / "iGate.full-extract").mkdir()
    put(drop / "iGate.full-extract", [open_row("A", received="01/10/2023 08:00"), open_row("C")])

    poll()

    assert (newest().source.name, newest().full_extract, newest().gone) == ("iGate", True, 1)
    assert count(Source) == 1


def test_a_file_that_is_still_written_is_left_alone(drop: Path) -> None:
    growing = put(drop / "iGate", [row("A")], seconds_ago=20)
    put(drop / "iGate", [row("A")], "b.csv.part")
    put(drop / "iGate", [row("A")], ".hidden.csv")

    assert poll()["growing"] == 1
    assert growing.exists() and count(Batch) == 0
    later = clock.now() + timedelta(seconds=61)
    assert dropping.is_still(growing.lstat(), later)


def test_a_file_renamed_into_place_is_taken_at_once(drop: Path) -> None:
    path = put(drop / "iGate", [row("A")], "a.csv.part", seconds_ago=300)
    path.rename(drop / "iGate" / "a.csv")

    assert poll()["done"] == 1


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.pdf", b"%PDF-1.4", "không phải danh sách hồ sơ"),
        ("a.csv", b"x;y\r\n1;2\r\n", "dòng tiêu đề"),
        ("a\x07.csv", b"x", "Tên tệp"),
        ("a.csv", b"", "rỗng"),
    ],
)
def test_what_cannot_be_taken_goes_to_failed_with_the_reason(drop: Path, name: str, content: bytes, words: str) -> None:
    (drop / "iGate" / name).write_bytes(content)
    age(drop / "iGate" / name, LONG_AGO)

    assert poll()["failed"] == 1
    report = next((drop / "iGate" / "failed").glob("*.report.txt"))
    assert words in report.read_text("utf-8")
    assert count(Batch) == 0 and poll()["failed"] == 0


def test_unsure_columns_are_refused_not_guessed(drop: Path) -> None:
    headings = ("Mã hồ sơ", "Ngày nhận", "Ngày nhận", "Ngày hẹn trả", "Cơ quan giải quyết")
    path = text(drop / "iGate" / "a.csv", [["A", "1/9/2023", "2/10/2023", "10/10/2023", "X"]], headings=headings)
    age(path, LONG_AGO)

    assert poll()["failed"] == 1
    assert "Ngày nhận" in (drop / "iGate" / "failed" / "a.csv.report.txt").read_text("utf-8")


def test_links_are_never_followed(drop: Path, tmp_path: Path) -> None:
    secret = text(tmp_path / "secret.csv", [row("SECRET")])
    age(secret, LONG_AGO)
    (drop / "iGate" / "a.csv").symlink_to(secret)
    (drop / "Other").symlink_to(tmp_path, target_is_directory=True)

    assert poll() == {"done": 0, "failed": 1, "growing": 0, "busy": 0}
    assert secret.exists() and count(Case) == 0
    assert "liên kết" in (drop / "iGate" / "failed" / "a.csv.report.txt").read_text("utf-8")


def test_nothing_is_overwritten(drop: Path) -> None:
    for number in range(3):
        put(drop / "iGate", [row(f"A{number}")])
        poll()

    done = [name for name in names(drop / "iGate" / "done") if "report" not in name]
    assert done == ["ds (2).csv", "ds (3).csv", "ds.csv"]
    assert "A0" in (drop / "iGate" / "done" / "ds.csv").read_text("utf-8")
    assert count(Case) == 3


def test_of_two_pollers_one_wins(drop: Path, database_url: str, tmp_path: Path) -> None:
    for number in range(6):
        put(drop / "iGate", [row(f"A{number}")], f"{number}.csv")
    told: list[dict[str, int]] = []

    def work(portal: Flask) -> None:
        with portal.app_context():
            told.append(poll_drop_folder(clock.today(), clock.now()))

    with ExitStack() as stack:
        here = [stack.enter_context(application(database_url, tmp_path / "files", drop_dir=drop)) for _ in range(2)]
        threads = [threading.Thread(target=work, args=(portal,)) for portal in here]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert sum(one["done"] for one in told) == 6
    assert (count(Batch), count(Case)) == (6, 6)
    assert names(drop / "iGate" / "working") == []


def claimed_by_a_killed_poller(drop: Path, rows: list[Any]) -> Path:
    """What a poller leaves that was killed after claiming a file."""
    (drop / "iGate" / "working").mkdir()
    return dropping._claim(drop / "iGate", put(drop / "iGate", rows))


def test_a_claimed_file_of_a_killed_poller_is_taken_up(drop: Path) -> None:
    claimed_by_a_killed_poller(drop, [row("A")])

    assert poll()["done"] == 1
    assert count(Case) == 1 and names(drop / "iGate" / "working") == []


def test_a_crash_between_import_and_move_imports_once(drop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(drop / "iGate", [row("A"), row("B", due="sai")])
    monkeypatch.setattr(dropping, "_put_aside", crash)
    with pytest.raises(KeyboardInterrupt):
        poll()
    monkeypatch.undo()
    assert count(Batch) == 1

    assert poll()["done"] == 1
    assert count(Batch) == 1
    said = json.loads((drop / "iGate" / "done" / "ds.csv.report.json").read_text("utf-8"))
    assert (said["batch"], said["new"], said["rejected"]) == (1, 1, 1)


def test_a_crash_after_linking_gives_one_file(drop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(drop / "iGate", [row("A")])
    monkeypatch.setattr(dropping, "_write", crash)
    with pytest.raises(KeyboardInterrupt):
        poll()
    monkeypatch.undo()

    poll()

    assert names(drop / "iGate" / "done") == ["ds.csv", "ds.csv.report.json", "ds.csv.report.txt"]
    assert count(Batch) == 1


def test_a_busy_database_leaves_the_file_for_the_next_poll(drop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(drop / "iGate", [row("A")])
    monkeypatch.setattr(dropping, "_import", busy)

    assert poll()["busy"] == 1
    assert names(drop / "iGate" / "failed") == [] and count(Batch) == 0

    monkeypatch.undo()
    assert poll()["done"] == 1
    assert count(Batch) == 1


def test_duties_that_cannot_be_opened_fail_no_import(drop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(drop / "iGate", [row("A")])
    monkeypatch.setattr(dropping, "open_breaches", broken)

    assert poll()["done"] == 1
    assert count(Case) == 1 and names(drop / "iGate" / "failed") == []


def busy(*_: Any, **__: Any) -> None:
    """What a database says that another writer holds."""
    raise OperationalError("BEGIN IMMEDIATE", {}, Exception("database is locked"))


def broken(*_: Any, **__: Any) -> None:
    """A fault nobody foresaw."""
    raise RuntimeError("broken")


def crash(*_: Any, **__: Any) -> None:
    """What a kill looks like from inside."""
    raise KeyboardInterrupt


def test_the_same_file_dropped_again_is_a_batch_without_changes(drop: Path) -> None:
    put(drop / "iGate", [row("A")])
    poll()
    put(drop / "iGate", [row("A")])
    poll()

    assert (count(Batch), newest().rows_unchanged, count(Case)) == (2, 1, 1)


def test_without_a_folder_nothing_happens(app: Flask) -> None:
    assert poll() == {}
