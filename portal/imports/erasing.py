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

VALUES: tuple[tuple[type[Base], tuple[str, ...]], ...] = (
    (BatchRow, ("value",)),
    (BatchChange, ("old", "new")),
    (BatchBefore, ("facts",)),
    (PendingRow, ("before",)),
)
"""What batches keep of the cells of a file. What was applied stands in the cases and their changes for good."""


def erase(today: date, at: datetime) -> dict[str, int]:
    """Erase what is older than the policy of ``today`` says. A file that was brought again later stays until then.

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
    return {"erased": erased, "pruned": pruned}


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
