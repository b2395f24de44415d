"""What is to be told about letters of apology at the start of a working day, derived from their states. Reads only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select

from portal.accountability.apologies import notices
from portal.accountability.apologies.models import Apology
from portal.accountability.apologies.queries import Seats, seats_on
from portal.accountability.apologies.rules import State
from portal.accountability.explanations.rules import Stage
from portal.accountability.explanations.telling import StageOf, stages
from portal.cases.models import Case
from portal.cases.words import is_open, word
from portal.database import db
from portal.deadlines import WorkingCalendar
from portal.directory.rules import Line
from portal.notices.kinds import Telling, by_stage


@dataclass(frozen=True)
class Row:
    """What telling needs of one letter. ``due_on``: the date promised to the citizen, once the letter is sent."""

    id: int
    unit_id: int
    officer_id: int | None
    code: str
    opened_on: date
    submitted_at: datetime | None
    new_date: date | None
    data_as_of: datetime

    @property
    def own(self) -> frozenset[int]:
        """Whoever stands in may read of a letter, whoever drafted it."""
        return frozenset()

    @property
    def due_on(self) -> date | None:
        """What stands beside the code."""
        return self.new_date


def rows_where(*conditions: ColumnElement[bool]) -> list[Row]:
    """Letters in a state, the oldest first; one statement."""
    columns = (
        Apology.id, Apology.unit_id, Apology.officer_id, Case.code, Apology.opened_on, Apology.submitted_at,
        Apology.new_date, Case.data_as_of,
    )  # fmt: skip
    found = select(*columns).join(Case, Case.id == Apology.case_id).where(*conditions)
    return [Row(*row) for row in db.session.execute(found.order_by(Apology.due_at, Apology.id))]


def tell_of_apologies(today: date, calendar: WorkingCalendar) -> Iterator[Telling]:
    """To sign, not drafted (letters older than the portal are nobody's neglect), promises near and missed."""
    seats, stage_of = seats_on(today), stages(today, calendar)

    def leader(row: Row) -> int | None:
        return _leader(seats, row.unit_id)

    def drafter(row: Row) -> int | None:
        return row.officer_id or leader(row)

    draft = Apology.state == word(State.DRAFT)
    handed_in = rows_where(draft, Apology.submitted_at.is_not(None))
    yield from by_stage(notices.TO_SIGN, handed_in, leader, lambda row: f"{row.submitted_at:%y%m%d%H%M}")
    with_drafter = or_(Apology.state == word(State.WAITING), and_(draft, Apology.submitted_at.is_(None)))
    waiting = rows_where(with_drafter, Apology.legacy.is_(False), Apology.opened_on < today)
    yield from by_stage(notices.MISSING, waiting, drafter, lambda row: stage_of(row.opened_on))
    silent = [row for row in waiting if stage_of(row.opened_on) is Stage.NEXT_HEAD and leader(row) != row.officer_id]
    yield from by_stage(notices.MISSING_BELOW, silent, leader, _once)
    yield from _promises(today, calendar, seats, stage_of, drafter, leader)


def _promises(
    today: date, calendar: WorkingCalendar, seats: Seats, stage_of: StageOf, drafter: Any, leader: Any
) -> Iterator[Telling]:
    """A promise of today or the next working day, and one that passed while newer data still show the case open.

    A missed one that stays open goes to the next head up on the day of the third reminder (§3.13: it escalates).
    """
    near = calendar.add_working_days(today, 1)
    promised = rows_where(
        Apology.state == word(State.SENT), is_open(), Apology.new_date.is_not(None), Apology.new_date <= near
    )
    yield from by_stage(notices.PROMISE_NEAR, [row for row in promised if _day(row) >= today], drafter, _once)
    missed = [row for row in promised if _day(row) < today and row.data_as_of.date() > _day(row)]
    yield from by_stage(notices.PROMISE_MISSED, missed, drafter, _once)
    yield from by_stage(notices.PROMISE_MISSED, [row for row in missed if drafter(row) != leader(row)], leader, _once)
    silent = [row for row in missed if stage_of(_day(row)) is Stage.NEXT_HEAD]
    yield from by_stage(notices.PROMISE_MISSED_BELOW, silent, lambda row: _above(seats, row.unit_id), _once)


def _day(row: Row) -> date:
    return row.new_date or date.max


def _once(_row: Row) -> str:
    return ""


def _leader(seats: Seats, unit_id: int) -> int | None:
    signer = seats.signer(unit_id)
    return signer.person_id if signer else None


def _above(seats: Seats, unit_id: int) -> int | None:
    """The next leader above who signs for a unit; None at the top of the line."""
    signer = seats.signer(unit_id)
    if signer is None:
        return None
    line = list(seats.tree.upward(Line.MANAGED_BY, unit_id))
    above = (seats.leaders[unit] for unit in line[line.index(signer.unit_id) + 1 :] if unit in seats.leaders)
    return next((held.person_id for held in above if held.person_id != signer.person_id), None)
