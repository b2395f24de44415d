"""The trail on a page: newest first, names masked for the auditor."""

from __future__ import annotations

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from portal.audit import queries
from portal.guard import Permission, permit
from portal.web.respond import page

bp = Blueprint("audit", __name__, url_prefix="/trail")


@bp.get("")
@permit(Permission.READ_TRAIL)
def index() -> ResponseReturnValue:
    """The whole trail, a page at a time."""
    kind, before = request.args.get("kind", ""), request.args.get("before", type=int)
    events = queries.latest(before, kind)
    return page("audit/index.html", fragment="audit/_rows.html", events=events, kind=kind, page_size=queries.PAGE)
