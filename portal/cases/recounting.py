"""Counting many cases anew, off the request: work that waits as a row, done in batches, stopped and taken up again.

``portal cases project``, the job of the timetable and the previews of a change all stand on this. Breaches are frozen
and not touched; what a change means for them are proposals of the next opening run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, exists, func, or_, select

from portal.audit import actor_label, record
from portal.calendars.models import CalendarVersion
from portal.calendars.queries import calendar_for_terms, current_version_id, printing_calendars
from portal.cases import bulk
from portal.cases.alike import counted_after
from portal.cases.counting import Rules
from portal.cases.events import CasesProjected
from portal.cases.models import Case, CaseChange, CaseExtension, Pause, ProcedureTerm, Projection
from portal.cases.rules import Meaning
from portal.cases.terms import terms_of
from portal.cases.words import Condition, is_open
from portal.database import commit, db
from portal.deadlines import TermPolicy, WorkingCalendar
from portal.guard import Viewer
from portal.policy.models import PolicyValue
from portal.policy.queries import LAST_HOUR, term_policies

AT_ONCE = 50_000
"""Cases of one transaction: two or three seconds, so that nobody waits for it long."""
RULES_CHANGED = "Lịch làm việc hoặc quy tắc giờ cuối thay đổi"
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
    calendar: WorkingCalendar | None = None,
    terms: Mapping[int, Any] | None = None,
    policy: Callable[[date], TermPolicy] | None = None,
) -> Rules:
    """By what is counted now; ``calendar``, ``terms`` or ``policy``: as they would be after a change."""
    return Rules(
        calendar or calendar_for_terms(),
        current_version_id(),
        terms_of() if terms is None else terms,
        policy or term_policies(),
        printing_calendars(),
    )


def would_move(rules: Rules, at: datetime, *conditions: Condition) -> Effect:
    """What counting the open cases anew by ``rules`` would do, without doing it; ``at``: wall moment of now.

    It counts every open case under the conditions: for a million that takes about as long as doing it.
    """
    found, after = Effect(), 0
    while True:
        with counted_after(after, AT_ONCE, rules, is_open(), *conditions) as window:
            if window is None:
                return found
            moved = [one for one in window.alone if one.is_moved]
            found.cases += window.cases
            found.own_changed += bulk.changed_own_counts()
            found.moved += len(moved)
            found.overdue += sum(_becomes_overdue(one.row, one.ruling, at) for one in moved)
            after = window.last_id


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
    """Ask for all open cases where the calendar or the last-hour rule was changed since. Not inside ``commit()``."""
    if is_outdated():
        with commit():
            ask(RULES_CHANGED, by=None, at=at)


def is_outdated() -> bool:
    """Whether the open cases were not counted yet by the calendar in force and the last-hour rule, and anything rests
    on them."""
    last = select(func.max(Projection.calendar_version_id), func.max(Projection.asked_at))
    version_id, asked_at = db.session.execute(last.where(Projection.scope == "open")).one()
    newer: Condition = exists().where(CalendarVersion.id > (version_id or 0))
    if asked_at is not None:
        newer = or_(newer, exists().where(PolicyValue.key == LAST_HOUR, PolicyValue.edited_at > asked_at))
    return bool(db.session.scalar(select(and_(newer, _rests()))))


def anything_rests() -> bool:
    """Whether any procedure has a term or any case a pause or an extension: else no calendar moves anything."""
    return bool(db.session.scalar(select(_rests())))


def _rests() -> Condition:
    return or_(exists().where(ProcedureTerm.id > 0), exists().where(Pause.id > 0), exists().where(CaseExtension.id > 0))


def following(version_id: int) -> Projection | None:
    """The work by which the open cases follow a version of the calendar; None where it was not begun."""
    wanted = select(Projection).where(Projection.scope == "open", Projection.calendar_version_id == version_id)
    found: Projection | None = db.session.scalars(wanted.order_by(Projection.id).limit(1)).first()
    return found


def _to_do() -> Condition:
    return or_(Projection.state == "waiting", Projection.state == "running")


def work(at: datetime, batches: int | None = None) -> Effect:
    """Do what waits, one transaction for each batch; ``batches``: at most so many. Stopped anywhere, it goes on from
    the last batch. Not inside ``commit()``."""
    found, left, rules = Effect(), batches, None
    while left is None or left > 0:
        with commit():
            row = db.session.scalars(select(Projection).where(_to_do()).order_by(Projection.id).limit(1)).first()
            if row is None:
                return found
            rules = _renewed(rules)
            _advance(row, found, rules, at)
        left = None if left is None else left - 1
    return found


def _renewed(rules: Rules | None) -> Rules:
    """What is in force at this batch; what was counted stays known while the calendar is the same."""
    now = rules_now()
    return replace(now, known=rules.known) if rules is not None and rules.calendar is now.calendar else now


def _advance(row: Projection, found: Effect, rules: Rules, at: datetime) -> None:
    if row.state == "waiting" and row.scope == "open":
        row.calendar_version_id = rules.version_id
    with counted_after(row.after_id, AT_ONCE, rules, *_scope(row)) as window:
        if window is None:
            _end(row, at)
            return
        moved = bulk.write_rulings([(one.row.id, one.ruling) for one in window.alone if one.is_moved])
        changed = bulk.keep_own_counts(rules.version_id)
    row.state, row.after_id = "running", window.last_id
    row.cases_done += window.cases
    row.cases_moved += moved
    row.counts_changed += changed
    found.cases += window.cases
    found.moved += moved
    found.own_changed += changed


def _end(row: Projection, at: datetime) -> None:
    row.state, row.finished_at = "done", at
    db.session.flush()
    event = CasesProjected(
        reason=row.reason, cases=row.cases_done, moved=row.cases_moved, own_changed=row.counts_changed
    )
    record(event, entity_id=row.id, by=None, at=at)


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
