"""What is to be told about explanations at the start of a working day, derived from their states. Reads only.

Nobody's silence is concluded here: reminders go to who owes the answer, the last one to the next head up as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select

from portal.accountability.breaches.models import Breach
from portal.accountability.explanations import notices
from portal.accountability.explanations.models import Conclusion, Explanation, Redirection, RedirectionAnswer
from portal.accountability.explanations.queries import Deciders
from portal.accountability.explanations.rules import WRITABLE, Stage, State, stage_days, stage_on
from portal.cases.models import Case
from portal.cases.words import word
from portal.database import db
from portal.deadlines import DayOutsideCalendar, WorkingCalendar
from portal.notices.kinds import Kind, Telling, Whom, by_stage
from portal.policy import queries as policy

TOLD_FOR = timedelta(days=7)
"""A conclusion older than this is no news."""
_WRITABLE = [word(state) for state in WRITABLE]


@dataclass(frozen=True)
class Row:
    """What telling needs of one explanation."""

    id: int
    unit_id: int
    holder_id: int | None
    officer_id: int | None
    code: str
    due_on: date
    decision_due_on: date | None
    returned_times: int
    stopped_at: Any
    answers_for_id: int | None
    section_unit_id: int | None
    section_due_on: date | None

    @property
    def own(self) -> frozenset[int]:
        """Whose own case it is: they neither decide it nor read of it in the decider's place."""
        people = (self.holder_id, self.answers_for_id, self.officer_id)
        return frozenset(person for person in people if person is not None)


def rows_where(*conditions: ColumnElement[bool]) -> list[Row]:
    """The explanations in a state, in the order of their terms; one statement."""
    columns: tuple[Any, ...] = (
        Explanation.id, Explanation.unit_id, Explanation.holder_id, Breach.officer_id, Case.code, Explanation.due_on,
        Explanation.decision_due_on, Explanation.returned_times, Explanation.stopped_at, Explanation.answers_for_id,
        Explanation.section_unit_id, Explanation.section_due_on,
    )  # fmt: skip
    found = select(*columns).join(Breach, Breach.id == Explanation.breach_id)
    found = found.join(Case, Case.id == Explanation.case_id).where(*conditions)
    return [Row(*row) for row in db.session.execute(found.order_by(Explanation.due_on, Explanation.id))]


class Above:
    """Who decides each explanation today, and who comes next when he is silent; the rule of §3.8 for both."""

    def __init__(self, today: date) -> None:
        self._deciders, self._named = Deciders.on(today), _named_by_open_redirections()

    def decider(self, row: Row) -> int | None:
        """Who decides; None where that is the level above."""
        return self._of(row, frozenset())

    def section_head(self, row: Row) -> int | None:
        """Who heads the section that reads an answer first, today."""
        reader = self._deciders.heads.get(row.section_unit_id or 0)
        return None if reader in row.own else reader

    def next_up(self, row: Row) -> int | None:
        """The next head up from who decides."""
        first = self.decider(row)
        return None if first is None else self._of(row, frozenset({first}))

    def _of(self, row: Row, silent: frozenset[int]) -> int | None:
        excluded = row.own | self._named.get(row.id, frozenset()) | silent
        return self._deciders.of(row.unit_id, excluded).person_id


def _named_by_open_redirections() -> dict[int, frozenset[int]]:
    """By explanation, whom its holder named: they do not decide it, unless they were found wrongly named."""
    found = (
        select(Redirection.explanation_id, Redirection.named_id)
        .join(Explanation, Explanation.id == Redirection.explanation_id)
        .outerjoin(RedirectionAnswer, RedirectionAnswer.redirection_id == Redirection.id)
        .where(or_(RedirectionAnswer.id.is_(None), RedirectionAnswer.accepted))
        .where(Explanation.state.in_([*_WRITABLE, word(State.SUBMITTED)]))
    )
    named: dict[int, frozenset[int]] = {}
    for explanation_id, person_id in db.session.execute(found):
        if person_id is not None:
            named[explanation_id] = named.get(explanation_id, frozenset()) | {person_id}
    return named


def tell_of_explanations(today: date, calendar: WorkingCalendar) -> Iterator[Telling]:
    """Everything there is to tell about explanations."""
    above, stage_of = Above(today), stages(today, calendar)
    running = and_(Explanation.state.in_(_WRITABLE), Explanation.stopped_at.is_(None))
    yield from _plain(notices.NEW, rows_where(Explanation.state == word(State.WAITING), Explanation.due_on >= today,
                                              Explanation.stopped_at.is_(None)), _holder)  # fmt: skip
    returned = rows_where(Explanation.state == word(State.RETURNED))
    yield from by_stage(notices.RETURNED, returned, _holder, lambda row: str(row.returned_times))
    unanswered = rows_where(running, Explanation.holder_id.is_not(None), Explanation.due_on < today)
    yield from by_stage(notices.UNANSWERED, unanswered, _holder, lambda row: stage_of(row.due_on))
    silent = [row for row in unanswered if stage_of(row.due_on) is Stage.NEXT_HEAD]
    yield from _plain(notices.NO_ANSWER, silent, above.decider)
    yield from _with_sections(above, stage_of, today)
    with_section = and_(Explanation.section_due_on.is_not(None), Explanation.section_due_on >= today)
    submitted = rows_where(Explanation.state == word(State.SUBMITTED), ~with_section)
    yield from by_stage(notices.TO_CONCLUDE, submitted, above.decider, lambda row: str(row.returned_times),
                        due=lambda row: row.decision_due_on)  # fmt: skip
    yield from _undecided(submitted, above, stage_of, today)
    homeless = rows_where(
        Explanation.state.in_(_WRITABLE), or_(Explanation.stopped_at.is_not(None), Explanation.holder_id.is_(None))
    )
    yield from by_stage(notices.WITHOUT_HOLDER, homeless, above.decider, _since)
    yield from _plain(notices.CONCLUDED, _concluded(today), _responsible, due=lambda _row: None)


def _with_sections(above: Above, stage_of: StageOf, today: date) -> Iterator[Telling]:
    """To heads of sections: what they read first; after their term they are reminded, at last its head is told."""
    rows = rows_where(Explanation.state == word(State.SUBMITTED), Explanation.section_due_on.is_not(None))
    reader = {row.id: above.section_head(row) for row in rows}
    yield from by_stage(notices.SECTION, rows, lambda row: reader[row.id],
                        lambda row: stage_of(row.section_due_on) or "", due=lambda row: row.section_due_on)  # fmt: skip
    silent = [row for row in rows if row.section_due_on and stage_of(row.section_due_on) is Stage.NEXT_HEAD]
    yield from _plain(notices.SECTION_SILENT, silent, above.decider, due=lambda row: row.section_due_on)


def _undecided(rows: Sequence[Row], above: Above, stage_of: StageOf, today: date) -> Iterator[Telling]:
    late = [row for row in rows if row.decision_due_on is not None and row.decision_due_on < today]

    def stage(row: Row) -> str | None:
        return stage_of(row.decision_due_on) if row.decision_due_on else None

    yield from by_stage(notices.UNDECIDED, late, above.decider, stage, due=lambda row: row.decision_due_on)
    silent = [row for row in late if stage(row) == Stage.NEXT_HEAD]
    yield from _plain(notices.UNDECIDED_BELOW, silent, above.next_up, due=lambda row: row.decision_due_on)


def _concluded(today: date) -> list[Row]:
    lately = select(Conclusion.explanation_id).where(Conclusion.decided_on >= today - TOLD_FOR)
    return rows_where(Explanation.state == word(State.CONCLUDED), Explanation.id.in_(lately))


def _holder(row: Row) -> int | None:
    return row.holder_id


def _responsible(row: Row) -> int | None:
    return row.answers_for_id or row.holder_id


def _since(row: Row) -> str:
    """Each "not mine" is told anew; a duty that never had a holder once."""
    return f"{row.stopped_at:%y%m%d%H%M}" if row.stopped_at else ""


StageOf = Callable[[date], Stage | None]


def stages(today: date, calendar: WorkingCalendar) -> StageOf:
    """How far somebody is to be urged today, by the day on which their term ended; the days are policy.

    None beyond the loaded calendar: nothing is counted on a guess, and the missing year is told of itself.
    """
    rules = policy.rule_set(today)

    @cache
    def stage_of(due_on: date) -> Stage | None:
        try:
            days = stage_days(
                due_on, calendar, reminders_after_days=rules.reminders_after_days,
                escalate_after_days=rules.escalate_after_days,
            )  # fmt: skip
        except DayOutsideCalendar:
            return None
        return stage_on(today, days)

    return stage_of


def _plain(
    kind: Kind, rows: Iterable[Row], whom: Whom, due: Callable[[Any], date | None] = lambda row: row.due_on
) -> Iterator[Telling]:
    return by_stage(kind, rows, whom, lambda _row: "", due)
