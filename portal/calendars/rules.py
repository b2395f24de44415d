"""What a calendar is made of, and what may be edited. PURE."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from portal.calendars.hours import ExceptionKind, HoursFrom, UnitException, source_line
from portal.deadlines import DayOff, DayStatus, MakeUpDay, WorkingCalendar
from portal.deadlines.calendar import OpenDesk, days
from portal.deadlines.hours import WeekHours, WorkingHours

SATURDAY = 5
LAST = date.max
YEARS_BEYOND = 5
WEEKDAYS = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")


class DayKind(StrEnum):
    """What a row of the calendar says: a day off, a weekend day worked, or both in one exchange."""

    OFF = "off"
    MAKE_UP = "make_up"
    SWAP = "swap"


@dataclass(frozen=True, order=True)
class NamedDay:
    """One row of the calendar: a day that differs from its weekday, with the document that says so.

    A swap has two dates: ``day`` is off and ``worked_on`` is worked for it. ``document`` is free text beside the
    number and date of the document.
    """

    day: date
    kind: DayKind
    name: str
    document: str = ""
    status: DayStatus = DayStatus.CONFIRMED
    doubt: str = ""
    worked_on: date | None = None
    document_number: str = ""
    document_on: date | None = None

    @property
    def dates(self) -> tuple[date, ...]:
        """Every date the row speaks of."""
        return (self.day,) if self.worked_on is None else (self.day, self.worked_on)

    @property
    def source(self) -> str:
        """The document in one line."""
        return source_line(self.document, self.document_number, self.document_on)

    def as_json(self) -> dict[str, Any]:
        """The row as it is stored; fields that say nothing are left out, so that old contents keep their hash."""
        said = {
            "worked_on": self.worked_on.isoformat() if self.worked_on else "",
            "document_number": self.document_number,
            "document_on": self.document_on.isoformat() if self.document_on else "",
        }
        return {
            "day": self.day.isoformat(),
            "kind": self.kind.value,
            "name": self.name,
            "document": self.document,
            "status": self.status.value,
            "doubt": self.doubt,
            **{field: value for field, value in said.items() if value},
        }

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> NamedDay:
        """The row of a stored version, of the shipped file (which has dates as dates), or of a table."""
        return cls(
            to_date(row["day"]),
            DayKind(row["kind"]),
            row["name"],
            row.get("document", ""),
            DayStatus(row.get("status", DayStatus.CONFIRMED)),
            row.get("doubt", ""),
            to_date(row["worked_on"]) if row.get("worked_on") else None,
            row.get("document_number", ""),
            to_date(row["document_on"]) if row.get("document_on") else None,
        )


def make_up_name(named: NamedDay) -> str:
    """What the worked day of a swap is called: data like the names of the shipped days, so Vietnamese."""
    return f"Làm bù cho {WEEKDAYS[named.day.weekday()]} {named.day.day}/{named.day.month}"


@dataclass(frozen=True)
class Content:
    """All a calendar version says: the span that is covered, the named days in it, hours, and exceptions of units.

    ``hours`` and ``exceptions`` stand in the order of their rows; a version without any has the hash it always had.
    """

    covered_from: date
    covered_to: date
    days: tuple[NamedDay, ...]
    hours: tuple[HoursFrom, ...] = ()
    exceptions: tuple[UnitException, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The content as it is stored with its version."""
        return {
            "covered_from": self.covered_from.isoformat(),
            "covered_to": self.covered_to.isoformat(),
            "days": [row.as_json() for row in sorted(self.days)],
            **{
                name: [row.as_json() for row in rows]
                for name, rows in (("hours", self.hours), ("exceptions", self.exceptions))
                if rows
            },
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Content:
        """The content of a stored version, or of the shipped file (which has dates as dates)."""
        return cls(
            to_date(value["covered_from"]),
            to_date(value["covered_to"]),
            tuple(NamedDay.from_json(row) for row in value["days"]),
            tuple(HoursFrom.from_json(row) for row in value.get("hours", ())),
            tuple(UnitException.from_json(row) for row in value.get("exceptions", ())),
        )

    def hash(self) -> str:
        """What identifies the content: equal calendars have equal hashes, on any machine."""
        text = json.dumps(self.as_json(), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    def calendar(self, last: date | None = None, unit_id: int | None = None) -> WorkingCalendar:
        """The calendar of the covered span; ``last`` beyond it counts weekends only (for provisional numbers).

        With ``unit_id`` the exceptions of that unit are laid over the national days.
        """
        national = WorkingCalendar(
            self.covered_from,
            last or self.covered_to,
            off=[found for row in self.days if (found := _day_off(row))],
            make_up=[worked for row in self.days if (worked := _make_up_day(row))],
            hours=WorkingHours(_week_of(row) for row in self.hours),
        )
        return national if unit_id is None else self._with_exceptions(national, unit_id)

    def _with_exceptions(self, national: WorkingCalendar, unit_id: int) -> WorkingCalendar:
        """The national calendar with what one unit decided; of two decisions about a day the later one rules."""
        decided: dict[date, DayOff | MakeUpDay | OpenDesk] = {}
        for exception in self.exceptions:
            if exception.unit_id == unit_id:
                span = days(max(exception.valid_from, national.first), min(exception.valid_to or LAST, national.last))
                decided |= {day: _exceptional(day, exception) for day in span if exception.covers(day)}
        return national.for_unit(
            open=[row for row in decided.values() if isinstance(row, MakeUpDay)],
            closed=[row for row in decided.values() if isinstance(row, DayOff)],
            desks=[row for row in decided.values() if isinstance(row, OpenDesk)],
        )

    @property
    def end_of_terms(self) -> date:
        """How far terms that are not frozen may be counted: weekends only beyond the covered span."""
        return date(self.covered_to.year + YEARS_BEYOND, 12, 31)

    def calendar_of_terms(self) -> WorkingCalendar:
        """The calendar terms are counted by, beyond the covered span with weekends only."""
        return self.calendar(self.end_of_terms)

    def has_exceptions(self, unit_id: int | None) -> bool:
        """Whether a unit has days of its own; all others share the national calendar."""
        return any(exception.unit_id == unit_id for exception in self.exceptions)

    def dates(self) -> dict[date, NamedDay]:
        """Every date that differs from its weekday, with its row; a swap stands under both of its dates."""
        return {on: row for row in self.days for on in row.dates}


def _day_off(row: NamedDay) -> DayOff | None:
    return None if row.kind is DayKind.MAKE_UP else DayOff(row.day, row.name, row.source, row.status)


def _make_up_day(row: NamedDay) -> MakeUpDay | None:
    if row.kind is DayKind.SWAP and row.worked_on is not None:
        return MakeUpDay(row.worked_on, make_up_name(row), row.source, row.status, stands_for=row.day)
    return MakeUpDay(row.day, row.name, row.source, row.status) if row.kind is DayKind.MAKE_UP else None


def _week_of(row: HoursFrom) -> WeekHours:
    return WeekHours(row.valid_from, {place: hours for place, hours in enumerate(row.week) if hours}, row.source)


def _exceptional(day: date, exception: UnitException) -> DayOff | MakeUpDay | OpenDesk:
    if exception.kind is ExceptionKind.CLOSED:
        return DayOff(day, exception.name, exception.source)
    if exception.kind is ExceptionKind.DESK:
        return OpenDesk(day, exception.name, exception.hours, exception.source)
    return MakeUpDay(day, exception.name, exception.source, hours=exception.hours or None)


def to_date(value: date | str) -> date:
    """A date of a stored or shipped row, which may be text."""
    return value if isinstance(value, date) else date.fromisoformat(value)


def fault_of(named: NamedDay, covered_from: date, covered_to: date) -> str | None:
    """Why a row cannot stand in the calendar: a refusal code, or None.

    A day off stands on any day of the week (a named Sunday does no harm); a worked day only on a weekend, and the day
    off it is worked for only on a weekday. A confirmed day names its document.
    """
    worked = named.worked_on if named.kind is DayKind.SWAP else named.day if named.kind is DayKind.MAKE_UP else None
    if (named.kind is DayKind.SWAP) != (named.worked_on is not None):
        return "calendars.swap_needs_both"
    if not all(covered_from <= on <= covered_to for on in named.dates):
        return "calendars.year_not_open"
    if worked is not None and worked.weekday() < SATURDAY:
        return "calendars.make_up_on_weekday"
    if named.kind is DayKind.SWAP and named.day.weekday() >= SATURDAY:
        return "calendars.swap_off_weekend"
    if named.status is DayStatus.UNCONFIRMED and not named.doubt:
        return "calendars.doubt_missing"
    if named.status is DayStatus.CONFIRMED and not named.source:
        return "calendars.document_missing"
    return None


def clash_of(named: NamedDay, others: Iterable[NamedDay]) -> date | None:
    """The date of ``named`` that another row speaks of already; the row of the same first date is replaced by it."""
    taken = {on for row in others if row.day != named.day for on in row.dates}
    return next((on for on in named.dates if on in taken), None)


def end_of_numbers(covered_to: date) -> date:
    """How far running numbers go: one year beyond the covered span, so that printed due days still have a number."""
    return date(covered_to.year + 1, 12, 31)
