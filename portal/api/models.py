"""Tokens, how often each was used in the last minute, and the answers kept for their idempotency keys."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, relationship

from portal.cases.models import Source
from portal.database import Base, Instant, col


class ApiToken(Base):
    """A token of one source. Only its hash is kept; ``prefix`` is how people recognise it.

    ``scopes`` are words of ``guard.Scope`` with blanks between. ``expires_on`` is the last day it is good for.
    """

    __tablename__ = "api_tokens"
    __table_args__ = (CheckConstraint("name <> ''", name="name"), CheckConstraint("scopes <> ''", name="scopes"))

    id: Mapped[int] = col(Integer, primary_key=True)
    name: Mapped[str] = col(String(100), nullable=False)
    source_id: Mapped[int] = col(ForeignKey("sources.id"), nullable=False, index=True)
    scopes: Mapped[str] = col(String(200), nullable=False)
    token_hash: Mapped[str] = col(String(64), nullable=False, unique=True, personal="secret")
    prefix: Mapped[str] = col(String(16), nullable=False)
    expires_on: Mapped[date] = col(Date, nullable=False)
    revoked_at: Mapped[datetime | None] = col(Instant())
    last_used_at: Mapped[datetime | None] = col(Instant())
    made_by: Mapped[str] = col(String(200), nullable=False, personal="officer")
    made_at: Mapped[datetime] = col(Instant(), nullable=False)
    version: Mapped[int] = col(Integer, nullable=False, default=1)

    source: Mapped[Source] = relationship(lazy="joined", innerjoin=True)

    __mapper_args__ = {"version_id_col": version}


class ApiCall(Base):
    """Calls of a token in its present window."""

    __tablename__ = "api_calls"
    __table_args__ = (CheckConstraint("calls >= 0", name="calls"),)

    token_id: Mapped[int] = col(ForeignKey("api_tokens.id"), primary_key=True, autoincrement=False)
    window_start: Mapped[datetime] = col(Instant(), nullable=False)
    calls: Mapped[int] = col(Integer, nullable=False)


class ApiAnswer(Base):
    """The answer a token got for an idempotency key, to be given again; forgotten after some days."""

    __tablename__ = "api_answers"
    __table_args__ = (UniqueConstraint("token_id", "key"), Index("ix_api_answers_at", "at"))

    id: Mapped[int] = col(Integer, primary_key=True)
    token_id: Mapped[int] = col(ForeignKey("api_tokens.id"), nullable=False)
    key: Mapped[str] = col(String(100), nullable=False)
    address: Mapped[str] = col(String(80), nullable=False)
    body_sha256: Mapped[str] = col(String(64), nullable=False)
    answer: Mapped[str] = col(Text, nullable=False, default="", personal="applicant")
    at: Mapped[datetime] = col(Instant(), nullable=False)
