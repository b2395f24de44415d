"""One messy file through every door: the page, the command's trial and its import, and the drop folder say the same."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient

from portal import clock
from portal.database import db
from portal.directory.models import Unit
from portal.imports.jobs import poll_drop_folder
from tests.databases import application
from tests.imports.bringing import bring, newest
from tests.imports.lists import open_row, row, workbook

COUNTS = ("rows", "new", "changed", "unchanged", "pending", "rejected")
AS_OF = "16/10/2023 08:00"


def messy(path: Path) -> Path:
    """Titles, a numbering row, totals, dates of every kind, repeated and contradicting codes, unknown names."""
    rows = [
        [str(number) for number in range(1, 11)],
        row("A"),
        row("A"),
        row("B", received=datetime(2023, 10, 2, 8, 0), due=date(2023, 10, 10), finished="2023-10-09T15:30:00"),
        row("C", due="31/02/2023"),
        row("", applicant="Không mã"),
        open_row("D", unit="Phòng Lạ"),
        open_row("E", officer="Người Lạ"),
        open_row("F", due=""),
        row("G", finished="17/10/2023 08:00"),
        open_row("H", due="12/10/2023"),
        row("X", due="11/10/2023"),
        row("X", due="13/10/2023"),
        ["", "Tổng cộng", "", "", "12"],
    ]
    return workbook(path, rows, above=[["UBND HUYỆN KRÔNG NÔ"], ["DANH SÁCH HỒ SƠ"], []])


def test_every_door_gives_the_same_counts(
    office: FlaskClient, unit: Unit, tmp_path: Path, portal: Callable[..., Any], app: Any, database_url: str
) -> None:
    path = messy(tmp_path / "l.xlsx")
    bring(office, path, as_of=AS_OF)
    shown = newest().counts
    trial = portal("cases", "import", str(path), "--source", "iGate", "--as-of", AS_OF, "--dry-run").json
    done = portal("cases", "import", str(path), "--source", "iGate", "--as-of", AS_OF).json

    assert shown == {"rows": 12, "new": 5, "changed": 0, "unchanged": 1, "pending": 1, "rejected": 5}
    assert {name: trial[name] for name in COUNTS} == shown
    assert {name: done[name] for name in COUNTS} == shown
    assert trial["problems"] == done["problems"] and trial["warnings"] == done["warnings"]
    assert len(done["problems"]) == shown["pending"] + shown["rejected"]

    again = portal("cases", "import", str(path), "--source", "iGate", "--as-of", AS_OF, "--dry-run").json
    bring(office, path, as_of=AS_OF)
    assert newest().counts == {name: again[name] for name in COUNTS}
    assert (again["new"], again["changed"]) == (0, 0)


def test_the_drop_folder_says_the_same(
    office: FlaskClient, unit: Unit, tmp_path: Path, portal: Callable[..., Any], database_url: str
) -> None:
    (tmp_path / "drop" / "iGate").mkdir(parents=True)
    path = messy(tmp_path / "drop" / "iGate" / "l.xlsx")
    trial = portal("cases", "import", str(path), "--source", "iGate", "--dry-run").json
    old = clock.now().timestamp() - 300
    os.utime(path, (old, old))
    db.session.rollback()

    with application(database_url, tmp_path / "files", drop_dir=tmp_path / "drop") as dropping, dropping.app_context():
        poll_drop_folder(clock.today(), clock.now())

    report = json.loads((tmp_path / "drop" / "iGate" / "done" / "l.xlsx.report.json").read_text("utf-8"))
    assert {name: report[name] for name in COUNTS} == {name: trial[name] for name in COUNTS}
    assert report["problems"] == trial["problems"] and report["warnings"] == trial["warnings"]
