"""PURE: the moments that cells hold: date cells, serial numbers, and text the way offices write it.

A file of 20,000 rows holds a few thousand different moments, so each written form is read once (a dictionary of seen
cells costs a tenth of the reading; ``strptime`` for each cell five times the whole file).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from portal.imports.rules import DateOrder

MARK = "\x01"
EPOCH = datetime(1899, 12, 30)
"""Day 0 of serial numbers in the 1900 system, as it counts from 1 March 1900 on."""
DAYS_TO_1904 = 1_462
FIRST_YEAR, LAST_YEAR = 1990, 2100
FIRST_SERIAL = (datetime(FIRST_YEAR, 1, 1) - EPOCH).days
LAST_SERIAL = (datetime(LAST_YEAR + 1, 1, 1) - EPOCH).days

_CLOCK = (
    r"(?P<hour>\d{1,2})\s*(?::|h|giờ|g)\s*(?P<minute>\d{2})?(?:\s*(?:phút|ph|p))?"
    r"(?::(?P<second>\d{2})(?:\.\d+)?)?\s*(?P<half>AM|PM|SA|CH)?"
)
_SHORT = r"(?P<a>\d{1,2})[/.-](?P<b>\d{1,2})[/.-](?P<year>\d{4})"
_ISO = r"(?P<iso_year>\d{4})[-/](?P<iso_month>\d{1,2})[-/](?P<iso_day>\d{1,2})"
DAY_THEN_CLOCK = re.compile(rf"(?:{_SHORT}|{_ISO})(?:(?:\s*,\s*|\s+|T){_CLOCK}(?:Z|[+]07:?00)?)?", re.IGNORECASE)
CLOCK_THEN_DAY = re.compile(rf"{_CLOCK}\s*,?\s*(?:ngày\s*)?(?:{_SHORT}|{_ISO})", re.IGNORECASE)
SERIAL = re.compile(r"\d{5}(?:[.,]\d+)?")


class Moment(NamedTuple):
    """A wall moment and whether it has a time of day. Without one ``at`` is midnight and ``precision`` is ``day``."""

    at: datetime
    precision: str

    @property
    def has_clock(self) -> bool:
        """Whether the source gave a time of day."""
        return self.precision == "minute"


class Reading(NamedTuple):
    """What a cell can mean: read day first, read month first (None where impossible or the same), or blank."""

    day_first: Moment | None
    month_first: Moment | None
    is_blank: bool = False

    def under(self, order: DateOrder) -> Moment | None:
        """The moment in one order; forms that have only one reading give it in both."""
        if order is DateOrder.MONTH_FIRST and self.month_first is not None:
            return self.month_first
        return self.day_first if order is DateOrder.DAY_FIRST or self.month_first is None else None


BLANK = Reading(None, None, is_blank=True)
UNREADABLE = Reading(None, None)
EMPTY_MARKS = frozenset(
    ("", "-", "--", "–", "—", "...", "…", "n/a", "null", "none", "không", "không có", "chưa có", "chưa")
)


@dataclass(slots=True)
class MomentReader:
    """Reads the moments of one file; remembers what it has read."""

    seen: dict[str | int | float, Reading] = field(default_factory=dict)

    def read(self, cell: str | int | float) -> Reading:
        """The possible moments of a cell."""
        known = self.seen.get(cell)
        if known is None:
            known = self.seen[cell] = read_cell(cell)
        return known


def read_cell(cell: str | int | float) -> Reading:
    """The possible moments of one cell, without memory."""
    if isinstance(cell, (int, float)):
        return _serial(float(cell))
    if cell.startswith(MARK):
        return _date_cell(cell[1:])
    text = " ".join(cell.split()).strip("'")
    if text.lower() in EMPTY_MARKS:
        return BLANK
    if SERIAL.fullmatch(text):
        return _serial(float(text.replace(",", ".")))
    match = DAY_THEN_CLOCK.fullmatch(text) or CLOCK_THEN_DAY.fullmatch(text)
    return _written(match.groupdict()) if match else UNREADABLE


def _moment(at: datetime, has_clock: bool) -> Moment | None:
    """Midnight counts as no time of day: spreadsheets and exports write a bare date so, and nobody is accused by it."""
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        return None
    if not has_clock or (at.hour, at.minute, at.second) == (0, 0, 0):
        return Moment(at.replace(hour=0, minute=0, second=0), "day")
    return Moment(at, "minute")


def _date_cell(iso: str) -> Reading:
    return Reading(_moment(datetime.fromisoformat(iso), "T" in iso), None)


def _serial(number: float) -> Reading:
    """A serial number of the 1900 system, rounded to the second."""
    if not FIRST_SERIAL <= number < LAST_SERIAL:
        return UNREADABLE
    days, fraction = divmod(number, 1)
    return Reading(_moment(EPOCH + timedelta(days=days, seconds=round(fraction * 86_400)), True), None)


def from_1904(cell: str | int | float) -> str | int | float:
    """A serial number of a workbook that counts from 1904, as a date cell; anything else as it stands."""
    if isinstance(cell, str):
        return cell
    moment = _serial(cell + DAYS_TO_1904).day_first
    return cell if moment is None else f"{MARK}{moment.at:%Y-%m-%dT%H:%M:%S}"


def _written(parts: dict[str, str | None]) -> Reading:
    clock = _clock(parts)
    if clock is None:
        return UNREADABLE
    if parts["iso_year"]:
        return Reading(_built(parts["iso_year"], parts["iso_month"], parts["iso_day"], clock), None)
    day_first = _built(parts["year"], parts["b"], parts["a"], clock)
    month_first = _built(parts["year"], parts["a"], parts["b"], clock)
    return Reading(day_first, month_first)


def _clock(parts: dict[str, str | None]) -> tuple[int, int, int, bool] | None:
    """Hour, minute, second, and whether a time of day was written; None where it is impossible."""
    if parts["hour"] is None:
        return 0, 0, 0, False
    hour, minute, second = int(parts["hour"]), int(parts["minute"] or 0), int(parts["second"] or 0)
    half = (parts["half"] or "").upper()
    if half and not 1 <= hour <= 12:
        return None
    if half:
        hour = hour % 12 + (12 if half in ("PM", "CH") else 0)
    return (hour, minute, second, True) if hour < 24 and minute < 60 and second < 60 else None


def _built(year: str | None, month: str | None, day: str | None, clock: tuple[int, int, int, bool]) -> Moment | None:
    hour, minute, second, has_clock = clock
    try:
        return _moment(datetime(int(year or 0), int(month or 0), int(day or 0), hour, minute, second), has_clock)
    except ValueError:
        return None


def is_after(one: Moment, other: Moment) -> bool:
    """Whether one moment is later: by days where either side has no time of day (domain rules, facts in, 3)."""
    if one.has_clock and other.has_clock:
        return one.at > other.at
    return one.at.date() > other.at.date()
