"""What a calendar is made of, and what may be edited. PURE."""

from __future__ import annotations

import hashlib
import json
from calendar import monthcalendar
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from portal.deadlines import DayOff, DayStatus, MakeUpDay, WorkingCalendar

SATURDAY = 5


class DayKind(StrEnum):
    """What a named day is: a weekday off, or a weekend day worked in exchange."""

    OFF = "off"
    MAKE_UP = "make_up"


@dataclass(frozen=True, order=True)
class NamedDay:
    """One day that differs from its weekday, with the document that says so."""

    day: date
    kind: DayKind
    name: str
    document: str = ""
    status: DayStatus = DayStatus.CONFIRMED
    doubt: str = ""


@dataclass(frozen=True)
class Content:
    """All a calendar version says: the span that is covered and the named days in it."""

    covered_from: date
    covered_to: date
    days: tuple[NamedDay, ...]

    def as_json(self) -> dict[str, Any]:
        """The content as it is stored with its version."""
        return {
            "covered_from": self.covered_from.isoformat(),
            "covered_to": self.covered_to.isoformat(),
            "days": [
                {
                    "day": row.day.isoformat(),
                    "kind": row.kind.value,
                    "name": row.name,
                    "document": row.document,
                    "status": row.status.value,
                    "doubt": row.doubt,
                }
                for row in sorted(self.days)
            ],
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Content:
        """The content of a stored version, or of the shipped file (which has dates as dates)."""
        return cls(
            _date(value["covered_from"]), _date(value["covered_to"]), tuple(_named_day(row) for row in value["days"])
        )

    def hash(self) -> str:
        """What identifies the content: equal calendars have equal hashes, on any machine."""
        text = json.dumps(self.as_json(), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    def calendar(self, last: date | None = None) -> WorkingCalendar:
        """The calendar of the covered span; ``last`` beyond it counts weekends only (for provisional numbers)."""
        return WorkingCalendar(
            self.covered_from,
            last or self.covered_to,
            off=[DayOff(row.day, row.name, row.document, row.status) for row in self.days if row.kind is DayKind.OFF],
            make_up=[
                MakeUpDay(row.day, row.name, row.document, row.status)
                for row in self.days
                if row.kind is DayKind.MAKE_UP
            ],
        )


def _named_day(row: Mapping[str, Any]) -> NamedDay:
    return NamedDay(
        _date(row["day"]),
        DayKind(row["kind"]),
        row["name"],
        row.get("document", ""),
        DayStatus(row.get("status", DayStatus.CONFIRMED)),
        row.get("doubt", ""),
    )


def _date(value: date | str) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)


def fault_of(named: NamedDay, covered_from: date, covered_to: date) -> str | None:
    """Why a day cannot stand in the calendar: a refusal code, or None.

    A day off stands on any day of the week (a named Sunday does no harm); a make-up day only on a weekend.
    """
    if not covered_from <= named.day <= covered_to:
        return "calendars.year_not_open"
    if named.kind is DayKind.MAKE_UP and named.day.weekday() < SATURDAY:
        return "calendars.make_up_on_weekday"
    if named.status is DayStatus.UNCONFIRMED and not named.doubt:
        return "calendars.doubt_missing"
    return None


def end_of_numbers(covered_to: date) -> date:
    """How far running numbers go: one year beyond the covered span, so that printed due days still have a number."""
    return date(covered_to.year + 1, 12, 31)


def difference(old: Iterable[NamedDay], new: Iterable[NamedDay]) -> list[date]:
    """The days on which two calendars differ."""
    return sorted({row.day for row in set(old) ^ set(new)})


@dataclass(frozen=True)
class Cell:
    """One day on the year page. ``kind`` is working, weekend, off or make_up."""

    day: date
    kind: str
    named: NamedDay | None = None


def month_grid(year: int, month: int, content: Content) -> list[list[Cell | None]]:
    """The weeks of a month, Monday first; None where a week reaches into another month."""
    named = {row.day: row for row in content.days}
    weeks = monthcalendar(year, month)
    return [[_cell(date(year, month, day), named) if day else None for day in week] for week in weeks]


def _cell(day: date, named: Mapping[date, NamedDay]) -> Cell:
    row = named.get(day)
    if row is not None:
        return Cell(day, row.kind.value, row)
    return Cell(day, "weekend" if day.weekday() >= SATURDAY else "working")


def working_days_of_month(year: int, month: int, content: Content) -> int:
    """How many working days a month has."""
    cells = [cell for week in month_grid(year, month, content) for cell in week if cell]
    return sum(cell.kind in ("working", DayKind.MAKE_UP) for cell in cells)
