"""PURE: a file of days off and swaps as rows of the calendar, each read or with its problems."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from portal.calendars.rules import DayKind, NamedDay
from portal.deadlines import DayStatus
from portal.directory.sheet import Problem, SheetFault, day_of
from portal.vietnamese import clean, fold

COLUMNS = (
    "day", "swap_with", "kind", "name", "document", "document_number", "document_on", "status", "doubt",
)  # fmt: skip
HEADINGS = {
    "ngay": "day", "ngay nghi": "day", "hoan doi voi": "swap_with", "ngay lam bu": "swap_with", "lam bu": "swap_with",
    "worked_on": "swap_with", "loai": "kind", "ten": "name", "ten goi": "name", "noi dung": "name",
    "van ban": "document", "can cu": "document", "so van ban": "document_number", "so hieu": "document_number",
    "ngay van ban": "document_on", "ngay ban hanh": "document_on", "tinh trang": "status", "trang thai": "status",
    "diem con nghi ngo": "doubt", "nghi ngo": "doubt",
}  # fmt: skip
"""Vietnamese headings, folded, beside the columns that ``portal calendar list`` prints."""
KINDS = {
    "off": DayKind.OFF, "nghi": DayKind.OFF, "ngay nghi": DayKind.OFF,
    "make_up": DayKind.MAKE_UP, "lam bu": DayKind.MAKE_UP, "ngay lam bu": DayKind.MAKE_UP,
    "swap": DayKind.SWAP, "hoan doi": DayKind.SWAP,
}  # fmt: skip
STATUSES = {
    "confirmed": DayStatus.CONFIRMED, "da xac nhan": DayStatus.CONFIRMED,
    "unconfirmed": DayStatus.UNCONFIRMED, "chua xac nhan": DayStatus.UNCONFIRMED,
}  # fmt: skip
LENGTHS = {"name": 200, "document": 300, "document_number": 100, "doubt": 500}
HEADER_WITHIN = 20


@dataclass(slots=True)
class Line:
    """A row of a file: what it says, or its problems. ``is_half``: the worked day of a swap, told for itself."""

    row: int
    named: NamedDay | None = None
    is_half: bool = False
    problems: list[Problem] = field(default_factory=list)


def column_of(heading: str) -> str:
    """The column a heading names; an empty text where none is meant."""
    plain = clean(heading).strip('"').lower().replace(" ", "_")
    return plain if plain in COLUMNS else HEADINGS.get(plain, HEADINGS.get(fold(clean(heading).strip('"')), ""))


def is_header(cells: Sequence[str]) -> bool:
    """Whether a row is the header: it names the column of days and one more."""
    found = [name for cell in cells if (name := column_of(cell))]
    return "day" in found and len(found) > 1


def read_records(records: Iterable[tuple[int, Sequence[str]]]) -> list[Line]:
    """Read the rows below the header, which may stand below titles. Raises SheetFault for the whole file."""
    rows = list(records)
    place = next((place for place, (_n, cells) in enumerate(rows[:HEADER_WITHIN]) if is_header(cells)), None)
    if place is None:
        raise SheetFault("missing_column", "day")
    header = [column_of(cell) for cell in rows[place][1]]
    for name in COLUMNS:
        if header.count(name) > 1:
            raise SheetFault("twice_column", name)
    told = [(number, dict(zip(header, cells, strict=False))) for number, cells in rows[place + 1 :]]
    return read_facts((number, facts) for number, facts in told if any(map(clean, facts.values())))


def read_facts(rows: Iterable[tuple[int, Mapping[str, str]]]) -> list[Line]:
    """Read rows whose cells are named. Raises SheetFault where there is none."""
    lines = [_line(number, {name: clean(facts.get(name, "")) for name in COLUMNS}) for number, facts in rows]
    if not lines:
        raise SheetFault("no_rows")
    return _consistent(lines)


def _line(number: int, cells: Mapping[str, str]) -> Line:
    line = Line(number)

    def fault(column: str, code: str, **facts: Any) -> None:
        line.problems.append(Problem(number, column, cells[column] or None, code, facts))

    def day(column: str) -> date | None:
        found = day_of(cells[column]) if cells[column] else None
        if cells[column] and found is None:
            fault(column, "not_a_day")
        return found

    for column, limit in LENGTHS.items():
        if len(cells[column]) > limit:
            fault(column, "too_long", limit=limit)
    on, partner, document_on = day("day"), day("swap_with"), day("document_on")
    kind, status = KINDS.get(fold(cells["kind"])), STATUSES.get(fold(cells["status"]))
    if cells["kind"] and kind is None:
        fault("kind", "kind")
    if cells["status"] and status is None:
        fault("status", "status")
    for column, found in (("day", on), ("name", cells["name"])):
        if not found and not (column == "day" and cells["day"]):
            fault(column, "needed")
    if kind is DayKind.SWAP and partner is None and not cells["swap_with"]:
        fault("swap_with", "needed")
    if line.problems or on is None:
        return line
    line.is_half = kind is DayKind.MAKE_UP and partner is not None
    first, worked = (partner, on) if line.is_half and partner else (on, partner)
    line.named = NamedDay(
        first,
        DayKind.SWAP if partner else kind or DayKind.OFF,
        cells["name"],
        cells["document"],
        status or (DayStatus.UNCONFIRMED if cells["doubt"] else DayStatus.CONFIRMED),
        cells["doubt"],
        worked,
        cells["document_number"],
        document_on,
    )
    return line


def _consistent(lines: list[Line]) -> list[Line]:
    """Reject rows that say something else than an earlier row of the same day; the halves of a swap are one."""
    known: dict[date, Line] = {}
    for line in sorted(lines, key=lambda line: line.is_half):
        if line.named is None:
            continue
        earlier = known.setdefault(line.named.day, line)
        if earlier is line or earlier.named is None:
            continue
        same = line.named == earlier.named or (line.is_half and line.named.dates == earlier.named.dates)
        if not same:
            facts = {"other": earlier.row}
            line.problems.append(Problem(line.row, "day", f"{line.named.day:%d/%m/%Y}", "day_differs", facts))
        line.named = earlier.named if same else None
    return lines
