"""Changing the directory. Every change is dated and recorded; nothing is deleted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from portal.audit import record
from portal.database import Base, db
from portal.directory import queries
from portal.directory.events import (
    PersonChanged,
    PersonCreated,
    PostingAdded,
    PostingChanged,
    UnitChanged,
    UnitCreated,
    UnitParentChanged,
)
from portal.directory.models import Person, Posting, Unit, UnitLink
from portal.directory.rules import SINCE_EVER, Line, PersonKind, UnitKind
from portal.guard import Role, Viewer
from portal.refusal import Refused
from portal.vietnamese import clean, fold, name_sort_key, sort_key

KEY_LENGTH = 1000
ONE_DAY = timedelta(days=1)


def create_unit(
    code: str,
    name: str,
    kind: UnitKind,
    *,
    by: Viewer | None,
    at: datetime,
    valid_from: date = SINCE_EVER,
    valid_to: date | None = None,
    reports_in: Unit | None = None,
    managed_by: Unit | None = None,
    made_by_import: bool = False,
) -> Unit:
    """Add a unit below its parents; ``managed_by`` None means the same as ``reports_in``.

    Raises Refused when the code is taken or the dates are out of order.
    """
    code, name = clean(code), clean(name)
    _check_dates(valid_from, valid_to)
    if queries.unit_by_code(code) is not None:
        raise Refused("directory.unit_code_taken", unit_code=code)
    unit = Unit(code=code, kind=kind, valid_from=valid_from, valid_to=valid_to, made_by_import=made_by_import)
    name_unit(unit, name)
    db.session.add(unit)
    db.session.flush()
    event = UnitCreated(code=code, name=name, unit_kind=kind, valid_from=valid_from, valid_to=valid_to)
    record(event, entity_id=unit.id, by=by, at=at)
    for line, parent in ((Line.REPORTS_IN, reports_in), (Line.MANAGED_BY, managed_by or reports_in)):
        if parent is not None:
            set_parent(unit, line, parent, from_=valid_from, by=by, at=at)
    return unit


def change_unit(unit: Unit, changes: Mapping[str, Any], *, by: Viewer | None, at: datetime) -> bool:
    """Change ``name``, ``kind``, ``valid_from`` or ``valid_to`` of a unit; says whether anything was different."""
    _check_dates(changes.get("valid_from", unit.valid_from), changes.get("valid_to", unit.valid_to))
    different = _differences(unit, changes)
    if not different:
        return False
    if "valid_from" in different:
        _move_first_links(unit, changes["valid_from"])
    for name, (_old, new) in different.items():
        setattr(unit, name, new)
    name_unit(unit, unit.name)
    record(UnitChanged(changes=different), entity_id=unit.id, by=by, at=at)
    return True


def set_parent(
    unit: Unit, line: Line, parent: Unit | None, *, from_: date, by: Viewer | None, at: datetime, check: bool = True
) -> bool:
    """Let a unit stand below another on one line from a day on (None: at the top); says whether that is new.

    The present link ends the day before. Raises Refused when the parent stands below the unit, or when the day lies
    before the present link began. ``check`` False: the caller has looked for circles.
    """
    present = db.session.scalar(
        select(UnitLink).where(UnitLink.unit_id == unit.id, UnitLink.kind == line, UnitLink.valid_to.is_(None))
    )
    if (present.parent_id if present else None) == (parent.id if parent else None):
        return False
    if check and parent is not None and queries.load_tree(from_, with_ended=True).would_loop(line, unit.id, parent.id):
        raise Refused("directory.parent_loop", unit=unit.name, parent=parent.name)
    _replace_link(unit, line, present, parent, from_)
    event = UnitParentChanged(line=line, parent=parent.code if parent else None, valid_from=from_)
    record(event, entity_id=unit.id, by=by, at=at)
    return True


def create_person(
    full_name: str,
    *,
    by: Viewer | None,
    at: datetime,
    code: str | None = None,
    kind: PersonKind | None = None,
    email: str | None = None,
    made_by_import: bool = False,
) -> Person:
    """Add a person, without an account. Raises Refused when the code is taken."""
    code = clean(code or "") or None
    if code and db.session.scalar(select(Person.id).where(Person.code == code)) is not None:
        raise Refused("directory.person_code_taken", person_code=code)
    person = Person(code=code, kind=kind, email=clean(email or "") or None, made_by_import=made_by_import)
    _name_person(person, clean(full_name))
    db.session.add(person)
    db.session.flush()
    record(PersonCreated(code=code, full_name=person.full_name), entity_id=person.id, by=by, at=at)
    return person


def change_person(person: Person, changes: Mapping[str, Any], *, by: Viewer | None, at: datetime) -> bool:
    """Change ``full_name``, ``code``, ``kind`` or ``email`` of a person; says whether anything was different.

    Raises Refused when the code belongs to somebody else.
    """
    different = _differences(person, changes)
    if not different:
        return False
    code = changes.get("code")
    if "code" in different and code and db.session.scalar(select(Person.id).where(Person.code == code)) is not None:
        raise Refused("directory.person_code_taken", person_code=code)
    for name, (_old, new) in different.items():
        setattr(person, name, new)
    _name_person(person, person.full_name)
    record(PersonChanged(changes=different), entity_id=person.id, by=by, at=at)
    return True


def add_posting(
    person: Person,
    unit: Unit,
    role: Role,
    *,
    by: Viewer | None,
    at: datetime,
    position: str = "",
    is_clerk: bool = False,
    valid_from: date = SINCE_EVER,
    valid_to: date | None = None,
) -> Posting:
    """Give a person a role in a unit. Raises Refused when they hold the same role there on one of the days."""
    _check_dates(valid_from, valid_to)
    same = select(Posting).where(Posting.person_id == person.id, Posting.unit_id == unit.id, Posting.role == role)
    if any(_overlap(held, valid_from, valid_to) for held in db.session.scalars(same)):
        raise Refused("directory.posting_overlaps", person=person.full_name, unit=unit.name)
    posting = Posting(
        person_id=person.id, unit_id=unit.id, role=role, position=clean(position), is_clerk=is_clerk,
        valid_from=valid_from, valid_to=valid_to,
    )  # fmt: skip
    db.session.add(posting)
    db.session.flush()
    event = PostingAdded(
        unit=unit.code,
        role=role,
        position=posting.position,
        is_clerk=is_clerk,
        valid_from=valid_from,
        valid_to=valid_to,
    )
    record(event, entity_id=person.id, by=by, at=at)
    return posting


def change_posting(posting: Posting, changes: Mapping[str, Any], *, by: Viewer | None, at: datetime) -> bool:
    """Change ``position``, ``is_clerk``, ``valid_from`` or ``valid_to``; says whether anything was different."""
    _check_dates(changes.get("valid_from", posting.valid_from), changes.get("valid_to", posting.valid_to))
    different = _differences(posting, changes)
    if not different:
        return False
    for name, (_old, new) in different.items():
        setattr(posting, name, new)
    event = PostingChanged(unit=posting.unit.code, role=posting.role, changes=different)
    record(event, entity_id=posting.person_id, by=by, at=at)
    return True


def end_posting(posting: Posting, last_day: date, *, by: Viewer | None, at: datetime) -> None:
    """End a posting after its last day. Raises Refused when it has ended already or would end before it began."""
    if posting.valid_to is not None:
        raise Refused("directory.posting_ended")
    change_posting(posting, {"valid_to": last_day}, by=by, at=at)


def set_clerk(posting: Posting, is_clerk: bool, *, by: Viewer | None, at: datetime) -> bool:
    """Say whether the posting carries the clerk's permission to number letters."""
    return change_posting(posting, {"is_clerk": is_clerk}, by=by, at=at)


def name_unit(unit: Unit, name: str) -> None:
    """Set the name with what it is found and ordered by."""
    unit.name, unit.folded, unit.sort_key = name, fold(name)[:300], sort_key(name)[:KEY_LENGTH]


def _name_person(person: Person, name: str) -> None:
    person.full_name, person.folded, person.sort_key = name, fold(name)[:200], name_sort_key(name)[:KEY_LENGTH]


def _replace_link(unit: Unit, line: Line, present: UnitLink | None, parent: Unit | None, from_: date) -> None:
    """End the present link the day before, or overwrite it when it has not lasted a day; then begin the new one."""
    if present is not None and from_ > present.valid_from:
        present.valid_to = from_ - ONE_DAY
        db.session.flush()
    elif present is not None and parent is not None:
        present.parent_id = parent.id
        return
    elif present is not None:
        db.session.delete(present)
    if parent is not None:
        db.session.add(UnitLink(unit_id=unit.id, kind=line, parent_id=parent.id, valid_from=from_))
    db.session.flush()


def _move_first_links(unit: Unit, first_day: date) -> None:
    """A unit that turns out to have begun on another day has its first parents from that day."""
    first = select(UnitLink).where(UnitLink.unit_id == unit.id, UnitLink.valid_from == unit.valid_from)
    for link in db.session.scalars(first):
        if link.valid_to is None or link.valid_to >= first_day:
            link.valid_from = first_day


def _differences(row: Base, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Field to (old, new) where they differ."""
    return {name: (getattr(row, name), new) for name, new in changes.items() if getattr(row, name) != new}


def _overlap(posting: Posting, valid_from: date, valid_to: date | None) -> bool:
    ends_before = posting.valid_to is not None and posting.valid_to < valid_from
    begins_after = valid_to is not None and valid_to < posting.valid_from
    return not (ends_before or begins_after)


def _check_dates(valid_from: date, valid_to: date | None) -> None:
    if valid_to is not None and valid_to < valid_from:
        raise Refused("directory.dates_out_of_order")
