"""Whose sheet a breach stands on, and who reads measures there."""

from __future__ import annotations

from datetime import date, datetime
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook

from portal import clock
from portal.accountability.explanations.actions import deciding, writing
from portal.accountability.explanations.rules import Blame, CauseClass
from portal.database import commit, db
from portal.evaluation.queries import Sheets, breach_lines
from portal.evaluation.rules import Year
from portal.guard import Role, Viewer, grants_of
from tests.factories import Make

NOON = datetime(2023, 10, 16, 12, 0)
TODAY = NOON.date()
YEAR = Year(2023, date(2022, 12, 1), date(2023, 11, 30), TODAY)
MACHINE = Viewer.for_command()


def acting(person: Any, *roles: Role, headed: frozenset[int] = frozenset(), scope: frozenset[int] = frozenset()) -> Any:
    return Viewer(
        user_id=None, person_id=person.id, name=person.full_name, roles=frozenset(roles),
        permissions=grants_of(frozenset(roles), is_clerk=False), headed_units=headed, scope_units=scope,
    )  # fmt: skip


@pytest.fixture
def given_on(make: Make) -> dict[str, Any]:
    """A breach of one officer, given by the head to a colleague, and concluded against the colleague."""
    commune = make.unit("UBND xã Đắk Sôr")
    first, second, head = make.officer(commune, "An"), make.officer(commune, "Bình"), make.head(commune, "Chủ")
    with clock.standing_at(NOON):
        explanation = make.explanation(unit=commune, officer=first, finished="2023-10-12 09:00")
        chief = acting(head, Role.HEAD, headed=frozenset({commune.id}))
        writer, at = acting(first, Role.OFFICER), clock.now()
        db.session.rollback()
        with commit():
            writing.say_not_mine(explanation, named_id=second.id, step="", reason="", by=writer, at=at)
        with commit():
            deciding.reassign(explanation, second.id, "Đúng.", by=chief, at=at, today=TODAY)
        with commit():
            deciding.conclude(
                explanation, CauseClass.SUBJECTIVE, Blame.FULL, "Không giải trình.", version=explanation.version,
                by=chief, at=at, today=date(2023, 11, 30),
            )  # fmt: skip
    return {"first": first, "second": second, "commune": commune, "head": head}


def test_blame_stands_on_the_sheet_of_whom_the_duty_was_given_to(given_on: dict[str, Any]) -> None:
    with clock.standing_at(NOON):
        sheets = {sheet.name: sheet for sheet in Sheets(YEAR, MACHINE).officers}
        lines = {name: breach_lines(YEAR, MACHINE, officer_id=given_on[name].id) for name in ("first", "second")}

    assert sheets["Bình"].tally.by_blame == {"full": 1}
    assert sheets["An"].tally.breaches == 0 and sheets["An"].blame == 0
    assert (len(lines["first"]), len(lines["second"])) == (0, 1)


def test_the_workbook_names_the_same_person(given_on: dict[str, Any], signed_in: Any) -> None:
    with clock.standing_at(NOON):
        answer = signed_in("home_affairs", given_on["commune"]).get("/evaluation/2023/workbook.xlsx")

    lines = load_workbook(BytesIO(answer.data))["Vi phạm thời hạn"]
    cells = {cell.value for row in lines.iter_rows() for cell in row}
    assert "Bình" in cells and "An" not in cells


def test_an_unknown_officer_s_breach_is_not_charged_to_the_head_as_an_officer(make: Make) -> None:
    commune = make.unit()
    make.head(commune, "Chủ")
    with clock.standing_at(NOON):
        make.breach(unit=commune, finished="2023-10-12 09:00")
        officers = Sheets(YEAR, MACHINE).officers

    assert all(sheet.tally.breaches == 0 for sheet in officers)


def test_a_monitoring_office_that_heads_a_unit_reads_measures_of_that_unit_only(make: Make) -> None:
    office, commune = make.unit("Văn phòng"), make.unit("Xã")
    chief, officer = make.head(office), make.officer(commune, "An")
    with clock.standing_at(NOON):
        make.followup(make.breach(unit=commune, officer=officer, finished="2023-10-12 09:00"))
        units = frozenset({office.id, commune.id})
        both = acting(chief, Role.HEAD, Role.MONITORING_OFFICE, headed=frozenset({office.id}), scope=units)
        home_affairs = acting(make.person(), Role.HOME_AFFAIRS, scope=units)
        seen = [
            {sheet.name: dict(sheet.followups) for sheet in Sheets(YEAR, who).officers}["An"]
            for who in (both, home_affairs)
        ]

    assert seen == [{}, {"reminder": 1}]
