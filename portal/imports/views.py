"""Pages of imports: bring a file, look at what it will do, apply it, map the names nobody knew."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, current_app, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from wtforms import SelectChoice
from xlsxwriter import Workbook

from portal import clock
from portal.accountability.ledger.actions import open_breaches
from portal.audit.queries import events_of
from portal.database import commit
from portal.documents.serving import send_bytes
from portal.documents.store import FileStore
from portal.guard import Permission, permit, viewer
from portal.imports import actions, queries
from portal.imports.actions import Prepared, Upload, Wishes
from portal.imports.forms import ColumnsForm, MapForm, UploadForm
from portal.imports.messages import FACTS, NAME_KINDS, STATES, say, say_fault
from portal.imports.models import Batch, SourceName
from portal.imports.queries import BatchQuery, NameQuery
from portal.imports.reading import LARGEST_FILE
from portal.imports.rules import BatchState, DateOrder, Fact, NameKind
from portal.refusal import Refused
from portal.web.forms import EmptyForm
from portal.web.respond import done, invalid, or_404, page
from portal.web.words import sentence

bp = Blueprint("imports", __name__, url_prefix="/imports")

SHOWN = 200
MEDIA = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def store() -> FileStore:
    """Uploaded case lists, apart from other files because they are erased after 90 days."""
    return FileStore(Path(current_app.config["SETTINGS"].data_dir) / "imports")


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


@bp.get("/new")
@permit(Permission.IMPORT_CASES)
def new() -> ResponseReturnValue:
    """Bring a file."""
    known = queries.sources()
    form = UploadForm(formdata=None, source=known[0].name if len(known) == 1 else actions.DEFAULT_SOURCE)
    return page("imports/new.html", form=form, sources=known)


@bp.post("")
@permit(Permission.IMPORT_CASES)
def create() -> ResponseReturnValue:
    """Keep a file and show what it will do; nothing else is written."""
    form = UploadForm()
    if not form.validate():
        return _not_taken(form)
    data = form.file.data.stream.read(LARGEST_FILE + 1)
    kept = store().put(data, "application/octet-stream")
    upload = Upload(store().path(kept.sha256), Path(form.file.data.filename).name)
    try:
        batch = _look_at(upload, _wishes(form))
    except Refused as refused:
        form.file.errors = [say_fault(refused)]
        return _not_taken(form)
    _forget_old_files()
    return done(_("The file was read. Nothing has changed yet: look at what it will do."), _page_of(batch))


def _not_taken(form: UploadForm) -> ResponseReturnValue:
    return invalid("imports/new.html", form=form, sources=queries.sources())


def _wishes(form: UploadForm) -> Wishes:
    may_create = viewer().may(Permission.MANAGE_DIRECTORY)
    return Wishes(
        source=form.source.data,
        as_of=form.moment,
        order=DateOrder(form.order.data),
        full_extract=form.full_extract.data,
        create_unknown=form.create_unknown.data and may_create,
    )


def _look_at(upload: Upload, wishes: Wishes) -> Batch:
    """Preview a file, or keep it with the question about its columns."""
    listed = actions.list_in(upload, wishes)
    if listed.header.is_sure:
        prepared = actions.prepare(upload, wishes, at=clock.now(), listed=listed)
        with commit():
            return actions.save_preview(prepared, by=viewer(), at=clock.now())
    with commit():
        return actions.keep_upload(upload, listed.header, wishes, by=viewer(), at=clock.now())


def _page_of(batch: Batch) -> str:
    return url_for("imports.show", batch_id=batch.id)


def _forget_old_files() -> None:
    """Erase uploaded files whose 90 days are over; their hashes stay."""
    for sha256 in actions.files_to_forget(clock.now()):
        store().path(sha256).unlink(missing_ok=True)


@bp.get("/<int:batch_id>")
@permit(Permission.IMPORT_CASES)
def show(batch_id: int) -> ResponseReturnValue:
    """What a batch will do or did, and what it says of single rows."""
    batch = _batch(batch_id)
    form = ColumnsForm(formdata=None, order=batch.date_order)
    form.offer(batch.headings, batch.mapping)
    return page("imports/show.html", **_shown(batch, form))


def _batch(batch_id: int) -> Batch:
    return or_404(BatchQuery.visible_to(viewer()).get(batch_id))


def _shown(batch: Batch, form: ColumnsForm) -> dict[str, Any]:
    rows = queries.rows_of(batch.id, ("rejected", "pending", "warning"), limit=SHOWN)
    return {
        "batch": batch,
        "form": form,
        "button": EmptyForm(formdata=None),
        "state": STATES[BatchState(batch.state)],
        "is_open": batch.state in (BatchState.UPLOADED, BatchState.PREVIEWED),
        "can_apply": batch.state == BatchState.PREVIEWED,
        "mapping": [(FACTS[fact], batch.headings.get(str(batch.mapping.get(fact.value)))) for fact in Fact],
        "remarks": [(row, say(row)) for row in rows],
        "more": batch.rows_rejected + batch.rows_pending + batch.warnings - len(rows),
        "kinds": {"rejected": _("rejected"), "pending": _("waits for its unit"), "warning": _("taken, with a remark")},
        "events": events_of("batch", batch.id),
    }


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
    prepared = _prepared(batch, actions.wishes_of(batch, chosen=chosen, order=DateOrder(form.order.data)))
    with commit():
        actions.save_preview(prepared, by=viewer(), at=clock.now(), batch=batch)
    return done(_("This is what the file will do with these columns."), _page_of(batch))


def _prepared(batch: Batch, wishes: Wishes) -> Prepared:
    """Read the kept file of a batch again; refused when it is no longer kept."""
    path, name = store().path(batch.file_sha256), batch.file_name
    if not path.exists():
        raise Refused("imports.file_gone")
    return actions.prepare(Upload(path, name), wishes, at=clock.now())


@bp.post("/<int:batch_id>/apply")
@permit(Permission.IMPORT_CASES)
def apply(batch_id: int) -> ResponseReturnValue:
    """Apply what the preview showed; where that is no longer what would happen, show the new preview instead."""
    batch = _batch(batch_id)
    prepared = _prepared(batch, actions.wishes_of(batch))
    try:
        with commit():
            applied = actions.apply_batch(batch, prepared, by=viewer(), at=clock.now())
    except Refused as refused:
        if refused.code != "imports.preview_outdated":
            raise
        with commit():
            actions.save_preview(prepared, by=viewer(), at=clock.now(), batch=_batch(batch_id))
        flash(say_fault(refused), "warning")
        return redirect(url_for("imports.show", batch_id=batch_id), 303)
    _open_duties()
    return done(
        _(
            "Applied: %(new)s new, %(changed)s changed cases.",
            new=applied.batch.rows_new,
            changed=applied.batch.rows_changed,
        ),
        _page_of(applied.batch),
    )


def _open_duties() -> None:
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


@bp.get("/<int:batch_id>/problems.xlsx")
@permit(Permission.IMPORT_CASES)
def problems(batch_id: int) -> ResponseReturnValue:
    """Rejected and pending rows as a workbook, to be put right in the source."""
    batch = _batch(batch_id)
    rows = queries.rows_of(batch.id, ("rejected", "pending"))
    kinds = {"rejected": _("rejected"), "pending": _("waits for its unit")}
    written = io.BytesIO()
    book = Workbook(written, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet(_("Rows"))
    sheet.write_row(
        0, 0, [_("Row"), _("Column"), _("Value"), _("What became of it"), _("Reason")], book.add_format({"bold": True})
    )
    for line, row in enumerate(rows, start=1):
        sheet.write_row(line, 0, [row.row_number or "", row.heading or "", row.value or "", kinds[row.kind], say(row)])
    for column, width in enumerate((8, 24, 28, 20, 90)):
        sheet.set_column(column, column, width)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(len(rows), 1), 4)
    book.close()
    answer: Response = send_bytes(written.getvalue(), f"dong-loi-lo-{batch.id}.xlsx", MEDIA)
    return answer


# --- names and rows that wait


@bp.get("/names")
@permit(Permission.MAP_NAMES)
def names() -> ResponseReturnValue:
    """Names of the sources that the directory does not know."""
    found = NameQuery.visible_to(viewer()).waiting()
    return page(
        "imports/names.html",
        names=found,
        kinds=NAME_KINDS,
        units=queries.unit_names(name.unit_id for name in found if name.unit_id),
        waiting=queries.pending_units(),
    )


@bp.get("/names/<int:name_id>")
@permit(Permission.MAP_NAMES)
def name(name_id: int) -> ResponseReturnValue:
    """One name and what it may mean."""
    found = _name(name_id)
    return page("imports/name.html", **_named(found, _map_form(found, fresh=True)))


def _name(name_id: int) -> SourceName:
    return or_404(NameQuery.visible_to(viewer()).get(name_id))


def _map_form(found: SourceName, *, fresh: bool = False) -> MapForm:
    form = MapForm(formdata=None) if fresh else MapForm()
    if found.kind == NameKind.UNIT:
        known = queries.units_for(found, clock.today())
        choices = [SelectChoice(unit.id, f"{unit.name} ({unit.code})") for unit in known]
    else:
        people = queries.people_for(found)
        choices = [SelectChoice(person.id, f"{person.full_name} ({person.code or '–'})") for person in people]
    # Nothing is chosen beforehand: the likeliest is a proposal, and a wrong click would give cases to a wrong person.
    form.target.choices = [SelectChoice(0, "–"), *choices]
    return form


def _named(found: SourceName, form: MapForm) -> dict[str, Any]:
    return {
        "name": found,
        "form": form,
        "button": EmptyForm(formdata=None),
        "kind": NAME_KINDS[NameKind(found.kind)],
        "unit": queries.unit_names([found.unit_id]).get(found.unit_id, "") if found.unit_id else "",
        "rows": len(queries.pending_of_unit(found.folded)) if found.kind == NameKind.UNIT else 0,
        "events": events_of("source_name", found.id),
        "is_unit": found.kind == NameKind.UNIT,
        "is_waiting": found.state == "waiting",
    }


@bp.post("/names/<int:name_id>")
@permit(Permission.MAP_NAMES)
def map_name(name_id: int) -> ResponseReturnValue:
    """Tie a name to a unit or a person; what waited for it moves at once."""
    found = _name(name_id)
    form = _map_form(found)
    if not form.validate():
        return invalid("imports/name.html", **_named(found, form))
    with commit():
        if found.kind == NameKind.UNIT:
            told = actions.map_unit(found, form.target.data, by=viewer(), at=clock.now(), today=clock.today())
        else:
            told = actions.map_officer(found, form.target.data, by=viewer(), at=clock.now())
    if found.kind == NameKind.UNIT and told.cases:
        _open_duties()
    words = ngettext("Mapped: %(num)s case.", "Mapped: %(num)s cases.", told.cases)
    return done(words, url_for("imports.names"))


@bp.post("/names/<int:name_id>/ignore")
@permit(Permission.MAP_NAMES)
def ignore_name(name_id: int) -> ResponseReturnValue:
    """Put a name aside."""
    found = _name(name_id)
    with commit():
        actions.ignore_name(found, by=viewer(), at=clock.now())
    return done(_("The name was put aside."), url_for("imports.names"))


@bp.get("/pending")
@permit(Permission.IMPORT_CASES)
def pending() -> ResponseReturnValue:
    """Rows that are in no unit yet."""
    rows, total = queries.pending_rows(viewer(), limit=SHOWN)
    return page("imports/pending.html", rows=rows, total=total)
