"""The officer of a case proposes a pause; a head of its unit, or an office, records or refuses it.

The officer knows first that a case waits, but nobody moves a term of his own: a proposal moves nothing.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.exc import IntegrityError

from portal.accountability.ledger.events import PauseProposalDecided, PauseProposed
from portal.accountability.ledger.models import PauseProposal, ProposalState
from portal.audit import record
from portal.cases import actions as cases
from portal.cases.actions import PauseDraft
from portal.cases.models import Case
from portal.database import db, transition
from portal.deadlines import PauseKind
from portal.guard import Permission, Viewer
from portal.refusal import Refused


def may_propose(case: Case, by: Viewer) -> bool:
    """Whether a viewer proposes pauses of this case: its officer, or who stands in for them."""
    return by.may(Permission.PROPOSE_PAUSES) and case.officer_id is not None and case.officer_id in by.person_ids


def propose(case: Case, draft: PauseDraft, *, by: Viewer, at: datetime) -> PauseProposal:
    """Propose a pause. Refused where it could not be recorded either, and while another one of the case waits."""
    if not may_propose(case, by) or by.person_id is None:
        raise Refused("proposals.not_your_case")
    by = by.standing_in(case.officer_id)
    cases.demand_pause(case, draft)
    assert draft.document_on is not None and by.person_id is not None, "demanded above"
    proposal = PauseProposal(
        case_id=case.id, kind=draft.kind.value, started_at=draft.started_at, ended_at=draft.ended_at,
        document=draft.document, document_on=draft.document_on, reason=draft.reason, in_printed=draft.in_printed,
        state=ProposalState.WAITING, proposed_by=by.person_id, proposed_at=at,
    )  # fmt: skip
    db.session.add(proposal)
    try:
        db.session.flush()
    except IntegrityError as error:  # the index lets one wait
        raise Refused("proposals.one_waits") from error
    event = PauseProposed(
        of_kind=draft.kind.value, started_at=draft.started_at, ended_at=draft.ended_at, document=draft.document,
        document_on=draft.document_on,
    )  # fmt: skip
    record(event, entity_id=proposal.id, by=by, at=at, case_id=case.id)
    return proposal


def accept(proposal: PauseProposal, *, version: int, by: Viewer, at: datetime) -> None:
    """Record the pause as it was proposed, in the name of who records it; the term follows."""
    _must_wait(proposal)
    pause = cases.record_pause(proposal.case, draft_of(proposal), by=by, at=at)
    _decide(proposal, ProposalState.RECORDED, version, by, at, pause_id=pause.id)


def refuse(proposal: PauseProposal, reason: str, *, version: int, by: Viewer, at: datetime) -> None:
    """Say that it is no lawful pause, and why; the officer may propose another one."""
    _must_wait(proposal)
    if not cases.may_record(proposal.case, by):
        raise Refused("pauses.not_yours")
    if not reason.strip():
        raise Refused("proposals.reason_missing")
    _decide(proposal, ProposalState.REFUSED, version, by, at, reason=reason.strip())


def withdraw(proposal: PauseProposal, *, version: int, by: Viewer, at: datetime) -> None:
    """Take one's own proposal back before anybody decided."""
    _must_wait(proposal)
    if proposal.proposed_by not in by.person_ids:
        raise Refused("proposals.not_your_case")
    _decide(proposal, ProposalState.WITHDRAWN, version, by, at)


def draft_of(proposal: PauseProposal) -> PauseDraft:
    """The pause as it would be recorded."""
    return PauseDraft(
        kind=PauseKind(proposal.kind), started_at=proposal.started_at, ended_at=proposal.ended_at,
        document=proposal.document, document_on=proposal.document_on, reason=proposal.reason,
        in_printed=proposal.in_printed,
    )  # fmt: skip


def _must_wait(proposal: PauseProposal) -> None:
    if proposal.state != ProposalState.WAITING:
        raise Refused("proposals.decided")


def _decide(
    proposal: PauseProposal, state: ProposalState, version: int, by: Viewer, at: datetime, *,
    reason: str = "", pause_id: int | None = None,
) -> None:  # fmt: skip
    to = {"state": state.value, "decided_by": by.person_id, "decided_at": at, "answer": reason, "pause_id": pause_id}
    where = {"state": ProposalState.WAITING.value}
    transition(PauseProposal, proposal.id, where=where, to=to, version=version)
    event = PauseProposalDecided(state=state.value, reason=reason, pause_id=pause_id)
    record(event, entity_id=proposal.id, by=by, at=at, case_id=proposal.case_id)
