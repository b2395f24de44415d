"""An answer goes back to its officer for rework."""

from __future__ import annotations

from datetime import date, datetime

from portal.accountability.explanations.actions.moves import move
from portal.accountability.explanations.models import Explanation, ExplanationReturn
from portal.accountability.explanations.rules import State
from portal.accountability.explanations.standing import NewTerm
from portal.database import db
from portal.guard import Viewer
from portal.refusal import Refused


def send_back(
    explanation: Explanation,
    comment: str,
    *,
    by_section: bool = False,
    version: int,
    by: Viewer,
    at: datetime,
    today: date,
) -> ExplanationReturn:
    """Return a handed-in answer with a comment; a new term runs. Whether they may, the caller has asked; gives the row.

    ``by_section``: by the head of a section, before the head of the unit.
    """
    comment = comment.strip()
    if not comment:
        raise Refused("explanations.comment_missing")
    term = NewTerm.of(explanation.holder_id, today)
    move(
        explanation,
        (State.SUBMITTED,),
        version,
        state=State.RETURNED,
        returned_times=explanation.returned_times + 1,
        **term.columns,
        decision_due_on=None,
        section_unit_id=None,
        section_due_on=None,
        said_already_done=False,
    )
    back = ExplanationReturn(
        explanation_id=explanation.id, comment=comment, by_id=by.person_id, at=at, returned_on=today,
        due_on=term.due_on, by_section=by_section,
    )  # fmt: skip
    db.session.add(back)
    return back
