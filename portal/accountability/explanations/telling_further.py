"""What is to be told about supplementary explanations (domain rules §3.10): to their writer, then to who decides."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, select

from portal.accountability.explanations import notices
from portal.accountability.explanations.models import Explanation
from portal.accountability.explanations.queries import Deciders
from portal.accountability.explanations.supplements import TO_WRITE, Supplement, SupplementState
from portal.accountability.explanations.telling import stages
from portal.cases.models import Case
from portal.cases.words import word
from portal.database import db
from portal.deadlines import WorkingCalendar
from portal.notices.kinds import Telling, by_stage


@dataclass(frozen=True)
class Row:
    """One supplement with its term; ``own``: whose it is, who never reads of it in the decider's place."""

    id: int
    unit_id: int
    holder_id: int | None
    code: str
    due_on: date
    returned_times: int

    @property
    def own(self) -> frozenset[int]:
        """Who writes it."""
        return frozenset() if self.holder_id is None else frozenset({self.holder_id})

    @property
    def turn(self) -> str:
        """Which time it goes this way; a returned one is told anew."""
        return str(self.returned_times or "")


def tell_of_supplements(today: date, calendar: WorkingCalendar) -> Iterator[Telling]:
    """To write: when it falls due, when it came back, by the reminders of policy. To read: to who would conclude."""
    stage_of = stages(today, calendar)
    to_write = _rows(Supplement.state.in_([word(state) for state in TO_WRITE]))
    yield from by_stage(
        notices.FURTHER, to_write, lambda row: row.holder_id, lambda row: stage_of(row.due_on) or row.turn
    )
    handed_in = _rows(Supplement.state == word(SupplementState.SUBMITTED))
    if handed_in:
        deciders = Deciders.on(today)
        yield from by_stage(
            notices.FURTHER_TO_READ, handed_in, lambda row: deciders.of(row.unit_id, row.own).person_id,
            lambda row: row.turn, due=lambda _row: None,
        )  # fmt: skip


def _rows(condition: ColumnElement[bool]) -> list[Row]:
    columns = (
        Supplement.id, Supplement.unit_id, Supplement.holder_id, Case.code, Supplement.due_on,
        Supplement.returned_times,
    )  # fmt: skip
    found = (
        select(*columns)
        .join(Explanation, Explanation.id == Supplement.explanation_id)
        .join(Case, Case.id == Explanation.case_id)
        .where(condition)
        .order_by(Supplement.due_on, Supplement.id)
    )
    return [Row(*row) for row in db.session.execute(found)]
