"""While the holder of an explanation is on leave its term stands; what opens during the leave goes to the stand-in.

The due day is moved at once, as by questions to other bodies: lists by due day are right at any moment. A duty that was
handed over has a holder who is there, and so runs. A delegation is no leave: the person is there.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Self

from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload

from portal.access.models import Absence
from portal.access.queries import leaves_of, leaves_on
from portal.accountability.explanations import queries
from portal.accountability.explanations.actions.moves import move, record_step
from portal.accountability.explanations.events import (
    ExplanationHandedOver,
    SupplementHandedOver,
    TermStood,
)
from portal.accountability.explanations.models import Explanation, ExplanationReturn
from portal.accountability.explanations.queries import Deciders
from portal.accountability.explanations.rules import WRITABLE, State, due_after_leave
from portal.accountability.explanations.supplements import Supplement, SupplementState
from portal.accountability.incidents.queries import answer_standstills
from portal.accountability.incidents.rules import Standstill
from portal.audit import record
from portal.calendars.queries import current_calendar
from portal.cases.words import word
from portal.database import db, transition
from portal.deadlines import DayOutsideCalendar
from portal.guard import Viewer
from portal.policy import queries as policy

_WRITABLE = [word(state) for state in WRITABLE]


@dataclass(frozen=True)
class NewTerm:
    """A term that begins; ``base_due_on``: without the leave of its holder, where that moved it."""

    due_on: date
    base_due_on: date | None

    @classmethod
    def of(cls, holder_id: int | None, today: date) -> Self:
        """It begins today: the officer's working days of policy, leave left out."""
        base = current_calendar().add_working_days(today, policy.explanation_days(today).officer)
        due = answer_due(holder_id, base, today, ())
        return cls(due, None if due == base else base)

    @property
    def columns(self) -> dict[str, date | None]:
        """As it stands in an explanation, the notice apart."""
        return {"due_on": self.due_on, "base_due_on": self.base_due_on}


def began_on(explanation: Explanation) -> date:
    """The day from which the running term counts: the notice, or the last return."""
    if explanation.state != State.RETURNED:
        return explanation.noticed_on
    last = select(func.max(ExplanationReturn.returned_on)).where(ExplanationReturn.explanation_id == explanation.id)
    return db.session.scalar(last) or explanation.noticed_on


def answer_due(holder_id: int | None, base: date, since: date, questions: Iterable[Standstill]) -> date:
    """When the answer of a holder is due, with leave and questions, in a term that counts from ``since``.

    Leave beyond the loaded calendar moves nothing yet; it does once the missing year is open.
    """
    leaves = [] if holder_id is None else leaves_of([holder_id], since)
    days = [(one.first_day, one.last_day) for one in leaves]
    try:
        return due_after_leave(base, since, days, questions, current_calendar())
    except DayOutsideCalendar:
        return due_after_leave(base, since, (), questions, current_calendar())


def follow_leave(*, by: Viewer | None, at: datetime, person_id: int | None = None) -> int:
    """Let every open term follow the leave of its holder as it is recorded now; gives how many moved.

    ``person_id``: only of this person. Safe to run twice; terms move back where a leave ended early.
    """
    away = select(Absence.person_id)
    found = (
        select(Explanation)
        .where(Explanation.state.in_(_WRITABLE), Explanation.stopped_at.is_(None))
        .where(or_(Explanation.base_due_on.is_not(None), Explanation.holder_id.in_(away)))
        .options(joinedload(Explanation.case))
    )
    if person_id is not None:
        found = found.where(Explanation.holder_id == person_id)
    return sum(_follow(explanation, by, at) for explanation in db.session.scalars(found).all())


def _follow(explanation: Explanation, by: Viewer | None, at: datetime) -> bool:
    base, was = explanation.base_due_on or explanation.due_on, explanation.due_on
    questions = answer_standstills(explanation.breach_id, base)
    due = answer_due(explanation.holder_id, base, began_on(explanation), questions)
    if due == was:
        return False
    move(explanation, WRITABLE, None, due_on=due, base_due_on=base)
    record_step(TermStood(was_due_on=was, due_on=due), explanation, by, at)
    return True


def give_to_stand_ins(on: date, *, by: Viewer | None, at: datetime) -> int:
    """What opened on a day goes to who stands in for its absent holder; gives how many. Safe to run twice.

    The responsible person stays the one who was late. Where the stand-in is who will conclude, the duty stays, and its
    term stands until the holder is back: nobody decides what he wrote (domain rules §3.8).
    """
    stand_ins = {one.person_id: one for one in leaves_on(on)}
    if not stand_ins:
        return 0
    absent = list(stand_ins)
    opened = (
        select(Explanation)
        .where(Explanation.holder_id.in_(absent), Explanation.noticed_on == on)
        .where(Explanation.state == word(State.WAITING), Explanation.answers_for_id.is_(None))
        .options(joinedload(Explanation.breach), joinedload(Explanation.case))
    )
    rows = db.session.scalars(opened).all()
    excluded, deciders = queries.excluded_from_deciding(rows), Deciders.on(on)
    given = 0
    for row in rows:
        absence = stand_ins[row.holder_id or 0]
        if deciders.of(row.unit_id, excluded[row.id]).person_id != absence.stand_in_id:
            _give(row, absence, by, at)
            given += 1
    return given + _give_supplements(on, stand_ins, by, at)


def _give(row: Explanation, absence: Absence, by: Viewer | None, at: datetime) -> None:
    event = ExplanationHandedOver(
        from_id=row.holder_id, to_id=absence.stand_in_id, answers_for_id=row.holder_id, reason=_why(absence),
        due_on=row.due_on,
    )  # fmt: skip
    move(row, (State.WAITING,), None, holder_id=absence.stand_in_id, answers_for_id=row.holder_id)
    record_step(event, row, by, at)


def _give_supplements(on: date, stand_ins: dict[int, Absence], by: Viewer | None, at: datetime) -> int:
    waiting = SupplementState.WAITING.value
    opened = select(Supplement).where(
        Supplement.holder_id.in_(list(stand_ins)), Supplement.noticed_on == on, Supplement.state == word(waiting)
    )
    rows = db.session.scalars(opened.options(joinedload(Supplement.explanation))).all()
    for row in rows:
        absence = stand_ins[row.holder_id or 0]
        event = SupplementHandedOver(
            number=row.number, from_id=row.holder_id, to_id=absence.stand_in_id, reason=_why(absence),
            due_on=row.due_on,
        )  # fmt: skip
        ident, case_id = row.explanation_id, row.explanation.case_id
        transition(Supplement, row.id, where={"state": waiting}, to={"holder_id": absence.stand_in_id})
        record(event, entity_id=ident, by=by, at=at, case_id=case_id)
    return len(rows)


def _why(absence: Absence) -> str:
    """Why, for the trail: until when the holder is away, and by which document."""
    days = f"{absence.first_day:%d/%m/%Y}–{absence.last_day:%d/%m/%Y}"
    return f"{days}, {absence.document}" if absence.document else days
