"""Taking numbers from registers and knowing stored files; always inside the caller's ``commit()``."""

from __future__ import annotations

from datetime import datetime

from portal.database import db
from portal.documents import bulk, queries, rules
from portal.documents.models import DocumentNumber
from portal.documents.store import Content
from portal.refusal import Refused


def remember_file(content: Content, *, at: datetime) -> None:
    """Write the row of a file that is already in the store; the same content has one row. ``at``: an instant."""
    bulk.insert_file(content.sha256, content.size, content.media_type, at)


def draw_number(unit_id: int, form: str, year: int, *, used_for: str, at: datetime) -> int:
    """The next number of the register of a unit, form and year; never one that was given before."""
    number = bulk.draw(unit_id, form, year)
    _take(unit_id, form, year, number, used_for, at)
    return number


def take_number(unit_id: int, form: str, year: int, number: int, *, used_for: str, at: datetime) -> int:
    """Take a typed number; raises Refused when it is impossible or was given before, cancelled ones included.

    The register goes on after the highest number, so a later drawn one never meets a typed one.
    """
    if not rules.is_possible_number(number):
        raise Refused("documents.bad_number", number=number)
    bulk.reach(unit_id, form, year, number)
    taken = queries.number_row(unit_id, form, year, number)
    if taken is not None:
        raise Refused("documents.number_taken", number=number, year=year, next=queries.next_number(unit_id, form, year))
    _take(unit_id, form, year, number, used_for, at)
    return number


def cancel_number(unit_id: int, form: str, year: int, number: int, reason: str, *, at: datetime) -> None:
    """Cancel a given number: it stays in the register with the reason and is never given again."""
    row = queries.number_row(unit_id, form, year, number)
    if row is None or row.state != rules.NumberState.USED:
        raise Refused("documents.number_not_in_use", number=number, year=year)
    if not reason.strip():
        raise Refused("documents.reason_missing")
    row.state, row.reason, row.cancelled_at = rules.NumberState.CANCELLED, reason.strip(), at


def _take(unit_id: int, form: str, year: int, number: int, used_for: str, at: datetime) -> None:
    db.session.add(
        DocumentNumber(unit_id=unit_id, form=form, year=year, number=number, state="used", used_for=used_for, at=at)
    )
    db.session.flush()
