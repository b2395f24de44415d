"""After a conclusion, on pages: take it back, object to it, decide the objection."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import clock
from portal.accountability.explanations import conclusion_queries
from portal.accountability.explanations.actions import reconsidering
from portal.accountability.explanations.actions.outcomes import Said
from portal.accountability.explanations.forms import HearForm, ObjectForm, WithdrawForm
from portal.accountability.explanations.views.basis import DECIDES, WRITES, bp, find
from portal.accountability.explanations.views.deciding_forms import offered_shares
from portal.accountability.explanations.views.page import step
from portal.database import commit
from portal.guard import Permission, permit, viewer
from portal.refusal import Refused
from portal.web.respond import or_404


@bp.post("/<int:explanation_id>/withdraw")
@permit(*DECIDES)
def withdraw(explanation_id: int) -> ResponseReturnValue:
    """Take one's conclusion back on its day."""
    explanation, form = find(explanation_id), WithdrawForm()

    def act() -> None:
        with commit():
            reconsidering.withdraw(explanation, form.reason.data or "", **_facts(form.version.data))

    return step(explanation, form, "withdraw_form", act, _("The conclusion is taken back; conclude anew."))


@bp.post("/<int:explanation_id>/object")
@permit(*WRITES, Permission.READ_EXPLANATIONS)
def object_to(explanation_id: int) -> ResponseReturnValue:
    """Object to a conclusion, once."""
    explanation, form = find(explanation_id), ObjectForm()

    def act() -> None:
        with commit():
            reconsidering.object_to(explanation, form.reason.data or "", **_facts(form.version.data))

    return step(explanation, form, "object_form", act, _("The objection went to the next head up."))


@bp.post("/<int:explanation_id>/objections/<int:objection_id>")
@permit(*DECIDES)
def hear(explanation_id: int, objection_id: int) -> ResponseReturnValue:
    """Decide an objection: keep the conclusion, or draw another."""
    explanation, form = find(explanation_id), offered_shares(HearForm(), find(explanation_id), clock.today())
    waiting = {row.id: row for row in conclusion_queries.waiting_objections(explanation_id)}
    objection, keeps = or_404(waiting.get(objection_id)), "keep" in request.form
    reason, letter = form.reason.data or "", form.letter.data or ""

    def act() -> None:
        if not keeps and not form.conclusion.data:
            raise Refused("explanations.nothing_decided")
        said = None if keeps else Said(
            *form.chosen, reason.strip(), (form.confirmation.data or "").strip(), letter.strip(),
            (form.step.data or "").strip(), tuple(form.said_of_others()),
        )  # fmt: skip
        with commit():
            reconsidering.decide_objection(
                explanation, objection, said, reason, letter=letter, **_facts(form.version.data)
            )

    words = _("The conclusion is kept.") if keeps else _("The conclusion is changed.")
    return step(explanation, form, "hear_form", act, words, in_queue=True)


def _facts(version: int | None) -> dict[str, Any]:
    """Who acts, when, and on which state of the explanation."""
    today: date = clock.today()
    return {"version": version or 0, "by": viewer(), "at": clock.now(), "today": today}
