"""The examples of ``legal_examples``: each was worked out on paper before the code was asked."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest

from portal.deadlines import (
    DayOff,
    Extension,
    MakeUpDay,
    Moment,
    Outcome,
    Pause,
    PauseKind,
    Term,
    TermPolicy,
    TermUnit,
    WorkingCalendar,
    computed_due,
    lateness,
    outcome,
    repeated_supplements,
    ruling_due,
    tell,
)
from tests.deadlines.legal_examples import LAST_HOUR, LATE, MAKE_UP, OFF, PAUSED, RULING, TERMS

CALENDAR = WorkingCalendar(
    date(2022, 12, 1),
    date(2026, 12, 31),
    off=[DayOff(date.fromisoformat(day), "nghỉ") for day in OFF],
    make_up=[MakeUpDay(date.fromisoformat(day), "làm bù") for day in MAKE_UP],
)
UNITS = {
    "wd": TermUnit.WORKING_DAYS,
    "d": TermUnit.CALENDAR_DAYS,
    "h": TermUnit.WORKING_HOURS,
    "m": TermUnit.MONTHS,
}


def known(text: str) -> Moment:
    return Moment(datetime.fromisoformat(text)) if ":" in text else Moment.of_day(date.fromisoformat(text))


def due(text: str) -> Moment:
    moment = known(text)
    return Moment.end_of_day(moment.day) if moment.is_whole_day else moment


def term(text: str) -> Term:
    amount, unit = text.split()
    return Term(int(amount), UNITS[unit])


def pauses(text: str) -> list[Pause]:
    """``!`` marks what is printed already. A space is part of a moment where a clock time follows."""
    found = []
    for part in text.replace(" 2", "|2").replace(" !", "|!").split("|") if text else ():
        start, _dots, end = part.removeprefix("!").partition("..")
        found.append(Pause(known(start), known(end) if end else None, in_printed=part.startswith("!")))
    return found


def extensions(text: str) -> list[Extension]:
    words = text.split()
    pairs = zip(words[::2], words[1::2], strict=True)
    return [Extension(int(amount.strip("!")), UNITS[unit], in_printed="!" in amount) for amount, unit in pairs]


def named(rows: list[tuple[str, ...]]) -> list[object]:
    return [pytest.param(*row[1:], id=row[0]) for row in rows]


@pytest.mark.parametrize(("received", "allowed", "expected"), named([*TERMS]))
def test_terms(received: str, allowed: str, expected: str) -> None:
    assert term(allowed).due(known(received), CALENDAR) == due(expected)
    assert tell(known(received), term(allowed), CALENDAR).due == due(expected)


@pytest.mark.parametrize(("received", "allowed", "expected"), named([*LAST_HOUR]))
def test_the_last_hour_rule(received: str, allowed: str, expected: str) -> None:
    assert term(allowed).due(known(received), CALENDAR, TermPolicy(last_hour_rule=True)) == due(expected)


@pytest.mark.parametrize(("received", "allowed", "stood", "more", "expected"), named([*PAUSED]))
def test_pauses_and_extensions_from_the_receipt(
    received: str, allowed: str, stood: str, more: str, expected: str
) -> None:
    until = known("2023-10-06") if stood.endswith("..") else known("2026-12-31")

    found = computed_due(known(received), term(allowed), pauses(stood), extensions(more), CALENDAR, until=until)

    assert found == due(expected)


@pytest.mark.parametrize(("printed", "stood", "more", "expected"), named([*RULING]))
def test_the_due_moment_that_rules(printed: str, stood: str, more: str, expected: str) -> None:
    until = known("2023-10-17")

    assert ruling_due(due(printed), pauses(stood), extensions(more), CALENDAR, until=until) == due(expected)


@pytest.mark.parametrize(("limit", "finished", "said"), named([*LATE]))
def test_verdicts_and_lateness(limit: str, finished: str, said: str) -> None:
    verdict = outcome(due(limit), known(finished))
    late = lateness(due(limit), known(finished), CALENDAR)

    if said in (Outcome.EARLY, Outcome.ON_TIME):
        assert (verdict, late) == (said, None)
        return
    days, calendar_days, hours = said.split()
    assert verdict is Outcome.LATE and late is not None
    assert (late.working_days, late.calendar_days) == (int(days), int(calendar_days))
    assert late.working_hours == (None if hours == "-" else Decimal(hours))
    assert late.is_told_in_hours == (late.working_days == 0)


@pytest.mark.parametrize(
    ("asked", "repeated"),
    [
        pytest.param("04 s", "", id="asked once, as the decree allows"),
        pytest.param("04 s, 09 s", "09", id="asked a second time: the national index counts the case as overdue"),
        pytest.param("09 s, 04 s, 12 s", "09 12", id="the earliest is the lawful one, in whatever order they came"),
        pytest.param("04 p, 09 s", "", id="a payment is no supplement"),
        pytest.param("04 o, 06 p, 09 s, 10 s", "10", id="only supplements are counted"),
    ],
)
def test_the_second_supplement(asked: str, repeated: str) -> None:
    kinds = {"s": PauseKind.SUPPLEMENT, "p": PauseKind.PAYMENT, "o": PauseKind.OTHER_BODY}
    made = [
        Pause(known(f"2023-10-{day}"), known("2023-10-20"), kinds[kind])
        for day, kind in (each.split() for each in asked.split(", "))
    ]

    found = [f"{pause.started.day:%d}" for pause in repeated_supplements(made)]

    assert " ".join(found) == repeated


def test_no_due_moment_no_verdict() -> None:
    assert outcome(None, known("2023-10-10")) is None
    assert lateness(None, known("2023-10-10"), CALENDAR) is None


def test_there_are_enough_examples() -> None:
    assert len(TERMS) + len(LAST_HOUR) + len(PAUSED) + len(RULING) + len(LATE) >= 120
