"""Early, on time, late: what two moments say about each other. PURE. Definitions: domain/rules.md §1.3 and §2."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from enum import StrEnum

from portal.deadlines.calendar import WorkingCalendar

END_OF_DAY = time(23, 59, 59)


class Precision(StrEnum):
    """How exactly a source knows a moment."""

    DAY = "day"
    MINUTE = "minute"


@dataclass(frozen=True)
class Moment:
    """A Vietnam wall-clock moment (no zone) with its precision; a day-precise one stands for the whole day."""

    at: datetime
    precision: Precision = Precision.MINUTE

    def __post_init__(self) -> None:
        if self.at.tzinfo is not None:
            raise ValueError("moments of cases are Vietnam wall time without zone")


class Outcome(StrEnum):
    """How an ended case stands to its due moment."""

    EARLY = "early"
    ON_TIME = "on_time"
    LATE = "late"


class AgeBucket(StrEnum):
    """How old a lateness is, in working days (domain/rules.md §2)."""

    UNDER_ONE = "under_1"
    ONE_TO_THREE = "1_3"
    FOUR_TO_TEN = "4_10"
    ELEVEN_TO_THIRTY = "11_30"
    OVER_THIRTY = "over_30"


@dataclass(frozen=True)
class Lateness:
    """How late: whole working days and calendar days after the due day (both 0 on the due day itself)."""

    working_days: int
    calendar_days: int


def is_past_due(due: Moment | None, at: Moment | None) -> bool | None:
    """Whether ``at`` lies after the due moment; None (no verdict) where either is unknown.

    If either side has no time of day, days are compared; otherwise moments.
    """
    if due is None or at is None:
        return None
    if Precision.DAY in (due.precision, at.precision):
        return at.at.date() > due.at.date()
    return at.at > due.at


def outcome(due: Moment | None, finished: Moment | None) -> Outcome | None:
    """Early (an earlier day), on time (the due day, not after the moment) or late; None where either is unknown."""
    if due is None or finished is None:
        return None
    if is_past_due(due, finished):
        return Outcome.LATE
    return Outcome.EARLY if finished.at.date() < due.at.date() else Outcome.ON_TIME


def lateness(due: Moment | None, at: Moment | None, calendar: WorkingCalendar) -> Lateness | None:
    """How late ``at`` is against the due moment; None when it is not late, or nothing can be said."""
    if due is None or at is None or not is_past_due(due, at):
        return None
    due_on, on = due.at.date(), at.at.date()
    return Lateness(calendar.working_days_between(due_on, on), (on - due_on).days)


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
