"""Thousands of seeded cases in one batch, by the shipped calendar: Python, SQL and the naive walk agree.

Each number has its seed, so a case that differs is drawn again by its number alone. ``make prove`` draws 100,000.
"""

from __future__ import annotations

import random
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice

import pytest
from flask import Flask
from sqlalchemy import Date, Integer, column, select, values

from portal.calendars import queries
from portal.calendars.actions import SHIPPED
from portal.calendars.rules import Content
from portal.database import db
from portal.deadlines import (
    Extension,
    Moment,
    Pause,
    PauseKind,
    Term,
    TermPolicy,
    TermUnit,
    computed_due,
    lateness,
    outcome,
    ruling_due,
)
from tests.deadlines import naive
from tests.deadlines.naive import Office

SURE, PROVE = 5_000, 100_000
STATEMENT = 5_000
FIRST, LAST = date(2020, 1, 2), date(2026, 2, 28)
AMOUNTS = {
    TermUnit.WORKING_DAYS: 15,
    TermUnit.CALENDAR_DAYS: 30,
    TermUnit.WORKING_HOURS: 40,
    TermUnit.MONTHS: 3,
}
CONTENT = tomllib.loads(SHIPPED.read_text(encoding="utf-8"))
CALENDAR = Content.from_json(CONTENT).calendar()


@dataclass(frozen=True)
class Drawn:
    """A case as it may come: its receipt, term, pauses, extension, end, and the moment at which it is looked at."""

    number: int
    received: Moment
    term: Term
    pauses: list[Pause]
    extensions: list[Extension]
    finished: Moment
    until: Moment
    last_hour: bool


def office() -> Office:
    """The shipped days as the naive walk takes them, read from the file and not by the code under test."""
    rows = CONTENT["days"]
    off = {row["day"] for row in rows if row["kind"] in ("off", "swap")}
    worked = {row["day"] for row in rows if row["kind"] == "make_up"}
    return Office(off, worked | {row["worked_on"] for row in rows if "worked_on" in row})


def drawn(count: int, first: int = 0) -> Iterator[Drawn]:
    """Cases with the numbers from ``first`` on."""
    for number in range(first, first + count):
        yield draw(number)


def draw(number: int) -> Drawn:
    """The case with this number, the same on every machine."""
    chance = random.Random(number)
    day = FIRST + timedelta(days=chance.randrange((LAST - FIRST).days))
    unit = chance.choice(list(TermUnit))
    return Drawn(
        number,
        moment(chance, day),
        Term(chance.randint(0, AMOUNTS[unit]), unit),
        [pause(chance, day) for _ in range(chance.choice((0, 0, 1, 1, 2, 3)))],
        [Extension(chance.randint(1, 2), unit)] if chance.random() < 0.2 else [],
        moment(chance, day + timedelta(days=chance.randint(0, 60))),
        moment(chance, day + timedelta(days=chance.randint(0, 60))),
        chance.random() < 0.2,
    )


def moment(chance: random.Random, day: date) -> Moment:
    if chance.random() < 0.25:
        return Moment.of_day(day)
    return Moment(datetime.combine(day, time()) + timedelta(minutes=15 * chance.randint(20, 80)))


def pause(chance: random.Random, received_on: date) -> Pause:
    started = moment(chance, received_on + timedelta(days=chance.randint(0, 25)))
    ended = moment(chance, started.day + timedelta(days=chance.randint(1, 12)))
    return Pause(started, ended if chance.random() < 0.85 else None, chance.choice(list(PauseKind)))


def differing(cases: Iterator[Drawn]) -> list[int]:
    """The numbers of the cases on which the code and the naive walk do not agree."""
    walked, numbers = office(), []
    for case in cases:
        policy = TermPolicy(last_hour_rule=case.last_hour)
        due = computed_due(case.received, case.term, case.pauses, case.extensions, CALENDAR, policy, until=case.until)
        known = naive.due(
            case.received, case.term, walked, case.pauses, case.extensions, until=case.until, last_hour=case.last_hour
        )
        ruled = ruling_due(due, case.pauses, [], CALENDAR, until=case.until)
        if (due, ruled) != (known, naive.ruling(known, walked, case.pauses, until=case.until)):
            numbers.append(case.number)
        elif not _verdict_agrees(ruled, case.finished, walked):
            numbers.append(case.number)
    return numbers


def _verdict_agrees(due: Moment, finished: Moment, walked: Office) -> bool:
    """Late by as many working days as a walk from the due day to the end meets, and on no other day."""
    late = lateness(due, finished, CALENDAR)
    by_day = due.is_whole_day or finished.is_whole_day
    is_late = finished.day > due.day if by_day else finished.at > due.at
    met = sum(walked.works(due.day + timedelta(days=step + 1)) for step in range(max((finished.day - due.day).days, 0)))
    return (late is not None, outcome(due, finished) == "late") == (is_late, is_late) and (
        late is None or late.working_days == met
    )


def spans(cases: Iterator[Drawn]) -> Iterator[tuple[int, date, date]]:
    """From the due day of a case to its end, forwards or backwards."""
    for case in cases:
        yield case.number, case.term.due(case.received, CALENDAR).day, case.finished.day


def sql_differs(cases: Iterator[Drawn]) -> list[int]:
    """The numbers of the cases whose working days SQL counts otherwise than Python or the walk."""
    calendar, walked, numbers = queries.current_calendar(), office(), []
    told = spans(cases)
    while rows := list(islice(told, STATEMENT)):
        table = (
            values(column("number", Integer), column("due", Date), column("ended", Date), name="spans").data(rows).cte()
        )
        asked = select(table.c.number, queries.working_days_between(table.c.due, table.c.ended)).select_from(table)
        counted = {number: days for number, days in db.session.execute(asked)}
        for number, due, ended in rows:
            first, last = min(due, ended), max(due, ended)
            met = sum(walked.works(first + timedelta(days=step + 1)) for step in range((last - first).days))
            if not counted[number] == calendar.working_days_between(due, ended) == (met if due <= ended else -met):
                numbers.append(number)
    return numbers


def test_many_cases_end_where_a_walk_says() -> None:
    assert differing(drawn(SURE)) == []


def test_many_cases_count_alike_in_sql(app: Flask) -> None:
    assert sql_differs(drawn(SURE)) == []


@pytest.mark.prove
def test_very_many_cases_end_where_a_walk_says() -> None:
    assert differing(drawn(PROVE, SURE)) == []


@pytest.mark.prove
def test_very_many_cases_count_alike_in_sql(app: Flask) -> None:
    assert sql_differs(drawn(PROVE, SURE)) == []
