"""What the holder does: writes, submits, says that it is done or not his."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from portal.accountability.explanations import bulk, queries
from portal.accountability.explanations.actions.moves import (
    columns_of,
    keep_text,
    move,
    must_allow,
    record_step,
    same_text,
)
from portal.accountability.explanations.actions.sections import SectionTerm
from portal.accountability.explanations.events import (
    ConflictingTextKept,
    ExplanationDrafted,
    ExplanationSubmitted,
    FileAttached,
    NotMineSaid,
)
from portal.accountability.explanations.models import Attachment, Explanation, Redirection
from portal.accountability.explanations.queries import Deciders
from portal.accountability.explanations.rules import (
    WRITABLE,
    Action,
    Answer,
    Decider,
    State,
    after,
    counts_as_late_answer,
    missing_details,
    missing_parts,
)
from portal.database import db
from portal.documents.actions import remember_file
from portal.documents.store import Content
from portal.guard import Viewer
from portal.policy import queries as policy
from portal.policy.models import Cause
from portal.refusal import Refused

FORGOTTEN_CLICK = "QK"
"""The cause "done in fact, the software was not updated"."""


def save_draft(
    explanation: Explanation, answer: Answer, *, version: int, by: Viewer, at: datetime, quietly: bool = False
) -> None:
    """Keep what the holder has written so far. ``quietly``: while typing; only the first draft stands in the trail.

    Raises Conflict when another window saved a different text since ``version``.
    """
    by = must_be_holder(explanation, by)
    must_allow(explanation, Action.SAVE, also=State.RETURNED)
    check_cause(answer)
    if same_text(explanation, answer):
        return
    first = explanation.state == State.WAITING
    state = after(State(explanation.state), Action.SAVE)
    move(explanation, WRITABLE, version, state=state, saved_at=at, **columns_of(answer))
    if first or not quietly:
        record_step(ExplanationDrafted(), explanation, by, at)


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
    by = must_be_holder(explanation, by)
    must_allow(explanation, Action.SUBMIT)
    clock_must_run(explanation)
    cause = check_cause(answer)
    has_evidence = bool(queries.attachments_of(explanation.id))
    must_be_whole(answer, cause, has_evidence=has_evidence, still_open=explanation.breach.end is None)
    decider = queries.decider_of(explanation, today, deciders)
    must_not_decide_it(explanation, decider, by)
    _answer(explanation, answer, cause, decider, version=version, by=by, at=at, today=today, already_done=False,
            deciders=deciders)  # fmt: skip


def say_already_done(
    explanation: Explanation, note: str, *, version: int, by: Viewer, at: datetime, today: date
) -> None:
    """ "Done, the software was not updated": one click with evidence, a note or an attachment (§3.7)."""
    by = must_be_holder(explanation, by)
    must_allow(explanation, Action.ALREADY_DONE)
    clock_must_run(explanation)
    if not note.strip() and not queries.attachments_of(explanation.id):
        raise Refused("explanations.evidence_missing")
    cause = policy.cause_of(FORGOTTEN_CLICK, today)
    answer = Answer(
        cause_id=cause.id if cause else explanation.cause_id,
        happened=note.strip() or explanation.happened,
        remedy=explanation.remedy,
        commitment=explanation.commitment,
        commitment_on=explanation.commitment_on,
        remark=explanation.remark,
        details=explanation.details,
    )
    decider = queries.decider_of(explanation, today)
    must_not_decide_it(explanation, decider, by)
    _answer(explanation, answer, cause, decider, version=version, by=by, at=at, today=today, already_done=True)


def must_be_whole(answer: Answer, cause: Cause | None, *, has_evidence: bool, still_open: bool) -> None:
    """Refuse an answer that lacks a part, naming every one of them, and each field that the cause asks for."""
    code, asked = (cause.code, cause.asked) if cause else ("", ())
    missing = missing_parts(
        answer,
        needs_evidence=bool(cause and cause.needs_evidence),
        has_evidence=has_evidence,
        still_open=still_open,
        asked=asked,
        code=code,
    )
    if missing:
        lacking = missing_details(code, asked, answer.details)
        raise Refused("explanations.incomplete", missing=missing, lacking=lacking, parts=", ".join(missing))


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
    deciders: Deciders | None = None,
) -> None:
    first = SectionTerm.of([explanation], today, deciders)[explanation.id]
    decision_due_on = first.decision_due_on
    late = counts_as_late_answer(explanation.due_on, today, legacy=explanation.breach.legacy)
    if same_text(explanation, answer):
        version = explanation.version
    move(
        explanation,
        WRITABLE,
        version,
        state=State.SUBMITTED,
        submitted_at=at,
        submitted_on=today,
        **first.columns,
        decider_id=decider.person_id,
        said_already_done=already_done,
        saved_at=at,
        **columns_of(answer),
    )
    keep_text(explanation, answer, "submitted", by.person_id, at)
    event = ExplanationSubmitted(
        cause=cause.code if cause else "",
        happened=answer.happened,
        remedy=answer.remedy,
        commitment=answer.commitment,
        commitment_on=answer.commitment_on,
        remark=answer.remark,
        details=dict(answer.details),
        said_already_done=already_done,
        late=late,
        decider_id=decider.person_id,
        decision_due_on=decision_due_on,
    )
    record_step(event, explanation, by, at)


def keep_conflicting_text(explanation: Explanation, answer: Answer, *, by: Viewer, at: datetime) -> None:
    """Another window was first: keep this text beside, so that nothing typed is lost."""
    by = must_be_holder(explanation, by)
    keep_text(explanation, answer, "conflicting", by.person_id, at)
    record_step(ConflictingTextKept(), explanation, by, at)


def keep_beside(
    window: str,
    typed: dict[str, Any],
    *,
    by: Viewer,
    at: datetime,
    explanation_id: int | None = None,
    batch_id: int | None = None,
) -> None:
    """While typing, another window was first: keep the newest state of this one, so that nothing typed is lost.

    ``window``: the key of its form. Only who typed it reads it; nothing is merged by the machine.
    """
    if by.person_id is None or not window:
        return
    place = {"explanation_id": explanation_id, "batch_id": batch_id}
    bulk.keep_side_draft({**place, "window": window, "person_id": by.person_id, "typed": typed, "saved_at": at})


def say_not_mine(
    explanation: Explanation, *, named_id: int | None, step: str, reason: str, by: Viewer, at: datetime
) -> None:
    """The holder names a person or a step; the clock stops and the decider answers. It is no late answer (§3.7)."""
    by = must_be_holder(explanation, by)
    must_allow(explanation, Action.NOT_MINE)
    clock_must_run(explanation)
    if named_id is None and not step.strip():
        raise Refused("explanations.who_instead")
    if named_id is not None and named_id == by.person_id:
        raise Refused("explanations.named_himself")
    move(explanation, WRITABLE, None, said_not_mine=True, stopped_at=at)
    step, reason = step.strip(), reason.strip()
    db.session.add(
        Redirection(
            explanation_id=explanation.id, by_id=by.person_id, named_id=named_id, step=step, reason=reason, at=at
        )
    )
    record_step(NotMineSaid(named_id=named_id, step=step, reason=reason), explanation, by, at)


def attach(explanation: Explanation, stored: Content, name: str, *, by: Viewer, at: datetime) -> Attachment:
    """Put a stored file beside the explanation while it is being written."""
    by = must_be_holder(explanation, by)
    must_allow(explanation, Action.SUBMIT)
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
    record_step(FileAttached(name=name, sha256=stored.sha256, size=stored.size), explanation, by, at)
    return attachment


def must_be_holder(explanation: Explanation, by: Viewer) -> Viewer:
    """The holder, or who stands in for him today, as the trail names them."""
    if explanation.holder_id is None or explanation.holder_id not in by.person_ids:
        raise Refused("explanations.not_holder")
    return by.standing_in(explanation.holder_id)


def must_not_decide_it(explanation: Explanation, decider: Decider, by: Viewer) -> None:
    """Whoever will conclude an explanation does not write it for the absent officer (§3.8)."""
    if by.person_id != explanation.holder_id and decider.person_id in by.person_ids:
        raise Refused("explanations.stand_in_decides")


def clock_must_run(explanation: Explanation) -> None:
    """Refuse while "not mine" waits for its answer."""
    if explanation.stopped_at is not None:
        raise Refused("explanations.clock_stands")


def check_cause(answer: Answer) -> Cause | None:
    """The stated cause; refuses one that is unknown, and a violation, which is none."""
    if answer.cause_id is None:
        return None
    cause = db.session.get(Cause, answer.cause_id)
    if cause is None:
        raise Refused("explanations.cause_unknown")
    if cause.is_violation:
        raise Refused("explanations.cause_is_violation")
    return cause
