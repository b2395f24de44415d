"""Taking an applied batch back while nothing was built on it: its cases say again what they said before.

What an import made in the directory stays: units, people and procedures may be known elsewhere by now. Differences are
append-only, so the way back is told as further differences of kind ``undone``, tied to the same batch.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from portal.audit import actor_label, record
from portal.cases.models import Case
from portal.cases.projecting import concerned, project
from portal.database import db, transition
from portal.guard import Viewer
from portal.imports import bulk, queries
from portal.imports.events import BatchUndone
from portal.imports.models import Batch, BatchBefore
from portal.imports.planning import ALONG, QUIET, Change, as_text
from portal.imports.rules import BatchState
from portal.imports.staging import take_turn
from portal.refusal import Refused
from portal.sources.bulk import set_newest

UNDONE_WITHIN = timedelta(days=90)
"""So long the earlier facts of changed cases are kept; afterwards a batch stays."""


@dataclass(frozen=True, slots=True)
class Undone:
    """What undoing did: cases put back, moments put back, cases and marks removed."""

    batch: Batch
    restored: int
    moved_back: int
    removed: int
    unmarked: int


def built_on(batch: Batch) -> list[tuple[str, int]]:
    """What stands on an applied batch and keeps it: (what, how many). Empty: it can be undone.

    ``breaches``, ``breach_ends`` and ``corrections`` rest on its facts; ``apologies`` are letters of its new cases;
    ``later_batches`` are cases a later batch told of; ``pending_mapped`` rows, ``names_mapped`` and
    ``officers_mapped`` were decided by people; ``records`` are other rows of its new cases.
    """
    if batch.state != BatchState.APPLIED or batch.applied_at is None:
        return []
    return [(what, n) for what, n in queries.built_on(batch.id, batch.applied_at).items() if n]


def undo_batch(batch: Batch, *, by: Viewer | None, at: datetime) -> Undone:
    """Put everything back that applying a batch changed. Inside ``commit()``. Raises Refused where it is too late."""
    take_turn()
    if batch.state != BatchState.APPLIED or batch.applied_at is None:
        raise Refused("imports.already_decided")
    if batch.erased_at is not None or batch.applied_at < at - UNDONE_WITHIN:
        raise Refused("imports.too_late_to_undo", days=UNDONE_WITHIN.days)
    standing = built_on(batch)
    if standing:
        raise Refused("imports.built_on", what=standing[0][0], n=standing[0][1])
    transition(Batch, batch.id, where={"state": BatchState.APPLIED.value}, to={"state": BatchState.UNDONE.value})
    db.session.refresh(batch)
    done = _put_back(batch)
    batch.undone_by, batch.undone_at = ((by.label or by.name) if by else actor_label())[:200], at
    db.session.flush()
    event = BatchUndone(
        file_name=batch.file_name,
        source=batch.source.name,
        restored=done.restored,
        moved_back=done.moved_back,
        removed=done.removed,
        unmarked=done.unmarked,
    )
    record(event, entity_id=batch.id, by=by, at=at)
    return done


def _put_back(batch: Batch) -> Undone:
    updates: list[tuple[int, dict[str, Any]]] = []
    changes: list[Change] = []
    for before, now in queries.befores_of(batch.id):
        earlier = {name: _typed(name, value) for name, value in (before.facts or {}).items()}
        moved = {"data_as_of": before.data_as_of, "last_batch_id": before.last_batch_id}
        updates.append((before.case_id, {**earlier, **moved}))
        told = [name for name in earlier if name not in QUIET and name not in ALONG]
        changes.extend(
            Change(before.case_id, name, as_text(now[name]), as_text(earlier[name]), "undone") for name in told
        )
    moved_back = bulk.move_back(batch.id)
    restored = bulk.update_cases(updates)
    project(concerned(Case.id.in_(select(BatchBefore.case_id).where(BatchBefore.batch_id == batch.id))))
    bulk.write_changes(changes, batch.id)
    unmarked = bulk.unmark_gone(batch.id)
    removed = bulk.remove_new(batch.id)
    if batch.applied_at is not None:
        bulk.restore_waiting(batch.id, batch.applied_at)
    set_newest(batch.source_id, queries.newest_data(batch.source_id))
    bulk.forget_names(batch.id)
    bulk.forget_befores(batch.id)
    return Undone(batch, restored, moved_back, removed, unmarked)


def _typed(name: str, value: Any) -> Any:
    if value is not None and (name.endswith("_at") or name == "gone_since"):
        return datetime.fromisoformat(value)
    return value


def prune(at: datetime) -> int:
    """Forget the earlier facts of batches too old to be undone; gives the rows removed. Inside ``commit()``."""
    return bulk.prune_befores(at - UNDONE_WITHIN)
