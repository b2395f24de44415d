"""The reform of July 2025: districts end and three communes become one. History stays with the unit of its day."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import select

from portal import clock
from portal.audit.models import AuditEvent
from portal.cli import main
from portal.database import commit, db
from portal.directory import queries, reorganising
from portal.directory.models import Posting, Unit, UnitName, UnitSuccession
from portal.directory.reading import read_directory
from portal.directory.rules import Line, SuccessionKind
from portal.guard import Role
from portal.refusal import Refused
from tests.databases import SECRET
from tests.factories import Make

REFORM = date(2025, 7, 1)
EVE = date(2025, 6, 30)
HEADER = (
    "unit_code,unit_name,reports_in,unit_kind,unit_from,unit_to,person_code,full_name,position,role,from,to,"
    "successor,succession_on,succession_document"
).split(",")
BEFORE = (
    ("DN", "Tỉnh Đắk Nông", "", "province", "", "", "", "", "", "", "", "", "", "", ""),
    ("KN", "Huyện Krông Nô", "DN", "district", "", "", "", "", "", "", "", "", "", "", ""),
    ("DM", "Thị trấn Đắk Mâm", "KN", "commune", "", "", "P1", "Lê Văn Tám", "Chủ tịch", "head", "", "", "", "", ""),
    ("ND", "Xã Nam Đà", "KN", "commune", "", "", "P2", "Trần Thị Chín", "Chủ tịch", "head", "", "", "", "", ""),
    ("TX", "Xã Tân Thành", "KN", "commune", "", "", "P3", "Đỗ Văn Mười", "", "officer", "", "", "", "", ""),
)
DOCUMENT = "NQ 1671/NQ-UBTVQH15"
AFTER = (
    ("KN", "Huyện Krông Nô", "DN", "district", "", "30/06/2025", "", "", "", "", "", "", "", "", ""),
    ("KNM", "Xã Krông Nô", "DN", "commune", "01/07/2025", "", "P2", "Trần Thị Chín", "Chủ tịch", "head",
     "01/07/2025", "", "", "", ""),
    ("KNM", "", "", "", "", "", "P3", "Đỗ Văn Mười", "", "officer", "01/07/2025", "", "", "", ""),
    *(("" if not code else code, "", "", "", "", "", "", "", "", "", "", "", "KNM", "01/07/2025", DOCUMENT)
      for code in ("DM", "ND", "TX")),
)  # fmt: skip
Import = Callable[..., dict[str, Any]]


@pytest.fixture
def run(app: Flask, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Import:
    """Write rows into a workbook, run the command on it, give its JSON object."""
    monkeypatch.setenv("PORTAL_SECRET_KEY", SECRET)

    def command(rows: Any, *options: str) -> dict[str, Any]:
        path = tmp_path / "danh-ba.xlsx"
        path.write_bytes(workbook(rows))
        db.session.rollback()
        result = CliRunner().invoke(main, ["directory", "import", str(path), *options, "--json", "--db", database_url])
        assert result.exit_code == 0, result.output
        answer: dict[str, Any] = json.loads(result.stdout)
        return answer

    return command


def workbook(rows: Any, *above: str) -> bytes:
    """``above``: title rows; then ``rows`` begin with a header of their own."""
    book = openpyxl.Workbook()
    for line in above:
        book.active.append([line])
    for row in (*(() if above else (HEADER,)), *rows):
        book.active.append([cell or None for cell in row])
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def unit(code: str) -> Unit:
    found = queries.unit_by_code(code)
    assert found is not None
    return found


def test_one_file_merges_three_communes(run: Import) -> None:
    run(BEFORE)

    answer = run(AFTER)

    assert answer["problems"] == []
    assert answer["of_which"] == {
        "units_renamed": 0, "units_ended": 4, "successions": 3, "postings_ended": 3, "accounts_to_make": 2,
    }  # fmt: skip
    assert [unit(code).valid_to for code in ("KN", "DM", "ND", "TX")] == [EVE] * 4
    found = db.session.scalars(select(UnitSuccession)).all()
    assert {(row.kind, row.from_day, row.document) for row in found} == {("merge", REFORM, DOCUMENT)}
    held = queries.postings_on(REFORM, unit_id=unit("KNM").id)
    assert {posting.person.full_name for posting in held} == {"Trần Thị Chín", "Đỗ Văn Mười"}
    assert queries.postings_on(REFORM, unit_id=unit("DM").id) == []


def test_history_stays_where_it_was(run: Import) -> None:
    run(BEFORE)
    run(AFTER)

    before, after = queries.load_tree(EVE), queries.load_tree(REFORM)

    assert before.parent(Line.REPORTS_IN, unit("DM").id) == unit("KN").id
    assert {node.code for node in after.nodes.values()} == {"DN", "KNM"}
    assert queries.head_of(unit("DM").id, EVE).person.full_name == "Lê Văn Tám"  # type: ignore[union-attr]


def test_the_same_file_again_changes_nothing(run: Import) -> None:
    run(BEFORE)
    run(AFTER)
    events = len(db.session.scalars(select(AuditEvent.seq)).all())

    again = run(AFTER)

    assert {name for name, count in again.items() if isinstance(count, int) and count} == {"unchanged"}
    assert len(db.session.scalars(select(AuditEvent.seq)).all()) == events


def test_a_dry_run_says_the_same_and_writes_nothing(run: Import) -> None:
    run(BEFORE)
    events = len(db.session.scalars(select(AuditEvent.seq)).all())

    said = run(AFTER, "--dry-run")
    untouched = (
        unit("DM").valid_to,
        queries.unit_by_code("KNM"),
        len(db.session.scalars(select(AuditEvent.seq)).all()),
    )

    assert untouched == (None, None, events)
    assert said == run(AFTER)


def test_a_rename_keeps_the_former_name_with_its_days(run: Import) -> None:
    run(BEFORE)
    row = ("ND", "Xã Nam Đà Mới", "KN", "commune", "", "", "", "", "", "", "", "", "", "01/01/2023", "QĐ 5")

    answer = run([row])

    kept = db.session.scalars(select(UnitName)).one()
    assert answer["of_which"]["units_renamed"] == 1 and unit("ND").name == "Xã Nam Đà Mới"
    assert (kept.name, kept.valid_to, kept.document) == ("Xã Nam Đà", date(2022, 12, 31), "QĐ 5")
    assert run([row])["unchanged"] == 1


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (("ND", "", "", "", "", "", "", "", "", "", "", "", "XX", "01/07/2025", ""), "successor"),
        (("ND", "", "", "", "", "", "", "", "", "", "", "", "DM", "", ""), "succession_on"),
        (("ND", "Xã Nam Đà", "KN", "commune", "", "31/12/2025", "", "", "", "", "", "", "DM", "01/07/2025", ""),
         "succession_on"),
        (("ND", "", "", "", "", "", "", "", "", "", "", "", "ND", "01/07/2025", ""), "successor"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_hold_says_which_cell(run: Import, row: Any, column: str) -> None:
    run(BEFORE)

    answer = run([row])

    assert [(problem["row"], problem["column"]) for problem in answer["problems"]] == [(2, column)]
    assert "%" not in answer["problems"][0]["reason"] and unit("ND").valid_to is None


def test_units_below_come_below_the_successor(make: Make) -> None:
    province = make.unit("Tỉnh", kind="province")
    district = make.unit("Huyện", kind="district", reports_in=province)
    commune = make.unit("Xã", reports_in=district)

    with commit():
        reorganising.succeed(
            [district], [province], SuccessionKind.MERGE, on=REFORM, document=reorganising.Document(), keep={},
            by=None, at=clock.now(),
        )  # fmt: skip

    tree = queries.load_tree(REFORM)
    assert tree.parent(Line.REPORTS_IN, commune.id) == tree.parent(Line.MANAGED_BY, commune.id) == province.id


def test_chosen_people_go_on_and_the_others_end(make: Make) -> None:
    old, new = [make.unit(), make.unit()], make.unit()
    goes = make.posting(make.person(), old[0], position="Công chức")
    head = make.posting(make.person(), old[1], Role.HEAD)
    stays = make.posting(make.person(), old[1])

    with commit():
        reorganising.succeed(
            old, [new], SuccessionKind.MERGE, on=REFORM, document=reorganising.Document(),
            keep={goes.id: Role.OFFICER, head.id: Role.OFFICER}, by=None, at=clock.now(),
        )  # fmt: skip

    held = queries.postings_on(REFORM, unit_id=new.id)
    assert {(posting.person_id, posting.role) for posting in held} == {
        (goes.person_id, "officer"), (head.person_id, "officer"),
    }  # fmt: skip
    assert {db.session.get(Posting, posting.id).valid_to for posting in (goes, head, stays)} == {EVE}  # type: ignore[union-attr]


def test_what_is_wrong_is_said_before_anything_changes(make: Make) -> None:
    old, new = make.unit(), make.unit(valid_from=date(2025, 8, 1))

    with pytest.raises(Refused, match="successor_not_in_force"), commit():
        reorganising.succeed(
            [old], [new], SuccessionKind.MERGE, on=REFORM, document=reorganising.Document(), keep={}, by=None,
            at=clock.now(),
        )  # fmt: skip

    assert queries.unit_by_code(old.code).valid_to is None  # type: ignore[union-attr]


def test_a_transfer_is_one_step_with_reason_and_document(make: Make) -> None:
    posting, elsewhere = make.posting(), make.unit()
    person_id, posting_id = posting.person_id, posting.id

    with commit():
        reorganising.transfer(
            posting, elsewhere, Role.OFFICER, on=REFORM, reason="Điều động", document="QĐ 12", by=None, at=clock.now()
        )

    held = queries.postings_on(REFORM, person_id=person_id)
    assert [row.unit_id for row in held] == [elsewhere.id]
    assert db.session.get(Posting, posting_id).valid_to == EVE  # type: ignore[union-attr]
    kinds = set(db.session.scalars(select(AuditEvent.kind).where(AuditEvent.entity_id == person_id)))
    assert "person.transferred" in kinds


def test_titles_above_the_header_and_vietnamese_headings() -> None:
    words = {"unit_code": "Mã đơn vị", "unit_name": "Tên đơn vị", "unit_kind": "Loại đơn vị"}
    book = workbook([tuple(words.get(name, name) for name in HEADER), *BEFORE], "DANH BẠ ĐƠN VỊ", "")

    sheet = read_directory(book, ["officer", "head"])

    assert [entry.row for entry in sheet.entries] == [4, 5, 6, 7, 8]
