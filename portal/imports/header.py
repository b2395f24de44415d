"""PURE: find the header of a case list and propose which column holds which fact.

Lists of the field carry title rows above the header, headers of up to three merged rows, a row of column numbers below
it. A proposal is made only where it is sure; where two columns fit equally well, the people are asked (on the page) or
the file is refused by name (by the command).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from portal.imports.aliases import ALIASES, NOT_MEANT, PLAIN_RETURN, RESULT_DATE
from portal.imports.rules import MOMENTS, REQUIRED, Fact
from portal.vietnamese import clean
from portal.vietnamese import key_of as key_of

SEARCHED_ROWS = 200
USUAL_ROWS = 60
"""Below these rows the search goes on only where no sure header was found among them."""
DEEPEST = 3
LEAST_FACTS = 2
LEAST_NUMBERS = 3
LONGEST_HEADING = 300
SEPARATOR = " / "
MATTERS = frozenset({*REQUIRED, *MOMENTS, Fact.STATUS, Fact.OFFICER})
"""Facts whose columns are never guessed: two equal candidates stop the import."""
TURNS = (
    "cán bộ", "công chức", "người", "chuyên viên", "đơn vị", "cơ quan", "nơi", "bộ phận", "hình thức", "kênh",
    "phương thức", "số ngày", "số lượng", "bổ sung", "gia hạn",
)  # fmt: skip
"""Words of an upper heading that turn a lower "tiếp nhận" into something that is no moment."""

UNNAMED = re.compile(r"\(([A-Z]{1,3})\)")
WRITTEN_DATE = re.compile(r"\x01|\s*\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}\b|\s*\d{4}-\d\d-\d\d")
NUMBERING = re.compile(r"\(?\s*(\d{1,3})\s*\)?(\s*=.*)?|\(?\s*[a-zđ]\s*\)?", re.IGNORECASE)

Cell = str | int | float
Row = tuple[int, Sequence[Cell]]
Merge = Sequence[int]


@dataclass(frozen=True, slots=True)
class Header:
    """Where the header stands and what was made of it. Columns count from 0, rows as Excel shows them."""

    rows: tuple[int, ...]
    headings: Mapping[int, str]
    columns: Mapping[Fact, int]
    unclear: Mapping[Fact, tuple[str, ...]] = field(default_factory=dict)

    @property
    def missing(self) -> tuple[Fact, ...]:
        """Required facts without a column."""
        return tuple(fact for fact in REQUIRED if fact not in self.columns)

    @property
    def is_sure(self) -> bool:
        """Whether every required column is known and none that matters is unclear."""
        return not self.missing and not self.unclear

    def heading_of(self, fact: Fact) -> str | None:
        """The heading of a fact's column as it stands in the file."""
        column = self.columns.get(fact)
        return None if column is None else self.headings.get(column)

    @property
    def named(self) -> dict[int, str]:
        """The columns by names of their own: a repeated heading is numbered, one without a heading has its letter."""
        seen: Counter[str] = Counter()
        found = {}
        for column in sorted({*self.headings, *self.columns.values()}):
            heading = self.headings.get(column) or unnamed(column)
            seen[heading] += 1
            found[column] = heading if seen[heading] == 1 else f"{heading} ({seen[heading]})"
        return found

    def as_mapping(self) -> dict[str, str]:
        """Fact to the name of its column, as a source remembers it."""
        named = self.named
        return {fact.value: named[column] for fact, column in self.columns.items()}


def unnamed(place: int) -> str:
    """What a column without a heading is called: its letter in Excel, in brackets."""
    letters, rest = "", place + 1
    while rest:
        rest, letter = divmod(rest - 1, 26)
        letters = chr(65 + letter) + letters
    return f"({letters})"


def _keys(aliases: Iterable[str]) -> dict[str, int]:
    return {key_of(alias): place for place, alias in reversed(list(enumerate(aliases)))}


EXACT = {fact: _keys(aliases) for fact, aliases in ALIASES.items()}
FORBIDDEN = {fact: tuple(key_of(words) for words in words_of) for fact, words_of in NOT_MEANT.items()}
TURN_KEYS = tuple(key_of(words) for words in TURNS)
VOCABULARY = frozenset(word for places in EXACT.values() for key in places for word in key.split()) | {"tra"}
RESULT_KEYS, PLAIN_KEYS = frozenset(map(key_of, RESULT_DATE)), frozenset(map(key_of, PLAIN_RETURN))


@dataclass(frozen=True, slots=True)
class Remembered:
    """How a list of a source was read: fact to the name of its column, and all these names; then its other layouts."""

    mapping: Mapping[str, str] = field(default_factory=dict)
    headings: frozenset[str] = frozenset()
    older: tuple[Remembered, ...] = ()


def find_header(rows: Sequence[Row], merges: Sequence[Merge] = ()) -> Header | None:
    """The best header among the first rows of a sheet; None where nothing looks like one.

    More facts win; at the same number the shallower and the upper block wins.
    """
    best: Header | None = None
    best_score = (LEAST_FACTS - 1, 0, 0)
    for place in range(min(len(rows), SEARCHED_ROWS)):
        if place >= USUAL_ROWS and best is not None and best.is_sure:
            break
        for depth in range(1, DEEPEST + 1):
            block = rows[place : place + depth]
            if len(block) < depth or not _is_block(block) or _moments_in(block[-1][1]) > (depth == 1):
                break
            if sum(_sounds_like_headings(cells) for _, cells in block) < LEAST_FACTS:
                continue
            found = propose(headings_of(block, merges), tuple(number for number, _ in block))
            score = (len(found.columns) + len(found.unclear), -depth, -place)
            if score > best_score:
                best, best_score = found, score
    return best


def _sounds_like_headings(cells: Sequence[Cell]) -> int:
    """How many cells of a row consist of words that headings use, half of them at least: a quick look before a long."""
    count = 0
    for cell in cells:
        if isinstance(cell, str) and 1 < len(cell) <= LONGEST_HEADING and not cell.isdigit():
            words = key_of(cell).split()
            count += 2 * sum(word in VOCABULARY for word in words) >= len(words) > 0
    return count


def _moments_in(cells: Sequence[Cell]) -> int:
    """How many cells of a row hold a date: two of them, or one below the first row, mean that data have begun."""
    return sum(1 for cell in cells if isinstance(cell, str) and WRITTEN_DATE.match(cell))


def _is_block(block: Sequence[Row]) -> bool:
    """Consecutive rows of text: a number or a date cell in a lower row means that data have begun."""
    first = block[0][0]
    consecutive = all(number == first + step for step, (number, _) in enumerate(block))
    lower = [cell for _, cells in block[1:] for cell in cells if cell != ""]
    return consecutive and all(isinstance(cell, str) and not cell.startswith("\x01") for cell in lower)


def headings_of(block: Sequence[Row], merges: Sequence[Merge] = ()) -> dict[int, tuple[str, ...]]:
    """For each column its heading from the top down: merged or left-out upper cells reach over the columns below."""
    width = max((len(cells) for _, cells in block), default=0)
    table = [[clean(str(cells[i])) if i < len(cells) else "" for i in range(width)] for _, cells in block]
    numbers = [number for number, _ in block]
    merged = _spread(table, numbers, merges)
    if not merged:
        _fill_right(table)
    columns: dict[int, tuple[str, ...]] = {}
    for column in range(width):
        parts = [row[column] for row in table if row[column]]
        kept = tuple(part for place, part in enumerate(parts) if place == 0 or part != parts[place - 1])
        if kept:
            columns[column] = kept
    return columns


def _spread(table: list[list[str]], numbers: list[int], merges: Sequence[Merge]) -> bool:
    """Write merged texts into every cell they cover; whether any merge lay in the block."""
    found = False
    for top, left, bottom, right in merges:
        if top + 1 not in numbers or left >= len(table[0]):
            continue
        found = True
        text = table[numbers.index(top + 1)][left]
        for number, cells in zip(numbers, table, strict=True):
            if top < number <= bottom + 1:
                last = min(right + 1, len(cells))
                cells[left:last] = [text] * (last - left)
    return found


def _fill_right(table: list[list[str]]) -> None:
    """Without merges (a text file): an empty upper cell over a written lower one belongs to the group at its left."""
    for upper, lower in zip(table, table[1:], strict=False):
        last = ""
        for column, text in enumerate(upper):
            if text:
                last = text
            elif lower[column]:
                upper[column] = last


def propose(parts: Mapping[int, tuple[str, ...]], rows: tuple[int, ...] = ()) -> Header:
    """Which column holds which fact, as far as the headings are sure."""
    matched = _Matching(parts)
    matched.exactly()
    matched.by_last_line()
    matched.result_dates()
    matched.containing()
    headings = {column: SEPARATOR.join(texts) for column, texts in parts.items()}
    unclear = {
        fact: names for fact, names in matched.unclear.items() if fact in MATTERS and fact not in matched.columns
    }
    return Header(rows, headings, matched.columns, unclear)


class _Matching:
    """One proposal in the making."""

    def __init__(self, parts: Mapping[int, tuple[str, ...]]) -> None:
        self.parts = parts
        self.full = {column: key_of(" ".join(texts)) for column, texts in parts.items()}
        self.last = {column: key_of(texts[-1]) for column, texts in parts.items() if len(texts) > 1}
        self.columns: dict[Fact, int] = {}
        self.unclear: dict[Fact, tuple[str, ...]] = {}

    @property
    def used(self) -> set[int]:
        return set(self.columns.values())

    def take(self, fact: Fact, ranked: Iterable[tuple[int, int]]) -> None:
        """Give a fact its best column from (rank, column) pairs; equal ranks are unclear."""
        free = sorted(pair for pair in ranked if pair[1] not in self.used)
        best = [column for rank, column in free if rank == free[0][0]]
        if len(best) == 1:
            self.columns[fact] = best[0]
            self.unclear.pop(fact, None)
        elif best:
            self.unclear[fact] = tuple(SEPARATOR.join(self.parts[column]) for column in best)

    def exactly(self) -> None:
        """Whole headings that are aliases."""
        for fact, places in EXACT.items():
            self.take(fact, ((places[key], column) for column, key in self.full.items() if key in places))

    def by_last_line(self) -> None:
        """The lowest line of a grouped heading, unless the group turns its meaning."""
        for fact, places in EXACT.items():
            if fact in self.columns:
                continue
            fits = (
                (places[key], column)
                for column, key in self.last.items()
                if key in places and not (fact in MOMENTS and _has_any(self.full[column], TURN_KEYS))
            )
            self.take(fact, fits)

    def containing(self, facts: Iterable[Fact] = EXACT) -> None:
        """Headings that contain an alias of two words or more and no word that forbids it; the longest alias wins."""
        for fact in facts:
            if fact in self.columns or fact in self.unclear:
                continue
            fits = []
            for column, key in self.full.items():
                length = max((len(alias) for alias in EXACT[fact] if " " in alias and _has(key, alias)), default=0)
                if length and not _has_any(key, FORBIDDEN[fact]) and key not in RESULT_KEYS | PLAIN_KEYS:
                    fits.append((-length, column))
            self.take(fact, fits)

    def result_dates(self) -> None:
        """ "Ngày trả kết quả" and "Ngày trả" mean what the columns beside them leave (domain rules, facts in, 5)."""
        self.containing((Fact.DUE, Fact.FINISHED))  # what a return date means hangs on these
        plain = [column for column in self.full if self._is(column, PLAIN_KEYS)]
        result = [column for column in self.full if self._is(column, RESULT_KEYS)]
        if len(plain) == 1 and Fact.DUE not in self.columns and not (result and Fact.FINISHED in self.columns):
            self.columns[Fact.DUE] = plain.pop()
        for column in (*result, *plain):
            self._place_result(column)

    def _is(self, column: int, keys: frozenset[str]) -> bool:
        return column not in self.used and (self.full[column] in keys or self.last.get(column) in keys)

    def _place_result(self, column: int) -> None:
        has_due, has_finish = Fact.DUE in self.columns, Fact.FINISHED in self.columns
        if has_due and has_finish:
            fact = Fact.RETURNED
        elif has_due:
            fact = Fact.FINISHED
        elif has_finish:
            fact = Fact.DUE
        else:
            self.unclear[Fact.DUE] = (SEPARATOR.join(self.parts[column]),)
            return
        if fact not in self.columns:
            self.columns[fact] = column
            self.unclear.pop(fact, None)


def _has(key: str, phrase: str) -> bool:
    return f" {phrase} " in f" {key} "


def _has_any(key: str, phrases: Iterable[str]) -> bool:
    return any(_has(key, phrase) for phrase in phrases)


def with_choice(header: Header, chosen: Mapping[Fact, int]) -> Header:
    """The header after people said which column holds which fact; what they did not name is not kept."""
    return replace(header, columns=dict(chosen), unclear={})


def with_remembered(header: Header, remembered: Remembered) -> Header:
    """The mapping this source had last time, where its list has the same columns again.

    Under other columns a heading may mean something else and a new one may say more: there the proposal rules, and what
    is remembered only answers what it leaves open. Of a list without any heading nothing is remembered: nothing would
    show that its columns have moved.
    """
    if all(UNNAMED.fullmatch(heading) for heading in header.headings.values()):
        return header
    places = {name: column for column, name in header.named.items()}
    same = next((one for one in (remembered, *remembered.older) if _has_layout(one, places)), None)
    known = _recalled(same or remembered, places)
    if same is not None and known and len(known) == len(same.mapping):
        return with_choice(header, known)
    open_facts = {*header.missing, *header.unclear}
    taken = set(header.columns.values())
    answers = {fact: column for fact, column in known.items() if fact in open_facts and column not in taken}
    unclear = {fact: names for fact, names in header.unclear.items() if fact not in answers}
    return replace(header, columns={**header.columns, **answers}, unclear=unclear)


def _has_layout(one: Remembered, places: Mapping[str, int]) -> bool:
    """Whether a list has just the headings it had then; columns without a heading do not count."""
    then = {heading for heading in one.headings if not UNNAMED.fullmatch(heading)}
    return bool(then) and then == {heading for heading in places if not UNNAMED.fullmatch(heading)}


def _recalled(one: Remembered, places: Mapping[str, int]) -> dict[Fact, int]:
    """Where the remembered columns stand now; a letter is a column only where nothing heads it."""
    headed = {column for heading, column in places.items() if not UNNAMED.fullmatch(heading)}
    found = {}
    for fact, heading in one.mapping.items():
        place = places.get(heading)
        if place is None and (letter := UNNAMED.fullmatch(heading)):
            place = _place_of(letter.group(1))
            place = None if place in headed else place
        if place is not None:
            found[Fact(fact)] = place
    return found


def _place_of(letters: str) -> int:
    place = 0
    for letter in letters:
        place = place * 26 + ord(letter) - 64
    return place - 1


def is_numbering(cells: Sequence[Cell]) -> bool:
    """Whether a row below a header only numbers its columns: (1) (2) (3), 1 2 3, A B 1 2 3."""
    written = [clean(str(int(cell) if isinstance(cell, float) and cell.is_integer() else cell)) for cell in cells]
    written = [text for text in written if text]
    matches = [NUMBERING.fullmatch(text) for text in written]
    if len(written) < LEAST_NUMBERS or not all(matches):
        return False
    numbers = [int(match.group(1)) for match in matches if match and match.group(1)]
    return len(numbers) >= 2 and all(later > earlier for earlier, later in zip(numbers, numbers[1:], strict=False))
