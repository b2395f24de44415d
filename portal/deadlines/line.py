"""Working time as a line: every moment has a place on it, and time that nobody works takes no room. PURE.

Moving a due moment is a sum on the line. There are two: on the line of days each working day is one long, whatever its
hours (terms in days, printed due moments); on the line of hours it is as long as it is worked (terms in hours).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from math import ceil

from portal.deadlines.calendar import WorkingCalendar
from portal.deadlines.hours import DayHours, length_of, seconds_of

Place = Fraction


@dataclass(frozen=True)
class Line:
    """Places of moments. ``ends`` holds for each working day of the calendar the place where it ends."""

    calendar: WorkingCalendar
    ends: Sequence[int]

    def place(self, at: datetime) -> Place:
        """Where a moment stands; on a day off, where the last working day before it ended."""
        day = at.date()
        number, hours = self.calendar.number(day), self.calendar.hours_of(day)
        if not hours:
            return Place(self._end(number))
        begin = self._end(number - 1)
        return begin + Place(self._end(number) - begin) * _worked(hours, seconds_of(at.time())) / length_of(hours)

    def moment(self, place: Place) -> datetime:
        """The first moment that stands at a place: the end of an hour before the noon break, not the one after it.

        Rounded up to a whole second. Raises DayOutsideCalendar beyond the loaded years.
        """
        number = bisect_left(self.ends, place) + 1
        day = self.calendar.working_day(number)
        begin, hours = self._end(number - 1), self.calendar.hours_of(day)
        share = (place - begin) / (self._end(number) - begin)
        return _after(day, hours, ceil(share * length_of(hours)))

    def between(self, start: datetime, end: datetime) -> Place:
        """How much working time stands between two moments; nothing where ``end`` is not later."""
        return max(self.place(end) - self.place(start), Place(0))

    def _end(self, number: int) -> int:
        return self.ends[number - 1] if number else 0


def day_line(calendar: WorkingCalendar) -> Line:
    """The line on which each working day is one long."""
    return Line(calendar, range(1, calendar.number(calendar.last) + 1))


def hour_line(calendar: WorkingCalendar) -> Line:
    """The line of working seconds."""
    return Line(calendar, calendar.seconds_worked)


def working_time(start: datetime, end: datetime, calendar: WorkingCalendar) -> timedelta:
    """How long was worked between two moments, by the hours of the calendar; nothing where ``end`` is not later."""
    return timedelta(seconds=int(hour_line(calendar).between(start, end)))


def _worked(hours: DayHours, second: int) -> int:
    """The working seconds of a day up to a second of it."""
    return sum(min(max(second - seconds_of(each.start), 0), each.seconds) for each in hours)


def _after(day: date, hours: DayHours, seconds: int) -> datetime:
    """The moment of a day at which so many of its working seconds are over."""
    for interval in hours:
        if seconds <= interval.seconds:
            return datetime.combine(day, interval.start) + timedelta(seconds=seconds)
        seconds -= interval.seconds
    raise ValueError("a working day has no such second")
