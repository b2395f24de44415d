"""What is to be told about violations at the start of a working day, derived from their states. Reads only.

A label is the code of the case or the day of finding: nothing of what was said travels by mail.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from flask_babel import LazyString, ngettext
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute

from portal.accountability.explanations.queries import Deciders
from portal.accountability.explanations.telling import stages
from portal.accountability.violations.models import Violation
from portal.accountability.violations.rules import WRITABLE, State
from portal.cases.models import Case
from portal.cases.words import word
from portal.database import db
from portal.deadlines import WorkingCalendar
from portal.notices.kinds import Kind, Telling, Words, by_stage, known_kind


def _kind(name: str, label: LazyString, says: Words) -> Kind:
    return known_kind(
        Kind(
            name=f"violations.{name}",
            label=label,
            says=says,
            listed="violations.index",
            endpoint="violations.show",
            argument="violation_id",
        )
    )


TO_ANSWER = _kind(
    "to_answer",
    _l("A violation or complaint to answer"),
    lambda count, _stage: ngettext(
        "%(num)s violation or complaint waits for your answer",
        "%(num)s violations or complaints wait for your answer",
        count,
    ),
)
TO_CONCLUDE = _kind(
    "to_conclude",
    _l("A violation or complaint to conclude"),
    lambda count, _stage: ngettext(
        "%(num)s violation or complaint waits for your conclusion",
        "%(num)s violations or complaints wait for your conclusion",
        count,
    ),
)


@dataclass(frozen=True)
class Row:
    """One violation with its term; ``own``: whom it concerns, who never reads of it in the decider's place."""

    id: int
    unit_id: int
    holder_id: int | None
    code: str
    due_on: date
    returned_times: int
    writer_id: int | None

    @property
    def own(self) -> frozenset[int]:
        """Whom it concerns, and who answers for them."""
        return frozenset(person for person in (self.holder_id, self.writer_id) if person is not None)


def tell_of_violations(today: date, calendar: WorkingCalendar) -> Iterator[Telling]:
    """To whom it concerns when it comes, when it is returned and by the reminders of policy; then to who concludes."""
    deciders, stage_of = Deciders.on(today), stages(today, calendar)

    def decider(row: Row) -> int | None:
        return deciders.of(row.unit_id, row.own).person_id

    owed = _rows(Violation.due_on, Violation.state.in_([word(state) for state in WRITABLE]))
    yield from by_stage(
        TO_ANSWER, owed, lambda row: row.writer_id or row.holder_id, lambda row: stage_of(row.due_on) or _turn(row)
    )
    answered = _rows(Violation.decision_due_on, Violation.state == word(State.ANSWERED))
    yield from by_stage(TO_CONCLUDE, answered, decider, lambda row: stage_of(row.due_on) or _turn(row))


def _turn(row: Row) -> str:
    return str(row.returned_times or "")


def _rows(due_on: InstrumentedAttribute[date | None], condition: ColumnElement[bool]) -> list[Row]:
    columns = (
        Violation.id, Violation.unit_id, Violation.holder_id, Case.code, due_on, Violation.returned_times,
        Violation.found_on, Violation.writer_id,
    )  # fmt: skip
    found = select(*columns).outerjoin(Case, Case.id == Violation.case_id).where(condition)
    return [
        Row(row[0], row[1], row[2], row[3] or f"{row[6]:%d/%m/%Y}", row[4], row[5], row[7])
        for row in db.session.execute(found.order_by(Violation.id))
        if row[4] is not None
    ]
