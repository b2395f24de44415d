"""Violations and complaints with their texts and conclusions; what was once said or decided is append-only."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, relationship

from portal.accountability.violations.rules import Blame, Finding, Kind, Origin, State
from portal.cases.models import Case
from portal.database import Base, Instant, col
from portal.directory.models import Person, Unit

APPEND_ONLY = ("violation_texts", "violation_conclusions")


def _one_of(column: str, words: type[Kind | Origin | State | Finding | Blame]) -> str:
    return f"{column} in ({', '.join(repr(str(word)) for word in words)})"


class Violation(Base):
    """One violation or complaint. ``holder_id``: whom it concerns; None: nobody is known yet.

    ``writer_id``: who answers where that is not whom it concerns, because they left or are on leave; what is concluded
    still concerns the holder. ``due_on`` counts from ``noticed_on``: the notice, the handing over or the last return.
    ``base_due_on``: the term without the leave of who answers, where leave moved it.
    ``found_on``: the day on which a competent person recorded it; the terms of discipline run from it (rules §4).
    ``signal``: what the portal saw (a change between imports, a case that stands), once each. ``reporter``: who
    complained, never shown to whom it concerns.
    """

    __tablename__ = "violations"
    __table_args__ = (
        CheckConstraint(_one_of("kind", Kind), name="kind"),
        CheckConstraint(_one_of("origin", Origin), name="origin"),
        CheckConstraint(_one_of("state", State), name="state"),
        UniqueConstraint("kind", "case_id", "signal"),
        Index("ix_violations_holder", "holder_id", "state", "due_on"),
        Index("ix_violations_unit", "unit_id", "state", "due_on"),
        Index("ix_violations_case", "case_id"),
    )

    id: Mapped[int] = col(primary_key=True)
    kind: Mapped[str] = col(String(32), nullable=False)
    origin: Mapped[str] = col(String(16), nullable=False)
    state: Mapped[str] = col(String(16), nullable=False)
    case_id: Mapped[int | None] = col(ForeignKey("cases.id"))
    unit_id: Mapped[int] = col(ForeignKey("units.id"), nullable=False)
    holder_id: Mapped[int | None] = col(ForeignKey("people.id"), personal="officer")
    signal: Mapped[str | None] = col(String(64))
    summary: Mapped[str] = col(Text, nullable=False, default="", server_default="", personal="applicant")
    reporter: Mapped[str] = col(String(300), nullable=False, default="", server_default="", personal="applicant")
    call_number: Mapped[str] = col(String(100), nullable=False, default="", server_default="")
    occurred_on: Mapped[date | None] = col(Date)
    found_on: Mapped[date] = col(Date, nullable=False)
    noticed_on: Mapped[date | None] = col(Date)
    due_on: Mapped[date | None] = col(Date)
    decision_due_on: Mapped[date | None] = col(Date)
    cause: Mapped[str] = col(String(32), nullable=False, default="", server_default="")
    answer: Mapped[str] = col(Text, nullable=False, default="", server_default="", personal="officer")
    returned_times: Mapped[int] = col(Integer, nullable=False, default=0, server_default="0")
    recorded_by: Mapped[int | None] = col(ForeignKey("people.id"), personal="officer")
    made_at: Mapped[datetime] = col(Instant(), nullable=False)
    version: Mapped[int] = col(Integer, nullable=False, default=1, server_default="1")
    writer_id: Mapped[int | None] = col(ForeignKey("people.id"), personal="officer")
    base_due_on: Mapped[date | None] = col(Date)

    case: Mapped[Case | None] = relationship(viewonly=True)
    unit: Mapped[Unit] = relationship(viewonly=True)
    holder: Mapped[Person | None] = relationship(foreign_keys=[holder_id], viewonly=True)
    writer: Mapped[Person | None] = relationship(foreign_keys=[writer_id], viewonly=True)
    recorder: Mapped[Person | None] = relationship(foreign_keys=[recorded_by], viewonly=True)
    conclusion: Mapped[ViolationConclusion | None] = relationship(viewonly=True, uselist=False)

    __mapper_args__ = {"version_id_col": version}

    @property
    def answers_id(self) -> int | None:
        """Who owes the answer: whom it concerns, or who answers for them."""
        return self.writer_id or self.holder_id


class ViolationText(Base):
    """A text as it was said: an answer each time it was submitted, the comment of a return, why it was dismissed."""

    __tablename__ = "violation_texts"
    __table_args__ = (CheckConstraint("kind in ('answer','return','dismissal')", name="kind"),)

    id: Mapped[int] = col(primary_key=True)
    violation_id: Mapped[int] = col(ForeignKey("violations.id"), nullable=False, index=True)
    kind: Mapped[str] = col(String(16), nullable=False)
    cause: Mapped[str] = col(String(32), nullable=False, default="")
    text: Mapped[str] = col(Text, nullable=False, personal="officer")
    by_id: Mapped[int | None] = col(ForeignKey("people.id"), personal="officer")
    by_label: Mapped[str] = col(String(200), nullable=False, default="", personal="officer")
    at: Mapped[datetime] = col(Instant(), nullable=False)


class ViolationConclusion(Base):
    """What was found, whose fault, what is put right until when, and the reply to who complained."""

    __tablename__ = "violation_conclusions"
    __table_args__ = (
        CheckConstraint(_one_of("finding", Finding), name="finding"),
        CheckConstraint(_one_of("blame", Blame), name="blame"),
        CheckConstraint("finding <> 'unfounded' or blame = 'none'", name="goes_together"),
    )

    id: Mapped[int] = col(primary_key=True)
    violation_id: Mapped[int] = col(ForeignKey("violations.id"), nullable=False, unique=True)
    finding: Mapped[str] = col(String(16), nullable=False)
    blame: Mapped[str] = col(String(16), nullable=False)
    reason: Mapped[str] = col(Text, nullable=False, personal="officer")
    measures: Mapped[str] = col(String(300), nullable=False, default="")
    remedy: Mapped[str] = col(Text, nullable=False, default="", personal="officer")
    remedy_by: Mapped[date | None] = col(Date)
    reply: Mapped[str] = col(String(300), nullable=False, default="")
    answered: Mapped[bool] = col(nullable=False)
    seat: Mapped[str] = col(String(16), nullable=False)
    decided_by: Mapped[int | None] = col(ForeignKey("people.id"), personal="officer")
    decided_for: Mapped[int | None] = col(ForeignKey("people.id"), personal="officer")
    decided_on: Mapped[date] = col(Date, nullable=False)
    at: Mapped[datetime] = col(Instant(), nullable=False)

    decider: Mapped[Person | None] = relationship(foreign_keys=[decided_by], viewonly=True)
