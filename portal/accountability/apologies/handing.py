"""A letter that nobody drafts any more goes to another officer. It is the unit's letter: its term goes on as it was."""

from __future__ import annotations

from datetime import date, datetime

from portal.accountability.apologies.events import ApologyHandedOver
from portal.accountability.apologies.models import Apology
from portal.accountability.apologies.rules import OPEN
from portal.accountability.explanations.actions.handing import must_hand_over, must_name_another
from portal.accountability.explanations.actions.seats import must_be_in_reach
from portal.audit import record
from portal.database import transition
from portal.guard import Viewer
from portal.refusal import Refused


def hand_over(apology: Apology, to_id: int, reason: str, *, by: Viewer, at: datetime, today: date) -> None:
    """Let another officer draft it, or answer for it when it is sent back; the draft so far stays."""
    must_hand_over(apology.unit_id, by)
    if apology.state not in OPEN:
        raise Refused("apologies.not_now")
    reason = must_name_another(apology.officer_id, to_id, reason, apology.case.code)
    must_be_in_reach(to_id, by, today)
    from_id = apology.officer_id
    where = {"state": [state.value for state in OPEN]}
    transition(Apology, apology.id, where=where, to={"officer_id": to_id}, version=apology.version)
    event = ApologyHandedOver(from_id=from_id, to_id=to_id, reason=reason)
    record(event, entity_id=apology.id, by=by, at=at, case_id=apology.case_id)
