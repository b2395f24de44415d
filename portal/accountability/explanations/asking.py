"""Questions to other bodies: asking stops a clock, an answer lets it run again. Source: domain rules §3.11.

The due day of the duty whose clock stands is moved at once by the whole term of the question, and back when the answer
comes earlier: lists by due day are right at any moment, and a silent body needs no job to restart a clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.exc import IntegrityError

from portal.accountability.explanations import queries as explanations
from portal.accountability.explanations.clocks import Clock, Duty, is_written, supplement_id_of
from portal.accountability.explanations.models import Explanation
from portal.accountability.explanations.queries import Deciders
from portal.accountability.explanations.rules import WRITABLE, State
from portal.accountability.explanations.supplements import Supplement
from portal.accountability.incidents import queries
from portal.accountability.incidents.events import QuestionAnswered, QuestionAsked, QuestionWithdrawn
from portal.accountability.incidents.models import BodyAnswer, BodyQuestion
from portal.accountability.incidents.rules import (
    Confirms,
    QuestionState,
    Stops,
    Way,
    faults_of_answer,
    missing_parts,
)
from portal.audit import record
from portal.calendars.queries import current_calendar
from portal.database import db, transition
from portal.documents.actions import remember_file
from portal.documents.store import Content
from portal.guard import Viewer
from portal.policy.queries import question_days
from portal.refusal import Refused

LABEL_LENGTH = 200


@dataclass(frozen=True)
class Question:
    """What is asked. ``unit_id``: the body where it is a unit of the portal; else ``body`` names it."""

    body: str
    text: str
    unit_id: int | None = None
    transfer_number: str = ""
    transferred_on: date | None = None


@dataclass(frozen=True)
class Answer:
    """What the body says; ``document``: number and date of its letter; ``file``: the letter, already in the store."""

    confirms: Confirms
    text: str
    received_on: date | None = None
    returned_on: date | None = None
    document: str = ""
    file: Content | None = None
    file_name: str = ""


def ask(duty: Duty, question: Question, *, by: Viewer, at: datetime, today: date) -> BodyQuestion:
    """Ask another body about its part. The first question to a body stops the clock of who asks, once for each duty.

    Who writes asks while they write, the first explanation or a further one; the decider while he decides. The body has
    the working days of policy (``explanation.question_days``, from the day of asking).
    """
    stops, by = _whose_clock(duty, by, today)
    missing = missing_parts(text=question.text, body=question.body, body_unit_id=question.unit_id)
    if missing:
        raise Refused(f"questions.{missing[0]}_missing")
    if question.unit_id == duty.unit_id:
        raise Refused("questions.own_unit")
    before = queries.questions_about(duty.breach_id)
    same = [one for one in before if _same_body(one, question)]
    if any(one.state == QuestionState.ASKED for one in same):
        raise Refused("questions.asked_already")
    if any(one.supplement_id == supplement_id_of(duty) for one in same):
        stops = Stops.NONE
    clock = Clock(duty, stops)
    asked = _put(clock, question, clock.base(before), by, at, today)
    moved = None if asked.due_before is None else clock.stand([*before, asked], asked.due_before)
    event = QuestionAsked(
        body=asked.body,
        text=asked.text,
        transfer_number=asked.transfer_number,
        transferred_on=asked.transferred_on,
        due_on=asked.due_on,
        stops=stops,
        duty_due_on=moved,
        further=duty.number if isinstance(duty, Supplement) else None,
    )
    record(event, entity_id=asked.id, by=by, at=at, case_id=asked.case_id)
    return asked


def _put(
    clock: Clock, question: Question, due_before: date | None, by: Viewer, at: datetime, today: date
) -> BodyQuestion:
    duty = clock.duty
    asked = BodyQuestion(
        breach_id=duty.breach_id,
        case_id=(duty.explanation if isinstance(duty, Supplement) else duty).case_id,
        supplement_id=supplement_id_of(duty),
        unit_id=question.unit_id,
        body=question.body.strip(),
        text=question.text.strip(),
        transfer_number=question.transfer_number.strip(),
        transferred_on=question.transferred_on,
        asked_by=by.person_id,
        asked_on=today,
        asked_at=at,
        due_on=current_calendar().add_working_days(today, question_days(today)),
        stops=clock.stops,
        due_before=due_before,
        state=QuestionState.ASKED,
    )
    db.session.add(asked)
    try:
        db.session.flush()
    except IntegrityError as error:  # two windows asked the same body at once
        raise Refused("questions.asked_already") from error
    return asked


def answer(
    question: BodyQuestion, said: Answer, way: Way, *, version: int, by: Viewer, at: datetime, today: date
) -> None:
    """Record what the body says, typed by itself or from its letter; also after its term. The clock runs again."""
    if way is Way.PORTAL and question.unit_id not in queries.bodies_of(by):
        raise Refused("questions.not_the_body")
    faults = faults_of_answer(way, said.text, said.document, said.received_on, said.returned_on, today)
    if faults:
        raise Refused(f"questions.{faults[0]}")
    _end(question, QuestionState.ANSWERED, version)
    if said.file is not None:
        remember_file(said.file, at=at)
    db.session.add(
        BodyAnswer(
            question_id=question.id,
            confirms=said.confirms,
            way=way,
            text=said.text.strip(),
            received_on=said.received_on,
            returned_on=said.returned_on,
            document=said.document.strip(),
            sha256=said.file.sha256 if said.file else None,
            file_name=said.file_name,
            by_id=by.person_id,
            by_label=(by.label or by.name)[:LABEL_LENGTH],
            answered_on=today,
            at=at,
        )
    )
    db.session.flush()
    event = QuestionAnswered(
        confirms=said.confirms,
        way=way,
        text=said.text.strip(),
        document=said.document.strip(),
        received_on=said.received_on,
        returned_on=said.returned_on,
        sha256=said.file.sha256 if said.file else None,
        duty_due_on=_run_again(question),
    )
    record(event, entity_id=question.id, by=by, at=at, case_id=question.case_id)


def withdraw(question: BodyQuestion, reason: str, *, version: int, by: Viewer, at: datetime, today: date) -> None:
    """No answer is needed any more; only who asked or took it over, or stands in for them, says so."""
    if question.keeper_id not in by.person_ids:
        raise Refused("questions.not_yours")
    _end(question, QuestionState.WITHDRAWN, version, withdrawn_on=today)
    event = QuestionWithdrawn(reason=reason.strip(), duty_due_on=_run_again(question))
    record(event, entity_id=question.id, by=by, at=at, case_id=question.case_id)


def may_ask(duty: Duty, by: Viewer, today: date) -> bool:
    """Whether a viewer may ask another body just now, about the first explanation or a further one."""
    try:
        _whose_clock(duty, by, today)
    except Refused:
        return False
    return True


def may_record_letter(question: BodyQuestion, by: Viewer) -> bool:
    """Whether a viewer records the body's letter: who follows it up, and who reads the unit of the breach by role."""
    return question.keeper_id in by.person_ids or by.sees_all or question.breach.unit_id in by.readable_units


def _end(question: BodyQuestion, state: QuestionState, version: int, **more: date) -> None:
    if question.state != QuestionState.ASKED:
        raise Refused("questions.not_possible")
    where = {"state": str(QuestionState.ASKED)}
    transition(BodyQuestion, question.id, where=where, to={"state": str(state), **more}, version=version)


def _whose_clock(duty: Duty, by: Viewer, today: date) -> tuple[Stops, Viewer]:
    """Whose clock a question of this viewer would stop, and how the trail names him."""
    if is_written(duty) and duty.holder_id in by.person_ids:
        if isinstance(duty, Explanation) and duty.stopped_at is not None:
            raise Refused("questions.clock_stands")
        return Stops.ANSWER, by.standing_in(duty.holder_id)
    if isinstance(duty, Supplement):
        raise Refused("questions.not_yours" if is_written(duty) else "questions.further_not_open")
    if duty.state not in (*WRITABLE, State.SUBMITTED):
        raise Refused("questions.not_open")
    excluded = explanations.excluded_from_deciding([duty])[duty.id]
    decider = Deciders.on(today).of(duty.unit_id, excluded)
    if duty.state != State.SUBMITTED or not explanations.decides(by, decider, excluded):
        raise Refused("questions.not_yours")
    return Stops.DECISION, by.standing_in(decider.person_id)


def _same_body(asked: BodyQuestion, question: Question) -> bool:
    if question.unit_id is not None or asked.unit_id is not None:
        return asked.unit_id == question.unit_id
    return asked.body.casefold() == question.body.strip().casefold()


def _run_again(question: BodyQuestion) -> date | None:
    """Let the clock run again after an answer or withdrawal; gives the due day it moved to, None where none moved.

    A duty that was answered, returned or given to somebody else meanwhile has a term of its own and keeps it.
    """
    duty, base = duty_of(question), question.due_before
    if duty is None or base is None or question.stops == Stops.NONE:
        return None
    db.session.refresh(question)
    clock, questions = Clock(duty, Stops(question.stops)), queries.questions_about(question.breach_id)
    return clock.stand(questions, base) if clock.stands_by(question, questions, base) else None


def duty_of(question: BodyQuestion) -> Duty | None:
    """What a question was asked for: a further explanation, or the first one of its breach."""
    if question.supplement_id is not None:
        return db.session.get(Supplement, question.supplement_id)
    return explanations.explanation_of_breach(question.breach_id)
