"""What the page is told while somebody types: saved when, or that another window was first and what was kept."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from flask import jsonify, request
from flask.typing import ResponseReturnValue

from portal import clock
from portal.accountability.explanations.messages import said
from portal.accountability.explanations.rules import Answer
from portal.audit.actions import plain
from portal.refusal import Refused

LONGEST_KEY = 64


def is_typing() -> bool:
    """Whether the page saves by itself while somebody types."""
    return request.accept_mimetypes.best == "application/json"


def window_key() -> str:
    """The key of the form as it was given out: it names the window that types."""
    return (request.form.get("window") or request.form.get("op_id") or "")[:LONGEST_KEY]


def saved(version: int, at: datetime) -> ResponseReturnValue:
    """The draft is kept; ``version`` is what this window saves from next."""
    return jsonify(version=version, saved_at=time_of(at))


def not_saved(refused: Refused, kept_at: datetime | None = None) -> ResponseReturnValue:
    """The draft of this window was not taken; ``kept_at``: its text is kept beside."""
    return jsonify(error=said(refused), kept_at=time_of(kept_at) if kept_at else None), 409


def time_of(at: datetime) -> str:
    """An instant as the clock on the wall in Vietnam showed it, to the second."""
    return f"{at.astimezone(clock.VIETNAM):%H:%M:%S}"


def typed(answer: Answer, remarks: dict[int, str] | None = None) -> dict[str, Any]:
    """What a window holds, as it is kept beside."""
    kept: dict[str, Any] = plain(asdict(answer))
    return {**kept, "remarks": plain(remarks or {})}
