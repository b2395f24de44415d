"""Conditions of lists: what is shown, since when, how old; each fit for the index that carries it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    func,
    select,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, aliased

from portal import clock
from portal.calendars.queries import current_calendar, working_days_between
from portal.cases import words
from portal.cases.filters import BY_DUE, BY_FINISH, SINGLE, Show
from portal.cases.models import Case, CaseChange, CaseExtension, ComputedDue, Pause
from portal.cases.rules import AGE_BOUNDS, Verdict, late_until
from portal.deadlines import AgeBucket, DayOutsideCalendar, WorkingCalendar
from portal.policy.queries import due_soon_days, question_days
from portal.refusal import Refused

SUPPLEMENT_FIELD = "supplement_asked"


@dataclass(frozen=True)
class Now:
    """The business moment a list is read at, and the calendar that ages it."""

    at: datetime
    calendar: WorkingCalendar
    soon_days: int = 2

    @property
    def soon_until(self) -> datetime:
        """The last moment at which a due date is still "soon".

        Plain days where the calendar ends before it: the word accuses nobody, and a list must open on New Year's Eve.
        """
        today = self.at.date()
        try:
            return clock.end_of(self.calendar.add_working_days(today, self.soon_days))
        except DayOutsideCalendar:
            return clock.end_of(today + timedelta(days=self.soon_days))

    def working_days_past_due(self, case: Case) -> int | None:
        """Working days a case is late or overdue; None for any other, and where no calendar reaches."""
        span = late_until(case, self.at)
        if span is None or not (self.calendar.covers(span[0]) and self.calendar.covers(span[1])):
            return None
        return self.calendar.working_days_between(*span)


def now_at(at: datetime) -> Now:
    """The calendar in force and the policy of the day, for lists read at wall moment ``at``."""
    return Now(at, current_calendar(), due_soon_days(at.date()))


def shown(show: Show, now: Now) -> tuple[ColumnElement[bool], ...]:
    if show in SINGLE:
        return (words.verdict_is(SINGLE[show], now.at, now.soon_until),)
    return GROUPS[show](now)


GROUPS: dict[Show, Callable[[Now], tuple[ColumnElement[bool], ...]]] = {
    Show.ALL: lambda _now: (),
    Show.OPEN: lambda _now: (words.is_open(),),
    Show.DUE: lambda now: (
        words.is_running(now.at),
        Case.ruling_due_at >= now.at,
        Case.ruling_due_at <= now.soon_until,
    ),
    Show.MISSING_TERM: lambda now: (
        _any_of(words.verdict_is(Verdict.OPEN_NO_TERM, now.at), words.verdict_is(Verdict.NO_TERM, now.at)),
    ),
    Show.STALE: lambda now: (words.is_overdue(now.at), words.is_stale()),
    Show.FAULT: lambda now: (_any_of(Case.data_fault.is_not(None), words.verdict_is(Verdict.UNKNOWN_END, now.at)),),
    Show.GONE: lambda _now: (Case.gone_since.is_not(None),),
    Show.MOVED: lambda _now: (Case.id.in_(_recorded()), Case.ruling_due_at > Case.due_at),
    Show.SUPPLEMENT_AGAIN: lambda _now: (Case.id.in_(_asked_again()),),
    Show.BODY_WAITS: lambda now: paused_for_a_body(
        waiting_since(now.calendar, now.at.date(), question_days(now.at.date()))
    ),
    Show.DUE_TOO_SHORT: lambda _now: (Case.id.in_(_different("too_short")),),
    Show.DUE_TOO_LONG: lambda _now: (Case.id.in_(_different("too_long")),),
    Show.DUE_CHANGED: lambda _now: (Case.id.in_(_changed("due_later", "due_earlier")),),
}
"""The lists of more than one word."""


def _recorded() -> Any:
    return union_all(select(Pause.case_id), select(CaseExtension.case_id))


def _asked_again() -> Any:
    """Cases with more than one standing request for a supplement, told as pauses or as statuses of their source."""
    later = aliased(Pause)
    replaced = select(later.id).where(later.replaces_id == Pause.id).correlate(Pause).exists()
    asked = select(Pause.case_id).where(Pause.kind == words.word("supplement"), Pause.voided.is_(False), ~replaced)
    told = _changed("supplement_again").where(CaseChange.field != SUPPLEMENT_FIELD)
    return union_all(asked.group_by(Pause.case_id).having(func.count() > 1), told)


def waiting_since(calendar: WorkingCalendar, today: date, days: int) -> date:
    """The last day on which a body may have been asked, so that its term of so many working days is over today."""
    return days_back(calendar, today, days + 1) if calendar.covers(today) else today - timedelta(days=2 * days)


def paused_for_a_body(since: date) -> tuple[ColumnElement[bool], ...]:
    """Open cases with a recorded pause for another body that began by ``since`` and that nobody has ended (§3.11)."""
    later = aliased(Pause)
    replaced = select(later.id).where(later.replaces_id == Pause.id).correlate(Pause).exists()
    began = Pause.started_at <= clock.end_of(since)
    standing = (Pause.kind == words.word("other_body"), Pause.ended_at.is_(None), Pause.voided.is_(False), ~replaced)
    return (words.is_open(), Case.id.in_(select(Pause.case_id).where(*standing, began)))


def _different(kind: str) -> Any:
    return select(ComputedDue.case_id).where(ComputedDue.difference == words.word(kind))


def _changed(*kinds: str) -> Select[int]:
    return select(CaseChange.case_id).where(CaseChange.kind.in_([words.word(kind) for kind in kinds]))


def _any_of(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """One of several conditions, each found by its own partial index; SQLite reads the whole table for a plain OR."""
    parts = [select(Case.id).where(condition).correlate(None) for condition in conditions]
    return Case.id.in_(union_all(*parts))


def period_column(show: Show) -> InstrumentedAttribute[Any]:
    """What a period means in a list: the end for answered cases, the due moment for open ones, else the receipt."""
    if show in BY_FINISH:
        return Case.finished_at
    return Case.ruling_due_at if show in BY_DUE else Case.received_at


def between(column: InstrumentedAttribute[Any], first: date | None, last: date | None) -> Iterator[ColumnElement[bool]]:
    if first is not None:
        yield column >= datetime.combine(first, datetime.min.time())
    if last is not None:
        yield column <= clock.end_of(last)


def overdue_aged(bucket: AgeBucket, now: Now) -> ColumnElement[bool]:
    """Overdue by so many working days: a span of due days, so that the index on the due moment serves it."""
    least, most = AGE_BOUNDS[bucket]
    today = now.at.date()
    if not now.calendar.covers(today):
        raise Refused(
            "calendars.year_missing",
            year=today.year,
            first=f"{now.calendar.first:%d/%m/%Y}",
            last=f"{now.calendar.last:%d/%m/%Y}",
        )
    last = days_back(now.calendar, today, least)
    first = days_back(now.calendar, today, most + 1) + timedelta(days=1) if most is not None else None
    return and_(words.is_overdue(now.at), *between(Case.ruling_due_at, first, last))


def days_back(calendar: WorkingCalendar, today: date, working_days: int) -> date:
    """The latest day from which at least so many working days have passed by ``today``."""
    day = today
    number = calendar.number(today)
    while day > calendar.first and number - calendar.number(day) < working_days:
        day -= timedelta(days=1)
    return day


def late_aged(bucket: AgeBucket) -> ColumnElement[bool]:
    least, most = AGE_BOUNDS[bucket]
    days = working_days_between(Case.ruling_due_at, Case.finished_at)
    return and_(words.is_late(), days >= least, *((days <= most,) if most is not None else ()))
