"""The trail on a page: newest first, names masked for the auditor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from portal.audit import queries
from portal.audit.actions import KINDS
from portal.audit.models import AuditEvent
from portal.guard import Permission, permit, viewer
from portal.web.respond import page

bp = Blueprint("audit", __name__, url_prefix="/trail")


@bp.get("")
@permit(Permission.READ_TRAIL)
def index() -> ResponseReturnValue:
    """The whole trail, a page at a time."""
    kind, before = request.args.get("kind", ""), request.args.get("before", type=int)
    events = queries.latest(before, kind)
    return page("audit/index.html", fragment="audit/_rows.html", events=events, kind=kind, page_size=queries.PAGE)


def trail_sentence(event: AuditEvent) -> str:
    """What happened, in the reader's language; a title may take facts of the event as %(name)s."""
    known = KINDS.get(event.kind)
    if known is None:
        return event.kind
    title = str(known.title)
    return title % event.payload if "%(" in title and event.payload else title


def trail_actor(event: AuditEvent) -> str:
    """Who did it; initials for those who may only read masked names."""
    if not viewer().masks_names or event.user_id is None:
        return event.actor
    return " ".join(f"{part[0]}." for part in event.actor.split() if part)


def context() -> Mapping[str, Any]:
    """What the trail's fragment needs on any page."""
    return {"trail_sentence": trail_sentence, "trail_actor": trail_actor}
