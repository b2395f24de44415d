"""Working hours by weekday, and exceptions of units: what they say and how they are written. PURE."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum
from typing import Any

from portal.deadlines.hours import DayHours, Interval

SPAN = re.compile(r"(\d{1,2})[:hg](\d{2})\s*[-–]\s*(\d{1,2})[:hg](\d{2})")
MONDAY_TO_FRIDAY = 5
DAYS_OF_A_WEEK = 7
LAST_HOUR, LAST_MINUTE = 23, 59


def day_hours(text: str) -> DayHours | None:
    """The hours of a day from "07:00-11:30, 13:30-17:00"; none for an empty text, None where it cannot be read.

    Intervals are told in order, end after they begin and do not overlap. "7h00-11h30" and semicolons are understood.
    """
    read = [_interval(part) for part in re.split(r"[,;]", text) if part.strip()]
    found = tuple(one for one in read if one is not None)
    if len(found) != len(read):
        return None
    moments = [moment for interval in found for moment in interval]
    return found if all(before <= after for before, after in zip(moments, moments[1:], strict=False)) else None


def _interval(text: str) -> Interval | None:
    read = SPAN.fullmatch(text.strip())
    if read is None:
        return None
    first_hour, first_minute, last_hour, last_minute = (int(part) for part in read.groups())
    if max(first_hour, last_hour) > LAST_HOUR or max(first_minute, last_minute) > LAST_MINUTE:
        return None
    start, end = time(first_hour, first_minute), time(last_hour, last_minute)
    return Interval(start, end) if start < end else None


def written(hours: DayHours) -> str:
    """The hours of a day the way they are typed."""
    return ", ".join(f"{start:%H:%M}-{end:%H:%M}" for start, end in hours)


def _as_list(hours: DayHours) -> list[str]:
    return [f"{start:%H:%M}-{end:%H:%M}" for start, end in hours]


def _of_list(texts: list[str]) -> DayHours:
    found = day_hours(",".join(texts))
    if found is None:
        raise ValueError(f"working hours {texts!r}")
    return found


def source_line(text: str, number: str, on: date | None) -> str:
    """A document in one line: its number and date where they are known, then what else is said of it."""
    dated = f"{number} ngày {on:%d/%m/%Y}" if on else number
    return "; ".join(part for part in (dated.strip(), text) if part)


@dataclass(frozen=True)
class HoursFrom:
    """The hours of each weekday (Monday first) from a day on, until the next row. Monday to Friday have some."""

    valid_from: date
    week: tuple[DayHours, ...]
    document: str = ""
    document_number: str = ""
    document_on: date | None = None

    def as_json(self) -> dict[str, Any]:
        """The row as it is stored."""
        return {
            "valid_from": self.valid_from.isoformat(),
            "week": [_as_list(hours) for hours in self.week],
            "document": self.document,
            "document_number": self.document_number,
            "document_on": _text(self.document_on),
        }

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> HoursFrom:
        """The row of a stored version, of the shipped file or of a table."""
        return cls(
            _date(row["valid_from"]),
            tuple(_of_list(hours) for hours in row["week"]),
            row.get("document", ""),
            row.get("document_number", ""),
            _date_or_none(row.get("document_on")),
        )

    @property
    def source(self) -> str:
        """The document in one line."""
        return source_line(self.document, self.document_number, self.document_on)

    @property
    def fault(self) -> str | None:
        """Why the row cannot stand: a refusal code, or None."""
        if len(self.week) != DAYS_OF_A_WEEK or not all(self.week[:MONDAY_TO_FRIDAY]):
            return "calendars.hours_missing"
        return None if self.document or self.document_number else "calendars.document_missing"


class ExceptionKind(StrEnum):
    """What a unit does on the days of an exception: closed, a working day, or a desk that only takes in."""

    CLOSED = "closed"
    OPEN = "open"
    DESK = "desk"


@dataclass(frozen=True)
class UnitException:
    """Days on which one unit is open or closed against the national calendar, by a decision of its own.

    ``weekday`` (0 is Monday) narrows the span to one day of the week. ``hours`` of an open day; none: the national
    ones. A desk has hours. ``ident`` is the row of the table, None before it is stored.
    """

    unit_id: int
    kind: ExceptionKind
    valid_from: date
    valid_to: date | None
    name: str
    weekday: int | None = None
    hours: DayHours = ()
    document: str = ""
    document_number: str = ""
    document_on: date | None = None
    ident: int | None = None

    def as_json(self) -> dict[str, Any]:
        """The row as it is stored."""
        return {
            "id": self.ident,
            "unit_id": self.unit_id,
            "kind": self.kind.value,
            "valid_from": self.valid_from.isoformat(),
            "valid_to": _text(self.valid_to),
            "name": self.name,
            "weekday": self.weekday,
            "hours": _as_list(self.hours),
            "document": self.document,
            "document_number": self.document_number,
            "document_on": _text(self.document_on),
        }

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> UnitException:
        """The row of a stored version or of a table."""
        return cls(
            row["unit_id"],
            ExceptionKind(row["kind"]),
            _date(row["valid_from"]),
            _date_or_none(row.get("valid_to")),
            row["name"],
            row.get("weekday"),
            _of_list(row.get("hours") or []),
            row.get("document", ""),
            row.get("document_number", ""),
            _date_or_none(row.get("document_on")),
            row.get("id"),
        )

    @property
    def source(self) -> str:
        """The document in one line."""
        return source_line(self.document, self.document_number, self.document_on)

    @property
    def fault(self) -> str | None:
        """Why the row cannot stand: a refusal code, or None. Without a weekday the span has an end."""
        if self.valid_to is not None and self.valid_to < self.valid_from:
            return "calendars.exception_dates"
        if self.valid_to is None and self.weekday is None:
            return "calendars.exception_without_end"
        if self.kind is ExceptionKind.DESK and not self.hours:
            return "calendars.desk_without_hours"
        return None if self.document or self.document_number else "calendars.document_missing"

    def covers(self, day: date) -> bool:
        """Whether the exception speaks of a day."""
        in_span = self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)
        return in_span and self.weekday in (None, day.weekday())


def _text(value: date | None) -> str:
    return value.isoformat() if value else ""


def _date(value: date | str) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)


def _date_or_none(value: date | str | None) -> date | None:
    return _date(value) if value else None
