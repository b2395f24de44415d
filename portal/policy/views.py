"""The rule set on a page, with dates and basis; an administrator sets a value from a day on."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _

from portal import clock
from portal.access.sessions import settings
from portal.database import commit
from portal.guard import Permission, permit, viewer
from portal.policy import actions, queries
from portal.policy.forms import OnForm, ValueForm
from portal.policy.messages import LABELS, WORDS
from portal.policy.rules import KEYS, PLANNED, in_force
from portal.refusal import Refused
from portal.web.respond import done, invalid, page
from portal.web.words import sentence

bp = Blueprint("policy", __name__, url_prefix="/policy")


@bp.get("")
@permit(Permission.READ_CALENDAR)
def index() -> ResponseReturnValue:
    """The rules in force today (or on ``?on=``), and how they came to be."""
    return page("policy/index.html", form=ValueForm(formdata=None), **_context())


def _context() -> dict[str, Any]:
    on_form = OnForm(formdata=request.args)
    on = on_form.on.data or clock.today()
    # A key that a later version dropped stays in the table and is not shown.
    known = [row for row in queries.history() if row.key in KEYS]
    rows = sorted(known, key=lambda row: list(KEYS).index(row.key))
    return {
        "on": on,
        "on_form": on_form if on_form.on.data else OnForm(formdata=None, on=on),
        "rows": [
            (row, LABELS[row.key], in_words(row.value), in_force(row.valid_from, row.valid_to, on)) for row in rows
        ],
        "causes": queries.catalogue(on),
        "forms": queries.letter_forms(),
        "planned": PLANNED,
        "sign_in": settings(),
        "english": str(get_locale()) == "en",
    }


def in_words(value: Any) -> str:
    """A value as people read it."""
    if value is None or isinstance(value, bool):
        return str({None: _("not set"), True: _("yes"), False: _("no")}[value])
    if isinstance(value, dict):
        return " · ".join(f"{WORDS.get(part, part)} {in_words(held)}" for part, held in value.items())
    if isinstance(value, list):
        return ", ".join(in_words(held) for held in value)
    return str(WORDS.get(value, value))


@bp.post("/values")
@permit(Permission.MANAGE_SETTINGS)
def set_value() -> ResponseReturnValue:
    """Set a value from a day on; one that cases are counted by is set once it was shown what it would move."""
    form = ValueForm()
    if not form.validate():
        return invalid("policy/index.html", form=form, **_context())
    if form.key.data == queries.LAST_HOUR and isinstance(form.value, bool) and not form.confirmed.data:
        form.confirmed.data = "1"
        asked = {"value": int(form.value), "from": f"{form.valid_from.data:%d/%m/%Y}"}
        return page("policy/index.html", form=form, impact=asked, **_context())
    try:
        with commit():
            actions.set_value(
                form.key.data,
                form.value,
                valid_from=form.valid_from.data,
                basis=form.basis.data,
                by=viewer(),
                at=clock.now(),
            )
    except Refused as refused:
        form.form_errors.append(sentence(refused))
        return invalid("policy/index.html", form=form, **_context())
    return done(_("The rule is set."), url_for(".index"))
