"""What may be done to the calendar, as data: typed by hand or read from a file, shown first, applied together. PURE."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from portal.calendars.hours import HoursFrom, UnitException
from portal.calendars.rules import Content, NamedDay, clash_of, fault_of


class Impossible(Exception):
    """A change that cannot be made: a refusal code and its facts."""

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code)
        self.code, self.facts = code, facts


@dataclass(frozen=True)
class SetDay:
    """Add a row, or put another in the place of the one with the same first date."""

    day: NamedDay

    def on(self, content: Content) -> Content:
        """The content after it. Raises Impossible."""
        fault = fault_of(self.day, content.covered_from, content.covered_to)
        if fault:
            raise Impossible(fault)
        clash = clash_of(self.day, content.days)
        if clash:
            raise Impossible("calendars.day_taken", day=f"{clash:%d/%m/%Y}")
        others = (row for row in content.days if row.day != self.day.day)
        return replace(content, days=tuple(sorted((*others, self.day))))


@dataclass(frozen=True)
class RemoveDay:
    """Take the row with this first date out of force."""

    day: date

    def on(self, content: Content) -> Content:
        """The content after it. Raises Impossible."""
        left = tuple(row for row in content.days if row.day != self.day)
        if len(left) == len(content.days):
            raise Impossible("calendars.already_removed")
        return replace(content, days=left)


@dataclass(frozen=True)
class OpenYear:
    """Declare the days of the next year known. Years follow without a gap."""

    year: int

    def on(self, content: Content) -> Content:
        """The content after it. Raises Impossible."""
        if self.year != content.covered_to.year + 1:
            raise Impossible("calendars.years_in_order", year=self.year)
        return replace(content, covered_to=date(self.year, 12, 31))


@dataclass(frozen=True)
class SetHours:
    """Working hours from a day on; a row from the same day is replaced."""

    hours: HoursFrom

    def on(self, content: Content) -> Content:
        """The content after it. Raises Impossible."""
        if self.hours.fault:
            raise Impossible(self.hours.fault)
        others = [row for row in content.hours if row.valid_from != self.hours.valid_from]
        return replace(content, hours=tuple(sorted((*others, self.hours), key=lambda row: row.valid_from)))


@dataclass(frozen=True)
class AddException:
    """An exception of one unit."""

    exception: UnitException

    def on(self, content: Content) -> Content:
        """The content after it. Raises Impossible."""
        if self.exception.fault:
            raise Impossible(self.exception.fault)
        return replace(content, exceptions=(*content.exceptions, self.exception))


@dataclass(frozen=True)
class EndException:
    """Let an exception end with a day; before its first day it is taken back altogether."""

    ident: int
    last: date

    def on(self, content: Content) -> Content:
        """The content after it. Raises Impossible."""
        found = next((row for row in content.exceptions if row.ident == self.ident), None)
        if found is None or (found.valid_to is not None and found.valid_to <= self.last):
            raise Impossible("calendars.exception_ended")
        ended = [replace(found, valid_to=self.last)] if self.last >= found.valid_from else []
        kept = [row for row in content.exceptions if row.ident != self.ident]
        return replace(content, exceptions=tuple(sorted((*kept, *ended), key=lambda row: row.ident or 0)))


Change = SetDay | RemoveDay | OpenYear | SetHours | AddException | EndException


def as_json(change: Change) -> dict[str, Any]:
    """A change as it is kept with a draft."""
    match change:
        case SetDay(day):
            return {"do": "set_day", **day.as_json()}
        case RemoveDay(on):
            return {"do": "remove_day", "day": on.isoformat()}
        case OpenYear(year):
            return {"do": "open_year", "year": year}
        case SetHours(hours):
            return {"do": "set_hours", **hours.as_json()}
        case AddException(exception):
            return {"do": "add_exception", **exception.as_json()}
        case EndException(ident, last):
            return {"do": "end_exception", "id": ident, "last": last.isoformat()}


def from_json(value: Mapping[str, Any]) -> Change:
    """A change that was kept. ValueError for one of an unknown kind."""
    match value["do"]:
        case "set_day":
            return SetDay(NamedDay.from_json(value))
        case "remove_day":
            return RemoveDay(date.fromisoformat(value["day"]))
        case "open_year":
            return OpenYear(value["year"])
        case "set_hours":
            return SetHours(HoursFrom.from_json(value))
        case "add_exception":
            return AddException(UnitException.from_json(value))
        case "end_exception":
            return EndException(value["id"], date.fromisoformat(value["last"]))
    raise ValueError(value["do"])


def after(content: Content, changes: Iterable[Change]) -> Content:
    """The content after all changes, in their order. Raises Impossible at the first that cannot be made."""
    for change in changes:
        content = change.on(content)
    return content


@dataclass(frozen=True)
class Difference:
    """A date on which two contents differ: what each says of it, None where it is an ordinary day."""

    day: date
    before: NamedDay | None
    after: NamedDay | None


def differences(old: Content, new: Content) -> list[Difference]:
    """The dates on which two contents differ, in order; both dates of a swap."""
    before, now = old.dates(), new.dates()
    return [
        Difference(day, before.get(day), now.get(day))
        for day in sorted(before.keys() | now.keys())
        if before.get(day) != now.get(day)
    ]
