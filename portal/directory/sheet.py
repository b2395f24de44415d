"""PURE: a directory file, its columns those of the domain rules, as entries and problems."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import chain, islice
from typing import Any

from portal.directory.rules import SINCE_EVER, PersonKind, UnitKind
from portal.vietnamese import clean, fold

COLUMNS = (
    "unit_code", "unit_name", "reports_in", "managed_by", "unit_kind", "unit_from", "unit_to", "person_code",
    "full_name", "person_kind", "email", "position", "role", "from", "to", "clerk", "successor", "succession_on",
    "succession_document",
)  # fmt: skip
HEADINGS = {
    "ma don vi": "unit_code", "ten don vi": "unit_name", "bao cao ve": "reports_in", "quan ly boi": "managed_by",
    "loai don vi": "unit_kind", "don vi tu ngay": "unit_from", "don vi den ngay": "unit_to",
    "ma can bo": "person_code", "ho va ten": "full_name", "ho ten": "full_name", "doi tuong": "person_kind",
    "thu dien tu": "email", "chuc vu": "position", "vai tro": "role", "tu ngay": "from", "den ngay": "to",
    "van thu": "clerk", "don vi ke thua": "successor", "ke thua tu ngay": "succession_on",
    "van ban sap xep": "succession_document",
}  # fmt: skip
"""Vietnamese headings, folded, beside the columns of the domain rules."""
REASON = ("ly_do", "reason")
"""The columns that a workbook of rejected rows has more; never read."""
HEADER_WITHIN = 20
NEEDED = ("unit_code", "unit_name", "unit_kind")
NEEDED_WITH_PEOPLE = ("full_name", "role")
PERSON_COLUMNS = ("person_code", "full_name", "person_kind", "email", "position", "role", "from", "to", "clerk")
LENGTHS = {
    "unit_code": 64, "unit_name": 300, "person_code": 64, "full_name": 200, "email": 200, "position": 200,
    "successor": 600, "succession_document": 200,
}  # fmt: skip
LIMIT_MIB = 25
ISO_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T]00:00(?::00)?)?")
VIETNAMESE_DAY = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
EARLIEST, LATEST = 1900, 2200
YES = frozenset({"x", "1", "true", "yes", "co"})
NO = frozenset({"", "0", "false", "no", "khong"})
SILENT = (None, SINCE_EVER)
EMAIL = re.compile(r"[^@\s]+@[^@\s]+")


class SheetFault(Exception):
    """The file as a whole cannot be read: a code of ``FILE_FAULTS``, its facts, and the column if it is about one."""

    def __init__(self, code: str, column: str | None = None, **facts: Any) -> None:
        super().__init__(code)
        self.code, self.column, self.facts = code, column, facts


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a row was rejected, or a remark on it. ``row`` is counted as Excel does, the header being row 1."""

    row: int | None
    column: str | None
    value: str | None
    code: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class UnitFacts:
    """What a row says about its unit. Parents are codes; None is the top.

    A file without the column ``managed_by`` means one parent on both lines; an empty cell in it means a root.
    """

    code: str
    name: str
    kind: UnitKind
    reports_in: str | None
    managed_by: str | None
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """What a row says about its person. Empty cells say nothing."""

    code: str | None
    full_name: str
    kind: PersonKind | None
    email: str | None


@dataclass(frozen=True, slots=True)
class PostingFacts:
    """What a row says about the posting of its person in its unit; ``is_clerk`` None: the file has no such column."""

    role: str
    position: str
    is_clerk: bool | None
    valid_from: date | None
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class SuccessionFacts:
    """Which units take over from the row's unit on a day; none: the unit has another name from that day on."""

    successors: tuple[str, ...]
    on: date
    document: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One accepted row. ``unit`` None: the row only names a unit that is described elsewhere."""

    row: int
    unit_code: str
    unit: UnitFacts | None
    person: PersonFacts | None
    posting: PostingFacts | None
    succession: SuccessionFacts | None = None


Record = tuple[int, Sequence[str]]
"""A row with the number Excel shows, and its cells as text."""


@dataclass(slots=True)
class Sheet:
    """A file that was read. ``heading`` and ``cells``: as they stood, for the workbook of rejected rows."""

    entries: list[Entry]
    problems: list[Problem]
    warnings: list[Problem]
    heading: Sequence[str] = ()
    cells: dict[int, Sequence[str]] = field(default_factory=dict)

    @property
    def rejected_rows(self) -> frozenset[int]:
        """The rows with a problem."""
        return frozenset(problem.row for problem in self.problems if problem.row is not None)


class _Row:
    """One row being read: collects its problems."""

    def __init__(self, number: int, cells: Mapping[str, str]) -> None:
        self.number, self.cells = number, cells
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []

    def text(self, column: str) -> str:
        return self.cells.get(column, "")

    def fault(self, column: str, code: str, **facts: Any) -> None:
        self.problems.append(Problem(self.number, column, self.text(column) or None, code, facts))

    def needed(self, column: str) -> str:
        if not self.text(column):
            self.fault(column, "needed")
        return self.text(column)

    def day(self, column: str) -> date | None:
        text = self.text(column)
        found = day_of(text) if text else None
        if text and found is None:
            self.fault(column, "not_a_day")
        return found

    def days(self, first: str, last: str) -> tuple[date | None, date | None]:
        start, end = self.day(first), self.day(last)
        if start and end and end < start:
            self.fault(last, "order")
        return start, end


def read_sheet(data: bytes, roles: Sequence[str]) -> Sheet:
    """Read a text: UTF-8 with or without BOM; comma, semicolon or tab. Raises SheetFault for the whole file."""
    return read_records(text_records(data), roles)


def read_records(records: Iterator[Record], roles: Sequence[str]) -> Sheet:
    """Read the rows of a directory file; the header may stand below titles. Raises SheetFault for the whole file.

    ``roles`` are the words allowed in the column role. Rows without any text are skipped.
    """
    above = list(islice(records, HEADER_WITHIN))
    place = next((place for place, (_number, cells) in enumerate(above) if is_header(cells)), 0)
    number, heading = above[place] if above else (1, [])
    header, warnings = _header(heading, number)
    sheet = Sheet([], [], warnings, heading)
    for number, record in chain(above[place + 1 :], records):
        cells = {name: clean(cell) for name, cell in zip(header, record, strict=False) if name}
        if any(cells.values()):
            sheet.cells[number] = record
            _take(sheet, _Row(number, cells), roles)
    if not sheet.cells:
        raise SheetFault("no_rows")
    return _consistent(sheet)


def is_header(cells: Sequence[str]) -> bool:
    """Whether a row is the header: it names the column of unit codes."""
    return any(_column(cell) == "unit_code" for cell in cells)


def known_columns(cells: Sequence[str]) -> int:
    """How many cells name a column."""
    return sum(_column(cell) in COLUMNS for cell in cells)


def day_of(text: str) -> date | None:
    """A day written 2023-10-16 or 16/10/2023 (also with dots or dashes); None when it is none."""
    iso, vietnamese = ISO_DAY.fullmatch(text), VIETNAMESE_DAY.fullmatch(text)
    if iso:
        year, month, day = (int(part) for part in iso.groups())
    elif vietnamese:
        day, month, year = (int(part) for part in vietnamese.groups())
    else:
        return None
    try:
        return date(year, month, day) if EARLIEST <= year <= LATEST else None
    except ValueError:
        return None


def text_of(data: bytes) -> str:
    """The text of a file in UTF-8. Raises SheetFault where it is empty, too large or no text."""
    if not data.strip():
        raise SheetFault("empty")
    if len(data) > LIMIT_MIB * 1024 * 1024:
        raise SheetFault("too_large", limit=LIMIT_MIB)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SheetFault("not_text") from error
    if "\0" in text:
        raise SheetFault("not_text")
    return text


def text_records(data: bytes) -> Iterator[Record]:
    """The records of a text; the separator is the one that gives the most known columns in the header."""
    text = text_of(data)
    first = text.split("\n", 1)[0]
    separator = max(",;\t", key=lambda sign: known_columns(first.split(sign)))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        yield from enumerate(reader, start=1)
    except csv.Error as error:
        raise SheetFault("broken") from error


def _column(name: str) -> str:
    plain = clean(name).strip('"').lower().replace(" ", "_")
    return plain if plain in COLUMNS else HEADINGS.get(fold(clean(name).strip('"')), plain)


def _header(record: Sequence[str], number: int) -> tuple[list[str], list[Problem]]:
    """The columns in their order, unknown ones as empty names with a warning."""
    names = [_column(name) for name in record]
    for name in COLUMNS:
        if names.count(name) > 1:
            raise SheetFault("twice_column", name)
    with_people = any(name in names for name in PERSON_COLUMNS)
    for name in (*NEEDED, *(NEEDED_WITH_PEOPLE if with_people else ())):
        if name not in names:
            raise SheetFault("missing_column", name)
    unknown = [name for name in names if name and name not in (*COLUMNS, *REASON)]
    warnings = [Problem(number, name, name, "unknown_column") for name in unknown]
    return [name if name in COLUMNS else "" for name in names], warnings


def _take(sheet: Sheet, row: _Row, roles: Sequence[str]) -> None:
    """Add the entry of a row, or its problems."""
    for column, limit in LENGTHS.items():
        if len(row.text(column)) > limit:
            row.fault(column, "too_long", limit=limit)
    code = row.needed("unit_code")
    unit = _unit(row, code)
    person = _person(row)
    posting = _posting(row, roles) if person else None
    succession = _succession(row, unit)
    if row.problems:
        sheet.problems.extend(row.problems)
        return
    sheet.warnings.extend(row.warnings)
    sheet.entries.append(Entry(row.number, code, unit, person, posting, succession))


def _unit(row: _Row, code: str) -> UnitFacts | None:
    """The facts of the unit; None where the row only names it."""
    if not row.text("unit_name") and not row.text("unit_kind"):
        return None
    kind = fold(row.needed("unit_kind"))
    if kind and kind not in list(UnitKind):
        row.fault("unit_kind", "unit_kind")
    name = row.needed("unit_name")
    start, end = row.days("unit_from", "unit_to")
    if row.problems:
        return None
    reports_in = row.text("reports_in") or None
    managed_by = row.text("managed_by") or None if "managed_by" in row.cells else reports_in
    return UnitFacts(code, name, UnitKind(kind), reports_in, managed_by, start or SINCE_EVER, end)


def _person(row: _Row) -> PersonFacts | None:
    """The facts of the person; None in a row without person columns."""
    if not any(row.text(column) for column in PERSON_COLUMNS):
        return None
    kind = fold(row.text("person_kind")).replace(" ", "_")
    if kind and kind not in list(PersonKind):
        row.fault("person_kind", "person_kind")
        kind = ""
    email = row.text("email") or None
    if email and EMAIL.fullmatch(email) is None:
        row.warnings.append(Problem(row.number, "email", email, "email"))
        email = None
    return PersonFacts(
        row.text("person_code") or None, row.needed("full_name"), PersonKind(kind) if kind else None, email
    )


def _posting(row: _Row, roles: Sequence[str]) -> PostingFacts:
    role = fold(row.needed("role")).replace(" ", "_").replace("-", "_")
    if role and role not in roles:
        row.fault("role", "role", roles=", ".join(roles))
    clerk = fold(row.text("clerk"))
    if clerk not in YES | NO:
        row.fault("clerk", "clerk")
    start, end = row.days("from", "to")
    is_clerk = clerk in YES if "clerk" in row.cells else None
    return PostingFacts(role, row.text("position"), is_clerk, start, end)


def _succession(row: _Row, unit: UnitFacts | None) -> SuccessionFacts | None:
    """Who takes over from the row's unit; the day may be told by the unit's own last day."""
    codes = tuple(code for part in row.text("successor").split(";") if (code := part.strip()))
    on = row.day("succession_on")
    if not codes and on is None:
        return None
    if on is None and unit is not None and unit.valid_to is not None:
        on = unit.valid_to + timedelta(days=1)
    if on is None:
        if not row.problems:
            row.fault("succession_on", "needed")
        return None
    if codes and unit is not None and unit.valid_to is not None and unit.valid_to >= on:
        row.fault("succession_on", "still_in_force")
    return SuccessionFacts(codes, on, row.text("succession_document"))


def _consistent(sheet: Sheet) -> Sheet:
    """Reject rows that contradict an earlier row about the same unit, person or posting."""
    units: dict[str, Entry] = {}
    people: dict[str, Entry] = {}
    postings: dict[tuple[Any, ...], Entry] = {}
    kept: list[Entry] = []
    for entry in sheet.entries:
        found = (
            _contradiction(entry, units.get(entry.unit_code), "unit")
            or _contradiction(entry, people.get(_person_key(entry)), "person")
            or _contradiction(entry, postings.get(_posting_key(entry)), "posting")
        )
        if found is not None:
            sheet.problems.append(found)
            continue
        kept.append(entry)
        if entry.unit is not None:
            units.setdefault(entry.unit_code, entry)
        if entry.person is not None:
            people.setdefault(_person_key(entry), entry)
            postings.setdefault(_posting_key(entry), entry)
    sheet.entries = kept
    return sheet


def _person_key(entry: Entry) -> str:
    """Who the person of an entry is: by code, else by unit and name; empty without a person."""
    person = entry.person
    if person is None:
        return ""
    return f"code {person.code}" if person.code else f"unit {entry.unit_code} name {fold(person.full_name)}"


def _posting_key(entry: Entry) -> tuple[Any, ...]:
    posting = entry.posting
    if posting is None:
        return ()
    return _person_key(entry), entry.unit_code, posting.role, posting.valid_from


def _contradiction(entry: Entry, earlier: Entry | None, what: str) -> Problem | None:
    """The first field in which two entries differ about the same thing; empty cells contradict nothing."""
    if earlier is None or getattr(entry, what) is None or getattr(earlier, what) is None:
        return None
    for name, column in _FIELDS[what].items():
        said, before = getattr(getattr(entry, what), name), getattr(getattr(earlier, what), name)
        silent = what != "posting" and (said in SILENT or (what == "person" and before is None))
        if said != before and not silent:
            return Problem(
                entry.row, column, None if said is None else str(said), f"{what}_differs", {"other": earlier.row}
            )
    return None


_FIELDS: Mapping[str, Mapping[str, str]] = {
    "unit": {
        "name": "unit_name", "kind": "unit_kind", "reports_in": "reports_in", "managed_by": "managed_by",
        "valid_from": "unit_from", "valid_to": "unit_to",
    },
    "person": {"full_name": "full_name", "kind": "person_kind", "email": "email"},
    "posting": {"position": "position", "is_clerk": "clerk", "valid_to": "to"},
}  # fmt: skip
