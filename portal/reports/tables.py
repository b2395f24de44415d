"""PURE: tables of figures as reports print them, from the stream of the guarded reader.

The forms of the field: title rows, two to four merged header rows, a row "(1) (2) (3)", groups "I." and "II.", totals,
thousands written "1.234", an empty first column in old workbooks. Which column was taken for which figure is shown to
people before anything is kept.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from typing import Generic, TypeVar

from portal.imports.header import headings_of, is_numbering, key_of
from portal.imports.reading import Row, Sheet

Word = TypeVar("Word")
MARK = "\x01"
SEARCHED_ROWS = 60
DEEPEST = 4
SAMPLES = 3
MOST_ROWS = 5_000
SEPARATOR = " / "
ROMAN = re.compile(r"\(?[IVXLC]+\)?\.?")
ROMAN_START = re.compile(r"[IVXLC]+[.)]\s*\S")
LEADING_NUMBER = re.compile(r"^\(?\d{1,4}[.)]\s+")
THOUSANDS = re.compile(r"\d{1,3}([. ,\u00a0]\d{3})+")
PERIOD = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
TOTALS = ("tong cong", "tong so", "tong", "cong", "cong tong", "toan tinh", "toan huyen", "toan xa")

Cell = str | int | float


@dataclass(frozen=True)
class Table(Generic[Word]):
    """A table: its columns with their headings from the top down, its rows, and what each column was taken for."""

    sheet: str
    headings: Mapping[int, tuple[str, ...]]
    rows: tuple[tuple[int, tuple[Cell, ...]], ...]
    taken: Mapping[int, Word]
    titles: tuple[str, ...] = field(default=())

    def heading(self, column: int) -> str:
        """The heading of a column in one line."""
        return SEPARATOR.join(self.headings.get(column, ()))

    def samples(self, column: int) -> list[str]:
        """The first written values of a column."""
        found = (text_of(cells[column]) for _, cells in self.rows if column < len(cells) and cells[column] != "")
        return [value for value, _ in zip(found, range(SAMPLES), strict=False)]


class Matcher(ABC, Generic[Word]):
    """How headings are read: gives each column its word, as far as it is sure. ``least``: so many make a header."""

    least = 2

    @abstractmethod
    def match(self, headings: Mapping[int, tuple[str, ...]]) -> dict[int, Word]:
        """Column to word."""


def best_table(parts: Iterable[Sheet | Iterable[Row]], matcher: Matcher[Word]) -> Table[Word] | None:
    """The table of a file with most known columns; None where no sheet has enough."""
    found = [table for table in (_table_of(sheet, rows, matcher) for sheet, rows in _sheets(parts)) if table]
    return max(found, key=lambda table: (len(table.taken), len(table.rows)), default=None)


def _sheets(parts: Iterable[Sheet | Iterable[Row]]) -> Iterator[tuple[Sheet, list[Row]]]:
    sheet: Sheet | None = None
    rows: list[Row] = []
    for part in parts:
        if isinstance(part, Sheet):
            if sheet is not None:
                yield sheet, rows
            sheet, rows = part, []
        else:
            rows.extend(islice(part, max(0, MOST_ROWS - len(rows))))
    if sheet is not None:
        yield sheet, rows


def _table_of(sheet: Sheet, rows: Sequence[Row], matcher: Matcher[Word]) -> Table[Word] | None:
    best: tuple[tuple[int, int, int], dict[int, tuple[str, ...]], dict[int, Word], int] | None = None
    for place in range(min(len(rows), SEARCHED_ROWS)):
        for depth in range(1, DEEPEST + 1):
            block = rows[place : place + depth]
            if len(block) < depth or not _is_header(block):
                break
            headings = headings_of(block, sheet.merges)
            taken = matcher.match(headings)
            score = (len(taken), -depth, -place)
            if len(taken) >= matcher.least and (best is None or score > best[0]):
                best = (score, headings, taken, place + depth)
    if best is None:
        return None
    _, found, columns, below = best
    above = tuple(text_of(cell) for _, cells in rows[: below - 1] for cell in cells if isinstance(cell, str) and cell)
    data = tuple((number, tuple(cells)) for number, cells in rows[below:] if not is_numbering(cells))
    return Table(sheet.name, found, data, columns, above[:20])


def _is_header(block: Sequence[Row]) -> bool:
    """Rows of words: a number, a date or a row that numbers the columns means that the header has ended."""
    for _, cells in block:
        written = [cell for cell in cells if cell != ""]
        if not written or is_numbering(cells):
            return False
        if any(not isinstance(cell, str) or cell.startswith(MARK) or count_of(cell).value is not None
               for cell in written):  # fmt: skip
            return False
    return True


def text_of(cell: Cell) -> str:
    """A cell as clean text; whole numbers without a point."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return " ".join(str(cell).lstrip(MARK).split())


@dataclass(frozen=True)
class Count:
    """What a cell says as a count: a value, or nothing told, or a fault. ``repaired``: a thousands point was read."""

    value: int | None = None
    is_fault: bool = False
    repaired: bool = False


NOTHING = frozenset({"", "-", "–", "—", "x", "không", "khong"})
LARGEST = 99_999_999


def count_of(cell: Cell) -> Count:
    """A count as people write it: 1234, "1.234", "1 234", 1.234 typed where the point parts thousands.

    A dash or an empty cell tells nothing; a negative number or anything else is a fault.
    """
    if isinstance(cell, str):
        return _count_in(text_of(cell))
    if isinstance(cell, float) and not cell.is_integer():
        thousands = round(cell * 1000, 6)
        fits = 0 < cell < 1000 and thousands == int(thousands)
        return Count(int(thousands), repaired=True) if fits else Count(is_fault=True)
    return Count(int(cell)) if 0 <= cell <= LARGEST else Count(is_fault=True)


def _count_in(text: str) -> Count:
    if text.lower() in NOTHING:
        return Count()
    if text.isascii() and text.isdigit() and len(text) <= 8:
        return Count(int(text))
    if THOUSANDS.fullmatch(text):
        return Count(int(re.sub(r"\D", "", text)[:8]))
    if re.fullmatch(r"\d{1,8}[.,]0+", text) and not THOUSANDS.fullmatch(text):
        return Count(int(re.split(r"[.,]", text)[0]))
    return Count(is_fault=True)


def is_total(text: str) -> bool:
    """Whether the name of a row says that it adds the others up."""
    key = key_of(text)
    return any(key == word or key.startswith(f"{word} ") for word in TOTALS) and not key.startswith("tong cong ty")


def is_group(cells: Sequence[Cell], name: str) -> bool:
    """Whether a row heads a group: numbered I, II, … before its name or in it."""
    first = next((text_of(cell) for cell in cells if cell != ""), "")
    return bool(ROMAN.fullmatch(first) and first != name) or bool(ROMAN_START.match(name))


def bare_name(text: str) -> str:
    """A name without the number before it."""
    return LEADING_NUMBER.sub("", text)


def days_in(titles: Iterable[str]) -> tuple[date | None, date | None]:
    """The two days that the lines above a table name as the period ("từ ngày … đến ngày …"); None where none are."""
    for title in titles:
        days = [found for found in (_day(match) for match in PERIOD.finditer(title)) if found]
        if len(days) >= 2 and days[0] <= days[1]:
            return days[0], days[1]
    return None, None


def _day(match: re.Match[str]) -> date | None:
    try:
        return datetime(int(match[3]), int(match[2]), int(match[1])).date()
    except ValueError:
        return None
