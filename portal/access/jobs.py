"""What the timetable runs for sign-in: sessions that have ended by themselves leave no row."""

from __future__ import annotations

from datetime import date, datetime

from portal.access import bulk
from portal.access.sessions import absolute_limit, idle_limit
from portal.database import commit


def end_old_sessions(today: date, at: datetime) -> dict[str, int]:
    """Remove sessions that stood idle or lasted too long; they let nobody in already. ``at`` is an instant."""
    with commit():
        return {"sessions": bulk.end_sessions_before(seen=at - idle_limit(), created=at - absolute_limit())}
