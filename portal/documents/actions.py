"""Taking numbers from registers and knowing stored files; always inside the caller's ``commit()``."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from portal.database import db
from portal.documents import bulk, queries, rules
from portal.documents.models import DocumentNumber
from portal.documents.store import Content
from portal.refusal import Refused
from portal.vietnamese import clean

LONGEST_NOTE = 300
OUTSIDE = "outside"
"""What the number of a document that the portal does not know is used for."""


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

    A number that was kept back may be typed: it is used now. The register goes on after the highest number, so a later
    drawn one never meets a typed one.
    """
    kept = _lock(unit_id, form, year, number)
    if kept is not None and kept.state == rules.NumberState.RESERVED:
        kept.state, kept.used_for = rules.NumberState.USED, used_for
        db.session.flush()
        return number
    _refuse_taken(kept)
    _take(unit_id, form, year, number, used_for, at)
    return number


def keep_back(unit_id: int, form: str, year: int, number: int | None, note: str, *, at: datetime) -> int:
    """Reserve a number, typed or the next one, for a document that is still to come; gives it. ``note``: for what."""
    words = _reason(note)
    number = bulk.draw(unit_id, form, year) if number is None else number
    _refuse_taken(_lock(unit_id, form, year, number))
    _take(unit_id, form, year, number, "", at, state=rules.NumberState.RESERVED, note=words)
    return number


def used_outside(unit_id: int, form: str, year: int, number: int, note: str, *, at: datetime) -> None:
    """Say that a number stands on a document outside the portal: one that was kept back, or one nobody explained."""
    words = _reason(note)
    kept = _lock(unit_id, form, year, number, only_known=True)
    if kept is None:
        _take(unit_id, form, year, number, OUTSIDE, at, note=words)
        return
    if kept.state != rules.NumberState.RESERVED:
        _refuse_taken(kept)
    kept.state, kept.used_for, kept.note = rules.NumberState.USED, OUTSIDE, words


def drop_number(unit_id: int, form: str, year: int, number: int, reason: str, *, at: datetime) -> None:
    """Cancel a number that no document carries: one that was kept back, or one that nobody explained."""
    words = _reason(reason)
    kept = _lock(unit_id, form, year, number, only_known=True)
    if kept is None:
        state = rules.NumberState.CANCELLED
        _take(unit_id, form, year, number, "", at, state=state, reason=words, cancelled_at=at)
        return
    if kept.state != rules.NumberState.RESERVED:
        _refuse_taken(kept)
    kept.state, kept.reason, kept.cancelled_at = rules.NumberState.CANCELLED, words, at


def _lock(unit_id: int, form: str, year: int, number: int, *, only_known: bool = False) -> DocumentNumber | None:
    """Lock the register and give the row of a number. ``only_known``: the register must have reached it already."""
    if not rules.is_possible_number(number):
        raise Refused("documents.bad_number", number=number)
    if only_known and number >= queries.next_number(unit_id, form, year):
        raise Refused("documents.number_not_reached", number=number, year=year)
    bulk.reach(unit_id, form, year, number)
    row = queries.number_row(unit_id, form, year, number)
    if row is not None:
        db.session.refresh(row)
    return row


def _refuse_taken(row: DocumentNumber | None) -> None:
    if row is not None:
        following = queries.next_number(row.unit_id, row.form, row.year)
        raise Refused("documents.number_taken", number=row.number, year=row.year, next=following)


def _reason(words: str) -> str:
    """What somebody says of a number, as one line; raises Refused without any."""
    said = clean(words)[:LONGEST_NOTE]
    if not said:
        raise Refused("documents.reason_missing")
    return said


def cancel_number(unit_id: int, form: str, year: int, number: int, reason: str, *, at: datetime) -> None:
    """Cancel a given number: it stays in the register with the reason and is never given again."""
    row = queries.number_row(unit_id, form, year, number)
    if row is None or row.state != rules.NumberState.USED:
        raise Refused("documents.number_not_in_use", number=number, year=year)
    if not reason.strip():
        raise Refused("documents.reason_missing")
    row.state, row.reason, row.cancelled_at = rules.NumberState.CANCELLED, reason.strip(), at


def _take(unit_id: int, form: str, year: int, number: int, used_for: str, at: datetime, **more: Any) -> None:
    values = {"state": rules.NumberState.USED, "used_for": used_for, "at": at, **more}
    db.session.add(DocumentNumber(unit_id=unit_id, form=form, year=year, number=number, **values))
    db.session.flush()
