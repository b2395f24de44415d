"""Incidents with their decisions and linked cases; questions to other bodies with their answers."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, relationship

from portal.accountability.breaches.models import Breach
from portal.accountability.incidents.rules import Confirms, QuestionState, State, Stops, Way
from portal.cases.models import Case, Source
from portal.database import Base, Instant, WallTime, col
from portal.directory.models import Person, Unit

WAITS = text("state = 'asked'")
"""The condition of the index that lets a body be waited for once at a time, whoever asks in the same moment."""
APPEND_ONLY = ("incident_decisions", "body_answers")


def _one_of(column: str, words: type[State | QuestionState | Confirms | Way | Stops]) -> str:
    return f"{column} in ({', '.join(repr(str(word)) for word in words)})"


class Incident(Base):
    """Something failed: which system, for whom (``unit`` and what lies below it), from when to when.

    ``started_at`` and ``ended_at`` are what was declared, ``confirmed_from`` and ``confirmed_to`` what the IT authority
    confirmed last. ``signal_on``, ``signal_count`` and ``usual_count``: why the portal proposed it (so many terms
    missed on one day, so many on all the days looked back over).
    """

    __tablename__ = "incidents"
    __table_args__ = (
        CheckConstraint(_one_of("state", State), name="state"),
        CheckConstraint("ended_at is null or ended_at >= started_at", name="interval"),
        UniqueConstraint("source_id", "unit_id", "signal_on"),
        Index("ix_incidents_unit", "unit_id", "started_at"),
        Index("ix_incidents_state", "state", "started_at"),
    )

    id: Mapped[int] = col(primary_key=True)
    source_id: Mapped[int | None] = col(ForeignKey("sources.id"))
    unit_id: Mapped[int] = col(ForeignKey("units.id"), nullable=False)
    system: Mapped[str] = col(String(200), nullable=False)
    description: Mapped[str] = col(Text, nullable=False, default="", server_default="", personal="officer")
    told: Mapped[str] = col(String(300), nullable=False, default="", server_default="")
    started_at: Mapped[datetime] = col(WallTime(), nullable=False)
    ended_at: Mapped[datetime | None] = col(WallTime())
    state: Mapped[str] = col(String(16), nullable=False)
    signal_on: Mapped[date | None] = col(Date)
    signal_count: Mapped[int | None] = col(Integer)
    usual_count: Mapped[int | None] = col(Integer)
    made_at: Mapped[datetime] = col(Instant(), nullable=False)
    declared_by: Mapped[int | None] = col(ForeignKey("people.id"), personal="officer")
    declared_at: Mapped[datetime | None] = col(Instant())
    confirmed_from: Mapped[datetime | None] = col(WallTime())
    confirmed_to: Mapped[datetime | None] = col(WallTime())
    version: Mapped[int] = col(Integer, nullable=False, default=1, server_default="1")

    unit: Mapped[Unit] = relationship(viewonly=True)
    source: Mapped[Source | None] = relationship(viewonly=True)
    declarer: Mapped[Person | None] = relationship(viewonly=True)

    __mapper_args__ = {"version_id_col": version}


class IncidentDecision(Base):
    """What was decided about an incident: confirmed from when to when, refused, dismissed, withdrawn; and why."""

    __tablename__ = "incident_decisions"
    __table_args__ = (CheckConstraint(_one_of("state", State), name="state"),)

    id: Mapped[int] = col(primary_key=True)
    incident_id: Mapped[int] = col(ForeignKey("incidents.id"), nullable=False, index=True)
    state: Mapped[str] = col(String(16), nullable=False)
    started_at: Mapped[datetime | None] = col(WallTime())
    ended_at: Mapped[datetime | None] = col(WallTime())
    reason: Mapped[str] = col(Text, nullable=False, default="", personal="officer")
    document: Mapped[str] = col(String(300), nullable=False, default="")
    by_id: Mapped[int | None] = col(ForeignKey("people.id"), personal="officer")
    by_label: Mapped[str] = col(String(200), nullable=False, default="", personal="officer")
    at: Mapped[datetime] = col(Instant(), nullable=False)


class IncidentCase(Base):
    """A case that an incident is said to have touched. A wrong link is taken off and stays with its reason."""

    __tablename__ = "incident_cases"
    __table_args__ = (UniqueConstraint("incident_id", "case_id"), Index("ix_incident_cases_case", "case_id"))

    id: Mapped[int] = col(primary_key=True)
    incident_id: Mapped[int] = col(ForeignKey("incidents.id"), nullable=False)
    case_id: Mapped[int] = col(ForeignKey("cases.id"), nullable=False)
    linked_by: Mapped[int | None] = col(ForeignKey("people.id"), personal="officer")
    linked_at: Mapped[datetime] = col(Instant(), nullable=False)
    removed_by: Mapped[int | None] = col(ForeignKey("people.id"), personal="officer")
    removed_at: Mapped[datetime | None] = col(Instant())
    removal_reason: Mapped[str] = col(Text, nullable=False, default="", server_default="", personal="officer")

    incident: Mapped[Incident] = relationship(viewonly=True)
    case: Mapped[Case] = relationship(viewonly=True)


class BodyQuestion(Base):
    """A question to another body about its part in a breach (§3.11).

    ``unit_id``: the body where it is a unit of the portal; else only ``body``. ``due_before``: the due day of the duty
    whose clock it stopped, as it was without any question. ``followed_by``: who follows it up, where that is no longer
    who asked. ``supplement_id``: the further explanation for which it was asked; None: the first one.
    """

    __tablename__ = "body_questions"
    __table_args__ = (
        CheckConstraint(_one_of("state", QuestionState), name="state"),
        CheckConstraint(_one_of("stops", Stops), name="stops"),
        Index("ix_body_questions_breach", "breach_id"),
        Index(
            "ix_body_questions_waiting", "breach_id", "body", unique=True, sqlite_where=WAITS, postgresql_where=WAITS
        ),
        Index("ix_body_questions_unit", "unit_id", "state", "due_on"),
        Index("ix_body_questions_asker", "asked_by", "state", "due_on"),
    )

    id: Mapped[int] = col(primary_key=True)
    breach_id: Mapped[int] = col(ForeignKey("breaches.id"), nullable=False)
    case_id: Mapped[int] = col(ForeignKey("cases.id"), nullable=False)
    unit_id: Mapped[int | None] = col(ForeignKey("units.id"))
    body: Mapped[str] = col(String(300), nullable=False)
    text: Mapped[str] = col(Text, nullable=False, personal="officer")
    transfer_number: Mapped[str] = col(String(100), nullable=False, default="", server_default="")
    transferred_on: Mapped[date | None] = col(Date)
    asked_by: Mapped[int | None] = col(ForeignKey("people.id"), personal="officer")
    asked_on: Mapped[date] = col(Date, nullable=False)
    asked_at: Mapped[datetime] = col(Instant(), nullable=False)
    due_on: Mapped[date] = col(Date, nullable=False)
    stops: Mapped[str] = col(String(16), nullable=False)
    due_before: Mapped[date | None] = col(Date)
    state: Mapped[str] = col(String(16), nullable=False, default=QuestionState.ASKED, server_default="asked")
    withdrawn_on: Mapped[date | None] = col(Date)
    version: Mapped[int] = col(Integer, nullable=False, default=1, server_default="1")
    followed_by: Mapped[int | None] = col(ForeignKey("people.id"), personal="officer")
    supplement_id: Mapped[int | None] = col(ForeignKey("supplements.id"))

    breach: Mapped[Breach] = relationship(viewonly=True)
    case: Mapped[Case] = relationship(viewonly=True)
    unit: Mapped[Unit | None] = relationship(viewonly=True)
    asker: Mapped[Person | None] = relationship(foreign_keys=[asked_by], viewonly=True)
    follower: Mapped[Person | None] = relationship(foreign_keys=[followed_by], viewonly=True)
    answer: Mapped[BodyAnswer | None] = relationship(viewonly=True, uselist=False)

    __mapper_args__ = {"version_id_col": version}

    @property
    def keeper_id(self) -> int | None:
        """Who follows it up now."""
        return self.followed_by or self.asked_by


class BodyAnswer(Base):
    """What the body said: whether it confirms its part, when it received and gave back, by which document."""

    __tablename__ = "body_answers"
    __table_args__ = (
        CheckConstraint(_one_of("confirms", Confirms), name="confirms"),
        CheckConstraint(_one_of("way", Way), name="way"),
    )

    id: Mapped[int] = col(primary_key=True)
    question_id: Mapped[int] = col(ForeignKey("body_questions.id"), nullable=False, unique=True)
    confirms: Mapped[str] = col(String(16), nullable=False)
    way: Mapped[str] = col(String(16), nullable=False)
    text: Mapped[str] = col(Text, nullable=False, personal="officer")
    received_on: Mapped[date | None] = col(Date)
    returned_on: Mapped[date | None] = col(Date)
    document: Mapped[str] = col(String(300), nullable=False, default="")
    sha256: Mapped[str | None] = col(ForeignKey("stored_files.sha256"))
    file_name: Mapped[str] = col(String(200), nullable=False, default="", server_default="", personal="officer")
    by_id: Mapped[int | None] = col(ForeignKey("people.id"), personal="officer")
    by_label: Mapped[str] = col(String(200), nullable=False, default="", personal="officer")
    answered_on: Mapped[date] = col(Date, nullable=False)
    at: Mapped[datetime] = col(Instant(), nullable=False)
