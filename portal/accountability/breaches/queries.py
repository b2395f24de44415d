"""Reading breaches and the proposals to cancel them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from sqlalchemy import Select, and_, false, func, or_, select
from sqlalchemy.orm import joinedload

from portal.accountability.breaches.models import Breach, BreachCorrection, BreachEnd
from portal.accountability.breaches.rules import CorrectionState, How
from portal.accountability.breaches.words import is_cancelled
from portal.cases.words import word
from portal.database import db
from portal.guard import Permission, Viewer

PAGE = 50


@dataclass(frozen=True)
class BreachQuery:
    """Breaches a viewer may see, narrowed step by step."""

    statement: Select[Breach]

    @classmethod
    def visible_to(cls, viewer: Viewer) -> Self:
        """Those of his own, and those of the units he reads by role."""
        found = select(Breach)
        if not viewer.may(Permission.READ_CASES):
            return cls(found.where(false()))
        if viewer.sees_all:
            return cls(found)
        own = Breach.officer_id.in_(viewer.person_ids)
        return cls(found.where(or_(own, Breach.unit_id.in_(viewer.readable_units))))

    def due_before(self, day_end: datetime) -> Self:
        """Whose term was over by the end of a day."""
        return type(self)(self.statement.where(Breach.due_at < day_end))

    def of_case(self, case_id: int) -> Self:
        """Those of one case."""
        return type(self)(self.statement.where(Breach.case_id == case_id))

    def of_officer(self, person_id: int) -> Self:
        """Those a person is responsible for, as officer, or as head where no officer was known."""
        as_head = and_(Breach.officer_id.is_(None), Breach.head_id == person_id)
        return type(self)(self.statement.where(or_(Breach.officer_id == person_id, as_head)))

    def of_unit(self, unit_id: int) -> Self:
        """Those of one unit."""
        return type(self)(self.statement.where(Breach.unit_id == unit_id))

    def cancelled(self) -> Self:
        """Those that were cancelled by an approved correction."""
        return type(self)(self.statement.where(is_cancelled()))

    def standing(self) -> Self:
        """Those that were not cancelled."""
        return type(self)(self.statement.where(~is_cancelled()))

    def withdrawn(self, day_end: datetime) -> Self:
        """Those whose case was withdrawn after its due moment, by the end of a day."""
        ended = (
            select(BreachEnd.id)
            .where(BreachEnd.breach_id == Breach.id, BreachEnd.how == word(How.WITHDRAWN))
            .where(BreachEnd.ended_at <= day_end)
            .exists()
        )
        return type(self)(self.statement.where(ended))

    def legacy(self) -> Self:
        """Those older than the portal."""
        return type(self)(self.statement.where(Breach.legacy.is_(True)))

    def with_ids(self, ids: Sequence[int]) -> Self:
        """Some of them."""
        return type(self)(self.statement.where(Breach.id.in_(ids)))

    def after(self, due_at: datetime, breach_id: int) -> Self:
        """The page after one breach, in the order of due moments."""
        later = or_(Breach.due_at > due_at, and_(Breach.due_at == due_at, Breach.id > breach_id))
        return type(self)(self.statement.where(later))

    def get(self, breach_id: int) -> Breach | None:
        """One of them with its facts; None when it is not among them."""
        return db.session.scalars(_with_facts(self.statement.where(Breach.id == breach_id))).first()

    def page(self, size: int = PAGE) -> Sequence[Breach]:
        """The first page in the order of due moments, and one row more when there is another page."""
        found = _with_facts(self.statement).order_by(Breach.due_at, Breach.id).limit(size + 1)
        return db.session.scalars(found).all()

    def count(self) -> int:
        """How many, exactly."""
        return db.session.scalar(self.count_statement()) or 0

    def count_statement(self) -> Select[int]:
        """How many, for ``tally``."""
        return select(func.count()).select_from(self.statement.with_only_columns(Breach.id).subquery())


def _with_facts(found: Select[Breach]) -> Select[Breach]:
    return found.options(
        joinedload(Breach.case), joinedload(Breach.unit), joinedload(Breach.officer), joinedload(Breach.end)
    )


def corrections_of(breach_id: int) -> Sequence[BreachCorrection]:
    """The proposals to cancel a breach, oldest first."""
    found = select(BreachCorrection).where(BreachCorrection.breach_id == breach_id)
    return db.session.scalars(found.order_by(BreachCorrection.id)).all()


def proposed_corrections(viewer: Viewer) -> Sequence[BreachCorrection]:
    """The proposals in the viewer's scope that wait for a decision, oldest first."""
    visible = BreachQuery.visible_to(viewer).statement.with_only_columns(Breach.id)
    found = (
        select(BreachCorrection)
        .where(BreachCorrection.state == word(CorrectionState.PROPOSED), BreachCorrection.breach_id.in_(visible))
        .options(
            joinedload(BreachCorrection.breach).joinedload(Breach.case),
            joinedload(BreachCorrection.breach).joinedload(Breach.officer),
        )
    )
    return db.session.scalars(found.order_by(BreachCorrection.id)).all()


def cancelled_among(breach_ids: Sequence[int]) -> frozenset[int]:
    """Which of some breaches were cancelled."""
    found = select(BreachCorrection.breach_id).where(
        BreachCorrection.breach_id.in_(breach_ids), BreachCorrection.state == word(CorrectionState.APPROVED)
    )
    return frozenset(db.session.scalars(found))
