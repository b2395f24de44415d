"""Follow-ups: who, which measure, on which breaches, by which decision. A cancellation is a row of its own."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, relationship

from portal.accountability.breaches.models import Breach
from portal.accountability.followups.rules import Form, Measure
from portal.accountability.violations.models import Violation
from portal.database import Base, Instant, col
from portal.directory.models import Person, Unit

APPEND_ONLY = ("followups", "followup_grounds", "followup_violations", "followup_cancellations")


def _one_of(column: str, words: type[Measure | Form]) -> str:
    return f"{column} in ({', '.join(repr(str(word)) for word in words)})"


class Followup(Base):
    """A measure against a person. ``form`` and ``legal_basis`` stand only with discipline."""

    __tablename__ = "followups"
    __table_args__ = (
        CheckConstraint(_one_of("measure", Measure), name="measure"),
        CheckConstraint(f"form is null or {_one_of('form', Form)}", name="form"),
        CheckConstraint("(measure = 'discipline') = (form is not null)", name="form_of_discipline"),
        Index("ix_followups_person", "person_id", "decided_on"),
        Index("ix_followups_unit", "unit_id", "decided_on"),
    )

    id: Mapped[int] = col(primary_key=True)
    person_id: Mapped[int] = col(ForeignKey("people.id"), nullable=False, personal="officer")
    unit_id: Mapped[int] = col(ForeignKey("units.id"), nullable=False)
    measure: Mapped[str] = col(String(16), nullable=False, personal="officer")
    form: Mapped[str | None] = col(String(16), personal="officer")
    decision_number: Mapped[str] = col(String(100), nullable=False, default="")
    decided_on: Mapped[date] = col(Date, nullable=False)
    signer: Mapped[str] = col(String(200), nullable=False, default="", personal="officer")
    note: Mapped[str] = col(Text, nullable=False, default="", personal="officer")
    legal_basis: Mapped[str] = col(String(300), nullable=False, default="")
    recorded_by: Mapped[int | None] = col(ForeignKey("people.id"), personal="officer")
    recorded_label: Mapped[str] = col(String(200), nullable=False, default="", personal="officer")
    at: Mapped[datetime] = col(Instant(), nullable=False)

    person: Mapped[Person] = relationship(foreign_keys=[person_id], viewonly=True)
    unit: Mapped[Unit] = relationship(viewonly=True)
    grounds: Mapped[list[FollowupGround]] = relationship(viewonly=True)
    violations: Mapped[list[FollowupViolation]] = relationship(viewonly=True)
    cancellation: Mapped[FollowupCancellation | None] = relationship(viewonly=True, uselist=False)


class FollowupGround(Base):
    """A breach on which a follow-up rests."""

    __tablename__ = "followup_grounds"

    followup_id: Mapped[int] = col(ForeignKey("followups.id"), primary_key=True, autoincrement=False)
    breach_id: Mapped[int] = col(ForeignKey("breaches.id"), primary_key=True, autoincrement=False, index=True)

    breach: Mapped[Breach] = relationship(viewonly=True)


class FollowupViolation(Base):
    """A violation or complaint on which a follow-up rests."""

    __tablename__ = "followup_violations"

    followup_id: Mapped[int] = col(ForeignKey("followups.id"), primary_key=True, autoincrement=False)
    violation_id: Mapped[int] = col(ForeignKey("violations.id"), primary_key=True, autoincrement=False, index=True)

    violation: Mapped[Violation] = relationship(viewonly=True)


class FollowupCancellation(Base):
    """A follow-up was recorded wrongly or lifted; the follow-up itself stays."""

    __tablename__ = "followup_cancellations"

    id: Mapped[int] = col(primary_key=True)
    followup_id: Mapped[int] = col(ForeignKey("followups.id"), nullable=False, unique=True)
    reason: Mapped[str] = col(Text, nullable=False, personal="officer")
    by_id: Mapped[int | None] = col(ForeignKey("people.id"), personal="officer")
    at: Mapped[datetime] = col(Instant(), nullable=False)
