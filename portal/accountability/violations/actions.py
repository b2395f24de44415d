"""What people do with violations. Each action asks the rules, makes one transition, and records it last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from portal import clock
from portal.accountability.explanations.queries import Deciders, decides
from portal.accountability.explanations.rules import Decider, may_return
from portal.accountability.explanations.standing import NewTerm
from portal.accountability.violations import bulk, queries
from portal.accountability.violations.events import (
    ViolationAnswered,
    ViolationConcluded,
    ViolationDismissed,
    ViolationOpened,
    ViolationReturned,
    ViolationsSuspected,
)
from portal.accountability.violations.leave import give_to_stand_in
from portal.accountability.violations.models import Violation, ViolationConclusion, ViolationText
from portal.accountability.violations.rules import (
    MACHINE,
    MEASURES,
    WRITABLE,
    Action,
    Blame,
    Finding,
    Kind,
    Origin,
    State,
    allows,
    faults_of_answer,
    faults_of_record,
    goes_together,
    is_past_term,
    reply_is_owed,
)
from portal.audit import record
from portal.calendars.queries import current_calendar
from portal.cases.models import Case
from portal.database import db, transition
from portal.deadlines import DayOutsideCalendar
from portal.directory.queries import postings_on
from portal.guard import Permission, Viewer
from portal.policy import queries as policy
from portal.refusal import Refused

LABEL_LENGTH = 200


@dataclass(frozen=True)
class Draft:
    """What somebody records. ``found_on``: the day a competent person found it; ``case``: one he may read."""

    kind: Kind
    origin: Origin
    unit_id: int
    summary: str
    found_on: date
    holder_id: int | None = None
    case: Case | None = None
    occurred_on: date | None = None
    reporter: str = ""
    call_number: str = ""


@dataclass(frozen=True)
class Said:
    """What a decider says. ``reply``: document or note by which the citizen who complained was answered."""

    finding: Finding
    blame: Blame
    reason: str
    measures: tuple[str, ...] = ()
    remedy: str = ""
    remedy_by: date | None = None
    reply: str = ""


def suspect(today: date, at: datetime) -> int:
    """Take up what the data suggest; how many were new. Safe to run twice. Nobody is accused by it."""
    found = bulk.insert_suspected_changes(today, at)
    calendar, since = current_calendar(), today
    try:
        for _ in range(policy.stalled_after_days(today)):
            since = calendar.previous_working_day(since)
        found += bulk.insert_stalled(today, clock.start_of(since), at)
    except DayOutsideCalendar:
        pass  # so far back no calendar reaches: nothing can be said to stand still yet
    if found:
        record(ViolationsSuspected(suspected=found), entity_id=None, by=None, at=at)
    return found


def register(draft: Draft, *, by: Viewer, at: datetime, today: date) -> Violation:
    """Record a violation or complaint; whom it concerns has the officer's term to answer, from today.

    While they are on leave their term stands, or their stand-in answers.
    """
    _must_record_for(draft.unit_id, by)
    faults = faults_of_record(draft.kind, draft.found_on, draft.occurred_on, draft.summary, today)
    if faults:
        raise Refused(f"violations.{faults[0]}")
    _must_be_in_reach(draft.holder_id, by, today)
    term = NewTerm.of(draft.holder_id, today)
    violation = Violation(
        kind=draft.kind,
        origin=draft.origin,
        state=State.WAITING,
        case_id=draft.case.id if draft.case else None,
        unit_id=draft.unit_id,
        holder_id=draft.holder_id,
        summary=draft.summary.strip(),
        reporter=draft.reporter.strip(),
        call_number=draft.call_number.strip(),
        occurred_on=draft.occurred_on,
        found_on=draft.found_on,
        noticed_on=today,
        **term.columns,
        recorded_by=by.person_id,
        made_at=at,
    )
    db.session.add(violation)
    db.session.flush()
    _record_opened(violation, draft.summary.strip(), term.due_on, by, at)
    give_to_stand_in(violation, by=by, at=at, today=today)
    return violation


def open_suspicion(
    violation: Violation, holder_id: int | None, summary: str, *, version: int, by: Viewer, at: datetime, today: date
) -> None:
    """Make a duty of a suspicion: a person looked at it and found something to explain, today."""
    _must_record_for(violation.unit_id, by)
    _must_allow(violation, Action.OPEN)
    if not summary.strip():
        raise Refused("violations.text_missing")
    _must_be_in_reach(holder_id, by, today)
    term = NewTerm.of(holder_id, today)
    _move(
        violation, Action.OPEN, version,
        holder_id=holder_id, summary=summary.strip(), found_on=today, noticed_on=today, recorded_by=by.person_id,
        **term.columns,
    )  # fmt: skip
    _record_opened(violation, summary.strip(), term.due_on, by, at)
    give_to_stand_in(violation, by=by, at=at, today=today)


def _record_opened(violation: Violation, summary: str, due_on: date, by: Viewer, at: datetime) -> None:
    event = ViolationOpened(
        of_kind=violation.kind,
        origin=violation.origin,
        holder_id=violation.holder_id,
        unit_id=violation.unit_id,
        summary=summary,
        found_on=violation.found_on,
        occurred_on=violation.occurred_on,
        due_on=due_on,
    )
    record(event, entity_id=violation.id, by=by, at=at, case_id=violation.case_id)


def dismiss(violation: Violation, reason: str, *, version: int, by: Viewer, at: datetime) -> None:
    """Say that a suspicion is nothing to explain, and why; it stays as looked into."""
    _must_record_for(violation.unit_id, by)
    _must_allow(violation, Action.DISMISS)
    if violation.holder_id is not None and violation.holder_id == by.person_id:
        raise Refused("violations.own_matter")
    if not reason.strip():
        raise Refused("violations.reason_missing")
    _move(violation, Action.DISMISS, version)
    _keep(violation, "dismissal", "", reason, by, at)
    event = ViolationDismissed(reason=reason.strip())
    record(event, entity_id=violation.id, by=by, at=at, case_id=violation.case_id)


def answer(violation: Violation, cause: str, text: str, *, version: int, by: Viewer, at: datetime, today: date) -> None:
    """Whom it concerns, who answers for them, or who stands in, answers; every submitted text is kept."""
    if violation.answers_id is None or violation.answers_id not in by.person_ids:
        raise Refused("violations.not_holder")
    by = by.standing_in(violation.answers_id)
    _must_allow(violation, Action.ANSWER)
    faults = faults_of_answer(violation.kind, cause, text)
    if faults:
        raise Refused(f"violations.{faults[0]}")
    late = is_past_term(violation.state, violation.due_on, today)
    due_on = current_calendar().add_working_days(today, policy.explanation_days(today).head)
    _move(violation, Action.ANSWER, version, cause=cause, answer=text.strip(), decision_due_on=due_on)
    _keep(violation, "answer", cause, text, by, at)
    event = ViolationAnswered(cause=cause, text=text.strip(), late=late)
    record(event, entity_id=violation.id, by=by, at=at, case_id=violation.case_id)


def send_back(violation: Violation, comment: str, *, version: int, by: Viewer, at: datetime, today: date) -> None:
    """The decider asks for a rework, as often as policy allows; a new term runs."""
    _decider, by = _must_decide(violation, by, today)
    _must_allow(violation, Action.RETURN)
    if not may_return(violation.returned_times, policy.return_max(today)):
        raise Refused("violations.returned_enough")
    if not comment.strip():
        raise Refused("violations.reason_missing")
    term, times = NewTerm.of(violation.answers_id, today), violation.returned_times + 1
    _move(
        violation, Action.RETURN, version, returned_times=times, noticed_on=today, decision_due_on=None, **term.columns
    )
    _keep(violation, "return", "", comment, by, at)
    event = ViolationReturned(comment=comment.strip(), due_on=term.due_on)
    record(event, entity_id=violation.id, by=by, at=at, case_id=violation.case_id)


def conclude(violation: Violation, said: Said, *, version: int, by: Viewer, at: datetime, today: date) -> None:
    """The decider says what was found, whose fault it is and what is put right.

    Without an answer only once its term is over. A complaint of the hotline is concluded with the reply to its author.
    Nobody's silence is concluded by the machine.
    """
    decider, by = _must_decide(violation, by, today)
    answered = violation.state == State.ANSWERED
    action = Action.CONCLUDE if answered else Action.CONCLUDE_UNANSWERED
    _must_allow(violation, action)
    if not answered and violation.holder_id is not None and not is_past_term(violation.state, violation.due_on, today):
        raise Refused("violations.term_runs", due_on=f"{violation.due_on:%d/%m/%Y}")
    _check(violation, said)
    _move(violation, action, version)
    db.session.add(
        ViolationConclusion(
            violation_id=violation.id,
            finding=said.finding,
            blame=said.blame,
            reason=said.reason.strip(),
            measures=" ".join(said.measures),
            remedy=said.remedy.strip(),
            remedy_by=said.remedy_by,
            reply=said.reply.strip(),
            answered=answered,
            seat=decider.seat,
            decided_by=by.person_id,
            decided_for=None if decider.person_id == by.person_id else decider.person_id,
            decided_on=today,
            at=at,
        )
    )
    event = ViolationConcluded(
        finding=said.finding,
        blame=said.blame,
        reason=said.reason.strip(),
        measures=said.measures,
        remedy=said.remedy.strip(),
        remedy_by=said.remedy_by,
        reply=said.reply.strip(),
        answered=answered,
    )
    record(event, entity_id=violation.id, by=by, at=at, case_id=violation.case_id)


def _check(violation: Violation, said: Said) -> None:
    if not goes_together(said.finding, said.blame):
        raise Refused("violations.finding_and_blame")
    if not said.reason.strip():
        raise Refused("violations.reason_missing")
    if not set(said.measures) <= set(MEASURES[Kind(violation.kind)]):
        raise Refused("violations.measure_unknown")
    if reply_is_owed(violation.origin, said.reply):
        raise Refused("violations.reply_missing")


def _must_record_for(unit_id: int, by: Viewer) -> None:
    if not by.may(Permission.RECORD_VIOLATIONS) or not (by.sees_all or unit_id in by.own_reach):
        raise Refused("violations.not_your_unit")


def _must_be_in_reach(person_id: int | None, by: Viewer, today: date) -> None:
    if person_id is None:
        return
    held = postings_on(today, person_id=person_id)
    if not any(by.sees_all or posting.unit_id in by.own_reach for posting in held):
        raise Refused("violations.no_such_person")


def _must_decide(violation: Violation, by: Viewer, today: date) -> tuple[Decider, Viewer]:
    """Who concludes today, provided it is this viewer or whom he stands in for; never whom it concerns."""
    excluded = queries.excluded(violation)
    decider = queries.decider_of(violation, today, Deciders.on(today))
    if not by.may(Permission.CONCLUDE) or not decides(by, decider, excluded):
        raise Refused("violations.not_decider")
    return decider, by.standing_in(decider.person_id)


def _must_allow(violation: Violation, action: Action) -> None:
    if not allows(violation.state, action):
        raise Refused("violations.not_possible", state=violation.state)


def _keep(violation: Violation, kind: str, cause: str, text: str, by: Viewer, at: datetime) -> None:
    label = (by.label or by.name)[:LABEL_LENGTH]
    row = ViolationText(kind=kind, cause=cause, text=text.strip(), by_id=by.person_id, by_label=label, at=at)
    row.violation_id = violation.id
    db.session.add(row)


def _move(violation: Violation, action: Action, version: int, **to: Any) -> None:
    step = MACHINE[action]
    where = {"state": [str(state) for state in step.sources]}
    transition(Violation, violation.id, where=where, to={"state": str(step.target), **to}, version=version)


def owes(violation: Violation, by: Viewer) -> bool:
    """Whether the viewer, or whom he stands in for, must answer."""
    return violation.state in WRITABLE and violation.answers_id in by.person_ids
