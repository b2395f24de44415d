"""What is to be told about an explanation to others than its holder and decider: objections, questions to bodies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import exists, func, select

from portal.accountability.breaches.models import Breach
from portal.accountability.explanations import notices
from portal.accountability.explanations.models import Conclusion, Explanation, Objection
from portal.accountability.explanations.queries import Deciders
from portal.accountability.explanations.telling import TOLD_FOR, StageOf, stages
from portal.accountability.incidents.models import BodyAnswer, BodyQuestion
from portal.accountability.incidents.rules import QuestionState
from portal.cases.models import Case
from portal.cases.words import word
from portal.database import db
from portal.deadlines import WorkingCalendar
from portal.notices.kinds import Telling, by_stage


@dataclass(frozen=True)
class Row:
    """One thing with its term; ``own``: whose own matter it is."""

    id: int
    unit_id: int | None
    code: str
    due_on: date
    person_id: int | None
    own: frozenset[int] = frozenset()


def _stage(stage_of: StageOf, row: Row) -> str:
    """Told once when it comes, then by each reminder after its term."""
    return stage_of(row.due_on) or ""


def tell_of_objections(today: date, calendar: WorkingCalendar) -> Iterator[Telling]:
    """To the next head up: objections that nobody has decided."""
    rows, stage_of = _objections(today), stages(today, calendar)
    yield from by_stage(notices.OBJECTION, rows, lambda row: row.person_id, lambda row: _stage(stage_of, row))


def _objections(today: date) -> Sequence[Row]:
    """Waiting objections with who decides each: nobody who concluded, nobody concluded upon."""
    decided = exists().where(Conclusion.objection_id == Objection.id)
    found = (
        select(
            Explanation.id, Explanation.unit_id, Case.code, Objection.decision_due_on, Objection.person_id,
            Explanation.holder_id, Breach.officer_id, Explanation.answers_for_id,
        )
        .join(Explanation, Explanation.id == Objection.explanation_id)
        .join(Breach, Breach.id == Explanation.breach_id)
        .join(Case, Case.id == Explanation.case_id)
        .where(~decided)
        .order_by(Objection.id)
    )  # fmt: skip
    waiting = db.session.execute(found).all()
    if not waiting:
        return []
    concluded = _concluded([row.id for row in waiting])
    deciders = Deciders.on(today)
    rows = []
    for ident, unit_id, code, due_on, *people in waiting:
        own = frozenset(person for person in people if person is not None)
        hears = deciders.of(unit_id, own | concluded.get(ident, frozenset()))
        rows.append(Row(ident, unit_id, code, due_on, hears.person_id, own))
    return rows


def _concluded(explanation_ids: list[int]) -> dict[int, frozenset[int]]:
    drawn = select(Conclusion.explanation_id, Conclusion.decided_by, Conclusion.decided_for)
    found: dict[int, frozenset[int]] = {}
    for ident, *people in db.session.execute(drawn.where(Conclusion.explanation_id.in_(explanation_ids))):
        found[ident] = found.get(ident, frozenset()) | {person for person in people if person is not None}
    return found


def tell_of_questions(today: date, calendar: WorkingCalendar) -> Iterator[Telling]:
    """To the head of a unit that is asked about its part, and back to who asked, or took it over, once it answered."""
    stage_of, leaders = stages(today, calendar), Deciders.on(today)

    def leader(row: Row) -> int | None:
        return leaders.of(row.unit_id, frozenset()).person_id if row.unit_id is not None else None

    asked = _questions(BodyQuestion.state == word(QuestionState.ASKED), BodyQuestion.unit_id.is_not(None))
    yield from by_stage(notices.QUESTION, asked, leader, lambda row: _stage(stage_of, row))
    answered = _questions(
        BodyQuestion.id.in_(select(BodyAnswer.question_id).where(BodyAnswer.answered_on >= today - TOLD_FOR))
    )
    yield from by_stage(notices.ANSWERED, answered, lambda row: row.person_id, lambda _row: "", due=lambda _row: None)


def _questions(*conditions: Any) -> list[Row]:
    keeper = func.coalesce(BodyQuestion.followed_by, BodyQuestion.asked_by)
    columns = (BodyQuestion.id, BodyQuestion.unit_id, Case.code, BodyQuestion.due_on, keeper)
    found = select(*columns).join(Case, Case.id == BodyQuestion.case_id).where(*conditions)
    return [Row(*row) for row in db.session.execute(found.order_by(BodyQuestion.id))]
