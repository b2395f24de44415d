"""What the decider does: settles who answers, returns, concludes; and the end with a cancelled breach."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from portal.accountability.explanations import queries
from portal.accountability.explanations.actions.handing import take_questions_along
from portal.accountability.explanations.actions.moves import EMPTY, columns_of, keep_text, move, must_allow, record_step
from portal.accountability.explanations.actions.outcomes import Said, must_hold_together, must_show_evidence, write
from portal.accountability.explanations.actions.returning import send_back
from portal.accountability.explanations.actions.seats import must_be_decider, must_be_in_reach, must_not_have_written
from portal.accountability.explanations.actions.sections import must_be_through
from portal.accountability.explanations.events import (
    ExplanationCancelled,
    ExplanationConcluded,
    ExplanationReassigned,
    ExplanationReturned,
    HolderKept,
)
from portal.accountability.explanations.models import (
    Explanation,
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
    Share,
    State,
    allows,
    bulk_conclusion,
    is_past_term,
    may_return,
    needs_reason,
)
from portal.accountability.explanations.standing import NewTerm
from portal.database import db
from portal.guard import Permission, Viewer
from portal.policy import queries as policy
from portal.refusal import Refused


def reassign(explanation: Explanation, holder_id: int, reason: str, *, by: Viewer, at: datetime, today: date) -> None:
    """The decider gives the duty to another person; a new term runs from today, and nobody answered late.

    What the former holder wrote is kept as theirs; the new one begins on an empty page.
    """
    decider, by = must_be_decider(explanation, by, Deciders.on(today))
    must_allow(explanation, Action.REASSIGN)
    pending = _pending_redirection(explanation)
    if pending is None and explanation.holder_id is not None:
        raise Refused("explanations.nothing_to_answer")
    must_be_in_reach(holder_id, by, today)
    from_id = explanation.holder_id
    term = NewTerm.of(holder_id, today)
    emptied: dict[str, Any] = {}
    if holder_id != from_id:
        written = Answer(**{name: getattr(explanation, name) for name in columns_of(EMPTY)})
        if written != EMPTY:
            keep_text(explanation, written, "handed_on", from_id, at)
        emptied = {**columns_of(EMPTY), "saved_at": None}
    move(
        explanation,
        WRITABLE,
        None,
        state=State.WAITING,
        holder_id=holder_id,
        answers_for_id=None,
        decider_id=decider.person_id,
        said_not_mine=False,
        stopped_at=None,
        noticed_on=today,
        **term.columns,
        **emptied,
    )
    if pending is not None:
        _answer_redirection(pending, holder_id, True, reason, by, at)
    event = ExplanationReassigned(from_id=from_id, to_id=holder_id, reason=reason.strip(), due_on=term.due_on)
    record_step(event, explanation, by, at)
    if from_id not in (None, holder_id):
        take_questions_along(explanation, from_id, holder_id, reason.strip(), by=by, at=at)


def keep_holder(explanation: Explanation, reason: str, *, by: Viewer, at: datetime, today: date) -> None:
    """The decider answers "not mine" with no and says why; the holder's term starts anew."""
    _decider, by = must_be_decider(explanation, by, Deciders.on(today))
    must_allow(explanation, Action.KEEP_HOLDER)
    pending = _pending_redirection(explanation)
    if pending is None:
        raise Refused("explanations.nothing_to_answer")
    if not reason.strip():
        raise Refused("explanations.comment_missing")
    term = NewTerm.of(explanation.holder_id, today)
    move(explanation, WRITABLE, None, said_not_mine=False, stopped_at=None, noticed_on=today, **term.columns)
    _answer_redirection(pending, explanation.holder_id, False, reason, by, at)
    record_step(HolderKept(reason=reason.strip(), due_on=term.due_on), explanation, by, at)


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
    _decider, by = must_be_decider(explanation, by, deciders or Deciders.on(today))
    must_allow(explanation, Action.RETURN)
    must_be_through(explanation, today)
    if not may_return(explanation.returned_times, policy.return_max(today)):
        raise Refused("explanations.returned_enough", times=explanation.returned_times)
    back = send_back(explanation, comment, version=version, by=by, at=at, today=today)
    event = ExplanationReturned(comment=back.comment, times=explanation.returned_times, due_on=back.due_on)
    record_step(event, explanation, by, at)


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
    step: str = "",
    shares: Sequence[Share] = (),
    deciders: Deciders | None = None,
) -> None:
    """The decider concludes on class and blame (§3.8, §3.11); also without an answer once the term is over.

    ``version`` ties the decision to the text that was on the screen. ``confirmation``: the document by which the
    competent body confirmed a technical cause or another body's delay. ``letter``: of the level above. ``step``: at
    which step the holder was late; ``shares``: what is said of others who share the delay, each with a step.
    """
    decider, by = must_be_decider(explanation, by, deciders or Deciders.on(today), letter=letter)
    answered = explanation.state == State.SUBMITTED
    must_allow(explanation, Action.CONCLUDE if answered else Action.CONCLUDE_UNANSWERED)
    if not answered:
        _term_must_be_over(explanation, today)
    must_be_through(explanation, today)
    said = Said(cause_class, blame, reason.strip(), confirmation.strip(), letter.strip(), step.strip(), tuple(shares))
    must_hold_together(explanation, said, by, today)
    stated = explanation.cause.default_class if explanation.cause else None
    if (said.shares or needs_reason(stated, cause_class, answered=answered)) and not said.reason:
        raise Refused("explanations.reason_missing")
    must_show_evidence(explanation, said)
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
        must_not_have_written(explanation, by)
        must_allow(explanation, Action.CONCLUDE)
        must_be_through(explanation, today)
        found = bulk_conclusion(explanation.cause.default_class if explanation.cause else None)
        if found is None:
            raise Refused("explanations.not_in_bulk", case_code=explanation.case.code)
        said = Said(found[0], found[1])
        must_show_evidence(explanation, said)
        named = by.standing_in(decider.person_id)
        _conclude(explanation, said, decider, version=version, by=named, at=at, today=today, in_bulk=True)
    return len(chosen)


def _conclude(
    explanation: Explanation,
    said: Said,
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
    write(
        explanation,
        said,
        decider,
        sources=MACHINE[action].sources,
        version=version,
        answered=answered,
        in_bulk=in_bulk,
        by=by,
        at=at,
        today=today,
    )
    event = ExplanationConcluded(
        seat=decider.seat, answered=answered, in_bulk=in_bulk, version=version, **said.as_event()
    )
    record_step(event, explanation, by, at)


def cancel_with_breach(explanation: Explanation, reason: str, *, by: Viewer | None, at: datetime) -> bool:
    """Cancel an open duty because its breach was cancelled; what was concluded stays. Gives whether it was open."""
    if not allows(explanation.state, Action.CANCEL):
        return False
    move(explanation, MACHINE[Action.CANCEL].sources, None, state=State.CANCELLED, stopped_at=None)
    record_step(ExplanationCancelled(reason=reason), explanation, by, at)
    return True


def _term_must_be_over(explanation: Explanation, today: date) -> None:
    over = is_past_term(explanation.due_on, today, stopped_at=explanation.stopped_at, legacy=False)
    if not over and explanation.holder_id is not None:
        raise Refused("explanations.term_runs", due_on=f"{explanation.due_on:%d/%m/%Y}")


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
