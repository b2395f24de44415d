"""The only reader of the time.

Two kinds of time exist. Instants (aware, UTC) stamp the audit trail, sessions and jobs and are always real.
Business time (Vietnam wall clock) can be set: the demonstration lives on 16 October 2023, and a command given
``--on D`` reasons as of the end of that day.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
END_OF_DAY = time(23, 59, 59)

_set_clock: ContextVar[datetime | None] = ContextVar("set_clock", default=None)


def now() -> datetime:
    """The real instant, aware, UTC."""
    return datetime.now(UTC)


def local_now() -> datetime:
    """Business time: the Vietnam wall clock, without zone and microseconds; the set clock where one is set."""
    return _set_clock.get() or datetime.now(VIETNAM).replace(tzinfo=None, microsecond=0)


def today() -> date:
    """The business day in Vietnam."""
    return local_now().date()


def start_of(day: date) -> datetime:
    """The first second of a Vietnam day, as wall time."""
    return datetime.combine(day, time.min)


def end_of(day: date) -> datetime:
    """The last second of a Vietnam day, as wall time; what ``--on D`` means."""
    return datetime.combine(day, END_OF_DAY)


def wall_of(instant: datetime) -> datetime:
    """How an instant reads on the wall in Vietnam.

    Under a set clock, which stands still, whatever was recorded happened at that moment: a demonstration of 2023 does
    not show today's date beside its own.
    """
    return _set_clock.get() or instant.astimezone(VIETNAM).replace(tzinfo=None)


def in_vietnam(instant: datetime) -> datetime:
    """How an instant really reads on the wall in Vietnam, whatever clock is set: for jobs and what machines did."""
    return instant.astimezone(VIETNAM).replace(tzinfo=None)


def real_today() -> date:
    """The real day in Vietnam, whatever clock is set: for what ends by itself, like the tokens of programs."""
    return in_vietnam(now()).date()


def is_set() -> bool:
    """Whether business time stands still in this context."""
    return _set_clock.get() is not None


def set_business_time(moment: datetime | None) -> None:
    """Set (or, with None, release) the business clock of this context. ``moment`` is Vietnam wall time without zone."""
    if moment is not None and moment.tzinfo is not None:
        raise ValueError("the business clock is Vietnam wall time without zone")
    _set_clock.set(moment)


@contextmanager
def standing_at(moment: datetime) -> Iterator[None]:
    """Let business time stand at ``moment`` inside the block."""
    token = _set_clock.set(moment)
    try:
        yield
    finally:
        _set_clock.reset(token)
