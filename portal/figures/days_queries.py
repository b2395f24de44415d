"""Reading where the days of many cases went: those that ended in a period, their steps and pauses; few statements."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Row, func, select

from portal.cases.lines import shown_officer
from portal.cases.models import Case, CaseStep, Pause, Procedure
from portal.cases.moving import moment_of
from portal.cases.pause_queries import AT_ONCE, standing_pauses_within
from portal.cases.queries import CaseQuery
from portal.cases.spent import Stretch, rows_on
from portal.cases.words import is_answered
from portal.database import db
from portal.deadlines import DayOutsideCalendar, WorkingCalendar
from portal.deadlines.line import hour_line
from portal.directory.models import Unit
from portal.figures.days import Held
from portal.figures.periods import Period

MOST_CASES = 20_000
"""Cases with steps of one report: about two seconds. Beyond, a unit or a shorter period is to be chosen."""
PROCEDURES = 300


@dataclass(frozen=True)
class Reach:
    """How many cases ended in the period, and of how many the steps are known."""

    ended: int
    with_steps: int

    @property
    def is_too_much(self) -> bool:
        """More than one page adds up."""
        return self.with_steps > MOST_CASES


def ended_in(query: CaseQuery, period: Period) -> CaseQuery:
    """The cases that ended with a result or a written refusal within a period, both days included."""
    first = datetime.combine(period.from_, datetime.min.time())
    last = datetime.combine(period.to, datetime.max.time().replace(microsecond=0))
    return query.where(is_answered(), Case.finished_at.between(first, last))


def reach_of(query: CaseQuery) -> Reach:
    """How much there is to add up. One statement."""
    told = select(CaseStep.id).where(CaseStep.case_id == Case.id).exists()
    counted = select(func.count(), func.count().filter(told)).select_from(Case).where(*query.conditions)
    ended, with_steps = db.session.execute(counted).one()
    return Reach(ended, with_steps)


def procedures_in(query: CaseQuery) -> Sequence[tuple[int, str]]:
    """The procedures of these cases that tell steps, those of most cases first."""
    counted = (
        select(Procedure.id, Procedure.title)
        .join(Case, Case.procedure_id == Procedure.id)
        .where(*query.conditions, Case.id.in_(select(CaseStep.case_id)))
        .group_by(Procedure.id, Procedure.title)
    )
    found = db.session.execute(counted.order_by(func.count().desc(), Procedure.id).limit(PROCEDURES))
    return [(row.id, row.title) for row in found]


def units_in(query: CaseQuery) -> Sequence[tuple[int, str, int]]:
    """The resolving units of these cases with how many of them tell steps, the most first. One statement."""
    counted = (
        select(Unit.id, Unit.name, func.count())
        .join(Case, Case.resolving_unit_id == Unit.id)
        .where(*query.conditions, Case.id.in_(select(CaseStep.case_id)))
        .group_by(Unit.id, Unit.name)
    )
    found = db.session.execute(counted.order_by(func.count().desc(), Unit.id))
    return [(ident, name, count) for ident, name, count in found]


def held_in(query: CaseQuery, calendar: WorkingCalendar) -> Iterator[Held]:
    """Every step of these cases with its times, case by case; those beyond the calendar are left out. Two statements.

    Names of officers are masked for those who read masked names only.
    """
    columns = (
        Case.id, Case.received_at, Case.received_precision, Case.finished_at, Case.finished_precision,
        Case.ruling_due_at, CaseStep.unit, CaseStep.title, CaseStep.officer, CaseStep.at, CaseStep.started_at,
        CaseStep.due_at,
    )  # fmt: skip
    wanted = select(*columns).join(CaseStep, CaseStep.case_id == Case.id).where(*query.conditions)
    rows: Any = db.session.execute(wanted.order_by(Case.id, CaseStep.at, CaseStep.id)).all()
    pauses: dict[int, list[Pause]] = {}
    for pause in standing_pauses_within(query.ids()):
        pauses.setdefault(pause.case_id, []).append(pause)
    place = hour_line(calendar).place
    for case_id, steps in groupby(rows, key=lambda row: row.id):
        try:
            yield from list(_of_case(list(steps), pauses.get(case_id, ()), place, query))
        except DayOutsideCalendar:
            continue


def _of_case(steps: Sequence[Row[Any]], pauses: Sequence[Pause], place: Any, query: CaseQuery) -> Iterator[Held]:
    case = steps[0]
    end = moment_of(case.finished_at, case.finished_precision).latest
    stood = [_stretch(pause, end) for pause in pauses]
    received = moment_of(case.received_at, case.received_precision).latest
    is_late = case.ruling_due_at is not None and case.finished_at > case.ruling_due_at
    for row in rows_on(received, end, steps, stood, place):
        step: Any = row.step
        names = ("", "", "")
        if step is not None:
            names = (step.unit, step.title, shown_officer(step.officer, query.viewer))
        yield Held(
            case.id, is_late, names, row.begin, row.end, row.spent, row.paused, row.allowed, is_step=step is not None
        )


def _stretch(pause: Pause, end: datetime) -> Stretch:
    ended = moment_of(pause.ended_at).latest if pause.ended_at else end
    return moment_of(pause.started_at).latest, max(ended, moment_of(pause.started_at).latest)


@dataclass(frozen=True)
class Named:
    """A row of the list behind a number, with its case."""

    held: Held
    code: str
    procedure: str


def named(rows: Sequence[Held]) -> list[Named]:
    """Rows with the codes and procedures of their cases, in their order."""
    ids = sorted({row.case_id for row in rows})
    known: dict[int, Any] = {}
    for start in range(0, len(ids), AT_ONCE):
        wanted = select(Case.id, Case.code, Procedure.title).outerjoin(Procedure, Procedure.id == Case.procedure_id)
        known |= {row.id: row for row in db.session.execute(wanted.where(Case.id.in_(ids[start : start + AT_ONCE])))}
    return [Named(row, known[row.case_id].code, known[row.case_id].title or "") for row in rows]
