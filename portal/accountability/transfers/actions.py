"""Handing over many duties at once: all of them or none, each with its own event in the trail."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from portal.accountability.apologies import handing as letters
from portal.accountability.apologies.models import Apology
from portal.accountability.explanations.actions import handing
from portal.accountability.explanations.models import Explanation
from portal.accountability.explanations.supplements import Supplement
from portal.accountability.incidents.models import BodyQuestion
from portal.accountability.transfers.rules import Kind
from portal.accountability.violations import handing as violations
from portal.accountability.violations.models import Violation
from portal.database import db
from portal.guard import Viewer
from portal.refusal import Refused


def hand_over(
    chosen: Iterable[tuple[Kind, int]], to_id: int | None, reason: str, *, by: Viewer, at: datetime, today: date
) -> int:
    """Give duties, by kind and number, to one person; gives how many. A rule that refuses one refuses all."""
    duties = list(dict.fromkeys(chosen))
    if not duties:
        raise Refused("transfers.nothing_chosen")
    if to_id is None:
        raise Refused("transfers.nobody_named")
    for kind, ident in duties:
        _hand_over(kind, ident, to_id, reason, by, at, today)
    return len(duties)


def _hand_over(kind: Kind, ident: int, to_id: int, reason: str, by: Viewer, at: datetime, today: date) -> None:
    if kind is Kind.LETTER:
        letters.hand_over(db.session.get_one(Apology, ident), to_id, reason, by=by, at=at, today=today)
    elif kind is Kind.SUPPLEMENT:
        supplement = db.session.get_one(Supplement, ident)
        handing.hand_over_supplement(supplement, to_id, reason, by=by, at=at, today=today)
    elif kind is Kind.VIOLATION:
        violations.hand_over(db.session.get_one(Violation, ident), to_id, reason, by=by, at=at, today=today)
    elif kind is Kind.QUESTION:
        question = db.session.get_one(BodyQuestion, ident)
        handing.hand_over_question(question, to_id, reason, by=by, at=at, today=today)
    else:
        handing.hand_over(db.session.get_one(Explanation, ident), to_id, reason, by=by, at=at, today=today)
