"""Set-based opening of the duty to explain: one INSERT … SELECT, safe to run twice."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Integer, Text, case, exists, false, func, literal, literal_column, select

from portal.accountability.breaches.bulk import insert_once
from portal.accountability.breaches.models import Breach
from portal.accountability.explanations.models import Explanation
from portal.accountability.explanations.rules import State
from portal.database import dialect


def insert_missing_explanations(noticed_on: date, due_on: date, legacy_due_on: date) -> int:
    """Open a waiting explanation for each breach that has none; the number opened.

    The term runs from the notice; breaches older than the cut-over have one common term (§3.9). The holder is the
    responsible officer, else the head; NULL where the directory names neither: such a duty waits for the decider to
    give it to somebody.
    """
    missing = ~exists().where(Explanation.breach_id == Breach.id).correlate(Breach)
    rows: dict[str, Any] = {
        "breach_id": Breach.id,
        "case_id": Breach.case_id,
        "state": literal(State.WAITING.value, Text),
        "holder_id": func.coalesce(Breach.officer_id, Breach.head_id),
        "unit_id": Breach.unit_id,
        "noticed_on": literal(noticed_on),
        "due_on": case((Breach.legacy.is_(True), literal(legacy_due_on)), else_=literal(due_on)),
        "happened": literal("", Text),
        "remedy": literal("", Text),
        "commitment": literal("", Text),
        "said_not_mine": _no(),
        "said_already_done": _no(),
        "returned_times": literal_column("0", Integer),
        "version": literal_column("1", Integer),
    }
    return insert_once(Explanation, tuple(rows), select(*rows.values()).where(missing).order_by(Breach.id))


def _no() -> Any:
    return false() if dialect() == "postgresql" else literal_column("0", Integer)
