"""Reading further explanations: what somebody owes, and what waits to be read by whoever decides."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from sqlalchemy import Select, false, func, or_, select
from sqlalchemy.orm import joinedload

from portal.access.models import Absence
from portal.access.queries import leaves_of
from portal.accountability.breaches.models import Breach
from portal.accountability.explanations.models import Explanation
from portal.accountability.explanations.supplements import TO_WRITE, Supplement, SupplementState
from portal.cases.words import word
from portal.database import db
from portal.guard import Permission, Viewer


@dataclass(frozen=True)
class SupplementQuery:
    """Further explanations a viewer may see: his own, and those of the units he reads; as explanations are."""

    statement: Select[Supplement]

    @classmethod
    def visible_to(cls, viewer: Viewer) -> Self:
        """Never for roles without the permission."""
        found = select(Supplement)
        if not viewer.may(Permission.READ_EXPLANATIONS):
            return cls(found.where(false()))
        if viewer.sees_all:
            return cls(found)
        own = Supplement.holder_id.in_(viewer.person_ids)
        return cls(found.where(or_(own, Supplement.unit_id.in_(viewer.readable_units))))

    def owed_by(self, person_ids: Iterable[int]) -> Self:
        """Those that people are to write now."""
        to_write = Supplement.state.in_([word(state) for state in TO_WRITE])
        return type(self)(self.statement.where(Supplement.holder_id.in_(list(person_ids)), to_write))

    def unread(self, viewer: Viewer) -> Self:
        """Those handed in that wait for a head to take note; nobody reads his own."""
        handed_in = Supplement.state == word(SupplementState.SUBMITTED)
        in_units = Supplement.unit_id.in_(viewer.headed_units)
        own = Supplement.holder_id.in_(viewer.person_ids)
        return type(self)(self.statement.where(handed_in, in_units, ~own))

    def of_explanation(self, explanation_id: int) -> Self:
        """Those that follow one explanation."""
        return type(self)(self.statement.where(Supplement.explanation_id == explanation_id))

    def get(self, supplement_id: int) -> Supplement | None:
        """One of them."""
        return db.session.scalars(_with_facts(self.statement.where(Supplement.id == supplement_id))).first()

    def by_due(self) -> Sequence[Supplement]:
        """In the order in which they fall due."""
        return db.session.scalars(_with_facts(self.statement).order_by(Supplement.due_on, Supplement.id)).all()

    def count(self) -> int:
        """How many."""
        return db.session.scalar(self.count_statement()) or 0

    def count_statement(self) -> Select[int]:
        """How many, for ``tally``."""
        return select(func.count()).select_from(self.statement.with_only_columns(Supplement.id).subquery())


def leaves_during(supplement: Supplement) -> Sequence[Absence]:
    """The leaves during which its running term stands; none where nothing moved it."""
    if supplement.base_due_on is None or supplement.holder_id is None or supplement.state not in TO_WRITE:
        return ()
    found = leaves_of([supplement.holder_id], supplement.noticed_on)
    return [one for one in found if one.last_day > supplement.noticed_on and one.first_day <= supplement.due_on]


def _with_facts(found: Select[Supplement]) -> Select[Supplement]:
    first = joinedload(Supplement.explanation)
    return found.options(
        first.joinedload(Explanation.case),
        first.joinedload(Explanation.breach).joinedload(Breach.officer),
        joinedload(Supplement.holder),
        joinedload(Supplement.reader),
    )
