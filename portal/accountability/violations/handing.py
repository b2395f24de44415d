"""The answer to a violation goes to another person, because whom it concerns left; they say what the file shows."""

from __future__ import annotations

from datetime import date, datetime

from portal.accountability.explanations.actions.handing import must_hand_over, must_name_another
from portal.accountability.explanations.actions.seats import must_be_in_reach
from portal.accountability.explanations.standing import NewTerm
from portal.accountability.violations.events import ViolationHandedOver
from portal.accountability.violations.models import Violation
from portal.accountability.violations.rules import WRITABLE
from portal.audit import record
from portal.database import transition
from portal.guard import Permission, Viewer
from portal.refusal import Refused


def hand_over(violation: Violation, to_id: int, reason: str, *, by: Viewer, at: datetime, today: date) -> None:
    """Let another person answer; given back to whom it concerns, they answer for themselves again. A new term runs.

    Who answers does not conclude, as whom it concerns does not.
    """
    must_hand_over(violation.unit_id, by)
    if not by.may(Permission.READ_VIOLATIONS):
        raise Refused("explanations.not_handing_over")
    if violation.state not in WRITABLE or violation.holder_id is None:
        raise Refused("violations.not_possible", state=violation.state)
    named = violation.case.code if violation.case else f"{violation.found_on:%d/%m/%Y}"
    reason = must_name_another(violation.answers_id, to_id, reason, named)
    must_be_in_reach(to_id, by, today)
    from_id, term = violation.answers_id, NewTerm.of(to_id, today)
    where = {"state": [state.value for state in WRITABLE]}
    writer_id = None if to_id == violation.holder_id else to_id
    to = {"writer_id": writer_id, "noticed_on": today, **term.columns}
    transition(Violation, violation.id, where=where, to=to, version=violation.version)
    event = ViolationHandedOver(from_id=from_id, to_id=to_id, reason=reason, due_on=term.due_on)
    record(event, entity_id=violation.id, by=by, at=at, case_id=violation.case_id)
