"""Set-based writing: the running numbers are rebuilt as a whole, a few thousand rows."""

from __future__ import annotations

from sqlalchemy import delete, insert

from portal.calendars.models import DayNumber
from portal.calendars.rules import Content, end_of_numbers
from portal.database import db
from portal.deadlines.calendar import days


def rebuild_day_numbers(content: Content) -> int:
    """Replace every running number by those of ``content``; gives how many days have one."""
    calendar = content.calendar(end_of_numbers(content.covered_to))
    rows = [
        {
            "day": day,
            "is_working": calendar.is_working(day),
            "number": calendar.number(day),
            "is_covered": day <= content.covered_to,
        }
        for day in days(calendar.first, calendar.last)
    ]
    db.session.execute(delete(DayNumber))
    db.session.execute(insert(DayNumber), rows)
    return len(rows)
