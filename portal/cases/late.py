"""How late a case is, and the one way of saying it: in working days and, under one day, in working hours."""

from __future__ import annotations

from portal.cases.labels import lateness as in_words
from portal.cases.rules import Verdict
from portal.deadlines import Lateness, Moment, WorkingCalendar, lateness


def how_late(due: Moment, end: Moment, calendar: WorkingCalendar) -> Lateness | None:
    """How late ``end`` is against a due moment; None where it is not, and where no calendar reaches."""
    if not (calendar.covers(due.day) and calendar.covers(end.day)):
        return None
    return lateness(due, end, calendar)


def late_words(late: Lateness | None, *, ended: bool) -> str:
    """The words "late by 3 working days", "overdue by 2.5 working hours"; empty where there is no lateness."""
    if late is None:
        return ""
    return in_words(Verdict.LATE if ended else Verdict.OVERDUE, late.working_days, late.working_hours)
