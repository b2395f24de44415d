"""Verdicts, lateness, terms and pauses against the definitions of domain/rules.md."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.deadlines import (
    AgeBucket,
    DayOff,
    Lateness,
    Moment,
    Outcome,
    Pause,
    Precision,
    Term,
    TermUnit,
    WorkingCalendar,
    age_bucket,
    is_past_due,
    lateness,
    outcome,
    ruling_due,
)

CALENDAR = WorkingCalendar(
    date(2022, 12, 1),
    date(2024, 12, 31),
    off=[DayOff(day, "2/9") for day in (date(2023, 9, 1), date(2023, 9, 4))],
)
MOMENTS = st.datetimes(datetime(2023, 3, 1), datetime(2023, 3, 6)).map(lambda at: at.replace(microsecond=0))
PRECISE = st.builds(Moment, MOMENTS, st.sampled_from(Precision))


def minute(text: str) -> Moment:
    return Moment(datetime.fromisoformat(text))


def whole_day(text: str) -> Moment:
    return Moment(datetime.fromisoformat(text), Precision.DAY)


@pytest.mark.parametrize(
    ("due", "finished", "verdict"),
    [
        (minute("2023-10-16T16:30"), minute("2023-10-16T16:30"), Outcome.ON_TIME),
        (minute("2023-10-16T16:30"), minute("2023-10-16T16:31"), Outcome.LATE),
        (minute("2023-10-16T16:30"), minute("2023-10-16T08:00"), Outcome.ON_TIME),
        (minute("2023-10-16T16:30"), minute("2023-10-15T23:59"), Outcome.EARLY),
        (minute("2023-10-16T16:30"), whole_day("2023-10-16"), Outcome.ON_TIME),
        (minute("2023-10-16T16:30"), whole_day("2023-10-17"), Outcome.LATE),
        (whole_day("2023-10-16"), minute("2023-10-16T23:59"), Outcome.ON_TIME),
        (whole_day("2023-10-16"), minute("2023-10-17T00:00"), Outcome.LATE),
        (None, minute("2023-10-16T08:00"), None),
        (minute("2023-10-16T16:30"), None, None),
    ],
)
def test_outcomes(due: Moment | None, finished: Moment | None, verdict: Outcome | None) -> None:
    assert outcome(due, finished) == verdict


@given(PRECISE, PRECISE)
def test_the_stored_form_compares_like_the_rule(due: Moment, finished: Moment) -> None:
    """A date-only due is stored as 23:59:59, a date-only finish as 00:00; then one plain comparison decides."""
    stored_due = due.at.replace(hour=23, minute=59, second=59) if due.precision is Precision.DAY else due.at
    stored_end = finished.at.replace(hour=0, minute=0, second=0) if finished.precision is Precision.DAY else finished.at

    assert (stored_end > stored_due) == is_past_due(due, finished)


@given(PRECISE, PRECISE)
def test_exactly_one_outcome_and_late_means_past_due(due: Moment, finished: Moment) -> None:
    assert (outcome(due, finished) is Outcome.LATE) == is_past_due(due, finished)
    assert outcome(due, finished) is not None


def test_lateness_counts_working_days_after_the_due_day() -> None:
    due = minute("2023-08-31T16:30")

    assert lateness(due, minute("2023-09-05T09:00"), CALENDAR) == Lateness(1, 5, timedelta(hours=2.5))
    assert lateness(due, minute("2023-08-31T17:00"), CALENDAR) == Lateness(0, 0, timedelta(minutes=30))
    assert lateness(due, whole_day("2023-09-05"), CALENDAR) == Lateness(1, 5, None)
    assert lateness(due, minute("2023-08-31T16:30"), CALENDAR) is None
    assert lateness(None, minute("2023-09-05T09:00"), CALENDAR) is None


@pytest.mark.parametrize(
    ("late", "bucket"),
    [
        (0, AgeBucket.UNDER_ONE),
        (1, AgeBucket.ONE_TO_THREE),
        (3, AgeBucket.ONE_TO_THREE),
        (4, AgeBucket.FOUR_TO_TEN),
        (10, AgeBucket.FOUR_TO_TEN),
        (11, AgeBucket.ELEVEN_TO_THIRTY),
        (30, AgeBucket.ELEVEN_TO_THIRTY),
        (31, AgeBucket.OVER_THIRTY),
    ],
)
def test_age_buckets(late: int, bucket: AgeBucket) -> None:
    assert age_bucket(late) == bucket


@pytest.mark.parametrize(
    ("received", "term", "due"),
    [
        ("2023-08-31", Term(3, TermUnit.WORKING_DAYS), "2023-09-07"),
        ("2023-08-30", Term(2, TermUnit.CALENDAR_DAYS), "2023-09-05"),
        ("2023-10-11", Term(3, TermUnit.CALENDAR_DAYS), "2023-10-16"),
        ("2023-01-31", Term(1, TermUnit.MONTHS), "2023-02-28"),
        ("2023-10-16", Term(0, TermUnit.WORKING_DAYS), "2023-10-16"),
    ],
)
def test_terms(received: str, term: Term, due: str) -> None:
    assert term.due_on(date.fromisoformat(received), CALENDAR) == date.fromisoformat(due)


def test_a_pause_eats_working_days_and_overlaps_count_once() -> None:
    pauses = [
        Pause.of_days(date(2023, 10, 5), date(2023, 10, 10)),
        Pause.of_days(date(2023, 10, 6), date(2023, 10, 9)),
        Pause.of_days(date(2023, 10, 10), date(2023, 10, 11)),
    ]

    due = ruling_due(whole_day("2023-10-13"), pauses, [], CALENDAR, until=whole_day("2023-12-31"))

    assert due == Moment.end_of_day(date(2023, 10, 19))


def test_an_open_pause_runs_until_the_day_asked() -> None:
    pause = Pause.of_days(date(2023, 10, 13))

    due = ruling_due(whole_day("2023-10-16"), [pause], [], CALENDAR, until=whole_day("2023-10-16"))

    assert due == Moment.end_of_day(date(2023, 10, 17))
