"""Why this date? Every day of a term, counted or skipped with its reason. PURE.

Returns facts; the page words them. What is told comes from the same course that the due moment comes from: the counted
amounts of all days are the term with its extensions, whatever was paused.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from portal.deadlines.calendar import WorkingCalendar, days
from portal.deadlines.course import (
    Course,
    counted_pauses,
    course_of,
    printed_course,
)
from portal.deadlines.explain import CountedDay, DayReason, describe
from portal.deadlines.moments import Moment
from portal.deadlines.pauses import Extension, Pause, Span, spans, union
from portal.deadlines.terms import PLAIN_POLICY, SECONDS_OF_AN_HOUR, Term, TermPolicy, TermUnit, receipt_day

WORKED = (DayReason.WORKING, DayReason.MAKE_UP)
CLOSED = (DayReason.WEEKEND, DayReason.OFF)


@dataclass(frozen=True)
class ToldDay:
    """One day of a term.

    ``counted``: how much of the term ran on it, in its unit (working days, calendar days, working hours), 0 when it was
    skipped; ``total``: with all days before it. ``reason`` says why; ``name``, ``document`` and ``unconfirmed`` tell of
    a named day. ``pause``: the recorded pause that took the day or a part of it. ``in_extension``: it lies beyond the
    term, in its extension.
    """

    day: date
    counted: Fraction
    total: Fraction
    reason: DayReason
    name: str = ""
    document: str = ""
    unconfirmed: bool = False
    pause: Pause | None = None
    in_extension: bool = False

    @property
    def is_counted(self) -> bool:
        """Whether any of the term ran on it."""
        return bool(self.counted)


@dataclass(frozen=True)
class Telling:
    """A due moment with the days that make it. The versions are those the caller counted by, handed through."""

    due: Moment
    days: tuple[ToldDay, ...]
    calendar_version: int | None = None
    rule_version: int | None = None

    @property
    def rests_on_unconfirmed(self) -> bool:
        """Whether a day of it counts as it does only by an unconfirmed row of the calendar."""
        return any(day.unconfirmed for day in self.days)


def tell(
    received: Moment,
    term: Term,
    calendar: WorkingCalendar,
    policy: TermPolicy = PLAIN_POLICY,
    pauses: Iterable[Pause] = (),
    extensions: Iterable[Extension] = (),
    *,
    until: Moment | None = None,
    calendar_version: int | None = None,
    rule_version: int | None = None,
) -> Telling:
    """The computed due moment (see ``computed_due``) and every day from the receipt to it.

    ``until`` is needed where a pause is still open; ValueError without it.
    """
    known, more = list(pauses), list(extensions)
    limit = until or _last_known(known, received)
    course = course_of(received, term, more, calendar, policy)
    due, taken = counted_pauses(course, known, limit)
    size = SECONDS_OF_AN_HOUR if term.unit is TermUnit.WORKING_HOURS else 1
    teller = _Teller(course, calendar, due, taken, _known(known, taken, limit), _runs(term, more), size)
    first = receipt_day(received, calendar, policy)
    told = teller.days(received.day, Fraction(term.amount))
    days_ = tuple(_of_receipt(day, received, first) for day in told)
    return Telling(due, days_, calendar_version, rule_version)


def tell_ruling(
    printed: Moment,
    pauses: Iterable[Pause],
    extensions: Iterable[Extension],
    calendar: WorkingCalendar,
    *,
    until: Moment,
    calendar_version: int | None = None,
    rule_version: int | None = None,
) -> Telling:
    """The ruling due moment (see ``ruling_due``) and every day from the first pause that moved it, or from the printed
    day where none did. The counted amounts are the working days that were left when the clock first stood."""
    known, more = list(pauses), list(extensions)
    course = printed_course(printed, known, more, calendar, until)
    due, taken = counted_pauses(course, [pause for pause in known if not pause.in_printed], until)
    begin = min([printed.latest, *(span.start for span in taken)])
    stood = union([*taken, *course.contained])
    term = course.stood(begin, printed.latest)
    whole = course.stood(begin, course.base.latest)
    course = replace(course, begin=begin)
    teller = _Teller(course, calendar, due, stood, _known(known, stood, until), whole)
    return Telling(due, tuple(teller.days(begin.date(), term)), calendar_version, rule_version)


def _last_known(pauses: Sequence[Pause], received: Moment) -> Moment:
    if any(pause.ended is None for pause in pauses):
        raise ValueError("an open pause is told up to a moment")
    ends = [pause.ended for pause in pauses if pause.ended]
    return max([received, *ends], key=lambda moment: moment.latest)


def _known(pauses: Sequence[Pause], stood: Sequence[Span], until: Moment) -> list[tuple[Pause, Span]]:
    """The pauses that moved the due moment, each with its stretch."""
    pairs = [(pause, span) for pause in pauses for span in spans([pause], until)]
    return [(pause, span) for pause, span in pairs if span.touches(stood)]


def _runs(term: Term, extensions: Sequence[Extension]) -> Fraction | None:
    """How much working time the term runs with its extensions; None where no one unit says it."""
    if term.unit is TermUnit.MONTHS or any(extension.unit is not term.unit for extension in extensions):
        return None
    return Fraction(term.amount + sum(extension.amount for extension in extensions))


def _of_receipt(told: ToldDay, received: Moment, first: date) -> ToldDay:
    """The reason of the days up to the one that counts as the day of receipt."""
    if told.is_counted or told.day > first:
        return told
    if told.day == first:
        return replace(told, reason=DayReason.RECEIPT)
    is_closed = told.reason in CLOSED or told.day != received.day
    return told if is_closed else replace(told, reason=DayReason.AFTER_HOURS)


@dataclass(frozen=True)
class _Teller:
    """What is needed to tell days. ``runs``: what the days may add up to; ``size``: how much of the course is one of
    the unit that is told."""

    course: Course
    calendar: WorkingCalendar
    due: Moment
    stood: Sequence[Span]
    pauses: Sequence[tuple[Pause, Span]]
    runs: Fraction | None
    size: int = 1

    def days(self, first: date, term: Fraction) -> list[ToldDay]:
        """Every day from ``first`` to the due day; what runs after ``term`` is complete lies in an extension."""
        told: list[ToldDay] = []
        total = Fraction(0)
        for day in days(first, self.due.day):
            ran = self.course.ran(day, self.due, self.stood) / self.size
            # A due day without a time of day stands for its end, also when a part of it would do.
            ran = ran if self.runs is None else min(ran, self.runs - total)
            told.append(self._told(describe(day, self.calendar), ran, total, total >= term))
            total += ran
        return told

    def _told(self, day: CountedDay, ran: Fraction, before: Fraction, is_beyond: bool) -> ToldDay:
        pause = next((pause for pause, span in self.pauses if self.course.took(day.day, span)), None)
        reason = day.reason
        if not ran:
            reason = DayReason.PAUSED if pause else DayReason.ROLLED if reason in WORKED else reason
        named = (day.name, day.document, day.unconfirmed)
        return ToldDay(day.day, ran, before + ran, reason, *named, pause=pause, in_extension=is_beyond and bool(ran))
