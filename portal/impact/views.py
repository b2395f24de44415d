"""What a change of the calendar would move, on a page of its own and inside the page of the change."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, make_response, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import clock
from portal.calendars.models import CalendarDraft
from portal.calendars.queries import draft_of
from portal.cases.filters import day_from
from portal.cases.recounting import anything_rests, following, open_cases
from portal.database import commit
from portal.guard import Permission, permit, viewer
from portal.impact import actions, queries, sheet
from portal.impact.messages import EFFECTS
from portal.impact.queries import Found
from portal.impact.rules import Counts, Effect, LastHourChange, State
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


@bp.get("/last-hour")
@permit(Permission.MANAGE_SETTINGS)
def last_hour() -> ResponseReturnValue:
    """What the last-hour rule would move, set or taken back from a day on."""
    change = _change()
    preview = queries.preview_of_rule(change)
    counts: Counts | None = None
    if preview is not None and preview.state == State.DONE:
        counts = Counts(**preview.counts)
    elif preview is None and open_cases() <= LIVE:
        counts = queries.found_for_rule(change, clock.local_now()).counts
    context: dict[str, Any] = {
        "change": change,
        "preview": preview,
        "counts": counts,
        "waiting": preview is not None and counts is None,
        "args": _args(change),
        "button": EmptyForm(formdata=None),
    }
    return page("impact/last_hour.html", fragment="impact/_last_hour.html", **context)


@bp.post("/last-hour/count")
@permit(Permission.MANAGE_SETTINGS)
def count_last_hour() -> ResponseReturnValue:
    """Let it be counted off the request, or counted again."""
    change = _change()
    with commit():
        actions.ask_rule(change, at=clock.now())
    return done(_("The preview is being counted; come back in a moment."), url_for(".last_hour", **_args(change)))


def _args(change: LastHourChange) -> dict[str, Any]:
    return {"value": int(change.value), "from": f"{change.valid_from:%d/%m/%Y}"}


def _change() -> LastHourChange:
    """The change a URL names; 404 for anything else."""
    valid_from, value = day_from(request.args.get("from", "")), request.args.get("value")
    return or_404(LastHourChange(value == "1", valid_from) if valid_from and value in ("0", "1") else None)


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
