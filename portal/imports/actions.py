"""Importing: say what a prepared file does, do it in one transaction, or throw it away.

A preview does all that applying does and rolls it back, so that it cannot say anything else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from portal import clock
from portal.audit import actor_label, record
from portal.cases.models import Source
from portal.database import commit, db, rehearsal, transition
from portal.guard import Viewer
from portal.imports import bulk, queries
from portal.imports.events import BatchApplied, BatchDiscarded, BatchUploaded
from portal.imports.header import Header
from portal.imports.models import Batch
from portal.imports.placing import Placement
from portal.imports.planning import LONGEST_LIST, Plan
from portal.imports.preparing import (
    DEFAULT_SOURCE,
    Prepared,
    Progress,
    Upload,
    Wishes,
    freshen,
    tell_progress,
    uncollected,
)
from portal.imports.rules import BatchState, Counts, DateOrder, Door, Fact
from portal.imports.staging import take_turn
from portal.imports.waiting import leave_waiting, write_remarks
from portal.imports.writing import carry_out
from portal.refusal import Refused
from portal.sources.actions import remember_columns
from portal.sources.bulk import note_contact, note_words
from portal.sources.rules import WordKind
from portal.vietnamese import clean

REMEMBERED = "Các cột của tệp {name}"
"""Why a source remembers columns; kept with the version, whatever the reader's language."""
APPLICABLE = (BatchState.PREVIEWED.value, BatchState.TO_APPLY.value, BatchState.APPLYING.value)
OPEN_STATES = (BatchState.WAITING, BatchState.READING, BatchState.UPLOADED, *APPLICABLE)
"""States of batches that were not decided yet."""


@dataclass(frozen=True, slots=True)
class Applied:
    """What applying did."""

    batch: Batch
    plan: Plan
    written: int
    gone: int


def import_prepared(
    prepared: Prepared,
    *,
    by: Viewer | None,
    at: datetime,
    door: Door = Door.COMMAND,
    strict: bool = False,
    progress: Progress | None = None,
) -> Applied:
    """Apply a prepared file as a new batch, inside ``commit()``. ``strict``: refused where a row is no case yet."""
    if strict and prepared.plan.problems:
        raise Refused("imports.strict", n=len(prepared.plan.problems))
    take_turn()
    source = ensure_source(prepared.wishes.source)
    batch = _new_batch(prepared, source, by=by, at=at, door=door)
    return _write(batch, prepared, by=by, at=at, progress=progress)


def apply_batch(
    batch: Batch, prepared: Prepared, *, by: Viewer | None, at: datetime, progress: Progress | None = None
) -> Applied:
    """Apply a previewed batch. Raises Refused where the file or the effect is no longer what the preview showed."""
    take_turn()
    if batch.state not in APPLICABLE:
        raise Refused("imports.already_decided")
    if prepared.sha256 != batch.file_sha256:
        raise Refused("imports.other_file")
    transition(Batch, batch.id, where={"state": APPLICABLE}, to={"state": BatchState.APPLIED.value})
    db.session.refresh(batch)
    return _write(batch, prepared, by=by, at=at, expected=batch.state_hash, progress=progress)


def _write(
    batch: Batch,
    prepared: Prepared,
    *,
    by: Viewer | None,
    at: datetime,
    expected: str | None = None,
    progress: Progress | None = None,
) -> Applied:
    """Apply a batch. ``expected``: the fingerprint of the preview; refused where the effect is another."""
    freshen(prepared, batch.source_id)
    with uncollected():
        made, written, state_hash = carry_out(
            batch, prepared, at, bound=expected is not None, expected=expected, progress=progress
        )
    leave_waiting(batch, prepared.placement, made, prepared.checked, at)
    _teach(batch, prepared, by=by, at=at)
    bulk.forget_shown(batch.id)
    _tell_counts(batch, made.counts)
    batch.effects, batch.state_hash = made.effects(), state_hash
    batch.warnings, batch.gone = len(made.warnings), made.gone
    batch.state, batch.applied_by, batch.applied_at = BatchState.APPLIED.value, _name_of(by), at
    db.session.flush()
    record(_applied_event(batch, prepared.placement), entity_id=batch.id, by=by, at=at)
    tell_progress(progress, "applied", prepared.listed)
    prepared.plan = made
    return Applied(batch, made, written, made.gone)


def _teach(batch: Batch, prepared: Prepared, *, by: Viewer | None, at: datetime) -> None:
    """The source remembers its columns, its words, and that data came. A program names its facts itself."""
    if batch.door != Door.API:
        columns, headings = prepared.header.as_mapping(), set(prepared.header.named.values())
        reason = REMEMBERED.format(name=batch.file_name)
        remember_columns(batch.source, columns, headings, reason, by=by, at=at, batch_id=batch.id)
    for kind, fact in ((WordKind.STATUS, Fact.STATUS), (WordKind.CHANNEL, Fact.CHANNEL)):
        words = Counter(prepared.checked.texts.get(fact, ()))
        if words:
            note_words(batch.source_id, kind, words, at)
    note_contact(batch.source_id, at, prepared.checked.data_as_of)


def _applied_event(batch: Batch, placement: Placement) -> BatchApplied:
    if batch.data_as_of is None:  # pragma: no cover - a planned batch knows its moment
        raise ValueError("a batch without a moment of its data")
    return BatchApplied(
        file_name=batch.file_name,
        file_sha256=batch.file_sha256,
        source=batch.source.name,
        data_as_of=batch.data_as_of,
        full_extract=batch.full_extract,
        gone=batch.gone,
        units_made=len(placement.units),
        people_made=len(placement.people),
        procedures_made=len(placement.procedures),
        **batch.counts,
    )


class _OnlyLooking(Exception):
    """Ends a look: everything is rolled back."""


def look(prepared: Prepared) -> Plan:
    """What a prepared file would do as a new batch; nothing is written. Not inside ``commit()``."""
    at = clock.now()
    try:
        with commit():
            take_turn()
            source = ensure_source(prepared.wishes.source)
            made, _ = _rehearse(_new_batch(prepared, source, by=None, at=at, door=Door.COMMAND), prepared, at)
            raise _OnlyLooking
    except _OnlyLooking:
        return made


def keep_upload(upload: Upload, header: Header, wishes: Wishes, *, by: Viewer, at: datetime) -> Batch:
    """A file whose columns are not sure waits for an answer: which column holds which fact."""
    sha256, size = upload.fingerprint()
    source = ensure_source(wishes.source)
    batch = Batch(
        source_id=source.id,
        unit_id=_unit_of(by),
        file_name=clean(upload.name)[-300:],
        file_sha256=sha256,
        size=size,
        state=BatchState.UPLOADED.value,
        asked_as_of=wishes.as_of,
        full_extract=wishes.full_extract,
        create_unknown=wishes.create_unknown,
        date_order=wishes.order.value,
        mapping=columns_of(header),
        headings={str(column): heading for column, heading in header.headings.items()},
        uploaded_by=_name_of(by),
        uploaded_at=at,
    )
    db.session.add(batch)
    db.session.flush()
    record(_uploaded_event(batch, source), entity_id=batch.id, by=by, at=at)
    return batch


def save_preview(
    prepared: Prepared, *, by: Viewer | None, at: datetime, batch: Batch | None = None, door: Door = Door.PAGE
) -> Batch:
    """Keep a preview: a new batch, or a known one previewed again. No case changes. Inside ``commit()``."""
    take_turn()
    if batch is None:
        source = ensure_source(prepared.wishes.source)
        batch = _new_batch(prepared, source, by=by, at=at, door=door)
        record(_uploaded_event(batch, source), entity_id=batch.id, by=by, at=at)
    else:
        _demand_open(batch)
        _tell(batch, prepared)
        db.session.flush()
    made, state_hash = _rehearse(batch, prepared, at)
    prepared.plan, batch.state_hash = made, state_hash
    _tell_counts(batch, made.counts)
    batch.effects, batch.warnings = made.effects(), len(made.warnings)
    batch.state = BatchState.PREVIEWED.value
    db.session.flush()
    write_remarks(batch, made)
    shown = sorted(made.changes, key=lambda change: change.row or 0)[:LONGEST_LIST]
    bulk.show_changes(shown, batch.id)
    return batch


def _rehearse(batch: Batch, prepared: Prepared, at: datetime) -> tuple[Plan, str | None]:
    """Do all that applying does, count its effects, and roll it back. Gives the plan and its fingerprint."""
    freshen(prepared, batch.source_id)
    with rehearsal():
        made, _, state_hash = carry_out(batch, prepared, at, bound=True)
        made.breaches = queries.to_open(batch.id, clock.end_of(clock.today()))
    return made, state_hash


def _uploaded_event(batch: Batch, source: Source) -> BatchUploaded:
    return BatchUploaded(file_name=batch.file_name, file_sha256=batch.file_sha256, source=source.name)


def _demand_open(batch: Batch) -> None:
    if batch.state not in OPEN_STATES:
        raise Refused("imports.already_decided")


def discard(batch: Batch, *, by: Viewer, at: datetime) -> None:
    """Throw a batch away that was not applied."""
    _demand_open(batch)
    bulk.forget_shown(batch.id)
    batch.state = BatchState.DISCARDED.value
    db.session.flush()
    record(BatchDiscarded(file_name=batch.file_name), entity_id=batch.id, by=by, at=at)


def wishes_of(batch: Batch, *, chosen: Mapping[Fact, int] | None = None, order: DateOrder | None = None) -> Wishes:
    """What was said when a batch was brought; ``chosen`` and ``order`` are later answers."""
    if chosen is None and batch.state == BatchState.PREVIEWED:
        chosen = {Fact(fact): column for fact, column in batch.mapping.items()}
    return Wishes(
        source=batch.source.name,
        as_of=batch.asked_as_of,
        full_extract=batch.full_extract,
        create_unknown=batch.create_unknown,
        order=order or DateOrder(batch.date_order),
        chosen=chosen,
        sheet=batch.sheet,
    )


def ensure_source(name: str) -> Source:
    """The source of this name; a new one is made."""
    name = clean(name)[:200] or DEFAULT_SOURCE
    found = queries.source_by_name(name)
    if found is None:
        found = Source(name=name, meanings={})
        db.session.add(found)
        db.session.flush()
    return found


def _new_batch(prepared: Prepared, source: Source, *, by: Viewer | None, at: datetime, door: Door) -> Batch:
    batch = Batch(
        source_id=source.id,
        source=source,
        unit_id=_unit_of(by),
        file_name=clean(prepared.upload.name)[-300:],
        file_sha256=prepared.sha256,
        size=prepared.size,
        state=BatchState.PREVIEWED.value,
        uploaded_by=_name_of(by),
        uploaded_at=at,
        door=door.value,
    )
    _tell(batch, prepared)
    db.session.add(batch)
    db.session.flush()
    return batch


def _tell(batch: Batch, prepared: Prepared) -> None:
    """Write onto a batch what its file says and how it was read."""
    wishes = prepared.wishes
    batch.data_as_of, batch.asked_as_of = prepared.checked.data_as_of, wishes.as_of
    batch.full_extract, batch.create_unknown = wishes.full_extract, wishes.create_unknown
    batch.date_order, batch.sheet = wishes.order.value, wishes.sheet
    batch.mapping = columns_of(prepared.header)
    batch.headings = {str(column): heading for column, heading in prepared.header.headings.items()}
    batch.mapping_version = prepared.said.version or None


def _tell_counts(batch: Batch, counts: Counts) -> None:
    batch.rows_total, batch.rows_new, batch.rows_changed = counts.rows, counts.new, counts.changed
    batch.rows_unchanged, batch.rows_pending, batch.rows_rejected = counts.unchanged, counts.pending, counts.rejected


def columns_of(header: Header) -> dict[str, int]:
    """Fact to column, as a batch keeps it beside the headings of the columns."""
    return {fact.value: column for fact, column in header.columns.items()}


def _unit_of(by: Viewer | None) -> int | None:
    """The unit of who brings a file; none for the machine and for commands."""
    return min(by.own_unit_ids, default=None) if by else None


def _name_of(by: Viewer | None) -> str:
    return ((by.label or by.name) if by else actor_label())[:200]
