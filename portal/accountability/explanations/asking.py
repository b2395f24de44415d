"""Questions to other bodies: asking stops a clock, an answer lets it run again. Source: domain rules §3.11.

The due day of the duty whose clock stands is moved at once by the whole term of the question, and back when the answer
comes earlier: lists by due day are right at any moment, and a silent body needs no job to restart a clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.exc import IntegrityError

from portal.accountability.explanations import queries as explanations
from portal.accountability.explanations.leave import began_on
from portal.accountability.explanations.models import Explanation
from portal.accountability.explanations.queries import Deciders
from portal.accountability.explanations.rules import WRITABLE, State
from portal.accountability.explanations.standing import answer_due
from portal.accountability.incidents import queries
from portal.accountability.incidents.events import QuestionAnswered, QuestionAsked, QuestionWithdrawn
from portal.accountability.incidents.models import BodyAnswer, BodyQuestion
from portal.accountability.incidents.rules import (
    Confirms,
    QuestionState,
    Standstill,
    Stops,
    Way,
    due_with,
    faults_of_answer,
    missing_parts,
)
from portal.audit import record
from portal.calendars.queries import current_calendar
from portal.database import db, transition
from portal.deadlines import WorkingCalendar
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


def ask(explanation: Explanation, question: Question, *, by: Viewer, at: datetime, today: date) -> BodyQuestion:
    """Ask another body about its part. The first question to a body stops the clock of who asks, once.

    The officer asks while he writes, the decider while he decides. The body has the working days of policy
    (``explanation.question_days``, from the day of asking).
    """
    stops, by = _whose_clock(explanation, by, today)
    missing = missing_parts(text=question.text, body=question.body, body_unit_id=question.unit_id)
    if missing:
        raise Refused(f"questions.{missing[0]}_missing")
    if question.unit_id == explanation.unit_id:
        raise Refused("questions.own_unit")
    before = queries.questions_about(explanation.breach_id)
    same = [one for one in before if _same_body(one, question)]
    if any(one.state == QuestionState.ASKED for one in same):
        raise Refused("questions.asked_already")
    if same:
        stops = Stops.NONE
    calendar = current_calendar()
    asked = BodyQuestion(
        breach_id=explanation.breach_id,
        case_id=explanation.case_id,
        unit_id=question.unit_id,
        body=question.body.strip(),
        text=question.text.strip(),
        transfer_number=question.transfer_number.strip(),
        transferred_on=question.transferred_on,
        asked_by=by.person_id,
        asked_on=today,
        asked_at=at,
        due_on=calendar.add_working_days(today, question_days(today)),
        stops=stops,
        due_before=_base(explanation, before, stops, calendar),
        state=QuestionState.ASKED,
    )
    db.session.add(asked)
    try:
        db.session.flush()
    except IntegrityError as error:  # two windows asked the same body at once
        raise Refused("questions.asked_already") from error
    duty_due_on = None
    if asked.due_before is not None:
        group = queries.stopping([*before, asked], stops, asked.due_before)
        duty_due_on = _due_with(explanation, stops, asked.due_before, group, calendar)
        _move_due(explanation, stops, duty_due_on, asked.due_before)
    event = QuestionAsked(
        body=asked.body,
        text=asked.text,
        transfer_number=asked.transfer_number,
        transferred_on=asked.transferred_on,
        due_on=asked.due_on,
        stops=stops,
        duty_due_on=duty_due_on,
    )
    record(event, entity_id=asked.id, by=by, at=at, case_id=asked.case_id)
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


def may_ask(explanation: Explanation, by: Viewer, today: date) -> bool:
    """Whether a viewer may ask another body about an explanation just now."""
    try:
        _whose_clock(explanation, by, today)
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


def _whose_clock(explanation: Explanation, by: Viewer, today: date) -> tuple[Stops, Viewer]:
    """Whose clock a question of this viewer would stop, and how the trail names him."""
    if explanation.state in WRITABLE and explanation.holder_id in by.person_ids:
        if explanation.stopped_at is not None:
            raise Refused("questions.clock_stands")
        return Stops.ANSWER, by.standing_in(explanation.holder_id)
    if explanation.state not in (*WRITABLE, State.SUBMITTED):
        raise Refused("questions.not_open")
    excluded = explanations.excluded_from_deciding([explanation])[explanation.id]
    decider = Deciders.on(today).of(explanation.unit_id, excluded)
    if explanation.state != State.SUBMITTED or not explanations.decides(by, decider, excluded):
        raise Refused("questions.not_yours")
    return Stops.DECISION, by.standing_in(decider.person_id)


def _same_body(asked: BodyQuestion, question: Question) -> bool:
    if question.unit_id is not None or asked.unit_id is not None:
        return asked.unit_id == question.unit_id
    return asked.body.casefold() == question.body.strip().casefold()


def _due_of(explanation: Explanation, stops: str) -> date | None:
    """The due day of the duty whose clock a question stops; None where that duty is not open."""
    if stops == Stops.ANSWER:
        return explanation.due_on if explanation.state in WRITABLE else None
    return explanation.decision_due_on if explanation.state == State.SUBMITTED else None


def _base(
    explanation: Explanation, before: Sequence[BodyQuestion], stops: Stops, calendar: WorkingCalendar
) -> date | None:
    """The due day without any question: that of the earlier questions, unless the duty got another term since."""
    due = _due_of(explanation, stops)
    if due is None:
        return None
    if stops == Stops.ANSWER and explanation.base_due_on is not None:
        return explanation.base_due_on
    bases = {one.due_before for one in before if one.stops == stops and one.due_before is not None}
    for base in sorted(bases):
        if due_with(base, queries.standstills(queries.stopping(before, stops, base)), calendar) == due:
            return base
    return due


def _due_with(
    explanation: Explanation, stops: str, base: date, questions: Sequence[BodyQuestion], calendar: WorkingCalendar
) -> date:
    """When the duty is due with these questions; the holder's leave stops the clock of an answer as well."""
    spans = queries.standstills(questions)
    if stops == Stops.ANSWER:
        return answer_due(explanation.holder_id, base, began_on(explanation), spans)
    return due_with(base, spans, calendar)


def _move_due(explanation: Explanation, stops: str, due: date, base: date) -> None:
    to = {"due_on": due, "base_due_on": base} if stops == Stops.ANSWER else {"decision_due_on": due}
    transition(Explanation, explanation.id, where={"state": explanation.state}, to=to)


def _run_again(question: BodyQuestion) -> date | None:
    """Let the clock run again after an answer or withdrawal; gives the due day it moved to, None where none moved.

    A duty that was answered, returned or given to somebody else meanwhile has a term of its own and keeps it.
    """
    explanation = explanations.explanation_of_breach(question.breach_id)
    base = question.due_before
    if explanation is None or base is None or question.stops == Stops.NONE:
        return None
    db.session.refresh(question)
    calendar = current_calendar()
    group = queries.stopping(queries.questions_about(question.breach_id), Stops(question.stops), base)
    if not _runs_from(explanation, question, base, group, calendar):
        return None
    due = _due_with(explanation, question.stops, base, group, calendar)
    _move_due(explanation, question.stops, due, base)
    return due


def _runs_from(
    explanation: Explanation,
    question: BodyQuestion,
    base: date,
    group: Sequence[BodyQuestion],
    calendar: WorkingCalendar,
) -> bool:
    """Whether the duty still has the term that the question made stand."""
    due = _due_of(explanation, question.stops)
    if question.stops == Stops.ANSWER and explanation.base_due_on is not None:
        return due is not None and explanation.base_due_on == base
    others = [one for one in group if one.id != question.id]
    silent = [*queries.standstills(others), Standstill(question.asked_on, question.due_on)]
    return due == due_with(base, silent, calendar)
