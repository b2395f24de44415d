"""A further explanation of a breach whose case stays open (domain rules §3.10): its rows, states and steps."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, relationship

from portal.accountability.explanations.models import Explanation
from portal.database import Base, Instant, col
from portal.directory.models import Person


class SupplementState(StrEnum):
    """Where a supplementary explanation stands. NOTED: whoever decides has read it; it concludes nothing anew."""

    WAITING = "waiting"
    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    NOTED = "noted"
    OVER = "over"


class Reason(StrEnum):
    """Why a further explanation is due."""

    STILL_OPEN = "still_open"
    DATE_MISSED = "date_missed"


TO_WRITE = (SupplementState.WAITING, SupplementState.DRAFT, SupplementState.RETURNED)
STEPS: Mapping[str, tuple[tuple[SupplementState, ...], SupplementState | None]] = {
    "save": (TO_WRITE, None),
    "submit": (TO_WRITE, SupplementState.SUBMITTED),
    "return": ((SupplementState.SUBMITTED,), SupplementState.RETURNED),
    "note": ((SupplementState.SUBMITTED,), SupplementState.NOTED),
    "end": (TO_WRITE, SupplementState.OVER),
}
"""Step → (the states in which it may be taken, the state after it; None: saving makes a draft of what waits)."""

ACTIVE = text("state IN ('waiting','draft','submitted','returned')")


class Supplement(Base):
    """One further explanation; ``number`` counts them within the breach. At most one of a breach is active.

    ``due_on`` counts from ``noticed_on``: the notice, the handing over or the last return. ``base_due_on``: the term
    without the leave of its holder, where leave moved it.
    ``explanation_id`` is the first one: its unit and its rule of who decides hold here too.
    """

    __tablename__ = "supplements"
    __table_args__ = (
        UniqueConstraint("breach_id", "number"),
        CheckConstraint("state in ('waiting','draft','submitted','returned','noted','over')", name="state"),
        CheckConstraint("reason in ('still_open','date_missed')", name="reason"),
        Index("uq_supplements_active", "breach_id", unique=True, sqlite_where=ACTIVE, postgresql_where=ACTIVE),
        Index("ix_supplements_holder", "holder_id", "state", "due_on"),
        Index("ix_supplements_unit", "unit_id", "state", "due_on"),
    )

    id: Mapped[int] = col(primary_key=True)
    breach_id: Mapped[int] = col(ForeignKey("breaches.id"), nullable=False)
    explanation_id: Mapped[int] = col(ForeignKey("explanations.id"), nullable=False, index=True)
    number: Mapped[int] = col(Integer, nullable=False)
    reason: Mapped[str] = col(String(16), nullable=False)
    state: Mapped[str] = col(String(16), nullable=False, default=SupplementState.WAITING)
    holder_id: Mapped[int | None] = col(ForeignKey("people.id"), personal="officer")
    unit_id: Mapped[int] = col(ForeignKey("units.id"), nullable=False)
    noticed_on: Mapped[date] = col(Date, nullable=False)
    due_on: Mapped[date] = col(Date, nullable=False)
    happened: Mapped[str] = col(Text, nullable=False, default="", server_default="", personal="officer")
    remedy: Mapped[str] = col(Text, nullable=False, default="", server_default="", personal="officer")
    promised_on: Mapped[date | None] = col(Date)
    comment: Mapped[str] = col(Text, nullable=False, default="", server_default="", personal="officer")
    returned_times: Mapped[int] = col(Integer, nullable=False, default=0, server_default="0")
    saved_at: Mapped[datetime | None] = col(Instant())
    submitted_at: Mapped[datetime | None] = col(Instant())
    submitted_on: Mapped[date | None] = col(Date)
    noted_by: Mapped[int | None] = col(ForeignKey("people.id"), personal="officer")
    noted_at: Mapped[datetime | None] = col(Instant())
    version: Mapped[int] = col(Integer, nullable=False, default=1, server_default="1")
    base_due_on: Mapped[date | None] = col(Date)

    explanation: Mapped[Explanation] = relationship(viewonly=True)
    holder: Mapped[Person | None] = relationship(foreign_keys=[holder_id], viewonly=True)
    reader: Mapped[Person | None] = relationship(foreign_keys=[noted_by], viewonly=True)

    __mapper_args__ = {"version_id_col": version}
