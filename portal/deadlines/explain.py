"""Why this date? The days of a span, each counted or skipped with its reason. PURE.

Returns facts; the page words them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from portal.deadlines.calendar import ONE_DAY, DayStatus, WorkingCalendar, days


class DayReason(StrEnum):
    """Why a day counts or not."""

    WORKING = "working"
    MAKE_UP = "make_up"
    WEEKEND = "weekend"
    OFF = "off"


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
    explained: list[CountedDay] = []
    number = 0
    for day in days(start + ONE_DAY, end):
        works = calendar.is_working(day)
        number += works
        explained.append(_explained(day, number if works else None, calendar))
    return explained


def _explained(day: date, number: int | None, calendar: WorkingCalendar) -> CountedDay:
    off, make_up = calendar.day_off(day), calendar.make_up_day(day)
    row = off or make_up
    if row is None:
        return CountedDay(day, number, DayReason.WEEKEND if number is None else DayReason.WORKING)
    reason = DayReason.OFF if off else DayReason.MAKE_UP
    return CountedDay(day, number, reason, row.name, row.document, row.status is DayStatus.UNCONFIRMED)
