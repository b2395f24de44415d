"""The register of a unit's letters: every number with what became of it, and the holes nobody has explained."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import clock
from portal.accountability.apologies import registers
from portal.accountability.apologies.forms import ExplainNumberForm, KeepBackForm
from portal.accountability.apologies.messages import FATES, NUMBER_STATES
from portal.accountability.apologies.registers import PAGE, Fate
from portal.accountability.apologies.rules import REGISTER_FORM
from portal.database import commit
from portal.directory.queries import load_tree
from portal.directory.rules import Node
from portal.documents.queries import next_number, open_numbers, register_years
from portal.guard import Permission, permit, viewer
from portal.refusal import Refused
from portal.web.forms import PortalForm
from portal.web.respond import done, invalid, or_404, page
from portal.web.words import sentence

bp = Blueprint("apology_register", __name__, url_prefix="/apologies/register")
KEEPS = (Permission.NUMBER_LETTERS, Permission.SIGN_LETTERS)


@bp.get("")
@permit(Permission.READ_LETTERS)
def index() -> ResponseReturnValue:
    """The register of the unit asked for, else of the first one in reach."""
    units = _units()
    wanted = request.args.get("unit", type=int)
    unit_id = wanted if wanted is not None else next(iter(units), None)
    if unit_id is None:
        return page("apologies/register.html", units={}, unit=None)
    return page("apologies/register.html", **_context(units, unit_id, _year()))


@bp.post("/<int:unit_id>/<int:year>/kept-back")
@permit(*KEEPS)
def keep_back(unit_id: int, year: int) -> ResponseReturnValue:
    """Reserve a number for a document that is still to come."""
    form = KeepBackForm()
    if not form.validate():
        return invalid("apologies/register.html", **_context(_units(), unit_id, year, keep_form=form))
    try:
        with commit():
            given = registers.keep_back(
                unit_id, year, form.number.data, form.note.data or "", by=viewer(), at=clock.now(), on=clock.today()
            )
    except Refused as refused:
        return _refused(unit_id, year, form, refused, "keep_form")
    return done(_("Number %(number)s is kept back.", number=given), _url(unit_id, year))


@bp.post("/<int:unit_id>/<int:year>/explained")
@permit(*KEEPS)
def explain(unit_id: int, year: int) -> ResponseReturnValue:
    """Say what became of a number that no letter carries."""
    form = ExplainNumberForm()
    if not form.validate():
        return invalid("apologies/register.html", **_context(_units(), unit_id, year, explain_form=form))
    try:
        with commit():
            registers.explain(
                unit_id, year, form.number.data, Fate(form.fate.data), form.note.data or "", by=viewer(),
                at=clock.now(), on=clock.today(),
            )  # fmt: skip
    except Refused as refused:
        return _refused(unit_id, year, form, refused, "explain_form")
    return done(_("Number %(number)s is explained.", number=form.number.data), _url(unit_id, year))


def _refused(unit_id: int, year: int, form: PortalForm, refused: Refused, name: str) -> ResponseReturnValue:
    form.form_errors.append(sentence(refused))
    return page("apologies/register.html", status=409, **_context(_units(), unit_id, year, **{name: form}))


def _url(unit_id: int, year: int) -> str:
    return url_for(".index", unit=unit_id, year=year)


def _year() -> int:
    return request.args.get("year", type=int) or clock.today().year


def _units() -> dict[int, str]:
    """The units whose letters the viewer reads or numbers, by name."""
    who, tree = viewer(), load_tree(clock.today(), with_ended=True)
    reach = who.readable_units | who.clerk_units
    nodes = (node for node in tree.nodes.values() if who.sees_all or node.id in reach)
    ordered: list[Node] = sorted(nodes, key=lambda node: (node.id not in who.clerk_units, node.name))
    return {node.id: node.name for node in ordered}


def _context(units: dict[int, str], unit_id: int, year: int, **forms: PortalForm) -> dict[str, Any]:
    name, who = or_404(units.get(unit_id)), viewer()
    lines = registers.lines(who, unit_id, year, below=request.args.get("below", type=int))
    keeps = registers.keeps_register(who, unit_id, clock.today())
    number = request.args.get("number", type=int)
    offered: dict[str, PortalForm] = {
        "keep_form": KeepBackForm(formdata=None),
        "explain_form": ExplainNumberForm(formdata=None, number=number),
    }
    last = next_number(unit_id, REGISTER_FORM, year) - 1
    lowest = lines[-1].number if lines else 1
    return {
        "units": units, "unit": name, "unit_id": unit_id, "year": year, "lines": lines, "total": last, "keeps": keeps,
        "years": sorted({year, clock.today().year, *register_years(unit_id, REGISTER_FORM)}, reverse=True),
        "holes": open_numbers(unit_id, REGISTER_FORM, year), "states": NUMBER_STATES, "fates": FATES,
        "next_url": url_for(".index", unit=unit_id, year=year, below=lowest) if lowest > 1 else None,
        "explaining": number is not None, "page_size": PAGE,
        **(offered if keeps else {}), **forms,
    }  # fmt: skip
