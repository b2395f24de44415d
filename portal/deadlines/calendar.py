"""The working calendar of state agencies: Monday to Friday, less days off, plus make-up days. PURE."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

SATURDAY = 5
ONE_DAY = timedelta(days=1)


class DayStatus(StrEnum):
    """Whether the document behind a day has been seen. An unconfirmed day counts, and results that used it say so."""

    CONFIRMED = "confirmed"
    UNCONFIRMED = "unconfirmed"


@dataclass(frozen=True)
class DayOff:
    """A weekday on which state agencies do not work."""

    day: date
    name: str
    document: str = ""
    status: DayStatus = DayStatus.CONFIRMED


@dataclass(frozen=True)
class MakeUpDay:
    """A Saturday or Sunday on which state agencies work, in exchange for a weekday off."""

    day: date
    name: str
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
    subtraction or one look into a list. Days outside the span raise DayOutsideCalendar.
    """

    def __init__(
        self, first: date, last: date, *, off: Iterable[DayOff] = (), make_up: Iterable[MakeUpDay] = ()
    ) -> None:
        if last < first:
            raise ValueError("a calendar ends on or after its first day")
        self.first = first
        self.last = last
        self._off = {row.day: row for row in off}
        self._make_up = {row.day: row for row in make_up}
        if both := self._off.keys() & self._make_up.keys():
            raise ValueError(f"{min(both):%d/%m/%Y} is both a day off and a make-up day")
        self._numbers: dict[date, int] = {}
        self._working: list[date] = []
        for day in days(first, last):
            if self._works(day):
                self._working.append(day)
            self._numbers[day] = len(self._working)

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
        """For which day off this weekend day is worked."""
        return self._make_up.get(day)

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
        place = self.number(start) + count - 1
        if place >= len(self._working):
            raise DayOutsideCalendar(self.last + ONE_DAY, self.first, self.last)
        return self._working[place]

    def next_working_day(self, day: date) -> date:
        """The day itself when it is a working day, else the first one after it (Civil Code art. 148)."""
        return day if self.is_working(day) else self.add_working_days(day, 1)

    def previous_working_day(self, day: date) -> date:
        """The last working day strictly before ``day``: the D−1 of the decree."""
        place = self.number(day) - (1 if self.is_working(day) else 0) - 1
        if place < 0:
            raise DayOutsideCalendar(self.first - ONE_DAY, self.first, self.last)
        return self._working[place]


def days(first: date, last: date) -> Iterator[date]:
    """Every day from ``first`` to ``last``, both included; none when ``last`` is earlier."""
    for offset in range((last - first).days + 1):
        yield first + timedelta(days=offset)
