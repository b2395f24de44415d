"""The decider's forms, with what would follow from each choice."""

from __future__ import annotations

from datetime import date
from typing import Any, TypeVar

from flask import request
from flask_babel import gettext as _

from portal import clock
from portal.accountability.explanations import queries
from portal.accountability.explanations.forms import ConcludeForm, PassOnForm, ReassignForm, ReturnForm
from portal.accountability.explanations.messages import CONCLUSIONS
from portal.accountability.explanations.models import Explanation
from portal.accountability.explanations.queries import Road
from portal.accountability.explanations.rules import (
    WRITABLE,
    CauseClass,
    State,
    bulk_conclusion,
    may_return,
    may_return_from_section,
)
from portal.accountability.explanations.views.basis import Basis, find
from portal.accountability.explanations.views.weighing import consequences
from portal.accountability.incidents.queries import confirmations_of
from portal.directory.queries import load_tree
from portal.directory.rules import UnitTree
from portal.guard import viewer
from portal.policy import queries as policy


def reassign_form(explanation_id: int) -> ReassignForm:
    """From the request, with the people who may answer."""
    form, today = ReassignForm(), clock.today()
    form.offer(queries.colleagues_of(find(explanation_id).unit_id, today, load_tree(today, with_ended=True)))
    return form


LONGEST = 300
SHARES_ASKED = "shares"
"""In the address: the form also asks who else shares the delay. Seldom needed, it costs the list of colleagues."""
Concludes = TypeVar("Concludes", bound=ConcludeForm)


def offered_shares(form: Concludes, explanation: Explanation, today: date, tree: UnitTree | None = None) -> Concludes:
    """The form with the people who may share the delay: colleagues, without the holder and the viewer."""
    tree = tree or load_tree(today, with_ended=True)
    own = viewer().person_ids | {explanation.responsible_id}
    form.offer([one for one in queries.colleagues_of(explanation.unit_id, today, tree) if one[0] not in own])
    return form


def confirmed_by(explanation: Explanation, stated: CauseClass | None) -> str:
    """By which document the competent body confirmed the stated cause, as far as the portal knows (§3.11)."""
    if stated not in (CauseClass.TECHNICAL, CauseClass.OTHER_BODY):
        return ""
    plain = _("answer in the portal")
    found = [one for one in confirmations_of(explanation.breach) if one.cause_class == stated]
    return "; ".join(f"{one.body}: {one.document or plain}, {one.on:%d/%m/%Y}" for one in found)[:LONGEST]


def deciding_forms(explanation: Explanation, basis: Basis, road: Road) -> dict[str, Any]:
    """What the decider may fill in now, and what would follow."""
    today, version = basis.today, explanation.version
    forms: dict[str, Any] = {"causes": CONCLUSIONS}
    if explanation.state == State.SUBMITTED or queries.may_conclude_unanswered(explanation, today):
        due_on = explanation.breach.due_at.date()
        now, then = policy.rule_sets(today, due_on)
        stated = bulk_conclusion(explanation.cause.default_class if explanation.cause else None)
        chosen = f"{stated[0]}-{stated[1]}" if stated and explanation.state == State.SUBMITTED else None
        document = confirmed_by(explanation, stated[0] if stated else None)
        form = ConcludeForm(formdata=None, version=version, conclusion=chosen, confirmation=document)
        if SHARES_ASKED in request.args:
            form = offered_shares(form, explanation, today, basis.deciders.tree)
        forms["conclude_form"] = form
        forms["consequences"] = consequences(explanation, then.evaluation_year)
        if explanation.state == State.SUBMITTED and may_return(explanation.returned_times, now.return_max):
            forms["return_form"] = ReturnForm(formdata=None, version=version)
            forms["returns_left"] = now.return_max - explanation.returned_times
    if explanation.state in WRITABLE and (explanation.stopped_at is not None or explanation.holder_id is None):
        giving = ReassignForm(formdata=None)
        giving.offer(queries.colleagues_of(explanation.unit_id, today, basis.deciders.tree))
        named = [row.named_id for row in road.redirections if row.answer is None]
        if named and named[-1]:
            giving.holder.data = named[-1]
        forms["reassign_form"] = giving
    return forms


def section_forms(explanation: Explanation, today: date) -> dict[str, Any]:
    """What the head of the section may fill in now; the last return is left to the head of the unit."""
    version, most = explanation.version, policy.return_max(today)
    forms: dict[str, Any] = {"section_form": PassOnForm(formdata=None, version=version)}
    if may_return_from_section(explanation.returned_times, most):
        forms["section_return_form"] = ReturnForm(formdata=None, version=version)
    return forms
