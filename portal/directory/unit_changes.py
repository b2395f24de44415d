"""Mergers, splits, renames and transfers on pages, for the administrator, with the document they rest on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import SelectChoice

from portal import clock
from portal.database import commit
from portal.directory import actions, queries, reorganising
from portal.directory.forms import RenameForm, SuccessionForm, TransferForm
from portal.directory.models import Posting, Unit
from portal.directory.rules import SuccessionKind, UnitKind
from portal.directory.views import own_posting, own_unit, with_units
from portal.guard import Permission, Role, permit, viewer
from portal.refusal import Refused
from portal.web.respond import done, invalid, page
from portal.web.words import sentence

bp = Blueprint("unit_changes", __name__)
SAME, AS_OFFICER = "same", "officer"
LEADERS = frozenset({Role.HEAD, Role.CHAIR})


@bp.get("/directory/successions/new")
@permit(Permission.MANAGE_DIRECTORY)
def new() -> ResponseReturnValue:
    """First which units end, then who takes over and who goes on."""
    former = _former(request.args.getlist("from", type=int))
    if not former:
        return page("directory/choose_units.html", units=_mine())
    form = _offer(SuccessionForm(formdata=None, on=clock.today()), former)
    return page("directory/succession.html", **_context(former, form))


@bp.post("/directory/successions/new")
@permit(Permission.MANAGE_DIRECTORY)
def create() -> ResponseReturnValue:
    """Carry it out in one step."""
    former = _former(request.form.getlist("from", type=int))
    if not former:
        return page("directory/choose_units.html", status=422, units=_mine())
    form = _offer(SuccessionForm(), former)
    if not form.validate():
        return invalid("directory/succession.html", **_context(former, form))
    try:
        with commit():
            successors = _successors(form)
            reorganising.succeed(
                former, successors, SuccessionKind(form.kind.data), on=form.on.data,
                document=reorganising.Document(form.document.data, form.document_on.data, form.note.data or ""),
                keep=_keep(queries.postings_from([unit.id for unit in former], form.on.data)),
                by=viewer(), at=clock.now(),
            )  # fmt: skip
            unit_id = successors[0].id
    except Refused as refused:
        form.form_errors.append(sentence(refused))
        former = _former(request.form.getlist("from", type=int))
        return page("directory/succession.html", status=409, **_context(former, form))
    return done(_("Recorded. History stays with the units of their day."), url_for("directory.unit", unit_id=unit_id))


@bp.get("/directory/units/<int:unit_id>/rename")
@permit(Permission.MANAGE_DIRECTORY)
def rename_form(unit_id: int) -> ResponseReturnValue:
    """The form of a new name."""
    found = own_unit(unit_id)
    return page("directory/rename.html", unit=found, form=RenameForm(formdata=None, on=clock.today()))


@bp.post("/directory/units/<int:unit_id>/rename")
@permit(Permission.MANAGE_DIRECTORY)
def rename(unit_id: int) -> ResponseReturnValue:
    """Give the unit its new name; the former one is kept with its days."""
    found, form = own_unit(unit_id), RenameForm()
    if not form.validate():
        return invalid("directory/rename.html", unit=found, form=form)
    try:
        with commit():
            reorganising.rename_unit(
                found, form.name.data, on=form.on.data, today=clock.today(), document=form.document.data,
                by=viewer(), at=clock.now(),
            )  # fmt: skip
    except Refused as refused:
        form.form_errors.append(sentence(refused))
        return page("directory/rename.html", status=409, unit=own_unit(unit_id), form=form)
    words = _("Renamed. Files with the former name still find the unit.")
    return done(words, url_for("directory.unit", unit_id=unit_id))


@bp.get("/directory/postings/<int:posting_id>/transfer")
@permit(Permission.MANAGE_DIRECTORY)
def transfer_form(posting_id: int) -> ResponseReturnValue:
    """Where an officer goes, and what happens to their cases and duties."""
    posting = own_posting(posting_id)
    form = with_units(
        TransferForm(formdata=None, role=posting.role, position=posting.position, on=clock.today()), empty=False
    )
    return page("directory/transfer.html", posting=posting, form=form)


@bp.post("/directory/postings/<int:posting_id>/transfer")
@permit(Permission.MANAGE_DIRECTORY)
def transfer(posting_id: int) -> ResponseReturnValue:
    """End this posting and begin the other, in one step."""
    posting, form = own_posting(posting_id), with_units(TransferForm(), empty=False)
    if not form.validate():
        return invalid("directory/transfer.html", posting=posting, form=form)
    where, person_id = own_unit(form.unit.data), posting.person_id
    try:
        with commit():
            reorganising.transfer(
                posting, where, Role(form.role.data), on=form.on.data, reason=form.reason.data,
                document=form.document.data, position=form.position.data or "", is_clerk=form.is_clerk.data,
                by=viewer(), at=clock.now(),
            )  # fmt: skip
    except Refused as refused:
        form.form_errors.append(sentence(refused))
        return page("directory/transfer.html", status=409, posting=own_posting(posting_id), form=form)
    return done(
        _("Transferred. Open cases and duties stay with the person."), url_for("directory.person", person_id=person_id)
    )


def _mine() -> list[Unit]:
    """The units in force that the administrator may change, by name."""
    return [unit for unit in queries.units_in_force(clock.today()) if unit.id in viewer().admin_units]


def _former(unit_ids: Sequence[int]) -> list[Unit]:
    """The chosen units, each one of the administrator's own, or 404."""
    return [own_unit(unit_id) for unit_id in dict.fromkeys(unit_ids)]


def _offer(form: SuccessionForm, former: Sequence[Unit]) -> SuccessionForm:
    with_units(form)
    chosen = {unit.id for unit in former}
    form.successors.choices = [SelectChoice(unit.id, unit.name) for unit in _mine() if unit.id not in chosen]
    return form


def _successors(form: SuccessionForm) -> list[Unit]:
    """The chosen units, or the new one, made here."""
    if form.successors.data:
        return [own_unit(unit_id) for unit_id in form.successors.data]
    if not form.code.data or not form.name.data:
        raise Refused("directory.successor_missing")
    made = actions.create_unit(
        form.code.data, form.name.data, UnitKind(form.unit_kind.data), valid_from=form.on.data,
        reports_in=queries.unit_by_id(form.reports_in.data), managed_by=queries.unit_by_id(form.managed_by.data),
        by=viewer(), at=clock.now(),
    )  # fmt: skip
    return [made]


def _keep(postings: Sequence[Posting]) -> Mapping[int, Role]:
    """Who goes on in the first successor, and in which role, as chosen beside each posting."""
    chosen = {posting.id: request.form.get(f"keep-{posting.id}", "") for posting in postings}
    roles = {posting.id: Role(posting.role) for posting in postings}
    return {
        ident: roles[ident] if wanted == SAME else Role.OFFICER
        for ident, wanted in chosen.items()
        if wanted in (SAME, AS_OFFICER)
    }


def _context(former: Sequence[Unit], form: SuccessionForm) -> dict[str, Any]:
    ids = [unit.id for unit in former]
    on = form.on.data or clock.today()
    postings = queries.postings_from(ids, on)
    typed = request.method == "POST"
    return {
        "former": former,
        "form": form,
        "postings": postings,
        "below": {link.unit_id: link.unit for link in queries.children_on(ids, on) if link.unit_id not in ids},
        "keeps": {
            posting.id: request.form.get(f"keep-{posting.id}", "") if typed else _usual(posting) for posting in postings
        },
    }


def _usual(posting: Posting) -> str:
    """Officers go on; of several heads somebody must choose."""
    return "" if posting.role in LEADERS else SAME
