"""PURE: subjects, states and rounds of urging notes."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

REGISTER_FORM = "PĐĐ"
"""The code of the register and of the number: 05/PĐĐ."""
LAST_ROUND = 3
"""After the third round the matter is the chair's."""
MOST_LISTED = 200
"""So many cases are named in a note; the others are counted, the list in the portal has them all."""
MOST_PASTED = 20
"""So many codes stand in the text for a messenger."""


class Subject(StrEnum):
    """What a unit is urged about."""

    OVERDUE = "overdue"
    EXPLANATIONS = "explanations"
    APOLOGIES = "apologies"


class State(StrEnum):
    """Where a note stands. ``lapsed``: the next round took its place before anybody answered."""

    ISSUED = "issued"
    ANSWERED = "answered"
    LAPSED = "lapsed"


def next_round(last_round: int | None, last_state: str | None) -> int:
    """The round of the next note on the same subject to the same unit: after an answer one begins anew.

    The last round is repeated where even that was not answered.
    """
    if last_round is None or last_state == State.ANSWERED:
        return 1
    return min(last_round + 1, LAST_ROUND)


def is_past_term(state: str, reply_due_on: date, today: date) -> bool:
    """Whether a note is unanswered although its term is over."""
    return state != State.ANSWERED and reply_due_on < today


def is_late_reply(reply_due_on: date, replied_on: date | None) -> bool:
    """Whether a reply came after its term."""
    return replied_on is not None and replied_on > reply_due_on
