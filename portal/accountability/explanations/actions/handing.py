"""A duty to write goes to another person, because its holder has left, is on leave, or has other work.

What was late stays with whom it was late: a conclusion concerns them, and the unit of the breach concludes. The term of
the new person runs from the day on which they are told (domain rules §3.9).
"""

from __future__ import annotations

from datetime import date, datetime

from portal.accountability.explanations.actions.moves import EMPTY, columns_of, keep_text, move, must_allow, record_step
from portal.accountability.explanations.actions.seats import must_be_in_reach
from portal.accountability.explanations.clocks import Duty, supplement_id_of
from portal.accountability.explanations.events import ExplanationHandedOver, SupplementHandedOver
from portal.accountability.explanations.models import Explanation
from portal.accountability.explanations.rules import MACHINE, Action, Answer
from portal.accountability.explanations.standing import NewTerm
from portal.accountability.explanations.supplements import STEPS, Supplement
from portal.accountability.incidents.events import QuestionHandedOver
from portal.accountability.incidents.models import BodyQuestion
from portal.accountability.incidents.queries import questions_about
from portal.accountability.incidents.rules import QuestionState, Stops
from portal.audit import record
from portal.database import transition
from portal.guard import Permission, Viewer
from portal.refusal import Refused


def hand_over(explanation: Explanation, to_id: int, reason: str, *, by: Viewer, at: datetime, today: date) -> None:
    """Let another person write an explanation; given back to whom it is about, they write for themselves again.

    What the former writer has written stays on the page, and is kept as theirs. Who writes it does not decide it, as
    ever. Refused while "not mine" waits: then the decider names who answers.
    """
    must_hand_over(explanation.unit_id, by)
    must_allow(explanation, Action.HAND_OVER)
    if explanation.stopped_at is not None or explanation.holder_id is None:
        raise Refused("explanations.settle_first")
    reason = must_name_another(explanation.holder_id, to_id, reason, explanation.case.code)
    must_be_in_reach(to_id, by, today)
    from_id, responsible = explanation.holder_id, explanation.responsible_id
    answers_for = None if to_id == responsible else responsible
    term = NewTerm.of(to_id, today)
    written = Answer(**{name: getattr(explanation, name) for name in columns_of(EMPTY)})
    if written != EMPTY:
        keep_text(explanation, written, "handed_on", from_id, at)
    to = {"holder_id": to_id, "answers_for_id": answers_for, "noticed_on": today, **term.columns}
    move(explanation, MACHINE[Action.HAND_OVER].sources, explanation.version, **to)
    event = ExplanationHandedOver(
        from_id=from_id, to_id=to_id, answers_for_id=answers_for, reason=reason, due_on=term.due_on
    )
    record_step(event, explanation, by, at)
    take_questions_along(explanation, from_id, to_id, reason, by=by, at=at)


def hand_over_supplement(
    supplement: Supplement, to_id: int, reason: str, *, by: Viewer, at: datetime, today: date
) -> None:
    """Let another person say why the case is still open; nothing is concluded from it, so nothing else follows."""
    must_hand_over(supplement.unit_id, by)
    if supplement.state not in STEPS["submit"][0]:
        raise Refused("explanations.supplement_not_now")
    reason = must_name_another(supplement.holder_id, to_id, reason, supplement.explanation.case.code)
    must_be_in_reach(to_id, by, today)
    from_id, term = supplement.holder_id, NewTerm.of(to_id, today)
    where = {"state": [state.value for state in STEPS["submit"][0]]}
    to = {"holder_id": to_id, "noticed_on": today, **term.columns}
    transition(Supplement, supplement.id, where=where, to=to, version=supplement.version)
    event = SupplementHandedOver(
        number=supplement.number, from_id=from_id, to_id=to_id, reason=reason, due_on=term.due_on
    )
    record(event, entity_id=supplement.explanation_id, by=by, at=at, case_id=supplement.explanation.case_id)
    take_questions_along(supplement, from_id, to_id, reason, by=by, at=at)


def take_questions_along(duty: Duty, from_id: int | None, to_id: int, reason: str, *, by: Viewer, at: datetime) -> None:
    """What a former writer asked of other bodies, and has no answer yet, is followed up by who writes now."""
    for question in questions_about(duty.breach_id):
        waits = question.state == QuestionState.ASKED and question.stops != Stops.DECISION
        if waits and question.supplement_id == supplement_id_of(duty) and question.keeper_id == from_id:
            _give_question(question, to_id, reason, by, at)


def hand_over_question(
    question: BodyQuestion, to_id: int, reason: str, *, by: Viewer, at: datetime, today: date
) -> None:
    """Let another person follow a question up: they hear of the answer, record the letter, or withdraw it.

    The body's term goes on as it was.
    """
    must_hand_over(question.breach.unit_id, by)
    if question.state != QuestionState.ASKED:
        raise Refused("questions.not_possible")
    reason = must_name_another(question.keeper_id, to_id, reason, question.case.code)
    must_be_in_reach(to_id, by, today)
    _give_question(question, to_id, reason, by, at)


def _give_question(question: BodyQuestion, to_id: int, reason: str, by: Viewer, at: datetime) -> None:
    event = QuestionHandedOver(from_id=question.keeper_id, to_id=to_id, reason=reason)
    followed_by = None if to_id == question.asked_by else to_id
    where = {"state": str(QuestionState.ASKED)}
    transition(BodyQuestion, question.id, where=where, to={"followed_by": followed_by}, version=question.version)
    record(event, entity_id=question.id, by=by, at=at, case_id=question.case_id)


def must_hand_over(unit_id: int, by: Viewer) -> None:
    """Who hands over duties of a unit: heads of it or above, the chair and the office of its level."""
    reaches = by.sees_all or unit_id in by.readable_units
    if not (by.may(Permission.HAND_OVER_DUTIES) and reaches):
        raise Refused("explanations.not_handing_over")


def must_name_another(holder_id: int | None, to_id: int, reason: str, case_code: str) -> str:
    """The reason, tidied; refused without one, and for who has the duty already."""
    if to_id == holder_id:
        raise Refused("explanations.holds_already", case_code=case_code)
    if not reason.strip():
        raise Refused("explanations.hand_over_reason")
    return reason.strip()
