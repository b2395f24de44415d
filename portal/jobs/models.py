"""Runs of jobs, and the sign of life of the scheduler."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Boolean, CheckConstraint, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped

from portal.database import Base, Instant, col
from portal.jobs.rules import RunState

THE_ONE = 1


class JobRun(Base):
    """One run of one slot, and the claim to it: whoever writes the row runs the job.

    Daily jobs keep a row for each slot (the Vietnam date). A repeated job has one row, slot ``latest``, written anew
    each time: its runs serve nobody a minute later, and a row each would fill the table. ``last_slot`` is then the
    floored instant the row stands for. ``worker`` names the process (``workers.new_worker``), ``beat_at`` its last
    sign of life while the run lasts. ``tally`` is what the job counted; ``error`` why it failed: the code of a refusal
    with its facts, ``jobs.crashed`` or ``jobs.worker_died``.
    """

    __tablename__ = "job_runs"
    __table_args__ = (
        UniqueConstraint("job", "slot"),
        CheckConstraint(f"state IN ({', '.join(repr(str(state)) for state in RunState)})", name="state"),
    )

    id: Mapped[int] = col(Integer, primary_key=True)
    job: Mapped[str] = col(String(64), nullable=False)
    slot: Mapped[str] = col(String(32), nullable=False)
    last_slot: Mapped[datetime | None] = col(Instant())
    state: Mapped[str] = col(String(16), nullable=False)
    is_catch_up: Mapped[bool] = col(Boolean, nullable=False, default=False)
    attempt: Mapped[int] = col(Integer, nullable=False, default=1)
    worker: Mapped[str] = col(String(120), nullable=False)
    started_at: Mapped[datetime] = col(Instant(), nullable=False)
    beat_at: Mapped[datetime] = col(Instant(), nullable=False)
    finished_at: Mapped[datetime | None] = col(Instant())
    tally: Mapped[dict[str, int]] = col(JSON, nullable=False, default=dict)
    error: Mapped[str | None] = col(String(80))
    error_facts: Mapped[dict[str, Any] | None] = col(JSON)


class SchedulerBeat(Base):
    """The one row in which the leading scheduler says that it lives.

    ``first_at``: when a scheduler led for the first time; ``leads_since``: when this one began.
    """

    __tablename__ = "scheduler_beats"

    id: Mapped[int] = col(Integer, primary_key=True, autoincrement=False)
    worker: Mapped[str] = col(String(120), nullable=False)
    first_at: Mapped[datetime] = col(Instant(), nullable=False)
    leads_since: Mapped[datetime] = col(Instant(), nullable=False)
    beat_at: Mapped[datetime] = col(Instant(), nullable=False)
