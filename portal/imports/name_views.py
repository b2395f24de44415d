"""Pages of names: whom the names of a source mean, many at once or one by one, and the rows in no unit."""

from __future__ import annotations

from typing import Any

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from wtforms import SelectChoice

from portal import clock
from portal.audit.queries import events_of
from portal.database import commit
from portal.guard import Permission, permit, viewer
from portal.imports import mapping, matching, queries
from portal.imports.forms import MapForm, ProposalsForm
from portal.imports.mapping import Mapped
from portal.imports.messages import NAME_KINDS, say_fault
from portal.imports.models import SourceName
from portal.imports.queries import NameQuery
from portal.imports.rules import NameKind
from portal.imports.views import bp, open_duties
from portal.refusal import Refused
from portal.web.forms import EmptyForm
from portal.web.respond import done, invalid, or_404, page

__all__ = ["bp"]

SHOWN = 200


@bp.get("/names")
@permit(Permission.MAP_NAMES)
def names() -> ResponseReturnValue:
    """Names of the sources that the directory does not know, each with whom it may mean."""
    return page("imports/names.html", **_listed())


def _listed() -> dict[str, Any]:
    visible = NameQuery.visible_to(viewer())
    found = visible.waiting()
    waiting = matching.with_candidates(found, clock.today(), queries.pending_units())
    return {
        "form": ProposalsForm(formdata=None),
        "waiting": waiting,
        "proposals": sum(one.proposed is not None for one in waiting),
        "total": visible.count_waiting(),
        "kinds": NAME_KINDS,
        "units": queries.unit_names(name.unit_id for name in found if name.unit_id),
    }


@bp.post("/names")
@permit(Permission.MAP_NAMES)
def map_names() -> ResponseReturnValue:
    """Map every checked name to what its row says; what waited for them moves at once."""
    form = ProposalsForm()
    chosen = form.chosen(request.form) if form.validate() else {}
    if not chosen:
        form.form_errors.append(_("Check at least one name and say whom it means."))
        return invalid("imports/names.html", **{**_listed(), "form": form})
    mapped, cases, brought = 0, 0, 0
    for name_id, target in chosen.items():
        found = _name(name_id)
        is_unit, text = found.kind == NameKind.UNIT, found.text
        try:
            told = _map(found, target)
        except Refused as refused:
            flash(f"{text}: {say_fault(refused)}", "warning")
            continue
        mapped, cases, brought = mapped + 1, cases + told.cases, brought + (told.cases if is_unit else 0)
    if brought:
        open_duties()
    names_said = ngettext("%(num)s name was mapped", "%(num)s names were mapped", mapped)
    cases_said = ngettext("%(num)s case", "%(num)s cases", cases)
    return done(f"{names_said} ({cases_said}).", url_for("imports.names"))


def _map(found: SourceName, target: int) -> Mapped:
    """Tie one name; each is a unit of work of its own, so that one refusal keeps none of the others."""
    with commit():
        if found.kind == NameKind.UNIT:
            return mapping.map_unit(found, target, by=viewer(), at=clock.now(), today=clock.today())
        return mapping.map_officer(found, target, by=viewer(), at=clock.now())


@bp.get("/names/<int:name_id>")
@permit(Permission.MAP_NAMES)
def name(name_id: int) -> ResponseReturnValue:
    """One name and what it may mean."""
    found = _name(name_id)
    return page("imports/name.html", **_named(found, MapForm(formdata=None)))


def _name(name_id: int) -> SourceName:
    return or_404(NameQuery.visible_to(viewer()).get(name_id))


def _offer(form: MapForm, found: SourceName) -> matching.Waiting:
    """Offer every candidate with what tells it apart; nothing is chosen beforehand, a proposal only says so."""
    waiting = matching.with_candidates([found], clock.today(), queries.pending_units())[0]
    form.target.choices = [SelectChoice(0, "–")]
    for candidate in waiting.candidates:
        proposed = _("%(name)s (proposed)", name=candidate.label)
        form.target.choices.append(
            SelectChoice(candidate.id, proposed if candidate.id == waiting.proposed else candidate.label)
        )
    return waiting


def _named(found: SourceName, form: MapForm) -> dict[str, Any]:
    waiting = _offer(form, found)
    return {
        "name": found,
        "form": form,
        "button": EmptyForm(formdata=None),
        "kind": NAME_KINDS[NameKind(found.kind)],
        "unit": queries.unit_names([found.unit_id]).get(found.unit_id, "") if found.unit_id else "",
        "waits": waiting.waits,
        "homonyms": waiting.homonyms,
        "events": events_of("source_name", found.id),
        "is_unit": found.kind == NameKind.UNIT,
        "is_waiting": found.state == "waiting",
    }


@bp.post("/names/<int:name_id>")
@permit(Permission.MAP_NAMES)
def map_name(name_id: int) -> ResponseReturnValue:
    """Tie a name to a unit or a person; what waited for it moves at once."""
    found = _name(name_id)
    form = MapForm()
    _offer(form, found)
    if not form.validate():
        return invalid("imports/name.html", **_named(found, form))
    is_unit = found.kind == NameKind.UNIT
    told = _map(found, form.target.data)
    if is_unit and told.cases:
        open_duties()
    words = ngettext("Mapped: %(num)s case.", "Mapped: %(num)s cases.", told.cases)
    return done(words, url_for("imports.names"))


@bp.post("/names/<int:name_id>/ignore")
@permit(Permission.MAP_NAMES)
def ignore_name(name_id: int) -> ResponseReturnValue:
    """Put a name aside."""
    found = _name(name_id)
    with commit():
        mapping.ignore_name(found, by=viewer(), at=clock.now())
    return done(_("The name was put aside."), url_for("imports.names"))


@bp.get("/pending")
@permit(Permission.IMPORT_CASES)
def pending() -> ResponseReturnValue:
    """Rows that are in no unit yet."""
    found, total = queries.pending_rows(viewer(), limit=SHOWN)
    return page("imports/pending.html", rows=found, total=total)
