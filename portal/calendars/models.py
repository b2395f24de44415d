"""Named days, the years that are open, versions of the whole, and a running number per day."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Boolean, CheckConstraint, Date, Integer, String, Text
from sqlalchemy.orm import Mapped

from portal.database import Base, Instant, col

APPEND_ONLY = ("calendar_versions",)


class CalendarDay(Base):
    """A day that differs from its weekday. A removed one stays, so that no upgrade brings it back."""

    __tablename__ = "calendar_days"
    __table_args__ = (
        CheckConstraint("kind IN ('off', 'make_up')", name="kind"),
        CheckConstraint("status IN ('confirmed', 'unconfirmed')", name="status"),
    )

    id: Mapped[int] = col(Integer, primary_key=True)
    day: Mapped[date] = col(Date, nullable=False, unique=True)
    kind: Mapped[str] = col(String(32), nullable=False)
    name: Mapped[str] = col(String(200), nullable=False)
    document: Mapped[str] = col(String(300), nullable=False, default="")
    status: Mapped[str] = col(String(32), nullable=False)
    doubt: Mapped[str] = col(String(500), nullable=False, default="")
    in_force: Mapped[bool] = col(Boolean, nullable=False, default=True)
    shipped_version: Mapped[int | None] = col(Integer)
    edited_at: Mapped[datetime | None] = col(Instant())
    version: Mapped[int] = col(Integer, nullable=False, default=1)

    __mapper_args__ = {"version_id_col": version}


class CalendarYear(Base):
    """A year whose days off are known. Years that are not open refuse to be counted in."""

    __tablename__ = "calendar_years"
    __table_args__ = (CheckConstraint("covered_to >= covered_from", name="span"),)

    year: Mapped[int] = col(Integer, primary_key=True, autoincrement=False)
    covered_from: Mapped[date] = col(Date, nullable=False)
    covered_to: Mapped[date] = col(Date, nullable=False)


class CalendarVersion(Base):
    """One state of the whole calendar; breaches freeze its id, so that any count can be told again."""

    __tablename__ = "calendar_versions"

    id: Mapped[int] = col(Integer, primary_key=True)
    made_at: Mapped[datetime] = col(Instant(), nullable=False)
    author: Mapped[str] = col(String(200), nullable=False, personal="officer")
    reason: Mapped[str] = col(Text, nullable=False)
    content_hash: Mapped[str] = col(String(64), nullable=False)
    content: Mapped[dict[str, Any]] = col(JSON, nullable=False)


class DayNumber(Base):
    """How many working days stand up to and including a day: late days are a subtraction of two rows."""

    __tablename__ = "day_numbers"

    day: Mapped[date] = col(Date, primary_key=True)
    is_working: Mapped[bool] = col(Boolean, nullable=False)
    number: Mapped[int] = col(Integer, nullable=False)
    is_covered: Mapped[bool] = col(Boolean, nullable=False)
