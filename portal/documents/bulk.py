"""Statements that move a register: they lock its row, so that of many who draw at once each gets another number."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite

from portal.database import Base, db, dialect
from portal.documents.models import NumberRegister, StoredFile


def _insert(model: type[Base]) -> Any:
    """INSERT that knows ON CONFLICT, in the words of the database."""
    return postgresql.insert(model) if dialect() == "postgresql" else sqlite.insert(model)


def insert_file(sha256: str, size: int, media_type: str, at: datetime) -> None:
    """Write the row of a stored file unless it is known; two who store the same content at once do not collide."""
    values = {"sha256": sha256, "size": size, "media_type": media_type, "made_at": at}
    db.session.execute(_insert(StoredFile).values(**values).on_conflict_do_nothing(index_elements=["sha256"]))


def draw(unit_id: int, form: str, year: int) -> int:
    """Raise the register by one and give the number; the row is locked until the transaction ends."""
    return _upsert(unit_id, form, year, first=1, then=NumberRegister.last + 1)


def reach(unit_id: int, form: str, year: int, number: int) -> int:
    """Lock the register and raise it to ``number`` where it stands lower; gives where it stands now."""
    last = _upsert(unit_id, form, year, first=number, then=NumberRegister.last)
    if last >= number:
        return last
    return _upsert(unit_id, form, year, first=number, then=number)


def _upsert(unit_id: int, form: str, year: int, *, first: int, then: Any) -> int:
    statement = _insert(NumberRegister).values(unit_id=unit_id, form=form, year=year, last=first)
    statement = statement.on_conflict_do_update(
        index_elements=["unit_id", "form", "year"], set_={"last": then}
    ).returning(NumberRegister.last)
    number: int = db.session.execute(statement, execution_options={"synchronize_session": False}).scalar_one()
    return number
