"""What Hypothesis draws for terms: calendars with odd days and hours, moments on the quarter, pauses, extensions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from hypothesis import strategies as st

from portal.deadlines import (
    DayOff,
    Extension,
    Interval,
    MakeUpDay,
    Moment,
    Pause,
    PauseKind,
    Term,
    TermUnit,
    WeekHours,
    WorkingCalendar,
    WorkingHours,
)
from tests.deadlines.naive import OFFICE, Hours, Office

FIRST, LAST = date(2022, 12, 1), date(2023, 12, 31)
START, STOP = date(2023, 1, 2), date(2023, 3, 5)
SATURDAYS = [date(2023, 1, 7) + timedelta(weeks=week) for week in range(12)]
DAYS = st.dates(START, STOP)
UNITS = st.sampled_from(TermUnit)
SATURDAY_MORNING: Hours = [("07:30", "11:30")]
ODD_HOURS: list[Hours] = [OFFICE, [("07:30", "11:30"), ("13:00", "17:00")], [("08:00", "12:00"), ("13:00", "16:30")]]


@dataclass(frozen=True)
class World:
    """The same office twice: for the code under test, and for the naive second implementation."""

    calendar: WorkingCalendar
    office: Office


def world(off: set[date], make_up: set[date], own: Mapping[date, Hours], week: Mapping[int, Hours]) -> World:
    """An office that is closed on ``off``, works on ``make_up``, with hours of its own on some days and weekdays."""
    weeks = [WeekHours(date(2020, 1, 1), {day: intervals(week.get(day + 1, OFFICE)) for day in range(5)})]
    worked = [MakeUpDay(day, "làm bù", hours=intervals(own[day]) if day in own else None) for day in make_up]
    closed = [DayOff(day, "nghỉ") for day in off]
    calendar = WorkingCalendar(FIRST, LAST, off=closed, make_up=worked, hours=WorkingHours(weeks))
    return World(calendar, Office(off, make_up, own, week))


def intervals(hours: Hours) -> tuple[Interval, ...]:
    """Hours as the code under test takes them."""
    return tuple(Interval(time.fromisoformat(start), time.fromisoformat(end)) for start, end in hours)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Up to twelve days off and four Saturdays worked, some of them in the morning only; odd hours on a weekday."""
    off = draw(st.sets(st.dates(START, STOP + timedelta(days=40)), max_size=12))
    make_up = draw(st.sets(st.sampled_from(SATURDAYS), max_size=4)) - off
    own = dict.fromkeys(draw(st.sets(st.sampled_from(SATURDAYS), max_size=4)) & make_up, SATURDAY_MORNING)
    week = draw(st.dictionaries(st.integers(1, 5), st.sampled_from(ODD_HOURS), max_size=2))
    return world(off, make_up, own, week)


@st.composite
def moments(draw: st.DrawFn, days: st.SearchStrategy[date] = DAYS) -> Moment:
    """A moment between 05:00 and 20:00 on the quarter, or a day without a time of day."""
    day = draw(days)
    if draw(st.integers(0, 3)) == 0:
        return Moment.of_day(day)
    return Moment(datetime.combine(day, time()) + timedelta(minutes=15 * draw(st.integers(20, 80))))


TERMS = st.one_of(
    st.builds(Term, st.integers(0, 12), st.sampled_from((TermUnit.WORKING_DAYS, TermUnit.CALENDAR_DAYS))),
    st.builds(Term, st.integers(0, 40), st.just(TermUnit.WORKING_HOURS)),
    st.builds(Term, st.integers(0, 2), st.just(TermUnit.MONTHS)),
)


@st.composite
def pauses(draw: st.DrawFn) -> Pause:
    """A pause of up to twelve days; some are still open."""
    started = draw(moments())
    kind = draw(st.sampled_from(PauseKind))
    if draw(st.integers(0, 5)) == 0:
        return Pause(started, None, kind)
    ended = draw(moments(st.integers(1, 12).map(lambda days: started.day + timedelta(days=days))))
    return Pause(started, ended, kind)


PAUSES = st.lists(pauses(), max_size=4)
UNTIL = moments(st.dates(START, STOP + timedelta(days=20)))


def extensions(unit: TermUnit) -> st.SearchStrategy[list[Extension]]:
    """Extensions in one unit."""
    amounts = st.integers(0, 1 if unit is TermUnit.MONTHS else 5)
    return st.lists(st.builds(Extension, amounts, st.just(unit)), max_size=2)


MIXED_EXTENSIONS = st.tuples(*(extensions(unit) for unit in TermUnit)).map(
    lambda each: [one for some in each for one in some]
)
