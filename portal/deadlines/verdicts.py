"""Early, on time, late: what two moments say about each other. PURE. Definitions: domain/rules.md §1.3 and §2."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum

from portal.deadlines.calendar import WorkingCalendar
from portal.deadlines.line import working_time
from portal.deadlines.moments import Moment, is_past_due

QUARTER = timedelta(minutes=15)


class Outcome(StrEnum):
    """How an ended case stands to its due moment."""

    EARLY = "early"
    ON_TIME = "on_time"
    LATE = "late"


class Standing(StrEnum):
    """How an open case stands to its due moment."""

    WITHIN_TERM = "within_term"
    DUE_SOON = "due_soon"
    DUE_TODAY = "due_today"
    OVERDUE = "overdue"


class AgeBucket(StrEnum):
    """How old a lateness is, in working days (domain/rules.md §2)."""

    UNDER_ONE = "under_1"
    ONE_TO_THREE = "1_3"
    FOUR_TO_TEN = "4_10"
    ELEVEN_TO_THIRTY = "11_30"
    OVER_THIRTY = "over_30"


@dataclass(frozen=True)
class Lateness:
    """How late: whole working days and calendar days after the due day (both 0 on the due day itself).

    ``working_time``: by the hours of the calendar, to the second; None where either side has no time of day.
    """

    working_days: int
    calendar_days: int
    working_time: timedelta | None = None

    @property
    def is_told_in_hours(self) -> bool:
        """Under one working day, lateness is told in working hours, where the moments are known."""
        return self.working_days == 0 and self.working_time is not None

    @property
    def working_hours(self) -> Decimal | None:
        """The working time in hours, rounded up to a quarter for showing; 0 only where all of it lies after hours."""
        if self.working_time is None:
            return None
        quarters = -(-self.working_time // QUARTER)
        return Decimal(quarters) / 4


def outcome(due: Moment | None, finished: Moment | None) -> Outcome | None:
    """Early (an earlier day), on time (the due day, not after the moment) or late; None where either is unknown."""
    if due is None or finished is None:
        return None
    if is_past_due(due, finished):
        return Outcome.LATE
    return Outcome.EARLY if finished.day < due.day else Outcome.ON_TIME


def lateness(due: Moment | None, at: Moment | None, calendar: WorkingCalendar) -> Lateness | None:
    """How late ``at`` is against the due moment; None when it is not late, or nothing can be said."""
    if due is None or at is None or not is_past_due(due, at):
        return None
    days = calendar.working_days_between(due.day, at.day)
    exact = not (due.is_whole_day or at.is_whole_day)
    return Lateness(days, (at.day - due.day).days, working_time(due.at, at.at, calendar) if exact else None)


def working_days_left(due: Moment, now: Moment, calendar: WorkingCalendar) -> int:
    """How many working days stand after today up to the due day: 0 on the due day, negative after it."""
    return calendar.working_days_between(now.day, due.day)


def standing(due: Moment | None, now: Moment, calendar: WorkingCalendar, soon_days: int) -> Standing | None:
    """Overdue, due today, due soon (within ``soon_days`` working days, policy) or within the term; None without a due.

    The next working day is "soon" with 1; a due day that falls on a day off is as near as the working day before it.
    """
    if due is None:
        return None
    if is_past_due(due, now):
        return Standing.OVERDUE
    if due.day == now.day:
        return Standing.DUE_TODAY
    near = working_days_left(due, now, calendar) <= soon_days
    return Standing.DUE_SOON if near else Standing.WITHIN_TERM


def age_bucket(working_days: int) -> AgeBucket:
    """The bucket of a lateness of so many working days."""
    for limit, bucket in (
        (0, AgeBucket.UNDER_ONE),
        (3, AgeBucket.ONE_TO_THREE),
        (10, AgeBucket.FOUR_TO_TEN),
        (30, AgeBucket.ELEVEN_TO_THIRTY),
    ):
        if working_days <= limit:
            return bucket
    return AgeBucket.OVER_THIRTY
