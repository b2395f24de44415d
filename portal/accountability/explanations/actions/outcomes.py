"""What a decider says, whether it holds together, and the row that keeps it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from portal.accountability.explanations import conclusion_queries, queries
from portal.accountability.explanations.actions.moves import move
from portal.accountability.explanations.actions.seats import must_be_in_reach
from portal.accountability.explanations.models import Conclusion, ConclusionShare, Explanation
from portal.accountability.explanations.rules import (
    Blame,
    CauseClass,
    Decider,
    Share,
    State,
    goes_together,
    is_unconfirmed,
    shares_fault,
)
from portal.database import db
from portal.guard import Viewer
from portal.refusal import Refused


@dataclass(frozen=True)
class Said:
    """What a decider says: of the holder, and of everybody who shares the delay."""

    cause_class: CauseClass
    blame: Blame
    reason: str = ""
    confirmation: str = ""
    letter: str = ""
    step: str = ""
    shares: tuple[Share, ...] = ()

    @classmethod
    def as_before(cls, conclusion: Conclusion, reason: str, letter: str) -> Said:
        """What a conclusion said already, with the reason and the letter of who confirms it."""
        return cls(
            CauseClass(conclusion.cause_class),
            Blame(conclusion.blame),
            reason,
            conclusion.confirmation,
            letter,
            conclusion.step,
            tuple(
                Share(row.person_id, row.step, CauseClass(row.cause_class), Blame(row.blame))
                for row in conclusion.shares
            ),
        )

    def as_event(self) -> dict[str, Any]:
        """Its facts in the trail."""
        return {
            "cause_class": self.cause_class,
            "blame": self.blame,
            "reason": self.reason,
            "confirmation": self.confirmation,
            "letter": self.letter,
            "step": self.step,
            "shares": tuple(f"{one.person_id}:{one.cause_class}:{one.blame}:{one.step}" for one in self.shares),
        }


def must_hold_together(explanation: Explanation, said: Said, by: Viewer, today: date) -> None:
    """Refuse pairs of class and blame that contradict each other, and shares of who may not have one (§3.11)."""
    if not goes_together(said.cause_class, said.blame):
        raise Refused("explanations.class_and_blame")
    fault = shares_fault(said.cause_class, said.blame, said.shares, explanation.responsible_id)
    if fault is not None:
        raise Refused(f"explanations.{fault}")
    for share in said.shares:
        if share.person_id in by.person_ids:
            raise Refused("explanations.shares_himself")
        must_be_in_reach(share.person_id, by, today)


def must_show_evidence(explanation: Explanation, said: Said) -> None:
    """Without the competent body's confirmation a technical cause or another body's rests on evidence (§3.11)."""
    if not is_unconfirmed(said.cause_class, said.confirmation) or said.reason:
        return
    if not queries.attachments_of(explanation.id):
        raise Refused("explanations.unconfirmed")


def write(
    explanation: Explanation,
    said: Said,
    decider: Decider,
    *,
    sources: Iterable[State],
    version: int,
    answered: bool = True,
    in_bulk: bool = False,
    objection_id: int | None = None,
    by: Viewer,
    at: datetime,
    today: date,
    **more: Any,
) -> Conclusion:
    """Conclude: of two at once one moves the row, and only that one writes. ``more``: what else changes with it."""
    came_from = State(explanation.state)
    move(explanation, sources, version, state=State.CONCLUDED, concluded_at=at, stopped_at=None, section_unit_id=None,
         section_due_on=None, **more)  # fmt: skip
    conclusion = Conclusion(
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
        number=conclusion_queries.conclusions_drawn(explanation.id) + 1,
        step=said.step,
        came_from=came_from,
        objection_id=objection_id,
    )
    db.session.add(conclusion)
    db.session.flush()
    db.session.add_all(
        ConclusionShare(
            conclusion_id=conclusion.id,
            person_id=share.person_id,
            step=share.step,
            cause_class=share.cause_class,
            blame=share.blame,
        )
        for share in said.shares
    )
    move(explanation, (State.CONCLUDED,), None, conclusion_id=conclusion.id)
    return conclusion
