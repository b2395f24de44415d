"""Correcting a breach: proposed by the import or a person, decided by another person; the breach itself stays."""

from __future__ import annotations

from datetime import datetime

from portal.accountability.breaches import queries
from portal.accountability.breaches.events import CancellationApproved, CancellationDeclined, CancellationProposed
from portal.accountability.breaches.models import Breach, BreachCorrection
from portal.accountability.breaches.rules import CorrectionState, may_decide_correction
from portal.audit import record
from portal.database import db, transition
from portal.guard import Viewer
from portal.refusal import Refused


def propose_cancellation(breach: Breach, reason: str, *, by: Viewer, at: datetime) -> BreachCorrection:
    """Propose that a breach is cancelled because facts prove there was no lateness (§3.5)."""
    if not reason.strip():
        raise Refused("breaches.reason_missing")
    for correction in queries.corrections_of(breach.id):
        if correction.state == CorrectionState.APPROVED:
            raise Refused("breaches.already_cancelled")
        if correction.state == CorrectionState.PROPOSED:
            raise Refused("breaches.already_proposed")
    correction = BreachCorrection(
        breach_id=breach.id,
        kind="cancel",
        reason=reason.strip(),
        state=CorrectionState.PROPOSED,
        proposed_at=at,
        proposed_by=by.person_id,
    )
    db.session.add(correction)
    db.session.flush()
    record(CancellationProposed(reason=reason.strip()), entity_id=breach.id, by=by, at=at, case_id=breach.case_id)
    return correction


def decide_correction(
    correction: BreachCorrection, *, approve: bool, reason: str, version: int, by: Viewer, at: datetime
) -> None:
    """Approve or decline a proposal. The ledger cancels the open duties when it was approved."""
    if correction.state != CorrectionState.PROPOSED:
        raise Refused("breaches.decided_already")
    breach = correction.breach
    if by.person_id is None or not may_decide_correction(correction.proposed_by, by.person_id, breach.officer_id):
        raise Refused("breaches.not_his_own")
    if breach.unit_id in by.readable_units - by.own_reach:
        raise Refused("breaches.not_delegated")
    proposed, breach_id, case_id = correction.reason, breach.id, breach.case_id
    transition(
        BreachCorrection,
        correction.id,
        where={"state": CorrectionState.PROPOSED.value},
        to={
            "state": (CorrectionState.APPROVED if approve else CorrectionState.DECLINED).value,
            "decided_at": at,
            "decided_by": by.person_id,
            "decision_reason": reason.strip(),
        },
        version=version,
    )
    event = CancellationApproved if approve else CancellationDeclined
    record(event(reason=proposed, decision_reason=reason.strip()), entity_id=breach_id, by=by, at=at, case_id=case_id)
