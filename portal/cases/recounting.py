"""Counting many cases anew, off the request: work that waits as a row, done in batches, stopped and taken up again.

``portal cases project``, the job of the timetable and the previews of a change all stand on this. Breaches are frozen
and not touched; what a change means for them are proposals of the next opening run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import and_, exists, func, literal, or_, select

from portal.audit import actor_label, record
from portal.calendars.models import CalendarVersion
from portal.calendars.queries import calendar_for_terms, current_version_id, printing_calendars
from portal.cases import bulk
from portal.cases.counting import Rules, counted, rows_after
from portal.cases.events import CasesProjected
from portal.cases.models import Case, CaseChange, CaseExtension, Pause, ProcedureTerm, Projection
from portal.cases.rules import Meaning
from portal.cases.terms import terms_of
from portal.cases.words import Condition, is_open
from portal.database import Instant, commit, db
from portal.deadlines import WorkingCalendar
from portal.guard import Viewer
from portal.policy.queries import term_policies

AT_ONCE = 20_000
"""Cases of one transaction: a second or two, so that nobody waits for it."""
CALENDAR_CHANGED = "Lịch làm việc thay đổi"
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
BASE_FIELDS = ("received_at", "due_at", "procedure_id", "finished_at")
"""The facts a count rests on."""


@dataclass
class Effect:
    """What counting anew does: cases looked at, ruling moments that move, cases that become overdue, own counts that
    change. ``frozen``: breaches that change, which is none."""

    cases: int = 0
    moved: int = 0
    overdue: int = 0
    own_changed: int = 0
    frozen: int = 0

    def as_counts(self) -> dict[str, int]:
        """For the tally of a job and the answer of a command."""
        return {"cases": self.cases, "moved": self.moved, "own_changed": self.own_changed}


def rules_now(
    calendar: WorkingCalendar | None = None, terms: Mapping[int, Any] | None = None, version_id: int | None = None
) -> Rules:
    """By what is counted now; ``calendar`` or ``terms``: as they would be after a change."""
    return Rules(
        calendar or calendar_for_terms(),
        version_id or current_version_id(),
        terms_of() if terms is None else terms,
        term_policies(),
        printing_calendars(),
    )


def would_move(rules: Rules, at: datetime, *conditions: Condition) -> Effect:
    """What counting the open cases anew by ``rules`` would do, without doing it; ``at``: wall moment of now.

    It reads every open case under the conditions: for a million that takes as long as doing it.
    """
    found, after = Effect(), 0
    while rows := rows_after(after, AT_ONCE, is_open(), *conditions):
        after = rows[-1].id
        known = bulk.own_counts(rows[0].id, after)
        for one in counted(rows, rules):
            found.cases += 1
            found.own_changed += known.get(one.row.id) != (one.own.due_at, one.own.difference)
            found.moved += one.is_moved
            found.overdue += one.is_moved and _becomes_overdue(one.row, one.ruling, at)
    return found


def _becomes_overdue(row: Any, ruling: Any, at: datetime) -> bool:
    if row.meaning != Meaning.OPEN or ruling.paused_since is not None or ruling.due_at is None:
        return False
    was = row.paused_since is None and row.ruling_due_at is not None and row.ruling_due_at < at
    return bool(ruling.due_at < at and not was)


def ask(
    reason: str, *, by: Viewer | None, at: datetime, procedure_id: int | None = None, batch_id: int | None = None
) -> Projection:
    """Put work into the queue: all open cases, or those of a procedure or a batch. Inside ``commit()``.

    What waits for all open cases already serves every later wish.
    """
    if procedure_id is None and batch_id is None:
        waiting = select(Projection).where(Projection.scope == "open", Projection.state == "waiting")
        known: Projection | None = db.session.scalars(waiting.limit(1)).first()
        if known is not None:
            return known
    scope = "procedure" if procedure_id is not None else "batch" if batch_id is not None else "open"
    row = Projection(
        scope=scope, scope_id=procedure_id if procedure_id is not None else batch_id, reason=reason[:300],
        author=((by.label or by.name) if by else actor_label())[:200], asked_at=at, state="waiting",
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    return row


def ask_for_batch(batch_id: int, reason: str, *, by: Viewer | None, at: datetime) -> None:
    """Let the cases of a batch be counted, where any procedure has a term at all."""
    if db.session.scalar(select(ProcedureTerm.id).limit(1)) is not None:
        ask(reason, by=by, at=at, batch_id=batch_id)


def is_waiting() -> bool:
    """Whether any work waits, or the calendar was changed since all open cases were counted; looks at small tables."""
    return db.session.scalar(select(Projection.id).where(_to_do()).limit(1)) is not None or is_outdated()


def keep_up(at: datetime) -> None:
    """Ask for all open cases where the calendar was changed since. Not inside ``commit()``."""
    if is_outdated():
        with commit():
            ask(CALENDAR_CHANGED, by=None, at=at)


def is_outdated() -> bool:
    """Whether the calendar was changed after all open cases were last to be counted, and anything rests on it."""
    counted_at = select(func.max(Projection.asked_at)).where(Projection.scope == "open").scalar_subquery()
    newer = exists().where(CalendarVersion.made_at > func.coalesce(counted_at, literal(LONG_AGO, Instant())))
    rests = or_(
        exists().where(ProcedureTerm.id > 0), exists().where(Pause.id > 0), exists().where(CaseExtension.id > 0)
    )
    return bool(db.session.scalar(select(and_(newer, rests))))


def _to_do() -> Condition:
    return or_(Projection.state == "waiting", Projection.state == "running")


def work(at: datetime, batches: int | None = None) -> Effect:
    """Do what waits, one transaction for each batch; ``batches``: at most so many. Stopped anywhere, it goes on from
    the last batch. Not inside ``commit()``."""
    found, left = Effect(), batches
    while left is None or left > 0:
        with commit():
            row = db.session.scalars(select(Projection).where(_to_do()).order_by(Projection.id).limit(1)).first()
            if row is None:
                return found
            _advance(row, found, at)
        left = None if left is None else left - 1
    return found


def _advance(row: Projection, found: Effect, at: datetime) -> None:
    rows = rows_after(row.after_id, AT_ONCE, *_scope(row))
    if not rows:
        row.state, row.finished_at = "done", at
        db.session.flush()
        event = CasesProjected(
            reason=row.reason, cases=row.cases_done, moved=row.cases_moved, own_changed=row.counts_changed
        )
        record(event, entity_id=row.id, by=None, at=at)
        return
    rules = rules_now()
    results = list(counted(rows, rules))
    moved = bulk.write_rulings([(one.row.id, one.ruling) for one in results if one.is_moved])
    changed = bulk.write_own_counts([one.own for one in results], rules.version_id)
    row.state, row.after_id = "running", rows[-1].id
    row.cases_done += len(rows)
    row.cases_moved += moved
    row.counts_changed += changed
    found.cases += len(rows)
    found.moved += moved
    found.own_changed += changed


def _scope(row: Projection) -> tuple[Condition, ...]:
    if row.scope == "procedure":
        return (is_open(), Case.procedure_id == row.scope_id)
    if row.scope == "batch":
        told = select(CaseChange.case_id).where(CaseChange.batch_id == row.scope_id, CaseChange.field.in_(BASE_FIELDS))
        return (or_(Case.first_batch_id == row.scope_id, Case.id.in_(told)),)
    return (is_open(),)


def last_projections(count: int = 10) -> list[Projection]:
    """The latest work, newest first."""
    return list(db.session.scalars(select(Projection).order_by(Projection.id.desc()).limit(count)))


def open_cases() -> int:
    """How many cases are open."""
    return db.session.scalar(select(func.count()).select_from(Case).where(is_open())) or 0
