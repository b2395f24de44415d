"""PURE: why a single row of a list is refused, as far as it says so by itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from portal.imports.header import Cell
from portal.imports.moments import MARK, Moment, Reading, is_after
from portal.imports.rules import DONE_MOMENTS, DateOrder, Fact
from portal.imports.texts import text_of

LONGEST_CODE = 100
LARGEST_EXACT = 10**15
"""Numbers from here on have lost digits in a spreadsheet: such a code is not the code of any case."""
CELL_ERROR = re.compile(r"#(NULL!|DIV/0!|VALUE!|REF!|NAME\?|NUM!|N/A)|=\?")
"""What stands in a cell that shows an error, or a formula whose result was never stored (see ``child.py``)."""
EXPONENT = re.compile(r"\d([.,]\d+)?E\+?\d+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a row cannot be taken, and which fact shows it."""

    fact: Fact
    reason: str
    facts: Mapping[str, Any] = field(default_factory=dict)


SAME_ROW = Fault(Fact.CODE, "same_row")


@dataclass(frozen=True, slots=True)
class RawRow:
    """A row with its cells read but not judged."""

    number: int
    code: str
    cells: Mapping[Fact, Cell]
    readings: Mapping[Fact, Reading]


@dataclass(frozen=True, slots=True)
class Limits:
    """Between which moments rows may lie. ``is_given``: somebody said of when the data are."""

    now: datetime
    as_of: datetime
    is_given: bool


def row_fault(row: RawRow, order: DateOrder, limits: Limits) -> Fault | None:
    """The first fault of a row on its own."""
    return _code_fault(row) or _moment_fault(row.readings, order, limits)


def _code_fault(row: RawRow) -> Fault | None:
    cell = row.cells[Fact.CODE]
    if not row.code:
        return Fault(Fact.CODE, "empty_code")
    if len(row.code) > LONGEST_CODE:
        return Fault(Fact.CODE, "code_too_long", {"limit": LONGEST_CODE})
    if (isinstance(cell, float) and abs(cell) >= LARGEST_EXACT) or EXPONENT.fullmatch(row.code):
        return Fault(Fact.CODE, "code_mangled")
    if isinstance(cell, str) and cell.startswith(MARK):
        return Fault(Fact.CODE, "code_mangled")
    if CELL_ERROR.fullmatch(row.code):
        return Fault(Fact.CODE, "cell_error")
    return None


def _moment_fault(readings: Mapping[Fact, Reading], order: DateOrder, limits: Limits) -> Fault | None:
    moments: dict[Fact, Moment | None] = {}
    for fact, reading in readings.items():
        moments[fact] = reading.under(order)
        if moments[fact] is None and not reading.is_blank:
            return Fault(fact, "bad_date")
    return _order_fault(moments, limits)


def _order_fault(moments: Mapping[Fact, Moment | None], limits: Limits) -> Fault | None:
    received, due = moments.get(Fact.RECEIVED), moments.get(Fact.DUE)
    if received is None:
        return Fault(Fact.RECEIVED, "received_missing")
    now = Moment(limits.now, "minute")
    for fact in DONE_MOMENTS:
        moment = moments.get(fact)
        if moment is not None and is_after(moment, now):
            return Fault(fact, "future")
    if due is not None and is_after(received, due):
        return Fault(Fact.DUE, "due_before_received")
    fact, end = _end(moments)
    if end is None:
        return None
    if is_after(received, end):
        return Fault(fact, "finished_before_received")
    if limits.is_given and is_after(end, Moment(limits.as_of, "minute")):
        return Fault(fact, "finished_after_as_of", {"as_of": f"{limits.as_of:%d/%m/%Y %H:%M}"})
    return None


def _end(moments: Mapping[Fact, Moment | None]) -> tuple[Fact, Moment | None]:
    """The end of processing: the finish, else the return (domain rules, facts in, 2)."""
    finished = moments.get(Fact.FINISHED)
    return (Fact.FINISHED, finished) if finished is not None else (Fact.RETURNED, moments.get(Fact.RETURNED))


def is_sound(row: RawRow, turned: frozenset[Fact], limits: Limits) -> bool:
    """Whether the moments of a row fit together when these facts are read month first."""
    readings = {
        fact: Reading(reading.month_first, None, reading.is_blank) if fact in turned else reading
        for fact, reading in row.readings.items()
    }
    return _moment_fault(readings, DateOrder.DAY_FIRST, limits) is None


def content_of(row: RawRow, order: DateOrder) -> tuple[Any, ...]:
    """What a row says, however it is written: a date cell and a date text of the same day are the same."""
    return tuple(
        (row.readings[fact].under(order) or text_of(cell)) if fact in row.readings else text_of(cell)
        for fact, cell in row.cells.items()
    )
