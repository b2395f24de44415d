"""Time that counts: working days, terms, pauses and verdicts. PURE (standard library only).

Policy values and calendars come as arguments; nothing here reads a clock or a database.
"""

from __future__ import annotations

from portal.deadlines.calendar import (
    DayOff,
    DayOutsideCalendar,
    DayStatus,
    MakeUpDay,
    OpenDesk,
    WorkingCalendar,
)
from portal.deadlines.dues import computed_due, ruling_due
from portal.deadlines.explain import CountedDay, DayReason, explain
from portal.deadlines.hours import OFFICE_HOURS, DayHours, Interval, WeekHours, WorkingHours
from portal.deadlines.line import working_time
from portal.deadlines.moments import Moment, Precision, is_past_due
from portal.deadlines.pauses import Extension, Pause, PauseKind, repeated_supplements
from portal.deadlines.telling import Telling, ToldDay, tell, tell_ruling
from portal.deadlines.terms import Term, TermPolicy, TermUnit, receipt_day, takes_in_until
from portal.deadlines.verdicts import (
    AgeBucket,
    Lateness,
    Outcome,
    Standing,
    age_bucket,
    lateness,
    outcome,
    standing,
    working_days_left,
)

__all__ = [
    "OFFICE_HOURS",
    "AgeBucket",
    "CountedDay",
    "DayHours",
    "DayOff",
    "DayOutsideCalendar",
    "DayReason",
    "DayStatus",
    "Extension",
    "Interval",
    "Lateness",
    "MakeUpDay",
    "Moment",
    "OpenDesk",
    "Outcome",
    "Pause",
    "PauseKind",
    "Precision",
    "Standing",
    "Telling",
    "Term",
    "TermPolicy",
    "TermUnit",
    "ToldDay",
    "WeekHours",
    "WorkingCalendar",
    "WorkingHours",
    "age_bucket",
    "computed_due",
    "explain",
    "is_past_due",
    "lateness",
    "outcome",
    "receipt_day",
    "repeated_supplements",
    "ruling_due",
    "standing",
    "takes_in_until",
    "tell",
    "tell_ruling",
    "working_days_left",
    "working_time",
]
