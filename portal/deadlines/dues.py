"""The due moment that rules and the one the portal computes itself, with everything that may move them. PURE."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from portal.deadlines.calendar import WorkingCalendar
from portal.deadlines.course import Course, PrintedCourse, course_of
from portal.deadlines.line import day_line
from portal.deadlines.moments import Moment, is_past_due
from portal.deadlines.moving import extended
from portal.deadlines.pauses import Extension, Pause, Span, spans, union
from portal.deadlines.terms import PLAIN_POLICY, Term, TermPolicy, as_exact_as


@dataclass(frozen=True)
class Reached:
    """Where a course ends with its pauses: as a due moment, as the instant, and the stretches that moved it."""

    due: Moment
    end: datetime
    stood: Sequence[Span]


def reached(course: Course, base: Moment, pauses: Iterable[Pause], until: Moment) -> Reached:
    """Follow a course to its end; ``base`` says how exact the due moment may be.

    A pause gives back the time that was left when it began, so one that begins past the due moment moves nothing: no
    request for a supplement undoes a lateness. It counts where an earlier one has moved the due moment beyond its
    start, or where it only carries an earlier one on. One that begins on the due day at an unknown hour is taken to
    begin at the due moment at the latest.
    """
    waiting, stood, end = spans(pauses, until), list[Span](), course.end(0)
    due = as_exact_as(base, end)
    # What carries on is one pause with what it touches: it is taken before anything is held against the due moment.
    while found := (
        [span for span in waiting if span.touches(stood)]
        or [span for span in waiting if not is_past_due(due, span.begun)]
    ):
        waiting = [span for span in waiting if span not in found]
        stood = union([*stood, *_begun_by(end, found)])
        end = course.end(sum(course.stood(span.start, span.end) for span in stood))
        due = as_exact_as(base, end)
    return Reached(due, end, stood)


def _begun_by(end: datetime, found: Iterable[Span]) -> list[Span]:
    starts = ((span, min(span.start, end)) for span in found)
    return [replace(span, start=start, end=max(start, span.end)) for span, start in starts]


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
    return reached(course, received, pauses, until).due


def ruling_due(
    printed: Moment,
    pauses: Iterable[Pause],
    extensions: Iterable[Extension],
    calendar: WorkingCalendar,
    *,
    until: Moment,
    printed_by: WorkingCalendar | None = None,
) -> Moment:
    """The due moment that rules: the printed one, moved by recorded lawful pauses and extensions and by nothing else.

    Each pause moves it by the working days it took (a part of a day by that part), overlaps once, an open one as far as
    ``until``; a pause or extension that the printed moment contains already moves it no further (domain/rules.md §3.1).
    It is as exact as the printed one. ``printed_by``: the calendar the printed moment was counted by, where the caller
    knows it. A day off declared since then, within a pause, shortens the pause by a day that the printed moment had
    counted as worked; with ``printed_by`` that day is given back all the same, so that no day off moves a due moment
    earlier. Raises DayOutsideCalendar beyond the loaded years.
    """
    known = list(pauses)
    course = printed_course(printed, known, extensions, calendar, until, printed_by)
    return reached(course, printed, [pause for pause in known if not pause.in_printed], until).due


def printed_course(
    printed: Moment,
    pauses: Iterable[Pause],
    extensions: Iterable[Extension],
    calendar: WorkingCalendar,
    until: Moment,
    printed_by: WorkingCalendar | None,
) -> PrintedCourse:
    """The course from a printed due moment on; see ``ruling_due``."""
    return PrintedCourse(
        day_line(calendar),
        extended(printed.latest, [each for each in extensions if not each.in_printed], calendar),
        datetime.min,
        calendar.ticks_of_a_day,
        printed.latest,
        union(_begun_by(printed.latest, spans([pause for pause in pauses if pause.in_printed], until))),
        day_line(printed_by or calendar),
    )
