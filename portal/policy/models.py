"""Values, causes and letter forms, each with its dates of force, its basis, and who set it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Boolean, CheckConstraint, Date, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped

from portal.database import Base, Instant, col
from portal.policy.rules import Asked

DATES = "valid_to IS NULL OR valid_to >= valid_from"


class PolicyValue(Base):
    """One value of one key over its dates of force (the last day included; none: open)."""

    __tablename__ = "policy_values"
    __table_args__ = (UniqueConstraint("key", "valid_from"), CheckConstraint(DATES, name="dates"))

    id: Mapped[int] = col(Integer, primary_key=True)
    key: Mapped[str] = col(String(64), nullable=False)
    value: Mapped[Any] = col(JSON, nullable=False)
    valid_from: Mapped[date] = col(Date, nullable=False)
    valid_to: Mapped[date | None] = col(Date)
    basis: Mapped[str] = col(String(300), nullable=False)
    shipped_version: Mapped[int | None] = col(Integer)
    set_by: Mapped[str] = col(String(200), nullable=False, personal="officer")
    set_at: Mapped[datetime] = col(Instant(), nullable=False)
    edited_at: Mapped[datetime | None] = col(Instant())
    version: Mapped[int] = col(Integer, nullable=False, default=1)

    __mapper_args__ = {"version_id_col": version}


class Cause(Base):
    """A cause an officer may state. Violations stand in the catalogue so that nobody takes them for causes."""

    __tablename__ = "causes"
    __table_args__ = (
        UniqueConstraint("code", "valid_from"),
        CheckConstraint(DATES, name="dates"),
        CheckConstraint(
            "default_class IN ('subjective', 'objective', 'technical', 'other_body')", name="default_class"
        ),
    )

    id: Mapped[int] = col(Integer, primary_key=True)
    code: Mapped[str] = col(String(20), nullable=False)
    place: Mapped[int] = col(Integer, nullable=False)
    name: Mapped[str] = col(String(200), nullable=False)
    name_en: Mapped[str] = col(String(200), nullable=False)
    default_class: Mapped[str | None] = col(String(32))
    guidance: Mapped[str] = col(Text, nullable=False)
    guidance_en: Mapped[str] = col(Text, nullable=False)
    citizen_text: Mapped[str] = col(Text, nullable=False)
    needs_evidence: Mapped[bool] = col(Boolean, nullable=False)
    confirmed_by: Mapped[str] = col(String(200), nullable=False)
    is_violation: Mapped[bool] = col(Boolean, nullable=False)
    valid_from: Mapped[date] = col(Date, nullable=False)
    valid_to: Mapped[date | None] = col(Date)
    basis: Mapped[str] = col(String(300), nullable=False)
    shipped_version: Mapped[int | None] = col(Integer)
    edited_at: Mapped[datetime | None] = col(Instant())
    version: Mapped[int] = col(Integer, nullable=False, default=1)
    asks: Mapped[list[dict[str, Any]]] = col(JSON, nullable=False, default=list, server_default="[]")

    __mapper_args__ = {"version_id_col": version}

    @property
    def asked(self) -> tuple[Asked, ...]:
        """What is to be given in fields of its own when this cause is stated, in the order of the page."""
        return tuple(Asked(**one) for one in self.asks)


class LetterForm(Base):
    """A form of the letter of apology with its dates of force; ``code`` names the layout."""

    __tablename__ = "letter_forms"
    __table_args__ = (
        UniqueConstraint("code", "valid_from"),
        CheckConstraint(DATES, name="dates"),
        CheckConstraint("kind IN ('reappointment', 'short')", name="kind"),
    )

    id: Mapped[int] = col(Integer, primary_key=True)
    code: Mapped[str] = col(String(40), nullable=False)
    kind: Mapped[str] = col(String(32), nullable=False)
    name: Mapped[str] = col(String(200), nullable=False)
    valid_from: Mapped[date] = col(Date, nullable=False)
    valid_to: Mapped[date | None] = col(Date)
    basis: Mapped[str] = col(String(300), nullable=False)
    shipped_version: Mapped[int | None] = col(Integer)
    edited_at: Mapped[datetime | None] = col(Instant())
