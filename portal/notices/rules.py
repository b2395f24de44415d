"""PURE: when mail may leave, when a failed one is tried again, and how a long list is cut."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum, auto

from portal.deadlines import WorkingCalendar

WAITS = (
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
    timedelta(hours=24),
)
"""After each failed attempt; when none is left the mail has failed for good and a person decides."""
LEASE = timedelta(minutes=10)
"""A mail whose sender died is taken up again after this; longer than any conversation with a server may last."""
SERVER_AWAY = timedelta(minutes=5)
"""A server that cannot be reached is left alone so long; that is no attempt of the mails that wait for it."""
MAIL_MAX_AGE = timedelta(days=7)
"""What was not mailed for so long is mailed no more: it stands in the portal, and switching mail on is no flood."""
LINES_SHOWN = 10
"""Codes named under one notice in a mail; the others are counted."""


class MailState(StrEnum):
    """Where a mail of the outbox stands."""

    WAITING = auto()
    SENT = auto()
    FAILED = auto()
    DROPPED = auto()


class What(StrEnum):
    """Why a mail is written."""

    DIGEST = auto()
    TEST = auto()
    LETTER = auto()


@dataclass(frozen=True)
class Hours:
    """From when until when mail leaves on a working day, wall time of Vietnam."""

    first: time
    last: time

    def are_open(self, wall: datetime, calendar: WorkingCalendar) -> bool:
        """Whether mail may leave at a wall moment. A day no calendar knows counts by its weekday: rather a mail on an
        unknown day off than silence until somebody enters the year."""
        day = wall.date()
        works = calendar.is_working(day) if calendar.covers(day) else day.weekday() < 5
        return works and self.first <= wall.time() < self.last


def wait_after(attempts: int) -> timedelta | None:
    """How long to wait after the given number of failed attempts (1, 2, …); None: no more."""
    return WAITS[attempts - 1] if attempts <= len(WAITS) else None


def lines_shown(things: int, most: int = LINES_SHOWN) -> int:
    """How many of so many things are named under a notice; the last one is named rather than counted as "1 more"."""
    return things if things <= most + 1 else most
