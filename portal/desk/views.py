"""The home page of the viewer's roles, and the help page."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from portal import clock
from portal.desk.board import board_of
from portal.desk.picture import picture_of
from portal.guard import Permission, permit, viewer
from portal.imports.showing import untold
from portal.web.respond import page

home = Blueprint("home", __name__)
bp = Blueprint("desk", __name__)


@home.get("/")
@permit(Permission.SIGNED_IN)
def index() -> ResponseReturnValue:
    """What waits for the viewer today, tomorrow and the day after; then small figures."""
    brought = untold(viewer()) if viewer().may(Permission.IMPORT_CASES) else ()
    return page("desk/home.html", board=board_of(viewer(), clock.today(), clock.local_now()), brought=brought)


@bp.get("/my-figures")
@permit(Permission.READ_CASES)
def figures() -> ResponseReturnValue:
    """The small figures of the home page, which asks for them after the duties are on the screen."""
    picture = picture_of(viewer().in_own_right, clock.local_now())
    return page("desk/figures.html", fragment="desk/_figures.html", picture=picture)


@bp.get("/help")
@permit(Permission.SIGNED_IN)
def help() -> ResponseReturnValue:
    """The road in six steps and the words of the field."""
    return page("desk/help.html")
