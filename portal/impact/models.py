"""Previews that are counted off the request."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped

from portal.database import Base, Instant, WallTime, col
from portal.impact.rules import State

STATES = f"state IN ({', '.join(repr(str(state)) for state in State)})"


class ImpactPreview(Base):
    """What one change would move, counted against one state of the calendar. ``cause``: calendar or last_hour.

    ``cause_id`` is the draft of the change, or the number of ``LastHourChange``; ``base_id`` the calendar version it is
    held against.
    """

    __tablename__ = "impact_previews"
    __table_args__ = (UniqueConstraint("cause", "cause_id", "base_id"), CheckConstraint(STATES, name="state"))

    id: Mapped[int] = col(Integer, primary_key=True)
    cause: Mapped[str] = col(String(16), nullable=False)
    cause_id: Mapped[int] = col(Integer, nullable=False)
    base_id: Mapped[int] = col(Integer, nullable=False)
    state: Mapped[str] = col(String(16), nullable=False, default=State.WAITING)
    asked_at: Mapped[datetime] = col(Instant(), nullable=False)
    counted_at: Mapped[datetime | None] = col(Instant())
    counts: Mapped[dict[str, Any]] = col(JSON, nullable=False, default=dict)
    version: Mapped[int] = col(Integer, nullable=False, default=1)

    __mapper_args__ = {"version_id_col": version}


class ImpactCase(Base):
    """One case a counted preview moves."""

    __tablename__ = "impact_cases"

    preview_id: Mapped[int] = col(ForeignKey("impact_previews.id"), primary_key=True)
    case_id: Mapped[int] = col(ForeignKey("cases.id"), primary_key=True, index=True)
    was: Mapped[datetime] = col(WallTime(), nullable=False)
    becomes: Mapped[datetime] = col(WallTime(), nullable=False)
    effect: Mapped[str] = col(String(32), nullable=False)
