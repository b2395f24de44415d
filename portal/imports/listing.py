"""PURE: from the stream of a file to its data rows: the sheet with the list, its header, and what is no data row."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from portal.imports.fonts import old_font_of
from portal.imports.header import (
    DEEPEST,
    SEARCHED_ROWS,
    Cell,
    Header,
    Remembered,
    Row,
    find_header,
    is_numbering,
    key_of,
    with_choice,
    with_remembered,
)
from portal.imports.moments import MARK, UNREADABLE, from_1904, read_cell
from portal.imports.proposing import guessed_header
from portal.imports.reading import Chunk, FileFault, Sheet
from portal.imports.rules import MOMENTS, SUPPLEMENTS, DateOrder, Fact
from portal.imports.texts import MomentCells, Texts, is_moment, text_of
from portal.vietnamese import clean

ALL_SHEETS = "*"
REPEATED = frozenset({Fact.OFFICER, Fact.UNIT, Fact.RECEIVING_UNIT, Fact.PROCEDURE, Fact.STATUS})
"""Facts whose texts stand in many rows: each is kept once."""
PLAIN_CODE = re.compile(r"\S{0,60}?\d\S{0,60}")
PLAIN_MOMENT = re.compile(r"\x01.*|\d{1,2}[/.-]\d{1,2}[/.-]\d{4}(?: \d{1,2}:\d{2}(?::\d{2})?)?")
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
    ``sheets`` names each row's sheet where several were read into one list. ``read`` are the same columns as texts,
    moments read under ``order``; made while the file came, empty where nobody asked for it.
    """

    sheet: str
    header: Header
    numbers: list[int] = field(default_factory=list)
    columns: dict[Fact, Sequence[Cell]] = field(default_factory=dict)
    sheets: list[str] | None = None
    read: dict[Fact, list[str]] = field(default_factory=dict)
    order: DateOrder | None = None

    def texts(self, order: DateOrder) -> dict[Fact, list[str]]:
        """The columns as texts (see ``Texts``), moments read under an order of day and month."""
        if self.read and self.order is order:
            return self.read
        texts = Texts(order)
        return {fact: texts.column(fact, cells) for fact, cells in self.columns.items()}

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
    parts: Iterable[Sheet | Chunk],
    *,
    remembered: Remembered | None = None,
    chosen: Mapping[Fact, int] | None = None,
    sheet: str | None = None,
    order: DateOrder | None = None,
) -> Listed:
    """The list of a file. Raises FileFault where there is none, or several and nobody said which.

    ``sheet``: None takes the one list of the file, a name that sheet, ``ALL_SHEETS`` every sheet that carries a list.
    A list whose columns are not sure is given without rows when nobody chose them: see ``Header.is_sure``.
    ``remembered`` is the list this source sent before; ``chosen`` what people answered. With ``order`` the cells are
    read as they come (``Listed.read``): the reader works on the next rows meanwhile.
    """
    collected = _collected(parts, _Asked(remembered or Remembered(), chosen, order), sheet)
    if sheet not in (None, ALL_SHEETS) and not collected:
        raise FileFault("no_such_sheet", sheet=sheet)
    for collector in collected:
        collector.demand_readable()
    found = [collector for collector in collected if collector.header is not None]
    lists = [collector for collector in found if collector.is_list]
    if sheet == ALL_SHEETS and len(lists) > 1:
        return _joined(lists)
    if len(lists) > 1:
        raise FileFault("several_sheets", sheets=[collector.name for collector in lists])
    if lists:
        return lists[0].listed()
    if not found:
        raise FileFault("no_header")
    best = max(found, key=lambda collector: collector.weight)
    if best.is_sure:
        raise FileFault("no_rows", row=best.listed().header.rows[-1])
    return best.listed()


@dataclass(frozen=True, slots=True)
class _Asked:
    """How every sheet of a file is read."""

    remembered: Remembered
    chosen: Mapping[Fact, int] | None
    order: DateOrder | None


def _collected(parts: Iterable[Sheet | Chunk], asked: _Asked, wanted: str | None) -> list[_Collector]:
    collectors: list[_Collector] = []
    is_wanted = False
    for part in parts:
        if isinstance(part, Sheet):
            is_wanted = wanted in (None, ALL_SHEETS) or clean(part.name) == clean(wanted or "")
            if is_wanted:
                collectors.append(_Collector(part, asked))
        elif is_wanted:
            collectors[-1].take(part)
    for collector in collectors:
        collector.settle()
    return collectors


def _joined(collectors: Sequence[_Collector]) -> Listed:
    """Several sheets as one list; they must carry the same facts, or a blank of one would stand for a missing column.

    Raises FileFault naming the first sheet that differs from the one before.
    """
    first = collectors[0].listed()
    joined = Listed(", ".join(each.name for each in collectors), first.header, sheets=[])
    joined.columns, joined.order = {fact: [] for fact in first.facts}, first.order
    joined.read = {fact: [] for fact in first.read}
    for collector in collectors:
        listed = collector.listed()
        if not listed.header.is_sure:
            raise FileFault("unsure_sheet", sheet=collector.name, row=listed.header.rows[-1])
        differing = sorted(set(first.facts) ^ set(listed.facts))
        if differing:
            raise FileFault("sheets_differ", sheet=collector.name, missing=[fact.value for fact in differing])
        joined.numbers += listed.numbers
        for fact, cells in joined.columns.items():
            cells += listed.columns[fact]  # type: ignore[operator]
        for fact, texts in joined.read.items():
            texts += listed.read[fact]
        joined.sheets = [*(joined.sheets or ()), *[collector.name] * len(listed)]
    return joined


class _Collector:
    """Collects one sheet: waits for the header, then keeps the cells of mapped columns in data rows only."""

    def __init__(self, sheet: Sheet, asked: _Asked) -> None:
        self.name, self.sheet = sheet.name, sheet
        self.remembered, self.chosen, self.order = asked.remembered, asked.chosen, asked.order
        self.texts = Texts(self.order) if self.order else None
        self.read: dict[Fact, list[str]] = {}
        self.waiting: list[Chunk] | None = []
        self.header: Header | None = None
        self.numbers: list[int] = []
        self.columns: dict[Fact, Sequence[Cell]] = {}
        self.known: dict[Cell, Cell] = {}
        self.has_ended, self.is_numbering, self.has_rows, self.is_guessed = False, True, False, False
        self.garbled: tuple[str, int] | None = None

    @property
    def is_sure(self) -> bool:
        return self.header is not None and self.header.is_sure

    @property
    def is_list(self) -> bool:
        """Whether the sheet carries a list: sure of its columns and with rows, or nearly sure, to be asked about."""
        if self.header is None:
            return False
        if self.header.is_sure:
            return bool(self.numbers)
        return (
            self.is_guessed
            or self.has_rows
            and all(fact in self.header.columns for fact in (Fact.CODE, Fact.RECEIVED, Fact.UNIT))
        )

    @property
    def weight(self) -> int:
        return len(self.header.columns) if self.header else 0

    def take(self, chunk: Chunk) -> None:
        """The next rows of the sheet."""
        if self.waiting is None:
            if self.is_sure:
                self._keep(chunk)
            return
        self.waiting.append(chunk)
        if sum(map(len, self.waiting)) >= SEARCHED_ROWS + DEEPEST:
            self.settle()

    def settle(self) -> None:
        """Find the header in what has come so far, and go on with the rows below it."""
        if self.waiting is None:
            return
        waiting, self.waiting = self.waiting, None
        rows = [row for chunk in waiting for row in chunk.rows(SEARCHED_ROWS + DEEPEST)]
        header = find_header(rows, self.sheet.merges)
        is_sure = header is not None and header.is_sure
        self.garbled = old_font_of(rows, headings=not is_sure)
        if header is None:
            header = guessed_header(rows)
            self.is_guessed = header is not None
        if header is None:
            return
        if self.chosen and set(self.chosen.values()) <= _places(header, rows):
            header = with_choice(header, self.chosen)
        elif not self.chosen:
            header = with_remembered(header, self.remembered)
        self.header, self.columns = header, {fact: [] for fact in header.columns}
        self.has_rows = any(number > header.rows[-1] for number, _ in rows)
        if header.is_sure:
            for chunk in waiting:
                self._keep(chunk)

    def demand_readable(self) -> None:
        """Raise FileFault where the letters of the sheet are those of an old font, not of Unicode."""
        if self.garbled is not None:
            font, row = self.garbled
            raise FileFault("old_font", font=font, row=row, **({"sheet": self.name} if self.name else {}))

    def _keep(self, chunk: Chunk) -> None:
        if self.header is None:  # pragma: no cover - rows are kept below a header only
            return
        start = self._below(chunk)
        if start == len(chunk):
            return
        cells = {fact: chunk.column(place, self.known) for fact, place in self.header.columns.items()}
        if self.sheet.from_1904:
            cells |= {fact: list(map(from_1904, cells[fact])) for fact in (*MOMENTS, *SUPPLEMENTS) if fact in cells}
        doubtful = [at for at in _doubtful(cells[Fact.CODE], cells[Fact.RECEIVED]) if at >= start]
        dropped = {at for at in doubtful if not self._is_data(chunk.cells(at), {f: c[at] for f, c in cells.items()})}
        numbers = chunk.numbers
        if dropped or start:
            kept = [at for at in range(start, len(chunk)) if at not in dropped]
            numbers = [numbers[at] for at in kept]
            cells = {fact: [column[at] for at in kept] for fact, column in cells.items()}
        self.numbers += numbers
        for fact, column in cells.items():
            self._hold(fact, column)

    def _hold(self, fact: Fact, cells: list[Cell]) -> None:
        """Keep the cells of a fact; as texts only, where the file is read on the way and these say all."""
        if self.texts is None or not cells:
            self.columns[fact] += cells  # type: ignore[operator]
            return
        read, texts = self.read.setdefault(fact, []), self.texts.column(fact, cells)
        read += map(self.known.setdefault, texts, texts) if fact in REPEATED else texts  # type: ignore[arg-type]
        if is_moment(fact):
            kept = self.columns[fact]
            if not isinstance(kept, MomentCells):
                kept = self.columns[fact] = MomentCells(read)
            kept.add(cells)
        elif fact is Fact.CODE:
            self.columns[fact] += cells  # type: ignore[operator]
        else:
            self.columns[fact] = read

    def _below(self, chunk: Chunk) -> int:
        """Where the rows below the header begin, without those that only number its columns."""
        if self.header is None or not self.is_numbering:
            return 0
        at = bisect_right(chunk.numbers, self.header.rows[-1])
        while at < len(chunk) and is_numbering(chunk.cells(at)):
            at += 1
        self.is_numbering = at == len(chunk)
        return at

    def _is_data(self, cells: Sequence[Cell], at: Mapping[Fact, Cell]) -> bool:
        if self.header is None:  # pragma: no cover - rows are kept below a header only
            return False
        if _is_total(cells, at):
            self.has_ended = True
            return False
        if at[Fact.CODE] != "" and at[Fact.RECEIVED] != "":
            return not _repeats(self.header, at)
        return any(text_of(cell) for cell in at.values()) and not self._is_footer(cells, at)

    def _is_footer(self, cells: Sequence[Cell], at: Mapping[Fact, Cell]) -> bool:
        """A title between groups or a line under the list: no code, no moment, and nothing that a case has."""
        if _has_code(at) or any(_is_moment(at.get(fact, "")) for fact in (Fact.RECEIVED, Fact.DUE, Fact.FINISHED)):
            return False
        signed = any(_begins(key_of(text_of(cell)), FOOTERS) for cell in cells if isinstance(cell, str) and cell)
        if signed:
            self.has_ended = True
        return signed or self.has_ended or sum(cell != "" for cell in at.values()) == 1

    def listed(self) -> Listed:
        if self.header is None:  # pragma: no cover - asked only of sheets with a header
            raise FileFault("no_header")
        return Listed(self.name, self.header, self.numbers, self.columns, read=self.read, order=self.order)


def _places(header: Header, rows: Iterable[Row]) -> set[int]:
    """The columns of a list: those with a heading, and those without in which something stands."""
    below = (cells for number, cells in rows if number > header.rows[-1])
    return {*header.headings, *(at for cells in below for at, cell in enumerate(cells) if cell != "")}


def _doubtful(codes: Sequence[Cell], received: Sequence[Cell]) -> list[int]:
    """The rows that may be something else than a case: those without a plain code beside a plain moment of receipt."""
    has_code, has_moment = PLAIN_CODE.fullmatch, PLAIN_MOMENT.fullmatch
    return [
        at
        for at, (code, moment) in enumerate(zip(map(str, codes), map(_in_words, received), strict=True))
        if not (has_code(code) and has_moment(moment))
    ]


def _in_words(cell: Cell) -> str:
    """A cell of a moment as text; a number that can be a moment as any date."""
    if isinstance(cell, str):
        return cell
    return "" if read_cell(cell) == UNREADABLE else MARK


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


def _is_moment(cell: Cell) -> bool:
    """Whether a cell reads as a moment, in any order; a name of who signs may stand in that column."""
    reading = read_cell(cell)
    return reading.day_first is not None or reading.month_first is not None


def _has_code(at: Mapping[Fact, Cell]) -> bool:
    """Whether the cell of the code holds something that can be one: one word with a digit."""
    text = text_of(at[Fact.CODE])
    return any(sign.isdigit() for sign in text) and " " not in text


def _begins(key: str, words: Iterable[str]) -> bool:
    return any(key == word or key.startswith(f"{word} ") for word in words)
