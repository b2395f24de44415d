"""The steps that every action on an explanation is made of."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from portal.accountability.explanations.models import Explanation, ExplanationText
from portal.accountability.explanations.rules import Action, Answer, State, allows
from portal.audit import Event, record
from portal.database import db, transition
from portal.guard import Viewer
from portal.refusal import Refused

EMPTY = Answer(cause_id=None, happened="", remedy="", commitment="", commitment_on=None)


def must_allow(explanation: Explanation, action: Action, *, also: State | None = None) -> None:
    """Refuse what the machine does not know in this state; ``also``: a state in which it is allowed beside them."""
    if not allows(explanation.state, action) and explanation.state != also:
        raise Refused("explanations.not_possible", state=explanation.state)


def columns_of(answer: Answer) -> dict[str, Any]:
    """The columns in which an answer is kept, in an explanation as in a text that survives it."""
    return {
        "cause_id": answer.cause_id,
        "happened": answer.happened,
        "remedy": answer.remedy,
        "commitment": answer.commitment,
        "commitment_on": answer.commitment_on,
        "details": dict(answer.details),
        "remark": answer.remark,
    }


def same_text(explanation: Explanation, answer: Answer) -> bool:
    """Whether the explanation says this already."""
    return all(getattr(explanation, name) == value for name, value in columns_of(answer).items())


def keep_text(explanation: Explanation, answer: Answer, kind: str, by_id: int | None, at: datetime) -> None:
    """Keep a text beside, append-only; ``by_id``: the person who wrote it."""
    db.session.add(ExplanationText(explanation_id=explanation.id, kind=kind, by_id=by_id, at=at, **columns_of(answer)))


def move(explanation: Explanation, sources: Iterable[State], version: int | None, **to: Any) -> None:
    """One conditional UPDATE; raises Conflict where the state is none of ``sources`` or ``version`` is no longer it."""
    where = {"state": [str(state) for state in sources]}
    changed = {name: str(value) if isinstance(value, State) else value for name, value in to.items()}
    transition(Explanation, explanation.id, where=where, to=changed, version=version)


def record_step(event: Event, explanation: Explanation, by: Viewer | None, at: datetime) -> None:
    """Record an event of this explanation and its case."""
    record(event, entity_id=explanation.id, by=by, at=at, case_id=explanation.case_id)
