"""Importing: read and check a file, plan what it does, apply the plan in one transaction; map names.

The slow parts (reading, checking, planning) come before ``commit()``. Inside it the plan is used as it stands when
nothing it rests on has changed since (``queries.stamp``), and made anew otherwise.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from portal.audit import actor_label, record
from portal.cases.models import Source
from portal.cases.rules import Meaning
from portal.clock import VIETNAM
from portal.database import db, transition
from portal.guard import Viewer
from portal.imports import bulk, queries
from portal.imports.checking import Checked, Draft, check
from portal.imports.events import BatchApplied, BatchDiscarded, BatchUploaded, NameIgnored, NameMapped
from portal.imports.header import Header, key_of
from portal.imports.listing import Listed, list_of
from portal.imports.models import Batch, PendingRow, SourceName
from portal.imports.moments import Moment
from portal.imports.placing import Placement, place, stored_ids
from portal.imports.planning import Change, Plan, Terms, plan
from portal.imports.reading import FileFault, read
from portal.imports.rules import BatchState, Counts, DateOrder, Fact, NameKind, NameState, Remark
from portal.refusal import Refused
from portal.vietnamese import clean

DEFAULT_SOURCE = "Hệ thống một cửa"
KEPT_DAYS = 90
UNIT_COLUMNS = ("resolving_unit_id", "receiving_unit_id")


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """What whoever imports says beside the file. ``as_of`` None: the newest past moment in the file."""

    source: str = DEFAULT_SOURCE
    as_of: datetime | None = None
    full_extract: bool = False
    create_unknown: bool = False
    order: DateOrder = DateOrder.DAY_FIRST
    chosen: Mapping[Fact, int] | None = None
    sheet: str | None = None


@dataclass(frozen=True, slots=True)
class Upload:
    """A file on the disk, and the name its user knows it by."""

    path: Path
    name: str

    def fingerprint(self) -> tuple[str, int]:
        """SHA-256 and size."""
        data = self.path.read_bytes()
        return hashlib.sha256(data).hexdigest(), len(data)


@dataclass(slots=True)
class Prepared:
    """A file that was read, checked and planned, and what the plan rests on."""

    upload: Upload
    wishes: Wishes
    listed: Listed
    checked: Checked
    placement: Placement
    plan: Plan
    stamp: queries.Stamp
    sha256: str
    size: int

    @property
    def header(self) -> Header:
        """The header the columns were read by."""
        return self.listed.header


@dataclass(frozen=True, slots=True)
class Applied:
    """What applying did."""

    batch: Batch
    plan: Plan
    written: int
    gone: int


# --- before the transaction


def list_in(upload: Upload, wishes: Wishes) -> Listed:
    """Read the list of a file. Its header may be unsure (``Header.is_sure``); other faults raise FileFault."""
    source = queries.source_by_name(wishes.source)
    remembered = queries.remembered_list(source.id) if source else None
    db.session.rollback()  # the child may take a while: no read stays open meanwhile
    return list_of(read(upload.path, upload.name), remembered=remembered, chosen=wishes.chosen)


def demand_sure(header: Header) -> None:
    """Raise FileFault naming the columns that are missing or unclear, where there are any."""
    row = header.rows[-1] if header.rows else None
    if header.unclear:
        fact, headings = next(iter(header.unclear.items()))
        raise FileFault(
            "unclear_column", row=row, fact=fact.value, headings=", ".join(f"«{name}»" for name in headings)
        )
    if header.missing:
        raise FileFault("missing_column", row=row, missing=[fact.value for fact in header.missing])


def prepare(upload: Upload, wishes: Wishes, *, at: datetime, listed: Listed | None = None) -> Prepared:
    """Read, check and plan a file; writes nothing. ``at``: the real instant, also in the demonstration: what is later
    has not happened. Raises FileFault."""
    now = at.astimezone(VIETNAM).replace(tzinfo=None, microsecond=0)
    if wishes.as_of is not None and wishes.as_of.date() > now.date():
        raise Refused("imports.as_of_in_future", as_of=f"{wishes.as_of:%d/%m/%Y %H:%M}")
    listed = listed or list_in(upload, wishes)
    demand_sure(listed.header)
    source = queries.source_by_name(wishes.source)
    meanings = {key_of(text): meaning for text, meaning in (source.meanings if source else {}).items()}
    checked = check(listed, now=now, as_of=wishes.as_of, order=wishes.order, meanings=meanings)
    sha256, size = upload.fingerprint()
    stamp = queries.stamp()
    placement, made = make_plan(checked, source.id if source else 0, wishes.create_unknown)
    return Prepared(upload, wishes, listed, checked, placement, made, stamp, sha256, size)


def make_plan(checked: Checked, source_id: int, create_unknown: bool) -> tuple[Placement, Plan]:
    """Ask the directory and the known cases what a checked file will do."""
    directory = queries.load_directory(checked.data_as_of.date())
    placement = place(checked, directory, create_unknown=create_unknown)
    known = queries.known_cases(placed.draft.code for placed in placement.placed)
    return placement, plan(checked, placement, known, Terms(source_id, checked.data_as_of, queries.owners()))


# --- the command: read, plan and apply in one go


def import_prepared(prepared: Prepared, *, by: Viewer | None, at: datetime) -> Applied:
    """Apply a prepared file as a new batch, inside ``commit()``."""
    bulk.take_turn()
    source = ensure_source(prepared.wishes.source)
    _fresh(prepared, source.id, prepared.wishes.create_unknown)
    return _write(_new_batch(prepared, source, by=by, at=at), prepared, by=by, at=at)


def ensure_source(name: str) -> Source:
    """The source of this name; a new one is made."""
    name = clean(name)[:200] or DEFAULT_SOURCE
    found = queries.source_by_name(name)
    if found is None:
        found = Source(name=name, meanings={})
        db.session.add(found)
        db.session.flush()
    return found


def _new_batch(prepared: Prepared, source: Source, *, by: Viewer | None, at: datetime) -> Batch:
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
    )
    _tell(batch, prepared)
    db.session.add(batch)
    db.session.flush()
    return batch


def _tell(batch: Batch, prepared: Prepared) -> None:
    """Write onto a batch what its file and the plan say."""
    wishes, counts = prepared.wishes, prepared.plan.counts
    batch.data_as_of, batch.asked_as_of = prepared.checked.data_as_of, wishes.as_of
    batch.full_extract, batch.create_unknown = wishes.full_extract, wishes.create_unknown
    batch.date_order = wishes.order.value
    batch.mapping = columns_of(prepared.header)
    batch.headings = {str(column): heading for column, heading in prepared.header.headings.items()}
    batch.state_hash = prepared.plan.fingerprint()
    batch.warnings = len(prepared.plan.warnings)
    _tell_counts(batch, counts)


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


def _fresh(prepared: Prepared, source_id: int, create_unknown: bool) -> None:
    """Plan again where something the plan rests on has moved since. The turn is taken: nothing moves from here on."""
    if queries.stamp() != prepared.stamp:
        prepared.placement, prepared.plan = make_plan(prepared.checked, source_id, create_unknown)


def _write(batch: Batch, prepared: Prepared, *, by: Viewer | None, at: datetime) -> Applied:
    """Write the plan of a batch."""
    placement, made, as_of = prepared.placement, prepared.plan, prepared.checked.data_as_of
    _make_unknown(placement, made)
    for row in made.rows:
        row["source_id"] = batch.source_id
    written = bulk.write_cases(made.rows, batch.id)
    bulk.confirm(made.confirmed, as_of, batch.id)
    bulk.write_changes(made.changes, batch.id)
    gone = bulk.mark_gone(batch.source_id, made.codes, as_of, batch.id) if batch.full_extract else 0
    _leave_waiting(batch, placement, made, prepared.checked, at)
    _tell_counts(batch, made.counts)
    batch.warnings, batch.gone = len(made.warnings), gone
    batch.state, batch.applied_by, batch.applied_at = BatchState.APPLIED.value, _name_of(by), at
    db.session.flush()
    record(_applied_event(batch, placement), entity_id=batch.id, by=by, at=at)
    return Applied(batch, made, written, gone)


def _make_unknown(placement: Placement, made: Plan) -> None:
    """Store the units, people and procedures an import makes, and put their ids into the rows."""
    units = bulk.insert_units(placement.units, queries.single_root() if placement.units else None)
    people = bulk.insert_people(placement.people, units)
    procedures = bulk.insert_procedures(placement.procedures)
    for columns, ids in ((UNIT_COLUMNS, units), (("officer_id",), people), (("procedure_id",), procedures)):
        if ids:
            stored_ids(made.rows, ids, columns)
            made.changes = [_with_id(change, ids, columns) for change in made.changes]


def _with_id(change: Change, ids: Mapping[int, int], columns: Sequence[str]) -> Change:
    if change.field in columns and change.new is not None and int(change.new) < 0:
        return replace(change, new=str(ids[int(change.new)]))
    return change


def _leave_waiting(batch: Batch, placement: Placement, made: Plan, checked: Checked, at: datetime) -> None:
    """Keep what could not be placed, and what is to be said of single rows."""
    pending = [_pending_row(draft, batch, checked) for draft, _ in made.pending]
    bulk.write_pending(pending)
    bulk.settle_pending(made.accepted, at)
    bulk.queue_names(placement.waiting.values(), batch.id, at)
    write_remarks(batch, made)


def write_remarks(batch: Batch, made: Plan) -> None:
    """Write what a batch says of its rows, in place of what its last preview said."""
    waiting = {id(remark) for _, remark in made.pending}
    remarks = [("pending" if id(remark) in waiting else "rejected", remark) for remark in made.problems]
    remarks += [("warning", remark) for remark in made.warnings]
    bulk.forget_remarks(batch.id)
    bulk.write_remarks(batch.id, remarks)


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


# --- the pages: upload, answer, preview, apply, discard


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


def save_preview(prepared: Prepared, *, by: Viewer, at: datetime, batch: Batch | None = None) -> Batch:
    """Keep a preview: a new batch, or a known one previewed again. No case changes."""
    if batch is None:
        source = ensure_source(prepared.wishes.source)
        batch = _new_batch(prepared, source, by=by, at=at)
        record(_uploaded_event(batch, source), entity_id=batch.id, by=by, at=at)
    else:
        _demand_open(batch)
        _tell(batch, prepared)
        batch.state = BatchState.PREVIEWED.value
        db.session.flush()
    write_remarks(batch, prepared.plan)
    return batch


def _uploaded_event(batch: Batch, source: Source) -> BatchUploaded:
    return BatchUploaded(file_name=batch.file_name, file_sha256=batch.file_sha256, source=source.name)


def _demand_open(batch: Batch) -> None:
    if batch.state not in (BatchState.UPLOADED, BatchState.PREVIEWED):
        raise Refused("imports.already_decided")


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


def apply_batch(batch: Batch, prepared: Prepared, *, by: Viewer, at: datetime) -> Applied:
    """Apply a previewed batch. Raises Refused where the file or the effect is no longer what the preview showed."""
    bulk.take_turn()
    if batch.state != BatchState.PREVIEWED:
        raise Refused("imports.already_decided")
    if prepared.sha256 != batch.file_sha256:
        raise Refused("imports.other_file")
    _fresh(prepared, batch.source_id, batch.create_unknown)
    if prepared.plan.fingerprint() != batch.state_hash:
        raise Refused("imports.preview_outdated")
    transition(Batch, batch.id, where={"state": BatchState.PREVIEWED.value}, to={"state": BatchState.APPLIED.value})
    db.session.refresh(batch)
    return _write(batch, prepared, by=by, at=at)


def discard(batch: Batch, *, by: Viewer, at: datetime) -> None:
    """Throw a batch away that was not applied."""
    _demand_open(batch)
    batch.state = BatchState.DISCARDED.value
    db.session.flush()
    record(BatchDiscarded(file_name=batch.file_name), entity_id=batch.id, by=by, at=at)


def files_to_forget(at: datetime) -> Sequence[str]:
    """Hashes of uploaded files older than 90 days; their content is to be erased (domain rules, facts in, 9)."""
    return queries.oldest_kept(at - timedelta(days=KEPT_DAYS))


# --- names


@dataclass(slots=True)
class Mapped:
    """What mapping a name did."""

    cases: int = 0
    still_pending: int = 0
    remarks: list[Remark] = field(default_factory=list)


def map_unit(name: SourceName, unit_id: int, *, by: Viewer, at: datetime, today: date) -> Mapped:
    """Tie a written unit to a unit of the directory and let the rows that waited for it become cases."""
    bulk.take_turn()
    _demand_waiting(name, NameKind.UNIT)
    if queries.unit_in_force(unit_id, today) is None:
        raise Refused("imports.unit_not_in_force")
    name.unit_match, name.state = unit_id, NameState.MAPPED.value
    db.session.flush()
    done = Mapped()
    waiting: dict[int, list[PendingRow]] = {}
    for row in queries.pending_of_unit(name.folded):
        waiting.setdefault(row.batch_id, []).append(row)
    for batch_id, rows in sorted(waiting.items()):
        _place_waiting(batch_id, rows, done, at)
    _record_mapped(name, done, by, at)
    return done


def _place_waiting(batch_id: int, rows: Sequence[PendingRow], done: Mapped, at: datetime) -> None:
    """Let the waiting rows of one batch become cases of that batch."""
    first = rows[0]
    drafts, facts = [], set[Fact]()
    for row in rows:
        draft, of_row = _draft_of(row.payload)
        drafts.append(draft)
        facts |= of_row
    checked = Checked(first.data_as_of, frozenset(facts), {}, drafts=drafts)
    placement, made = make_plan(checked, first.source_id, False)
    _make_unknown(placement, made)
    bulk.write_cases(made.rows, batch_id)
    bulk.confirm(made.confirmed, first.data_as_of, batch_id)
    bulk.write_changes(made.changes, batch_id)
    bulk.settle_pending(made.accepted, at)
    bulk.queue_names(placement.waiting.values(), batch_id, at)
    done.cases += len(made.accepted)
    done.still_pending += len(made.pending)
    done.remarks += made.warnings


def map_officer(name: SourceName, person_id: int, *, by: Viewer, at: datetime) -> Mapped:
    """Tie a written name to a person posted in the unit, and give them the cases that name them."""
    bulk.take_turn()
    _demand_waiting(name, NameKind.OFFICER)
    if name.unit_id is None or queries.person_in_unit(person_id, name.unit_id) is None:
        raise Refused("imports.person_not_in_unit")
    name.person_match, name.state = person_id, NameState.MAPPED.value
    db.session.flush()
    cases = queries.cases_without_officer(name.unit_id)
    meant = [case.id for case in cases if key_of(case.officer_name) == name.folded]
    bulk.assign_officer(meant, person_id)
    # Without a batch: mapping says who was meant all the time; it is no change of officer in the source.
    bulk.write_changes((Change(case_id, "officer_id", None, str(person_id), "mapped") for case_id in meant), None)
    done = Mapped(cases=len(meant))
    _record_mapped(name, done, by, at)
    return done


def _record_mapped(name: SourceName, done: Mapped, by: Viewer, at: datetime) -> None:
    event = NameMapped(
        name_kind=name.kind, name=name.text, unit_id=name.unit_match, person_id=name.person_match, cases=done.cases
    )
    record(event, entity_id=name.id, by=by, at=at)


def ignore_name(name: SourceName, *, by: Viewer, at: datetime) -> None:
    """Put a name aside: it is nobody of the directory. Only officers' names: a case always has a unit."""
    _demand_waiting(name, NameKind.OFFICER)
    name.state = NameState.IGNORED.value
    db.session.flush()
    record(NameIgnored(name_kind=name.kind, name=name.text), entity_id=name.id, by=by, at=at)


def _demand_waiting(name: SourceName, kind: NameKind) -> None:
    if name.kind != kind or name.state != NameState.WAITING:
        raise Refused("imports.name_decided")


# --- rows that wait, as they are kept


def _pending_row(draft: Draft, batch: Batch, checked: Checked) -> dict[str, Any]:
    unit = draft.text(Fact.UNIT)
    return {
        "code": draft.code,
        "unit_text": unit,
        "unit_folded": key_of(unit),
        "batch_id": batch.id,
        "source_id": batch.source_id,
        "data_as_of": checked.data_as_of,
        "payload": payload_of(draft, checked.facts),
        "settled_at": None,
    }


def payload_of(draft: Draft, facts: frozenset[Fact]) -> str:
    """A draft as text, to be taken up again when its unit is known."""
    moments = {
        fact.value: [moment.at.isoformat(), moment.precision] for fact, moment in draft.moments.items() if moment
    }
    said = {
        "row": draft.row,
        "code": draft.code,
        "texts": {fact.value: text for fact, text in draft.texts.items()},
        "moments": moments,
        "meaning": draft.meaning.value,
        "data_fault": draft.data_fault,
        "end": [draft.end.at.isoformat(), draft.end.precision] if draft.end else None,
        "end_from": draft.end_from,
        "facts": sorted(fact.value for fact in facts),
    }
    return json.dumps(said, ensure_ascii=False, sort_keys=True)


def _draft_of(payload: str) -> tuple[Draft, frozenset[Fact]]:
    said = json.loads(payload)
    draft = Draft(
        row=said["row"],
        code=said["code"],
        texts={Fact(fact): text for fact, text in said["texts"].items()},
        moments={Fact(fact): _moment_of(moment) for fact, moment in said["moments"].items()},
        meaning=Meaning(said["meaning"]),
        data_fault=said["data_fault"],
        end=_moment_of(said["end"]),
        end_from=said["end_from"],
    )
    return draft, frozenset(Fact(fact) for fact in said["facts"])


def _moment_of(said: Sequence[str] | None) -> Moment | None:
    return Moment(datetime.fromisoformat(said[0]), said[1]) if said else None
