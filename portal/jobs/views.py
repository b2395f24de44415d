"""The page "did last night run?"."""

from __future__ import annotations

from datetime import date, timedelta

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from portal import clock
from portal.guard import Permission, permit
from portal.jobs.board import DAYS_SHOWN, board_of, machine_moment
from portal.jobs.messages import ALARMS
from portal.jobs.timetable import TIMETABLE
from portal.web.respond import page

bp = Blueprint("jobs", __name__, url_prefix="/jobs")


@bp.get("")
@permit(Permission.READ_JOBS)
def index() -> ResponseReturnValue:
    """The jobs of the newest night, the nights before, and what repeats all day."""
    board = board_of(TIMETABLE, clock.now(), _day_of(request.args.get("to", "")))
    older = (board.first - timedelta(days=1)).isoformat()
    newer = (
        min(board.last + timedelta(days=DAYS_SHOWN), board.newest).isoformat() if board.last < board.newest else None
    )
    alarm = ALARMS[board.health.trouble] if board.health.trouble else None
    return page("jobs/index.html", board=board, alarm=alarm, older=older, newer=newer, machine_moment=machine_moment)


def _day_of(text: str) -> date | None:
    """The day of an address; nothing where it is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
