"""What sources told beside the facts of a case, as a viewer may read it: recorded pauses and steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from portal.cases.lines import shown_officer
from portal.cases.models import Case, CaseStep
from portal.cases.moving import moment_of
from portal.cases.narrowing import Now
from portal.cases.pause_queries import pauses_of
from portal.cases.spent import Spent, where_the_days_went
from portal.database import db
from portal.deadlines import DayOutsideCalendar
from portal.guard import Viewer

STEPS_SHOWN = 100


@dataclass(frozen=True)
class ToldPause:
    """A pause. What was asked of the applicant is left out for those who may not read applicants."""

    started_at: datetime
    ended_at: datetime | None
    reason: str
    due_before: datetime | None
    due_after: datetime | None


@dataclass(frozen=True)
class ToldStep:
    """A step, masked alike."""

    at: datetime
    officer: str
    title: str
    unit: str
    content: str
    status: str
    started_at: datetime | None
    due_at: datetime | None


def pauses_told(case_id: int, viewer: Viewer) -> list[ToldPause]:
    """The recorded pauses of a case, oldest first. The caller has checked that the viewer may see the case."""
    hidden = viewer.masks_applicant
    return [
        ToldPause(row.started_at, row.ended_at, "" if hidden else row.reason, row.due_before, row.due_after)
        for row in pauses_of(case_id)
    ]


def steps_told(case_id: int, viewer: Viewer) -> Sequence[ToldStep]:
    """The last steps of a case, oldest first."""
    found = select(CaseStep).where(CaseStep.case_id == case_id).order_by(CaseStep.at.desc(), CaseStep.id.desc())
    rows = db.session.scalars(found.limit(STEPS_SHOWN)).all()
    return [
        ToldStep(
            row.at, shown_officer(row.officer, viewer), row.title, row.unit,
            "" if viewer.masks_applicant else row.content, row.status, row.started_at, row.due_at,
        )
        for row in reversed(rows)
    ]  # fmt: skip


def spent_on(case: Case, steps: Sequence[ToldStep], pauses: Sequence[ToldPause], now: Now) -> list[Spent]:
    """Where the days of a case went, to its end or to now; empty without steps, or beyond the loaded calendar."""
    if not steps:
        return []
    end = moment_of(case.finished_at, case.finished_precision).latest if case.finished_at else now.at
    stood = [
        (moment_of(pause.started_at).latest, moment_of(pause.ended_at).latest if pause.ended_at else end)
        for pause in pauses
    ]
    received = moment_of(case.received_at, case.received_precision).latest
    try:
        return where_the_days_went(received, end, steps, stood, now.calendar)
    except DayOutsideCalendar:
        return []
