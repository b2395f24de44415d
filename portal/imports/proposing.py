"""PURE: which column of a list nobody has seen before holds which fact, why that is thought, and what is not sure.

First what the heading says (an alias as written, an alias folded or within the heading, the rule of the columns beside
it), then what was remembered of this source, last what the cells of up to ``SAMPLED`` rows look like. The content of a
column never takes a fact or a column from its heading; it only says where the two do not fit.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum, auto
from functools import lru_cache

from portal.imports.aliases import ALIASES
from portal.imports.header import (
    EXACT,
    PLAIN_KEYS,
    RESULT_KEYS,
    SEPARATOR,
    Cell,
    Header,
    Merge,
    Remembered,
    Row,
    find_header,
    is_numbering,
    key_of,
    propose,
    unnamed,
    with_remembered,
)
from portal.imports.moments import MARK, read_cell
from portal.imports.rules import MOMENTS, REQUIRED, Fact
from portal.sources.meanings import channel_of, meaning_of
from portal.vietnamese import clean

SAMPLED = 200
SHOWN = 5
ENOUGH = 0.8
"""Share of filled cells that must look like a fact before a column is proposed for it."""
NAMED = 0.6
"""The same for statuses and for names of units and people: nobody ever knows all of them."""
IN_ORDER = 0.95
"""Share of rows on which one moment must not be later than another to tell receipt and due apart."""
CONTRADICTS = 0.5
"""Below this share the cells do not fit what the heading says."""
FEWEST_ROWS = 3
GLANCED = 50
MOST_TRIALS = 3
"""A list without known headings is looked for at few places, so that no hostile file costs time."""
MOST_STATUSES = 40
FIRST_DAY, LAST_DAY = 36_526, 54_789
"""Serial numbers of the years 2000 to 2049: others in a column of dates are numbers of something else."""

CODE = re.compile(r"(?:\d{3}\.\d{2}\.\d{2}\.[A-Y]\d{2}|[A-Y]\d{2}(?:\.\d{1,3}){0,3})-(?:\d{6}|\d{8})-\d{4,8}")
"""A case code as the circular writes it and as it is seen in the field."""
LOOSE_CODE = re.compile(r"(?=[^\s]*\d{3})[A-ZĐ0-9][A-ZĐ0-9./_-]{5,59}", re.IGNORECASE)
PROCEDURE_CODE = re.compile(r"\d\.\d{6}(?:\.[A-Z0-9.]+)?", re.IGNORECASE)
LEADING_NUMBERS = re.compile(r"^(?:\d+ ?)+")
PHONE = re.compile(r"(?:\+?84|0)\d{9}")
IDENTITY = re.compile(r"\d{9}|\d{12}")
UNIT_WORDS = (
    "ubnd", "uy ban", "phong", "so", "chi cuc", "chi nhanh", "cn", "van phong", "vp", "trung tam", "ban", "xa",
    "phuong", "thi tran", "thi xa", "huyen", "quan", "cong an", "thue", "kho bac", "bhxh", "bao hiem",
)  # fmt: skip
SURNAMES = frozenset(
    "nguyen tran le pham hoang huynh phan vu vo dang bui do ho ngo duong ly dao dinh lam truong mai cao luong luu ha"
    " trinh doan phung to ta quach chau tang vuong kieu y h nie mlo ksor k siu rcom hbia thach son danh lo vi quang"
    " nong ma be giang thao sung vang hua la trieu chu khuc ton thai quan van".split()
)


class Trait(StrEnum):
    """What the cells of a column can look like."""

    MOMENT = auto()
    CODE = auto()
    LOOSE_CODE = auto()
    NUMBERED = auto()
    PROCEDURE_CODE = auto()
    PROCEDURE = auto()
    STATUS = auto()
    CHANNEL = auto()
    UNIT = auto()
    UNIT_LIKE = auto()
    OFFICER = auto()
    PERSON = auto()


class Why(StrEnum):
    """Why a column is proposed for a fact."""

    EXACT = auto()
    FOLDED = auto()
    BESIDE = auto()
    REMEMBERED = auto()
    CONTENT = auto()
    CHOSEN = auto()


FITS: Mapping[Fact, tuple[Trait, ...]] = {
    Fact.CODE: (Trait.NUMBERED,),
    Fact.PROCEDURE_CODE: (Trait.PROCEDURE_CODE,),
    Fact.STATUS: (Trait.STATUS,),
    Fact.CHANNEL: (Trait.CHANNEL,),
    Fact.UNIT: (Trait.UNIT, Trait.UNIT_LIKE),
    **dict.fromkeys(MOMENTS, (Trait.MOMENT,)),
}
"""Facts whose cells tell whether a heading can be true; names of people and free text do not."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the portal knows of names, by their keys."""

    units: frozenset[str] = frozenset()
    people: frozenset[str] = frozenset()
    procedures: frozenset[str] = frozenset()
    meanings: Mapping[str, str] = field(default_factory=dict)
    channels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the sample: its heading, how many cells are filled, some of them, and what they look like."""

    place: int
    heading: str
    filled: int
    rows: int
    samples: tuple[str, ...]
    shares: Mapping[Trait, float]

    def share(self, *traits: Trait) -> float:
        """The largest share of filled cells that look like one of these."""
        return max((self.shares.get(trait, 0.0) for trait in traits), default=0.0)


@dataclass(frozen=True, slots=True)
class Choice:
    """The column proposed for a fact and why; ``share`` of its cells fit where cells can tell."""

    fact: Fact
    place: int
    why: Why
    share: float | None = None

    @property
    def contradicts(self) -> bool:
        """Whether the cells do not look like what the heading says."""
        return self.share is not None and self.share < CONTRADICTS


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is proposed for a list: choices by fact, columns in question, required facts without one, the rest."""

    columns: Sequence[Column]
    choices: Mapping[Fact, Choice]
    unclear: Mapping[Fact, tuple[str, ...]]

    @property
    def missing(self) -> tuple[Fact, ...]:
        """Required facts without a column."""
        return tuple(fact for fact in REQUIRED if fact not in self.choices)

    @property
    def left_out(self) -> tuple[Column, ...]:
        """Columns that hold no fact: they are not kept."""
        taken = {choice.place for choice in self.choices.values()}
        return tuple(column for column in self.columns if column.place not in taken)

    def as_mapping(self) -> dict[str, int]:
        """Fact to column, as a batch keeps it."""
        return {fact.value: choice.place for fact, choice in self.choices.items()}


# --- what cells look like


def columns_of(headings: Mapping[int, str], rows: Sequence[Sequence[Cell]], known: Known | None = None) -> list[Column]:
    """The columns of a list with samples and looks; columns without a heading too, where something stands in them."""
    sample, names = rows[:SAMPLED], known or Known()
    width = max([len(cells) for cells in sample] + [place + 1 for place in headings], default=0)
    found = []
    for place in range(width):
        cells = [cells[place] for cells in sample if place < len(cells) and text_of(cells[place])]
        if place in headings or cells:
            heading = headings.get(place) or unnamed(place)
            distinct = tuple(dict.fromkeys(text_of(cell) for cell in cells))
            found.append(Column(place, heading, len(cells), len(sample), distinct[:SHOWN], looks(cells, names)))
    return found


def text_of(cell: Cell) -> str:
    """A cell as one line of text; date cells day first."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, str) and cell.startswith(MARK):
        at = moment_of(cell)
        return cell[1:] if at is None else f"{at:%d/%m/%Y %H:%M}".removesuffix(" 00:00")
    return clean(str(cell))


def moment_of(cell: Cell) -> datetime | None:
    """The moment a cell can mean; a number only where it counts the days of our time."""
    if isinstance(cell, (int, float)) and not FIRST_DAY <= cell < LAST_DAY:
        return None
    reading = read_cell(cell)
    moment = reading.day_first or reading.month_first
    return moment.at if moment else None


def looks(cells: Sequence[Cell], known: Known) -> dict[Trait, float]:
    """For each trait the share of these filled cells that have it; traits without a cell are left out."""
    if not cells:
        return {}
    texts = [text_of(cell) for cell in cells]
    keys = [key_of(text) for text in texts]
    words = not all(text.isdecimal() for text in texts)
    few = words and len(set(keys)) <= MOST_STATUSES
    counts = {
        Trait.MOMENT: sum(moment_of(cell) is not None for cell in cells),
        Trait.CODE: sum(bool(CODE.fullmatch(text)) for text in texts),
        Trait.NUMBERED: sum(_is_numbered(cell, text) for cell, text in zip(cells, texts, strict=True)),
        Trait.PROCEDURE_CODE: sum(bool(PROCEDURE_CODE.fullmatch(text)) for text in texts),
        Trait.PROCEDURE: sum(key in known.procedures for key in keys),
        Trait.STATUS: sum(_is_status(text, known) for text in texts) if few else 0,
        Trait.CHANNEL: sum(channel_of(text, known.channels) != "unknown" for text in texts) if few else 0,
        Trait.UNIT: sum(key in known.units for key in keys),
        Trait.UNIT_LIKE: sum(_names_unit(key) for key in keys),
        Trait.OFFICER: sum(key in known.people for key in keys),
        Trait.PERSON: sum(_names_person(text, key) for text, key in zip(texts, keys, strict=True)),
    }
    if len(set(texts)) == len(texts):
        counts[Trait.LOOSE_CODE] = sum(_is_loose_code(cell, text) for cell, text in zip(cells, texts, strict=True))
    return {trait: count / len(cells) for trait, count in counts.items() if count}


def _is_status(text: str, known: Known) -> bool:
    """A status with its name; a number alone or before other words says too little."""
    name = LEADING_NUMBERS.sub("", key_of(text))
    return bool(name) and meaning_of(name, known.meanings) is not None


def _is_numbered(cell: Cell, text: str) -> bool:
    """One word with a digit that is no date: the least a code can be."""
    return " " not in text and any(sign.isdigit() for sign in text) and moment_of(cell) is None


def _is_loose_code(cell: Cell, text: str) -> bool:
    if PHONE.fullmatch(text) or IDENTITY.fullmatch(text) or PROCEDURE_CODE.fullmatch(text):
        return False
    return bool(LOOSE_CODE.fullmatch(text)) and moment_of(cell) is None


def _names_unit(key: str) -> bool:
    return any(key.startswith(f"{word} ") for word in UNIT_WORDS)


@lru_cache(maxsize=16_384)
def _names_person(text: str, key: str) -> bool:
    """Two to six words that begin with a capital, the first of them a surname of the country."""
    words = text.split()
    if not 2 <= len(words) <= 6 or key.partition(" ")[0] not in SURNAMES:
        return False
    return all(word[:1].isupper() for word in words) and not any(sign.isdigit() for sign in text)


# --- the proposal


def propose_columns(
    headings: Mapping[int, str],
    rows: Sequence[Sequence[Cell]],
    *,
    known: Known | None = None,
    remembered: Remembered | None = None,
) -> Proposal:
    """Propose a column for every fact that headings, memory or content tell."""
    columns = columns_of(headings, rows, known)
    parts = {place: tuple(heading.split(SEPARATOR)) for place, heading in headings.items() if heading}
    said = propose(parts)
    choices = {fact: Choice(fact, place, _why(fact, headings[place])) for fact, place in said.columns.items()}
    unclear = dict(said.unclear)
    if remembered is not None and remembered.mapping:
        _remember(said, remembered, choices, unclear)
    _by_content(columns, rows[:SAMPLED], choices, unclear)
    by_place = {column.place: column for column in columns}
    judged = {fact: _judged(choice, by_place.get(choice.place)) for fact, choice in choices.items()}
    return Proposal(columns, {fact: judged[fact] for fact in Fact if fact in judged}, unclear)


def _why(fact: Fact, heading: str) -> Why:
    last = heading.rpartition(SEPARATOR)[2]
    if last.casefold() in {alias.casefold() for alias in ALIASES.get(fact, ())}:
        return Why.EXACT
    if key_of(last) in RESULT_KEYS | PLAIN_KEYS and key_of(last) not in EXACT.get(fact, {}):
        return Why.BESIDE
    return Why.FOLDED


def _remember(
    said: Header, remembered: Remembered, choices: dict[Fact, Choice], unclear: dict[Fact, tuple[str, ...]]
) -> None:
    """What this source's list held last time answers what the headings leave open; all, where the list is the same."""
    header = with_remembered(said, remembered)
    for fact in [fact for fact in choices if fact not in header.columns]:
        del choices[fact]
    for fact, place in header.columns.items():
        if said.columns.get(fact) != place:
            choices[fact] = Choice(fact, place, Why.REMEMBERED)
    for fact in [fact for fact in unclear if fact not in header.unclear]:
        del unclear[fact]


def _judged(choice: Choice, column: Column | None) -> Choice:
    """A choice with the share of cells that fit it, where cells can tell."""
    traits = FITS.get(choice.fact)
    if traits is None or column is None or not column.filled:
        return choice
    return Choice(choice.fact, choice.place, choice.why, column.share(*traits))


def _by_content(
    columns: Sequence[Column],
    rows: Sequence[Sequence[Cell]],
    choices: dict[Fact, Choice],
    unclear: dict[Fact, tuple[str, ...]],
) -> None:
    """Fill what is open from what the cells look like. A date of the result is never guessed: it means what the
    columns beside it leave (domain rules, facts in, 5)."""
    if len(rows) < FEWEST_ROWS:
        return
    content = _Content(columns, rows, choices, unclear)
    content.one(Fact.CODE, lambda column: column.share(Trait.CODE) >= ENOUGH)
    content.one(Fact.PROCEDURE_CODE, lambda column: column.share(Trait.PROCEDURE_CODE) >= ENOUGH)
    content.one(Fact.CODE, lambda column: column.share(Trait.LOOSE_CODE) >= ENOUGH and column.filled == column.rows)
    content.one(Fact.STATUS, lambda column: column.share(Trait.STATUS) >= NAMED)
    content.one(Fact.CHANNEL, lambda column: column.share(Trait.CHANNEL) >= ENOUGH)
    content.one(Fact.UNIT, lambda column: column.share(Trait.UNIT) >= NAMED)
    content.one(Fact.UNIT, lambda column: column.share(Trait.UNIT_LIKE) >= ENOUGH)
    content.one(Fact.OFFICER, lambda column: column.share(Trait.OFFICER) >= NAMED)
    content.one(Fact.PROCEDURE, lambda column: column.share(Trait.PROCEDURE) >= NAMED)
    content.one(Fact.APPLICANT, lambda column: column.share(Trait.PERSON) >= ENOUGH)
    content.moments()
    content.results()


class _Content:
    """One reading of the cells."""

    def __init__(
        self,
        columns: Sequence[Column],
        rows: Sequence[Sequence[Cell]],
        choices: dict[Fact, Choice],
        unclear: dict[Fact, tuple[str, ...]],
    ) -> None:
        self.columns, self.rows, self.choices, self.unclear = columns, rows, choices, unclear

    def free(self) -> list[Column]:
        """Columns nothing has been said of, without those whose meaning hangs on the columns beside them."""
        taken = {choice.place for choice in self.choices.values()}
        asked = {name for names in self.unclear.values() for name in names}
        return [
            column
            for column in self.columns
            if column.place not in taken and column.heading not in asked and not _is_result(column)
        ]

    def take(self, fact: Fact, column: Column) -> None:
        self.choices[fact] = Choice(fact, column.place, Why.CONTENT)
        self.unclear.pop(fact, None)

    def one(self, fact: Fact, fits: Callable[[Column], bool]) -> None:
        """Give a fact the one free column that fits; of several the people are asked."""
        if fact in self.choices or fact in self.unclear:
            return
        found = [column for column in self.free() if column.filled and fits(column)]
        if len(found) == 1:
            self.take(fact, found[0])
        elif found and fact in REQUIRED:
            self.unclear[fact] = tuple(column.heading for column in found)

    def moments(self) -> None:
        """Receipt, due and finish by their order and by what is still blank."""
        if Fact.RECEIVED in self.unclear:
            return
        dates = [column for column in self.free() if column.filled and column.share(Trait.MOMENT) >= ENOUGH]
        full = [column for column in dates if column.filled >= IN_ORDER * column.rows]
        partly = [column for column in dates if column not in full]
        if Fact.RECEIVED not in self.choices and not self._first(full):
            return
        full = [column for column in full if column.place != self.choices[Fact.RECEIVED].place]
        after = [column for column in full if self._is_in_order(self.choices[Fact.RECEIVED].place, column.place)]
        if Fact.DUE not in self.choices and Fact.DUE not in self.unclear:
            if len(after) == 1:
                self.take(Fact.DUE, after[0])
            elif after:
                self.unclear[Fact.DUE] = tuple(column.heading for column in after)
        ends = [column for column in partly if self._is_in_order(self.choices[Fact.RECEIVED].place, column.place)]
        if Fact.FINISHED not in self.choices and Fact.DUE in self.choices and len(ends) == 1:
            self.take(Fact.FINISHED, ends[0])

    def _first(self, full: Sequence[Column]) -> bool:
        """Take the moment that none of the others precedes as the receipt."""
        due = self.choices.get(Fact.DUE)
        others = [column.place for column in full] + ([due.place] if due else [])
        if len(others) < 2:
            return False
        first = [
            column
            for column in full
            if all(self._is_in_order(column.place, place) for place in others if place != column.place)
        ]
        if len(first) == 1:
            self.take(Fact.RECEIVED, first[0])
        elif len(full) > 1:
            self.unclear[Fact.RECEIVED] = tuple(column.heading for column in first or full)
        return len(first) == 1

    def _is_in_order(self, first: int, second: int) -> bool:
        """Whether one moment is not later than the other on nearly every row that has both, and earlier on some."""
        pairs = [
            (one, other)
            for cells in self.rows
            if (one := _moment_at(cells, first)) is not None and (other := _moment_at(cells, second)) is not None
        ]
        good = sum(one.date() <= other.date() for one, other in pairs)
        return bool(pairs) and good >= IN_ORDER * len(pairs) and any(one < other for one, other in pairs)

    def results(self) -> None:
        """What content found beside a date of the result may settle what that date means."""
        for column in self.columns:
            if not _is_result(column) or any(choice.place == column.place for choice in self.choices.values()):
                continue
            has_due, has_finish = Fact.DUE in self.choices, Fact.FINISHED in self.choices
            if not has_due and not has_finish:
                continue
            fact = Fact.RETURNED if has_due and has_finish else Fact.FINISHED if has_due else Fact.DUE
            if fact not in self.choices:
                self.choices[fact] = Choice(fact, column.place, Why.BESIDE)
                self.unclear.pop(fact, None)
        if Fact.DUE in self.choices:
            self.unclear.pop(Fact.DUE, None)


def _is_result(column: Column) -> bool:
    keys = {key_of(column.heading), key_of(column.heading.rpartition(SEPARATOR)[2])}
    return bool(keys & (RESULT_KEYS | PLAIN_KEYS))


def _moment_at(cells: Sequence[Cell], place: int) -> datetime | None:
    return moment_of(cells[place]) if place < len(cells) and cells[place] != "" else None


# --- a list whose headings say nothing


def header_in(rows: Sequence[Row], merges: Sequence[Merge] = ()) -> Header | None:
    """The header of a list by its headings, or where nobody knows these by the rows below it."""
    return find_header(rows, merges) or guessed_header(rows)


def guessed_header(rows: Sequence[Row]) -> Header | None:
    """The header of a list whose headings nobody knows: where rows of codes and moments begin, and the row above.

    It claims no column (``Header.is_sure`` is false), so that people are asked. None where the rows do not look like a
    list of cases: at least two columns of moments and one of codes, on ``FEWEST_ROWS`` rows.
    """
    likely = [place for place, (_, cells) in enumerate(rows) if _moments_in(cells) >= 2]
    for place in likely[:MOST_TRIALS]:
        below = [cells for _, cells in rows[place : place + GLANCED] if any(cell != "" for cell in cells)]
        if len(below) >= FEWEST_ROWS and _is_list(below):
            return _header_above(rows, place)
    return None


def _moments_in(cells: Sequence[Cell]) -> int:
    return sum(cell != "" and moment_of(cell) is not None for cell in cells)


def _is_list(rows: Sequence[Sequence[Cell]]) -> bool:
    columns = columns_of({}, rows)
    moments = [column for column in columns if column.filled and column.share(Trait.MOMENT) >= ENOUGH]
    full = [column for column in moments if column.filled >= ENOUGH * column.rows]
    codes = [column for column in columns if column.share(Trait.CODE, Trait.LOOSE_CODE) >= ENOUGH]
    return len(full) >= 2 and any(column.filled >= ENOUGH * column.rows for column in codes)


def _header_above(rows: Sequence[Row], place: int) -> Header:
    """The nearest row of headings above the data, or none: columns are then called by their letters."""
    filled = {at for _, cells in rows[place:] for at, cell in enumerate(cells) if cell != ""}
    number, headings = rows[place][0] - 1, dict[int, str]()
    for above, cells in reversed(rows[:place]):
        texts = {at: clean(str(cell)) for at, cell in enumerate(cells) if isinstance(cell, str) and cell}
        if is_numbering(cells):
            continue
        if 2 * len(texts.keys() & filled) >= len(filled) and not _moments_in(cells):
            number, headings = max(number, above), {at: text for at, text in texts.items() if at in filled}
        break
    named = {at: headings.get(at) or unnamed(at) for at in sorted(filled)}
    return Header((number,), named, {}, {})


def share_read(fact: Fact, column: Column) -> tuple[int, int] | None:
    """How many filled cells of a column read as a fact needs, and how many are filled; None where cells cannot tell."""
    traits = FITS.get(fact)
    return None if traits is None else (round(column.share(*traits) * column.filled), column.filled)
