"""Why this date? The days of a span, each counted or skipped with its reason. PURE.

Returns facts; the page words them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from portal.deadlines.calendar import ONE_DAY, DayOff, DayStatus, MakeUpDay, WorkingCalendar, days


class DayReason(StrEnum):
    """Why a day counts or not.

    The first four say what day it is. RECEIPT: the day of receipt, or the one that counts as such, which never counts;
    AFTER_HOURS: it came in after the last hour of this day; PAUSED: the clock stood; ROLLED: a term in calendar days or
    months that ended on a day off ends with this working day.
    """

    WORKING = "working"
    MAKE_UP = "make_up"
    WEEKEND = "weekend"
    OFF = "off"
    RECEIPT = "receipt"
    AFTER_HOURS = "after_hours"
    PAUSED = "paused"
    ROLLED = "rolled"


@dataclass(frozen=True)
class CountedDay:
    """One day of a span. ``number`` is its place among the counted days, None where it was skipped."""

    day: date
    number: int | None
    reason: DayReason
    name: str = ""
    document: str = ""
    unconfirmed: bool = False


def explain(start: date, end: date, calendar: WorkingCalendar) -> list[CountedDay]:
    """Every day after ``start`` up to ``end``; the counted ones number ``working_days_between(start, end)``."""
    told: list[CountedDay] = []
    number = 0
    for day in days(start + ONE_DAY, end):
        described = describe(day, calendar)
        number += calendar.is_working(day)
        told.append(replace(described, number=number) if calendar.is_working(day) else described)
    return told


def describe(day: date, calendar: WorkingCalendar) -> CountedDay:
    """What day it is, not numbered: its reason, and its name and document where it has one."""
    row = calendar.day_off(day) or calendar.make_up_day(day) or calendar.open_desk(day)
    reason = DayReason.WORKING if calendar.is_working(day) else DayReason.WEEKEND
    if row is None:
        return CountedDay(day, None, reason)
    if isinstance(row, DayOff):
        reason = DayReason.OFF
    elif isinstance(row, MakeUpDay):
        reason = DayReason.MAKE_UP
    return CountedDay(day, None, reason, row.name, row.document, row.status is DayStatus.UNCONFIRMED)
