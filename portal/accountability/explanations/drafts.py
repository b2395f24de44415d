"""What is being written: one explanation for many cases, and texts of windows that lost against another."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Date, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, relationship

from portal.accountability.explanations.models import Explanation
from portal.database import Base, Instant, col
from portal.directory.models import Person
from portal.policy.models import Cause


class BatchState(StrEnum):
    """Where an explanation for many cases stands; afterwards each case goes its own road."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    DROPPED = "dropped"


class ExplanationBatch(Base):
    """One text and one cause for many cases. ``by_id``: who wrote it, where somebody stood in for the holder.

    Once submitted it only says which cases were explained together; every case carries its own copy.
    """

    __tablename__ = "explanation_batches"
    __table_args__ = (
        CheckConstraint("state in ('draft','submitted','dropped')", name="state"),
        Index("ix_explanation_batches_holder", "holder_id", "state"),
    )

    id: Mapped[int] = col(primary_key=True)
    holder_id: Mapped[int] = col(ForeignKey("people.id"), nullable=False, personal="officer")
    by_id: Mapped[int | None] = col(ForeignKey("people.id"), personal="officer")
    state: Mapped[str] = col(String(16), nullable=False, default=BatchState.DRAFT)
    cause_id: Mapped[int | None] = col(ForeignKey("causes.id"))
    happened: Mapped[str] = col(Text, nullable=False, default="", personal="officer")
    remedy: Mapped[str] = col(Text, nullable=False, default="", personal="officer")
    commitment: Mapped[str] = col(Text, nullable=False, default="", personal="officer")
    commitment_on: Mapped[date | None] = col(Date)
    details: Mapped[dict[str, str]] = col(JSON, nullable=False, default=dict, personal="officer")
    opened_at: Mapped[datetime] = col(Instant(), nullable=False)
    saved_at: Mapped[datetime | None] = col(Instant())
    submitted_at: Mapped[datetime | None] = col(Instant())
    submitted_on: Mapped[date | None] = col(Date)
    version: Mapped[int] = col(Integer, nullable=False, default=1)

    holder: Mapped[Person] = relationship(foreign_keys=[holder_id], viewonly=True)
    cause: Mapped[Cause | None] = relationship(viewonly=True)

    __mapper_args__ = {"version_id_col": version}


class BatchMember(Base):
    """A case of a batch, and what is to be said of it alone."""

    __tablename__ = "batch_members"
    __table_args__ = (UniqueConstraint("batch_id", "explanation_id"),)

    id: Mapped[int] = col(primary_key=True)
    batch_id: Mapped[int] = col(ForeignKey("explanation_batches.id"), nullable=False)
    explanation_id: Mapped[int] = col(ForeignKey("explanations.id"), nullable=False, index=True)
    remark: Mapped[str] = col(Text, nullable=False, default="", personal="officer")

    explanation: Mapped[Explanation] = relationship(viewonly=True)


class BatchFile(Base):
    """A file beside the common text; at submission each case gets it as its own attachment."""

    __tablename__ = "batch_files"

    id: Mapped[int] = col(primary_key=True)
    batch_id: Mapped[int] = col(ForeignKey("explanation_batches.id"), nullable=False, index=True)
    sha256: Mapped[str] = col(String(64), nullable=False)
    name: Mapped[str] = col(String(255), nullable=False, personal="officer")
    size: Mapped[int] = col(Integer, nullable=False)
    media_type: Mapped[str] = col(String(100), nullable=False)
    at: Mapped[datetime] = col(Instant(), nullable=False)
    by_id: Mapped[int | None] = col(ForeignKey("people.id"), personal="officer")


class SideDraft(Base):
    """What one window typed after another window had saved first; the newest state of that window, never merged.

    ``window`` is the key of the form as it was given out. Only the person who typed it reads it.
    """

    __tablename__ = "side_drafts"
    __table_args__ = (
        UniqueConstraint("person_id", "window"),
        CheckConstraint("(explanation_id is null) <> (batch_id is null)", name="of_one"),
    )

    id: Mapped[int] = col(primary_key=True)
    window: Mapped[str] = col(String(64), nullable=False)
    explanation_id: Mapped[int | None] = col(ForeignKey("explanations.id"), index=True)
    batch_id: Mapped[int | None] = col(ForeignKey("explanation_batches.id"), index=True)
    person_id: Mapped[int] = col(ForeignKey("people.id"), nullable=False, personal="officer")
    typed: Mapped[dict[str, Any]] = col(JSON, nullable=False, personal="officer")
    saved_at: Mapped[datetime] = col(Instant(), nullable=False)
