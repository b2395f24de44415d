"""Working time as a line: every moment has a place on it, and time that nobody works takes no room. PURE.

Moving a due moment is a sum on the line. There are two: on the line of days each working day is one long, whatever its
hours (terms in days, printed due moments); on the line of hours it is as long as it is worked (terms in hours). Places
are whole numbers, so that no sum is ever rounded: seconds on the line of hours, ticks on the line of days.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from portal.deadlines.calendar import WorkingCalendar
from portal.deadlines.hours import DayHours, in_seconds, length_of, seconds_of


@dataclass(frozen=True)
class Line:
    """Places of moments. ``ends`` holds for each working day of the calendar the place where it ends."""

    calendar: WorkingCalendar
    ends: Sequence[int]

    def place(self, at: datetime) -> int:
        """Where a moment stands; on a day off, where the last working day before it ended."""
        day = at.date()
        number, hours = self.calendar.number(day), self.calendar.hours_of(day)
        if not hours:
            return self._end(number)
        begin = self._end(number - 1)
        return begin + _worked(hours, seconds_of(at.time())) * self._weight(number, hours)

    def moment(self, place: int) -> datetime:
        """The first moment that stands at a place: the end of an hour before the noon break, not the one after it.

        Rounded up to a whole second. Raises DayOutsideCalendar beyond the loaded years.
        """
        number = bisect_left(self.ends, place) + 1
        day = self.calendar.working_day(number)
        hours = self.calendar.hours_of(day)
        return _after(day, hours, -((self._end(number - 1) - place) // self._weight(number, hours)))

    def between(self, start: datetime, end: datetime) -> int:
        """How much working time stands between two moments; nothing where ``end`` is not later."""
        return self.place(end) - self.place(start) if end > start else 0

    def _end(self, number: int) -> int:
        return self.ends[number - 1] if number else 0

    def _weight(self, number: int, hours: DayHours) -> int:
        """How long a second of this day is on the line."""
        return (self._end(number) - self._end(number - 1)) // length_of(hours)


def day_line(calendar: WorkingCalendar) -> Line:
    """The line on which each working day is ``calendar.ticks_of_a_day`` long."""
    day = calendar.ticks_of_a_day
    return Line(calendar, range(day, day * (calendar.number(calendar.last) + 1), day))


def hour_line(calendar: WorkingCalendar) -> Line:
    """The line of working seconds."""
    return Line(calendar, calendar.seconds_worked)


def scaled(amount: int, line: Line, to: Line) -> int:
    """Working days on the line of one calendar as the same working days on that of another, rounded up."""
    return -(-amount * to.calendar.ticks_of_a_day // line.calendar.ticks_of_a_day)


def working_time(start: datetime, end: datetime, calendar: WorkingCalendar) -> timedelta:
    """How long was worked between two moments, by the hours of the calendar; nothing where ``end`` is not later."""
    return timedelta(seconds=hour_line(calendar).between(start, end))


def _worked(hours: DayHours, second: int) -> int:
    """The working seconds of a day up to a second of it."""
    return sum(min(max(second - start, 0), length) for start, length in in_seconds(hours))


def _after(day: date, hours: DayHours, seconds: int) -> datetime:
    """The moment of a day at which so many of its working seconds are over."""
    for start, length in in_seconds(hours):
        if seconds <= length:
            return datetime.combine(day, time()) + timedelta(seconds=start + seconds)
        seconds -= length
    raise ValueError("a working day has no such second")
