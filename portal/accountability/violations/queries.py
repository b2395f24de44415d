"""Reading violations and complaints: one's own, and those of the units one reads by role."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Self

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, joinedload

from portal.accountability.explanations.queries import Deciders, decides
from portal.accountability.explanations.rules import Decider
from portal.accountability.violations.models import Violation, ViolationText
from portal.accountability.violations.rules import OPEN, WRITABLE, Kind, State
from portal.cases.words import word
from portal.database import db
from portal.guard import Permission, Viewer

PAGE = 100


@dataclass(frozen=True)
class ViolationQuery:
    """Violations a viewer may see, narrowed step by step."""

    statement: Select[Violation]

    @classmethod
    def visible_to(cls, viewer: Viewer) -> Self:
        """His own once they are opened (a suspicion accuses nobody), and those of the units he reads by role."""
        found = select(Violation)
        if not viewer.may(Permission.READ_VIOLATIONS):
            return cls(found.where(false()))
        if viewer.sees_all:
            return cls(found)
        people = or_(Violation.holder_id.in_(viewer.person_ids), Violation.writer_id.in_(viewer.person_ids))
        own = people & Violation.state.not_in([word(State.SUSPECTED), word(State.DISMISSED)])
        return cls(found.where(or_(own, Violation.unit_id.in_(viewer.readable_units))))

    def in_states(self, *states: State) -> Self:
        """Those in one of the states."""
        return type(self)(self.statement.where(Violation.state.in_([word(state) for state in states])))

    def of_kind(self, kind: Kind | str) -> Self:
        """Those of one kind."""
        return type(self)(self.statement.where(Violation.kind == word(kind)))

    def of_case(self, case_id: int) -> Self:
        """Those of one case."""
        return type(self)(self.statement.where(Violation.case_id == case_id))

    def recordable_by(self, viewer: Viewer) -> Self:
        """Those of the units for which the viewer records violations, and opens or dismisses suspicions."""
        if viewer.sees_all:
            return self
        return type(self)(self.statement.where(Violation.unit_id.in_(viewer.own_reach)))

    def to_conclude(self, viewer: Viewer, today: date, deciders: Deciders) -> Self:
        """Those that wait for this viewer's conclusion: answered, or not answered in time."""
        if viewer.person_id is None or not viewer.may(Permission.CONCLUDE):
            return type(self)(self.statement.where(false()))
        answered = Violation.state == word(State.ANSWERED)
        silent = and_(Violation.state.in_([word(state) for state in WRITABLE]), Violation.due_on < today)
        return type(self)(self.statement.where(or_(answered, silent), _concluded_by(viewer, deciders)))

    def owed_by(self, *person_ids: int) -> Self:
        """Those that people must answer."""
        owed = self.in_states(*WRITABLE).statement
        own = and_(Violation.writer_id.is_(None), Violation.holder_id.in_(person_ids))
        return type(self)(owed.where(or_(own, Violation.writer_id.in_(person_ids))))

    def get(self, violation_id: int) -> Violation | None:
        """One of them with its facts; None when it is not among them."""
        return db.session.scalars(_with_facts(self.statement.where(Violation.id == violation_id))).first()

    def newest(self, limit: int = PAGE) -> Sequence[Violation]:
        """Open ones first, then the newest."""
        closed = Violation.state.not_in([word(state) for state in OPEN])
        found = _with_facts(self.statement).order_by(closed, Violation.found_on.desc(), Violation.id.desc())
        return db.session.scalars(found.limit(limit)).all()

    def count_statement(self) -> Select[int]:
        """How many, for ``tally``."""
        return select(func.count()).select_from(self.statement.with_only_columns(Violation.id).subquery())

    def counts(self) -> dict[str, int]:
        """How many of each kind."""
        found = self.statement.with_only_columns(Violation.kind, func.count()).group_by(Violation.kind)
        return {kind: count for kind, count in db.session.execute(found)}


def _with_facts(found: Select[Violation]) -> Select[Violation]:
    return found.options(
        joinedload(Violation.case),
        joinedload(Violation.unit),
        joinedload(Violation.holder),
        joinedload(Violation.writer),
        joinedload(Violation.recorder),
        joinedload(Violation.conclusion),
    )


def texts_of(violation_id: int) -> Sequence[ViolationText]:
    """Everything said about one, oldest first."""
    found = select(ViolationText).where(ViolationText.violation_id == violation_id)
    return db.session.scalars(found.order_by(ViolationText.id)).all()


def excluded(violation: Violation) -> frozenset[int]:
    """Who may not conclude: whom it concerns, and who answers for them."""
    people = (violation.holder_id, violation.writer_id)
    return frozenset(person for person in people if person is not None)


def decider_of(violation: Violation, today: date, deciders: Deciders | None = None) -> Decider:
    """Who concludes today: as with explanations, the head of the unit, or the next one upward (rules §3.8)."""
    return (deciders or Deciders.on(today)).of(violation.unit_id, excluded(violation))


def _concluded_by(viewer: Viewer, deciders: Deciders) -> ColumnElement[bool]:
    """The rule of ``decides`` as a condition: of which unit and about whom the viewer concludes (rules §3.8)."""
    own: dict[int, list[int]] = {}
    next_up: dict[int, list[int]] = {}
    for unit_id in sorted(deciders.tree.nodes if viewer.sees_all else viewer.readable_units):
        first = deciders.of(unit_id, frozenset()).person_id
        if first is None:
            continue
        if first in viewer.person_ids:
            own.setdefault(first, []).append(unit_id)
        if decides(viewer, deciders.of(unit_id, frozenset({first})), frozenset({first})):
            next_up.setdefault(first, []).append(unit_id)
    columns = (Violation.holder_id, Violation.writer_id)
    others = (
        and_(Violation.unit_id.in_(units), *(_is_none_of(who, {first, viewer.person_id}) for who in columns))
        for first, units in own.items()
    )
    heads = (
        and_(Violation.unit_id.in_(units), or_(*(who == head for who in columns))) for head, units in next_up.items()
    )
    return or_(false(), *others, *heads)


def _is_none_of(who: InstrumentedAttribute[int | None], people: set[int | None]) -> ColumnElement[bool]:
    return or_(who.is_(None), who.not_in(people))


def is_recorder(viewer: Viewer, violation: Violation) -> bool:
    """Whether a viewer records violations of this unit."""
    records = viewer.may(Permission.RECORD_VIOLATIONS)
    return records and (viewer.sees_all or violation.unit_id in viewer.own_reach)
