"""The page of differing due dates: counts by unit and source, each a link to the list it counts."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from portal.cases.differences import differing
from portal.cases.filters import CaseFilters, Show
from portal.cases.freshness import freshness
from portal.cases.labels import data_line
from portal.cases.views import url_of
from portal.guard import Permission, permit, viewer
from portal.web.respond import page

COUNTS = ("compared", "too_short", "too_long", "changed")
bp = Blueprint("differences", __name__, url_prefix="/cases/differences")


@bp.get("")
@permit(Permission.READ_CASES)
def index() -> ResponseReturnValue:
    """Which printed dates differ from our own count, and which were changed after receipt."""
    rows = differing(viewer())
    return page(
        "cases/differences.html",
        rows=rows,
        totals=[sum(getattr(row, name) for row in rows) for name in COUNTS],
        url_of=lambda show, unit_id: url_of(CaseFilters(show=Show(show), unit=unit_id)),
        data_as_of=data_line(freshness()),
    )
