"""The names behind the numbers of cases, and what may be chosen for a list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import (
    Integer,
    cast,
    false,
    literal,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute

from portal.cases.models import Procedure, Source
from portal.database import db
from portal.directory.models import Person, Posting, Unit

CHOICES = 300


@dataclass(frozen=True)
class Names:
    """What an exported list names beside the line: procedure to code, unit to name."""

    procedure_codes: Mapping[int, str]
    units: Mapping[int, str]


def names_for_export() -> Names:
    """All codes of procedures and names of units, in two queries."""
    codes = db.session.execute(select(Procedure.id, Procedure.code).where(Procedure.code.is_not(None)))
    units = db.session.execute(select(Unit.id, Unit.name))
    return Names({row.id: row.code for row in codes}, {row.id: row.name for row in units})


NAMED: dict[str, tuple[InstrumentedAttribute[int], InstrumentedAttribute[str]]] = {
    "receiving_unit_id": (Unit.id, Unit.name),
    "resolving_unit_id": (Unit.id, Unit.name),
    "officer_id": (Person.id, Person.full_name),
    "procedure_id": (Procedure.id, Procedure.title),
}
"""Fields that hold the number of a row with a name."""


def names_of(field: str, numbers: set[int]) -> dict[int, str]:
    """The names behind the numbers of a field; none asked, none given."""
    if not numbers:
        return {}
    ident, name = NAMED[field]
    return {number: text for number, text in db.session.execute(select(ident, name).where(ident.in_(numbers)))}


def names_of_all(numbers: Mapping[str, set[int]]) -> dict[str, dict[int, str]]:
    """The same for several fields, in one statement."""
    asked = {field: NAMED[field] for field, found in numbers.items() if found}
    said = [
        select(literal(field).label("field"), ident.label("id"), name.label("name")).where(ident.in_(numbers[field]))
        for field, (ident, name) in asked.items()
    ]
    names: dict[str, dict[int, str]] = {field: {} for field in numbers}
    for row in db.session.execute(union_all(*said)) if said else ():
        names[row.field][row.id] = row.name
    return names


def source_name(source_id: int) -> str:
    """The name of a source."""
    return db.session.scalar(select(Source.name).where(Source.id == source_id)) or ""


def officer_choices(unit_ids: frozenset[int] | set[int], chosen: int | None) -> Sequence[tuple[int, str]]:
    """People ever posted in some units, and the one already chosen; by given name."""
    posted = select(Posting.person_id).where(Posting.unit_id.in_(sorted(unit_ids)))
    wanted = or_(Person.id.in_(posted), Person.id == chosen) if chosen else Person.id.in_(posted)
    found = select(Person.id, Person.full_name).where(wanted).order_by(Person.sort_key).limit(CHOICES)
    return [(row.id, row.full_name) for row in db.session.execute(found)]


def procedure_choices(field: str, chosen: int | None) -> tuple[Sequence[str], Sequence[tuple[int, str]]]:
    """All fields of procedures, and the procedures of one field with the one already chosen; one query for both."""
    fields = select(
        cast(null(), Integer).label("id"), Procedure.field.label("text"), Procedure.field_folded.label("folded")
    )
    wanted = or_(Procedure.field == field, Procedure.id == chosen) if field or chosen else false()
    procedures = select(Procedure.id, Procedure.title, Procedure.folded).where(wanted)
    both = union_all(fields.where(Procedure.field != "").distinct(), procedures).subquery()
    rows = db.session.execute(select(both.c.id, both.c.text).order_by(both.c.folded)).all()
    return [text for ident, text in rows if ident is None], [(ident, text) for ident, text in rows if ident is not None]
