"""One line of "must do" on the home page, and how urgent it looks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

URGENCY = {"late": 0, "today": 1, "plain": 2}


@dataclass(frozen=True)
class Duty:
    """One line of "must do": how many, what, where, and what happens otherwise. ``tone``: late, today or plain.

    ``nearest``: the day by which the first of them is due; None where no term runs.
    """

    count: int
    words: str
    url: str
    tone: str = "plain"
    then: str = ""
    action: str = ""
    nearest: date | None = None


def tone_of(nearest: date | None, today: date, otherwise: str = "plain") -> str:
    """How urgent things look whose first term ends on a day: late, today, or else ``otherwise``."""
    if nearest is None or nearest > today:
        return otherwise
    return "late" if nearest < today else "today"


def by_urgency(duties: list[Duty]) -> list[Duty]:
    """Late ones first, then today's; within each the order of the page."""
    return sorted((duty for duty in duties if duty.count), key=lambda duty: URGENCY[duty.tone])
