"""Our own count of due moments, beside the printed ones: what it is, and how the ruling moment stands to it.

One case at a time, by the one arithmetic of ``deadlines``; ``alike`` counts together the many of which nothing is
recorded. It accuses nobody: the printed date rules.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, select

from portal.calendars.queries import PrintedBy
from portal.cases.models import Case, CaseExtension, Pause, ProcedureTerm
from portal.cases.moving import Own, Ruling, extension_of, moment_of, pause_of, ruling_of
from portal.cases.pause_queries import standing_between
from portal.cases.projecting import BASES
from portal.cases.terms import as_term, in_force
from portal.cases.words import Condition
from portal.database import db
from portal.deadlines import (
    DayOutsideCalendar,
    Moment,
    Precision,
    Term,
    TermPolicy,
    TermUnit,
    WorkingCalendar,
    computed_due,
)

COLUMNS: tuple[Any, ...] = (*BASES, Case.received_precision, Case.procedure_id)
FAR = Moment(datetime(9000, 1, 1))
Known = dict[tuple[Moment, Term, TermPolicy], Moment | None]
"""Due moments that were counted by one calendar already."""


@dataclass(frozen=True)
class Rules:
    """By what is counted: a calendar with its version, the terms of procedures, the policy of a day of receipt."""

    calendar: WorkingCalendar
    version_id: int
    terms: Mapping[int, Sequence[ProcedureTerm]]
    policy: Callable[[date], TermPolicy]
    printed_by: PrintedBy
    known: Known = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Counted:
    """A case counted anew: what would rule it, what rules it now, and our own count."""

    row: Row[Any]
    ruling: Ruling
    own: Own

    @property
    def is_moved(self) -> bool:
        """Whether the ruling moment, or what it rests on, becomes another one."""
        now = self.row.ruling_due_at, self.row.ruling_due_precision, self.row.moved_by, self.row.paused_since
        return now != (self.ruling.due_at, self.ruling.precision, self.ruling.moved_by, self.ruling.paused_since)


def rows_of(*conditions: Condition) -> Sequence[Row[Any]]:
    """The cases under some conditions, in the order of their numbers."""
    return db.session.execute(select(*COLUMNS).where(*conditions).order_by(Case.id)).all()


def counted(rows: Sequence[Row[Any]], rules: Rules) -> Iterator[Counted]:
    """Each of some cases (in the order of their numbers) counted anew by ``rules``; writes nothing."""
    if not rows:
        return
    span = rows[0].id, rows[-1].id
    pauses, extensions = _by_case(standing_between(Pause, *span)), _by_case(standing_between(CaseExtension, *span))
    for row in rows:
        paused, extended = pauses.get(row.id, ()), extensions.get(row.id, ())
        ruling = _as_printed(row)
        if paused or extended or row.moved_by:
            ruling = ruling_of(row, paused, extended, rules.calendar, rules.printed_by(row.received_at))
        yield Counted(row, ruling, _own(row, ruling, paused, extended, rules))


def _as_printed(row: Row[Any]) -> Ruling:
    return Ruling(row.due_at, row.due_precision)


def _own(
    row: Row[Any], ruling: Ruling, pauses: Sequence[Pause], extensions: Sequence[CaseExtension], rules: Rules
) -> Own:
    received_on = row.received_at.date()
    term = in_force(rules.terms.get(row.procedure_id, ()), received_on)
    if term is None:
        return Own(row.id, None, None, None, None, False)
    policy = rules.policy(received_on)
    due = _due(row, term, pauses, extensions, policy, rules)
    if due is None:
        return Own(row.id, None, None, None, None, False)
    difference = difference_of(ruling.due_at, due, TermUnit(term.unit))
    return Own(row.id, term.id, due.at, due.precision.value, difference, policy.last_hour_rule)


def _due(
    row: Row[Any], term: ProcedureTerm, pauses: Sequence[Pause], extensions: Sequence[CaseExtension],
    policy: TermPolicy, rules: Rules,
) -> Moment | None:  # fmt: skip
    received = moment_of(row.received_at, row.received_precision)
    over = [one for one in (pause_of(row, each) for each in pauses) if one.ended is not None]
    granted = [extension_of(each) for each in extensions]
    if not (over or granted):
        return plain_due(received, as_term(term), rules)
    try:
        return computed_due(received, as_term(term), over, granted, rules.calendar, policy, until=FAR)
    except DayOutsideCalendar:
        return None


def plain_due(received: Moment, term: Term, rules: Rules) -> Moment | None:
    """When a term ends of which nothing is recorded; None beyond the calendar. Equal questions are counted once."""
    policy = rules.policy(received.day)
    key = received, term, policy
    if key not in rules.known:
        try:
            rules.known[key] = term.due(received, rules.calendar, policy)
        except DayOutsideCalendar:
            rules.known[key] = None
    return rules.known[key]


def difference_of(ruling_at: datetime | None, due: Moment, unit: TermUnit) -> str | None:
    """How the ruling moment stands to our own count: ``too_short``, ``too_long``, None where they agree.

    Days are compared, for terms in hours moments: the desk prints the hour of the appointment as it likes.
    """
    if ruling_at is None:
        return None
    by_day = unit is not TermUnit.WORKING_HOURS or due.precision is Precision.DAY
    ours: Any = due.day if by_day else due.at
    printed: Any = ruling_at.date() if by_day else ruling_at
    if printed == ours:
        return None
    return "too_short" if printed < ours else "too_long"


def _by_case(rows: Sequence[Any]) -> Mapping[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for row in rows:
        found.setdefault(row.case_id, []).append(row)
    return found
