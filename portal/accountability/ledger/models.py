"""Pauses that the officer of a case proposes; recorded or refused by who may record them."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Boolean, CheckConstraint, Date, ForeignKey, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, relationship

from portal.cases.models import Case
from portal.database import Base, Instant, WallTime, col
from portal.directory.models import Person

WAITS = text("state = 'waiting'")
"""The condition of the index that lets one proposal of a case wait at a time."""


class ProposalState(StrEnum):
    """Where a proposed pause stands. Only RECORDED moves the term, by the pause that was recorded then."""

    WAITING = "waiting"
    RECORDED = "recorded"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class PauseProposal(Base):
    """A pause as the officer of the case says it, with its document. It moves nothing until a head records it.

    ``answer``: why it was refused. ``pause_id``: the pause that was recorded of it.
    """

    __tablename__ = "pause_proposals"
    __table_args__ = (
        CheckConstraint("state in ('waiting','recorded','refused','withdrawn')", name="state"),
        CheckConstraint("kind in ('supplement','payment','other_body')", name="kind"),
        CheckConstraint("(state = 'recorded') = (pause_id is not null)", name="recorded"),
        Index("uq_pause_proposals_waiting", "case_id", unique=True, sqlite_where=WAITS, postgresql_where=WAITS),
        Index("ix_pause_proposals_case", "case_id"),
        Index("ix_pause_proposals_proposer", "proposed_by", "id"),
    )

    id: Mapped[int] = col(primary_key=True)
    case_id: Mapped[int] = col(ForeignKey("cases.id"), nullable=False)
    kind: Mapped[str] = col(String(16), nullable=False)
    started_at: Mapped[datetime] = col(WallTime(), nullable=False)
    ended_at: Mapped[datetime | None] = col(WallTime())
    document: Mapped[str] = col(Text, nullable=False)
    document_on: Mapped[date] = col(Date, nullable=False)
    reason: Mapped[str] = col(Text, nullable=False, default="", personal="applicant")
    in_printed: Mapped[bool] = col(Boolean, nullable=False, default=False)
    state: Mapped[str] = col(String(16), nullable=False, default=ProposalState.WAITING)
    proposed_by: Mapped[int] = col(ForeignKey("people.id"), nullable=False, personal="officer")
    proposed_at: Mapped[datetime] = col(Instant(), nullable=False)
    decided_by: Mapped[int | None] = col(ForeignKey("people.id"), personal="officer")
    decided_at: Mapped[datetime | None] = col(Instant())
    answer: Mapped[str] = col(Text, nullable=False, default="", personal="officer")
    pause_id: Mapped[int | None] = col(ForeignKey("pauses.id"))
    version: Mapped[int] = col(Integer, nullable=False, default=1)

    case: Mapped[Case] = relationship(viewonly=True)
    proposer: Mapped[Person] = relationship(foreign_keys=[proposed_by], viewonly=True)
    decider: Mapped[Person | None] = relationship(foreign_keys=[decided_by], viewonly=True)

    __mapper_args__ = {"version_id_col": version}
