"""Opening the next year: its probable days off as proposals, each taken, edited or left out by the administrator."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import clock
from portal.calendars import drafting, queries
from portal.calendars.changes import Change, OpenYear
from portal.calendars.forms import OpeningForm
from portal.calendars.proposing import on_weekends, proposals
from portal.database import commit
from portal.guard import Permission, permit, viewer
from portal.refusal import Refused
from portal.web.respond import done, invalid, page
from portal.web.words import sentence

bp = Blueprint("calendar_years", __name__, url_prefix="/calendar/years")


@bp.get("/<int(min=1900,max=2199):year>/opening")
@permit(Permission.MANAGE_SETTINGS)
def propose(year: int) -> ResponseReturnValue:
    """The proposals for a year that is not open yet."""
    form = OpeningForm(formdata=None, data={"days": [OpeningForm.row_of(named) for named in proposals(year)]})
    return page("calendars/opening.html", form=form, **_context(year))


@bp.post("/<int(min=1900,max=2199):year>/opening")
@permit(Permission.MANAGE_SETTINGS)
def open_year(year: int) -> ResponseReturnValue:
    """Show what opening the year with the chosen days would do."""
    form = OpeningForm()
    if form.validate():
        try:
            with commit():
                changes: list[Change] = [OpenYear(year), *form.changes()]
                draft_id = drafting.keep(changes, form.reason.data, by=viewer(), at=clock.now()).id
        except Refused as refused:
            form.form_errors.append(sentence(refused))
        else:
            shown = url_for("calendar_changes.show", draft_id=draft_id)
            return done(_("This is what would change. Nothing has been written yet."), shown)
    return invalid("calendars/opening.html", form=form, **_context(year))


def _context(year: int) -> dict[str, Any]:
    years = queries.open_years()
    return {
        "year": year,
        "is_open": year in years,
        "is_next": bool(years) and year == years[-1] + 1,
        "next_year": years[-1] + 1 if years else None,
        "on_weekends": on_weekends(year),
    }
