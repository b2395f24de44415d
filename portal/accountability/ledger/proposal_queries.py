"""Reading proposed pauses: one's own, and those of cases one may read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from sqlalchemy import Select, false, or_, select
from sqlalchemy.orm import joinedload

from portal.accountability.ledger.models import PauseProposal, ProposalState
from portal.cases.models import Case
from portal.cases.words import word
from portal.database import db
from portal.guard import Permission, Viewer

PAGE = 100


@dataclass(frozen=True)
class ProposalQuery:
    """Proposed pauses a viewer may see, narrowed step by step."""

    statement: Select[PauseProposal]

    @classmethod
    def visible_to(cls, viewer: Viewer) -> Self:
        """What the viewer proposed, and what concerns cases of the units they read."""
        found = select(PauseProposal).join(Case, Case.id == PauseProposal.case_id)
        if not viewer.may(Permission.READ_CASES):
            return cls(found.where(false()))
        if viewer.sees_all:
            return cls(found)
        own = or_(PauseProposal.proposed_by.in_(viewer.person_ids), Case.officer_id.in_(viewer.person_ids))
        return cls(found.where(or_(own, Case.resolving_unit_id.in_(viewer.readable_units))))

    def waiting(self) -> Self:
        """Those that nobody decided."""
        return type(self)(self.statement.where(PauseProposal.state == word(ProposalState.WAITING)))

    def decided_by(self, viewer: Viewer) -> Self:
        """Those the viewer records or refuses: of the units of an own role, never of an own case."""
        if not viewer.may(Permission.RECORD_PAUSES):
            return type(self)(self.statement.where(false()))
        others = or_(Case.officer_id.is_(None), Case.officer_id.not_in(viewer.person_ids))
        found = self.statement.where(others)
        return type(self)(found if viewer.sees_all else found.where(Case.resolving_unit_id.in_(viewer.own_reach)))

    def proposed_by(self, viewer: Viewer) -> Self:
        """Those the viewer proposed."""
        return type(self)(self.statement.where(PauseProposal.proposed_by.in_(viewer.person_ids)))

    def of_case(self, case_id: int) -> Self:
        """Those of one case."""
        return type(self)(self.statement.where(PauseProposal.case_id == case_id))

    def get(self, proposal_id: int) -> PauseProposal | None:
        """One of them."""
        return db.session.scalars(_named(self.statement.where(PauseProposal.id == proposal_id))).first()

    def newest(self, limit: int = PAGE) -> Sequence[PauseProposal]:
        """The newest first."""
        return db.session.scalars(_named(self.statement).order_by(PauseProposal.id.desc()).limit(limit)).all()


def _named(found: Select[PauseProposal]) -> Select[PauseProposal]:
    case, people = joinedload(PauseProposal.case), (PauseProposal.proposer, PauseProposal.decider)
    return found.options(case.joinedload(Case.procedure), *map(joinedload, people))
