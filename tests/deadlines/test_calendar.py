"""The working calendar: properties on random calendars, held against a naive second implementation."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.deadlines import DayOff, DayOutsideCalendar, DayReason, DayStatus, MakeUpDay, WorkingCalendar, explain

FIRST, LAST = date(2019, 12, 1), date(2027, 12, 31)
MIDDLE = st.dates(date(2020, 1, 1), date(2025, 12, 31))
COUNTS = st.integers(0, 120)


def calendar_of(off: set[date], make_up: set[date]) -> WorkingCalendar:
    return WorkingCalendar(
        FIRST, LAST, off=[DayOff(day, "nghỉ") for day in off], make_up=[MakeUpDay(day, "làm bù") for day in make_up]
    )


def works(day: date, off: set[date], make_up: set[date]) -> bool:
    """The naive rule, written a second time on purpose."""
    return day in make_up or (day not in off and day.isoweekday() not in (6, 7))


def naive_between(start: date, end: date, off: set[date], make_up: set[date]) -> int:
    count, day = 0, start
    while day < end:
        day += timedelta(days=1)
        count += works(day, off, make_up)
    return count


def naive_add(start: date, count: int, off: set[date], make_up: set[date]) -> date:
    day = start
    while count > 0:
        day += timedelta(days=1)
        count -= works(day, off, make_up)
    return day


@st.composite
def odd_days(draw: st.DrawFn) -> tuple[set[date], set[date]]:
    off = draw(st.sets(MIDDLE, max_size=40))
    make_up = {day for day in draw(st.sets(MIDDLE, max_size=20)) if day.isoweekday() > 5}
    return off - make_up, make_up


@given(odd_days(), MIDDLE, MIDDLE)
def test_counting_agrees_with_stepping_day_by_day(odd: tuple[set[date], set[date]], one: date, other: date) -> None:
    start, end = min(one, other), max(one, other)

    assert calendar_of(*odd).working_days_between(start, end) == naive_between(start, end, *odd)


@given(odd_days(), MIDDLE, COUNTS)
def test_adding_agrees_with_stepping_and_undoes_counting(
    odd: tuple[set[date], set[date]], start: date, count: int
) -> None:
    calendar = calendar_of(*odd)

    due = calendar.add_working_days(start, count)

    assert due == naive_add(start, count, *odd)
    assert calendar.working_days_between(start, due) == count
    assert count == 0 or calendar.is_working(due)


@given(odd_days(), MIDDLE, MIDDLE, MIDDLE)
def test_spans_add_up_and_turn_round(odd: tuple[set[date], set[date]], a: date, b: date, c: date) -> None:
    between = calendar_of(*odd).working_days_between

    assert between(a, b) + between(b, c) == between(a, c)
    assert between(a, b) == -between(b, a)


@given(odd_days(), MIDDLE, COUNTS, MIDDLE)
def test_one_more_day_off_never_brings_a_due_day_forward(
    odd: tuple[set[date], set[date]], start: date, count: int, extra: date
) -> None:
    off, make_up = odd

    before = calendar_of(off, make_up).add_working_days(start, count)
    after = calendar_of(off | {extra}, make_up - {extra}).add_working_days(start, count)

    assert after >= before


@given(odd_days(), MIDDLE, COUNTS)
def test_a_later_start_or_a_longer_term_never_ends_sooner(
    odd: tuple[set[date], set[date]], start: date, count: int
) -> None:
    calendar = calendar_of(*odd)
    due = calendar.add_working_days(start, count)

    assert calendar.add_working_days(start + timedelta(days=1), count) >= due
    assert calendar.add_working_days(start, count + 1) > due


@given(odd_days(), MIDDLE)
def test_neighbouring_working_days(odd: tuple[set[date], set[date]], day: date) -> None:
    calendar = calendar_of(*odd)

    following, before = calendar.next_working_day(day), calendar.previous_working_day(day)

    assert calendar.is_working(following) and following >= day
    assert calendar.is_working(before) and before < day
    assert calendar.working_days_between(before, following) <= 1


@given(odd_days(), MIDDLE, st.integers(0, 60))
def test_the_explanation_counts_what_the_count_says(odd: tuple[set[date], set[date]], start: date, span: int) -> None:
    calendar = calendar_of(*odd)
    end = start + timedelta(days=span)

    told = explain(start, end, calendar)

    assert len(told) == span
    assert [day.number for day in told if day.number] == list(range(1, calendar.working_days_between(start, end) + 1))
    assert all((day.reason in (DayReason.WORKING, DayReason.MAKE_UP)) == (day.number is not None) for day in told)


def test_a_day_without_calendar_is_refused_not_guessed() -> None:
    calendar = WorkingCalendar(date(2023, 1, 1), date(2023, 12, 31))

    for ask in (
        lambda: calendar.is_working(date(2022, 12, 31)),
        lambda: calendar.working_days_between(date(2023, 12, 1), date(2024, 1, 2)),
        lambda: calendar.add_working_days(date(2023, 12, 29), 1),
        lambda: calendar.previous_working_day(date(2023, 1, 2)),
    ):
        with pytest.raises(DayOutsideCalendar, match="no working calendar for"):
            ask()


def test_a_day_cannot_be_off_and_worked() -> None:
    with pytest.raises(ValueError, match="both a day off and a make-up day"):
        calendar_of({date(2024, 5, 4)}, {date(2024, 5, 4)})


def test_a_result_knows_the_unconfirmed_days_it_rests_on() -> None:
    doubtful = DayOff(date(2026, 11, 24), "Ngày Văn hóa Việt Nam", status=DayStatus.UNCONFIRMED)
    calendar = WorkingCalendar(date(2026, 1, 1), date(2026, 12, 31), off=[doubtful])

    assert calendar.unconfirmed_between(date(2026, 11, 20), date(2026, 11, 24)) == [doubtful.day]
    assert calendar.unconfirmed_between(date(2026, 11, 24), date(2026, 11, 30)) == []
    assert explain(date(2026, 11, 23), date(2026, 11, 24), calendar)[0].unconfirmed
