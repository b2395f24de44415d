"""Urging notes with what they list; the list is frozen, as the paper is."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, relationship

from portal.database import Base, Instant, col
from portal.directives.rules import State, Subject
from portal.directory.models import Person, Unit

APPEND_ONLY = ("urged_cases",)
OPEN_TO_UNIT = text("state = 'issued' AND person_id IS NULL")
OPEN_TO_PERSON = text("state = 'issued' AND person_id IS NOT NULL")


def _one_of(column: str, words: type[State | Subject]) -> str:
    return f"{column} in ({', '.join(repr(str(word)) for word in words)})"


class UrgingNote(Base):
    """A numbered note of an office to a unit. ``listed``: how many cases it names; ``total``: how many there were.

    One note about a subject is open for a unit at a time; the next round lets the one before lapse. ``person_id``: it
    names one person of the unit and what they owe, with rounds of its own; the head of the unit answers it too. Such a
    note is issued by the office or, in the name of the unit (``issuer_id``), by its head, who then records the answer.
    """

    __tablename__ = "urging_notes"
    __table_args__ = (
        CheckConstraint(_one_of("subject", Subject), name="subject"),
        CheckConstraint(_one_of("state", State), name="state"),
        CheckConstraint("round between 1 and 3", name="round"),
        CheckConstraint("total > 0", name="total"),
        CheckConstraint("(state = 'answered') = (replied_on is not null)", name="answered"),
        UniqueConstraint("issuer_id", "year", "number"),
        Index(
            "uq_urging_notes_open", "issuer_id", "unit_id", "subject",
            unique=True, sqlite_where=OPEN_TO_UNIT, postgresql_where=OPEN_TO_UNIT,
        ),
        Index(
            "uq_urging_notes_person", "issuer_id", "unit_id", "person_id", "subject",
            unique=True, sqlite_where=OPEN_TO_PERSON, postgresql_where=OPEN_TO_PERSON,
        ),
        Index("ix_urging_notes_unit", "unit_id", "state", "reply_due_on"),
        Index("ix_urging_notes_state", "state", "reply_due_on"),
    )  # fmt: skip

    id: Mapped[int] = col(Integer, primary_key=True)
    issuer_id: Mapped[int] = col(ForeignKey("units.id"), nullable=False)
    unit_id: Mapped[int] = col(ForeignKey("units.id"), nullable=False)
    subject: Mapped[str] = col(String(16), nullable=False)
    round: Mapped[int] = col(Integer, nullable=False)
    state: Mapped[str] = col(String(16), nullable=False, default=State.ISSUED)
    year: Mapped[int] = col(Integer, nullable=False)
    number: Mapped[int] = col(Integer, nullable=False)
    issued_on: Mapped[date] = col(Date, nullable=False)
    issued_at: Mapped[datetime] = col(Instant(), nullable=False)
    issued_by: Mapped[int | None] = col(ForeignKey("people.id"), personal="officer")
    reply_due_on: Mapped[date] = col(Date, nullable=False)
    total: Mapped[int] = col(Integer, nullable=False)
    pdf_sha256: Mapped[str] = col(ForeignKey("stored_files.sha256"), nullable=False)
    docx_sha256: Mapped[str] = col(ForeignKey("stored_files.sha256"), nullable=False)
    reply: Mapped[str] = col(Text, nullable=False, default="", server_default="", personal="officer")
    reply_document: Mapped[str] = col(String(300), nullable=False, default="", server_default="")
    reply_sha256: Mapped[str | None] = col(ForeignKey("stored_files.sha256"))
    reply_file: Mapped[str] = col(String(255), nullable=False, default="", server_default="", personal="officer")
    replied_on: Mapped[date | None] = col(Date)
    replied_by: Mapped[int | None] = col(ForeignKey("people.id"), personal="officer")
    version: Mapped[int] = col(Integer, nullable=False, default=1)
    person_id: Mapped[int | None] = col(ForeignKey("people.id"), personal="officer")

    issuer: Mapped[Unit] = relationship(foreign_keys=[issuer_id], viewonly=True)
    unit: Mapped[Unit] = relationship(foreign_keys=[unit_id], viewonly=True)
    person: Mapped[Person | None] = relationship(foreign_keys=[person_id], viewonly=True)
    author: Mapped[Person | None] = relationship(foreign_keys=[issued_by], viewonly=True)
    replier: Mapped[Person | None] = relationship(foreign_keys=[replied_by], viewonly=True)

    __mapper_args__ = {"version_id_col": version}


class UrgedCase(Base):
    """One line of a note: a case by its code, and the day on which its term ended. No applicant."""

    __tablename__ = "urged_cases"
    __table_args__ = (UniqueConstraint("note_id", "place"), Index("ix_urged_cases_case", "case_id"))

    id: Mapped[int] = col(Integer, primary_key=True)
    note_id: Mapped[int] = col(ForeignKey("urging_notes.id"), nullable=False)
    place: Mapped[int] = col(Integer, nullable=False)
    case_id: Mapped[int] = col(ForeignKey("cases.id"), nullable=False)
    code: Mapped[str] = col(String(100), nullable=False)
    due_on: Mapped[date] = col(Date, nullable=False)
