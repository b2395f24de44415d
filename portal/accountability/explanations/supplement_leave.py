"""Leave and stand-ins of who writes why a case is still open; the same rules as for the first explanation.

Nothing is concluded from it, so a stand-in simply becomes its holder.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from portal.access.models import Absence
from portal.accountability.explanations import queries
from portal.accountability.explanations.events import SupplementHandedOver, SupplementTermStood
from portal.accountability.explanations.models import Explanation
from portal.accountability.explanations.queries import Deciders
from portal.accountability.explanations.standing import answer_due
from portal.accountability.explanations.supplements import TO_WRITE, Supplement, SupplementState
from portal.accountability.incidents.queries import answer_standstills
from portal.audit import Event, record
from portal.cases.words import word
from portal.database import db, transition
from portal.guard import Viewer


def follow_leave(by: Viewer | None, at: datetime, person_id: int | None) -> int:
    """Let the open terms follow the leave of their holders; gives how many moved. As for explanations."""
    to_write, away = [word(state) for state in TO_WRITE], select(Absence.person_id)
    found = (
        select(Supplement)
        .where(Supplement.state.in_(to_write))
        .where(or_(Supplement.base_due_on.is_not(None), Supplement.holder_id.in_(away)))
        .options(joinedload(Supplement.explanation))
    )
    if person_id is not None:
        found = found.where(Supplement.holder_id == person_id)
    return sum(_follow(row, by, at) for row in db.session.scalars(found).all())


def _follow(row: Supplement, by: Viewer | None, at: datetime) -> bool:
    base, was = row.base_due_on or row.due_on, row.due_on
    due = answer_due(row.holder_id, base, row.noticed_on, answer_standstills(row.breach_id, base, row.id))
    if due == was:
        return False
    _change(row, TO_WRITE, due_on=due, base_due_on=base)
    _record(SupplementTermStood(number=row.number, was_due_on=was, due_on=due), row, by, at)
    return True


def give_to_stand_ins(
    on: date, stand_ins: Mapping[int, Absence], deciders: Deciders, by: Viewer | None, at: datetime
) -> int:
    """What opened on a day goes to who stands in for its absent holder; gives how many.

    Where the stand-in is who will read it, it stays, and its term stands until the holder is back.
    """
    opened = select(Supplement).where(
        Supplement.holder_id.in_(list(stand_ins)), Supplement.noticed_on == on,
        Supplement.state == word(SupplementState.WAITING),
    )  # fmt: skip
    rows = db.session.scalars(opened.options(joinedload(Supplement.explanation).joinedload(Explanation.breach))).all()
    excluded, given = queries.excluded_from_deciding([row.explanation for row in rows]), 0
    for row in rows:
        absence = stand_ins[row.holder_id or 0]
        if deciders.of(row.unit_id, excluded[row.explanation_id]).person_id == absence.stand_in_id:
            continue
        event = SupplementHandedOver(
            number=row.number, from_id=row.holder_id, to_id=absence.stand_in_id, reason=why(absence), due_on=row.due_on
        )
        _change(row, (SupplementState.WAITING,), holder_id=absence.stand_in_id)
        _record(event, row, by, at)
        given += 1
    return given


def why(absence: Absence) -> str:
    """Why, for the trail: until when the holder is away, and by which document."""
    days = f"{absence.first_day:%d/%m/%Y}–{absence.last_day:%d/%m/%Y}"
    return f"{days}, {absence.document}" if absence.document else days


def _change(row: Supplement, states: tuple[SupplementState, ...], **to: date | int | None) -> None:
    transition(Supplement, row.id, where={"state": [state.value for state in states]}, to=to)


def _record(event: Event, row: Supplement, by: Viewer | None, at: datetime) -> None:
    record(event, entity_id=row.explanation_id, by=by, at=at, case_id=row.explanation.case_id)
