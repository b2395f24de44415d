"""The trail on a page: newest first, names masked for the auditor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from portal.audit import queries
from portal.audit.actions import KINDS
from portal.audit.models import AuditEvent
from portal.guard import Permission, permit, viewer
from portal.web.respond import page

bp = Blueprint("audit", __name__, url_prefix="/trail")

ENTITIES: Mapping[str, LazyString] = {
    "account": _l("account"),
    "aggregates": _l("counts beside the case lists"),
    "api_token": _l("API token"),
    "apology": _l("letter of apology"),
    "batch": _l("batch of cases"),
    "breach": _l("breach of a term"),
    "breaches": _l("breaches of a day"),
    "calendar": _l("calendar"),
    "case_extension": _l("extension of a term"),
    "directory": _l("directory"),
    "evaluation": _l("evaluation of a year"),
    "explanation": _l("explanation"),
    "explanation_batch": _l("explanation for many cases"),
    "followup": _l("follow-up"),
    "incident": _l("incident"),
    "mail": _l("mail"),
    "pause": _l("pause of a term"),
    "pause_proposal": _l("proposed pause of a term"),
    "person": _l("person"),
    "policy": _l("rule set"),
    "procedure": _l("procedure"),
    "procedures": _l("terms of procedures"),
    "projection": _l("count of due moments"),
    "question": _l("question to another body"),
    "source": _l("source of case lists"),
    "source_name": _l("name in a source"),
    "source_report": _l("report of a source"),
    "unit": _l("unit"),
    "urging_note": _l("urging note"),
    "violation": _l("violation or complaint"),
}


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
    """Who did it; initials and the post for those who may only read masked names."""
    if not viewer().masks_names or event.user_id is None:
        return event.actor
    name, opening, post = event.actor.partition(" (")
    return " ".join(f"{part[0]}." for part in name.split()) + opening + post


def trail_entity(event: AuditEvent) -> str:
    """What it is about, in the reader's language, with its number."""
    words = str(ENTITIES.get(event.entity, event.entity))
    return f"{words} {event.entity_id}" if event.entity_id else words


def context() -> Mapping[str, Any]:
    """What the trail's fragment needs on any page."""
    return {"trail_sentence": trail_sentence, "trail_actor": trail_actor, "trail_entity": trail_entity}
