"""PURE: the moments that cells hold: date cells, serial numbers, and text the way offices write it.

What is read: date cells; serial numbers of 1990 to 2100 (32,874 to 73,415, also as text and with a fraction); day,
month and year with strokes, points or hyphens, or year first, each with or without a clock before or behind it
("16h30", "16:30 ngày 12/03/2026", "4:30 CH"); "12 tháng 3 năm 2026", "12-Mar-2026"; yyyymmdd with or without hhmmss;
years of two digits by ``SHORT_YEARS``; a moment with its distance from UTC becomes Vietnamese time. Other years, a
contradiction ("16:30 SA") and everything else is unreadable: the row is rejected with the cell as it stands.

A file of 20,000 rows holds a few thousand different moments, so each written form is read once (a dictionary of seen
cells costs a tenth of the reading; ``strptime`` for each cell five times the whole file).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from portal.imports.rules import DateOrder
from portal.vietnamese import clean

MARK = "\x01"
EPOCH = datetime(1899, 12, 30)
"""Day 0 of serial numbers in the 1900 system, as it counts from 1 March 1900 on."""
DAYS_TO_1904 = 1_462
FIRST_YEAR, LAST_YEAR = 1990, 2100
FIRST_SERIAL = (datetime(FIRST_YEAR, 1, 1) - EPOCH).days
LAST_SERIAL = (datetime(LAST_YEAR + 1, 1, 1) - EPOCH).days

SHORT_YEARS = range(10, 70)
"""Years of two digits that are read, as 20xx, and only after strokes or points: 23-10-02 could be a year first."""
NEVER = ("01/01/0001", "0001-01-01", "01/01/1900", "1900-01-01")
"""How databases write that a moment is missing."""
VIETNAM_HOURS = 7

_CLOCK = (
    r"(?P<hour>\d{1,2})\s*(?::|h|giờ|g)\s*(?P<minute>\d{2})?(?:\s*(?:phút|ph|p|'))?"
    r"(?::(?P<second>\d{2})(?:[.,]\d+)?)?\s*(?P<half>AM|PM|SA|CH|sáng|chiều|tối)?"
)
_MONTHS = {"jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "oct": 10,
           "nov": 11, "dec": 12}  # fmt: skip
_DAY = (
    r"(?:(?:thứ\s+\w+|chủ nhật|t[2-7]|cn)\s*,?\s*)?(?:ngày\s*)?(?:"
    r"(?P<a>\d{1,2})\s*(?P<stroke>[/.-])\s*(?P<b>\d{1,2})\s*(?P=stroke)\s*(?P<year>\d{4}|\d{2})"
    r"|(?P<iso_year>\d{4})(?P<iso_stroke>[-/.])(?P<iso_month>\d{1,2})(?P=iso_stroke)(?P<iso_day>\d{1,2})"
    r"|(?P<word_day>\d{1,2})\s*tháng\s*(?P<word_month>\d{1,2})\s*(?:,\s*)?năm\s*(?P<word_year>\d{4})"
    rf"|(?P<named_day>\d{{1,2}})[-\s]\s*(?:(?P<named_month>{'|'.join(_MONTHS)})[a-z]*|thg\s?(?P<thg_month>\d{{1,2}}))"
    r"[-,\s]\s*(?P<named_year>\d{4}|\d{2}))"
)
DAY_THEN_CLOCK = re.compile(
    rf"{_DAY}(?:(?:\s*,\s*|\s+(?:lúc\s+|-\s+)?|T){_CLOCK}(?P<zone>Z|[+-]\d{{2}}:?\d{{2}})?)?", re.IGNORECASE
)
CLOCK_THEN_DAY = re.compile(rf"(?:lúc\s+)?{_CLOCK}\s*[,-]?\s*{_DAY}(?P<zone>)?", re.IGNORECASE)
COMPACT = re.compile(
    r"(?P<iso_year>(?:19|20)\d{2})(?P<iso_month>\d{2})(?P<iso_day>\d{2})(?:T?(?P<hour>\d{2})(?P<minute>\d{2})"
    r"(?P<second>\d{2})?)?"
)
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
        return _number(float(cell))
    if cell.startswith(MARK):
        return _date_cell(cell[1:])
    text = clean(cell).strip("'")
    if text.lower() in EMPTY_MARKS or text.startswith(NEVER):
        return BLANK
    if SERIAL.fullmatch(text):
        return _serial(float(text.replace(",", ".")))
    match = DAY_THEN_CLOCK.fullmatch(text) or CLOCK_THEN_DAY.fullmatch(text) or COMPACT.fullmatch(text)
    return _written(defaultdict(lambda: None, match.groupdict())) if match else UNREADABLE


def _moment(at: datetime, has_clock: bool) -> Moment | None:
    """Midnight counts as no time of day: spreadsheets and exports write a bare date so, and nobody is accused by it."""
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        return None
    if not has_clock or (at.hour, at.minute, at.second) == (0, 0, 0):
        return Moment(at.replace(hour=0, minute=0, second=0), "day")
    return Moment(at, "minute")


def _date_cell(iso: str) -> Reading:
    try:
        return Reading(_moment(datetime.fromisoformat(iso), "T" in iso), None)
    except ValueError:
        return UNREADABLE


def _number(number: float) -> Reading:
    """A number in a column of moments: a serial number, or the digits of year, month, day and perhaps the clock."""
    if number >= LAST_SERIAL and number.is_integer():
        match = COMPACT.fullmatch(str(int(number)))
        return _written(defaultdict(lambda: None, match.groupdict())) if match else UNREADABLE
    return _serial(number)


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


def _written(parts: Mapping[str, str | None]) -> Reading:
    clock = _clock(parts)
    if clock is None:
        return UNREADABLE
    if parts["iso_year"]:
        built = _built(parts["iso_year"], parts["iso_month"], parts["iso_day"], clock)
        return Reading(_in_vietnam(built, parts["zone"]), None)
    if parts["word_year"]:
        return Reading(_built(parts["word_year"], parts["word_month"], parts["word_day"], clock), None)
    if parts["named_year"]:
        month = parts["thg_month"] or str(_MONTHS[(parts["named_month"] or "").lower()])
        return Reading(_built(_year(parts["named_year"]), month, parts["named_day"], clock), None)
    if len(parts["year"] or "") == 2 and parts["stroke"] == "-":
        return UNREADABLE
    year = _year(parts["year"])
    return Reading(_built(year, parts["b"], parts["a"], clock), _built(year, parts["a"], parts["b"], clock))


def _year(written: str | None) -> str | None:
    """A year of four digits; none for two digits that are not read."""
    if written is None or len(written) == 4:
        return written
    return f"20{written}" if int(written) in SHORT_YEARS else None


def _in_vietnam(moment: Moment | None, zone: str | None) -> Moment | None:
    """A moment written with its distance from UTC, on the clock of Vietnam."""
    if moment is None or not zone:
        return moment
    minutes = 0 if zone in "Zz" else int(f"{zone[0]}1") * (int(zone[1:3]) * 60 + int(zone[-2:]))
    return _moment(moment.at + timedelta(hours=VIETNAM_HOURS, minutes=-minutes), True)


def _clock(parts: Mapping[str, str | None]) -> tuple[int, int, int, bool] | None:
    """Hour, minute, second, and whether a time of day was written; None where it is impossible.

    24:00 is the end of its day and read as its last second, or the day would become the next.
    """
    if parts["hour"] is None:
        return 0, 0, 0, False
    hour, minute, second = int(parts["hour"]), int(parts["minute"] or 0), int(parts["second"] or 0)
    half = (parts["half"] or "").lower()
    if half in ("pm", "ch", "chiều", "tối"):
        hour = hour + 12 if 1 <= hour < 12 else hour if hour >= 12 else -1
    elif half:
        hour = 0 if hour == 12 else hour if hour < 12 else -1
    if (hour, minute, second) == (24, 0, 0) and not half:
        return 23, 59, 59, True
    return (hour, minute, second, True) if 0 <= hour < 24 and minute < 60 and second < 60 else None


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
