"""Importing: read and check a file, say what it does, do it in one transaction, take it back; map names.

Reading, checking and placing come before ``commit()``; inside it the rows are placed anew where the directory has
moved since (``queries.stamp``). What is new, changed and unchanged is asked of the cases as they stand inside the
transaction. A preview does all that applying does and rolls it back, so that it cannot say anything else.
"""

from __future__ import annotations

import gc
import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from portal import clock
from portal.audit import actor_label, record
from portal.cases import bulk as case_bulk
from portal.cases.models import Source
from portal.cases.projecting import project, project_batch
from portal.cases.recounting import ask_for_batch
from portal.cases.rules import Meaning
from portal.clock import VIETNAM
from portal.database import commit, db, rehearsal, transition
from portal.guard import Viewer
from portal.imports import bulk, queries
from portal.imports.checking import Checked, Draft, check
from portal.imports.comparing import Comparing
from portal.imports.events import BatchApplied, BatchDiscarded, BatchUploaded, NameIgnored, NameMapped
from portal.imports.header import Header, key_of
from portal.imports.listing import Listed, list_of
from portal.imports.models import Batch, PendingRow, SourceName
from portal.imports.moments import Moment
from portal.imports.placing import Placement, place, with_ids
from portal.imports.planning import LONGEST_LIST, Change, Plan, Terms, asks_again, draw_up
from portal.imports.reading import Chunk, FileFault, Sheet, read
from portal.imports.rules import BatchState, Counts, DateOrder, Door, Fact, NameKind, NameState, Outcome, Remark
from portal.imports.staging import CODES, Met, known_cases, meet, take_turn, unstage
from portal.imports.texts import written_moment
from portal.imports.undoing import Undone, built_on, prune, undo_batch
from portal.refusal import Refused
from portal.sources.actions import demand_active, remember_columns
from portal.sources.bulk import note_contact, note_words
from portal.sources.meanings import folded
from portal.sources.queries import current_mapping, owners
from portal.sources.rules import NOTHING, Vocabulary, WordKind
from portal.vietnamese import clean

__all__ = ["Undone", "built_on", "prune", "undo_batch"]

DEFAULT_SOURCE = "Hệ thống một cửa"
REMEMBERED = "Các cột của tệp {name}"
"""Why a source remembers columns; kept with the version, whatever the reader's language."""
SUPPLEMENT_COLUMN = "supplement_asked_at"
UNIT_COLUMNS = ("resolving_unit_id", "receiving_unit_id")
APPLICABLE = (BatchState.PREVIEWED.value, BatchState.TO_APPLY.value, BatchState.APPLYING.value)
OPEN_STATES = (BatchState.WAITING, BatchState.READING, BatchState.UPLOADED, *APPLICABLE)
"""States of batches that were not decided yet."""

Progress = Callable[[str, int, int | None], None]
"""Told the phase (``read``, ``checked``, ``applied``), the rows done and all rows."""
Made = Mapping[str, Mapping[int, int]]
"""Column of cases to the ids of what an import made: by their negative places, the stored ones."""


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
    """None: the one list of the file; ``*``: every sheet that carries the header; else the name of a sheet."""


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
    """A file that was read, checked and placed. ``plan`` holds what the file itself tells: problems and remarks."""

    upload: Upload
    wishes: Wishes
    listed: Listed
    checked: Checked
    placement: Placement
    plan: Plan
    stamp: queries.Stamp
    sha256: str
    size: int
    said: Vocabulary = NOTHING
    """How the source's words were read."""

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


def list_in(upload: Upload, wishes: Wishes, *, progress: Progress | None = None) -> Listed:
    """Read the list of a file. Its header may be unsure (``Header.is_sure``); other faults raise FileFault."""
    return _list_in(upload, wishes, wishes.order, progress)


def cells_in(upload: Upload, wishes: Wishes) -> Listed:
    """The same with every cell as it stands, for writing rows again."""
    return _list_in(upload, wishes, None, None)


def _list_in(upload: Upload, wishes: Wishes, order: DateOrder | None, progress: Progress | None) -> Listed:
    source = queries.source_by_name(wishes.source)
    remembered = queries.remembered_list(source.id) if source else None
    db.session.rollback()  # the child may take a while: no read stays open meanwhile
    parts = _counted(read(upload.path, upload.name), progress)
    with _uncollected():
        return list_of(parts, remembered=remembered, chosen=wishes.chosen, sheet=wishes.sheet, order=order)


def _counted(parts: Iterator[Sheet | Chunk], progress: Progress | None) -> Iterator[Sheet | Chunk]:
    """The parts of a file as they come, telling how many rows have come so far."""
    rows = 0
    for part in parts:
        yield part
        if progress is not None and isinstance(part, Chunk):
            rows += len(part)
            progress("read", rows, None)


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


def prepare(
    upload: Upload,
    wishes: Wishes,
    *,
    at: datetime,
    listed: Listed | None = None,
    progress: Progress | None = None,
) -> Prepared:
    """Read, check and place a file; writes nothing. ``at``: the real instant, also in the demonstration: what is later
    has not happened. ``progress`` is told phases and rows. Raises FileFault."""
    now = at.astimezone(VIETNAM).replace(tzinfo=None, microsecond=0)
    if wishes.as_of is not None and wishes.as_of.date() > now.date():
        raise Refused("imports.as_of_in_future", as_of=f"{wishes.as_of:%d/%m/%Y %H:%M}")
    with _uncollected():
        return _prepare(upload, wishes, now, listed or list_in(upload, wishes, progress=progress), progress)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Rows make millions of objects and no cycles: looking for garbage among them costs a tenth of the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _prepare(upload: Upload, wishes: Wishes, now: datetime, listed: Listed, progress: Progress | None) -> Prepared:
    demand_sure(listed.header)
    _tell_progress(progress, "read", listed)
    source = queries.source_by_name(wishes.source)
    if source is not None:
        demand_active(source)
    said = (current_mapping(source.id) if source else None) or NOTHING
    checked = check(
        listed,
        now=now,
        as_of=wishes.as_of,
        order=wishes.order,
        meanings=folded(said.meanings),
        channels=folded(said.channels),
    )
    sha256, size = upload.fingerprint()
    stamp = queries.stamp()
    placement = _placed(checked, wishes)
    _tell_progress(progress, "checked", listed)
    listed = replace(listed, columns={}, read={})  # the cells as they stood are needed no more
    return Prepared(upload, wishes, listed, checked, placement, draw_up(checked, placement), stamp, sha256, size, said)


def _tell_progress(progress: Progress | None, phase: str, listed: Listed) -> None:
    if progress is not None:
        progress(phase, len(listed), len(listed))


def _placed(checked: Checked, wishes: Wishes) -> Placement:
    directory = queries.load_directory(checked.data_as_of.date())
    return place(checked, directory, create_unknown=wishes.create_unknown)


# --- the command: read, plan and apply in one go


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


def _fresh(prepared: Prepared, source_id: int) -> None:
    """Place again where the directory has moved since. The turn is taken: nothing moves from here on.

    Refused where the source means something else by its words by now: the rows were read by an older mapping.
    """
    said = current_mapping(source_id) or NOTHING
    if (said.meanings, said.channels) != (prepared.said.meanings, prepared.said.channels):
        raise Refused("imports.preview_outdated")
    stamp = queries.stamp()
    if stamp != prepared.stamp:
        prepared.placement, prepared.stamp = _placed(prepared.checked, prepared.wishes), stamp
        prepared.plan = draw_up(prepared.checked, prepared.placement)


def _fingerprint(made: Plan, prepared: Prepared) -> str:
    """What the word "apply" is bound to: the effect, and every decision it rests on."""
    checked, wishes = prepared.checked, prepared.wishes
    channels = Counter(prepared.placement.columns.get("channel", ()))
    return made.fingerprint(
        prepared.placement.decided,
        [checked.data_as_of, wishes.full_extract, sorted(checked.facts), wishes.order],
        sorted(Counter(checked.meanings).items()),
        sorted(channels.items()),
    )


def _rehearse(batch: Batch, prepared: Prepared, at: datetime) -> tuple[Plan, str | None]:
    """Do all that applying does, count its effects, and roll it back. Gives the plan and its fingerprint."""
    _fresh(prepared, batch.source_id)
    with rehearsal():
        made, _, state_hash = _carry_out(batch, prepared, at, bound=True)
        made.breaches = queries.to_open(batch.id, clock.end_of(clock.today()))
    return made, state_hash


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
    _fresh(prepared, batch.source_id)
    with _uncollected():
        made, written, state_hash = _carry_out(batch, prepared, at, bound=expected is not None, expected=expected)
    _leave_waiting(batch, prepared.placement, made, prepared.checked, at)
    _teach(batch, prepared, by=by, at=at)
    bulk.forget_shown(batch.id)
    _tell_counts(batch, made.counts)
    batch.effects, batch.state_hash = made.effects(), state_hash
    batch.warnings, batch.gone = len(made.warnings), made.gone
    batch.state, batch.applied_by, batch.applied_at = BatchState.APPLIED.value, _name_of(by), at
    db.session.flush()
    record(_applied_event(batch, prepared.placement), entity_id=batch.id, by=by, at=at)
    _tell_progress(progress, "applied", prepared.listed)
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


def _carry_out(
    batch: Batch, prepared: Prepared, at: datetime, *, bound: bool, expected: str | None = None
) -> tuple[Plan, int, str | None]:
    """Stage the rows, ask which are new and changed, and write the cases. Gives plan, rows written, fingerprint.

    ``bound``: a preview shows the effect or was shown it, so it has a fingerprint; a command does what it finds.
    """
    checked, placement, as_of = prepared.checked, prepared.placement, prepared.checked.data_as_of
    made = draw_up(checked, placement)
    columns, ids = _with_made(placement)
    met = meet(columns)
    written = _write_known(made, checked, placement, met, batch.source_id, batch.id, keep=True)
    if batch.full_extract:
        made.gone = bulk.find_missing(batch.source_id, made.codes, as_of)
    state_hash: str | None = None
    if bound:
        has_made = any(ids.values())
        if has_made:
            made.changes = [_with_name(change, ids) for change in made.changes]
        state_hash = _fingerprint(made, prepared)
        if expected is not None and state_hash != expected:
            raise Refused("imports.preview_outdated")
        if has_made:
            made.changes = [_with_id(change, ids) for change in made.changes]
    written += _write_new(met, placement, batch.source_id, as_of, batch.id)
    ask_for_batch(batch.id, batch.file_name, by=None, at=at)
    if made.gone:
        bulk.mark_gone(as_of, batch.id)
    bulk.settle_pending(at)
    unstage(CODES)
    return made, written, state_hash


def _with_made(placement: Placement) -> tuple[dict[str, list[Any]], Made]:
    """Store the units, people and procedures an import makes; gives its columns with their ids."""
    units = bulk.insert_units(placement.units, queries.single_root() if placement.units else None)
    people = bulk.insert_people(placement.people, units)
    procedures = bulk.insert_procedures(placement.procedures)
    placement.titles = {**placement.titles, **{procedures[made.id]: made.title for made in placement.procedures}}
    columns: dict[str, list[Any]] = placement.columns
    ids = {**dict.fromkeys(UNIT_COLUMNS, units), "officer_id": people, "procedure_id": procedures}
    for name, made in ids.items():
        columns = with_ids(columns, made, (name,))
    return columns, ids


def _write_known(
    made: Plan, checked: Checked, placement: Placement, met: Met, source_id: int, batch_id: int, *, keep: bool
) -> int:
    """Compare the rows that meet a case with it, and write what differs; says how many cases were changed.

    ``keep``: note what undoing needs. Some thousands at a time, so that a page of cases is read once.
    """
    as_of = checked.data_as_of
    terms = Terms(source_id, as_of, owners(), placement.titles)
    comparing = Comparing(made, checked, placement, met.columns, terms)
    moved: dict[str, int | str | None] = {"data_as_of": written_moment(as_of), "last_batch_id": batch_id}
    for slab in met.slabs():
        found = comparing.compare([met.known[case_id] for case_id in slab], known_cases(slab))
        bulk.confirm(found.confirmed, as_of, batch_id, keep=keep)
        for group in found.groups:
            if keep:
                bulk.keep_befores(group.ids, group.columns, batch_id)
            bulk.update_cases(group.ids, group.columns, moved)
        changes = _with_askings(found.changes)
        bulk.write_changes(changes, batch_id)
        made.changes += changes
    _tell_met(made, comparing, met)
    return comparing.changed


def _tell_met(made: Plan, comparing: Comparing, met: Met) -> None:
    """Tell the plan how many rows are new, changed and as they were."""
    n_new = len(met.fresh)
    made.counts.add(Outcome.NEW, n_new)
    if n_new <= LONGEST_LIST:
        made.fresh = {met.columns["code"][place] for place in met.fresh}
    made.counts.add(Outcome.CHANGED, comparing.changed)
    made.counts.add(Outcome.UNCHANGED, len(met.known) - comparing.changed)
    made.remark(comparing.kept, comparing.checked)


def _with_askings(changes: list[Change]) -> list[Change]:
    """The same differences: a supplement that was asked for before is asked for again."""
    again = queries.asked_before([change.case_id for change in changes if asks_again(change)])
    if not again:
        return changes
    return [
        change._replace(kind="supplement_again") if asks_again(change) and change.case_id in again else change
        for change in changes
    ]


def _write_new(met: Met, placement: Placement, source_id: int, as_of: datetime, batch_id: int) -> int:
    """Write the new cases, and what follows from the whole batch; says how many are new."""
    written = bulk.insert_new(met, placement.titles, source_id=source_id, data_as_of=as_of, batch_id=batch_id)
    if SUPPLEMENT_COLUMN in met.columns and queries.supplements_pause(source_id):
        _pause_for_supplements(met, batch_id)
    project_batch(batch_id)
    return written


def _pause_for_supplements(met: Met, batch_id: int) -> None:
    """The dates of a supplement in a list as recorded pauses, where the source is said to mean that by them."""
    rows: list[dict[str, Any]] = [
        {
            "case_id": case_id,
            "source_ref": f"{SUPPLEMENT_COLUMN}:{asked:%Y%m%d%H%M%S}",
            "started_at": asked,
            "ended_at": done,
            "reason": "",
            "document": "",
            "source": "import",
            "due_before": None,
            "due_after": None,
            "batch_id": batch_id,
        }
        for case_id, asked, done in bulk.supplements(met)
        if done is None or done >= asked
    ]
    case_bulk.write_pauses(rows)
    cases = {row["case_id"] for row in rows}
    case_bulk.note_repeated_supplements(cases, batch_id)
    project(cases)


def _with_name(change: Change, ids: Made) -> Change:
    """A change to something just made names its place in the file: its id differs from trial to trial."""
    for name, real in (ids.get(change.field) or {}).items():
        if change.new == str(real):
            return change._replace(new=str(name))
    return change


def _with_id(change: Change, ids: Made) -> Change:
    """The reverse: the id of what was made."""
    made = ids.get(change.field)
    if made and change.new is not None and int(change.new) < 0:
        return change._replace(new=str(made[int(change.new)]))
    return change


def _leave_waiting(batch: Batch, placement: Placement, made: Plan, checked: Checked, at: datetime) -> None:
    """Keep what could not be placed, and what is to be said of single rows."""
    pending = [_pending_row(draft, batch, checked) for draft, _ in made.pending]
    bulk.write_pending(pending)
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


def _uploaded_event(batch: Batch, source: Source) -> BatchUploaded:
    return BatchUploaded(file_name=batch.file_name, file_sha256=batch.file_sha256, source=source.name)


def _demand_open(batch: Batch) -> None:
    if batch.state not in OPEN_STATES:
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


def discard(batch: Batch, *, by: Viewer, at: datetime) -> None:
    """Throw a batch away that was not applied."""
    _demand_open(batch)
    bulk.forget_shown(batch.id)
    batch.state = BatchState.DISCARDED.value
    db.session.flush()
    record(BatchDiscarded(file_name=batch.file_name), entity_id=batch.id, by=by, at=at)


# --- names


@dataclass(slots=True)
class Mapped:
    """What mapping a name did."""

    cases: int = 0
    still_pending: int = 0
    remarks: list[Remark] = field(default_factory=list)


def map_unit(name: SourceName, unit_id: int, *, by: Viewer, at: datetime, today: date) -> Mapped:
    """Tie a written unit to a unit of the directory and let the rows that waited for it become cases."""
    take_turn()
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
    checked = Checked.of(drafts, first.data_as_of, frozenset(facts))
    placement = place(checked, queries.load_directory(first.data_as_of.date()))
    made = draw_up(checked, placement)
    columns, _ = _with_made(placement)
    met = meet(columns)
    _write_known(made, checked, placement, met, first.source_id, batch_id, keep=False)
    _write_new(met, placement, first.source_id, first.data_as_of, batch_id)
    bulk.settle_pending(at)
    unstage(CODES)
    bulk.queue_names(placement.waiting.values(), batch_id, at)
    done.cases += len(placement)
    done.still_pending += len(made.pending)
    done.remarks += made.warnings


def map_officer(name: SourceName, person_id: int, *, by: Viewer, at: datetime) -> Mapped:
    """Tie a written name to a person posted in the unit, and give them the cases that name them."""
    take_turn()
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
