"""A year as twelve months for the page and the print. PURE."""

from __future__ import annotations

from calendar import monthcalendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from portal.calendars.rules import SATURDAY, Content, DayKind, NamedDay, make_up_name

MONTHS = range(1, 13)
FIRST_MARK = ord("a")


@dataclass(frozen=True)
class Cell:
    """One day on the year page. ``kind`` is working, weekend, off or make_up; ``mark`` joins the two days of a swap."""

    day: date
    kind: str
    named: NamedDay | None = None
    mark: str = ""

    @property
    def name(self) -> str:
        """What the day is called; empty for an ordinary one."""
        if self.named is None:
            return ""
        return make_up_name(self.named) if self.day == self.named.worked_on else self.named.name


@dataclass(frozen=True)
class Month:
    """One month: its weeks, Monday first, None where a week reaches into another month; and its working days."""

    year: int
    number: int
    weeks: tuple[tuple[Cell | None, ...], ...]

    @property
    def working_days(self) -> int:
        """How many working days the month has."""
        return sum(cell.kind in ("working", DayKind.MAKE_UP) for week in self.weeks for cell in week if cell)


def year_of(year: int, content: Content) -> list[Month]:
    """The twelve months of a year."""
    named, marks = content.dates(), swap_marks(year, content)
    return [Month(year, month, _weeks(year, month, named, marks)) for month in MONTHS]


def swap_marks(year: int, content: Content) -> dict[date, str]:
    """A letter for each swap that touches the year, under the first date of its row."""
    swaps = [row for row in sorted(content.days) if row.worked_on and year in {on.year for on in row.dates}]
    return {row.day: chr(FIRST_MARK + place) for place, row in enumerate(swaps)}


def _weeks(
    year: int, month: int, named: Mapping[date, NamedDay], marks: Mapping[date, str]
) -> tuple[tuple[Cell | None, ...], ...]:
    return tuple(
        tuple(_cell(date(year, month, day), named, marks) if day else None for day in week)
        for week in monthcalendar(year, month)
    )


def _cell(day: date, named: Mapping[date, NamedDay], marks: Mapping[date, str]) -> Cell:
    row = named.get(day)
    if row is None:
        return Cell(day, "weekend" if day.weekday() >= SATURDAY else "working")
    works = row.kind is DayKind.MAKE_UP or day == row.worked_on
    return Cell(day, DayKind.MAKE_UP if works else DayKind.OFF, row, marks.get(row.day, "") if row.worked_on else "")
