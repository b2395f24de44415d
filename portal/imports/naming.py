"""Reading what the directory and a source call things, for comparing cells with."""

from __future__ import annotations

from sqlalchemy import select

from portal.cases.models import Procedure
from portal.database import db
from portal.directory.models import Person, Unit
from portal.imports.header import key_of
from portal.imports.proposing import Known
from portal.sources.meanings import folded
from portal.sources.rules import Vocabulary


def known_names(said: Vocabulary) -> Known:
    """Names of units, people and procedures by the keys cells are compared with, and the words of a source."""
    units = db.session.execute(select(Unit.name, Unit.code)).all()
    return Known(
        units=frozenset(key_of(text) for unit in units for text in (unit.name, unit.code)),
        people=frozenset(map(key_of, db.session.scalars(select(Person.full_name)))),
        procedures=frozenset(map(key_of, db.session.scalars(select(Procedure.title)))),
        meanings=folded(said.meanings),
        channels=folded(said.channels),
    )
