"""What a change of the calendar would move, on a page of its own and inside the page of the change."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, make_response, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import clock
from portal.calendars.models import CalendarDraft
from portal.calendars.queries import draft_of
from portal.cases.recounting import anything_rests, following, open_cases
from portal.database import commit
from portal.guard import Permission, permit, viewer
from portal.impact import actions, queries, sheet
from portal.impact.messages import EFFECTS
from portal.impact.queries import Found
from portal.impact.rules import Counts, Effect, State
from portal.refusal import Refused
from portal.web.forms import EmptyForm
from portal.web.respond import done, or_404, page
from portal.web.words import sentence

bp = Blueprint("impact", __name__, url_prefix="/impact")
SHOWN = 200
LIVE = 5_000
"""Up to so many cases a preview is counted while the page is read; above it waits for the job."""
MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.get("/calendar/<int:draft_id>")
@permit(Permission.MANAGE_SETTINGS)
def calendar(draft_id: int) -> ResponseReturnValue:
    """The numbers of a change of the calendar, and the first cases that move."""
    draft = _draft(draft_id)
    context: dict[str, Any] = {"draft": draft, "words": EFFECTS, "button": EmptyForm(formdata=None), "limit": SHOWN}
    try:
        found = _found(draft) if draft.state == "shown" else None
    except Refused as refused:
        return page("impact/calendar.html", fragment="impact/_calendar.html", problem=sentence(refused), **context)
    if found is None:
        preview = queries.preview_of(draft)
        context |= {
            "waiting": preview is not None and preview.state != State.SUPERSEDED,
            "decided": draft.state != "shown",
        }
        return page("impact/calendar.html", fragment="impact/_calendar.html", **context)
    context |= {"counts": found.counts, "lines": queries.lines_of(_first(found)), "now": clock.local_now()}
    return page("impact/calendar.html", fragment="impact/_calendar.html", **context)


def _found(draft: CalendarDraft) -> Found | None:
    """The numbers: kept, or counted now where the cases are few; None where they wait for the job."""
    preview = queries.preview_of(draft)
    if preview is not None and preview.state == State.DONE:
        return Found(Counts(**preview.counts), queries.kept_cases(preview))
    ids = queries.open_concerned()
    many = len(ids) > LIVE or (queries.terms_count() and open_cases() > LIVE)
    return None if many else queries.found_for(draft, ids, clock.local_now())


def _first(found: Found) -> list[Any]:
    """Those that become overdue first."""
    return sorted(found.moved, key=lambda case: case.effect is not Effect.BECOMES_OVERDUE)[:SHOWN]


@bp.post("/calendar/<int:draft_id>/count")
@permit(Permission.MANAGE_SETTINGS)
def count(draft_id: int) -> ResponseReturnValue:
    """Let a large preview be counted off the request."""
    draft = _draft(draft_id)
    with commit():
        actions.ask(draft, at=clock.now())
    return done(_("The preview is being counted; come back in a moment."), url_for(".calendar", draft_id=draft_id))


@bp.get("/calendar/<int:draft_id>/cases.xlsx")
@permit(Permission.MANAGE_SETTINGS)
def export(draft_id: int) -> Response:
    """All cases that move."""
    draft = _draft(draft_id)
    found = or_404(_found(draft) if draft.state == "shown" else None)
    note = _("Change %(id)s against version %(version)s of the calendar", id=draft.id, version=draft.base_version_id)
    data = sheet.as_workbook(queries.lines_of(found.moved), _("Cases that a change of the calendar moves"), note)
    response = make_response(data)
    response.headers["Content-Type"] = MEDIA_TYPE
    response.headers["Content-Disposition"] = f"attachment; filename=tac-dong-{draft_id}.xlsx"
    return response


@bp.get("/versions/<int:version_id>")
@permit(Permission.READ_CALENDAR)
def run(version_id: int) -> ResponseReturnValue:
    """How far the open cases follow a version of the calendar."""
    newest = queries.newest_version()
    if newest is None or version_id > newest:
        return or_404(None)
    context: dict[str, Any] = {
        "run": following(version_id),
        "rests": anything_rests(),
        "version_id": version_id,
        "newest": newest,
    }
    return page("impact/run.html", fragment="impact/_run.html", **context)


def _draft(draft_id: int) -> CalendarDraft:
    return or_404(draft_of(draft_id, viewer().user_id))
