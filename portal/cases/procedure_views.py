"""Procedures with their terms: what is in force, the history, and setting one after its effect was shown."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import clock
from portal.cases import recounting
from portal.cases.forms import TermFileForm, TermForm, TermRowsForm
from portal.cases.messages import FILE_FAULTS, ROW_FAULTS, UNITS
from portal.cases.models import Case, Procedure
from portal.cases.rules import search_words
from portal.cases.setting_terms import Imported, TermDraft, import_terms, rehearse_terms, set_term, terms_as_if
from portal.cases.term_sheet import COLUMNS, as_text, read_terms
from portal.cases.terms import PAGE, history_of, procedures_matching
from portal.database import commit, db
from portal.deadlines import TermUnit
from portal.directory.sheet import LIMIT_MIB, SheetFault
from portal.guard import Permission, permit, viewer
from portal.refusal import Refused
from portal.web.respond import done, invalid, or_404, page
from portal.web.words import sentence

bp = Blueprint("procedures", __name__, url_prefix="/procedures")
LIVE = 20_000
"""Up to so many open cases a file is told what it moves while the page is read; above they follow when it is set."""


@bp.get("")
@permit(Permission.READ_CALENDAR)
def index() -> ResponseReturnValue:
    """Every procedure with the term in force today."""
    return page("procedures/index.html", fragment="procedures/_rows.html", **_listed())


def _listed(**more: Any) -> dict[str, Any]:
    text, after = request.args.get("q", ""), request.args.get("after", "")
    found = procedures_matching(search_words(text), clock.today(), after)
    shown, is_more = found[:PAGE], len(found) > PAGE
    return {
        "lines": shown,
        "q": text,
        "next_url": url_for(".index", q=text, after=shown[-1].procedure.folded) if is_more else None,
        "unit_words": UNITS,
        "file_form": TermFileForm(formdata=None),
        "columns": COLUMNS,
        "imported": None,
        "works": recounting.last_projections(5) if viewer().may(Permission.MANAGE_SETTINGS) else [],
        **more,
    }


@bp.post("/files")
@permit(Permission.MANAGE_SETTINGS)
def bring() -> ResponseReturnValue:
    """Show what the terms of a file would do; nothing is set yet."""
    form = TermFileForm()
    if not form.validate():
        return invalid("procedures/index.html", **_listed(file_form=form))
    try:
        lines, problems = read_terms(form.file.data.read(LIMIT_MIB * 1024 * 1024 + 1))
    except SheetFault as fault:
        form.file.errors = [str(FILE_FAULTS[fault.code]) % {**fault.facts, "column": fault.column}]
        return invalid("procedures/index.html", **_listed(file_form=form))
    with commit():
        found = rehearse_terms(lines, problems, most=LIVE, by=viewer(), at=clock.now())
    name = (form.file.data.filename or "")[-255:]
    confirm = TermRowsForm(formdata=None, rows=as_text(one.line for one in found.made.terms), file_name=name)
    return page(
        "procedures/file.html", found=found, form=confirm, told=_worded(found.made), unit_words=UNITS, name=name
    )


@bp.post("/files/set")
@permit(Permission.MANAGE_SETTINGS)
def set_file() -> ResponseReturnValue:
    """Set the rows that were shown."""
    form = TermRowsForm()
    if not form.validate():
        return invalid("procedures/index.html", **_listed())
    try:
        lines, problems = read_terms((form.rows.data or "").encode())
    except SheetFault:
        return invalid("procedures/index.html", **_listed())
    with commit():
        made = import_terms(lines, problems, (form.file_name.data or "")[-255:], by=viewer(), at=clock.now())
    return page("procedures/index.html", **_listed(imported=_worded(made)))


def _worded(made: Imported) -> dict[str, Any]:
    in_order = sorted(made.problems, key=lambda one: one.row or 0)
    told = [(one.row, one.column, one.value, ROW_FAULTS[one.code]) for one in in_order]
    return {**made.as_json(), "problems": told}


@bp.get("/<int:procedure_id>")
@permit(Permission.READ_CALENDAR)
def show(procedure_id: int) -> ResponseReturnValue:
    """One procedure: its terms with their dates and documents."""
    return page("procedures/show.html", **_context(_procedure(procedure_id)))


def _procedure(procedure_id: int) -> Procedure:
    return or_404(db.session.get(Procedure, procedure_id))


def _context(procedure: Procedure, **more: Any) -> dict[str, Any]:
    return {
        "procedure": procedure,
        "history": history_of(procedure.id),
        "form": TermForm(formdata=None),
        "effect": None,
        "unit_words": UNITS,
        "today": clock.today(),
        **more,
    }


@bp.post("/<int:procedure_id>/terms")
@permit(Permission.MANAGE_SETTINGS)
def set_one(procedure_id: int) -> ResponseReturnValue:
    """Show what a new term would move; sent again with the confirmation, set it."""
    procedure, form = _procedure(procedure_id), TermForm()
    if not form.validate():
        return invalid("procedures/show.html", **_context(procedure, form=form))
    draft = TermDraft(form.amount.data, TermUnit(form.unit.data), form.valid_from.data, form.basis.data or "")
    if not form.confirmed.data:
        rules = recounting.rules_now(terms=terms_as_if(procedure_id, draft))
        effect = recounting.would_move(rules, clock.local_now(), Case.procedure_id == procedure_id)
        form.confirmed.data = "1"
        return page("procedures/show.html", **_context(procedure, form=form, effect=effect))
    try:
        with commit():
            set_term(procedure, draft, by=viewer(), at=clock.now())
    except Refused as refused:
        form.form_errors.append(sentence(refused))
        form.op_id.data, form.confirmed.data = str(uuid.uuid4()), ""
        return page("procedures/show.html", status=409, **_context(_procedure(procedure_id), form=form))
    return done(
        _("The term is set. Open cases are counted anew in the background."),
        url_for(".show", procedure_id=procedure_id),
    )
