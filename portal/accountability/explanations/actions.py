"""What people do with explanations. Each action asks the rules, makes one transition, and records it last."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from portal.accountability.explanations import queries
from portal.accountability.explanations.events import (
    ConflictingTextKept,
    ExplanationCancelled,
    ExplanationConcluded,
    ExplanationDrafted,
    ExplanationReassigned,
    ExplanationReturned,
    ExplanationSubmitted,
    FileAttached,
    HolderKept,
    NotMineSaid,
)
from portal.accountability.explanations.models import (
    Attachment,
    Conclusion,
    Explanation,
    ExplanationReturn,
    ExplanationText,
    Redirection,
    RedirectionAnswer,
)
from portal.accountability.explanations.queries import Deciders
from portal.accountability.explanations.rules import (
    MACHINE,
    WRITABLE,
    Action,
    Answer,
    Blame,
    CauseClass,
    Decider,
    Seat,
    State,
    after,
    allows,
    bulk_conclusion,
    counts_as_late_answer,
    goes_together,
    is_past_term,
    may_return,
    missing_parts,
    needs_reason,
)
from portal.audit import Event, record
from portal.calendars.queries import current_calendar
from portal.database import db, transition
from portal.directory.queries import postings_on
from portal.documents.actions import remember_file
from portal.documents.store import Content
from portal.guard import Permission, Viewer
from portal.policy import queries as policy
from portal.policy.models import Cause
from portal.refusal import Refused

FORGOTTEN_CLICK = "QK"
"""The cause "done in fact, the software was not updated"."""

EMPTY = Answer(cause_id=None, happened="", remedy="", commitment="", commitment_on=None)


def save_draft(
    explanation: Explanation, answer: Answer, *, version: int, by: Viewer, at: datetime, quietly: bool = False
) -> None:
    """Keep what the holder has written so far. ``quietly``: while typing; only the first draft stands in the trail.

    Raises Conflict when another window saved a different text since ``version``.
    """
    by = _must_be_holder(explanation, by)
    _must_allow(explanation, Action.SAVE, also=State.RETURNED)
    _check_cause(answer)
    if _same_text(explanation, answer):
        return
    first = explanation.state == State.WAITING
    state = after(State(explanation.state), Action.SAVE)
    _move(explanation, WRITABLE, version, state=state, saved_at=at, **_columns(answer))
    if first or not quietly:
        _record(ExplanationDrafted(), explanation, by, at)


def submit(
    explanation: Explanation,
    answer: Answer,
    *,
    version: int,
    by: Viewer,
    at: datetime,
    today: date,
    deciders: Deciders | None = None,
) -> None:
    """Hand the answer to the decider; what was written is kept as submitted, whatever is written later.

    ``deciders``: of today, where they are read already.
    """
    by = _must_be_holder(explanation, by)
    _must_allow(explanation, Action.SUBMIT)
    _clock_must_run(explanation)
    cause = _check_cause(answer)
    missing = missing_parts(
        answer,
        needs_evidence=bool(cause and cause.needs_evidence),
        has_evidence=bool(queries.attachments_of(explanation.id)),
        still_open=explanation.breach.end is None,
    )
    if missing:
        raise Refused("explanations.incomplete", missing=missing, parts=", ".join(missing))
    decider = queries.decider_of(explanation, today, deciders)
    _must_not_decide_it(explanation, decider, by)
    _answer(explanation, answer, cause, decider, version=version, by=by, at=at, today=today, already_done=False)


def say_already_done(
    explanation: Explanation, note: str, *, version: int, by: Viewer, at: datetime, today: date
) -> None:
    """ "Done, the software was not updated": one click with evidence, a note or an attachment (§3.7)."""
    by = _must_be_holder(explanation, by)
    _must_allow(explanation, Action.ALREADY_DONE)
    _clock_must_run(explanation)
    if not note.strip() and not queries.attachments_of(explanation.id):
        raise Refused("explanations.evidence_missing")
    cause = policy.cause_of(FORGOTTEN_CLICK, today)
    answer = Answer(
        cause_id=cause.id if cause else explanation.cause_id,
        happened=note.strip() or explanation.happened,
        remedy=explanation.remedy,
        commitment=explanation.commitment,
        commitment_on=explanation.commitment_on,
    )
    decider = queries.decider_of(explanation, today)
    _must_not_decide_it(explanation, decider, by)
    _answer(explanation, answer, cause, decider, version=version, by=by, at=at, today=today, already_done=True)


def _answer(
    explanation: Explanation,
    answer: Answer,
    cause: Cause | None,
    decider: Decider,
    *,
    version: int,
    by: Viewer,
    at: datetime,
    today: date,
    already_done: bool,
) -> None:
    decision_due_on = current_calendar().add_working_days(today, policy.explanation_days(today).head)
    late = counts_as_late_answer(explanation.due_on, today, legacy=explanation.breach.legacy)
    if _same_text(explanation, answer):
        version = explanation.version
    _move(
        explanation,
        WRITABLE,
        version,
        state=State.SUBMITTED,
        submitted_at=at,
        submitted_on=today,
        decision_due_on=decision_due_on,
        decider_id=decider.person_id,
        said_already_done=already_done,
        saved_at=at,
        **_columns(answer),
    )
    _keep_text(explanation, answer, "submitted", by.person_id, at)
    event = ExplanationSubmitted(
        cause=cause.code if cause else "",
        happened=answer.happened,
        remedy=answer.remedy,
        commitment=answer.commitment,
        commitment_on=answer.commitment_on,
        said_already_done=already_done,
        late=late,
        decider_id=decider.person_id,
        decision_due_on=decision_due_on,
    )
    _record(event, explanation, by, at)


def keep_conflicting_text(explanation: Explanation, answer: Answer, *, by: Viewer, at: datetime) -> None:
    """Another window was first: keep this text beside, so that nothing typed is lost."""
    by = _must_be_holder(explanation, by)
    _keep_text(explanation, answer, "conflicting", by.person_id, at)
    _record(ConflictingTextKept(), explanation, by, at)


def say_not_mine(
    explanation: Explanation, *, named_id: int | None, step: str, reason: str, by: Viewer, at: datetime
) -> None:
    """The holder names a person or a step; the clock stops and the decider answers. It is no late answer (§3.7)."""
    by = _must_be_holder(explanation, by)
    _must_allow(explanation, Action.NOT_MINE)
    _clock_must_run(explanation)
    if named_id is None and not step.strip():
        raise Refused("explanations.who_instead")
    if named_id is not None and named_id == by.person_id:
        raise Refused("explanations.named_himself")
    _move(explanation, WRITABLE, None, said_not_mine=True, stopped_at=at)
    step, reason = step.strip(), reason.strip()
    db.session.add(
        Redirection(
            explanation_id=explanation.id, by_id=by.person_id, named_id=named_id, step=step, reason=reason, at=at
        )
    )
    _record(NotMineSaid(named_id=named_id, step=step, reason=reason), explanation, by, at)


def reassign(explanation: Explanation, holder_id: int, reason: str, *, by: Viewer, at: datetime, today: date) -> None:
    """The decider gives the duty to another person; a new term runs from today, and nobody answered late.

    What the former holder wrote is kept as theirs; the new one begins on an empty page.
    """
    decider, by = _must_be_decider(explanation, by, Deciders.on(today))
    _must_allow(explanation, Action.REASSIGN)
    pending = _pending_redirection(explanation)
    if pending is None and explanation.holder_id is not None:
        raise Refused("explanations.nothing_to_answer")
    _must_be_in_reach(holder_id, by, today)
    from_id = explanation.holder_id
    due_on = _new_due_on(today)
    emptied: dict[str, Any] = {}
    if holder_id != from_id:
        written = Answer(**{name: getattr(explanation, name) for name in _columns(EMPTY)})
        if written != EMPTY:
            _keep_text(explanation, written, "handed_on", from_id, at)
        emptied = {**_columns(EMPTY), "saved_at": None}
    _move(
        explanation,
        WRITABLE,
        None,
        state=State.WAITING,
        holder_id=holder_id,
        decider_id=decider.person_id,
        said_not_mine=False,
        stopped_at=None,
        noticed_on=today,
        due_on=due_on,
        **emptied,
    )
    if pending is not None:
        _answer_redirection(pending, holder_id, True, reason, by, at)
    event = ExplanationReassigned(from_id=from_id, to_id=holder_id, reason=reason.strip(), due_on=due_on)
    _record(event, explanation, by, at)


def keep_holder(explanation: Explanation, reason: str, *, by: Viewer, at: datetime, today: date) -> None:
    """The decider answers "not mine" with no and says why; the holder's term starts anew."""
    _decider, by = _must_be_decider(explanation, by, Deciders.on(today))
    _must_allow(explanation, Action.KEEP_HOLDER)
    pending = _pending_redirection(explanation)
    if pending is None:
        raise Refused("explanations.nothing_to_answer")
    if not reason.strip():
        raise Refused("explanations.comment_missing")
    due_on = _new_due_on(today)
    _move(explanation, WRITABLE, None, said_not_mine=False, stopped_at=None, noticed_on=today, due_on=due_on)
    _answer_redirection(pending, explanation.holder_id, False, reason, by, at)
    _record(HolderKept(reason=reason.strip(), due_on=due_on), explanation, by, at)


def return_for_rework(
    explanation: Explanation,
    comment: str,
    *,
    version: int,
    by: Viewer,
    at: datetime,
    today: date,
    deciders: Deciders | None = None,
) -> None:
    """The decider asks for a rework with a comment, as often as policy allows (twice); a new term runs."""
    _decider, by = _must_be_decider(explanation, by, deciders or Deciders.on(today))
    _must_allow(explanation, Action.RETURN)
    if not may_return(explanation.returned_times, policy.return_max(today)):
        raise Refused("explanations.returned_enough", times=explanation.returned_times)
    comment = comment.strip()
    if not comment:
        raise Refused("explanations.comment_missing")
    times, due_on = explanation.returned_times + 1, _new_due_on(today)
    _move(
        explanation,
        (State.SUBMITTED,),
        version,
        state=State.RETURNED,
        returned_times=times,
        due_on=due_on,
        decision_due_on=None,
        said_already_done=False,
    )
    db.session.add(
        ExplanationReturn(
            explanation_id=explanation.id,
            comment=comment,
            by_id=by.person_id,
            at=at,
            returned_on=today,
            due_on=due_on,
        )
    )
    _record(ExplanationReturned(comment=comment, times=times, due_on=due_on), explanation, by, at)


def conclude(
    explanation: Explanation,
    cause_class: CauseClass,
    blame: Blame,
    reason: str,
    *,
    version: int,
    by: Viewer,
    at: datetime,
    today: date,
    confirmation: str = "",
    letter: str = "",
    deciders: Deciders | None = None,
) -> None:
    """The decider concludes on class and blame (§3.8, §3.11); also without an answer once the term is over.

    ``version`` ties the decision to the text that was on the screen. ``confirmation``: the document by which the
    competent body confirmed a technical cause or another body's delay. ``letter``: of the level above.
    """
    decider, by = _must_be_decider(explanation, by, deciders or Deciders.on(today), letter=letter)
    answered = explanation.state == State.SUBMITTED
    _must_allow(explanation, Action.CONCLUDE if answered else Action.CONCLUDE_UNANSWERED)
    if not answered:
        _term_must_be_over(explanation, today)
    if not goes_together(cause_class, blame):
        raise Refused("explanations.class_and_blame")
    stated = explanation.cause.default_class if explanation.cause else None
    if needs_reason(stated, cause_class, answered=answered) and not reason.strip():
        raise Refused("explanations.reason_missing")
    said = _Said(cause_class, blame, reason.strip(), confirmation.strip(), letter.strip())
    _conclude(explanation, said, decider, version=version, by=by, at=at, today=today, in_bulk=False)


def conclude_many(chosen: Sequence[tuple[Explanation, int]], *, by: Viewer, at: datetime, today: date) -> int:
    """Conclude several with the class each officer himself stated, nothing harsher (§3.12); all of them or none.

    ``chosen``: explanations with the versions that were on the screen. Gives how many.
    """
    if not chosen:
        raise Refused("explanations.nothing_chosen")
    deciders = Deciders.on(today)
    excluded = queries.excluded_from_deciding([row for row, _ in chosen])
    for explanation, version in chosen:
        decider = deciders.of(explanation.unit_id, excluded[explanation.id])
        if not queries.decides(by, decider, excluded[explanation.id]) or not by.may(Permission.CONCLUDE):
            raise Refused("explanations.not_decider")
        _must_not_have_written(explanation, by)
        _must_allow(explanation, Action.CONCLUDE)
        found = bulk_conclusion(explanation.cause.default_class if explanation.cause else None)
        if found is None:
            raise Refused("explanations.not_in_bulk", case_code=explanation.case.code)
        said = _Said(found[0], found[1], "", "", "")
        named = by.standing_in(decider.person_id)
        _conclude(explanation, said, decider, version=version, by=named, at=at, today=today, in_bulk=True)
    return len(chosen)


@dataclass(frozen=True)
class _Said:
    """What a decider says."""

    cause_class: CauseClass
    blame: Blame
    reason: str
    confirmation: str
    letter: str


def _conclude(
    explanation: Explanation,
    said: _Said,
    decider: Decider,
    *,
    version: int,
    by: Viewer,
    at: datetime,
    today: date,
    in_bulk: bool,
) -> None:
    answered = explanation.state == State.SUBMITTED
    action = Action.CONCLUDE if answered else Action.CONCLUDE_UNANSWERED
    _move(explanation, MACHINE[action].sources, version, state=State.CONCLUDED, concluded_at=at, stopped_at=None)
    db.session.add(
        Conclusion(
            explanation_id=explanation.id,
            cause_class=said.cause_class,
            blame=said.blame,
            reason=said.reason,
            confirmation=said.confirmation,
            letter=said.letter,
            answered=answered,
            in_bulk=in_bulk,
            seat=decider.seat,
            decided_by=by.person_id,
            decided_for=None if decider.person_id == by.person_id else decider.person_id,
            decided_on=today,
            at=at,
        )
    )
    event = ExplanationConcluded(
        cause_class=said.cause_class,
        blame=said.blame,
        reason=said.reason,
        confirmation=said.confirmation,
        seat=decider.seat,
        letter=said.letter,
        answered=answered,
        in_bulk=in_bulk,
        version=version,
    )
    _record(event, explanation, by, at)


def cancel_with_breach(explanation: Explanation, reason: str, *, by: Viewer | None, at: datetime) -> bool:
    """Cancel an open duty because its breach was cancelled; what was concluded stays. Gives whether it was open."""
    if not allows(explanation.state, Action.CANCEL):
        return False
    _move(explanation, MACHINE[Action.CANCEL].sources, None, state=State.CANCELLED, stopped_at=None)
    _record(ExplanationCancelled(reason=reason), explanation, by, at)
    return True


def attach(explanation: Explanation, stored: Content, name: str, *, by: Viewer, at: datetime) -> Attachment:
    """Put a stored file beside the explanation while it is being written."""
    by = _must_be_holder(explanation, by)
    _must_allow(explanation, Action.SUBMIT)
    remember_file(stored, at=at)
    attachment = Attachment(
        explanation_id=explanation.id,
        sha256=stored.sha256,
        name=name,
        size=stored.size,
        media_type=stored.media_type,
        at=at,
        by_id=by.person_id,
    )
    db.session.add(attachment)
    db.session.flush()
    _record(FileAttached(name=name, sha256=stored.sha256, size=stored.size), explanation, by, at)
    return attachment


def _must_be_holder(explanation: Explanation, by: Viewer) -> Viewer:
    """The holder, or who stands in for him today, as the trail names them."""
    if explanation.holder_id is None or explanation.holder_id not in by.person_ids:
        raise Refused("explanations.not_holder")
    return by.standing_in(explanation.holder_id)


def _must_not_decide_it(explanation: Explanation, decider: Decider, by: Viewer) -> None:
    """Whoever will conclude an explanation does not write it for the absent officer (§3.8)."""
    if by.person_id != explanation.holder_id and decider.person_id in by.person_ids:
        raise Refused("explanations.stand_in_decides")


def _must_be_decider(
    explanation: Explanation, by: Viewer, deciders: Deciders, *, letter: str = ""
) -> tuple[Decider, Viewer]:
    """Who decides today, provided it is this viewer or whom he stands in for (§3.8), and how the trail names him.

    The level above is heard through a recorded letter. Who wrote the answer as a stand-in does not decide it.
    """
    excluded = queries.excluded_from_deciding([explanation])[explanation.id]
    decider = deciders.of(explanation.unit_id, excluded)
    if decider.seat is Seat.ABOVE and by.person_id is not None and by.person_id not in excluded:
        if not (by.may(Permission.CONCLUDE) or by.may(Permission.OPEN_BREACHES)):
            raise Refused("explanations.not_decider")
        if not letter.strip():
            raise Refused("explanations.letter_missing")
        return decider, by
    if not queries.decides(by, decider, excluded):
        raise Refused("explanations.not_decider")
    _must_not_have_written(explanation, by)
    return decider, by.standing_in(decider.person_id)


def _must_not_have_written(explanation: Explanation, by: Viewer) -> None:
    if by.person_id is not None and queries.was_written_by(explanation.id, by.person_id):
        raise Refused("explanations.stand_in_decides")


def _must_allow(explanation: Explanation, action: Action, *, also: State | None = None) -> None:
    if not allows(explanation.state, action) and explanation.state != also:
        raise Refused("explanations.not_possible", state=explanation.state)


def _clock_must_run(explanation: Explanation) -> None:
    if explanation.stopped_at is not None:
        raise Refused("explanations.clock_stands")


def _term_must_be_over(explanation: Explanation, today: date) -> None:
    over = is_past_term(explanation.due_on, today, stopped_at=explanation.stopped_at, legacy=False)
    if not over and explanation.holder_id is not None:
        raise Refused("explanations.term_runs", due_on=f"{explanation.due_on:%d/%m/%Y}")


def _must_be_in_reach(person_id: int, by: Viewer, today: date) -> None:
    reach = by.readable_units
    held = postings_on(today, person_id=person_id)
    if not any(by.sees_all or posting.unit_id in reach for posting in held):
        raise Refused("explanations.no_such_person")


def _check_cause(answer: Answer) -> Cause | None:
    if answer.cause_id is None:
        return None
    cause = db.session.get(Cause, answer.cause_id)
    if cause is None:
        raise Refused("explanations.cause_unknown")
    if cause.is_violation:
        raise Refused("explanations.cause_is_violation")
    return cause


def _pending_redirection(explanation: Explanation) -> Redirection | None:
    open_ones = [row for row in queries.redirections_of(explanation.id) if row.answer is None]
    return open_ones[-1] if open_ones else None


def _answer_redirection(
    pending: Redirection, holder_id: int | None, accepted: bool, reason: str, by: Viewer, at: datetime
) -> None:
    db.session.add(
        RedirectionAnswer(
            redirection_id=pending.id,
            holder_id=holder_id,
            accepted=accepted,
            reason=reason.strip(),
            by_id=by.person_id,
            at=at,
        )
    )


def _new_due_on(today: date) -> date:
    return current_calendar().add_working_days(today, policy.explanation_days(today).officer)


def _columns(answer: Answer) -> dict[str, Any]:
    return {
        "cause_id": answer.cause_id,
        "happened": answer.happened,
        "remedy": answer.remedy,
        "commitment": answer.commitment,
        "commitment_on": answer.commitment_on,
    }


def _same_text(explanation: Explanation, answer: Answer) -> bool:
    return all(getattr(explanation, name) == value for name, value in _columns(answer).items())


def _keep_text(explanation: Explanation, answer: Answer, kind: str, by_id: int | None, at: datetime) -> None:
    db.session.add(ExplanationText(explanation_id=explanation.id, kind=kind, by_id=by_id, at=at, **_columns(answer)))


def _move(explanation: Explanation, sources: Iterable[State], version: int | None, **to: Any) -> None:
    where = {"state": [str(state) for state in sources]}
    changed = {name: str(value) if isinstance(value, State) else value for name, value in to.items()}
    transition(Explanation, explanation.id, where=where, to=changed, version=version)


def _record(event: Event, explanation: Explanation, by: Viewer | None, at: datetime) -> None:
    record(event, entity_id=explanation.id, by=by, at=at, case_id=explanation.case_id)
