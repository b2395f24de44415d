"""The decider's forms, and what stands against the officer already."""

from __future__ import annotations

from datetime import date
from typing import Any

from portal import clock
from portal.accountability.explanations import queries
from portal.accountability.explanations.forms import ConcludeForm, ReassignForm, ReturnForm
from portal.accountability.explanations.messages import CONCLUSIONS
from portal.accountability.explanations.models import Explanation
from portal.accountability.explanations.queries import Road
from portal.accountability.explanations.rules import WRITABLE, State, bulk_conclusion, may_return
from portal.accountability.explanations.views.basis import Basis, find
from portal.directory.queries import load_tree
from portal.policy import queries as policy
from portal.policy.rules import EvaluationYear


def reassign_form(explanation_id: int) -> ReassignForm:
    """From the request, with the people who may answer."""
    form, today = ReassignForm(), clock.today()
    form.offer(queries.colleagues_of(find(explanation_id).unit_id, today, load_tree(today, with_ended=True)))
    return form


def deciding_forms(explanation: Explanation, basis: Basis, road: Road) -> dict[str, Any]:
    """What the decider may fill in now, and what a subjective conclusion would add to."""
    today, version = basis.today, explanation.version
    forms: dict[str, Any] = {"causes": CONCLUSIONS}
    if explanation.state == State.SUBMITTED or queries.may_conclude_unanswered(explanation, today):
        due_on = explanation.breach.due_at.date()
        now, then = policy.rule_sets(today, due_on)
        stated = bulk_conclusion(explanation.cause.default_class if explanation.cause else None)
        chosen = f"{stated[0]}-{stated[1]}" if stated and explanation.state == State.SUBMITTED else None
        forms["conclude_form"] = ConcludeForm(formdata=None, version=version, conclusion=chosen)
        forms["before"] = _weight_before(explanation, due_on, then.evaluation_year)
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


def _weight_before(explanation: Explanation, due_on: date, span: EvaluationYear) -> dict[str, Any] | None:
    """What already stands against the officer in the evaluation year of this term."""
    if explanation.holder_id is None:
        return None
    year = next(year for year in (due_on.year, due_on.year + 1) if span.span(year)[0] <= due_on <= span.span(year)[1])
    full, shared = queries.subjective_weight(explanation.holder_id, *span.span(year))
    return {"year": year, "full": full, "shared": shared}
