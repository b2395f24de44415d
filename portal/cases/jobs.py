"""What the timetable runs for cases: counting anew what waits."""

from __future__ import annotations

from datetime import date, datetime

from portal.cases import recounting

BATCHES_AT_ONCE = 20
"""Batches of one turn, a million cases: other jobs have their turn between them."""


def project_cases(today: date, at: datetime) -> dict[str, int]:
    """Count some batches of what waits, after a change of the calendar all open cases; says how many moved.

    What is left waits for the next turn.
    """
    recounting.keep_up(at)
    return recounting.work(at, BATCHES_AT_ONCE).as_counts()
