"""Proposed pauses on pages: what waits for me, proposing one, recording or refusing it."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import clock
from portal.accountability.ledger import proposing
from portal.accountability.ledger.forms import DecideForm
from portal.accountability.ledger.messages import PROPOSAL_STATES
from portal.accountability.ledger.models import PauseProposal
from portal.accountability.ledger.proposal_queries import ProposalQuery
from portal.accountability.ledger.term_views import answer, context_of, draft_of, row_of, work_of
from portal.cases.forms import PauseForm
from portal.cases.messages import KINDS
from portal.database import commit
from portal.guard import Permission, permit, viewer
from portal.web.respond import invalid, or_404, page

bp = Blueprint("pause_proposals", __name__, url_prefix="/cases")
DECIDES = (Permission.RECORD_PAUSES,)


@bp.get("/pauses/proposed")
@permit(Permission.RECORD_PAUSES, Permission.PROPOSE_PAUSES)
def index() -> ResponseReturnValue:
    """What waits for my decision, and what I proposed."""
    found = ProposalQuery.visible_to(viewer())
    return page(
        "terms/proposed.html", waiting=found.waiting().decided_by(viewer()).newest(),
        mine=found.proposed_by(viewer()).newest(), state_words=PROPOSAL_STATES, kind_words=KINDS,
    )  # fmt: skip


@bp.post("/<int:case_id>/pauses/propose")
@permit(Permission.PROPOSE_PAUSES)
def propose(case_id: int) -> ResponseReturnValue:
    """The officer of the case proposes a pause."""
    row, form = row_of(case_id), PauseForm()
    if not form.validate():
        return invalid("terms/show.html", **context_of(row, pause_form=form))

    def act() -> None:
        with commit():
            proposing.propose(row.case, draft_of(form), by=viewer(), at=clock.now())

    words = _("Proposed. The term moves once the head records it.")
    return answer(case_id, form, "pause_form", act, words)


@bp.post("/pauses/proposed/<int:proposal_id>/record")
@permit(*DECIDES)
def accept(proposal_id: int) -> ResponseReturnValue:
    """Record the pause as it was proposed."""
    found, form = _find(proposal_id), DecideForm()
    work = work_of(lambda at: proposing.accept(found, version=form.version.data or 0, by=viewer(), at=at))
    return _decided(found, form, work, _("The pause is recorded; the term follows it."))


@bp.post("/pauses/proposed/<int:proposal_id>/refuse")
@permit(*DECIDES)
def refuse(proposal_id: int) -> ResponseReturnValue:
    """Refuse it with a reason."""
    found, form = _find(proposal_id), DecideForm()
    work = work_of(
        lambda at: proposing.refuse(found, form.reason.data or "", version=form.version.data or 0, by=viewer(), at=at)
    )
    return _decided(found, form, work, _("Refused; the officer reads why."))


@bp.post("/pauses/proposed/<int:proposal_id>/withdraw")
@permit(Permission.PROPOSE_PAUSES)
def withdraw(proposal_id: int) -> ResponseReturnValue:
    """Take it back before it was decided."""
    found, form = _find(proposal_id), DecideForm()
    work = work_of(lambda at: proposing.withdraw(found, version=form.version.data or 0, by=viewer(), at=at))
    return _decided(found, form, work, _("The proposal is withdrawn."))


def _find(proposal_id: int) -> PauseProposal:
    return or_404(ProposalQuery.visible_to(viewer()).get(proposal_id))


def _decided(found: PauseProposal, form: DecideForm, work: Callable[[], None], words: str) -> ResponseReturnValue:
    case_id = found.case_id
    if not form.validate():
        return invalid("terms/show.html", **context_of(row_of(case_id), decide_form=form))
    return answer(case_id, form, "decide_form", work, words)
