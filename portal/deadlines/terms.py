"""Allowed terms and pauses: from a day of receipt to a due day. PURE."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from portal.deadlines.calendar import WorkingCalendar

MONTHS_OF_A_YEAR = 12


class TermUnit(StrEnum):
    """What a term is counted in, as the procedure states it."""

    WORKING_DAYS = "working_days"
    CALENDAR_DAYS = "calendar_days"
    WORKING_HOURS = "working_hours"
    MONTHS = "months"


class TermNotCountable(ValueError):
    """The portal does not count this unit (yet); the printed due moment stands alone."""

    def __init__(self, unit: TermUnit) -> None:
        super().__init__(f"terms in {unit.value} are not computed; the printed due moment rules")
        self.unit = unit


@dataclass(frozen=True)
class Term:
    """An allowed term. A computed due day is shown beside the printed one and never accuses anybody."""

    amount: int
    unit: TermUnit

    def __post_init__(self) -> None:
        if self.amount < 0:
            raise ValueError("a term is not negative")

    def due_on(self, received_on: date, calendar: WorkingCalendar) -> date:
        """The day the term ends; the day of receipt does not count (Civil Code art. 147).

        A term in calendar days or months that ends on a day off ends with the next working day (art. 148). Raises
        TermNotCountable for hours, DayOutsideCalendar beyond the loaded years.
        """
        if self.unit is TermUnit.WORKING_DAYS:
            return calendar.add_working_days(received_on, self.amount)
        if self.unit is TermUnit.CALENDAR_DAYS:
            return calendar.next_working_day(received_on + timedelta(days=self.amount))
        if self.unit is TermUnit.MONTHS:
            return calendar.next_working_day(_months_after(received_on, self.amount))
        raise TermNotCountable(self.unit)


def _months_after(day: date, count: int) -> date:
    """The same day of a later month, or that month's last day where it is shorter (Civil Code art. 146)."""
    months = day.year * MONTHS_OF_A_YEAR + day.month - 1 + count
    year, month = divmod(months, MONTHS_OF_A_YEAR)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


@dataclass(frozen=True)
class Pause:
    """A recorded lawful pause. The clock stands after ``started_on`` up to and including ``ended_on`` (None: still)."""

    started_on: date
    ended_on: date | None = None

    def __post_init__(self) -> None:
        if self.ended_on is not None and self.ended_on < self.started_on:
            raise ValueError("a pause ends on or after the day it began")


def paused_working_days(pauses: Iterable[Pause], calendar: WorkingCalendar, *, until: date) -> int:
    """How many working days the clock stood, up to ``until``; overlapping pauses count once.

    A pause eats working days, never wall time: a weekend inside it was not working time anyway.
    """
    total = 0
    covered_to: date | None = None
    for start, end in sorted((pause.started_on, min(pause.ended_on or until, until)) for pause in pauses):
        begin = start if covered_to is None else max(start, covered_to)
        if end > begin:
            total += calendar.working_days_between(begin, end)
            covered_to = end
    return total


def due_with_pauses(due_on: date, pauses: Iterable[Pause], calendar: WorkingCalendar, *, until: date) -> date:
    """The printed due day moved by the working days of recorded pauses, and by nothing else (domain/rules.md §3.1)."""
    return calendar.add_working_days(due_on, paused_working_days(pauses, calendar, until=until))
