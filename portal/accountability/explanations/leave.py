"""While the holder of an explanation is on leave its term stands; what opens during the leave goes to the stand-in.

The due day is moved at once, as by questions to other bodies: lists by due day are right at any moment. A duty that was
handed over has a holder who is there, and so runs. A delegation is no leave: the person is there.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload

from portal.access.models import Absence
from portal.access.queries import leaves_on
from portal.accountability.explanations import queries, supplement_leave
from portal.accountability.explanations.actions.moves import move, record_step
from portal.accountability.explanations.events import ExplanationHandedOver, TermStood
from portal.accountability.explanations.models import Explanation, ExplanationReturn
from portal.accountability.explanations.queries import Deciders
from portal.accountability.explanations.rules import WRITABLE, State
from portal.accountability.explanations.standing import answer_due
from portal.accountability.explanations.supplement_leave import why
from portal.accountability.incidents.queries import answer_standstills
from portal.cases.words import word
from portal.database import db
from portal.guard import Viewer

_WRITABLE = [word(state) for state in WRITABLE]


def began_on(explanation: Explanation) -> date:
    """The day from which the running term counts: the notice, or the last return."""
    if explanation.state != State.RETURNED:
        return explanation.noticed_on
    last = select(func.max(ExplanationReturn.returned_on)).where(ExplanationReturn.explanation_id == explanation.id)
    return db.session.scalar(last) or explanation.noticed_on


def follow_leave(*, by: Viewer | None, at: datetime, person_id: int | None = None) -> int:
    """Let every open term follow the leave of its holder as it is recorded now; gives how many moved.

    Of further explanations too. ``person_id``: only of this person. Safe to run twice; terms move back where a leave
    ended early.
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
    moved = sum(_follow(explanation, by, at) for explanation in db.session.scalars(found).all())
    return moved + supplement_leave.follow_leave(by, at, person_id)


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
    return given + supplement_leave.give_to_stand_ins(on, stand_ins, deciders, by, at)


def _give(row: Explanation, absence: Absence, by: Viewer | None, at: datetime) -> None:
    event = ExplanationHandedOver(
        from_id=row.holder_id, to_id=absence.stand_in_id, answers_for_id=row.holder_id, reason=why(absence),
        due_on=row.due_on,
    )  # fmt: skip
    move(row, (State.WAITING,), None, holder_id=absence.stand_in_id, answers_for_id=row.holder_id)
    record_step(event, row, by, at)
