"""What the page of a concluded explanation offers: to take it back, to object, to decide an objection."""

from __future__ import annotations

from typing import Any

from portal.accountability.explanations import conclusion_queries, queries
from portal.accountability.explanations.forms import HearForm, ObjectForm, WithdrawForm
from portal.accountability.explanations.models import Explanation
from portal.accountability.explanations.queries import Road
from portal.accountability.explanations.rules import Seat
from portal.accountability.explanations.views.basis import Basis
from portal.accountability.explanations.views.deciding_forms import offered_shares
from portal.calendars.queries import current_calendar
from portal.guard import Permission, viewer
from portal.policy import queries as policy


def after_conclusion(explanation: Explanation, basis: Basis, road: Road) -> dict[str, Any]:
    """The forms of whoever looks, of those that the rules would allow them now."""
    conclusion, who = explanation.conclusion, viewer()
    if conclusion is None:
        return {}
    forms: dict[str, Any] = {}
    untouched = conclusion.objection_id is None and not road.objections
    his = who.person_id is not None and who.person_id in (conclusion.decided_by, conclusion.decided_for)
    if his and untouched and conclusion.decided_on == basis.today:
        forms["withdraw_form"] = WithdrawForm(formdata=None, version=explanation.version)
    if conclusion.objection_id is None and _may_object(explanation, basis, road):
        forms["object_form"] = ObjectForm(formdata=None, version=explanation.version)
    decided = {row.objection_id for row in road.conclusions}
    waiting = [row for row in road.objections if row.id not in decided]
    if waiting:
        forms |= _hearing(explanation, basis) | {"objection": waiting[0]}
    return forms


def _may_object(explanation: Explanation, basis: Basis, road: Road) -> bool:
    conclusion = explanation.conclusion
    if conclusion is None:
        return False
    person_id = conclusion_queries.concluded_upon(explanation, conclusion, viewer())
    if person_id is None or person_id in {row.person_id for row in road.objections}:
        return False
    days = policy.objection_days(conclusion.decided_on)
    return basis.today <= current_calendar().add_working_days(conclusion.decided_on, days)


def _hearing(explanation: Explanation, basis: Basis) -> dict[str, Any]:
    """Who hears the objection, and the form where it is the viewer."""
    who, excluded = viewer(), conclusion_queries.excluded_from_hearing(explanation)
    decider = basis.deciders.above(explanation.unit_id, excluded)
    shown: dict[str, Any] = {"hearer": basis.deciders.name_of(decider), "hearer_seat": decider.seat}
    may = who.may(Permission.CONCLUDE) or who.may(Permission.OPEN_BREACHES)
    above = decider.seat is Seat.ABOVE and who.person_id is not None and who.person_id not in excluded
    if may and (queries.decides(who, decider, excluded) or above):
        form = HearForm(formdata=None, version=explanation.version)
        shown |= {"hear_form": offered_shares(form, explanation, basis.today, basis.deciders.tree), "above": above}
    return shown
