"""The summary in SQL against an independent loop over the cases, on random cases and both databases."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import insert, select

from portal.cases.models import Case
from portal.database import commit, db
from portal.figures.queries import By, summary
from portal.guard import Viewer
from portal.refusal import Refused
from tests.cases.test_case_words import random_facts
from tests.factories import Make

FROM, TO = date(2023, 10, 14), date(2023, 10, 16)
START, END = datetime(2023, 10, 14), datetime(2023, 10, 16, 23, 59, 59)
COMMAND = Viewer.for_command()


def store(make: Make, count: int, seed: int) -> None:
    """Random cases of three units and three officers, some without officer."""
    chance = random.Random(seed)
    units = [make.unit(code=f"U-{n}").id for n in range(3)]
    people = [None, *(make.person(code=f"P-{n}").id for n in range(2))]
    procedures = [None, make.procedure(code="T-1").id]
    source = make.source().id
    rows = [
        {
            **random_facts(chance),
            "code": f"C{number}",
            "resolving_unit_id": chance.choice(units),
            "officer_id": chance.choice(people),
            "procedure_id": chance.choice(procedures),
            "source_id": source,
        }
        for number in range(count)
    ]
    with commit():
        db.session.execute(insert(Case), rows)


def counted_by_hand(cases: list[Case]) -> dict[str, int]:
    """The rules of counting, told once more and differently."""
    n = dict.fromkeys(
        "received carried_over early on_time late no_term refused withdrawn within_term overdue paused open_no_term "
        "withdrawn_late".split(),
        0,
    )
    for case in cases:
        ended = case.meaning in ("finished", "refused", "withdrawn")
        end = (case.finished_at or case.ended_seen_at or case.data_as_of) if ended else None
        if case.meaning == "not_counted" or case.received_at > END:
            continue
        if case.received_at >= START:
            n["received"] += 1
        elif end is not None and end < START:
            continue
        else:
            n["carried_over"] += 1
        over = end is not None and end <= END
        if over and case.meaning == "withdrawn":
            n["withdrawn"] += 1
            n["withdrawn_late"] += bool(case.ruling_due_at and end > case.ruling_due_at)
        elif over:
            n["refused"] += case.meaning == "refused"
            if case.ruling_due_at is None or case.finished_at is None:
                n["no_term"] += 1
            elif case.finished_at > case.ruling_due_at:
                n["late"] += 1
            elif case.finished_at.date() == case.ruling_due_at.date():
                n["on_time"] += 1
            else:
                n["early"] += 1
        elif case.ruling_due_at is None or (ended and case.finished_at is None):
            n["open_no_term"] += 1
        elif case.meaning == "paused" or (case.paused_since is not None and case.paused_since <= END):
            n["paused"] += 1
        else:
            n["overdue" if case.ruling_due_at < END else "within_term"] += 1
    return n


@pytest.mark.parametrize("seed", [11, 12])
def test_the_statement_counts_as_the_loop_does(make: Make, seed: int) -> None:
    store(make, 2000, seed)
    cases = list(db.session.scalars(select(Case)))

    found = summary(FROM, TO, TO, By.UNIT, COMMAND)

    assert {name: getattr(found.totals, name) for name in counted_by_hand(cases)} == counted_by_hand(cases)
    for row in found.rows:
        own = counted_by_hand([case for case in cases if case.resolving_unit_id == row.id])
        assert {name: getattr(row.counts, name) for name in own} == own


@pytest.mark.parametrize("by", list(By))
def test_the_identities_hold_for_every_row(make: Make, by: By) -> None:
    store(make, 800, seed=21)

    found = summary(FROM, TO, TO, by, COMMAND)

    assert all(row.counts.is_consistent for row in found.rows) and found.totals.is_consistent
    assert sum(row.counts.population for row in found.rows) == found.totals.population
    assert found.totals.population > 0


def test_cases_without_officer_form_a_row_of_their_own(make: Make) -> None:
    store(make, 200, seed=31)

    rows = summary(FROM, TO, TO, By.OFFICER, COMMAND).rows

    assert [(row.name, row.code) for row in rows if row.id is None] == [("", "")]
    assert len(rows) == 3


def test_a_case_finished_after_the_period_counts_as_open(make: Make) -> None:
    make.case(received="2023-10-14 08:00", due="2023-10-15 17:00", finished="2023-10-17 08:00")

    found = summary(FROM, TO, date(2023, 10, 20), None, COMMAND)

    assert (found.totals.overdue, found.totals.resolved, found.rows) == (1, 0, ())


def test_bad_dates_are_refused(make: Make) -> None:
    with pytest.raises(Refused, match="from_after_to"):
        summary(TO, FROM, TO, None, COMMAND)
    with pytest.raises(Refused, match="on_before_to"):
        summary(FROM, TO, FROM, None, COMMAND)


def test_a_head_counts_only_their_units(make: Make, signed_in: Any, at: Callable[[datetime], None]) -> None:
    at(datetime(2023, 10, 16, 16, 0))
    mine, other = make.unit("Xã Một"), make.unit("Xã Hai")
    make.case(unit=mine)
    make.case(unit=other)

    text = signed_in("head", mine).get("/figures/units").text

    assert "Xã Một" in text and "Xã Hai" not in text


def test_the_boards_tell_ratio_overdue_and_floor(make: Make, signed_in: Any, at: Callable[[datetime], None]) -> None:
    at(datetime(2023, 10, 16, 16, 0))
    district = make.unit("Huyện Thử", kind="district")
    unit = make.unit("Xã Một", reports_in=district)
    officer = make.officer(unit, "Trần Văn Cường")
    for number in range(16):
        make.case(unit=unit, officer=officer, finished="2023-10-09 10:00", code=f"ON{number}")
    make.case(unit=unit, officer=officer, finished="2023-10-12 10:00", code="LATE")
    make.case(unit=unit, code="OVERDUE")
    client = signed_in("monitoring_office", district)

    units = client.get("/figures/units").text
    officers = client.get(f"/figures/officers?period=month&unit={unit.id}").text

    assert "94,1 %" in units and "5,9 %" in units and "quá hạn 1" in units
    assert "88,9 %" in units
    assert "show=overdue" in units and "Số liệu đến" in units
    numbers = re.compile(
        r'href="/cases\?show=overdue[^"]*"><b class="big">|<b class="age-past"><a href="/cases\?show=overdue'
    )
    assert len(numbers.findall(units)) == 2
    yesterday = client.get("/figures/units?from=01/10/2023&to=15/10/2023").text
    assert "quá hạn vào cuối kỳ" in yesterday and not numbers.findall(yesterday)
    assert "Trần Văn Cường" in officers and "chưa xác định công chức" in officers


def test_boards_are_closed_to_officers(make: Make, signed_in: Any) -> None:
    client = signed_in("officer", make.unit())

    assert client.get("/figures/units").status_code == 403
    assert client.get("/figures/officers").status_code == 403


def test_the_command_prints_one_object(make: Make, portal: Callable[..., Any]) -> None:
    unit = make.unit("Xã Một", code="X1")
    make.case(unit=unit, received="2023-10-14 08:00", due="2023-10-15 17:00", finished="2023-10-15 08:00")
    make.case(unit=unit, received="2023-10-14 08:00", due="2023-10-15 17:00")
    period = ("--from", "2023-10-14", "--to", "16/10/2023", "--on", "2023-10-16")

    done = portal("report", "summary", *period, "--by", "officer")

    assert done.exit_code == 0
    totals = done.json["totals"]
    assert (totals["received"], totals["on_time"], totals["overdue"], totals["r1_pct"]) == (2, 1, 1, 100.0)
    assert done.json["rows"][0]["officer"] == "" and done.json["rows"][0]["officer_code"] == ""
    refused = portal("report", "summary", "--from", "2023-10-14", "--to", "2023-10-16", "--on", "2023-10-15")
    assert refused.exit_code == 2
    assert refused.json["totals"]["received"] == 0 and refused.json["problems"]
