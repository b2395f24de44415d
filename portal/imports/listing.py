"""PURE: from the stream of a file to its data rows: the sheet with the list, its header, and what is no data row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from portal.imports.header import (
    SEARCHED_ROWS,
    Cell,
    Header,
    Remembered,
    find_header,
    is_numbering,
    key_of,
    with_choice,
    with_remembered,
)
from portal.imports.moments import MARK, UNREADABLE, read_cell
from portal.imports.reading import FileFault, Merge, Row, Sheet
from portal.imports.rules import Fact
from portal.vietnamese import clean, nfc

TOTALS = ("tong cong", "tong so", "tong", "cong", "cong tong")
TOTAL_INITIALS = frozenset(word[0] for word in TOTALS)
NOT_TOTALS = ("tong cong ty", "tong cuc")
FOOTERS = (
    "nguoi lap", "nguoi tong hop", "nguoi ky", "can bo lap", "thu truong", "truong phong", "chu tich", "pho chu tich",
    "giam doc", "lanh dao", "ky ten", "ky ghi ro", "noi nhan", "ghi chu", "xac nhan", "tm", "kt", "tl",
)  # fmt: skip
"""How lines of signatures under a list begin."""


@dataclass(slots=True)
class Listed:
    """A list as it stands in the file: its header, and the cells of its mapped columns, column by column.

    ``columns`` and ``sheets`` are parallel to ``numbers``, the row numbers as Excel shows them; "" is a blank cell.
    ``sheets`` names each row's sheet where several were read into one list.
    """

    sheet: str
    header: Header
    numbers: list[int] = field(default_factory=list)
    columns: dict[Fact, list[Cell]] = field(default_factory=dict)
    sheets: list[str] | None = None

    @property
    def facts(self) -> tuple[Fact, ...]:
        """The facts that have a column, in the order of the header."""
        return tuple(self.columns)

    @property
    def rows(self) -> list[tuple[int, tuple[Cell, ...]]]:
        """Row by row: the number and the cells in the order of ``facts``. Slow; for short lists."""
        return list(zip(self.numbers, zip(*self.columns.values(), strict=True), strict=True))

    def __len__(self) -> int:
        return len(self.numbers)


def list_of(
    parts: Iterable[Sheet | list[Row]],
    *,
    remembered: Remembered | None = None,
    chosen: Mapping[Fact, int] | None = None,
) -> Listed:
    """The one list of a file. Raises FileFault where there is none, or more than one.

    A list whose columns are not sure is given without rows when nobody chose them: see ``Header.is_sure``.
    ``remembered`` is the list this source sent before; ``chosen`` what people answered.
    """
    found = [
        collector for collector in _collected(parts, remembered or Remembered(), chosen) if collector.header is not None
    ]
    sure = [collector for collector in found if collector.is_sure and collector.rows]
    if len(sure) > 1:
        raise FileFault("several_sheets", sheets=", ".join(collector.name for collector in sure))
    if sure:
        return sure[0].listed()
    if not found:
        raise FileFault("no_header")
    best = max(found, key=lambda collector: collector.weight)
    if best.is_sure:
        raise FileFault("no_rows", row=best.listed().header.rows[-1])
    return best.listed()


def _collected(
    parts: Iterable[Sheet | list[Row]], remembered: Remembered, chosen: Mapping[Fact, int] | None
) -> list[_Collector]:
    collectors: list[_Collector] = []
    for part in parts:
        if isinstance(part, Sheet):
            collectors.append(_Collector(part.name, part.merges, remembered, chosen))
        else:
            collectors[-1].take(part)
    for collector in collectors:
        collector.settle()
    return collectors


class _Collector:
    """Collects one sheet: waits for the header, then keeps mapped cells of data rows only."""

    def __init__(
        self, name: str, merges: Sequence[Merge], remembered: Remembered, chosen: Mapping[Fact, int] | None
    ) -> None:
        self.name, self.merges, self.remembered, self.chosen = name, merges, remembered, chosen
        self.waiting: list[Row] | None = []
        self.header: Header | None = None
        self.rows: list[tuple[int, tuple[Cell, ...]]] = []
        self.has_ended = False
        self.columns: tuple[int, ...] = ()

    @property
    def is_sure(self) -> bool:
        return self.header is not None and self.header.is_sure

    @property
    def weight(self) -> int:
        return len(self.header.columns) if self.header else 0

    def take(self, rows: list[Row]) -> None:
        """The next rows of the sheet."""
        if self.waiting is None:
            if self.is_sure:
                self._keep(rows)
            return
        self.waiting.extend(rows)
        if len(self.waiting) >= SEARCHED_ROWS + 2:
            self.settle()

    def settle(self) -> None:
        """Find the header in what has come so far, and go on with the rows below it."""
        if self.waiting is None:
            return
        waiting, self.waiting = self.waiting, None
        header = find_header(waiting, self.merges)
        if header is None:
            return
        header = with_choice(header, self.chosen) if self.chosen else with_remembered(header, self.remembered)
        self.header, self.columns = header, tuple(header.columns.values())
        if header.is_sure:
            self._keep(_below(header, waiting))

    def _keep(self, rows: Iterable[Row]) -> None:
        for number, cells in rows:
            width = len(cells)
            mapped = tuple(cells[column] if column < width else "" for column in self.columns)
            if self._is_data(cells, mapped):
                self.rows.append((number, mapped))

    def _is_data(self, cells: Sequence[Cell], mapped: tuple[Cell, ...]) -> bool:
        if self.header is None:  # pragma: no cover - rows are kept below a header only
            return False
        at = dict(zip(self.header.columns, mapped, strict=True))
        if _is_total(cells, at):
            self.has_ended = True
            return False
        if at[Fact.CODE] != "" and at[Fact.RECEIVED] != "":
            return not _repeats(self.header, at)
        return any(cell != "" for cell in mapped) and not self._is_footer(cells, mapped, at)

    def _is_footer(self, cells: Sequence[Cell], mapped: tuple[Cell, ...], at: Mapping[Fact, Cell]) -> bool:
        """A title between groups or a line under the list: no code, no moment, and nothing that a case has."""
        if _has_code(at) or any(at.get(fact, "") != "" for fact in (Fact.RECEIVED, Fact.DUE, Fact.FINISHED)):
            return False
        signed = any(_begins(key_of(text_of(cell)), FOOTERS) for cell in cells if isinstance(cell, str) and cell)
        if signed:
            self.has_ended = True
        return signed or self.has_ended or sum(cell != "" for cell in mapped) == 1

    def listed(self) -> Listed:
        if self.header is None:  # pragma: no cover - asked only of sheets with a header
            raise FileFault("no_header")
        numbers = [number for number, _ in self.rows]
        columns = {fact: [cells[at] for _, cells in self.rows] for at, fact in enumerate(self.header.columns)}
        return Listed(self.name, self.header, numbers, columns)


def _below(header: Header, rows: Iterable[Row]) -> Iterable[Row]:
    """The rows below a header, without the rows that only number its columns."""
    numbering = True
    for number, cells in rows:
        if number <= header.rows[-1]:
            continue
        numbering = numbering and is_numbering(cells)
        if not numbering:
            yield number, cells


def _repeats(header: Header, at: Mapping[Fact, Cell]) -> bool:
    """Whether a row says the headings again, as printed lists do on each page."""
    received = at[Fact.RECEIVED]
    if not isinstance(received, str) or read_cell(received) != UNREADABLE:
        return False
    said = {key_of(text_of(cell)) for cell in (at[Fact.CODE], received)}
    heads = {
        key_of(part) for fact in (Fact.CODE, Fact.RECEIVED) for part in (header.heading_of(fact) or "").split(" / ")
    }
    return said <= heads


def _is_total(cells: Sequence[Cell], at: Mapping[Fact, Cell]) -> bool:
    """Whether a row adds the list up, wherever it writes its sums: it has no code with a moment of receipt beside."""
    first = next((cell for cell in cells if cell != ""), "")
    if not isinstance(first, str) or first.lstrip()[:1].lower() not in TOTAL_INITIALS:
        return False
    key = key_of(first)
    if not _begins(key, TOTALS) or _begins(key, NOT_TOTALS):
        return False
    return not _has_code(at) or at[Fact.RECEIVED] == "" or read_cell(at[Fact.RECEIVED]) == UNREADABLE


def _has_code(at: Mapping[Fact, Cell]) -> bool:
    """Whether the cell of the code holds something that can be one: one word with a digit."""
    text = text_of(at[Fact.CODE])
    return any(sign.isdigit() for sign in text) and " " not in text


def _begins(key: str, words: Iterable[str]) -> bool:
    return any(key == word or key.startswith(f"{word} ") for word in words)


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
