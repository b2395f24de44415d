"""Leave and stand-ins of who must answer to a violation or complaint; the rules of explanations, with one exception.

What the file tells goes to the stand-in when it comes up during leave. What only the person can speak of, their own
conduct, waits for them, and their term stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import func, or_, select

from portal.access.models import Absence
from portal.access.queries import leaves_of, leaves_on
from portal.accountability.explanations.queries import Deciders
from portal.accountability.explanations.standing import NewTerm, answer_due
from portal.accountability.explanations.supplement_leave import why
from portal.accountability.violations import queries
from portal.accountability.violations.events import ViolationHandedOver, ViolationTermStood
from portal.accountability.violations.models import Violation
from portal.accountability.violations.rules import OWN_CONDUCT, WRITABLE
from portal.audit import Event, record
from portal.cases.words import word
from portal.database import db, transition
from portal.guard import Viewer

_WRITABLE = [state.value for state in WRITABLE]


def follow_leave(*, by: Viewer | None, at: datetime, person_id: int | None = None) -> int:
    """Let every open term follow the leave of who answers as it is recorded now; gives how many moved.

    ``person_id``: only of this person. Safe to run twice; terms move back where a leave ended early.
    """
    answers = func.coalesce(Violation.writer_id, Violation.holder_id)
    found = (
        select(Violation)
        .where(Violation.state.in_([word(state) for state in WRITABLE]), Violation.due_on.is_not(None))
        .where(or_(Violation.base_due_on.is_not(None), answers.in_(select(Absence.person_id))))
    )
    if person_id is not None:
        found = found.where(answers == person_id)
    return sum(_follow(row, by, at) for row in db.session.scalars(found.order_by(Violation.id)).all())


def _follow(row: Violation, by: Viewer | None, at: datetime) -> bool:
    was = row.due_on
    assert was is not None, "asked for in the query"
    base = row.base_due_on or was
    due = answer_due(row.answers_id, base, row.noticed_on or row.found_on, ())
    if due == was:
        return False
    transition(Violation, row.id, where={"state": _WRITABLE}, to={"due_on": due, "base_due_on": base})
    _record(ViolationTermStood(was_due_on=was, due_on=due), row, by, at)
    return True


def give_to_stand_in(row: Violation, *, by: Viewer, at: datetime, today: date) -> bool:
    """Let the stand-in answer what was opened today about somebody on leave; whether it went there.

    Never about the person's own conduct, nor to who will conclude: then it stays, and its term stands.
    """
    if row.holder_id is None or row.kind in OWN_CONDUCT:
        return False
    absence = next((one for one in leaves_on(today) if one.person_id == row.holder_id), None)
    if absence is None or queries.decider_of(row, today, Deciders.on(today)).person_id == absence.stand_in_id:
        return False
    term = NewTerm.of(absence.stand_in_id, today)
    transition(Violation, row.id, where={"state": _WRITABLE}, to={"writer_id": absence.stand_in_id, **term.columns})
    event = ViolationHandedOver(
        from_id=row.holder_id, to_id=absence.stand_in_id, reason=why(absence), due_on=term.due_on
    )
    _record(event, row, by, at)
    return True


def leaves_during(row: Violation) -> Sequence[Absence]:
    """The leaves during which its running term stands; none where nothing moved it."""
    if row.base_due_on is None or row.due_on is None or row.answers_id is None or row.state not in WRITABLE:
        return ()
    since = row.noticed_on or row.found_on
    found = leaves_of([row.answers_id], since)
    return [one for one in found if one.last_day > since and one.first_day <= row.due_on]


def _record(event: Event, row: Violation, by: Viewer | None, at: datetime) -> None:
    record(event, entity_id=row.id, by=by, at=at, case_id=row.case_id)
