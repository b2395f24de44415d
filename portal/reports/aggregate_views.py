"""Bringing a file of counts that no case list carries: read, shown with its problems, then kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Blueprint, current_app, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import clock
from portal.database import commit
from portal.directory.queries import load_tree
from portal.figures.actions import save_aggregates
from portal.figures.forms import month_from
from portal.figures.messages import QUANTITIES
from portal.guard import Permission, permit, viewer
from portal.imports.messages import say_fault
from portal.imports.reading import LARGEST_FILE
from portal.refusal import Refused
from portal.reports.aggregate_import import Looked, look
from portal.reports.forms import AggregateConfirmForm, AggregateFileForm
from portal.reports.keeping import forget_old, open_store
from portal.reports.messages import ROW_REASONS
from portal.reports.queries import readable_units, unit_keys
from portal.web.respond import done, invalid, page
from portal.web.words import sentence

bp = Blueprint("aggregate_files", __name__, url_prefix="/figures/aggregates/files")

SHOWN = 200


@bp.get("/new")
@permit(Permission.BRING_REPORTS)
def new() -> ResponseReturnValue:
    """Bring a file."""
    return page("reports/aggregates_new.html", form=AggregateFileForm(formdata=None))


@bp.post("/read")
@permit(Permission.BRING_REPORTS)
def read() -> ResponseReturnValue:
    """Read a file and show what it says; nothing is kept yet but the file."""
    form = AggregateFileForm()
    if not form.validate():
        return invalid("reports/aggregates_new.html", form=form)
    store = open_store(Path(current_app.config["SETTINGS"].data_dir))
    forget_old(store, clock.now())
    kept = store.put(form.file.data.stream.read(LARGEST_FILE + 1), "application/octet-stream")
    name = Path(form.file.data.filename).name[:300]
    try:
        looked = _look(store.path(kept.sha256), name, form.month.data or "")
    except Refused as refused:
        form.file.errors = [say_fault(refused) if refused.code.startswith("imports.") else sentence(refused)]
        return invalid("reports/aggregates_new.html", form=form)
    confirm = AggregateConfirmForm(formdata=None, file_name=name, sha256=kept.sha256)
    confirm.source.data, confirm.month.data = form.source.data or name, form.month.data
    return page("reports/aggregates_preview.html", **_shown(confirm, looked))


@bp.post("")
@permit(Permission.BRING_REPORTS)
def create() -> ResponseReturnValue:
    """Keep what the file says."""
    form = AggregateConfirmForm()
    store = open_store(Path(current_app.config["SETTINGS"].data_dir))
    form.validate()
    if form.sha256.errors or form.file_name.errors or not store.has(form.sha256.data):
        raise Refused("reports.file_gone")
    path = store.path(form.sha256.data)
    looked = _look(path, form.file_name.data, form.month.data or "")
    if form.errors:
        return invalid("reports/aggregates_preview.html", **_shown(form, looked))
    try:
        with commit():
            changed = save_aggregates(
                looked.told, source=form.source.data, by=viewer(), at=clock.now(),
                file_name=form.file_name.data, file_sha256=form.sha256.data,
            )  # fmt: skip
    except Refused as refused:
        form.form_errors.append(sentence(refused))
        return invalid("reports/aggregates_preview.html", **_shown(form, looked))
    path.unlink(missing_ok=True)
    months = sorted(key[2] for key in looked.told)
    month = f"{months[-1]:%m/%Y}" if months else None
    return done(_("%(n)s counts were kept.", n=len(changed)), url_for("aggregates.index", month=month))


def _look(path: Path, name: str, month: str) -> Looked:
    tree = load_tree(clock.today(), with_ended=True)
    earliest = clock.today().replace(year=1900, month=1, day=1)
    default = month_from(month, earliest)
    return look(path, name, unit_keys(viewer(), tree), viewer(), None if default == earliest else default)


def _shown(form: AggregateConfirmForm, looked: Looked) -> dict[str, Any]:
    units = readable_units(viewer(), load_tree(clock.today(), with_ended=True))
    rows: dict[tuple[int, Any, str], dict[str, int]] = {}
    for (unit_id, field, month, quantity), value in looked.told.items():
        if value is not None:
            rows.setdefault((unit_id, month, field), {})[quantity.value] = value
    return {
        "form": form,
        "looked": looked,
        "quantities": QUANTITIES,
        "units": units,
        "rows": list(rows.items())[:SHOWN],
        "more": max(0, len(rows) - SHOWN),
        "reasons": ROW_REASONS,
    }
