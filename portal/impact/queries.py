"""What a change of the calendar would move: read by the very code that writes it afterwards, without writing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any

from sqlalchemy import Date, func, select

from portal.accountability.breaches.models import Breach
from portal.accountability.breaches.queries import BreachQuery
from portal.calendars import drafting
from portal.calendars.models import CalendarDraft, CalendarVersion
from portal.calendars.queries import current_version_id
from portal.cases.models import Case, ProcedureTerm
from portal.cases.projecting import concerned, moves
from portal.cases.recounting import rules_now, would_move
from portal.cases.words import is_open, is_overdue
from portal.database import db
from portal.deadlines import WorkingCalendar
from portal.directory.models import Unit
from portal.guard import Viewer
from portal.impact.models import ImpactCase, ImpactPreview
from portal.impact.rules import Counts, Effect, LastHourChange, Moved, State, counts_of, effect_of
from portal.policy.queries import term_policies_as_if

CALENDAR, LAST_HOUR = "calendar", "last_hour"
PART = 5_000
AT_ONCE = 900
"""Ids in one statement: SQLite takes a thousand."""


@dataclass(frozen=True)
class Found:
    """The numbers of a preview and the cases behind them."""

    counts: Counts
    moved: Sequence[Moved]


@dataclass(frozen=True)
class Line:
    """One moved case as a list shows it; nothing of the applicant."""

    code: str
    unit: str
    was: datetime
    becomes: datetime
    effect: str


def open_concerned() -> Sequence[int]:
    """The open cases whose due moment may be another than the printed one: only they move with the calendar."""
    return concerned(is_open())


def found_for(draft: CalendarDraft, ids: Sequence[int], now: datetime) -> Found:
    """What a change would do at wall moment ``now``. Refused where it cannot be made any more."""
    old, new = (content.calendar_of_terms() for content in drafting.outlook(drafting.changes_of(draft)))
    moved = list(_moved(ids, new, now))
    corrections = _standing([case.case_id for case in moved if case.effect is Effect.NO_LONGER_OVERDUE])
    own = would_move(rules_now(new), now).own_changed if terms_count() else 0
    return Found(counts_of(moved, aged=_aged(old, new, now), corrections=corrections, own_changed=own), moved)


def found_for_rule(change: LastHourChange, now: datetime) -> Found:
    """What another last-hour rule would do at wall moment ``now``: it moves counts of our own, no printed date."""
    policy = term_policies_as_if(change.value, change.valid_from)
    effect = would_move(rules_now(policy=policy), now)
    return Found(Counts(moved=effect.moved, becomes_overdue=effect.overdue, own_changed=effect.own_changed), ())


def terms_count() -> bool:
    """Whether any procedure has a term, so that there are counts of our own beside the printed dates."""
    return db.session.scalar(select(ProcedureTerm.id).limit(1)) is not None


def _moved(ids: Sequence[int], calendar: WorkingCalendar, now: datetime) -> Iterator[Moved]:
    wanted = iter(ids)
    while part := list(islice(wanted, PART)):
        for move in moves(part, calendar):
            becomes = move.ruling.due_at
            if move.was is None or becomes is None or move.was == becomes:
                continue
            running = move.meaning == "open" and move.ruling.paused_since is None
            yield Moved(move.case_id, move.was, becomes, effect_of(move.was, becomes, now), running)


def _aged(old: WorkingCalendar, new: WorkingCalendar, now: datetime) -> int:
    """How many overdue cases count another number of working days late; one statement, grouped by due day."""
    due_on = func.date(Case.ruling_due_at, type_=Date())
    rows = db.session.execute(select(due_on, func.count()).where(is_overdue(now)).group_by(due_on))
    return sum(count for due, count in rows if _late(old, due, now) != _late(new, due, now))


def _late(calendar: WorkingCalendar, due: date, now: datetime) -> int | None:
    if not (calendar.covers(due) and calendar.covers(now.date())):
        return None
    return calendar.working_days_between(due, now.date())


def _standing(case_ids: Sequence[int]) -> int:
    """How many breaches of these cases stand; each would be proposed to be cancelled, for a person to decide."""
    standing = BreachQuery.visible_to(Viewer.for_command()).standing()
    found = 0
    for start in range(0, len(case_ids), AT_ONCE):
        part = case_ids[start : start + AT_ONCE]
        found += BreachQuery(standing.statement.where(Breach.case_id.in_(part))).count()
    return found


def lines_of(moved: Iterable[Moved]) -> list[Line]:
    """Moved cases with code and unit, in their order."""
    cases = list(moved)
    named: dict[int, Any] = {}
    for start in range(0, len(cases), AT_ONCE):
        part = [case.case_id for case in cases[start : start + AT_ONCE]]
        wanted = select(Case.id, Case.code, Unit.name).join(Unit, Unit.id == Case.resolving_unit_id)
        named |= {row.id: row for row in db.session.execute(wanted.where(Case.id.in_(part)))}
    return [
        Line(named[case.case_id].code, named[case.case_id].name, case.was, case.becomes, case.effect.value)
        for case in cases
    ]


def preview_of(draft: CalendarDraft) -> ImpactPreview | None:
    """The counted or waiting preview of a draft against the calendar it is held against now."""
    return _preview(CALENDAR, draft.id, draft.base_version_id)


def preview_of_rule(change: LastHourChange) -> ImpactPreview | None:
    """The counted or waiting preview of a change of the last-hour rule, under the calendar in force."""
    return _preview(LAST_HOUR, change.number, current_version_id())


def _preview(cause: str, cause_id: int, base_id: int) -> ImpactPreview | None:
    wanted = select(ImpactPreview).where(
        ImpactPreview.cause == cause, ImpactPreview.cause_id == cause_id, ImpactPreview.base_id == base_id
    )
    found: ImpactPreview | None = db.session.scalars(wanted).first()
    return found


def next_preview() -> ImpactPreview | None:
    """The oldest preview that waits or was left at work."""
    waiting = select(ImpactPreview).where(ImpactPreview.state.in_([str(State.WAITING), str(State.WORKING)]))
    found: ImpactPreview | None = db.session.scalars(waiting.order_by(ImpactPreview.id)).first()
    return found


def kept_cases(preview: ImpactPreview, limit: int | None = None) -> list[Moved]:
    """The cases of a counted preview, those that become overdue first."""
    first = ImpactCase.effect != str(Effect.BECOMES_OVERDUE)
    wanted = select(ImpactCase).where(ImpactCase.preview_id == preview.id).order_by(first, ImpactCase.case_id)
    rows = db.session.scalars(wanted.limit(limit) if limit else wanted)
    return [Moved(row.case_id, row.was, row.becomes, Effect(row.effect), True) for row in rows]


def newest_version() -> int | None:
    """The calendar version in force; None before any is loaded."""
    found: int | None = db.session.scalar(select(func.max(CalendarVersion.id)))
    return found


def preview_waits() -> bool:
    """Whether a preview is to be counted."""
    return next_preview() is not None


def counts_json(counts: Counts) -> dict[str, int]:
    """The numbers as they are kept with a preview."""
    return asdict(counts)
