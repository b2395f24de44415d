"""Named days and swaps, working hours, exceptions of units, open years, versions, and a running number per day."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Boolean, CheckConstraint, Date, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, relationship

from portal.database import Base, Instant, col
from portal.directory.models import Unit

APPEND_ONLY = ("calendar_versions",)


class CalendarDay(Base):
    """A day that differs from its weekday, or a swap: ``day`` off, ``worked_on`` worked for it.

    A removed row stays, so that no upgrade brings it back. ``author`` and ``reason``: of the last change; empty for
    what is shipped.
    """

    __tablename__ = "calendar_days"
    __table_args__ = (
        CheckConstraint("kind IN ('off', 'make_up', 'swap')", name="kind"),
        CheckConstraint("(kind = 'swap') = (worked_on IS NOT NULL)", name="swap"),
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
    worked_on: Mapped[date | None] = col(Date)
    document_number: Mapped[str] = col(String(100), nullable=False, default="", server_default="")
    document_on: Mapped[date | None] = col(Date)
    author: Mapped[str] = col(String(200), nullable=False, default="", server_default="", personal="officer")
    reason: Mapped[str] = col(Text, nullable=False, default="", server_default="")

    __mapper_args__ = {"version_id_col": version}


class CalendarHours(Base):
    """The working hours of each weekday from a day on, until the next row; ``week``: seven lists of "07:00-11:30"."""

    __tablename__ = "calendar_hours"

    id: Mapped[int] = col(Integer, primary_key=True)
    valid_from: Mapped[date] = col(Date, nullable=False, unique=True)
    week: Mapped[list[list[str]]] = col(JSON, nullable=False)
    document: Mapped[str] = col(String(300), nullable=False, default="")
    document_number: Mapped[str] = col(String(100), nullable=False, default="")
    document_on: Mapped[date | None] = col(Date)
    shipped_version: Mapped[int | None] = col(Integer)
    edited_at: Mapped[datetime | None] = col(Instant())
    author: Mapped[str] = col(String(200), nullable=False, default="", personal="officer")
    reason: Mapped[str] = col(Text, nullable=False, default="")
    version: Mapped[int] = col(Integer, nullable=False, default=1)

    __mapper_args__ = {"version_id_col": version}


class CalendarException(Base):
    """Days on which one unit is open or closed against the national calendar, by a decision of its own.

    ``kind``: closed; open, a working day of the unit; desk, it only takes in and no term runs. ``weekday`` (0 is
    Monday) narrows the span to one day of the week; ``hours``: when it is open on those days.
    """

    __tablename__ = "calendar_exceptions"
    __table_args__ = (
        CheckConstraint("kind IN ('closed', 'open', 'desk')", name="kind"),
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="dates"),
        Index("ix_calendar_exceptions_unit", "unit_id", "valid_from"),
    )

    id: Mapped[int] = col(Integer, primary_key=True)
    unit_id: Mapped[int] = col(ForeignKey("units.id"), nullable=False)
    kind: Mapped[str] = col(String(16), nullable=False)
    weekday: Mapped[int | None] = col(Integer)
    valid_from: Mapped[date] = col(Date, nullable=False)
    valid_to: Mapped[date | None] = col(Date)
    hours: Mapped[list[str]] = col(JSON, nullable=False, default=list)
    name: Mapped[str] = col(String(200), nullable=False)
    document: Mapped[str] = col(String(300), nullable=False, default="")
    document_number: Mapped[str] = col(String(100), nullable=False, default="")
    document_on: Mapped[date | None] = col(Date)
    in_force: Mapped[bool] = col(Boolean, nullable=False, default=True)
    author: Mapped[str] = col(String(200), nullable=False, default="", personal="officer")
    reason: Mapped[str] = col(Text, nullable=False, default="")
    version: Mapped[int] = col(Integer, nullable=False, default=1)

    unit: Mapped[Unit] = relationship(viewonly=True)

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


class CalendarDraft(Base):
    """A change of the calendar that is shown before it is made: typed, or read from a file.

    ``changes``: what it would do; ``told``: the rows of the file with what becomes of each, and its problems.
    ``base_version_id``: the version it was shown against; on another one it is shown again before it is applied.
    """

    __tablename__ = "calendar_drafts"
    __table_args__ = (
        CheckConstraint("state IN ('shown', 'applied', 'discarded')", name="state"),
        Index("ix_calendar_drafts_user", "user_id", "id"),
    )

    id: Mapped[int] = col(Integer, primary_key=True)
    user_id: Mapped[int | None] = col(Integer)
    changes: Mapped[list[dict[str, Any]]] = col(JSON, nullable=False)
    told: Mapped[dict[str, Any]] = col(JSON, nullable=False, default=dict)
    file_name: Mapped[str] = col(String(255), nullable=False, default="")
    file_sha256: Mapped[str] = col(String(64), nullable=False, default="")
    reason: Mapped[str] = col(Text, nullable=False, default="")
    base_version_id: Mapped[int] = col(ForeignKey("calendar_versions.id"), nullable=False)
    state: Mapped[str] = col(String(16), nullable=False, default="shown")
    made_at: Mapped[datetime] = col(Instant(), nullable=False)
    decided_at: Mapped[datetime | None] = col(Instant())
    applied_version_id: Mapped[int | None] = col(ForeignKey("calendar_versions.id"))
    version: Mapped[int] = col(Integer, nullable=False, default=1)

    __mapper_args__ = {"version_id_col": version}
