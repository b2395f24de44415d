"""What the pages of a batch show: its differences and remarks by pages, its place in the queue, what it opened.

The caller has checked that the viewer may see the batch.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, func, null, or_, select

from portal.accountability.breaches.models import Breach
from portal.cases.models import Case, CaseChange
from portal.cases.name_queries import NAMED, names_of_all
from portal.database import db
from portal.guard import Viewer
from portal.imports.models import Batch, BatchChange, BatchRow
from portal.imports.queries import BatchQuery
from portal.imports.rules import BatchState

PAGE = 200
Counted = Sequence[tuple[str, int]]
GLANCE = 30
"""So many differences and remarks stand on the page of the batch itself."""
DECIDED = (BatchState.APPLIED, BatchState.UNDONE)
QUEUED = (BatchState.WAITING, BatchState.TO_APPLY)
WORKED = (BatchState.READING, BatchState.APPLYING)
DEAD_AFTER = timedelta(seconds=60)
"""A worker that gave no sign of life for so long is dead; another takes its batch over."""


@dataclass(frozen=True)
class Shown:
    """One page of a long list: its rows, how many stand before them, and how many there are in all."""

    rows: Sequence[Any]
    before: int
    total: int

    @property
    def next_after(self) -> int | None:
        """The id of the last row shown, where more follow."""
        return self.rows[-1].id if self.rows and self.before + len(self.rows) < self.total else None


def page_of(found: Select[Any], ident: Any, after: int, limit: int) -> Shown:
    """The rows of a statement whose ``ident`` lies after ``after``, in its order, with exact counts."""
    counted = found.with_only_columns(ident.label("id")).order_by(None).subquery()
    total, before = func.count(), func.count().filter(counted.c.id <= after)
    counts = [select(each).select_from(counted).scalar_subquery() for each in (total, before)]
    page = found.where(ident > after).order_by(ident).limit(limit)
    rows = db.session.execute(page.add_columns(counts[0].label("in_all"), counts[1].label("before"))).all()
    if rows:
        return Shown(rows, rows[0].before, rows[0].in_all)
    passed = db.session.scalar(select(total).select_from(counted)) or 0
    return Shown((), passed, passed)


# --- differences


def _changes_of(batch: Batch) -> tuple[Any, Any, Any]:
    """The differences of a batch: of its preview, or once it was applied those that are kept for good."""
    if batch.state in DECIDED:
        columns = (CaseChange.id, null().label("row_number"), Case.code, CaseChange.field)
        kept: Any = select(*columns, CaseChange.old, CaseChange.new, CaseChange.kind, CaseChange.case_id)
        kept = kept.join(Case, Case.id == CaseChange.case_id)
        return kept.where(CaseChange.batch_id == batch.id), CaseChange.id, CaseChange
    shown = (BatchChange.id, BatchChange.row_number, BatchChange.code, BatchChange.field, BatchChange.old)
    seen: Any = select(*shown, BatchChange.new, BatchChange.kind, null().label("case_id"))
    return seen.where(BatchChange.batch_id == batch.id), BatchChange.id, BatchChange


def changes_of(batch: Batch, kind: str = "", field: str = "", *, after: int = 0, limit: int = PAGE) -> Shown:
    """Differences a batch makes or made in known cases, of one kind or field where asked."""
    found, ident, model = _changes_of(batch)
    if kind:
        found = found.where(model.kind == kind)
    if field:
        found = found.where(model.field == field)
    return page_of(found, ident, after, limit)


def counted_changes(batch: Batch) -> tuple[Counted, Counted]:
    """The differences of a batch by kind and by field, the most frequent first.

    What the plan counted says it; a batch from before plans counted has its rows counted.
    """
    if "kinds" in batch.effects:
        gone = batch.gone if batch.state in DECIDED else 0
        kinds, fields = Counter(batch.effects["kinds"]), Counter(batch.effects["fields"])
        return _ordered(kinds + Counter(gone=gone)), _ordered(fields + Counter(gone_since=gone))
    found, ident, model = _changes_of(batch)
    rows = found.with_only_columns(model.kind, model.field, func.count(ident).label("n"))
    kinds, fields = Counter[str](), Counter[str]()
    for kind, field, n in db.session.execute(rows.group_by(model.kind, model.field)):
        kinds[kind] += n
        fields[field] += n
    return _ordered(kinds), _ordered(fields)


def _ordered(counts: Mapping[str, int]) -> Counted:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def names_in(changes: Iterable[Any]) -> dict[str, dict[int, str]]:
    """The names of rows that differences mention by number, by field."""
    numbers: dict[str, set[int]] = {}
    for change in changes:
        if change.field in NAMED:
            values = (value for value in (change.old, change.new) if value and value.isdigit())
            numbers.setdefault(change.field, set()).update(int(value) for value in values)
    return names_of_all(numbers)


# --- remarks on rows


def remarks_of(batch_id: int, kinds: Iterable[str], *, after: int = 0, limit: int = PAGE) -> Shown:
    """What a batch says of its rows, in the order of the file."""
    columns = (BatchRow.id, BatchRow.kind, BatchRow.row_number, BatchRow.heading, BatchRow.value)
    found = select(*columns, BatchRow.reason, BatchRow.facts)
    found = found.where(BatchRow.batch_id == batch_id, BatchRow.kind.in_(list(kinds)))
    return page_of(found, BatchRow.id, after, limit)


# --- the queue


def opened_by(batch_id: int) -> int:
    """How many breaches stand on what this batch told."""
    found = select(func.count()).select_from(Breach).where(Breach.batch_id == batch_id)
    return db.session.scalar(found) or 0


def queue_before(batch: Batch, at: datetime) -> tuple[int, bool]:
    """How many large files are before this one, and whether anybody is at work on the queue at all.

    Somebody is: another batch shows a sign of life of the last minute, or this one has waited for less.
    """
    alive = and_(Batch.state.in_([str(state) for state in WORKED]), Batch.worked_at > at - DEAD_AFTER)
    waiting = Batch.state.in_([str(state) for state in (*QUEUED, *WORKED)])
    counts = select(
        func.count().filter(and_(waiting, Batch.id < batch.id)),
        func.count().filter(alive),
        func.count().filter(
            and_(Batch.id == batch.id, or_(Batch.worked_at.is_(None), Batch.worked_at > at - DEAD_AFTER))
        ),
    ).select_from(Batch)
    before, busy, fresh = db.session.execute(counts).one()
    return before, bool(busy or fresh)


def untold(viewer: Viewer) -> Sequence[Batch]:
    """Large files this viewer brought that a job has finished with and whose page they have not seen since."""
    if viewer.user_id is None:
        return ()
    found = BatchQuery.visible_to(viewer).statement.where(
        Batch.told_at.is_(None),
        Batch.worker.is_not(None),
        Batch.uploaded_by == (viewer.label or viewer.name)[:200],
        Batch.state.not_in([str(state) for state in (*QUEUED, *WORKED, BatchState.DISCARDED, BatchState.UNDONE)]),
    )
    return db.session.scalars(found.order_by(Batch.id.desc()).limit(5)).all()
