"""After a conclusion: taken back the same day, objected to once, and decided by the next head up."""

from __future__ import annotations

from datetime import date, datetime

from portal.accountability.explanations import conclusion_queries
from portal.accountability.explanations.actions.moves import move, must_allow, record_step
from portal.accountability.explanations.actions.outcomes import Said, must_hold_together, write
from portal.accountability.explanations.actions.seats import must_hear_objection
from portal.accountability.explanations.events import ConclusionObjected, ConclusionWithdrawn, ObjectionDecided
from portal.accountability.explanations.models import Conclusion, ConclusionWithdrawal, Explanation, Objection
from portal.accountability.explanations.queries import Deciders
from portal.accountability.explanations.rules import MACHINE, Action, State
from portal.calendars.queries import current_calendar
from portal.database import db
from portal.guard import Viewer
from portal.policy import queries as policy
from portal.refusal import Refused


def withdraw(explanation: Explanation, reason: str, *, version: int, by: Viewer, at: datetime, today: date) -> None:
    """Take a conclusion back on the day it was drawn; the explanation stands where it stood before.

    By who drew it, or for whom it was drawn. Refused with what was built on it: an objection, a measure that rests on
    the breach. The conclusion stays as a row, and its withdrawal is another.
    """
    must_allow(explanation, Action.WITHDRAW)
    conclusion = _standing(explanation)
    if by.person_id is None or by.person_id not in (conclusion.decided_by, conclusion.decided_for):
        raise Refused("explanations.not_his_conclusion")
    if conclusion.decided_on != today:
        raise Refused("explanations.day_is_over", day=f"{conclusion.decided_on:%d/%m/%Y}")
    built = conclusion_queries.built_on(explanation, conclusion)
    if built is not None:
        raise Refused(f"explanations.built_on_{built}")
    reason = reason.strip()
    if not reason:
        raise Refused("explanations.withdrawal_reason_missing")
    came_from = State(conclusion.came_from)
    sources = MACHINE[Action.WITHDRAW].sources
    move(explanation, sources, version, state=came_from, concluded_at=None, conclusion_id=None)
    db.session.add(ConclusionWithdrawal(conclusion_id=conclusion.id, reason=reason, by_id=by.person_id, at=at))
    record_step(ConclusionWithdrawn(reason=reason, back_to=came_from), explanation, by, at)


def object_to(
    explanation: Explanation, reason: str, *, version: int, by: Viewer, at: datetime, today: date
) -> Objection:
    """Somebody concluded upon objects, once and within the term; the next head up decides (issue 5).

    A stand-in may hand it in for whom he stands in for.
    """
    must_allow(explanation, Action.OBJECT)
    conclusion = _standing(explanation)
    person_id = conclusion_queries.concluded_upon(explanation, conclusion, by)
    if person_id is None:
        raise Refused("explanations.not_concluded_upon")
    if person_id in conclusion_queries.objectors_of(explanation.id):
        raise Refused("explanations.objected_already")
    calendar = current_calendar()
    last_day = calendar.add_working_days(conclusion.decided_on, policy.objection_days(conclusion.decided_on))
    if today > last_day:
        raise Refused("explanations.objection_too_late", day=f"{last_day:%d/%m/%Y}")
    reason = reason.strip()
    if not reason:
        raise Refused("explanations.objection_reason_missing")
    due_on = calendar.add_working_days(today, policy.objection_decision_days(today))
    sources = MACHINE[Action.OBJECT].sources
    move(explanation, sources, version, objection_due_on=explanation.objection_due_on or due_on)
    objection = Objection(
        explanation_id=explanation.id,
        conclusion_id=conclusion.id,
        reason=reason,
        person_id=person_id,
        by_id=by.person_id,
        made_on=today,
        decision_due_on=due_on,
        at=at,
    )
    db.session.add(objection)
    db.session.flush()
    event = ConclusionObjected(person_id=person_id, reason=reason, decision_due_on=due_on)
    record_step(event, explanation, by.standing_in(person_id), at)
    return objection


def decide_objection(
    explanation: Explanation,
    objection: Objection,
    said: Said | None,
    reason: str,
    *,
    version: int,
    by: Viewer,
    at: datetime,
    today: date,
    letter: str = "",
    deciders: Deciders | None = None,
) -> None:
    """The next head up keeps the conclusion or draws another, always with a reason, as a further row.

    ``said`` None: it is kept. The conclusion objected to stays visible; the new row stands.
    """
    decider, by = must_hear_objection(explanation, by, deciders or Deciders.on(today), letter=letter)
    must_allow(explanation, Action.DECIDE_OBJECTION)
    waiting = conclusion_queries.waiting_objections(explanation.id)
    if objection.id not in [row.id for row in waiting]:
        raise Refused("explanations.no_objection")
    if not reason.strip():
        raise Refused("explanations.decision_reason_missing")
    standing = _standing(explanation)
    said, keeps = said or Said.as_before(standing, reason.strip(), letter.strip()), said is None
    if not keeps:
        must_hold_together(explanation, said, by, today)
    due_on = min((row.decision_due_on for row in waiting if row.id != objection.id), default=None)
    write(
        explanation,
        said,
        decider,
        sources=MACHINE[Action.DECIDE_OBJECTION].sources,
        version=version,
        answered=standing.answered,
        objection_id=objection.id,
        by=by,
        at=at,
        today=today,
        objection_due_on=due_on,
    )
    record_step(ObjectionDecided(keeps=keeps, seat=decider.seat, **said.as_event()), explanation, by, at)


def _standing(explanation: Explanation) -> Conclusion:
    if explanation.conclusion is None:
        raise Refused("explanations.not_possible", state=explanation.state)
    return explanation.conclusion
