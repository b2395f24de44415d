"""An explanation and everything that was said on its road; what was once submitted or decided is append-only."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, foreign, relationship

from portal.accountability.breaches.models import Breach
from portal.accountability.explanations.rules import Blame, CauseClass, Seat, State
from portal.cases.models import Case
from portal.database import Base, Instant, col
from portal.directory.models import Person, Unit
from portal.policy.models import Cause

APPEND_ONLY = (
    "explanation_texts",
    "explanation_returns",
    "redirections",
    "redirection_answers",
    "conclusions",
    "conclusion_shares",
    "conclusion_withdrawals",
    "objections",
    "section_readings",
)


OBJECTED = text("objection_due_on IS NOT NULL")
FOR_ANOTHER = text("answers_for_id IS NOT NULL")
"""The condition of the index over explanations that somebody writes for whom they are about."""


def _one_of(column: str, words: type[State | CauseClass | Blame | Seat]) -> str:
    return f"{column} in ({', '.join(repr(str(word)) for word in words)})"


class Explanation(Base):
    """The duty to explain one breach. ``holder_id`` owes the answer; None: nobody is known, the decider reassigns.

    ``answers_for_id``: whom the holder writes for, because they left or were on leave when it opened; what is concluded
    concerns them, not who writes. None: the holder writes for themselves.
    ``section_unit_id``: the part of the unit whose head reads an answer before the unit's head, until
    ``section_due_on``, where policy wants that step; empty once it was read.
    ``base_due_on``: the term without leave and questions, where one of them moved ``due_on``.
    ``due_on`` counts from ``noticed_on``; while ``stopped_at`` stands the clock of the holder does not run.
    ``decider_id`` is who should decide as seen when the holder answered; the rule is asked again at every decision.
    ``conclusion_id`` is the conclusion that stands, of all that were drawn; no foreign key, because conclusions point
    back here. ``objection_due_on``: an objection waits for its decision until that day.
    ``details``: what the cause asks for, by "cause code.key"; days in ISO. ``remark``: what holds of this case alone.
    """

    __tablename__ = "explanations"
    __table_args__ = (
        CheckConstraint(_one_of("state", State), name="state"),
        CheckConstraint("returned_times >= 0", name="returned_times"),
        Index("ix_explanations_holder", "holder_id", "state", "due_on"),
        Index("ix_explanations_unit", "unit_id", "state", "due_on"),
        Index("ix_explanations_case", "case_id"),
        Index("ix_explanations_state", "state", "due_on"),
        Index("ix_explanations_objected", "unit_id", sqlite_where=OBJECTED, postgresql_where=OBJECTED),
        Index("ix_explanations_answers_for", "answers_for_id", sqlite_where=FOR_ANOTHER, postgresql_where=FOR_ANOTHER),
    )

    id: Mapped[int] = col(primary_key=True)
    breach_id: Mapped[int] = col(ForeignKey("breaches.id"), nullable=False, unique=True)
    case_id: Mapped[int] = col(ForeignKey("cases.id"), nullable=False)
    state: Mapped[str] = col(String(16), nullable=False, default=State.WAITING)
    holder_id: Mapped[int | None] = col(ForeignKey("people.id"), personal="officer")
    unit_id: Mapped[int] = col(ForeignKey("units.id"), nullable=False)
    decider_id: Mapped[int | None] = col(ForeignKey("people.id"), personal="officer")
    noticed_on: Mapped[date] = col(Date, nullable=False)
    due_on: Mapped[date] = col(Date, nullable=False)
    decision_due_on: Mapped[date | None] = col(Date)
    cause_id: Mapped[int | None] = col(ForeignKey("causes.id"))
    happened: Mapped[str] = col(Text, nullable=False, default="", server_default="", personal="officer")
    remedy: Mapped[str] = col(Text, nullable=False, default="", server_default="", personal="officer")
    commitment: Mapped[str] = col(Text, nullable=False, default="", server_default="", personal="officer")
    commitment_on: Mapped[date | None] = col(Date)
    said_not_mine: Mapped[bool] = col(Boolean, nullable=False, default=False)
    said_already_done: Mapped[bool] = col(Boolean, nullable=False, default=False)
    stopped_at: Mapped[datetime | None] = col(Instant())
    returned_times: Mapped[int] = col(Integer, nullable=False, default=0)
    saved_at: Mapped[datetime | None] = col(Instant())
    submitted_at: Mapped[datetime | None] = col(Instant())
    submitted_on: Mapped[date | None] = col(Date)
    concluded_at: Mapped[datetime | None] = col(Instant())
    version: Mapped[int] = col(Integer, nullable=False, default=1)
    conclusion_id: Mapped[int | None] = col(Integer)
    objection_due_on: Mapped[date | None] = col(Date)
    details: Mapped[dict[str, str]] = col(JSON, nullable=False, default=dict, server_default="{}", personal="officer")
    remark: Mapped[str] = col(Text, nullable=False, default="", server_default="", personal="officer")
    answers_for_id: Mapped[int | None] = col(ForeignKey("people.id"), personal="officer")
    base_due_on: Mapped[date | None] = col(Date)
    section_unit_id: Mapped[int | None] = col(ForeignKey("units.id"))
    section_due_on: Mapped[date | None] = col(Date)

    breach: Mapped[Breach] = relationship(viewonly=True)
    case: Mapped[Case] = relationship(viewonly=True)
    holder: Mapped[Person | None] = relationship(foreign_keys=[holder_id], viewonly=True)
    answers_for: Mapped[Person | None] = relationship(foreign_keys=[answers_for_id], viewonly=True)
    unit: Mapped[Unit] = relationship(foreign_keys=[unit_id], viewonly=True)
    section: Mapped[Unit | None] = relationship(foreign_keys=[section_unit_id], viewonly=True)
    cause: Mapped[Cause | None] = relationship(viewonly=True)
    conclusion: Mapped[Conclusion | None] = relationship(
        primaryjoin=lambda: foreign(Explanation.conclusion_id) == Conclusion.id, viewonly=True, uselist=False
    )

    __mapper_args__ = {"version_id_col": version}

    @property
    def responsible_id(self) -> int | None:
        """Whom a conclusion concerns: the holder, or whom the holder writes for."""
        return self.answers_for_id or self.holder_id


class ExplanationText(Base):
    """A text that must survive: as submitted each time, what lost a race of two windows, what a former holder wrote."""

    __tablename__ = "explanation_texts"
    __table_args__ = (CheckConstraint("kind in ('submitted','conflicting','handed_on')", name="kind"),)

    id: Mapped[int] = col(primary_key=True)
    explanation_id: Mapped[int] = col(ForeignKey("explanations.id"), nullable=False, index=True)
    kind: Mapped[str] = col(String(16), nullable=False)
    cause_id: Mapped[int | None] = col(ForeignKey("causes.id"))
    happened: Mapped[str] = col(Text, nullable=False, personal="officer")
    remedy: Mapped[str] = col(Text, nullable=False, personal="officer")
    commitment: Mapped[str] = col(Text, nullable=False, personal="officer")
    commitment_on: Mapped[date | None] = col(Date)
    by_id: Mapped[int | None] = col(ForeignKey("people.id"), personal="officer")
    at: Mapped[datetime] = col(Instant(), nullable=False)
    details: Mapped[dict[str, str]] = col(JSON, nullable=False, default=dict, server_default="{}", personal="officer")
    remark: Mapped[str] = col(Text, nullable=False, default="", server_default="", personal="officer")

    cause: Mapped[Cause | None] = relationship(viewonly=True)


class ExplanationReturn(Base):
    """Somebody asked for a rework, and why: who decides, or before him the head of a section (``by_section``)."""

    __tablename__ = "explanation_returns"

    id: Mapped[int] = col(primary_key=True)
    explanation_id: Mapped[int] = col(ForeignKey("explanations.id"), nullable=False, index=True)
    comment: Mapped[str] = col(Text, nullable=False, personal="officer")
    by_id: Mapped[int | None] = col(ForeignKey("people.id"), personal="officer")
    at: Mapped[datetime] = col(Instant(), nullable=False)
    returned_on: Mapped[date] = col(Date, nullable=False)
    due_on: Mapped[date] = col(Date, nullable=False)
    by_section: Mapped[bool] = col(Boolean, nullable=False, default=False, server_default=false())

    by: Mapped[Person | None] = relationship(viewonly=True)


class SectionReading(Base):
    """The head of a section read an answer before the head of the unit, and says what they think of it."""

    __tablename__ = "section_readings"

    id: Mapped[int] = col(primary_key=True)
    explanation_id: Mapped[int] = col(ForeignKey("explanations.id"), nullable=False, index=True)
    unit_id: Mapped[int] = col(ForeignKey("units.id"), nullable=False)
    opinion: Mapped[str] = col(Text, nullable=False, personal="officer")
    by_id: Mapped[int | None] = col(ForeignKey("people.id"), personal="officer")
    read_on: Mapped[date] = col(Date, nullable=False)
    at: Mapped[datetime] = col(Instant(), nullable=False)

    by: Mapped[Person | None] = relationship(viewonly=True)
    unit: Mapped[Unit] = relationship(viewonly=True)


class Redirection(Base):
    """The holder said "not mine" and named a person or a step."""

    __tablename__ = "redirections"

    id: Mapped[int] = col(primary_key=True)
    explanation_id: Mapped[int] = col(ForeignKey("explanations.id"), nullable=False, index=True)
    by_id: Mapped[int | None] = col(ForeignKey("people.id"), personal="officer")
    named_id: Mapped[int | None] = col(ForeignKey("people.id"), personal="officer")
    step: Mapped[str] = col(String(300), nullable=False, default="", personal="officer")
    reason: Mapped[str] = col(Text, nullable=False, default="", personal="officer")
    at: Mapped[datetime] = col(Instant(), nullable=False)

    by: Mapped[Person | None] = relationship(foreign_keys=[by_id], viewonly=True)
    named: Mapped[Person | None] = relationship(foreign_keys=[named_id], viewonly=True)
    answer: Mapped[RedirectionAnswer | None] = relationship(viewonly=True, uselist=False)


class RedirectionAnswer(Base):
    """What the decider said to "not mine": the new holder, or the same."""

    __tablename__ = "redirection_answers"

    id: Mapped[int] = col(primary_key=True)
    redirection_id: Mapped[int] = col(ForeignKey("redirections.id"), nullable=False, unique=True)
    holder_id: Mapped[int | None] = col(ForeignKey("people.id"), personal="officer")
    accepted: Mapped[bool] = col(Boolean, nullable=False)
    reason: Mapped[str] = col(Text, nullable=False, default="", personal="officer")
    by_id: Mapped[int | None] = col(ForeignKey("people.id"), personal="officer")
    at: Mapped[datetime] = col(Instant(), nullable=False)

    holder: Mapped[Person | None] = relationship(foreign_keys=[holder_id], viewonly=True)


class Objection(Base):
    """A person concluded upon objects, once, to the conclusion that stood then; the next head up decides (issue 5).

    ``by_id``: who typed it, the person or a stand-in.
    """

    __tablename__ = "objections"
    __table_args__ = (UniqueConstraint("explanation_id", "person_id"),)

    id: Mapped[int] = col(primary_key=True)
    explanation_id: Mapped[int] = col(ForeignKey("explanations.id"), nullable=False)
    conclusion_id: Mapped[int] = col(Integer, nullable=False)
    reason: Mapped[str] = col(Text, nullable=False, personal="officer")
    person_id: Mapped[int] = col(ForeignKey("people.id"), nullable=False, personal="officer")
    by_id: Mapped[int | None] = col(ForeignKey("people.id"), personal="officer")
    made_on: Mapped[date] = col(Date, nullable=False)
    decision_due_on: Mapped[date] = col(Date, nullable=False)
    at: Mapped[datetime] = col(Instant(), nullable=False)

    person: Mapped[Person] = relationship(foreign_keys=[person_id], viewonly=True)
    by: Mapped[Person | None] = relationship(foreign_keys=[by_id], viewonly=True)


class Conclusion(Base):
    """A decision on cause and blame, as it concerns the holder. ``number`` counts those of one explanation.

    ``letter``: the recorded letter of the level above where it decided. ``came_from``: the state to which withdrawing
    it leads back. ``objection_id``: it decides that objection, whether it keeps or changes what stood.
    """

    __tablename__ = "conclusions"
    __table_args__ = (
        UniqueConstraint("explanation_id", "number"),
        CheckConstraint("number >= 1", name="number"),
        CheckConstraint(_one_of("came_from", State), name="came_from"),
        CheckConstraint(_one_of("cause_class", CauseClass), name="cause_class"),
        CheckConstraint(_one_of("blame", Blame), name="blame"),
        CheckConstraint("(cause_class = 'subjective') = (blame in ('full','shared'))", name="goes_together"),
        CheckConstraint(_one_of("seat", Seat), name="seat"),
    )

    id: Mapped[int] = col(primary_key=True)
    explanation_id: Mapped[int] = col(ForeignKey("explanations.id"), nullable=False)
    cause_class: Mapped[str] = col(String(16), nullable=False)
    blame: Mapped[str] = col(String(16), nullable=False)
    reason: Mapped[str] = col(Text, nullable=False, default="", personal="officer")
    confirmation: Mapped[str] = col(String(300), nullable=False, default="")
    answered: Mapped[bool] = col(Boolean, nullable=False, default=True)
    in_bulk: Mapped[bool] = col(Boolean, nullable=False, default=False)
    seat: Mapped[str] = col(String(16), nullable=False)
    letter: Mapped[str] = col(String(200), nullable=False, default="")
    decided_by: Mapped[int | None] = col(ForeignKey("people.id"), personal="officer")
    decided_for: Mapped[int | None] = col(ForeignKey("people.id"), personal="officer")
    decided_on: Mapped[date] = col(Date, nullable=False)
    at: Mapped[datetime] = col(Instant(), nullable=False)
    number: Mapped[int] = col(Integer, nullable=False, default=1, server_default="1")
    step: Mapped[str] = col(String(300), nullable=False, default="", server_default="", personal="officer")
    came_from: Mapped[str] = col(String(16), nullable=False, default=State.SUBMITTED, server_default="submitted")
    objection_id: Mapped[int | None] = col(ForeignKey("objections.id"), unique=True)

    decider: Mapped[Person | None] = relationship(foreign_keys=[decided_by], viewonly=True)
    absent: Mapped[Person | None] = relationship(foreign_keys=[decided_for], viewonly=True)
    shares: Mapped[list[ConclusionShare]] = relationship(viewonly=True, order_by="ConclusionShare.id")
    withdrawal: Mapped[ConclusionWithdrawal | None] = relationship(viewonly=True, uselist=False)


class ConclusionShare(Base):
    """What a conclusion says of one more person and step, where several share the delay (§3.11)."""

    __tablename__ = "conclusion_shares"
    __table_args__ = (
        UniqueConstraint("conclusion_id", "person_id"),
        CheckConstraint(_one_of("cause_class", CauseClass), name="cause_class"),
        CheckConstraint(_one_of("blame", Blame), name="blame"),
        CheckConstraint("(cause_class = 'subjective') = (blame in ('full','shared'))", name="goes_together"),
    )

    id: Mapped[int] = col(primary_key=True)
    conclusion_id: Mapped[int] = col(ForeignKey("conclusions.id"), nullable=False)
    person_id: Mapped[int] = col(ForeignKey("people.id"), nullable=False, index=True, personal="officer")
    step: Mapped[str] = col(String(300), nullable=False, default="", personal="officer")
    cause_class: Mapped[str] = col(String(16), nullable=False)
    blame: Mapped[str] = col(String(16), nullable=False)

    person: Mapped[Person] = relationship(viewonly=True)


class ConclusionWithdrawal(Base):
    """A conclusion was taken back on the day it was drawn, before anything was built on it; both rows stay."""

    __tablename__ = "conclusion_withdrawals"

    id: Mapped[int] = col(primary_key=True)
    conclusion_id: Mapped[int] = col(ForeignKey("conclusions.id"), nullable=False, unique=True)
    reason: Mapped[str] = col(Text, nullable=False, personal="officer")
    by_id: Mapped[int | None] = col(ForeignKey("people.id"), personal="officer")
    at: Mapped[datetime] = col(Instant(), nullable=False)

    by: Mapped[Person | None] = relationship(viewonly=True)


class Attachment(Base):
    """A file beside an explanation; the bytes stand in the content-addressed store."""

    __tablename__ = "attachments"

    id: Mapped[int] = col(primary_key=True)
    explanation_id: Mapped[int] = col(ForeignKey("explanations.id"), nullable=False, index=True)
    sha256: Mapped[str] = col(String(64), nullable=False)
    name: Mapped[str] = col(String(255), nullable=False, personal="officer")
    size: Mapped[int] = col(Integer, nullable=False)
    media_type: Mapped[str] = col(String(100), nullable=False, default="application/octet-stream")
    at: Mapped[datetime] = col(Instant(), nullable=False)
    by_id: Mapped[int | None] = col(ForeignKey("people.id"), personal="officer")
