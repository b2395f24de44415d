"""The working calendar of state agencies: Monday to Friday, less days off, plus make-up days. PURE."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cached_property
from itertools import accumulate
from math import lcm

from portal.deadlines.hours import DayHours, WorkingHours, length_of

SATURDAY = 5
ONE_DAY = timedelta(days=1)


class DayStatus(StrEnum):
    """Whether the document behind a day has been seen. An unconfirmed day counts, and results that used it say so."""

    CONFIRMED = "confirmed"
    UNCONFIRMED = "unconfirmed"


@dataclass(frozen=True)
class DayOff:
    """A weekday on which state agencies (or one unit, by decision) do not work."""

    day: date
    name: str
    document: str = ""
    status: DayStatus = DayStatus.CONFIRMED


@dataclass(frozen=True)
class MakeUpDay:
    """A day that is worked although its weekday is not: in exchange for a weekday off, or by a unit's decision.

    It counts as a whole working day. Its hours are ``hours`` where the document names them (a Saturday morning), else
    those of the weekday of ``stands_for``, else Monday's.
    """

    day: date
    name: str
    document: str = ""
    status: DayStatus = DayStatus.CONFIRMED
    stands_for: date | None = None
    hours: DayHours | None = None


@dataclass(frozen=True)
class OpenDesk:
    """A day on which a unit only takes in and hands over: a receipt is in time on it, but no term runs on it."""

    day: date
    name: str
    hours: DayHours
    document: str = ""
    status: DayStatus = DayStatus.CONFIRMED


class DayOutsideCalendar(LookupError):
    """A count touched a day for which no calendar is loaded; guessing weekends only would accuse people wrongly."""

    def __init__(self, day: date, first: date, last: date) -> None:
        super().__init__(f"no working calendar for {day:%d/%m/%Y}; loaded: {first:%d/%m/%Y} to {last:%d/%m/%Y}")
        self.day = day
        self.first = first
        self.last = last


class WorkingCalendar:
    """Working days between ``first`` and ``last`` (both included), counted by a running number per day.

    ``number(day)`` = how many working days stand from ``first`` up to and including ``day``; every other question is a
    subtraction or one look into a list. Days outside the span raise DayOutsideCalendar. ``hours`` gives each working
    day its hours (default 07:00–11:30 and 13:30–17:00); counts of days never need them.
    """

    def __init__(
        self,
        first: date,
        last: date,
        *,
        off: Iterable[DayOff] = (),
        make_up: Iterable[MakeUpDay] = (),
        hours: WorkingHours | None = None,
        desks: Iterable[OpenDesk] = (),
    ) -> None:
        if last < first:
            raise ValueError("a calendar ends on or after its first day")
        self.first = first
        self.last = last
        self.hours = hours or WorkingHours()
        self._off = {row.day: row for row in off}
        self._make_up = {row.day: row for row in make_up}
        self._desks = {row.day: row for row in desks}
        if both := self._off.keys() & self._make_up.keys():
            raise ValueError(f"{min(both):%d/%m/%Y} is both a day off and a make-up day")
        self._numbers: dict[date, int] = {}
        self._working: list[date] = []
        for day in days(first, last):
            if self._works(day):
                self._working.append(day)
            self._numbers[day] = len(self._working)

    def for_unit(
        self,
        *,
        open: Iterable[MakeUpDay] = (),  # noqa: A002 - the word of the decision; never called here
        closed: Iterable[DayOff] = (),
        desks: Iterable[OpenDesk] = (),
    ) -> WorkingCalendar:
        """The calendar of a unit with exceptions of its own by decision; this very calendar where it has none.

        What the unit decides wins over the general day: it may work on a day off and be closed on a working day.
        """
        opened, shut, received = {row.day: row for row in open}, {row.day: row for row in closed}, list(desks)
        if not (opened or shut or received):
            return self
        return WorkingCalendar(
            self.first,
            self.last,
            off=[*(row for row in self._off.values() if row.day not in opened.keys() | shut.keys()), *shut.values()],
            make_up=[
                *(row for row in self._make_up.values() if row.day not in opened.keys() | shut.keys()),
                *opened.values(),
            ],
            hours=self.hours,
            desks=[*self._desks.values(), *received],
        )

    def _works(self, day: date) -> bool:
        if day in self._make_up:
            return True
        return day.weekday() < SATURDAY and day not in self._off

    def covers(self, day: date) -> bool:
        """Whether the calendar knows this day."""
        return self.first <= day <= self.last

    def number(self, day: date) -> int:
        """The running number of the day: working days from the first day of the calendar up to and including it."""
        try:
            return self._numbers[day]
        except KeyError:
            raise DayOutsideCalendar(day, self.first, self.last) from None

    def is_working(self, day: date) -> bool:
        """Whether state agencies work on this day."""
        self.number(day)
        return self._works(day)

    def day_off(self, day: date) -> DayOff | None:
        """Why a day is off, when it is a named day off (weekends have no name)."""
        return self._off.get(day)

    def make_up_day(self, day: date) -> MakeUpDay | None:
        """For which day off this weekend day is worked, or by which decision of the unit."""
        return self._make_up.get(day)

    def open_desk(self, day: date) -> OpenDesk | None:
        """The desk that takes in on this day although no term runs on it."""
        return self._desks.get(day)

    def hours_of(self, day: date) -> DayHours:
        """The working hours of a day, in order; empty where it is not worked."""
        return self._day_hours[self.number(day) - 1] if self.is_working(day) else ()

    @cached_property
    def _day_hours(self) -> list[DayHours]:
        """The hours of each working day."""
        return [self._hours_of(day) for day in self._working]

    def _hours_of(self, day: date) -> DayHours:
        make_up = self._make_up.get(day)
        if make_up is None:
            return self.hours.of(day)
        return make_up.hours or self.hours.of(day, make_up.stands_for)

    def closes_at(self, day: date) -> datetime | None:
        """When the last working hour of a day ends; None where it is not worked."""
        hours = self.hours_of(day)
        return datetime.combine(day, hours[-1].end) if hours else None

    @cached_property
    def seconds_worked(self) -> list[int]:
        """For each working day, how many seconds are worked from the first day of the calendar up to its close."""
        return list(accumulate(map(length_of, self._day_hours)))

    @cached_property
    def ticks_of_a_day(self) -> int:
        """Into how many ticks a working day is cut so that a second of any day is a whole number of them."""
        return lcm(*set(map(length_of, self._day_hours)))

    def working_day(self, number: int) -> date:
        """The working day with this running number, 1 being the first of the calendar."""
        if number < 1:
            raise DayOutsideCalendar(self.first - ONE_DAY, self.first, self.last)
        if number > len(self._working):
            raise DayOutsideCalendar(self.last + ONE_DAY, self.first, self.last)
        return self._working[number - 1]

    def unconfirmed_between(self, start: date, end: date) -> list[date]:
        """The days after ``start`` up to ``end`` that count as they do only by an unconfirmed row."""
        rows: list[DayOff | MakeUpDay] = [*self._off.values(), *self._make_up.values()]
        return sorted(row.day for row in rows if row.status is DayStatus.UNCONFIRMED and start < row.day <= end)

    def working_days_between(self, start: date, end: date) -> int:
        """How many working days stand after ``start`` up to and including ``end``; negative when ``end`` is earlier.

        The first day never counts (Civil Code art. 147), so between a day and itself there are none.
        """
        numbers = self._numbers
        try:
            return numbers[end] - numbers[start]
        except KeyError:
            # Counted a million times over; the slow way names the day that is missing.
            return self.number(end) - self.number(start)

    def add_working_days(self, start: date, count: int) -> date:
        """The day on which ``count`` working days after ``start`` are complete; ``start`` itself when count is 0."""
        if count < 0:
            raise ValueError("working days are added forwards; use previous_working_day to look back")
        if count == 0:
            self.number(start)
            return start
        return self.working_day(self.number(start) + count)

    def next_working_day(self, day: date) -> date:
        """The day itself when it is a working day, else the first one after it (Civil Code art. 148)."""
        return day if self.is_working(day) else self.add_working_days(day, 1)

    def previous_working_day(self, day: date) -> date:
        """The last working day strictly before ``day``: the D−1 of the decree."""
        return self.working_day(self.number(day) - (1 if self.is_working(day) else 0))


def days(first: date, last: date) -> Iterator[date]:
    """Every day from ``first`` to ``last``, both included; none when ``last`` is earlier."""
    for offset in range((last - first).days + 1):
        yield first + timedelta(days=offset)
