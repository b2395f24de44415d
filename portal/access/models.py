"""Accounts, server-side sessions, counted sign-in attempts, stand-ins, and who is on the demonstration's cards."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Boolean, CheckConstraint, Date, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, relationship

from portal.access.rules import AbsenceReason
from portal.database import Base, Instant, col
from portal.directory.models import Person


class User(Base):
    """The account of a person. ``epoch`` rises when every session of the account must die."""

    __tablename__ = "users"
    __table_args__ = (CheckConstraint("username <> ''", name="username"),)

    id: Mapped[int] = col(Integer, primary_key=True)
    person_id: Mapped[int] = col(ForeignKey("people.id"), nullable=False, unique=True)
    username: Mapped[str] = col(String(64), nullable=False, unique=True, personal="officer")
    password_hash: Mapped[str] = col(String(200), nullable=False, personal="secret")
    must_change: Mapped[bool] = col(Boolean, nullable=False, default=True)
    slip_expires_at: Mapped[datetime | None] = col(Instant())
    disabled_at: Mapped[datetime | None] = col(Instant())
    epoch: Mapped[int] = col(Integer, nullable=False, default=1)
    made_at: Mapped[datetime] = col(Instant(), nullable=False)
    version: Mapped[int] = col(Integer, nullable=False, default=1)

    person: Mapped[Person] = relationship(lazy="joined")

    __mapper_args__ = {"version_id_col": version}


class AccountSession(Base):
    """One signed-in browser. The cookie holds a random token; only its SHA-256 is stored.

    ``rights`` is the fingerprint of the postings in force at sign-in: when they change, the session dies.
    """

    __tablename__ = "sessions"
    __table_args__ = (Index("ix_sessions_user", "user_id"),)

    id: Mapped[int] = col(Integer, primary_key=True)
    token_hash: Mapped[str] = col(String(64), nullable=False, unique=True, personal="secret")
    user_id: Mapped[int] = col(ForeignKey("users.id"), nullable=False)
    epoch: Mapped[int] = col(Integer, nullable=False)
    rights: Mapped[str] = col(String(64), nullable=False)
    created_at: Mapped[datetime] = col(Instant(), nullable=False)
    authenticated_at: Mapped[datetime] = col(Instant(), nullable=False)
    last_seen_at: Mapped[datetime] = col(Instant(), nullable=False)
    ip: Mapped[str] = col(String(64), nullable=False, default="", personal="officer")
    agent: Mapped[str] = col(String(200), nullable=False, default="", personal="officer")

    user: Mapped[User] = relationship(lazy="joined", innerjoin=True)


class SignInAttempt(Base):
    """Failed sign-ins counted in one window, for one account name or one address.

    ``subject`` is a SHA-256: what people type into a sign-in form by mistake is often a password.
    """

    __tablename__ = "sign_in_attempts"
    __table_args__ = (CheckConstraint("failures >= 0", name="failures"),)

    subject: Mapped[str] = col(String(64), primary_key=True)
    window_start: Mapped[datetime] = col(Instant(), nullable=False, index=True)
    failures: Mapped[int] = col(Integer, nullable=False)


class Absence(Base):
    """A person is away from one day to another, both included, and somebody acts for them.

    A cancelled one never held; one that was ended early has an earlier last day.
    """

    __tablename__ = "absences"
    __table_args__ = (
        CheckConstraint("last_day >= first_day", name="dates"),
        CheckConstraint("person_id <> stand_in_id", name="not_himself"),
        CheckConstraint(f"reason IN ({', '.join(repr(str(word)) for word in AbsenceReason)})", name="reason"),
        Index("ix_absences_person", "person_id", "first_day"),
        Index("ix_absences_stand_in", "stand_in_id", "first_day"),
    )

    id: Mapped[int] = col(Integer, primary_key=True)
    person_id: Mapped[int] = col(ForeignKey("people.id"), nullable=False, personal="officer")
    stand_in_id: Mapped[int] = col(ForeignKey("people.id"), nullable=False, personal="officer")
    reason: Mapped[str] = col(String(16), nullable=False, personal="officer")
    first_day: Mapped[date] = col(Date, nullable=False)
    last_day: Mapped[date] = col(Date, nullable=False)
    document: Mapped[str] = col(String(200), nullable=False, default="")
    note: Mapped[str] = col(Text, nullable=False, default="", personal="officer")
    cancelled: Mapped[bool] = col(Boolean, nullable=False, default=False)
    made_by: Mapped[str] = col(String(200), nullable=False, personal="officer")
    made_at: Mapped[datetime] = col(Instant(), nullable=False)
    version: Mapped[int] = col(Integer, nullable=False, default=1)

    person: Mapped[Person] = relationship(foreign_keys=[person_id], viewonly=True)
    stand_in: Mapped[Person] = relationship(foreign_keys=[stand_in_id], viewonly=True)

    __mapper_args__ = {"version_id_col": version}


class DemoCard(Base):
    """A card of the demonstration's sign-in page: who one can be, and what one will see."""

    __tablename__ = "demo_cards"

    person_id: Mapped[int] = col(ForeignKey("people.id"), primary_key=True, autoincrement=False)
    role: Mapped[str] = col(String(32), nullable=False)
    title: Mapped[str] = col(String(200), nullable=False)
    blurb: Mapped[str] = col(String(500), nullable=False)
    position: Mapped[int] = col(Integer, nullable=False, default=0)
