"""Reading the registers and the stored files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from portal.database import db
from portal.documents.models import DocumentNumber, NumberRegister, StoredFile


def number_row(unit_id: int, form: str, year: int, number: int) -> DocumentNumber | None:
    """The row of one number, used or cancelled; None while nobody took it."""
    found = select(DocumentNumber).where(
        DocumentNumber.unit_id == unit_id,
        DocumentNumber.form == form,
        DocumentNumber.year == year,
        DocumentNumber.number == number,
    )
    return db.session.scalar(found)


def next_number(unit_id: int, form: str, year: int) -> int:
    """What would be drawn now; only to show it, another clerk may be quicker."""
    register = db.session.get(NumberRegister, (unit_id, form, year))
    return register.last + 1 if register else 1


def numbers_of(unit_id: int, form: str, year: int) -> Sequence[DocumentNumber]:
    """The register of a unit, form and year in the order of its numbers, cancelled ones with their reason."""
    found = select(DocumentNumber).where(
        DocumentNumber.unit_id == unit_id, DocumentNumber.form == form, DocumentNumber.year == year
    )
    return db.session.scalars(found.order_by(DocumentNumber.number)).all()


@dataclass(frozen=True)
class RegisterLine:
    """One number of a register; ``row`` None: nobody has said yet what became of it."""

    number: int
    row: DocumentNumber | None


def register_lines(unit_id: int, form: str, year: int, *, below: int | None, size: int) -> list[RegisterLine]:
    """Up to ``size`` numbers of a register, the highest first; ``below``: from there on downwards. None is left out."""
    last = next_number(unit_id, form, year) - 1
    top = min(last, below - 1) if below is not None else last
    first = max(1, top - size + 1)
    span = DocumentNumber.number.between(first, top)
    found = select(DocumentNumber).where(
        DocumentNumber.unit_id == unit_id, DocumentNumber.form == form, DocumentNumber.year == year, span
    )
    rows = {row.number: row for row in db.session.scalars(found)}
    return [RegisterLine(number, rows.get(number)) for number in range(top, first - 1, -1)]


def open_numbers(unit_id: int, form: str, year: int) -> int:
    """How many numbers up to the highest one nobody has explained."""
    known = select(func.count()).where(
        DocumentNumber.unit_id == unit_id, DocumentNumber.form == form, DocumentNumber.year == year
    )
    return next_number(unit_id, form, year) - 1 - (db.session.scalar(known) or 0)


def register_years(unit_id: int, form: str) -> Sequence[int]:
    """The years in which a unit gave numbers of a form, the newest first."""
    found = select(NumberRegister.year).where(NumberRegister.unit_id == unit_id, NumberRegister.form == form)
    return db.session.scalars(found.order_by(NumberRegister.year.desc())).all()


def stored_file(sha256: str) -> StoredFile | None:
    """The row of a stored file."""
    return db.session.get(StoredFile, sha256)
