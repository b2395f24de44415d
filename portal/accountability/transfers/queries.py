"""Which duties wait for another holder, and who might take them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, literal, or_, select, true
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


HOLDER = 4
"""Where the holder stands among the columns of a duty."""
Column = ColumnElement[Any] | InstrumentedAttribute[Any]
OfWhom = Callable[[Column, Column, date], ColumnElement[bool]]
"""Whose duties are meant: a condition on holder, unit and day."""


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
    """The open duties in the viewer's units whose holders have left, by holder and due day; in at most 7 statements.

    The database leaves out who holds a posting in the very unit; the rest is told by the tree of units.
    """
    found = [duty for duty in _open_duties(viewer, today, _left, tree) if duty.waits]
    return sorted(found, key=lambda duty: (duty.holder, duty.due_on or date.min, duty.id))


def held_by(person_id: int, viewer: Viewer, today: date, tree: UnitTree | None = None) -> list[Duty]:
    """Every open duty that one person holds by name in the viewer's units, whether it waits for another or not."""
    found = _open_duties(viewer, today, lambda holder, _unit, _today: holder == person_id, tree)
    return sorted(found, key=lambda duty: (duty.due_on or date.min, duty.id))


def _left(holder: Column, unit: Column, today: date) -> ColumnElement[bool]:
    """Has no posting in the unit today; and had one there, or has none anywhere."""
    now = and_(Posting.valid_from <= today, or_(Posting.valid_to.is_(None), Posting.valid_to >= today))
    here = exists().where(Posting.person_id == holder, Posting.unit_id == unit, now)
    once = exists().where(Posting.person_id == holder, Posting.unit_id == unit, Posting.valid_to < today)
    anywhere = exists().where(Posting.person_id == holder, now)
    return and_(~here, or_(once, ~anywhere))


def _open_duties(viewer: Viewer, today: date, of_whom: OfWhom, tree: UnitTree | None) -> list[Duty]:
    if not may_hand_over(viewer):
        return []
    rows = [*_explanations(viewer, today, of_whom), *_supplements(viewer, today, of_whom)]
    rows += _letters(viewer, today, of_whom)
    rows += [*_violations(viewer, today, of_whom), *_questions(viewer, today, of_whom)]
    if not rows:
        return []
    tree, posted = tree or load_tree(today, with_ended=True), _postings({row.holder_id for row in rows}, today)
    return [replace(row, where=whereabouts(row.unit_id, posted.get(row.holder_id, ()), tree)) for row in rows]


def _in_reach(unit: Column, viewer: Viewer) -> ColumnElement[bool]:
    return true() if viewer.sees_all else unit.in_(sorted(viewer.readable_units))


def _columns(model: Any, holder: Any, due_on: Any) -> tuple[Any, ...]:
    """A duty, its case, unit and holder, in the order of ``Duty``."""
    return (model.id, Case.code, model.unit_id, Unit.name, holder, Person.full_name, model.state, due_on)


def _explanations(viewer: Viewer, today: date, of_whom: OfWhom) -> list[Duty]:
    """Those to be written, the term running; "not mine" waits for the decider instead."""
    holder = Explanation.holder_id
    about = (Breach.officer_id, Breach.head_id, Explanation.answers_for_id)
    found = (
        select(*_columns(Explanation, holder, Explanation.due_on), *about)
        .join(Breach, Breach.id == Explanation.breach_id)
        .join(Case, Case.id == Explanation.case_id)
        .join(Unit, Unit.id == Explanation.unit_id)
        .join(Person, Person.id == holder)
        .where(Explanation.state.in_([word(state) for state in WRITABLE]), Explanation.stopped_at.is_(None))
        .where(_in_reach(Explanation.unit_id, viewer), of_whom(holder, Explanation.unit_id, today))
        .order_by(Explanation.due_on, Explanation.id)
        .limit(MOST)
    )
    rows = db.session.execute(found).all()
    return [Duty(kind_of_explanation(row[HOLDER], *row[-len(about) :]), *row[: -len(about)]) for row in rows]


def _supplements(viewer: Viewer, today: date, of_whom: OfWhom) -> list[Duty]:
    holder = Supplement.holder_id
    found = (
        select(*_columns(Supplement, holder, Supplement.due_on))
        .join(Breach, Breach.id == Supplement.breach_id)
        .join(Case, Case.id == Breach.case_id)
        .join(Unit, Unit.id == Supplement.unit_id)
        .join(Person, Person.id == holder)
        .where(Supplement.state.in_([word(state) for state in TO_WRITE]))
        .where(_in_reach(Supplement.unit_id, viewer), of_whom(holder, Supplement.unit_id, today))
        .order_by(Supplement.due_on, Supplement.id)
        .limit(MOST)
    )
    return [Duty(Kind.SUPPLEMENT, *row) for row in db.session.execute(found)]


def _letters(viewer: Viewer, today: date, of_whom: OfWhom) -> list[Duty]:
    """Those that wait for their officer: not drafted, or sent back."""
    holder = Apology.officer_id
    to_draft = or_(
        Apology.state == word(LetterState.WAITING),
        and_(Apology.state == word(LetterState.DRAFT), Apology.submitted_at.is_(None)),
    )
    found = (
        select(*_columns(Apology, holder, literal(None)))
        .join(Case, Case.id == Apology.case_id)
        .join(Unit, Unit.id == Apology.unit_id)
        .join(Person, Person.id == holder)
        .where(to_draft, _in_reach(Apology.unit_id, viewer), of_whom(holder, Apology.unit_id, today))
        .order_by(Apology.due_at, Apology.id)
        .limit(MOST)
    )
    return [Duty(Kind.LETTER, *row) for row in db.session.execute(found)]


def _violations(viewer: Viewer, today: date, of_whom: OfWhom) -> list[Duty]:
    """Those to be answered, for who reads violations; named by the case, else by the day of finding."""
    if not viewer.may(Permission.READ_VIOLATIONS):
        return []
    holder: Column = func.coalesce(Violation.writer_id, Violation.holder_id)
    found = (
        select(*_columns(Violation, holder, Violation.due_on), Violation.found_on)
        .outerjoin(Case, Case.id == Violation.case_id)
        .join(Unit, Unit.id == Violation.unit_id)
        .join(Person, Person.id == holder)
        .where(Violation.state.in_([word(state) for state in VIOLATION_WRITABLE]))
        .where(_in_reach(Violation.unit_id, viewer), of_whom(holder, Violation.unit_id, today))
        .order_by(Violation.due_on, Violation.id)
        .limit(MOST)
    )
    rows = db.session.execute(found).all()
    return [Duty(Kind.VIOLATION, ident, code or f"{on:%d/%m/%Y}", *rest) for ident, code, *rest, on in rows]


def _questions(viewer: Viewer, today: date, of_whom: OfWhom) -> list[Duty]:
    """Those without an answer. What the writer of an explanation asked goes along with it, and does not stand apart."""
    keeper: Column = func.coalesce(BodyQuestion.followed_by, BodyQuestion.asked_by)
    along = exists().where(
        Explanation.breach_id == BodyQuestion.breach_id, Explanation.holder_id == keeper,
        Explanation.state.in_([word(state) for state in WRITABLE]),
    )  # fmt: skip
    found = (
        select(
            BodyQuestion.id, Case.code, Breach.unit_id, Unit.name, keeper, Person.full_name, BodyQuestion.state,
            BodyQuestion.due_on,
        )
        .join(Breach, Breach.id == BodyQuestion.breach_id)
        .join(Case, Case.id == BodyQuestion.case_id)
        .join(Unit, Unit.id == Breach.unit_id)
        .join(Person, Person.id == keeper)
        .where(BodyQuestion.state == word(QuestionState.ASKED), ~along)
        .where(_in_reach(Breach.unit_id, viewer), of_whom(keeper, Breach.unit_id, today))
        .order_by(BodyQuestion.due_on, BodyQuestion.id)
        .limit(MOST)
    )  # fmt: skip
    return [Duty(Kind.QUESTION, *row) for row in db.session.execute(found)]


def _postings(person_ids: Iterable[int], today: date) -> dict[int, list[int]]:
    """The units in which some people hold postings today."""
    now = and_(Posting.valid_from <= today, or_(Posting.valid_to.is_(None), Posting.valid_to >= today))
    found: dict[int, list[int]] = {}
    rows = select(Posting.person_id, Posting.unit_id).where(Posting.person_id.in_(sorted(person_ids)), now)
    for person_id, unit_id in db.session.execute(rows):
        found.setdefault(person_id, []).append(unit_id)
    return found


def who_might_take(duties: Sequence[Duty], viewer: Viewer, today: date, tree: UnitTree) -> list[tuple[int, str]]:
    """People posted today in or near the units of some duties, within the viewer's reach: (number, name and unit)."""
    units = {duty.unit_id for duty in duties}
    if not units:
        return []
    near = {unit for each in units for unit in _near(each, tree)}
    if not viewer.sees_all:
        near &= viewer.readable_units
    now = and_(Posting.valid_from <= today, or_(Posting.valid_to.is_(None), Posting.valid_to >= today))
    found = (
        select(Person.id, Person.full_name, Unit.name)
        .join(Posting, Posting.person_id == Person.id)
        .join(Unit, Unit.id == Posting.unit_id)
        .where(Posting.unit_id.in_(sorted(near)), now)
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
