"""The home page of the viewer's roles, and the help page."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from portal.guard import Permission, permit
from portal.web.respond import page

home = Blueprint("home", __name__)
bp = Blueprint("desk", __name__)


@home.get("/")
@permit(Permission.SIGNED_IN)
def index() -> ResponseReturnValue:
    """What waits for the viewer today, tomorrow and the day after; then small figures."""
    return page("desk/home.html")


@bp.get("/help")
@permit(Permission.SIGNED_IN)
def help() -> ResponseReturnValue:
    """The road in six steps and the words of the field."""
    return page("desk/help.html")
