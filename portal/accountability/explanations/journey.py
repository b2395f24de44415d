"""How long each step of a case took against what it was given: what the page shows beside the writing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from portal.cases.lines import shown_officer
from portal.cases.models import CaseStep
from portal.deadlines import WorkingCalendar
from portal.guard import Viewer


@dataclass(frozen=True)
class StepTaken:
    """One step; ``spent`` and ``allowed`` in working days, None where a date or the calendar lacks."""

    title: str
    unit: str
    officer: str
    started_at: datetime
    ended_at: datetime | None
    spent: int | None
    allowed: int | None

    @property
    def is_over(self) -> bool:
        """Whether it took longer than it was given."""
        return self.spent is not None and self.allowed is not None and self.spent > self.allowed


def steps_taken(
    steps: Sequence[CaseStep], finished_at: datetime | None, now: datetime, calendar: WorkingCalendar, viewer: Viewer
) -> list[StepTaken]:
    """The steps in the order in which they began; each lasts until the next begins, the last until the case ended.

    ``now``: to which an open case is counted. Names of officers are masked as on the page of the case.
    """
    moments = [step.started_at or step.at for step in steps]
    ends: list[datetime | None] = [*moments[1:], finished_at][: len(moments)]
    return [
        StepTaken(
            step.title, step.unit, shown_officer(step.officer, viewer), began, ended,
            _days(calendar, began.date(), (ended or now).date()),
            _days(calendar, began.date(), step.due_at.date()) if step.due_at else None,
        )
        for step, began, ended in zip(steps, moments, ends, strict=True)
    ]  # fmt: skip


def _days(calendar: WorkingCalendar, first: date, last: date) -> int | None:
    if last < first or not (calendar.covers(first) and calendar.covers(last)):
        return None
    return calendar.working_days_between(first, last)
