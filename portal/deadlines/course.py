"""The course of a term: where it ends when the clock stood for so long. PURE.

Every due moment is computed from its base (the receipt, or the printed due moment) and the whole of its pauses and
extensions, never from the last result; so their order cannot matter.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from typing import Protocol

from portal.deadlines.calendar import WorkingCalendar
from portal.deadlines.line import Line, day_line, hour_line
from portal.deadlines.moments import END_OF_DAY, Moment, is_past_due
from portal.deadlines.pauses import Extension, Pause, Span, spans, union
from portal.deadlines.terms import (
    PLAIN_POLICY,
    SECONDS_OF_AN_HOUR,
    Term,
    TermPolicy,
    TermUnit,
    close_of,
    counted_from,
    ended,
    last_day,
    months_after,
    receipt_day,
)


class Course(Protocol):
    """A term that runs. Amounts are what it is counted in: working days, working seconds or calendar days."""

    def due(self, stood: Fraction) -> Moment:
        """Where the term ends when the clock stood for this long."""

    def stood(self, start: datetime, end: datetime) -> Fraction:
        """How much of the term did not run between two moments at which the clock stood."""

    def ran(self, day: date, due: Moment, paused: Sequence[Span]) -> Fraction:
        """How much of the term ran on a day, up to its end; ``paused`` without overlaps."""

    def took(self, day: date, span: Span) -> bool:
        """Whether a stretch in which the clock stood took any of a day."""


@dataclass(frozen=True)
class WorkingCourse:
    """A term in working days or hours. ``base``: its end without pauses; ``begin``: its start, where there is one."""

    line: Line
    base: Moment
    begin: datetime | None = None

    def due(self, stood: Fraction) -> Moment:
        """See ``Course``."""
        return moved(self.base, stood, self.line)

    def stood(self, start: datetime, end: datetime) -> Fraction:
        """See ``Course``."""
        return self.line.between(max(start, self.begin) if self.begin else start, end)

    def ran(self, day: date, due: Moment, paused: Sequence[Span]) -> Fraction:
        """See ``Course``."""
        start, end = datetime.combine(day, time()), min(datetime.combine(day, END_OF_DAY), due.latest)
        start = max(start, self.begin) if self.begin else start
        stood = sum(self.line.between(max(start, span.start), min(end, span.end)) for span in paused)
        return self.line.between(start, end) - stood

    def took(self, day: date, span: Span) -> bool:
        """See ``Course``."""
        start, end = datetime.combine(day, time()), datetime.combine(day, END_OF_DAY)
        return bool(self.line.between(max(start, span.start), min(end, span.end)))


@dataclass(frozen=True)
class CalendarCourse:
    """A term in calendar days or months: every day counts, and only the last one moves off a day off.

    ``last``: its last day without pauses, before it moves; ``more``: extensions in working time, which run after it.
    """

    calendar: WorkingCalendar
    received: Moment
    first: date
    last: date
    more: Sequence[Extension] = ()

    def due(self, stood: Fraction) -> Moment:
        """See ``Course``."""
        end = self.calendar.next_working_day(self.last + timedelta(days=int(stood)))
        return extended(close_of(end, self.received, self.calendar), self.more, self.calendar)

    def stood(self, start: datetime, end: datetime) -> Fraction:
        """See ``Course``."""
        return Fraction(max((end.date() - max(start.date(), self.first)).days, 0))

    def ran(self, day: date, due: Moment, paused: Sequence[Span]) -> Fraction:
        """See ``Course``."""
        stood = sum((self.stood(span.start, span.end) for span in paused), Fraction(0))
        last = self.last + timedelta(days=int(stood))
        if day <= last:
            return Fraction(day > self.first and not any(self.took(day, span) for span in paused))
        after = Moment.end_of_day(self.calendar.next_working_day(last)).at
        begin, end = datetime.combine(day, time()), min(datetime.combine(day, END_OF_DAY), due.latest)
        return day_line(self.calendar).between(max(begin, after), end)

    def took(self, day: date, span: Span) -> bool:
        """See ``Course``."""
        return span.start.date() < day <= span.end.date()


def course_of(
    received: Moment, term: Term, extensions: Iterable[Extension], calendar: WorkingCalendar, policy: TermPolicy
) -> Course:
    """The course of a term from its receipt."""
    first = receipt_day(received, calendar, policy)
    if term.unit in (TermUnit.CALENDAR_DAYS, TermUnit.MONTHS):
        of = by_unit(extensions)
        months = of[TermUnit.MONTHS] + (term.amount if term.unit is TermUnit.MONTHS else 0)
        days = of[TermUnit.CALENDAR_DAYS] + (term.amount if term.unit is TermUnit.CALENDAR_DAYS else 0)
        last = last_day(months_after(first, months), Term(days, TermUnit.CALENDAR_DAYS))
        more = [each for each in extensions if each.unit in (TermUnit.WORKING_DAYS, TermUnit.WORKING_HOURS)]
        return CalendarCourse(calendar, received, first, last, more)
    base = extended(ended(received, calendar, policy, term), extensions, calendar)
    if term.unit is TermUnit.WORKING_HOURS:
        return WorkingCourse(hour_line(calendar), base, counted_from(received, calendar, policy))
    return WorkingCourse(day_line(calendar), base, Moment.end_of_day(first).at)


def by_unit(extensions: Iterable[Extension]) -> dict[TermUnit, int]:
    """How much all extensions together give in each unit."""
    total = dict.fromkeys(TermUnit, 0)
    for extension in extensions:
        total[extension.unit] += extension.amount
    return total


def extended(base: Moment, extensions: Iterable[Extension], calendar: WorkingCalendar) -> Moment:
    """A due moment moved by extensions: months, then calendar days (rolling once), then working days, then hours."""
    of = by_unit(extensions)
    months, days = of[TermUnit.MONTHS], of[TermUnit.CALENDAR_DAYS]
    if months or days:
        end = calendar.next_working_day(months_after(base.day, months) + timedelta(days=days))
        base = replace(base, at=datetime.combine(end, base.at.time()))
    base = moved(base, Fraction(of[TermUnit.WORKING_DAYS]), day_line(calendar))
    return moved(base, Fraction(of[TermUnit.WORKING_HOURS] * SECONDS_OF_AN_HOUR), hour_line(calendar))


def moved(base: Moment, amount: Fraction, line: Line) -> Moment:
    """A due moment moved along a line of working time; itself when the amount is nothing.

    A day without a time of day stands for its end, and a part of a day makes it the day on which the time is complete.
    A clock time after hours or at noon is kept where the moved moment falls on the same spot of its day.
    """
    if not amount:
        return base
    place = line.place(base.latest)
    at = line.moment(place + amount)
    if base.is_whole_day:
        return Moment.end_of_day(at.date())
    worked_until = line.moment(place)
    idle = base.at - worked_until if worked_until.date() == base.day else timedelta()
    return Moment(at + idle if line.place(at + idle) == line.place(at) else at)


def counted_pauses(course: Course, pauses: Sequence[Pause], until: Moment) -> tuple[Moment, list[Span]]:
    """Where the term ends with its pauses, and the stretches that moved it, without overlaps.

    A pause gives back the time that was left when it began, so one that begins past the due moment moves nothing: no
    request for a supplement undoes a lateness. It counts when an earlier one has moved the due moment beyond its start.
    """
    waiting, taken, due = spans(pauses, until), list[Span](), course.due(Fraction(0))
    while found := [span for span in waiting if span.touches(taken) or not is_past_due(due, span.begun)]:
        taken = union([*taken, *found])
        waiting = [span for span in waiting if span not in found]
        due = course.due(sum((course.stood(span.start, span.end) for span in taken), Fraction(0)))
    return due, taken


def computed_due(
    received: Moment,
    term: Term,
    pauses: Iterable[Pause],
    extensions: Iterable[Extension],
    calendar: WorkingCalendar,
    policy: TermPolicy = PLAIN_POLICY,
    *,
    until: Moment,
) -> Moment:
    """The due moment by our own count: the term from the receipt, its extensions, and every pause known at ``until``.

    Pauses of terms in working days and hours stand for the working time they took, those of terms in calendar days and
    months for the days they took. It is shown beside the printed due moment and accuses nobody. Raises
    DayOutsideCalendar beyond the loaded years.
    """
    course = course_of(received, term, list(extensions), calendar, policy)
    return counted_pauses(course, list(pauses), until)[0]


@dataclass(frozen=True)
class PrintedCourse(WorkingCourse):
    """A printed due moment. ``contained``: the stretches that the source printed into it already."""

    contained: Sequence[Span] = ()

    def stood(self, start: datetime, end: datetime) -> Fraction:
        """See ``Course``."""
        inside = ((max(start, span.start), min(end, span.end)) for span in self.contained)
        return self.line.between(start, end) - sum(self.line.between(*pair) for pair in inside)


def printed_course(
    printed: Moment, pauses: Iterable[Pause], extensions: Iterable[Extension], calendar: WorkingCalendar, until: Moment
) -> PrintedCourse:
    """The course from a printed due moment on."""
    base = extended(printed, [each for each in extensions if not each.in_printed], calendar)
    contained = union(spans([pause for pause in pauses if pause.in_printed], until))
    return PrintedCourse(day_line(calendar), base, contained=contained)


def ruling_due(
    printed: Moment,
    pauses: Iterable[Pause],
    extensions: Iterable[Extension],
    calendar: WorkingCalendar,
    *,
    until: Moment,
) -> Moment:
    """The due moment that rules: the printed one, moved by recorded lawful pauses and extensions and by nothing else.

    Each pause moves it by the working days it took (a part of a day by that part), overlaps once, an open one as far as
    ``until``; a pause or extension that the printed moment contains already moves it no further (domain/rules.md §3.1).
    It is as exact as the printed one. Raises DayOutsideCalendar beyond the loaded years.
    """
    known = list(pauses)
    course = printed_course(printed, known, list(extensions), calendar, until)
    return counted_pauses(course, [pause for pause in known if not pause.in_printed], until)[0]
