"""Reading what was concluded: which conclusion stands, what came before it, what was built on it, who objects."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Integer, column, exists, func, select, table
from sqlalchemy.orm import joinedload, selectinload

from portal.accountability.explanations.models import Conclusion, ConclusionShare, Explanation, Objection
from portal.accountability.explanations.queries import excluded_from_deciding
from portal.database import db
from portal.guard import Viewer

GROUNDS = table("followup_grounds", column("followup_id", Integer), column("breach_id", Integer))
LIFTED = table("followup_cancellations", column("followup_id", Integer))
"""Measures about people stand above this package; only that one rests on a breach is read."""


def conclusions_drawn(explanation_id: int) -> int:
    """How many conclusions an explanation has had, withdrawn ones too."""
    found = select(func.count()).select_from(Conclusion).where(Conclusion.explanation_id == explanation_id)
    return db.session.scalar(found) or 0


def conclusions_of(explanation_id: int) -> Sequence[Conclusion]:
    """Every conclusion of an explanation, withdrawn ones too, oldest first."""
    found = select(Conclusion).where(Conclusion.explanation_id == explanation_id).order_by(Conclusion.number)
    return db.session.scalars(
        found.options(
            joinedload(Conclusion.decider),
            joinedload(Conclusion.absent),
            joinedload(Conclusion.withdrawal),
            selectinload(Conclusion.shares).joinedload(ConclusionShare.person),
        )
    ).all()


def built_on(explanation: Explanation, conclusion: Conclusion) -> str | None:
    """What was built on a conclusion, as a code; None when nothing was; letters do not rest on it (§3.13)."""
    if conclusion.objection_id is not None or objectors_of(explanation.id):
        return "objection"
    lifted = exists().where(LIFTED.c.followup_id == GROUNDS.c.followup_id)
    rests = select(GROUNDS.c.followup_id).where(GROUNDS.c.breach_id == explanation.breach_id, ~lifted)
    return "followup" if db.session.scalar(rests.limit(1)) is not None else None


def concluded_upon(explanation: Explanation, conclusion: Conclusion, by: Viewer) -> int | None:
    """For whom a viewer may object: the viewer before anybody he stands in for; None when it concerns none of them."""
    concerned = {explanation.responsible_id, *(share.person_id for share in conclusion.shares)} & by.person_ids
    if by.person_id in concerned:
        return by.person_id
    return min((person for person in concerned if person is not None), default=None)


def objections_of(explanation_id: int) -> Sequence[Objection]:
    """Every objection, oldest first."""
    found = select(Objection).where(Objection.explanation_id == explanation_id).order_by(Objection.id)
    return db.session.scalars(found.options(joinedload(Objection.person), joinedload(Objection.by))).all()


def objectors_of(explanation_id: int) -> frozenset[int]:
    """Who has objected already."""
    found = select(Objection.person_id).where(Objection.explanation_id == explanation_id)
    return frozenset(db.session.scalars(found))


def waiting_objections(explanation_id: int) -> Sequence[Objection]:
    """The objections nobody has decided yet, oldest first."""
    decided = exists().where(Conclusion.objection_id == Objection.id)
    found = select(Objection).where(Objection.explanation_id == explanation_id, ~decided).order_by(Objection.id)
    return db.session.scalars(found.options(joinedload(Objection.person), joinedload(Objection.by))).all()


def excluded_from_hearing(explanation: Explanation) -> frozenset[int]:
    """Who may not decide an objection: who may not conclude, everybody who concluded it, and all concluded upon."""
    drawn = select(Conclusion.decided_by, Conclusion.decided_for).where(Conclusion.explanation_id == explanation.id)
    concluded = {person for row in db.session.execute(drawn) for person in row if person is not None}
    sharing = (
        select(ConclusionShare.person_id)
        .join(Conclusion, Conclusion.id == ConclusionShare.conclusion_id)
        .where(Conclusion.explanation_id == explanation.id)
    )
    excluded = excluded_from_deciding([explanation])[explanation.id]
    return excluded | concluded | frozenset(db.session.scalars(sharing))
