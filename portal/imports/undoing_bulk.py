"""Set-based taking back of a batch, inside the open ``commit()``."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Integer, select, text, update

from portal.database import db, dialect
from portal.imports.models import Batch, BatchBefore, PendingRow, SourceName
from portal.imports.rules import BatchState, NameState
from portal.imports.staging import CASES, temporary, unstage

SEEN = "import_seen"
"""A temporary table."""


def move_back(batch_id: int) -> int:
    """Give cases that a batch only confirmed their earlier moment and batch back; says how many."""
    result = db.session.execute(
        text(
            "UPDATE cases SET data_as_of = b.data_as_of, last_batch_id = b.last_batch_id, version = version + 1 "
            "FROM batch_befores b WHERE b.case_id = cases.id AND b.batch_id = :batch AND b.facts IS NULL"
        ),
        {"batch": batch_id},
    )
    return int(result.rowcount)  # type: ignore[attr-defined]


def remove_new(batch_id: int) -> int:
    """Remove the cases a batch brought; says how many."""
    result = db.session.execute(text("DELETE FROM cases WHERE first_batch_id = :batch"), {"batch": batch_id})
    return int(result.rowcount)  # type: ignore[attr-defined]


def unmark_gone(batch_id: int) -> int:
    """Take the marks back that a full extract set on what it lacked; says how many."""
    temporary(SEEN, {"id": Integer(), "since": CASES.c.gone_since.type})
    marked = (
        f"INSERT INTO {SEEN} SELECT c.id, c.gone_since FROM cases c JOIN case_changes g ON g.case_id = c.id "  # noqa: S608
        "WHERE g.batch_id = :batch AND g.kind = 'gone' AND c.gone_since IS NOT NULL"
    )
    db.session.execute(text(marked), {"batch": batch_id})
    iso = "to_char(since, 'YYYY-MM-DD\"T\"HH24:MI:SS')" if dialect() == "postgresql" else "replace(since, ' ', 'T')"
    told = (
        "INSERT INTO case_changes (case_id, batch_id, field, old, new, kind) "  # noqa: S608
        f"SELECT id, :batch, 'gone_since', {iso}, NULL, 'undone' FROM {SEEN} ORDER BY id"
    )
    db.session.execute(text(told), {"batch": batch_id})
    taken = f"UPDATE cases SET gone_since = NULL, version = version + 1 WHERE id IN (SELECT id FROM {SEEN})"  # noqa: S608
    result = db.session.execute(text(taken))
    unstage(SEEN)
    return int(result.rowcount)  # type: ignore[attr-defined]


def restore_waiting(batch_id: int, applied_at: datetime) -> None:
    """Rows in no unit as they stood before a batch: its own go, those it replaced or settled wait again."""
    waiting: Any = PendingRow.__table__
    replaced = select(waiting.c.id, waiting.c.before).where(
        waiting.c.batch_id == batch_id, waiting.c.before.is_not(None)
    )
    for row in db.session.execute(replaced).all():
        earlier = dict(row.before)
        for name in ("data_as_of", "settled_at"):
            earlier[name] = datetime.fromisoformat(earlier[name]) if earlier[name] else None
        db.session.execute(update(waiting).where(waiting.c.id == row.id).values({"before": None, **earlier}))
    db.session.execute(waiting.delete().where(waiting.c.batch_id == batch_id))
    settled = update(waiting).where(waiting.c.batch_id != batch_id, waiting.c.settled_at == applied_at)
    db.session.execute(settled.values(settled_at=None))


def forget_names(batch_id: int) -> None:
    """Take names out of the queue that only this batch wrote; where later batches came, they may write them too."""
    names: Any = SourceName.__table__
    waiting = (names.c.batch_id == batch_id) & (names.c.state == NameState.WAITING.value)
    batches: Any = Batch.__table__
    later = select(batches.c.id).where(batches.c.id > batch_id, batches.c.state == BatchState.APPLIED.value)
    db.session.execute(names.delete().where(waiting, ~later.exists()))


def forget_befores(batch_id: int) -> None:
    """Remove what undoing a batch needed."""
    befores: Any = BatchBefore.__table__
    db.session.execute(befores.delete().where(befores.c.batch_id == batch_id))


def prune_befores(applied_before: datetime) -> int:
    """Remove what undoing batches applied before a moment would need; says how many rows."""
    befores: Any = BatchBefore.__table__
    batches: Any = Batch.__table__
    old = select(batches.c.id).where(batches.c.applied_at < applied_before)
    return int(db.session.execute(befores.delete().where(befores.c.batch_id.in_(old))).rowcount)  # type: ignore[attr-defined]
