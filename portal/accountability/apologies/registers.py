"""The register of letters of a unit: numbers kept back, and what became of those that no letter carries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from portal.accountability.apologies import queries
from portal.accountability.apologies.models import Apology
from portal.accountability.apologies.queries import ApologyQuery, ApologyRow
from portal.accountability.apologies.rules import REGISTER_FORM
from portal.audit import record
from portal.documents import actions as documents
from portal.documents import queries as registers
from portal.documents.events import NumberExplained, NumberKeptBack
from portal.documents.models import DocumentNumber
from portal.documents.rules import NumberState
from portal.guard import Viewer
from portal.refusal import Refused

PAGE = 100
USED_FOR = "apology:"


class Fate(StrEnum):
    """What became of a number that no letter of the portal carries."""

    OUTSIDE = "outside"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class Line:
    """One number as the page lists it; ``row`` None: unexplained; ``letter``: who carries it, where in scope."""

    number: int
    row: DocumentNumber | None
    letter: ApologyRow | None


def lines(by: Viewer, unit_id: int, year: int, *, below: int | None) -> list[Line]:
    """A page of the register, the highest number first, gaps included."""
    found = registers.register_lines(unit_id, REGISTER_FORM, year, below=below, size=PAGE)
    ids = [ident for line in found if line.row is not None and (ident := _letter_of(line.row)) is not None]
    letters = ApologyQuery.visible_to(by).where(Apology.id.in_(ids)).page(PAGE) if ids else []
    by_id = {letter.apology.id: letter for letter in letters}
    return [Line(one.number, one.row, by_id.get(_letter_of(one.row) or 0) if one.row else None) for one in found]


def _letter_of(row: DocumentNumber) -> int | None:
    ident = row.used_for.removeprefix(USED_FOR)
    return int(ident) if row.used_for.startswith(USED_FOR) and ident.isdecimal() else None


def keeps_register(by: Viewer, unit_id: int, on: date) -> bool:
    """Whether the viewer keeps the register of a unit: its clerk, or who signs where no clerk serves."""
    return unit_id in queries.reach_of(by, on).numbers


def keep_back(unit_id: int, year: int, number: int | None, note: str, *, by: Viewer, at: datetime, on: date) -> int:
    """Reserve a number, typed or the next one; gives it. ``note``: for what. Refused where it was given before."""
    _check(by, unit_id, on)
    given = documents.keep_back(unit_id, REGISTER_FORM, year, number, note, at=at)
    event = NumberKeptBack(form=REGISTER_FORM, year=year, number=given, note=note.strip())
    record(event, entity_id=unit_id, by=by, at=at)
    return given


def explain(unit_id: int, year: int, number: int, fate: Fate, note: str, *, by: Viewer, at: datetime, on: date) -> None:
    """Say what became of a number that was kept back or that nobody explained."""
    _check(by, unit_id, on)
    act = documents.used_outside if fate is Fate.OUTSIDE else documents.drop_number
    act(unit_id, REGISTER_FORM, year, number, note, at=at)
    state = NumberState.USED if fate is Fate.OUTSIDE else NumberState.CANCELLED
    event = NumberExplained(form=REGISTER_FORM, year=year, number=number, state=state, note=note.strip())
    record(event, entity_id=unit_id, by=by, at=at)


def _check(by: Viewer, unit_id: int, on: date) -> None:
    if not keeps_register(by, unit_id, on):
        raise Refused("apologies.not_your_register")
