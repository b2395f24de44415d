"""Time that counts: working days, terms, pauses and verdicts. PURE (standard library only).

Policy values and calendars come as arguments; nothing here reads a clock or a database.
"""

from __future__ import annotations

from portal.deadlines.calendar import (
    DayOff,
    DayOutsideCalendar,
    DayStatus,
    MakeUpDay,
    WorkingCalendar,
)
from portal.deadlines.explain import CountedDay, DayReason, explain
from portal.deadlines.terms import Pause, Term, TermNotCountable, TermUnit, due_with_pauses, paused_working_days
from portal.deadlines.verdicts import (
    AgeBucket,
    Lateness,
    Moment,
    Outcome,
    Precision,
    age_bucket,
    is_past_due,
    lateness,
    outcome,
)

__all__ = [
    "AgeBucket",
    "CountedDay",
    "DayOff",
    "DayOutsideCalendar",
    "DayReason",
    "DayStatus",
    "Lateness",
    "MakeUpDay",
    "Moment",
    "Outcome",
    "Pause",
    "Precision",
    "Term",
    "TermNotCountable",
    "TermUnit",
    "WorkingCalendar",
    "age_bucket",
    "due_with_pauses",
    "explain",
    "is_past_due",
    "lateness",
    "outcome",
    "paused_working_days",
]
