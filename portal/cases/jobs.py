"""What the timetable runs for cases: counting anew what waits."""

from __future__ import annotations

from datetime import date, datetime

from portal.cases import recounting

BATCHES_AT_ONCE = 10
"""Batches of one turn: other jobs have their turn between them."""


def project_cases(today: date, at: datetime) -> dict[str, int]:
    """Count some batches of what waits; what is left waits for the next turn. Says how many cases moved."""
    return recounting.work(at, BATCHES_AT_ONCE).as_counts()
