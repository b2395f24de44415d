"""A breach and what became of it: frozen facts, one later row for the end, further rows for corrections."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Boolean, CheckConstraint, Date, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, relationship

from portal.accountability.breaches.rules import CorrectionState, How, Was
from portal.cases.models import Case
from portal.database import Base, Instant, WallTime, col
from portal.directory.models import Person, Unit

APPEND_ONLY = ("breaches", "breach_ends")


def _one_of(column: str, words: type[Was | How | CorrectionState]) -> str:
    return f"{column} in ({', '.join(repr(str(word)) for word in words)})"


class Breach(Base):
    """The frozen fact that a term was missed: one per case, printed due moment and recorded pauses (§3.2, §3.4).

    ``officer_id`` None: nobody or several held the case, the duty is the head's. ``unit_id`` is the resolving
    unit and ``head_id`` its head on the due day (upward on the managed-by line when vacant). ``legacy``: older than
    the cut-over.
    """

    __tablename__ = "breaches"
    __table_args__ = (
        CheckConstraint(_one_of("was", Was), name="was"),
        CheckConstraint("due_precision in ('day','minute')", name="due_precision"),
        UniqueConstraint("case_id", "due_at", "pauses_key"),
        Index("ix_breaches_due", "due_at", "id"),
        Index("ix_breaches_officer", "officer_id", "due_at"),
        Index("ix_breaches_unit", "unit_id", "due_at"),
    )

    id: Mapped[int] = col(primary_key=True)
    case_id: Mapped[int] = col(ForeignKey("cases.id"), nullable=False)
    due_at: Mapped[datetime] = col(WallTime(), nullable=False)
    due_precision: Mapped[str] = col(String(8), nullable=False)
    pauses_key: Mapped[str] = col(String(200), nullable=False, default="", server_default="")
    opened_at: Mapped[datetime] = col(Instant(), nullable=False)
    opened_on: Mapped[date] = col(Date, nullable=False)
    calendar_version_id: Mapped[int] = col(Integer, nullable=False)
    officer_id: Mapped[int | None] = col(ForeignKey("people.id"), personal="officer")
    posting_id: Mapped[int | None] = col(ForeignKey("postings.id"))
    unit_id: Mapped[int] = col(ForeignKey("units.id"), nullable=False)
    head_id: Mapped[int | None] = col(ForeignKey("people.id"), personal="officer")
    batch_id: Mapped[int | None] = col(Integer)
    was: Mapped[str] = col(String(16), nullable=False)
    officer_is_provisional: Mapped[bool] = col(Boolean, nullable=False, default=False)
    legacy: Mapped[bool] = col(Boolean, nullable=False, default=False)

    case: Mapped[Case] = relationship(viewonly=True)
    unit: Mapped[Unit] = relationship(viewonly=True)
    officer: Mapped[Person | None] = relationship(foreign_keys=[officer_id], viewonly=True)
    head: Mapped[Person | None] = relationship(foreign_keys=[head_id], viewonly=True)
    end: Mapped[BreachEnd | None] = relationship(viewonly=True, uselist=False)


class BreachEnd(Base):
    """When and how the case of a breach ended, as first recorded."""

    __tablename__ = "breach_ends"
    __table_args__ = (
        CheckConstraint(_one_of("how", How), name="how"),
        CheckConstraint("precision in ('day','minute')", name="precision"),
    )

    id: Mapped[int] = col(primary_key=True)
    breach_id: Mapped[int] = col(ForeignKey("breaches.id"), nullable=False, unique=True)
    ended_at: Mapped[datetime] = col(WallTime(), nullable=False)
    precision: Mapped[str] = col(String(8), nullable=False)
    how: Mapped[str] = col(String(16), nullable=False)
    batch_id: Mapped[int | None] = col(Integer)
    recorded_at: Mapped[datetime] = col(Instant(), nullable=False)


class BreachCorrection(Base):
    """A proposal to cancel a breach because later facts prove there was no lateness, and its decision (§3.5)."""

    __tablename__ = "breach_corrections"
    __table_args__ = (
        CheckConstraint("kind in ('cancel')", name="kind"),
        CheckConstraint(_one_of("state", CorrectionState), name="state"),
        Index("ix_breach_corrections_breach", "breach_id", "state"),
    )

    id: Mapped[int] = col(primary_key=True)
    breach_id: Mapped[int] = col(ForeignKey("breaches.id"), nullable=False)
    kind: Mapped[str] = col(String(16), nullable=False, default="cancel")
    reason: Mapped[str] = col(Text, nullable=False)
    state: Mapped[str] = col(String(16), nullable=False, default=CorrectionState.PROPOSED)
    proposed_at: Mapped[datetime] = col(Instant(), nullable=False)
    proposed_by: Mapped[int | None] = col(ForeignKey("people.id"), personal="officer")
    decided_at: Mapped[datetime | None] = col(Instant())
    decided_by: Mapped[int | None] = col(ForeignKey("people.id"), personal="officer")
    decision_reason: Mapped[str] = col(Text, nullable=False, default="")
    version: Mapped[int] = col(Integer, nullable=False, default=1)

    breach: Mapped[Breach] = relationship(viewonly=True)

    __mapper_args__ = {"version_id_col": version}
