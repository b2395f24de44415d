"""The queue for large files: a waiting batch is claimed, read or applied, and taken over when its worker died.

Each step is one conditional UPDATE (``transition``). The sign of life and the progress are written in short
transactions of their own while the file is read and checked; the applying itself is one transaction, all or nothing.
"""

from __future__ import annotations

import os
import socket
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from time import monotonic
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.exc import OperationalError

from portal import clock
from portal.accountability.ledger.actions import open_breaches
from portal.audit import actor_label, record, set_actor_label
from portal.database import commit, db, is_busy, is_writing, transition
from portal.guard import Viewer
from portal.imports import actions, aside, preparing
from portal.imports.events import BatchQueued, BatchUploaded
from portal.imports.header import Header
from portal.imports.keeping import upload_of
from portal.imports.models import Batch
from portal.imports.preparing import Upload, Wishes, uncollected
from portal.imports.reading import FileFault
from portal.imports.rules import BatchState, Door, Fact
from portal.imports.showing import DEAD_AFTER, QUEUED, WORKED
from portal.logs import logger
from portal.refusal import Conflict, Refused
from portal.vietnamese import clean

BEAT = 1.0
"""Seconds between two signs of life at most."""
RESUMED_AT_MOST = 3
"""A file that killed so many workers is not tried again."""
TAKEN = {BatchState.WAITING: BatchState.READING, BatchState.TO_APPLY: BatchState.APPLYING}
SEVERAL_SHEETS = "imports.several_sheets"
UNSURE = ("imports.missing_column", "imports.unclear_column")
log = logger(__name__)


# --- into the queue


def keep_waiting(upload: Upload, wishes: Wishes, *, by: Viewer, at: datetime, door: Door = Door.PAGE) -> Batch:
    """A large file is kept and waits to be read by the job."""
    batch = _kept(upload, wishes, by=by, at=at, door=door)
    batch.state, batch.worked_at = BatchState.WAITING.value, at
    db.session.flush()
    return batch


def keep_sheets(upload: Upload, wishes: Wishes, sheets: list[str], *, by: Viewer, at: datetime) -> Batch:
    """A workbook with several lists waits for an answer: which of its sheets is meant."""
    batch = _kept(upload, wishes, by=by, at=at, door=Door.PAGE)
    batch.state, batch.fault = BatchState.UPLOADED.value, _sheets_asked(sheets)
    db.session.flush()
    return batch


def _kept(upload: Upload, wishes: Wishes, *, by: Viewer, at: datetime, door: Door) -> Batch:
    sha256, size = upload.fingerprint()
    source = actions.ensure_source(wishes.source)
    batch = Batch(
        source_id=source.id,
        source=source,
        unit_id=min(by.own_unit_ids, default=None),
        file_name=clean(upload.name)[-300:],
        file_sha256=sha256,
        size=size,
        state=BatchState.WAITING.value,
        asked_as_of=wishes.as_of,
        full_extract=wishes.full_extract,
        create_unknown=wishes.create_unknown,
        date_order=wishes.order.value,
        uploaded_by=name_of(by),
        uploaded_at=at,
        door=door.value,
    )
    db.session.add(batch)
    db.session.flush()
    uploaded = BatchUploaded(file_name=batch.file_name, file_sha256=sha256, source=source.name)
    record(uploaded, entity_id=batch.id, by=by, at=at)
    return batch


def _sheets_asked(sheets: list[str]) -> dict[str, Any]:
    return {"reason": SEVERAL_SHEETS, "sheets": sheets}


def name_of(by: Viewer) -> str:
    """How a batch names who brought or applied it."""
    return (by.label or by.name)[:200]


def read_again(batch: Batch, wishes: Wishes, *, at: datetime) -> None:
    """Put a batch back into the queue with an answer about its sheet or its columns."""
    open_states = (BatchState.UPLOADED.value, BatchState.PREVIEWED.value)
    answer: dict[str, Any] = {"date_order": wishes.order.value, "sheet": wishes.sheet}
    if wishes.chosen is not None:
        answer["mapping"] = {fact.value: column for fact, column in wishes.chosen.items()}
    _enqueue(batch, open_states, BatchState.WAITING, at, answer)


def settle_answer(batch: Batch, wishes: Wishes) -> None:
    """Keep which sheet was meant; the question is no longer open."""
    batch.sheet, batch.fault = wishes.sheet, None
    db.session.flush()


def ask_columns(batch: Batch, header: Header, wishes: Wishes) -> None:
    """Let a batch wait for an answer about its columns."""
    if batch.state not in (BatchState.UPLOADED, BatchState.PREVIEWED):
        raise Refused("imports.already_decided")
    settle_answer(batch, wishes)
    batch.state = BatchState.UPLOADED.value
    _keep_header(batch, header)


def _keep_header(batch: Batch, header: Header) -> None:
    batch.mapping = actions.columns_of(header)
    batch.headings = {str(column): heading for column, heading in header.headings.items()}
    db.session.flush()


def apply_later(batch: Batch, *, by: Viewer, at: datetime) -> None:
    """Let the job apply a previewed batch; who said so stands on it."""
    _enqueue(batch, (BatchState.PREVIEWED.value,), BatchState.TO_APPLY, at, {"applied_by": name_of(by)})
    record(BatchQueued(file_name=batch.file_name), entity_id=batch.id, by=by, at=at)


def try_again(batch: Batch, *, at: datetime) -> None:
    """Read a failed batch once more."""
    _enqueue(batch, (BatchState.FAILED.value,), BatchState.WAITING, at, {})


def _enqueue(batch: Batch, before: tuple[str, ...], to: BatchState, at: datetime, more: dict[str, Any]) -> None:
    if batch.state not in before:
        raise Refused("imports.already_decided")
    fresh = {"phase": None, "done": 0, "total": None, "worker": None, "worked_at": at, "fault": None, "told_at": None}
    transition(Batch, batch.id, where={"state": before}, to={"state": to.value, **fresh, **more})
    db.session.refresh(batch)


def is_news_for(batch: Batch, viewer: Viewer) -> bool:
    """Whether a job has finished with a batch and who brought it has not seen that yet."""
    is_done = BatchState(batch.state) not in (*QUEUED, *WORKED)
    return is_done and batch.worker is not None and batch.told_at is None and batch.uploaded_by == name_of(viewer)


def mark_told(batch: Batch, *, at: datetime) -> None:
    """Who brought a batch has seen what the job made of it."""
    transition(Batch, batch.id, where={"told_at": None}, to={"told_at": at})


# --- out of the queue


def claim(at: datetime) -> tuple[int, str] | None:
    """Take the oldest batch that waits, or one whose worker died: (batch, name of the worker). Own transaction."""
    dead = and_(Batch.state.in_([str(state) for state in WORKED]), Batch.worked_at <= at - DEAD_AFTER)
    waiting = Batch.state.in_([str(state) for state in QUEUED])
    found = select(Batch).where(or_(waiting, dead)).order_by(Batch.id).limit(1)
    batch = db.session.scalar(found)
    if batch is None:
        return None
    worker = f"{socket.gethostname()[:60]}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
    state, before = BatchState(batch.state), batch.worker
    resumed = int((batch.fault or {}).get("resumed", 0)) + (state in WORKED)
    to: dict[str, Any] = {"state": TAKEN.get(state, state).value, "worker": worker, "worked_at": at}
    to["fault"] = {"resumed": resumed} if resumed else None
    ident = batch.id
    try:
        with commit():
            transition(Batch, ident, where={"state": state.value, "worker": before}, to=to, version=batch.version)
    except Conflict:
        return None
    if resumed > RESUMED_AT_MOST:
        _fail(ident, worker, Refused("imports.worker_died", times=resumed))
        return None
    return ident, worker


@uncollected()
def work_on(batch_id: int, worker: str, today: date) -> str:
    """Read or apply a claimed batch. Says what it is afterwards; never raises for what is wrong with the file."""
    batch = db.session.get_one(Batch, batch_id)
    asked = batch.applied_by if batch.state == BatchState.APPLYING else None
    try:
        with acting_for(asked or batch.uploaded_by):
            if batch.state == BatchState.READING:
                return _read(batch, worker)
            return _apply(batch, worker, today)
    except Conflict:
        log.warning("batch taken over", batch=batch_id)
        return "taken_over"
    except Refused as refused:
        _fail(batch_id, worker, refused)
    except OperationalError as error:
        if not is_busy(error):
            raise
        log.warning("database busy, the batch is resumed later", batch=batch_id)
        return "busy"
    except Exception as error:
        log.error("batch crashed", batch=batch_id, exc_info=error)
        _fail(batch_id, worker, Refused("imports.crashed"))
    return BatchState.FAILED.value


@contextmanager
def acting_for(label: str) -> Iterator[None]:
    """Let the trail name who asked for what the job does now."""
    before = actor_label()
    set_actor_label(label)
    try:
        yield
    finally:
        set_actor_label(before)


class Pulse:
    """The sign of life of a worker: what phase it is in and how far, at most once a second."""

    def __init__(self, batch_id: int, worker: str) -> None:
        self.batch_id, self.worker = batch_id, worker
        self._phase, self._last = "", 0.0

    def __call__(self, phase: str, done: int, total: int | None) -> None:
        """Tell the progress. Raises Conflict when another worker has taken the batch over.

        While the rows are written it is told aside: no row can tell it before all are there.
        """
        if phase == self._phase and monotonic() - self._last < BEAT:
            return
        self._phase, self._last = phase, monotonic()
        if is_writing():
            aside.note(self.batch_id, self.worker, done, total or 0, clock.now())
            return
        to = {"phase": phase, "done": done, "total": total, "worked_at": clock.now()}
        try:
            with commit():
                transition(Batch, self.batch_id, where=self.mine, to=to)
        except OperationalError as error:
            if not is_busy(error):
                raise

    @property
    def mine(self) -> dict[str, Any]:
        """What the batch looks like while this worker has it."""
        return {"worker": self.worker, "state": tuple(state.value for state in WORKED)}


def _read(batch: Batch, worker: str) -> str:
    """Read and check a kept file, then save its preview, or the question that has to be answered first."""
    ident, upload, pulse = batch.id, upload_of(batch), Pulse(batch.id, worker)
    wishes = actions.wishes_of(batch, chosen=answered(batch))
    pulse("read", 0, None)
    try:
        prepared = preparing.prepare(upload, wishes, at=clock.now(), progress=pulse)
    except FileFault as fault:
        if fault.code == SEVERAL_SHEETS:
            return _ask(ident, pulse, fault=_sheets_asked(list(fault.facts["sheets"])))
        if fault.code in UNSURE:
            return _ask(ident, pulse, header=preparing.list_in(upload, wishes).header)
        raise
    with commit():
        batch = _take_back(ident, pulse, BatchState.UPLOADED)
        actions.save_preview(prepared, by=None, at=clock.now(), batch=batch, door=Door(batch.door))
    return BatchState.PREVIEWED.value


def answered(batch: Batch) -> dict[Fact, int] | None:
    """The columns people chose for a batch; None where nobody was asked."""
    return {Fact(fact): column for fact, column in batch.mapping.items()} if batch.mapping else None


def _ask(ident: int, pulse: Pulse, *, header: Header | None = None, fault: dict[str, Any] | None = None) -> str:
    with commit():
        batch = _take_back(ident, pulse, BatchState.UPLOADED)
        batch.fault = fault
        if header is not None:
            _keep_header(batch, header)
        db.session.flush()
    return BatchState.UPLOADED.value


def _take_back(ident: int, pulse: Pulse, state: BatchState) -> Batch:
    """A batch this worker still has, in the state the actions expect; inside ``commit()``."""
    to = {"state": state.value, "phase": None, "done": 0, "total": None, "fault": None}
    transition(Batch, ident, where=pulse.mine, to=to)
    return db.session.get_one(Batch, ident, populate_existing=True)


def _apply(batch: Batch, worker: str, today: date) -> str:
    """Apply a batch as it was previewed, or preview it again where it would now do something else."""
    ident, upload, pulse = batch.id, upload_of(batch), Pulse(batch.id, worker)
    pulse("read", 0, None)
    prepared = preparing.prepare(
        upload, actions.wishes_of(batch, chosen=answered(batch)), at=clock.now(), progress=pulse
    )
    pulse("applied", 0, prepared.plan.counts.rows)
    try:
        with commit():
            batch = _take_back(ident, pulse, BatchState.PREVIEWED)
            actions.apply_batch(batch, prepared, by=None, at=clock.now(), progress=pulse)
    except Refused as refused:
        if refused.code != "imports.preview_outdated":
            raise
        with commit():
            batch = _take_back(ident, pulse, BatchState.PREVIEWED)
            batch.applied_by = None
            actions.save_preview(prepared, by=None, at=clock.now(), batch=batch, door=Door(batch.door))
            batch.fault = {"reason": refused.code}
        return BatchState.PREVIEWED.value
    finally:
        aside.forget(ident)
    _open_duties(ident, today)
    return BatchState.APPLIED.value


def _open_duties(ident: int, today: date) -> None:
    """What the new data show late gets its duties at once; where it cannot, the batch says why."""
    try:
        with commit():
            open_breaches(today, clock.now())
    except Refused as refused:
        with commit():
            db.session.get_one(Batch, ident).fault = {"reason": refused.code, "facts": dict(refused.facts)}


def _fail(ident: int, worker: str, refused: Refused) -> None:
    """Say on the batch why it could not be worked on."""
    pulse = Pulse(ident, worker)
    fault = {"reason": refused.code, "facts": dict(refused.facts)}
    try:
        with commit():
            transition(Batch, ident, where=pulse.mine, to={"state": BatchState.FAILED.value, "fault": fault})
    except Conflict:
        log.warning("batch taken over", batch=ident)
