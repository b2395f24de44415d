"""The course of a term: where it ends when the clock stood for so long. PURE.

Every due moment is computed from its base (the receipt, or the printed due moment) and the whole of its pauses and
extensions, never from the last result; so their order cannot matter.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from typing import Protocol

from portal.deadlines.calendar import WorkingCalendar
from portal.deadlines.line import Line, day_line, hour_line, scaled
from portal.deadlines.moments import END_OF_DAY, Moment
from portal.deadlines.moving import by_unit, extended, shifted
from portal.deadlines.pauses import Extension, Span
from portal.deadlines.terms import (
    SECONDS_OF_AN_HOUR,
    Term,
    TermPolicy,
    TermUnit,
    counted_from,
    end_of,
    end_of_hours,
    last_day,
    months_after,
    receipt_day,
)


class Course(Protocol):
    """A term that runs. How long the clock stood is a whole number of what the term is counted in."""

    def end(self, stood: int) -> datetime:
        """The instant at which the term is complete when the clock stood for this long."""

    def stood(self, start: datetime, end: datetime) -> int:
        """How much of the term did not run between two moments at which the clock stood."""

    def ran(self, day: date, end: datetime, paused: Sequence[Span]) -> Fraction:
        """How much of the term, in its unit, ran on a day up to its end; ``paused`` without overlaps."""

    def took(self, day: date, span: Span) -> bool:
        """Whether a stretch in which the clock stood took any of a day."""


@dataclass(frozen=True)
class WorkingCourse:
    """A term in working days or hours.

    ``base``: its end without pauses; ``begin``: from when it runs; ``unit``: how much of the line is one of its unit.
    """

    line: Line
    base: datetime
    begin: datetime
    unit: int

    def end(self, stood: int) -> datetime:
        """See ``Course``."""
        return shifted(self.base, stood, self.line)

    def stood(self, start: datetime, end: datetime) -> int:
        """See ``Course``."""
        return self.line.between(max(start, self.begin), end)

    def ran(self, day: date, end: datetime, paused: Sequence[Span]) -> Fraction:
        """See ``Course``."""
        first, last = max(_begin(day), self.begin), min(_end(day), end)
        stood = sum(self.line.between(max(first, span.start), min(last, span.end)) for span in paused)
        return Fraction(self.line.between(first, last) - stood, self.unit)

    def took(self, day: date, span: Span) -> bool:
        """See ``Course``."""
        return bool(self.line.between(max(_begin(day), span.start), min(_end(day), span.end)))


@dataclass(frozen=True)
class CalendarCourse:
    """A term in calendar days or months: every day counts, and only the last one moves off a day off.

    ``first``: the day of receipt; ``last``: the last day without pauses, before it moves; ``more``: extensions in
    working time, which run after it. A pause takes the days whose beginning it covers.
    """

    calendar: WorkingCalendar
    first: date
    last: date
    more: Sequence[Extension] = ()

    def end(self, stood: int) -> datetime:
        """See ``Course``."""
        return extended(self._close(stood), self.more, self.calendar)

    def _close(self, stood: int) -> datetime:
        day = self.calendar.next_working_day(self.last + timedelta(days=stood))
        return end_of_hours(day, self.calendar)

    def stood(self, start: datetime, end: datetime) -> int:
        """See ``Course``."""
        return max((end.date() - max(start.date(), self.first)).days, 0)

    def ran(self, day: date, end: datetime, paused: Sequence[Span]) -> Fraction:
        """See ``Course``."""
        taken = sum(self.stood(span.start, min(span.end, _end(day))) for span in paused)
        if day <= self.last + timedelta(days=taken):
            return Fraction(day > self.first and not any(self.took(day, span) for span in paused))
        stood = sum(self.stood(span.start, span.end) for span in paused)
        ticks = day_line(self.calendar).between(max(_begin(day), self._close(stood)), min(_end(day), end))
        return Fraction(ticks, self.calendar.ticks_of_a_day)

    def took(self, day: date, span: Span) -> bool:
        """See ``Course``."""
        return span.start.date() < day <= span.end.date()


@dataclass(frozen=True)
class PrintedCourse(WorkingCourse):
    """A printed due moment, in working days.

    ``contained``: the stretches that the source printed into it already. ``printed_by``: the line of the calendar it
    was counted by, ``printed`` the moment itself: the working days that it promised within a pause are given back
    although they were declared days off later.
    """

    printed: datetime
    contained: Sequence[Span]
    printed_by: Line

    def stood(self, start: datetime, end: datetime) -> int:
        """See ``Course``."""
        inside = sum(self._measured(max(start, span.start), min(end, span.end)) for span in self.contained)
        return self._measured(start, end) - inside

    def _measured(self, start: datetime, end: datetime) -> int:
        if self.printed_by.calendar is self.line.calendar:
            return self.line.between(start, end)
        promised = self.printed_by.between(start, min(end, self.printed))
        return scaled(promised, self.printed_by, self.line) + self.line.between(max(start, self.printed), end)


def course_of(
    received: Moment, term: Term, extensions: Iterable[Extension], calendar: WorkingCalendar, policy: TermPolicy
) -> Course:
    """The course of a term from its receipt."""
    first = receipt_day(received, calendar, policy)
    if term.unit in (TermUnit.CALENDAR_DAYS, TermUnit.MONTHS):
        return _calendar_course(first, [Extension(term.amount, term.unit), *extensions], calendar)
    base = extended(end_of(received, term, calendar, policy), extensions, calendar)
    if term.unit is TermUnit.WORKING_HOURS:
        begin = counted_from(received, calendar, policy)
        return WorkingCourse(hour_line(calendar), base, begin, SECONDS_OF_AN_HOUR)
    return WorkingCourse(day_line(calendar), base, _end(first), calendar.ticks_of_a_day)


def _calendar_course(first: date, parts: Sequence[Extension], calendar: WorkingCalendar) -> CalendarCourse:
    """All its months are counted from the first day at once, then its days: a rolled or cut end is no new beginning."""
    of = by_unit(parts)
    last = last_day(months_after(first, of[TermUnit.MONTHS]), Term(of[TermUnit.CALENDAR_DAYS], TermUnit.CALENDAR_DAYS))
    more = [part for part in parts if part.unit in (TermUnit.WORKING_DAYS, TermUnit.WORKING_HOURS)]
    return CalendarCourse(calendar, first, last, more)


def _begin(day: date) -> datetime:
    return datetime.combine(day, time())


def _end(day: date) -> datetime:
    return datetime.combine(day, END_OF_DAY)
