"""What the timetable runs for the door for programs: kept answers, which name cases, are forgotten after some days."""

from __future__ import annotations

from datetime import date, datetime

from portal.api import bulk
from portal.api.rules import REMEMBERED
from portal.database import commit


def forget_answers(today: date, at: datetime) -> dict[str, int]:
    """Forget answers to keys that no program sends again. Says how many; ``at`` is an instant."""
    with commit():
        return {"answers": bulk.forget_answers_before(at - REMEMBERED)}
