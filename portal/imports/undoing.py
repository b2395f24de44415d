"""Taking an applied batch back while nothing was built on it: its cases say again what they said before.

What an import made in the directory stays: units, people and procedures may be known elsewhere by now. Differences are
append-only, so the way back is told as further differences of kind ``undone``, tied to the same batch.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from portal.audit import actor_label, record
from portal.cases.models import Case
from portal.cases.projecting import concerned, project
from portal.database import db, transition
from portal.guard import Viewer
from portal.imports import bulk, queries, undoing_bulk
from portal.imports.comparing import as_text, is_moment
from portal.imports.events import BatchUndone
from portal.imports.models import Batch, BatchBefore
from portal.imports.planning import ALONG, QUIET, Change
from portal.imports.rules import BatchState
from portal.imports.staging import SLAB, known_cases, take_turn
from portal.imports.texts import written_moment
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
    befores = queries.befores_of(batch.id)
    changes = list(_told_back(befores))
    restored = 0
    groups: dict[tuple[str, ...], list[BatchBefore]] = {}
    for before in befores:
        groups.setdefault(tuple(before.facts or {}), []).append(before)
    moved_back = undoing_bulk.move_back(batch.id)
    for names, members in groups.items():
        columns = {name: [_raw(name, (before.facts or {})[name]) for before in members] for name in names}
        columns["data_as_of"] = [written_moment(before.data_as_of) for before in members]
        columns["last_batch_id"] = [before.last_batch_id for before in members]
        restored += bulk.update_cases([before.case_id for before in members], columns)
    project(concerned(Case.id.in_(select(BatchBefore.case_id).where(BatchBefore.batch_id == batch.id))))
    bulk.write_changes(changes, batch.id)
    unmarked = undoing_bulk.unmark_gone(batch.id)
    removed = undoing_bulk.remove_new(batch.id)
    if batch.applied_at is not None:
        undoing_bulk.restore_waiting(batch.id, batch.applied_at)
    set_newest(batch.source_id, queries.newest_data(batch.source_id))
    undoing_bulk.forget_names(batch.id)
    undoing_bulk.forget_befores(batch.id)
    return Undone(batch, restored, moved_back, removed, unmarked)


def _told_back(befores: Sequence[BatchBefore]) -> Iterator[Change]:
    """The way back, told as differences."""
    for start in range(0, len(befores), SLAB):
        some = {before.case_id: before.facts or {} for before in befores[start : start + SLAB]}
        known = known_cases(list(some))
        for at, case_id in enumerate(known["id"]):
            for name, was in some[case_id].items():
                if name not in QUIET and name not in ALONG:
                    now, earlier = as_text(name, known[name][at]), as_text(name, _raw(name, was))
                    yield Change(case_id, name, now, earlier, "undone")


def _raw(name: str, value: Any) -> Any:
    """A kept value as ``known_cases`` gives it: JSON may hold moments with a T."""
    return value.replace("T", " ") if value is not None and is_moment(name) else value


def prune(at: datetime) -> int:
    """Forget the earlier facts of batches too old to be undone; gives the rows removed. Inside ``commit()``."""
    return undoing_bulk.prune_befores(at - UNDONE_WITHIN)
