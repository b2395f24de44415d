"""Files of counts that no case list carries: read, checked row by row, compared with what was told before.

Columns: the unit (code or name), the month, the field of procedures, and any of the counts. A row that cannot be taken
is named with its column, value and reason; the others are taken.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any

from portal import clock
from portal.figures.actions import FIRST_MONTH
from portal.figures.aggregate_queries import AggregateQuery, Key, field_like, known_fields, values_of
from portal.figures.rules import Quantity, month_of
from portal.guard import Viewer
from portal.imports.header import key_of
from portal.imports.reading import read
from portal.refusal import Refused
from portal.reports.queries import unit_of
from portal.reports.tables import MARK, Cell, Matcher, Table, best_table, count_of, is_total, text_of
from portal.vietnamese import clean

MONTH_TEXT = re.compile(
    r"(?:th[aá]ng\s*)?(?P<month>\d{1,2})\s*[/.-]\s*(?P<year>\d{4})|(?P<iso_year>\d{4})-(?P<iso_month>\d{1,2})(-\d{1,2})?",
    re.IGNORECASE,
)
DAY_TEXT = re.compile(r"\d{1,2}[/.-](?P<month>\d{1,2})[/.-](?P<year>\d{4})(?P<iso_year>)(?P<iso_month>)")


class About(StrEnum):
    """The columns that say what a row is about."""

    CODE = "unit_code"
    UNIT = "unit"
    MONTH = "month"
    FIELD = "field"


Column = About | Quantity

WORDS: tuple[tuple[Column, tuple[str, ...]], ...] = (
    (About.CODE, ("ma don vi", "ma co quan", "code of the unit", "unit code")),
    (About.MONTH, ("thang", "month", "ky")),
    (About.FIELD, ("linh vuc", "field", "nhom thu tuc")),
    (Quantity.RECEIVED_OUTSIDE, ("tiep nhan ngoai he thong", "ngoai he thong", "ngoai phan mem", "received outside")),
    (Quantity.PAYMENTS_ONLINE, ("thanh toan truc tuyen", "trong do truc tuyen", "paid online", "truc tuyen")),
    (Quantity.PAYMENTS, ("thanh toan", "giao dich thanh toan", "payments", "so giao dich")),
    (Quantity.DIGITISED, ("so hoa", "ho so so hoa", "digitised")),
    (About.UNIT, ("don vi", "co quan", "unit")),
)


class AggregateColumns(Matcher[Column]):
    """Headings of files of counts; the export of the page is read back."""

    def match(self, headings: Mapping[int, tuple[str, ...]]) -> dict[int, Column]:
        """Column to word; a file needs a unit and at least one count."""
        taken: dict[int, Column] = {}
        keys = {column: f" {key_of(' '.join(parts))} " for column, parts in headings.items()}
        for word, texts in WORDS:
            fits = (c for c, key in keys.items() if c not in taken and any(f" {text} " in key for text in texts))
            column = next(fits, None)
            if column is not None:
                taken[column] = word
        named = {About.CODE, About.UNIT} & set(taken.values())
        return taken if named and set(Quantity) & set(taken.values()) else {}


@dataclass(frozen=True)
class RowProblem:
    """Why a row was not taken: its number as Excel shows it, the heading, the value, a code of the reason."""

    row: int
    heading: str
    value: str
    reason: str


@dataclass
class Looked:
    """What a file says: ``told`` is to be kept; counts are of data rows. ``headings``: what was taken for what."""

    told: dict[Key, int | None] = field(default_factory=dict)
    problems: list[RowProblem] = field(default_factory=list)
    new_fields: list[str] = field(default_factory=list)
    headings: dict[str, str] = field(default_factory=dict)
    rows: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: int = 0

    def counts(self) -> dict[str, int]:
        """The counts under the names of the command's answer."""
        return {name: getattr(self, name) for name in ("rows", "new", "changed", "unchanged", "rejected")}


def look(path: Path, name: str, keys: Mapping[str, int], viewer: Viewer, default_month: date | None = None) -> Looked:
    """Read a file of counts and compare it with what rules now; writes nothing."""
    table = best_table(read(path, name), AggregateColumns())
    if table is None:
        raise Refused("reports.no_counts")
    looked = Looked(headings={word.value: table.heading(column) for column, word in table.taken.items()})
    fields = known_fields()
    rows: dict[int, dict[Key, int]] = {}
    for number, cells in table.rows:
        at = {word: cells[column] if column < len(cells) else "" for column, word in table.taken.items()}
        if not any(cell != "" for cell in at.values()) or _is_sum(at):
            continue
        looked.rows += 1
        said = _row(looked, table, number, at, keys, fields, default_month)
        if said is not None:
            rows[number] = said
    _merge(looked, rows, table)
    _compare(looked, rows, viewer)
    return looked


def _is_sum(at: Mapping[Column, Cell]) -> bool:
    name = at.get(About.UNIT, at.get(About.CODE, ""))
    return is_total(text_of(name)) if name != "" else not any(at.get(word, "") != "" for word in About)


def _row(
    looked: Looked, table: Table[Column], number: int, at: Mapping[Column, Cell], keys: Mapping[str, int],
    fields: list[str], default_month: date | None,
) -> dict[Key, int] | None:  # fmt: skip
    """What a row says; None where it is rejected, with its problems noted."""
    heading = {word: table.heading(column) for column, word in table.taken.items()}

    def reject(word: Column, value: Any, reason: str) -> None:
        looked.problems.append(RowProblem(number, heading.get(word, ""), text_of(value), reason))

    before = len(looked.problems)
    names = [text_of(at[word]) for word in (About.CODE, About.UNIT) if at.get(word, "") != ""]
    unit_id = next((found for found in (unit_of(name, keys) for name in names) if found), None)
    if unit_id is None:
        reject(About.UNIT if About.UNIT in at else About.CODE, names[-1] if names else "", "unit_unknown")
    month = month_in(at[About.MONTH]) if at.get(About.MONTH, "") != "" else default_month
    if month is None or not FIRST_MONTH <= month <= clock.today():
        reject(About.MONTH, at.get(About.MONTH, ""), "month_unreadable" if month is None else "month_outside")
    said: dict[Quantity, int] = {}
    for quantity in Quantity:
        count = count_of(at.get(quantity, ""))
        if count.is_fault:
            reject(quantity, at[quantity], "no_count")
        elif count.value is not None:
            said[quantity] = count.value
    if said.get(Quantity.PAYMENTS_ONLINE, 0) > said.get(Quantity.PAYMENTS, said.get(Quantity.PAYMENTS_ONLINE, 0)):
        reject(Quantity.PAYMENTS_ONLINE, at[Quantity.PAYMENTS_ONLINE], "online_above_payments")
    if not said and len(looked.problems) == before:
        reject(next(word for word in table.taken.values() if word in set(Quantity)), "", "nothing_told")
    if len(looked.problems) > before or unit_id is None or month is None:
        return None
    text = clean(text_of(at.get(About.FIELD, "")))[:300]
    known = field_like(text, fields)
    if known and known not in fields:
        fields.append(known)
        looked.new_fields.append(known)
    return {(unit_id, known, month, quantity): value for quantity, value in said.items()}


def _merge(looked: Looked, rows: dict[int, dict[Key, int]], table: Table[Column]) -> None:
    """Two rows that tell of the same thing differently are both rejected; the same again is the same."""
    first: dict[Key, tuple[int, int]] = {}
    torn: set[int] = set()
    for number, said in rows.items():
        for key, value in said.items():
            known = first.setdefault(key, (number, value))
            if known[1] != value:
                torn |= {number, known[0]}
    headings = {word: table.heading(column) for column, word in table.taken.items()}
    for number in sorted(torn):
        del rows[number]
        looked.problems.append(RowProblem(number, headings.get(About.UNIT, ""), "", "told_twice"))
    looked.problems.sort(key=lambda problem: problem.row)
    looked.rejected = len({problem.row for problem in looked.problems})


def _compare(looked: Looked, rows: Mapping[int, Mapping[Key, int]], viewer: Viewer) -> None:
    """Count the rows against what rules now, and collect what they tell."""
    months = [key[2] for said in rows.values() for key in said]
    known: dict[Key, int] = {}
    if months:
        known = values_of(AggregateQuery.visible_to(viewer).between(min(months), max(months)).ruling())
    for said in rows.values():
        if all(known.get(key) == value or looked.told.get(key) == value for key, value in said.items()):
            looked.unchanged += 1
        elif any(key in known for key in said):
            looked.changed += 1
        else:
            looked.new += 1
        looked.told.update(said)


def month_in(cell: Cell) -> date | None:
    """The month a cell names: "09/2023", "Tháng 9/2023", "2023-09", a date; None where it names none."""
    text = str(cell).removeprefix(MARK) if isinstance(cell, str) else text_of(cell)
    if isinstance(cell, str) and cell.startswith(MARK):
        return month_of(date.fromisoformat(text[:10]))
    found = DAY_TEXT.fullmatch(text.strip()) or MONTH_TEXT.fullmatch(text.strip())
    if found is None:
        return None
    month, year = int(found["month"] or found["iso_month"]), int(found["year"] or found["iso_year"])
    return date(year, month, 1) if 1 <= month <= 12 and 1900 <= year <= 2200 else None
