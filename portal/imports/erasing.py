"""Retention: source files and kept cell values are erased after the policy's days; hashes and counts stay."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import func, null, select, update

from portal.audit import record
from portal.database import Base, commit, db, transition
from portal.imports.events import BatchErased
from portal.imports.keeping import uploads
from portal.imports.models import Batch, BatchBefore, BatchChange, BatchRow, PendingRow
from portal.imports.showing import QUEUED, WORKED
from portal.imports.undoing import prune
from portal.policy.queries import upload_keep_days

AT_ONCE = 500
VALUES: tuple[tuple[type[Base], tuple[str, ...]], ...] = (
    (BatchRow, ("value",)),
    (BatchChange, ("old", "new")),
    (BatchBefore, ("facts",)),
    (PendingRow, ("before",)),
)
"""What batches keep of the cells of a file. What was applied stands in the cases and their changes for good."""


def erase(today: date, at: datetime) -> dict[str, int]:
    """Erase what is older than the policy of ``today`` says. A file that was brought again later stays until then.

    ``orphans``: files that no batch speaks of.
    ``pruned``: earlier facts of cases whose batch is too old to be undone.
    """
    days = upload_keep_days(today)
    erased = 0
    for sha256 in over(at - timedelta(days=days)):
        uploads().path(sha256).unlink(missing_ok=True)
        for batch_id in not_erased(sha256):
            with commit():
                _erase_one(batch_id, days, at)
            erased += 1
    with commit():
        pruned = prune(at)
    return {"erased": erased, "pruned": pruned, "orphans": _erase_orphans(at - timedelta(days=days))}


def _erase_orphans(limit: datetime) -> int:
    """Erase kept files that no batch speaks of: what was refused, and what a program sent twice."""
    store = uploads()
    old = [path for path in store.root.glob("??/*") if path.is_file() and path.stat().st_mtime < limit.timestamp()]
    known: set[str] = set()
    for start in range(0, len(old), AT_ONCE):
        names = [path.name for path in old[start : start + AT_ONCE]]
        known.update(db.session.scalars(select(Batch.file_sha256).where(Batch.file_sha256.in_(names))))
    orphans = [path for path in old if path.name not in known]
    for path in orphans:
        path.unlink(missing_ok=True)
    return len(orphans)


def over(limit: datetime) -> Sequence[str]:
    """Hashes of kept files whose every batch is older than ``limit`` and in nobody's hands."""
    busy = func.count().filter(Batch.state.in_([str(state) for state in (*QUEUED, *WORKED)]))
    kept = func.count().filter(Batch.erased_at.is_(None))
    found = select(Batch.file_sha256).group_by(Batch.file_sha256)
    found = found.having(func.max(Batch.uploaded_at) < limit, busy == 0, kept > 0)
    return db.session.scalars(found.order_by(func.min(Batch.id))).all()


def not_erased(sha256: str) -> Sequence[int]:
    """The batches of a file whose values are still kept."""
    found = select(Batch.id).where(Batch.file_sha256 == sha256, Batch.erased_at.is_(None))
    return db.session.scalars(found.order_by(Batch.id)).all()


def _erase_one(batch_id: int, days: int, at: datetime) -> None:
    """Erase the values of one batch; its file is gone already, so that a crash in between erases again."""
    transition(Batch, batch_id, where={"erased_at": None}, to={"erased_at": at})
    for model, columns in VALUES:
        table = model.__table__
        emptied = update(model).where(table.c.batch_id == batch_id).values(dict.fromkeys(columns, null()))
        db.session.execute(emptied, execution_options={"synchronize_session": False})
    batch = db.session.get_one(Batch, batch_id, populate_existing=True)
    event = BatchErased(file_name=batch.file_name, file_sha256=batch.file_sha256, days=days)
    record(event, entity_id=batch_id, by=None, at=at)
