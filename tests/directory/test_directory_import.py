"""``portal directory import``: what is new, changed and unchanged, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import select

from portal import clock
from portal.access.models import User
from portal.audit.models import AuditEvent
from portal.cli import main
from portal.database import commit, db
from portal.directory import actions, queries
from portal.directory.models import Person, Posting, Unit
from portal.directory.rules import Line
from portal.guard import Role
from tests.databases import SECRET
from tests.factories import Make

HEADER = (
    "unit_code,unit_name,reports_in,managed_by,unit_kind,unit_from,unit_to,"
    "person_code,full_name,person_kind,email,position,role,from,to"
)
ROWS = (
    "VPDK,Chi nhánh VPĐKĐĐ,KN,STNMT,branch,,,,,,,,,,",
    "PTN,Phòng Tài nguyên,KN,,division,,,NV01,Nguyễn Văn An,cong_chuc,an@x.vn,Trưởng phòng,head,01/01/2020,",
    "PTN,Phòng Tài nguyên,KN,,division,,,NV02,Trần Thị Bình,cong_chuc,,Chuyên viên,officer,2021-03-01,",
    "KN,Huyện Krông Nô,DN,,district,,,,,,,,,,",
    "STNMT,Sở TNMT,DN,,department,,,,,,,,,,",
    "DN,Tỉnh Đắk Nông,,,province,,,,,,,,,,",
)
NEW = {"units_new": 5, "people_new": 2, "postings_new": 2}
Import = Callable[..., dict[str, Any]]


@pytest.fixture
def run(app: Flask, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Import:
    """Write rows into a file, run the command on it, give its JSON object."""
    monkeypatch.setenv("PORTAL_SECRET_KEY", SECRET)

    def command(*rows: str, header: str = HEADER, data: bytes | None = None, code: int = 0) -> dict[str, Any]:
        path = tmp_path / "danh-ba.csv"
        path.write_bytes(data if data is not None else "\n".join([header, *rows]).encode())
        db.session.rollback()
        result = CliRunner().invoke(main, ["directory", "import", str(path), "--json", "--db", database_url])
        assert result.exit_code == code, result.output
        answer: dict[str, Any] = json.loads(result.stdout)
        return answer

    return command


def counts(answer: dict[str, Any]) -> dict[str, int]:
    """The counts that are not zero."""
    return {name: value for name, value in answer.items() if isinstance(value, int) and value}


def test_parents_may_come_later_in_the_file(run: Import) -> None:
    answer = run(*ROWS)

    tree = queries.load_tree(date(2023, 10, 16))
    branch, district, province = (queries.unit_by_code(code) for code in ("VPDK", "KN", "DN"))
    assert counts(answer) == NEW and answer["problems"] == []
    assert branch and district and province
    assert branch.id in tree.subtree(Line.REPORTS_IN, district.id)
    assert branch.id not in tree.subtree(Line.MANAGED_BY, district.id)
    assert tree.roots(Line.REPORTS_IN) == (province.id,)


def test_the_same_file_twice_changes_nothing(run: Import) -> None:
    run(*ROWS)
    events = len(db.session.scalars(select(AuditEvent.seq)).all())

    again = run(*reversed(ROWS))

    assert counts(again) == {"unchanged": 6}
    assert len(db.session.scalars(select(AuditEvent.seq)).all()) == events


def test_nobody_gets_an_account(run: Import) -> None:
    run(*ROWS)

    assert db.session.scalar(select(User)) is None


def test_what_differs_is_changed_and_recorded(run: Import) -> None:
    run(*ROWS)

    answer = run(*[row.replace("Phòng Tài nguyên", "Phòng TNMT").replace("Chuyên viên", "Phó phòng") for row in ROWS])

    posting = db.session.scalar(select(Posting).where(Posting.role == Role.OFFICER))
    kinds = db.session.scalars(select(AuditEvent.kind).order_by(AuditEvent.seq.desc()).limit(3)).all()
    assert counts(answer) == {"units_changed": 1, "postings_changed": 1, "unchanged": 4}
    assert posting and posting.position == "Phó phòng"
    assert set(kinds) == {"directory.imported", "posting.changed", "unit.changed"}


def test_a_new_parent_holds_from_today_and_the_old_one_keeps_its_days(run: Import) -> None:
    run(*ROWS)

    answer = run(*[row.replace("PTN,Phòng Tài nguyên,KN", "PTN,Phòng Tài nguyên,DN") for row in ROWS])

    unit, province = queries.unit_by_code("PTN"), queries.unit_by_code("DN")
    assert unit and province and answer["units_changed"] == 1
    before, now = queries.load_tree(date(2023, 10, 16)), queries.load_tree(clock.today())
    assert now.parent(Line.REPORTS_IN, unit.id) == province.id
    assert before.parent(Line.REPORTS_IN, unit.id) != province.id


@pytest.mark.parametrize(
    ("bad", "column", "value"),
    [
        ("X,Xã X,NOWHERE,,commune,,,,,,,,,,", "reports_in", "NOWHERE"),
        ("X,Xã X,KN,NOWHERE,commune,,,,,,,,,,", "managed_by", "NOWHERE"),
        ("X,Xã X,X,,commune,,,,,,,,,,", "reports_in", "X"),
        ("Y,,,,,,,P9,Lê Văn Chín,,,,officer,,", "unit_code", "Y"),
    ],
)
def test_a_row_without_its_units_is_rejected_and_the_others_hold(
    run: Import, bad: str, column: str, value: str
) -> None:
    answer = run(*ROWS, bad)

    (problem,) = answer["problems"]
    assert counts(answer) == {**NEW, "rejected": 1}
    assert (problem["row"], problem["column"], problem["value"]) == (8, column, value)
    assert problem["reason"]


def test_units_that_lead_back_to_themselves_are_rejected(run: Import) -> None:
    answer = run(*ROWS, "A,Xã A,B,,commune,,,,,,,,,,", "B,Xã B,A,,commune,,,,,,,,,,")

    assert counts(answer) == {**NEW, "rejected": 2}
    assert queries.unit_by_code("A") is None


def test_a_unit_below_a_rejected_one_is_rejected_too(run: Import) -> None:
    answer = run("A,Xã A,B,,commune,,,,,,,,,,", "B,Xã B,NOWHERE,,commune,,,,,,,,,,")

    assert counts(answer) == {"rejected": 2}


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04\x00", b"unit_code,unit_name\nA,B", b"unit_code\n"])
def test_a_file_that_cannot_be_read_is_refused_and_nothing_written(run: Import, data: bytes) -> None:
    answer = run(data=data, code=2)

    assert counts(answer) == {}
    assert answer["problems"][0]["reason"]
    assert db.session.scalar(select(Unit)) is None


def test_an_old_file_does_not_open_again_what_was_ended_by_hand(run: Import) -> None:
    run(*ROWS)
    with commit():
        posting = db.session.scalars(select(Posting).where(Posting.role == Role.OFFICER)).one()
        actions.end_posting(posting, date(2023, 9, 30), by=None, at=clock.now())

    answer = run(*ROWS)

    db.session.expire_all()
    assert counts(answer) == {"unchanged": 6}
    assert db.session.scalars(select(Posting).where(Posting.role == Role.OFFICER)).one().valid_to == date(2023, 9, 30)


def test_a_posting_ends_and_its_successor_begins_in_one_file(run: Import) -> None:
    run(*ROWS)
    begun, ended = (
        ROWS[2].replace("2021-03-01,", "2024-01-01,"),
        ROWS[2].replace("2021-03-01,", "2021-03-01,2023-12-31"),
    )

    answer = run(*ROWS[:2], begun, ended, *ROWS[3:])

    assert counts(answer) == {"postings_new": 1, "postings_changed": 1, "unchanged": 5}


def test_a_second_posting_on_the_same_days_is_rejected(run: Import) -> None:
    run(*ROWS)

    answer = run(ROWS[2].replace("2021-03-01,", "2024-01-01,"))

    assert counts(answer) == {"rejected": 1}
    assert answer["problems"][0]["column"] == "from"


def test_a_person_made_by_a_case_import_is_recognised_by_name_in_the_unit(run: Import, make: Make) -> None:
    run(*[row for row in ROWS if "NV02" not in row])
    unit = queries.unit_by_code("PTN")
    assert unit
    with commit():
        made = actions.create_person("TRẦN THỊ BÌNH", made_by_import=True, by=None, at=clock.now())
        actions.add_posting(made, unit, Role.OFFICER, valid_from=date(2022, 1, 1), by=None, at=clock.now())

    answer = run(*ROWS)

    people = db.session.scalars(select(Person).where(Person.folded == "tran thi binh")).all()
    assert counts(answer) == {"people_changed": 1, "postings_changed": 1, "unchanged": 5}
    assert [(person.code, person.full_name, person.made_by_import) for person in people] == [
        ("NV02", "Trần Thị Bình", False)
    ]


def test_people_without_codes_are_known_by_unit_and_name(run: Import) -> None:
    rows = [row.replace("NV01", "").replace("NV02", "") for row in ROWS]

    first, second = run(*rows), run(*rows)

    assert counts(first) == NEW
    assert counts(second) == {"unchanged": 6}


def test_two_heads_are_a_remark(run: Import) -> None:
    answer = run(*ROWS, ROWS[1].replace("NV01,Nguyễn Văn An", "NV03,Lê Thị Cúc").replace("an@x.vn", ""))

    assert {warning["row"] for warning in answer["warnings"]} == {3, 8}
