"""The examples of ``legal_examples``: each was worked out on paper before the code was asked."""

from __future__ import annotations

from decimal import Decimal

import pytest

from portal.deadlines import (
    Outcome,
    Pause,
    PauseKind,
    TermPolicy,
    computed_due,
    lateness,
    outcome,
    repeated_supplements,
    ruling_due,
    tell,
)
from tests.deadlines.legal_examples import LAST_HOUR, LATE, PAUSED, RULING, TERMS
from tests.deadlines.reading import CALENDAR, due, extensions, known, pauses, term


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
