"""Reading what is explained together, and what hints that duties have one cause."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import joinedload

from portal.accountability.breaches.models import Breach
from portal.accountability.explanations.drafts import (
    BatchFile,
    BatchMember,
    BatchState,
    ExplanationBatch,
    SideDraft,
)
from portal.accountability.explanations.likeness import Owed
from portal.accountability.explanations.models import Attachment, Explanation
from portal.accountability.explanations.queries import ExplanationQuery
from portal.accountability.explanations.rules import WRITABLE
from portal.cases.models import Case, CaseStep, Procedure
from portal.cases.words import word
from portal.database import db
from portal.directory.models import Person, Unit
from portal.guard import Viewer

MOST_OWED = 500
"""So many duties of one person are looked through for common causes, those that fall due first."""


@dataclass(frozen=True)
class BatchQuery:
    """Explanations for many cases that a viewer may see: his own, and handed-in ones of which he sees a case."""

    statement: Select[ExplanationBatch]

    @classmethod
    def visible_to(cls, viewer: Viewer) -> Self:
        """A draft is its writer's own."""
        seen = ExplanationQuery.visible_to(viewer).statement.with_only_columns(Explanation.id)
        member = select(BatchMember.batch_id).where(BatchMember.explanation_id.in_(seen))
        own = ExplanationBatch.holder_id.in_(viewer.person_ids)
        handed_in = ExplanationBatch.state == word(BatchState.SUBMITTED)
        return cls(select(ExplanationBatch).where(or_(own, handed_in & ExplanationBatch.id.in_(member))))

    def drafts_of(self, person_ids: Iterable[int]) -> Self:
        """Those still being written for some holders."""
        draft = ExplanationBatch.state == word(BatchState.DRAFT)
        return type(self)(self.statement.where(draft, ExplanationBatch.holder_id.in_(list(person_ids))))

    def get(self, batch_id: int) -> ExplanationBatch | None:
        """One of them."""
        found = self.statement.where(ExplanationBatch.id == batch_id)
        named = (joinedload(ExplanationBatch.holder), joinedload(ExplanationBatch.cause))
        return db.session.scalars(found.options(*named)).first()

    def with_sizes(self) -> Sequence[tuple[ExplanationBatch, int]]:
        """Each with the number of its cases, the newest first."""
        size = (
            select(func.count()).where(BatchMember.batch_id == ExplanationBatch.id).correlate(ExplanationBatch)
        ).scalar_subquery()
        found = self.statement.add_columns(size).order_by(ExplanationBatch.id.desc())
        return [(batch, count) for batch, count in db.session.execute(found)]


def members_of(batch_id: int, viewer: Viewer | None = None) -> list[BatchMember]:
    """The cases of a batch in the order in which they fall due; with a viewer only those he may see."""
    explanation = joinedload(BatchMember.explanation)
    breach = explanation.joinedload(Explanation.breach)
    found = (
        select(BatchMember)
        .join(Explanation, Explanation.id == BatchMember.explanation_id)
        .where(BatchMember.batch_id == batch_id)
        .options(
            breach.joinedload(Breach.end),
            explanation.joinedload(Explanation.case).joinedload(Case.procedure),
            explanation.joinedload(Explanation.conclusion),
        )
    )
    if viewer is not None:
        seen = ExplanationQuery.visible_to(viewer).statement.with_only_columns(Explanation.id)
        found = found.where(BatchMember.explanation_id.in_(seen))
    return list(db.session.scalars(found.order_by(Explanation.due_on, Explanation.id)))


def files_of(batch_id: int) -> Sequence[BatchFile]:
    """The files beside the common text, oldest first."""
    return db.session.scalars(select(BatchFile).where(BatchFile.batch_id == batch_id).order_by(BatchFile.id)).all()


def file_of(batch_id: int, file_id: int) -> BatchFile | None:
    """One file of a batch."""
    return db.session.scalar(select(BatchFile).where(BatchFile.batch_id == batch_id, BatchFile.id == file_id))


def without_evidence(explanation_ids: Sequence[int]) -> int:
    """How many of some explanations have no file of their own."""
    own = select(Attachment.id).where(Attachment.explanation_id == Explanation.id).exists()
    found = select(func.count()).select_from(Explanation).where(Explanation.id.in_(explanation_ids), ~own)
    return db.session.scalar(found) or 0


def draft_with(explanation_ids: Sequence[int], holder_id: int) -> ExplanationBatch | None:
    """The draft of a holder that has exactly these cases, the newest."""
    among = BatchMember.explanation_id.in_(explanation_ids)
    found = (
        select(ExplanationBatch)
        .join(BatchMember, BatchMember.batch_id == ExplanationBatch.id)
        .where(ExplanationBatch.holder_id == holder_id, ExplanationBatch.state == word(BatchState.DRAFT))
        .group_by(ExplanationBatch.id)
        .having(func.count() == len(explanation_ids), func.count().filter(among) == len(explanation_ids))
        .order_by(ExplanationBatch.id.desc())
    )
    return db.session.scalars(found.limit(1)).first()


def batch_around(explanation_id: int) -> tuple[int, int] | None:
    """The last batch in which an explanation was handed in, and how many cases it had."""
    size = select(func.count()).where(BatchMember.batch_id == ExplanationBatch.id).correlate(ExplanationBatch)
    found = (
        select(ExplanationBatch.id, size.scalar_subquery())
        .join(BatchMember, BatchMember.batch_id == ExplanationBatch.id)
        .where(BatchMember.explanation_id == explanation_id)
        .where(ExplanationBatch.state == word(BatchState.SUBMITTED))
        .order_by(ExplanationBatch.id.desc())
        .limit(1)
    )
    row = db.session.execute(found).first()
    return (row[0], row[1]) if row else None


def owed_by(person_ids: Iterable[int]) -> list[Owed]:
    """What people owe and may write now, those that fall due first; one statement."""
    moment = func.coalesce(CaseStep.started_at, CaseStep.at)
    step = (
        select(func.coalesce(func.nullif(CaseStep.title, ""), CaseStep.unit))
        .where(CaseStep.case_id == Explanation.case_id, moment <= Breach.due_at)
        .order_by(moment.desc(), CaseStep.id.desc())
        .limit(1)
        .correlate(Explanation, Breach)
    ).scalar_subquery()
    found = (
        select(
            Explanation.id, Case.code, Case.procedure_id, Procedure.title, Explanation.unit_id, Unit.name, step,
            Breach.due_at, Explanation.due_on, Explanation.state, Explanation.holder_id, Person.full_name,
        )
        .join(Breach, Breach.id == Explanation.breach_id)
        .join(Case, Case.id == Explanation.case_id)
        .join(Unit, Unit.id == Explanation.unit_id)
        .join(Person, Person.id == Explanation.holder_id)
        .outerjoin(Procedure, Procedure.id == Case.procedure_id)
        .where(Explanation.holder_id.in_(list(person_ids)), Explanation.stopped_at.is_(None))
        .where(Explanation.state.in_([word(state) for state in WRITABLE]))
        .order_by(Explanation.due_on, Explanation.id)
        .limit(MOST_OWED)
    )  # fmt: skip
    return [
        Owed(ident, code, procedure_id, title or "", unit_id, unit, at_step or "", due_at.date(), *more)
        for ident, code, procedure_id, title, unit_id, unit, at_step, due_at, *more in db.session.execute(found)
    ]


def side_drafts_of(
    person_id: int | None, *, explanation_id: int | None = None, batch_id: int | None = None
) -> Sequence[SideDraft]:
    """What a person typed in windows that lost against another, the newest first."""
    place = SideDraft.explanation_id == explanation_id if explanation_id else SideDraft.batch_id == batch_id
    found = select(SideDraft).where(SideDraft.person_id == person_id, place).order_by(SideDraft.saved_at.desc())
    return db.session.scalars(found).all()
