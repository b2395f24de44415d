"""PURE: which slots of a job are due, and what may be done with a run.

Two kinds of jobs. A daily job has one slot a day: the Vietnam date. A repeated job has one slot an interval: the
instant, floored. Wall moments here are real Vietnam time without zone, never the set clock of a demonstration.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum, auto

LATEST = "latest"
"""The slot of the one row of a repeated job; which interval it stands for is in ``last_slot``."""
HORIZON = timedelta(days=366)
"""Slots older than this are not caught up: a portal switched on again after years does not run for days."""
ATTEMPTS = 3
RETRY_AFTER = timedelta(minutes=10)
LATE_AFTER = timedelta(hours=1)
"""A daily run that begins later than this after its moment was missed and is caught up."""
SILENT_AFTER = timedelta(hours=26)
"""A day and some room: when no daily job has ended for so long, nobody looks after the portal."""
DEAD_AFTER = timedelta(minutes=2)
"""A worker that has given no sign for so long is gone; four beats of 30 seconds."""


class RunState(StrEnum):
    """How a run stands. ``covered``: a missed slot that a later run of the same job settled."""

    RUNNING = auto()
    DONE = auto()
    FAILED = auto()
    COVERED = auto()


class Missed(StrEnum):
    """What becomes of slots that passed while nothing ran.

    ``each``: every one is run, the oldest first. ``last``: the newest is run, the older ones are marked as covered;
    for jobs that settle all that is still to do, whenever they run.
    """

    EACH = auto()
    LAST = auto()


class Trouble(StrEnum):
    """Why an alarm is raised: no scheduler ever ran, no daily job ended for 26 hours, one of the last night failed."""

    NEVER = auto()
    SILENT = auto()
    FAILED = auto()


@dataclass(frozen=True)
class Seen:
    """What is stored of a slot: enough to say what may be done with it. Moments are instants."""

    state: RunState
    attempt: int
    finished_at: datetime | None


def moment_of(slot: date, at: time) -> datetime:
    """When the slot of a daily job falls due, as wall time."""
    return datetime.combine(slot, at)


def slots_due(at: time, first: date | None, now: datetime) -> list[date]:
    """The slots of a daily job up to wall moment ``now``, oldest first.

    ``first`` is the oldest slot that is known of the job; a job nobody has run yet begins with the newest slot.
    """
    last = now.date() if now >= moment_of(now.date(), at) else now.date() - timedelta(days=1)
    if first is None:
        return [last] if last == now.date() else []
    begin = max(first, last - HORIZON)
    return [begin + timedelta(days=number) for number in range((last - begin).days + 1)]


def to_settle(
    slots: Collection[date], settled: Collection[date], missed: Missed, newest_done: date | None = None
) -> Iterator[tuple[date, bool]]:
    """Which slots to take up, oldest first, and whether each is run (True) or only marked as covered (False).

    ``newest_done``: the newest slot that was run; under ``Missed.LAST`` it has settled all before it.
    """
    left = sorted(slot for slot in slots if slot not in settled)
    for slot in left:
        is_last = slot == left[-1] and (newest_done is None or slot > newest_done)
        yield slot, missed is Missed.EACH or is_last


def is_catch_up(slot: date, at: time, now: datetime) -> bool:
    """Whether a daily run that begins at wall moment ``now`` makes up for a missed one."""
    return now - moment_of(slot, at) > LATE_AFTER


def is_settled(seen: Seen, at: datetime) -> bool:
    """Whether a slot is to be left alone at instant ``at``: done, covered, failed for good or a moment ago.

    A running one is not settled: whether its worker lives is for the caller to ask.
    """
    if seen.state is RunState.FAILED:
        return seen.attempt >= ATTEMPTS or (seen.finished_at is not None and at - seen.finished_at < RETRY_AFTER)
    return seen.state is not RunState.RUNNING


def interval_slot(at: datetime, every: timedelta) -> datetime:
    """The slot of a repeated job at an instant: the instant floored to whole intervals since 1970."""
    seconds = int(every.total_seconds())
    return datetime.fromtimestamp(int(at.timestamp()) // seconds * seconds, UTC)


def slot_is_open(last: datetime | None, wanted: datetime, every: timedelta) -> bool:
    """Whether a repeated job may begin its slot ``wanted`` when ``last`` was the last one it began.

    No slot twice. A last slot that lies in the future by more than an interval was written by a clock that has been
    set back since; the job goes on instead of standing still until that hour comes again.
    """
    return last is None or wanted > last or last - wanted > every


def trouble_of(last_ended: datetime | None, last_beat: datetime | None, since: datetime | None, *, failed: int,
               at: datetime) -> Trouble | None:  # fmt: skip
    """What is wrong at instant ``at``, the worst first; None when all is well.

    ``last_ended``: when a daily run ended last; ``last_beat``: the scheduler's last sign of life; ``since``: its first
    ever; ``failed``: newest daily runs that failed.
    """
    if since is None or last_beat is None:
        return Trouble.NEVER
    if at - max(last_ended or since, since) > SILENT_AFTER or at - last_beat > SILENT_AFTER:
        return Trouble.SILENT
    return Trouble.FAILED if failed else None
