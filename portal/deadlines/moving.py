"""Moving a due moment: along working time, or by an extension. PURE."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from portal.deadlines.calendar import WorkingCalendar
from portal.deadlines.line import Line, day_line, hour_line
from portal.deadlines.pauses import Extension
from portal.deadlines.terms import SECONDS_OF_AN_HOUR, TermUnit, months_after


def shifted(base: datetime, amount: int, line: Line) -> datetime:
    """A moment moved along a line of working time; itself when the amount is nothing.

    A clock time after hours or at noon is kept where the new moment falls on the same spot of its day: a receipt that
    prints 17:30 is not cut to the 17:00 of the calendar.
    """
    if not amount:
        return base
    place = line.place(base)
    worked_until, at = line.moment(place), line.moment(place + amount)
    later = datetime.combine(at.date(), base.time())
    is_same_spot = worked_until.date() == base.date() and at.time() == worked_until.time()
    return later if is_same_spot and line.place(later) == line.place(at) else at


def by_unit(extensions: Iterable[Extension]) -> dict[TermUnit, int]:
    """How much all extensions together give in each unit."""
    total = dict.fromkeys(TermUnit, 0)
    for extension in extensions:
        total[extension.unit] += extension.amount
    return total


def extended(base: datetime, extensions: Iterable[Extension], calendar: WorkingCalendar) -> datetime:
    """A moment moved by extensions: months, then calendar days (rolling once), then working days, then hours."""
    of = by_unit(extensions)
    months, days = of[TermUnit.MONTHS], of[TermUnit.CALENDAR_DAYS]
    if months or days:
        end = calendar.next_working_day(months_after(base.date(), months) + timedelta(days=days))
        base = datetime.combine(end, base.time())
    base = shifted(base, of[TermUnit.WORKING_DAYS] * calendar.ticks_of_a_day, day_line(calendar))
    return shifted(base, of[TermUnit.WORKING_HOURS] * SECONDS_OF_AN_HOUR, hour_line(calendar))
