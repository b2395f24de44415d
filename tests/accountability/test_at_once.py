"""Sixteen who do the same at once: one effect, whatever the database."""

from __future__ import annotations

from collections import Counter
from typing import Any

from flask import Flask
from sqlalchemy import func, select

from portal import clock
from portal.accountability.explanations.actions import handing, writing
from portal.accountability.explanations.models import Explanation, ExplanationText
from portal.audit.models import AuditEvent
from portal.database import commit, db
from tests.accountability.conftest import MONDAY, Place, Voices, answer
from tests.accountability.road import at_once


def recorded(kind: str) -> int:
    return db.session.scalar(select(func.count()).where(AuditEvent.kind == kind)) or 0


def seen(ident: int) -> Explanation:
    """The row as it stood on the screen; nothing is held meanwhile."""
    row = db.session.get_one(Explanation, ident)
    db.session.rollback()
    return row


def test_one_of_sixteen_hands_in(app: Flask, explanation: Explanation, voices: Voices) -> None:
    ident, said = explanation.id, answer()
    db.session.rollback()

    def submit() -> str:
        row = seen(ident)
        with commit():
            writing.submit(row, said, version=1, by=voices.officer, at=clock.now(), today=MONDAY)
        return "done"

    outcomes: Counter[Any] = Counter(at_once(app, submit))

    assert (outcomes["done"], outcomes.total()) == (1, 16)
    assert (explanation.state, explanation.version) == ("submitted", 2)
    assert db.session.scalar(select(func.count()).select_from(ExplanationText)) == 1
    assert recorded("explanation.submitted") == 1


def test_one_of_sixteen_hands_over(app: Flask, explanation: Explanation, place: Place, voices: Voices) -> None:
    ident, to_id = explanation.id, place.colleague.id
    db.session.rollback()

    def hand_over() -> str:
        row = seen(ident)
        with commit():
            handing.hand_over(row, to_id, "Nghỉ phép.", by=voices.head, at=clock.now(), today=MONDAY)
        return "done"

    outcomes: Counter[Any] = Counter(at_once(app, hand_over))

    assert (outcomes["done"], outcomes.total()) == (1, 16)
    assert recorded("explanation.handed_over") == 1
