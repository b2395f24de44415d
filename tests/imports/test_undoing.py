"""Taking a batch back by the page and by the command; why it is not possible any more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from portal import clock
from portal.cases.models import Case
from portal.database import commit, db
from portal.directory.models import Unit
from portal.imports.erasing import erase
from portal.imports.models import Batch
from tests.imports.bringing import bring, count, newest
from tests.imports.lists import open_row, row, text

AS_OF = "09/10/2023 08:00"


@pytest.fixture
def applied(office: FlaskClient, unit: Unit, tmp_path: Path, at: Callable[[datetime], None]) -> FlaskClient:
    """Two batches applied: the second moves the due date of A and brings B."""
    at(datetime(2023, 10, 9, 9, 0))
    bring(office, text(tmp_path / "a.csv", [open_row("A")]), as_of="08/10/2023 08:00")
    office.post("/imports/1/apply")
    rows = [open_row("A", due="17/10/2023 17:00"), open_row("B")]
    bring(office, text(tmp_path / "b.csv", rows), as_of=AS_OF)
    office.post("/imports/2/apply")
    return office


def due_of(code: str) -> datetime | None:
    db.session.rollback()
    return db.session.scalar(select(Case.due_at).where(Case.code == code))


def test_undoing_by_the_page(applied: FlaskClient) -> None:
    assert "Hoàn tác lô này" in applied.get("/imports/2").text

    answer = applied.post("/imports/2/undo")

    assert answer.status_code == 303
    assert (newest().state, count(Case), due_of("A")) == ("undone", 1, datetime(2023, 10, 10, 17, 0))
    page = applied.get("/imports/2").text
    assert "Đã hoàn tác lô 2" in page and "Hoàn tác lô này" not in page.split("Nhật ký")[0].split("<main")[1]
    assert applied.post("/imports/2/undo").status_code == 409


def test_what_was_built_on_it_is_said(applied: FlaskClient) -> None:
    page = applied.get("/imports/1").text

    assert "Không hoàn tác được nữa" in page and "1 hồ sơ đã có lô sau cập nhật" in page
    assert applied.post("/imports/1/undo").status_code == 409
    assert count(Case) == 2


def test_undoing_by_the_command(applied: FlaskClient, portal: Callable[..., Any]) -> None:
    refused = portal("cases", "undo", "1")
    assert (refused.exit_code, refused.json["built_on"][0]) == (2, ["later_batches", 1])
    assert "1 hồ sơ đã có lô sau cập nhật" in refused.stderr

    done = portal("cases", "undo", "2")

    assert (done.exit_code, done.json["restored"], done.json["removed"]) == (0, 1, 1)
    assert (newest().state, count(Case)) == ("undone", 1)
    assert portal("cases", "undo", "2").exit_code == 2
    assert portal("cases", "undo", "77").exit_code == 2


def test_batches_by_the_command(applied: FlaskClient, portal: Callable[..., Any]) -> None:
    found = portal("cases", "batches").json["batches"]

    doors = [(one["batch"], one["state"], one["door"]) for one in found]
    assert doors == [(2, "applied", "page"), (1, "applied", "page")]
    assert {name: found[0][name] for name in ("rows", "new", "changed")} == {"rows": 2, "new": 1, "changed": 1}
    assert [one["batch"] for one in portal("cases", "batches", "--limit", "1").json["batches"]] == [2]


def test_a_sheet_is_named_by_the_command(
    office: FlaskClient, unit: Unit, portal: Callable[..., Any], tmp_path: Path
) -> None:
    from tests.imports.test_batch_pages import sheets  # noqa: PLC0415 - one workbook

    path = str(sheets(tmp_path / "l.xlsx", {"Tháng 9": [row("A")], "Tháng 10": [row("B"), row("C")]}))

    asked = portal("cases", "import", path, "--dry-run")
    assert asked.exit_code == 2
    assert "Tháng 9" in asked.json["problems"][0]["reason"] and "Tháng 10" in asked.json["problems"][0]["reason"]
    assert portal("cases", "import", path, "--sheet", "Tháng 10", "--dry-run").json["new"] == 2
    assert portal("cases", "import", path, "--sheet", "*").json["new"] == 3


def test_an_erased_batch_stays(applied: FlaskClient) -> None:
    with commit():
        for batch in db.session.scalars(select(Batch)):
            batch.uploaded_at = clock.now() - timedelta(days=91)
    db.session.rollback()
    erase(clock.today(), clock.now())

    assert "không hoàn tác được nữa" in applied.get("/imports/2").text
    assert applied.post("/imports/2/undo").status_code == 409
    assert count(Case) == 2
