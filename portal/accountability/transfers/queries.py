"""Which duties wait for another holder, and who might take them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    Integer,
    Select,
    String,
    and_,
    cast,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute

from portal.accountability.apologies.models import Apology
from portal.accountability.apologies.rules import State as LetterState
from portal.accountability.breaches.models import Breach
from portal.accountability.explanations.models import Explanation
from portal.accountability.explanations.rules import WRITABLE
from portal.accountability.explanations.supplements import TO_WRITE, Supplement
from portal.accountability.incidents.models import BodyQuestion
from portal.accountability.incidents.rules import QuestionState
from portal.accountability.transfers.rules import (
    Kind,
    Whereabouts,
    kind_of_explanation,
    waits_for_another,
    whereabouts,
)
from portal.accountability.violations.models import Violation
from portal.accountability.violations.rules import WRITABLE as VIOLATION_WRITABLE
from portal.cases.models import Case
from portal.cases.words import word
from portal.database import db
from portal.directory.models import Person, Posting, Unit
from portal.directory.queries import load_tree
from portal.directory.rules import Line, UnitTree
from portal.guard import Permission, Viewer

MOST = 500
"""Duties of one kind on one page, the oldest first; those left over stand there once the others are handed over."""


Column = ColumnElement[Any] | InstrumentedAttribute[Any]
OfWhom = Callable[[Column, Column, date], ColumnElement[bool]]
"""Whose duties are meant: a condition on holder, unit and day."""
NOBODY = cast(null(), Integer)
NO_DAY = cast(null(), Date)


@dataclass(frozen=True)
class Duty:
    """One open duty with its holder. ``due_on`` None: a letter, whose term does not wait for anybody."""

    kind: Kind
    id: int
    case_code: str
    unit_id: int
    unit: str
    holder_id: int
    holder: str
    state: str
    due_on: date | None
    where: Whereabouts = Whereabouts.HERE

    @property
    def waits(self) -> bool:
        """Whether somebody must name who does it from now on."""
        return waits_for_another(self.kind, self.where)


def may_hand_over(viewer: Viewer) -> bool:
    """Whether the viewer hands over duties at all; which ones, his units say."""
    return viewer.may(Permission.HAND_OVER_DUTIES)


def waiting_for_another(viewer: Viewer, today: date, tree: UnitTree | None = None) -> list[Duty]:
    """The open duties in the viewer's units whose holders have left, by holder and due day; in one or two statements.

    The database leaves out who holds a posting in the very unit; the rest is told by the tree of units, read here where
    it is not given.
    """
    found = [duty for duty in _open_duties(viewer, today, _left, tree) if duty.waits]
    return sorted(found, key=lambda duty: (duty.holder, duty.due_on or date.max, duty.id))


def held_by(person_id: int, viewer: Viewer, today: date, tree: UnitTree | None = None) -> list[Duty]:
    """Every open duty that one person holds by name in the viewer's units, whether it waits for another or not."""
    found = _open_duties(viewer, today, lambda holder, _unit, _today: holder == person_id, tree)
    return sorted(found, key=lambda duty: (duty.due_on or date.max, duty.id))


def _in_force(today: date) -> ColumnElement[bool]:
    return and_(Posting.valid_from <= today, or_(Posting.valid_to.is_(None), Posting.valid_to >= today))


def _leavers(today: date) -> Select[int]:
    """Who has left some post, or holds none today: only they can have left a duty behind."""
    ended = exists().where(Posting.person_id == Person.id, Posting.valid_to < today)
    now = exists().where(Posting.person_id == Person.id, _in_force(today))
    return select(Person.id).where(or_(ended, ~now))


def _left(holder: Column, unit: Column, today: date) -> ColumnElement[bool]:
    """Has no posting in the unit today; and had one there, or has none anywhere."""
    here = exists().where(Posting.person_id == holder, Posting.unit_id == unit, _in_force(today))
    once = exists().where(Posting.person_id == holder, Posting.unit_id == unit, Posting.valid_to < today)
    anywhere = exists().where(Posting.person_id == holder, _in_force(today))
    return and_(holder.in_(_leavers(today)), ~here, or_(once, ~anywhere))


def _open_duties(viewer: Viewer, today: date, of_whom: OfWhom, tree: UnitTree | None) -> list[Duty]:
    """Every kind in one statement, each duty with the units in which its holder works today."""
    if not may_hand_over(viewer):
        return []
    asked = [_explanations, _supplements, _letters, _questions]
    asked += [_violations] if viewer.may(Permission.READ_VIOLATIONS) else []
    duties = union_all(*(select(part(viewer, today, of_whom).subquery()) for part in asked)).subquery("duties")
    works = and_(Posting.person_id == duties.c.holder_id, _in_force(today))
    found = select(duties, Posting.unit_id.label("works_in")).outerjoin(Posting, works)
    rows = db.session.execute(found).all()
    if not rows:
        return []
    tree = tree or load_tree(today, with_ended=True)
    posted: dict[int, set[int]] = {}
    for row in rows:
        posted.setdefault(row.holder_id, set()).update(() if row.works_in is None else (row.works_in,))
    once = {(row.kind, row.id): row for row in rows}
    return [_duty(row, whereabouts(row.unit_id, posted[row.holder_id], tree)) for row in once.values()]


def _duty(row: Any, where: Whereabouts) -> Duty:
    kind, code = Kind(row.kind), row.code or f"{row.found_on:%d/%m/%Y}"
    if kind is Kind.EXPLANATION:
        kind = kind_of_explanation(row.holder_id, row.officer_id, row.head_id, row.answers_for_id)
    return Duty(kind, row.id, code, row.unit_id, row.unit, row.holder_id, row.holder, row.state, row.due_on, where)


def _in_reach(unit: Column, viewer: Viewer) -> ColumnElement[bool]:
    return true() if viewer.sees_all else unit.in_(sorted(viewer.readable_units))


def _columns(
    kind: Kind, model: Any, unit_id: Column, holder: Column, due_on: Any, *about: Any, found_on: Any = NO_DAY
) -> tuple[Any, ...]:
    """A duty, its case, unit and holder; ``about``: officer, head and whom it is written for, of an explanation."""
    officer, head, answers_for = about or (NOBODY, NOBODY, NOBODY)
    return (
        literal(kind.value, String).label("kind"), model.id.label("id"), Case.code.label("code"),
        unit_id.label("unit_id"), Unit.name.label("unit"), holder.label("holder_id"),
        Person.full_name.label("holder"), model.state.label("state"), due_on.label("due_on"),
        officer.label("officer_id"), head.label("head_id"), answers_for.label("answers_for_id"),
        found_on.label("found_on"),
    )  # fmt: skip


def _explanations(viewer: Viewer, today: date, of_whom: OfWhom) -> Select[Any]:
    """Those to be written, the term running; "not mine" waits for the decider instead."""
    holder, unit = Explanation.holder_id, Explanation.unit_id
    about = (Breach.officer_id, Breach.head_id, Explanation.answers_for_id)
    return (
        select(*_columns(Kind.EXPLANATION, Explanation, unit, holder, Explanation.due_on, *about))
        .join(Breach, Breach.id == Explanation.breach_id)
        .join(Case, Case.id == Explanation.case_id)
        .join(Unit, Unit.id == unit)
        .join(Person, Person.id == holder)
        .where(Explanation.state.in_([word(state) for state in WRITABLE]), Explanation.stopped_at.is_(None))
        .where(_in_reach(unit, viewer), of_whom(holder, unit, today))
        .order_by(Explanation.due_on, Explanation.id)
        .limit(MOST)
    )


def _supplements(viewer: Viewer, today: date, of_whom: OfWhom) -> Select[Any]:
    holder, unit = Supplement.holder_id, Supplement.unit_id
    return (
        select(*_columns(Kind.SUPPLEMENT, Supplement, unit, holder, Supplement.due_on))
        .join(Breach, Breach.id == Supplement.breach_id)
        .join(Case, Case.id == Breach.case_id)
        .join(Unit, Unit.id == unit)
        .join(Person, Person.id == holder)
        .where(Supplement.state.in_([word(state) for state in TO_WRITE]))
        .where(_in_reach(unit, viewer), of_whom(holder, unit, today))
        .order_by(Supplement.due_on, Supplement.id)
        .limit(MOST)
    )


def _letters(viewer: Viewer, today: date, of_whom: OfWhom) -> Select[Any]:
    """Those that wait for their officer: not drafted, or sent back."""
    holder, unit = Apology.officer_id, Apology.unit_id
    to_draft = or_(
        Apology.state == word(LetterState.WAITING),
        and_(Apology.state == word(LetterState.DRAFT), Apology.submitted_at.is_(None)),
    )
    return (
        select(*_columns(Kind.LETTER, Apology, unit, holder, NO_DAY))
        .join(Case, Case.id == Apology.case_id)
        .join(Unit, Unit.id == unit)
        .join(Person, Person.id == holder)
        .where(to_draft, _in_reach(unit, viewer), of_whom(holder, unit, today))
        .order_by(Apology.due_at, Apology.id)
        .limit(MOST)
    )


def _violations(viewer: Viewer, today: date, of_whom: OfWhom) -> Select[Any]:
    """Those to be answered; named by the case, else by the day of finding."""
    holder: Column = func.coalesce(Violation.writer_id, Violation.holder_id)
    unit = Violation.unit_id
    return (
        select(*_columns(Kind.VIOLATION, Violation, unit, holder, Violation.due_on, found_on=Violation.found_on))
        .outerjoin(Case, Case.id == Violation.case_id)
        .join(Unit, Unit.id == unit)
        .join(Person, Person.id == holder)
        .where(Violation.state.in_([word(state) for state in VIOLATION_WRITABLE]))
        .where(_in_reach(unit, viewer), of_whom(holder, unit, today))
        .order_by(Violation.due_on, Violation.id)
        .limit(MOST)
    )


def _questions(viewer: Viewer, today: date, of_whom: OfWhom) -> Select[Any]:
    """Those without an answer. What the writer of an explanation asked goes along with it, and does not stand apart.

    The same of a further explanation.
    """
    keeper: Column = func.coalesce(BodyQuestion.followed_by, BodyQuestion.asked_by)
    unit = Breach.unit_id
    along = exists().where(
        Explanation.breach_id == BodyQuestion.breach_id, Explanation.holder_id == keeper,
        Explanation.state.in_([word(state) for state in WRITABLE]),
    )  # fmt: skip
    further = exists().where(
        Supplement.id == BodyQuestion.supplement_id, Supplement.holder_id == keeper,
        Supplement.state.in_([word(state) for state in TO_WRITE]),
    )  # fmt: skip
    return (
        select(*_columns(Kind.QUESTION, BodyQuestion, unit, keeper, BodyQuestion.due_on))
        .join(Breach, Breach.id == BodyQuestion.breach_id)
        .join(Case, Case.id == BodyQuestion.case_id)
        .join(Unit, Unit.id == unit)
        .join(Person, Person.id == keeper)
        .where(BodyQuestion.state == word(QuestionState.ASKED), ~along, ~further)
        .where(_in_reach(unit, viewer), of_whom(keeper, unit, today))
        .order_by(BodyQuestion.due_on, BodyQuestion.id)
        .limit(MOST)
    )


def who_might_take(duties: Sequence[Duty], viewer: Viewer, today: date, tree: UnitTree) -> list[tuple[int, str]]:
    """People posted today in or near the units of some duties, within the viewer's reach: (number, name and unit)."""
    units = {duty.unit_id for duty in duties}
    if not units:
        return []
    near = {unit for each in units for unit in _near(each, tree)}
    if not viewer.sees_all:
        near &= viewer.readable_units
    found = (
        select(Person.id, Person.full_name, Unit.name)
        .join(Posting, Posting.person_id == Person.id)
        .join(Unit, Unit.id == Posting.unit_id)
        .where(Posting.unit_id.in_(sorted(near)), _in_force(today))
        .order_by(Person.sort_key, Person.id, Posting.id)
    )
    people: dict[int, str] = {}
    for ident, name, unit in db.session.execute(found):
        people.setdefault(ident, f"{name} – {unit}")
    return list(people.items())


def _near(unit_id: int, tree: UnitTree) -> set[int]:
    """The unit, its parts, who took over from it with their parts, and the unit above."""
    now = {unit_id, *tree.heirs(unit_id)}
    parts = {part for unit in now for part in tree.subtree(Line.MANAGED_BY, unit)}
    return now | parts | {above for unit in now if (above := tree.parent(Line.MANAGED_BY, unit)) is not None}
