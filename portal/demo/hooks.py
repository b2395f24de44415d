"""Let a demonstration database set the business clock of every request and command, and say so on every page."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import current_app, request
from sqlalchemy import inspect, select

from portal import clock
from portal.database import db
from portal.demo.models import DemoState

KEY = "demo_clock"


def stored_clock() -> datetime | None:
    """Where the clock of this database stands; None for a real one. Read once a process: the mark never changes."""
    if KEY not in current_app.extensions:
        known = inspect(db.engine).has_table(DemoState.__tablename__)
        current_app.extensions[KEY] = db.session.scalar(select(DemoState.clock)) if known else None
        current_app.config["DEMO"] = current_app.extensions[KEY] is not None
    found: datetime | None = current_app.extensions[KEY]
    return found


def forget() -> None:
    """Read the mark again: a command has just made the database a demonstration."""
    current_app.extensions.pop(KEY, None)


def start_request() -> None:
    """Before a request: stand at the clock of the demonstration. Health and static files need no database."""
    if request.endpoint not in ("static", "web.healthz", None):
        _stand(stored_clock())


def restore_clock() -> None:
    """Before a command: the same."""
    _stand(stored_clock())


def _stand(moment: datetime | None) -> None:
    """Stand at the clock of a demonstration; leave a real clock, or the one a test has set, alone."""
    if moment is not None:
        clock.set_business_time(moment)


def context() -> Mapping[str, Any]:
    """What every page needs to say that it shows illustrative data."""
    moment = current_app.extensions.get(KEY)
    return {"demo": moment is not None, "demo_clock": moment}
