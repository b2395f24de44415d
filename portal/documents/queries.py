"""Reading the registers and the stored files."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

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


def stored_file(sha256: str) -> StoredFile | None:
    """The row of a stored file."""
    return db.session.get(StoredFile, sha256)
