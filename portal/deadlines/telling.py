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
from portal.deadlines.course import Course, course_of
from portal.deadlines.dues import Reached, printed_course, reached
from portal.deadlines.explain import CountedDay, DayReason, describe
from portal.deadlines.moments import Moment
from portal.deadlines.pauses import Extension, Pause, Span, spans, union
from portal.deadlines.terms import PLAIN_POLICY, Term, TermPolicy, receipt_day

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
    found = reached(course, received, known, limit)
    plain = reached(course_of(received, term, [], calendar, policy), received, known, limit) if more else found
    first = receipt_day(received, calendar, policy)
    told = _told(_Teller(course, calendar, found, found.stood, _known(known, found.stood, limit), plain), received.day)
    days_ = tuple(_of_receipt(day, received, first) for day in told)
    return Telling(found.due, days_, calendar_version, rule_version)


def tell_ruling(
    printed: Moment,
    pauses: Iterable[Pause],
    extensions: Iterable[Extension],
    calendar: WorkingCalendar,
    *,
    until: Moment,
    printed_by: WorkingCalendar | None = None,
    calendar_version: int | None = None,
    rule_version: int | None = None,
) -> Telling:
    """The ruling due moment (see ``ruling_due``) and every day from the first pause that moved it, or from the printed
    day where none did. The counted amounts are the working days that were left when the clock first stood."""
    known, more = list(pauses), list(extensions)
    moving = [pause for pause in known if not pause.in_printed]
    course = printed_course(printed, known, more, calendar, until, printed_by)
    found = reached(course, printed, moving, until)
    bare = replace(course, base=printed.latest)
    plain = reached(bare, printed, moving, until)
    begin = min([printed.latest, *(span.start for span in found.stood)])
    stood = union([*found.stood, *course.contained])
    teller = _Teller(replace(course, begin=begin), calendar, found, stood, _known(known, stood, until), plain)
    return Telling(found.due, tuple(_told(teller, begin.date())), calendar_version, rule_version)


def _last_known(pauses: Sequence[Pause], received: Moment) -> Moment:
    if any(pause.ended is None for pause in pauses):
        raise ValueError("an open pause is told up to a moment")
    ends = [pause.ended for pause in pauses if pause.ended]
    return max([received, *ends], key=lambda moment: moment.latest)


def _known(pauses: Sequence[Pause], stood: Sequence[Span], until: Moment) -> list[tuple[Pause, Span]]:
    """The pauses that moved the due moment, each with its stretch."""
    pairs = [(pause, span) for pause in pauses for span in spans([pause], until)]
    return [(pause, span) for pause, span in pairs if span.touches(stood)]


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
    """What is needed to tell days. ``plain``: where the term ends without its extensions."""

    course: Course
    calendar: WorkingCalendar
    found: Reached
    stood: Sequence[Span]
    pauses: Sequence[tuple[Pause, Span]]
    plain: Reached


def _told(teller: _Teller, first: date) -> list[ToldDay]:
    """Every day from ``first`` to the due day."""
    told: list[ToldDay] = []
    total = Fraction(0)
    for day in days(first, teller.found.due.day):
        ran = teller.course.ran(day, teller.found.end, teller.stood)
        total += ran
        told.append(_told_day(teller, describe(day, teller.calendar), ran, total))
    return told


def _told_day(teller: _Teller, day: CountedDay, ran: Fraction, total: Fraction) -> ToldDay:
    pause = next((pause for pause, span in teller.pauses if teller.course.took(day.day, span)), None)
    reason = day.reason
    if not ran:
        reason = DayReason.PAUSED if pause else DayReason.ROLLED if reason in WORKED else reason
    is_beyond = bool(ran) and day.day > teller.plain.end.date()
    return ToldDay(
        day.day, ran, total, reason, day.name, day.document, day.unconfirmed, pause=pause, in_extension=is_beyond
    )
