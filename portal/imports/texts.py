"""PURE: columns of cells as columns of text, read while the rest of the file still comes."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import overload
from unicodedata import is_normalized

from portal.imports.header import Cell
from portal.imports.moments import MARK, Moment, read_cell
from portal.imports.rules import MOMENTS, SUPPLEMENTS, DateOrder, Fact
from portal.vietnamese import clean, nfc

SIMPLE_DAY = re.compile(r"\x01\d{4}-\d\d-\d\d|\d{4}-\d\d-\d\d|\d\d[/.-]\d\d[/.-]\d{4}")
SIMPLE_CLOCK = re.compile(r"(?:[T ](\d\d):(\d\d)(?::(\d\d))?)?")
"""The forms of nearly all moments: what stands after the day is read apart from it."""
AFTER_MARK = "\x02"
CUT_OF_DATE, CUT_OF_TEXT = 11, 10
"""Where the day ends in a date cell, which begins with a mark, and in a text."""
DAY, MOMENT = 11, 20
"""The lengths of date cells."""
MIDNIGHT = "00:00:00"
BAD = "~"
"""Stands for a moment that cannot be read; later than every moment."""


class Texts:
    """Reads the columns of one list: moments under an order of day and month, all others as clean text."""

    def __init__(self, order: DateOrder) -> None:
        self.order = order
        self.moments = MomentTexts(order)

    def column(self, fact: Fact, cells: Sequence[Cell]) -> list[str]:
        """The cells of a fact, or some of them, as texts."""
        return self.moments.column(cells) if is_moment(fact) else clean_column(cells)


def is_moment(fact: Fact) -> bool:
    """Whether a fact is a moment."""
    return fact in MOMENTS or fact in SUPPLEMENTS


class MomentCells(Sequence[Cell]):
    """The cells of a column of moments beside the texts read from them: where all are date cells, only these are kept.

    A list of 100,000 cases would otherwise hold its moments twice while the reader's process still lives.
    """

    def __init__(self, texts: list[str]) -> None:
        self.texts = texts
        self.starts: list[int] = []
        self.parts: list[Sequence[Cell] | None] = []

    def add(self, cells: Sequence[Cell]) -> None:
        """The next cells; their texts stand at the end of ``texts`` already."""
        start = len(self.texts) - len(cells)
        self.starts.append(start)
        self.parts.append(None if _are_dates(cells, self.texts[start:]) else cells)

    def __len__(self) -> int:
        return len(self.texts)

    @overload
    def __getitem__(self, at: int) -> Cell: ...
    @overload
    def __getitem__(self, at: slice) -> list[Cell]: ...
    def __getitem__(self, at: int | slice) -> Cell | list[Cell]:
        if isinstance(at, slice):
            return [self[place] for place in range(*at.indices(len(self)))]
        if not 0 <= at < len(self.texts):
            raise IndexError(at)
        part = bisect_right(self.starts, at) - 1
        cells, text = self.parts[part], self.texts[at]
        if cells is not None:
            return cells[at - self.starts[part]]
        return text and MARK + (text[:10] if text.endswith(MIDNIGHT) else text.replace(" ", "T"))


def _are_dates(cells: Sequence[Cell], texts: Sequence[str]) -> bool:
    """Whether all cells are blank or date cells that their texts tell exactly: a day alone is midnight."""
    try:
        lengths = list(map(len, cells))  # type: ignore[arg-type]
        if max(cells, default="") >= AFTER_MARK:  # type: ignore[operator]
            return False
    except TypeError:
        return False
    days = sum(text[11:] == MIDNIGHT for text in texts)
    return {0, DAY, MOMENT}.issuperset(lengths) and lengths.count(DAY) == days and BAD not in texts


def clean_column(cells: Sequence[Cell]) -> list[str]:
    """``text_of`` of a whole column. A column of clean texts is seen to be so at once."""
    if _is_clean(cells):
        return list(cells)  # type: ignore[arg-type]
    known: dict[Cell, str] = {cell: text_of(cell) for cell in set(cells)}
    return [known[cell] for cell in cells]


def _is_clean(cells: Sequence[Cell]) -> bool:
    """Whether all cells are texts of one line in NFC with single blanks inside."""
    try:
        joined = "|".join(cells)  # type: ignore[arg-type]
    except TypeError:
        return False
    is_plain = joined.isprintable() and "  " not in joined and "| " not in joined and " |" not in joined
    return is_plain and joined == joined.strip() and is_normalized("NFC", joined)


class MomentTexts:
    """Reads columns of moments as text of whole seconds; each day and each time of day is read once."""

    def __init__(self, order: DateOrder) -> None:
        self.order = order
        self.days: dict[str, str] = {}
        self.clocks: dict[str, str] = {}
        self.whole: dict[Cell, str] = {"": ""}

    def column(self, cells: Sequence[Cell]) -> list[str]:
        """The moments of a column: "" is blank, ``BAD`` cannot be read."""
        days, clocks = self.days, self.clocks
        first = next(filter(None, cells), "")
        cut = CUT_OF_DATE if isinstance(first, str) and first < AFTER_MARK else CUT_OF_TEXT
        try:
            return [days[cell[:cut]] + clocks[cell[cut:]] if cell else "" for cell in cells]  # type: ignore[index]
        except (KeyError, TypeError):
            return [self.text(cell) for cell in cells]

    def text(self, cell: Cell) -> str:
        """The moment of one cell."""
        known = self.whole.get(cell)
        if known is not None:
            return known
        if isinstance(cell, str):
            cut = CUT_OF_DATE if cell < AFTER_MARK else CUT_OF_TEXT
            day, clock = self.days.get(cell[:cut]), self.clocks.get(cell[cut:])
            if day and clock:
                return day + clock
        return self.slowly(cell)

    def slowly(self, cell: Cell) -> str:
        """A cell of a form not seen before."""
        if isinstance(cell, str):
            cut = CUT_OF_DATE if cell < AFTER_MARK else CUT_OF_TEXT
            day, rest = cell[:cut], cell[cut:]
            match = SIMPLE_CLOCK.fullmatch(rest)
            if match and SIMPLE_DAY.fullmatch(day):
                moment = read_cell(day).under(self.order)
                hour, minute, second = (int(part or 0) for part in match.groups())
                if moment is not None and hour < 24 and minute < 60 and second < 60:
                    self.days[day] = f"{moment.at:%Y-%m-%d}"
                    self.clocks[rest] = f" {hour:02}:{minute:02}:{second:02}"
                    return self.days[day] + self.clocks[rest]
        reading = read_cell(cell)
        text = "" if reading.is_blank else written(reading.under(self.order)) or BAD
        self.whole[cell] = text
        return text


def written_moment(at: datetime) -> str:
    """A moment as text of whole seconds."""
    return at.isoformat(" ", "seconds")


def written(moment: Moment | None) -> str:
    """The same for what a cell holds; "" for none."""
    return "" if moment is None else written_moment(moment.at)


def moment_of(text: str) -> Moment | None:
    """What a text of whole seconds says; midnight has no time of day."""
    if not text:
        return None
    return Moment(datetime.fromisoformat(text), "day" if text.endswith(MIDNIGHT) else "minute")


def text_of(cell: Cell) -> str:
    """A cell as one line of clean text: NFC; whole numbers without a point; date cells the way people write them."""
    if isinstance(cell, str):
        return _clean(cell) if not cell.startswith(MARK) else _written(cell)
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def _written(cell: str) -> str:
    reading = read_cell(cell).day_first
    if reading is None:
        return cell[1:]
    return f"{reading.at:%d/%m/%Y %H:%M:%S}" if reading.has_clock else f"{reading.at:%d/%m/%Y}"


@lru_cache(maxsize=65_536)
def _clean_slowly(text: str) -> str:
    return clean(text)


def _clean(text: str) -> str:
    """As ``vietnamese.clean``, ten times as quick where the text holds nothing invisible."""
    return " ".join(nfc(text).split()) if text.isprintable() else _clean_slowly(text)
