"""A file of terms of procedures as rows: code, amount, unit, first day, document; each read or with its problem."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from portal.deadlines import TermUnit
from portal.directory.reading import WORKBOOKS, workbook_sheets
from portal.directory.sheet import LIMIT_MIB, Problem, SheetFault, day_of, text_of
from portal.vietnamese import clean, fold

COLUMNS = ("code", "amount", "unit", "valid_from", "basis")
HEADINGS = {
    "ma thu tuc": "code", "ma tthc": "code", "ma thu tuc hanh chinh": "code",
    "thoi han": "amount", "thoi han giai quyet": "amount", "so ngay": "amount", "thoi gian giai quyet": "amount",
    "don vi": "unit", "don vi tinh": "unit", "don vi thoi gian": "unit",
    "ap dung tu": "valid_from", "tu ngay": "valid_from", "hieu luc tu": "valid_from", "ngay hieu luc": "valid_from",
    "can cu": "basis", "van ban": "basis", "quyet dinh": "basis",
}  # fmt: skip
"""Vietnamese headings, folded, beside the names of the columns."""
UNITS = {
    "working_days": TermUnit.WORKING_DAYS, "ngay lam viec": TermUnit.WORKING_DAYS, "ngay lv": TermUnit.WORKING_DAYS,
    "calendar_days": TermUnit.CALENDAR_DAYS, "ngay": TermUnit.CALENDAR_DAYS, "ngay theo lich": TermUnit.CALENDAR_DAYS,
    "ngay (theo lich)": TermUnit.CALENDAR_DAYS,
    "working_hours": TermUnit.WORKING_HOURS, "gio": TermUnit.WORKING_HOURS, "gio lam viec": TermUnit.WORKING_HOURS,
    "months": TermUnit.MONTHS, "thang": TermUnit.MONTHS,
}  # fmt: skip
HEADER_WITHIN = 20
MOST = 1_000
LONGEST_BASIS = 500


@dataclass(frozen=True, slots=True)
class TermLine:
    """A row that was read."""

    row: int
    code: str
    amount: int
    unit: TermUnit
    valid_from: date
    basis: str


def read_terms(data: bytes) -> tuple[list[TermLine], list[Problem]]:
    """Read a file of terms: .xlsx, .xls, .ods, or text in UTF-8. Raises SheetFault for the whole file."""
    if not data.strip():
        raise SheetFault("empty")
    if len(data) > LIMIT_MIB * 1024 * 1024:
        raise SheetFault("too_large", limit=LIMIT_MIB)
    if data.startswith(WORKBOOKS):
        sheets = workbook_sheets(data)
        return _read(next((rows for rows in sheets if _header_of(rows) is not None), sheets[0]))
    return _read(_of_text(text_of(data)))


def as_text(lines: Iterable[TermLine]) -> str:
    """Rows that were read, as a file that reads the same again."""
    written = io.StringIO()
    writer = csv.writer(written, delimiter=";", lineterminator="\n")
    writer.writerow(COLUMNS)
    for line in lines:
        writer.writerow([line.code, line.amount, line.unit.value, f"{line.valid_from:%d/%m/%Y}", line.basis])
    return written.getvalue()


def _of_text(text: str) -> list[tuple[int, Sequence[str]]]:
    first = "\n".join(text.split("\n", HEADER_WITHIN)[:HEADER_WITHIN])
    separator = max(",;\t", key=lambda sign: sum(bool(_column(cell)) for cell in first.replace("\n", sign).split(sign)))
    try:
        return list(enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True), start=1))
    except csv.Error as error:
        raise SheetFault("broken") from error


def _column(heading: str) -> str:
    plain = clean(heading).strip('"')
    name = plain.lower().replace(" ", "_")
    return name if name in COLUMNS else HEADINGS.get(fold(plain), "")


def _header_of(rows: Sequence[tuple[int, Sequence[str]]]) -> int | None:
    for place, (_number, cells) in enumerate(rows[:HEADER_WITHIN]):
        if {"code", "amount"} <= {_column(cell) for cell in cells}:
            return place
    return None


def _read(rows: Sequence[tuple[int, Sequence[str]]]) -> tuple[list[TermLine], list[Problem]]:
    place = _header_of(rows)
    if place is None:
        raise SheetFault("missing_column", "code")
    header = [_column(cell) for cell in rows[place][1]]
    for name in COLUMNS:
        if name not in header and name != "basis":
            raise SheetFault("missing_column", name)
        if header.count(name) > 1:
            raise SheetFault("twice_column", name)
    told = [(number, dict(zip(header, cells, strict=False))) for number, cells in rows[place + 1 :]]
    lines, problems = _lines((number, facts) for number, facts in told if any(map(clean, facts.values())))
    if not lines and not problems:
        raise SheetFault("no_rows")
    return lines, problems


def _lines(rows: Iterable[tuple[int, Mapping[str, str]]]) -> tuple[list[TermLine], list[Problem]]:
    lines: list[TermLine] = []
    problems: list[Problem] = []
    for number, facts in rows:
        cells = {name: clean(facts.get(name, "")) for name in COLUMNS}
        line = _line(number, cells)
        if isinstance(line, TermLine):
            lines.append(line)
        else:
            problems.append(Problem(number, line, cells[line] or None, f"term_{line}", {}))
    return lines, problems


def _line(number: int, cells: Mapping[str, str]) -> TermLine | str:
    """The row, or the column that cannot be read."""
    amount = cells["amount"].removesuffix(".0")
    unit, day = UNITS.get(cells["unit"].lower()) or UNITS.get(fold(cells["unit"])), day_of(cells["valid_from"])
    if not cells["code"]:
        return "code"
    if not (amount.isascii() and amount.isdigit() and 0 < int(amount) <= MOST):
        return "amount"
    if unit is None:
        return "unit"
    if day is None:
        return "valid_from"
    return TermLine(number, cells["code"], int(amount), unit, day, cells["basis"][:LONGEST_BASIS])
