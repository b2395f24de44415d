"""Pages of batches: bring a file, look at what it will do, apply it, and come back to it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from portal import clock
from portal.accountability.ledger.actions import open_breaches
from portal.audit.queries import events_of
from portal.database import commit
from portal.documents.serving import send_bytes
from portal.guard import Permission, permit, viewer
from portal.imports import actions, aside, keeping, preparing, queries, rejects, showing, undoing, working
from portal.imports.forms import ApplyForm, ColumnsForm, SheetForm, UploadForm
from portal.imports.messages import DOORS, FACTS, PHASES, ROW_KINDS, STATES, say, say_built, say_fault
from portal.imports.models import Batch
from portal.imports.preparing import Upload, Wishes
from portal.imports.queries import BatchQuery, NameQuery
from portal.imports.reading import LARGEST_FILE, FileFault, kind_of
from portal.imports.rules import BatchState, DateOrder, Door, Fact
from portal.imports.saying import field_name, kind_name, spoken_changes
from portal.imports.showing import GLANCE, QUEUED, WORKED
from portal.refusal import Refused
from portal.web.forms import EmptyForm
from portal.web.respond import done, invalid, or_404, page, wants_fragment
from portal.web.words import sentence

bp = Blueprint("imports", __name__, url_prefix="/imports")

MEDIA = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LARGEST_ID = 2**31 - 1
PREVIEWED = "imports.preview_outdated"


@bp.get("")
@permit(Permission.IMPORT_CASES)
def index() -> ResponseReturnValue:
    """The batches, the newest first, and what waits."""
    return page(
        "imports/index.html",
        batches=BatchQuery.visible_to(viewer()).newest_first(),
        states=STATES,
        pending=queries.pending_count(),
        names=NameQuery.visible_to(viewer()).count_waiting(),
    )


# --- bringing a file


@bp.get("/new")
@permit(Permission.IMPORT_CASES)
def new() -> ResponseReturnValue:
    """Bring a file."""
    known = queries.sources()
    form = UploadForm(formdata=None, source=known[0].name if len(known) == 1 else preparing.DEFAULT_SOURCE)
    return page("imports/new.html", form=form, sources=known, large=keeping.LARGE)


@bp.post("")
@permit(Permission.IMPORT_CASES)
def create() -> ResponseReturnValue:
    """Keep a file and show what it will do; nothing else is written."""
    form = UploadForm()
    if not form.validate():
        return _not_taken(form)
    with form.file.data.stream as stream:
        data, name = stream.read(LARGEST_FILE + 1), Path(form.file.data.filename).name
    try:
        kind_of(name)
        batch = _take_in(keeping.keep(data, name), _wishes(form))
    except Refused as refused:
        form.file.errors = [_("%(name)s: %(why)s", name=name, why=say_fault(refused))]
        return _not_taken(form)
    if batch.state == BatchState.WAITING:
        return done(_("The file is kept and waits to be read. You may leave this page and come back."), _page_of(batch))
    if batch.state == BatchState.UPLOADED:
        return done(_("The file is kept. One question has to be answered before it can be read."), _page_of(batch))
    return done(_("The file was read. Nothing has changed yet: look at what it will do."), _page_of(batch))


def _not_taken(form: UploadForm) -> ResponseReturnValue:
    return invalid("imports/new.html", form=form, sources=queries.sources(), large=keeping.LARGE)


def _wishes(form: UploadForm) -> Wishes:
    may_create = viewer().may(Permission.MANAGE_DIRECTORY)
    return Wishes(
        source=form.source.data,
        as_of=form.moment,
        order=DateOrder(form.order.data),
        full_extract=form.full_extract.data,
        create_unknown=form.create_unknown.data and may_create,
    )


def _take_in(upload: Upload, wishes: Wishes) -> Batch:
    """Leave a large file to the job; preview another at once, or keep it with the question it raises."""
    if keeping.is_large(upload):
        with commit():
            return working.keep_waiting(upload, wishes, by=viewer(), at=clock.now())
    try:
        listed = preparing.list_in(upload, wishes)
    except FileFault as fault:
        if fault.code != working.SEVERAL_SHEETS:
            raise
        with commit():
            return working.keep_sheets(upload, wishes, fault.facts["sheets"], by=viewer(), at=clock.now())
    if listed.header.is_sure:
        prepared = preparing.prepare(upload, wishes, at=clock.now(), listed=listed)
        with commit():
            return actions.save_preview(prepared, by=viewer(), at=clock.now())
    with commit():
        return actions.keep_upload(upload, listed.header, wishes, by=viewer(), at=clock.now())


def _page_of(batch: Batch) -> str:
    """Where a batch goes on: its page, or the one that asks about its columns."""
    asks = batch.state == BatchState.UPLOADED and batch.headings
    return url_for("layouts.show" if asks else "imports.show", batch_id=batch.id)


# --- looking at a batch


@bp.get("/<int:batch_id>")
@permit(Permission.IMPORT_CASES)
def show(batch_id: int) -> ResponseReturnValue:
    """What a batch will do or did, how far it is, and what it says of single rows."""
    batch = _batch(batch_id)
    if working.is_news_for(batch, viewer()):
        with commit():
            working.mark_told(batch, at=clock.now())
        batch = _batch(batch_id)
    form = ColumnsForm(formdata=None, order=batch.date_order)
    form.offer(batch.headings, batch.mapping)
    return page("imports/show.html", **_shown(batch, form))


def _batch(batch_id: int) -> Batch:
    return or_404(BatchQuery.visible_to(viewer()).get(batch_id))


def _shown(batch: Batch, form: ColumnsForm) -> dict[str, Any]:
    state = BatchState(batch.state)
    shown = {
        "batch": batch,
        "form": form,
        "button": EmptyForm(formdata=None),
        "apply_form": ApplyForm(formdata=None, shown=batch.state_hash),
        "state": STATES[state],
        "door": DOORS[Door(batch.door)],
        "in_queue": state in (*QUEUED, *WORKED),
        "is_open": state in (BatchState.UPLOADED, BatchState.PREVIEWED),
        "can_apply": state is BatchState.PREVIEWED,
        "is_applied": state is BatchState.APPLIED,
        "has_failed": state is BatchState.FAILED,
        "is_kept": keeping.is_kept(batch),
        "fault": _fault_of(batch),
        "sheet_form": _sheet_form(batch),
        "events": events_of("batch", batch.id),
        **_told(batch),
    }
    if shown["in_queue"]:
        return shown | _progress(batch)
    return shown | _effects(batch)


def _told(batch: Batch) -> dict[str, Any]:
    """What names the columns of a batch."""
    return {"mapping": [(FACTS[fact], batch.headings.get(str(batch.mapping.get(fact.value)))) for fact in Fact]}


def _fault_of(batch: Batch) -> str:
    """Why a batch failed, or what went otherwise than asked; empty where nothing did."""
    fault = batch.fault or {}
    if "reason" not in fault or fault["reason"] == working.SEVERAL_SHEETS:
        return ""
    refused = Refused(fault["reason"], **fault.get("facts", {}))
    if batch.state == BatchState.APPLIED:
        return _("The cases are in, but breaches could not be opened: %(why)s", why=sentence(refused))
    return say_fault(refused)


def _sheet_form(batch: Batch) -> SheetForm | None:
    """The question which sheet is meant, where it is open."""
    fault = batch.fault or {}
    if batch.state != BatchState.UPLOADED or fault.get("reason") != working.SEVERAL_SHEETS:
        return None
    form = SheetForm(formdata=None)
    form.offer(fault["sheets"])
    return form


def _progress(batch: Batch) -> dict[str, Any]:
    now = clock.now()
    before, is_alive = showing.queue_before(batch, now)
    sign = aside.seen(batch) if batch.state == BatchState.APPLYING else None
    is_alive = is_alive or (sign is not None and sign.at > now - showing.DEAD_AFTER)
    so_far, total = (sign.done, sign.total) if sign else (batch.done, batch.total)
    steps = [(name, words, place) for place, (name, words) in enumerate(PHASES.items())]
    step = next((place for name, _words, place in steps if name == batch.phase), -1)
    told = {"before": before, "is_alive": is_alive, "steps": steps, "step": step, "phases": PHASES}
    return {**told, "so_far": so_far, "total": total}


def _effects(batch: Batch) -> dict[str, Any]:
    """The differences and remarks at a glance, and what the batch opened or would open."""
    built_on, opened = _standing(batch)
    return {
        **_groups(batch),
        "opened": opened,
        "built_on": built_on,
        **_changes(batch, limit=GLANCE),
        **_remarks(batch, limit=GLANCE),
    }


def _standing(batch: Batch) -> tuple[list[str] | None, int]:
    """Why a batch cannot be undone, in words: empty where it can, None where nothing was applied. And the breaches that
    it opened."""
    if batch.state not in showing.DECIDED:
        return None, 0
    if batch.state == BatchState.UNDONE or batch.applied_at is None:
        return None, showing.opened_by(batch.id)
    if batch.erased_at is not None or batch.applied_at < clock.now() - undoing.UNDONE_WITHIN:
        too_late = Refused("imports.too_late_to_undo", days=undoing.UNDONE_WITHIN.days)
        return [say_fault(too_late)], showing.opened_by(batch.id)
    standing = undoing.built_on(batch)
    return [say_built(what, n) for what, n in standing], dict(standing).get("breaches", 0)


def _groups(batch: Batch) -> dict[str, Any]:
    """All differences counted by kind and by fact, the most frequent first, also where only the first are listed."""
    kinds, fields = showing.counted_changes(batch)
    return {
        "kinds": [(code, kind_name(code), n) for code, n in kinds],
        "fields": [(code, field_name(code), n) for code, n in fields],
        "differences": sum(n for _code, n in kinds),
    }


def _changes(batch: Batch, *, after: int = 0, limit: int = showing.PAGE) -> dict[str, Any]:
    kind, field = request.args.get("kind", "")[:32], request.args.get("field", "")[:64]
    shown = showing.changes_of(batch, kind, field, after=after, limit=limit)
    return {"changes": spoken_changes(shown.rows, viewer()), "changes_shown": shown, "kind": kind, "field": field}


def _remarks(batch: Batch, *, after: int = 0, limit: int = showing.PAGE) -> dict[str, Any]:
    what = request.args.get("what", "")
    kinds = (what,) if what in ROW_KINDS else tuple(ROW_KINDS)
    shown = showing.remarks_of(batch.id, kinds, after=after, limit=limit)
    counts = {"rejected": batch.rows_rejected, "pending": batch.rows_pending, "warning": batch.warnings}
    return {
        "remarks": [(row, say(row)) for row in shown.rows],
        "remarks_shown": shown,
        "what": what if what in ROW_KINDS else "",
        "row_kinds": ROW_KINDS,
        "row_counts": counts,
    }


@bp.get("/<int:batch_id>/changes")
@permit(Permission.IMPORT_CASES)
def changes(batch_id: int) -> ResponseReturnValue:
    """All differences of a batch, by pages, of one kind or field where asked."""
    batch = _batch(batch_id)
    values = _groups(batch) | _changes(batch, after=_after())
    return page("imports/changes.html", fragment="imports/_changes.html", batch=batch, **values)


@bp.get("/<int:batch_id>/rows")
@permit(Permission.IMPORT_CASES)
def rows(batch_id: int) -> ResponseReturnValue:
    """All that a batch says of single rows, by pages, of one kind where asked."""
    batch = _batch(batch_id)
    values = _remarks(batch, after=_after())
    return page("imports/rows.html", fragment="imports/_remarks.html", batch=batch, **values)


def _after() -> int:
    """The id after which a page of a list begins; nonsense begins at the first."""
    asked = request.args.get("after", 0, type=int)
    return asked if 0 < asked <= LARGEST_ID else 0


@bp.get("/<int:batch_id>/progress")
@permit(Permission.IMPORT_CASES)
def progress(batch_id: int) -> ResponseReturnValue:
    """How far a large file is; the whole page again when it is done."""
    batch = _batch(batch_id)
    is_done = BatchState(batch.state) not in (*QUEUED, *WORKED)
    if not wants_fragment():
        return redirect(_page_of(batch), 303)
    if is_done:
        answer: Response = make_response("", 204)
        answer.headers["HX-Redirect"] = _page_of(batch)
        return answer
    return page("imports/_progress.html", batch=batch, state=STATES[BatchState(batch.state)], **_progress(batch))


@bp.get("/<int:batch_id>/problems.xlsx")
@permit(Permission.IMPORT_CASES)
def problems(batch_id: int) -> ResponseReturnValue:
    """Rejected and pending rows, whole, as a workbook that can be put right and imported again."""
    batch = _batch(batch_id)
    found = queries.rows_of(batch.id, ("rejected", "pending"))
    answer: Response = send_bytes(rejects.rejected_rows(batch, found), f"dong-loi-lo-{batch.id}.xlsx", MEDIA)
    return answer


# --- answering, applying, taking back


@bp.post("/<int:batch_id>/sheet")
@permit(Permission.IMPORT_CASES)
def sheet(batch_id: int) -> ResponseReturnValue:
    """Say which sheet holds the list, and look again."""
    batch = _batch(batch_id)
    asked = _sheet_form(batch)
    if asked is None:
        raise Refused("imports.already_decided")
    form = SheetForm()
    form.sheet.choices = asked.sheet.choices
    if not form.validate():
        return invalid("imports/show.html", **{**_shown(batch, _columns_form(batch)), "sheet_form": form})
    look_again(batch, replace(actions.wishes_of(batch), sheet=form.sheet.data))
    return done(_("This is what the sheet will do."), url_for("imports.show", batch_id=batch_id))


def _columns_form(batch: Batch) -> ColumnsForm:
    form = ColumnsForm(formdata=None, order=batch.date_order)
    form.offer(batch.headings, batch.mapping)
    return form


@bp.post("/<int:batch_id>/columns")
@permit(Permission.IMPORT_CASES)
def columns(batch_id: int) -> ResponseReturnValue:
    """Say which column holds which fact, and look again."""
    batch = _batch(batch_id)
    form = ColumnsForm()
    form.offer(batch.headings, batch.mapping)
    if not form.validate():
        return invalid("imports/show.html", **_shown(batch, form))
    chosen = form.chosen
    twice = next((column for column in chosen.values() if list(chosen.values()).count(column) > 1), None)
    if twice is not None:
        raise Refused("imports.column_twice", heading=batch.headings[str(twice)])
    look_again(batch, actions.wishes_of(batch, chosen=chosen, order=DateOrder(form.order.data)))
    return done(_("This is what the file will do with these columns."), url_for("imports.show", batch_id=batch_id))


def look_again(batch: Batch, wishes: Wishes) -> None:
    """Preview a kept file again with an answer; a large one waits for the job."""
    upload = keeping.upload_of(batch)
    if keeping.is_large(upload):
        with commit():
            working.read_again(batch, wishes, at=clock.now())
        return
    listed = preparing.list_in(upload, wishes)
    if not listed.header.is_sure:
        with commit():
            working.ask_columns(batch, listed.header, wishes)
        return
    prepared = preparing.prepare(upload, wishes, at=clock.now(), listed=listed)
    with commit():
        working.settle_answer(batch, wishes)
        actions.save_preview(prepared, by=viewer(), at=clock.now(), batch=batch)


@bp.post("/<int:batch_id>/apply")
@permit(Permission.IMPORT_CASES)
def apply(batch_id: int) -> ResponseReturnValue:
    """Apply what the preview showed; where that is no longer what would happen, show the new preview instead."""
    batch = _batch(batch_id)
    shown = ApplyForm().shown.data
    if shown and shown != batch.state_hash:
        flash(say_fault(Refused(PREVIEWED)), "warning")
        return redirect(_page_of(batch), 303)
    if batch.rows_total > keeping.LARGE:
        with commit():
            working.apply_later(batch, by=viewer(), at=clock.now())
        return done(_("The file waits to be applied. You may leave this page and come back."), _page_of(batch))
    return _apply_now(batch)


def _apply_now(batch: Batch) -> ResponseReturnValue:
    batch_id = batch.id
    prepared = preparing.prepare(keeping.upload_of(batch), actions.wishes_of(batch), at=clock.now())
    try:
        with commit():
            applied = actions.apply_batch(batch, prepared, by=viewer(), at=clock.now())
    except Refused as refused:
        if refused.code != PREVIEWED:
            raise
        with commit():
            actions.save_preview(prepared, by=viewer(), at=clock.now(), batch=_batch(batch_id))
        flash(say_fault(refused), "warning")
        return redirect(url_for("imports.show", batch_id=batch_id), 303)
    open_duties()
    new, changed = applied.batch.rows_new, applied.batch.rows_changed
    return done(
        _("Applied: %(new)s new, %(changed)s changed cases.", new=new, changed=changed), _page_of(applied.batch)
    )


def open_duties() -> None:
    """What the new data show late gets its duties at once; the night job would open the same."""
    try:
        with commit():
            result = open_breaches(clock.today(), clock.now(), viewer())
    except Refused as refused:
        flash(_("The cases are in, but breaches could not be opened: %(why)s", why=sentence(refused)), "warning")
        return
    if result.opened:
        flash(ngettext("%(num)s breach was opened.", "%(num)s breaches were opened.", result.opened), "success")


@bp.post("/<int:batch_id>/discard")
@permit(Permission.IMPORT_CASES)
def discard(batch_id: int) -> ResponseReturnValue:
    """Throw a preview away."""
    batch = _batch(batch_id)
    with commit():
        actions.discard(batch, by=viewer(), at=clock.now())
    return done(_("The file was discarded; nothing has changed."), url_for("imports.index"))


@bp.post("/<int:batch_id>/undo")
@permit(Permission.IMPORT_CASES)
def undo(batch_id: int) -> ResponseReturnValue:
    """Take an applied batch back, while nothing was built on it."""
    batch = _batch(batch_id)
    with commit():
        undoing.undo_batch(batch, by=viewer(), at=clock.now())
    words = _("Batch %(id)s was undone: its cases are as they were before it.", id=batch_id)
    return done(words, url_for("imports.show", batch_id=batch_id))


@bp.post("/<int:batch_id>/retry")
@permit(Permission.IMPORT_CASES)
def retry(batch_id: int) -> ResponseReturnValue:
    """Read a failed file once more."""
    batch = _batch(batch_id)
    keeping.upload_of(batch)
    with commit():
        working.try_again(batch, at=clock.now())
    return done(_("The file waits to be read again."), url_for("imports.show", batch_id=batch_id))
