"""The chained trail and its readable payloads, kept apart so that retention may erase payloads but no link."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, relationship

from portal.database import Base, Instant, WallTime, col

APPEND_ONLY = ("audit_events", "audit_payloads")
_BIG = BigInteger().with_variant(Integer, "sqlite")


class AuditEvent(Base):
    """One link of the chain: commitments only, no readable personal data beside the actor's name."""

    __tablename__ = "audit_events"
    __table_args__ = (
        Index("ix_audit_events_entity", "entity", "entity_id", "seq"),
        Index("ix_audit_events_case", "case_id", "seq"),
    )

    seq: Mapped[int] = col(_BIG, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = col(Instant(), nullable=False)
    business_at: Mapped[datetime] = col(WallTime(), nullable=False)
    user_id: Mapped[int | None] = col(Integer)
    actor: Mapped[str] = col(String(200), nullable=False, personal="officer")
    roles: Mapped[str] = col(String(200), nullable=False, default="")
    kind: Mapped[str] = col(String(80), nullable=False)
    entity: Mapped[str] = col(String(40), nullable=False)
    entity_id: Mapped[int | None] = col(Integer)
    case_id: Mapped[int | None] = col(Integer)
    request_id: Mapped[str] = col(String(40), nullable=False, default="")
    commitment: Mapped[str] = col(String(64), nullable=False)
    prev_hash: Mapped[str] = col(String(64), nullable=False, unique=True)
    hash: Mapped[str] = col(String(64), nullable=False, unique=True)

    payload_row: Mapped[AuditPayload] = relationship(lazy="joined", viewonly=True)

    @property
    def payload(self) -> dict[str, Any]:
        """The readable facts of the event; empty once retention has erased them."""
        return self.payload_row.payload if self.payload_row else {}


class AuditPayload(Base):
    """The readable facts of one event, and the salt that ties them to the commitment in the chain."""

    __tablename__ = "audit_payloads"

    seq: Mapped[int] = col(_BIG, ForeignKey("audit_events.seq"), primary_key=True, autoincrement=False)
    salt: Mapped[str] = col(String(32), nullable=False, personal="secret")
    payload: Mapped[dict[str, Any]] = col(JSON, nullable=False, personal="officer")
    text: Mapped[str | None] = col(Text, personal="officer")
