"""How late the case of a breach is against the frozen due moment, in the words of every page."""

from __future__ import annotations

from datetime import datetime

from portal.accountability.breaches.models import Breach
from portal.cases.late import how_late, late_words
from portal.cases.models import Case
from portal.cases.moving import moment_of
from portal.deadlines import Moment, WorkingCalendar


def late_by(breach: Breach, case: Case, now: datetime, calendar: WorkingCalendar) -> str:
    """To the recorded end of the breach, else to that of the case, else to ``now``; empty where nothing can be said.

    Two that look at one breach on different days read the same once it has ended: what is frozen stays.
    """
    due = moment_of(breach.due_at, breach.due_precision)
    if breach.end is not None:
        end, ended = moment_of(breach.end.ended_at, breach.end.precision), True
    elif case.finished_at is not None:
        end, ended = moment_of(case.finished_at, case.finished_precision), True
    else:
        end, ended = Moment(now), False
    return late_words(how_late(due, end, calendar), ended=ended)
