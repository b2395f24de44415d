"""Reading the directory: trees of a day, heads, holders, lists. Everyone signed in may read it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Self

from sqlalchemy import (
    ColumnElement,
    Date,
    Select,
    Subquery,
    and_,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import contains_eager, joinedload

from portal.database import db
from portal.directory.models import DirectoryFile, Person, Posting, Unit, UnitLink, UnitName, UnitSuccession
from portal.directory.rules import Line, Node, Succession, UnitTree
from portal.guard import Role
from portal.vietnamese import fold

PAGE = 50
SUCCEEDED = "succeeded"
"""The line from a unit to who took over from it, beside the two lines of parents."""


def load_tree(on: date, *, with_ended: bool = False) -> UnitTree:
    """The units in force on a day and their parents of that day, in one query.

    ``with_ended`` adds the units that ended before, under their last parents: rights must reach their old cases.
    """
    columns = (Unit.id, Unit.code, Unit.name, Unit.kind, Unit.sort_key, Unit.valid_to)
    links = _links_and_successions()
    found = select(*columns, links.c.line, links.c.other_id, links.c.since, links.c.until, links.c.number)
    found = found.outerjoin(links, and_(links.c.unit_id == Unit.id, links.c.since <= on))
    found = found.where(Unit.valid_from <= on).order_by(links.c.since)
    if not with_ended:
        found = found.where(_not_ended(Unit.valid_to, on))
    nodes: dict[int, Node] = {}
    parents: dict[tuple[Line, int], int] = {}
    successions: list[Succession] = []
    for row in db.session.execute(found):
        ended = row.valid_to is not None and row.valid_to < on
        nodes[row.id] = Node(row.id, row.code, row.name, row.kind, row.sort_key, ended)
        if row.line == SUCCEEDED:
            successions.append(Succession(row.number, row.id, row.other_id, row.since))
        elif row.line is not None and (ended or row.until is None or row.until >= on):
            parents[Line(row.line), row.id] = row.other_id
    return UnitTree(nodes.values(), parents, successions)


def _links_and_successions() -> Subquery:
    """Dated lines from unit to unit: to its parents, and to who took over from it; one statement reads both."""
    to_parents = select(
        UnitLink.unit_id, UnitLink.kind.label("line"), UnitLink.parent_id.label("other_id"),
        UnitLink.valid_from.label("since"), UnitLink.valid_to.label("until"), UnitLink.id.label("number"),
    )  # fmt: skip
    to_successors = select(
        UnitSuccession.from_id, literal(SUCCEEDED), UnitSuccession.to_id, UnitSuccession.from_day, cast(null(), Date),
        UnitSuccession.id,
    )  # fmt: skip
    return union_all(to_parents, to_successors).subquery("lines")


def head_of(unit_id: int, on: date) -> Posting | None:
    """The head of a unit on a day; of several, who came last. None: the post is vacant."""
    found = _in_force(on).where(Posting.unit_id == unit_id, Posting.role == Role.HEAD)
    return db.session.scalars(found.order_by(Posting.valid_from.desc(), Posting.id.desc()).limit(1)).first()


def heads_on(on: date) -> dict[int, Posting]:
    """Who stands at the head of each unit on a day: its head, else its chair; of several, who came last."""
    found = _in_force(on).where(Posting.role.in_((Role.HEAD, Role.CHAIR)))
    found = found.order_by(Posting.role == Role.HEAD, Posting.valid_from, Posting.id)
    found = found.options(joinedload(Posting.person))
    return {posting.unit_id: posting for posting in db.session.scalars(found)}


def leaders_on(on: date) -> Sequence[Posting]:
    """The heads and chairs of all units on a day with their people; of several in one unit, who came last is last."""
    found = _in_force(on).where(Posting.role.in_((Role.HEAD, Role.CHAIR))).options(joinedload(Posting.person))
    return db.session.scalars(found.order_by(Posting.valid_from, Posting.id)).all()


def holder_posting(person_id: int, unit_id: int, on: date) -> Posting | None:
    """The posting a person holds in a unit on a day; an officer's before any other."""
    found = _in_force(on).where(Posting.person_id == person_id, Posting.unit_id == unit_id)
    held = db.session.scalars(found.order_by(Posting.valid_from.desc(), Posting.id.desc())).all()
    return next((posting for posting in held if posting.role == Role.OFFICER), held[0] if held else None)


def postings_on(
    on: date, *, unit_id: int | None = None, person_id: int | None = None, role: Role | None = None
) -> Sequence[Posting]:
    """The postings in force on a day, with their people, ordered as Vietnamese names are."""
    found = _in_force(on).options(joinedload(Posting.person), joinedload(Posting.unit))
    if unit_id is not None:
        found = found.where(Posting.unit_id == unit_id)
    if person_id is not None:
        found = found.where(Posting.person_id == person_id)
    if role is not None:
        found = found.where(Posting.role == role)
    return db.session.scalars(found.join(Posting.person).order_by(Person.sort_key, Posting.id)).all()


def postings_of(*, unit_id: int | None = None, person_id: int | None = None) -> Sequence[Posting]:
    """All postings of a unit or a person, past and future too, the newest first."""
    found = select(Posting).options(joinedload(Posting.person), joinedload(Posting.unit))
    if unit_id is not None:
        found = found.where(Posting.unit_id == unit_id)
    if person_id is not None:
        found = found.where(Posting.person_id == person_id)
    return db.session.scalars(found.order_by(Posting.valid_from.desc(), Posting.id.desc())).all()


def links_of(unit_id: int) -> Sequence[UnitLink]:
    """The parents of a unit on both lines with their dates, the newest first."""
    found = select(UnitLink).where(UnitLink.unit_id == unit_id).options(joinedload(UnitLink.parent))
    return db.session.scalars(found.order_by(UnitLink.kind.desc(), UnitLink.valid_from.desc())).all()


def former_names_of(unit_id: int) -> Sequence[UnitName]:
    """The names a unit had before, the newest first."""
    return db.session.scalars(
        select(UnitName).where(UnitName.unit_id == unit_id).order_by(UnitName.valid_to.desc())
    ).all()


def successions_of(unit_id: int) -> Sequence[UnitSuccession]:
    """Whom a unit took over from, and who took over from it, in the order of the days."""
    mine = or_(UnitSuccession.from_id == unit_id, UnitSuccession.to_id == unit_id)
    found = select(UnitSuccession).where(mine).order_by(UnitSuccession.from_day, UnitSuccession.id)
    return db.session.scalars(
        found.options(joinedload(UnitSuccession.former), joinedload(UnitSuccession.successor))
    ).all()


def children_on(unit_ids: Sequence[int], on: date) -> Sequence[UnitLink]:
    """The links of units in force that stand directly below some units on a day, on both lines."""
    found = select(UnitLink).join(Unit, Unit.id == UnitLink.unit_id).options(joinedload(UnitLink.unit))
    stands = and_(UnitLink.valid_from <= on, _not_ended(UnitLink.valid_to, on))
    found = found.where(UnitLink.parent_id.in_(unit_ids), stands, _not_ended(Unit.valid_to, on))
    return db.session.scalars(found.order_by(Unit.sort_key, UnitLink.id)).all()


def postings_from(unit_ids: Sequence[int], on: date) -> Sequence[Posting]:
    """The postings in some units that hold on a day or begin later, with people and units, by unit and name."""
    found = select(Posting).join(Posting.person).join(Posting.unit).where(Posting.unit_id.in_(unit_ids))
    found = found.where(_not_ended(Posting.valid_to, on))
    found = found.options(contains_eager(Posting.person), contains_eager(Posting.unit))
    return db.session.scalars(found.order_by(Unit.sort_key, Person.sort_key, Posting.id)).all()


def directory_file(file_id: int, user_id: int | None) -> DirectoryFile | None:
    """An uploaded directory file of one account."""
    found = select(DirectoryFile).where(DirectoryFile.id == file_id, DirectoryFile.user_id == user_id)
    return db.session.scalar(found)


def unit_by_id(unit_id: int) -> Unit | None:
    """A unit by its number."""
    return db.session.get(Unit, unit_id)


def unit_by_code(code: str) -> Unit | None:
    """A unit by the code files call it by."""
    return db.session.scalar(select(Unit).where(Unit.code == code))


def units_in_force(on: date) -> Sequence[Unit]:
    """The units of a day, by name."""
    found = select(Unit).where(Unit.valid_from <= on, _not_ended(Unit.valid_to, on))
    return db.session.scalars(found.order_by(Unit.sort_key, Unit.code)).all()


def person_by_id(person_id: int) -> Person | None:
    """A person by their number."""
    return db.session.get(Person, person_id)


def posting_by_id(posting_id: int) -> Posting | None:
    """A posting with its person and unit."""
    return db.session.get(Posting, posting_id, options=(joinedload(Posting.person), joinedload(Posting.unit)))


def headcounts(on: date) -> dict[int, int]:
    """How many people hold a posting in each unit on a day."""
    found = (
        select(Posting.unit_id, func.count(Posting.person_id.distinct())).where(_covers(on)).group_by(Posting.unit_id)
    )
    return {unit_id: count for unit_id, count in db.session.execute(found)}


@dataclass(frozen=True)
class PersonQuery:
    """People with what narrows them; chained, then counted or read page by page."""

    statement: Select[Person]

    @classmethod
    def everyone(cls) -> Self:
        """All people of the directory."""
        return cls(select(Person))

    def matching(self, text: str) -> Self:
        """People whose name or code holds the text, typed with or without marks."""
        folded = fold(text)
        if not folded:
            return self
        inside = Person.folded.contains(folded, autoescape=True)
        return type(self)(self.statement.where(or_(inside, func.lower(Person.code) == text.strip().lower())))

    def in_unit(self, unit_id: int, on: date) -> Self:
        """People with a posting in the unit on a day."""
        held = select(Posting.person_id).where(_covers(on), Posting.unit_id == unit_id)
        return type(self)(self.statement.where(Person.id.in_(held)))

    def after(self, sort_key: str, person_id: int) -> Self:
        """The page after a person, in the order of names."""
        later = or_(Person.sort_key > sort_key, and_(Person.sort_key == sort_key, Person.id > person_id))
        return type(self)(self.statement.where(later))

    def count(self) -> int:
        """How many there are, exactly."""
        return db.session.scalar(select(func.count()).select_from(self.statement.subquery())) or 0

    def page(self, size: int = PAGE) -> Sequence[Person]:
        """The first page in the order of names, and one row more when there is another page."""
        return db.session.scalars(self.statement.order_by(Person.sort_key, Person.id).limit(size + 1)).all()


def postings_by_person(person_ids: Sequence[int], on: date) -> dict[int, list[Posting]]:
    """The postings in force of several people, by person, in one query."""
    found = _in_force(on).where(Posting.person_id.in_(person_ids)).options(joinedload(Posting.unit))
    held: dict[int, list[Posting]] = {}
    for posting in db.session.scalars(found.order_by(Posting.id)):
        held.setdefault(posting.person_id, []).append(posting)
    return held


def people_named(folded: str, unit_id: int, on: date) -> Sequence[Person]:
    """People of a unit on a day whose folded name is just this; one match is a proposal, several are asked."""
    found = select(Person).where(Person.folded == folded)
    held = select(Posting.person_id).where(_covers(on), Posting.unit_id == unit_id)
    return db.session.scalars(found.where(Person.id.in_(held)).order_by(Person.id)).all()


def open_postings_of(person_id: int) -> Sequence[Posting]:
    """The postings of a person that have no last day, with their units."""
    found = select(Posting).join(Posting.unit).options(contains_eager(Posting.unit))
    return db.session.scalars(found.where(Posting.person_id == person_id, Posting.valid_to.is_(None))).all()


def _in_force(on: date) -> Select[Posting]:
    return select(Posting).where(_covers(on))


def _covers(on: date) -> ColumnElement[bool]:
    return and_(Posting.valid_from <= on, _not_ended(Posting.valid_to, on))


def _not_ended(valid_to: object, on: date) -> ColumnElement[bool]:
    column: ColumnElement[date | None] = valid_to  # type: ignore[assignment]
    return or_(column.is_(None), column >= on)
