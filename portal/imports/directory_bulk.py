"""Set-based writing of what an import makes in the directory, inside the open ``commit()``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import insert

from portal.cases.models import Procedure
from portal.database import db
from portal.directory.models import Person, Posting, Unit, UnitLink
from portal.directory.rules import SINCE_EVER, Line
from portal.guard import Role
from portal.imports.placing import NewPerson, NewProcedure, NewUnit
from portal.vietnamese import fold, name_sort_key, sort_key

LONGEST_KEY = 1_000


def insert_units(units: Sequence[NewUnit], parent_id: int | None) -> dict[int, int]:
    """Units made by an import, below ``parent_id`` on both lines if there is one; negative id to real id."""
    if not units:
        return {}
    rows = [
        {
            "code": unit.code,
            "name": unit.name[:300],
            "folded": fold(unit.name)[:300],
            "sort_key": sort_key(unit.name)[:LONGEST_KEY],
            "kind": unit.kind.value,
            "valid_from": SINCE_EVER,
            "made_by_import": True,
        }
        for unit in units
    ]
    ids = _inserted(Unit, rows)
    if parent_id is not None:
        links = [
            {"unit_id": unit_id, "kind": line.value, "parent_id": parent_id, "valid_from": SINCE_EVER}
            for unit_id in ids
            for line in Line
        ]
        db.session.execute(insert(UnitLink), links)
    return {unit.id: unit_id for unit, unit_id in zip(units, ids, strict=True)}


def insert_people(people: Sequence[NewPerson], units: Mapping[int, int]) -> dict[int, int]:
    """People made by an import, each with an officer's posting and no account; ``units``: ids of units just made."""
    if not people:
        return {}
    rows = [
        {
            "full_name": person.name,
            "folded": fold(person.name)[:200],
            "sort_key": name_sort_key(person.name)[:LONGEST_KEY],
            "made_by_import": True,
        }
        for person in people
    ]
    ids = _inserted(Person, rows)
    postings = [
        {
            "person_id": person_id,
            "unit_id": units.get(person.unit_id, person.unit_id),
            "position": "",
            "role": Role.OFFICER.value,
            "valid_from": SINCE_EVER,
        }
        for person, person_id in zip(people, ids, strict=True)
    ]
    db.session.execute(insert(Posting), postings)
    return {person.id: person_id for person, person_id in zip(people, ids, strict=True)}


def insert_procedures(procedures: Sequence[NewProcedure]) -> dict[int, int]:
    """Procedures the portal did not know."""
    if not procedures:
        return {}
    rows = [
        {
            "code": made.code,
            "title": made.title,
            "folded": fold(made.title),
            "field": made.field[:300],
            "field_folded": fold(made.field)[:300],
            "made_by_import": True,
        }
        for made in procedures
    ]
    return {made.id: real for made, real in zip(procedures, _inserted(Procedure, rows), strict=True)}


def _inserted(model: Any, rows: list[dict[str, Any]]) -> Sequence[int]:
    """Insert rows and give their ids in the same order."""
    return db.session.scalars(insert(model).returning(model.id, sort_by_parameter_order=True), rows).all()
