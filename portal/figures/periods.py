"""PURE: the periods people report on. Report quarters run from the 15th to the 14th."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from portal.cases.filters import day_from

QUARTER_DAY = 15
QUARTER_MONTHS = (12, 9, 6, 3)


class Preset(StrEnum):
    """The periods a page offers."""

    YEAR = "year"
    QUARTER = "quarter"
    LAST_QUARTER = "last_quarter"
    WEEK = "week"
    LAST_WEEK = "last_week"
    MONTH = "month"
    LAST_MONTH = "last_month"


@dataclass(frozen=True)
class Period:
    """A period, both days included; ``preset`` None where the reader typed the days."""

    from_: date
    to: date
    preset: Preset | None = None

    def to_args(self) -> dict[str, str]:
        """The arguments of the URL that shows this period."""
        if self.preset is not None:
            return {"period": self.preset.value}
        return {"from": f"{self.from_:%d/%m/%Y}", "to": f"{self.to:%d/%m/%Y}"}


def preset_period(preset: Preset, today: date) -> Period:
    """The days of a preset: the present ones end today, the last ones on their own last day."""
    monday = today - timedelta(days=today.weekday())
    first = {
        Preset.YEAR: date(today.year, 1, 1),
        Preset.QUARTER: quarter_start(today),
        Preset.LAST_QUARTER: quarter_start(quarter_start(today) - timedelta(days=1)),
        Preset.WEEK: monday,
        Preset.LAST_WEEK: monday - timedelta(days=7),
        Preset.MONTH: today.replace(day=1),
        Preset.LAST_MONTH: (today.replace(day=1) - timedelta(days=1)).replace(day=1),
    }[preset]
    last = {
        Preset.LAST_QUARTER: quarter_start(today) - timedelta(days=1),
        Preset.LAST_WEEK: monday - timedelta(days=1),
        Preset.LAST_MONTH: today.replace(day=1) - timedelta(days=1),
    }.get(preset, today)
    return Period(first, last, preset)


def months_of(period: Period) -> list[Period]:
    """The months of a period, the first and the last one cut where it begins and ends; none of a single month."""
    months, first = list[Period](), period.from_
    while first <= period.to:
        next_month = (first.replace(day=1) + timedelta(days=32)).replace(day=1)
        months.append(Period(first, min(period.to, next_month - timedelta(days=1))))
        first = next_month
    return months if len(months) > 1 else []


def quarter_start(day: date) -> date:
    """The first day of the report quarter of a day: the 15th of December, March, June or September before it."""
    starts = [date(day.year, month, QUARTER_DAY) for month in QUARTER_MONTHS]
    starts.append(date(day.year - 1, QUARTER_MONTHS[0], QUARTER_DAY))
    return max(start for start in starts if start <= day)


def period_from(args: Mapping[str, str], today: date) -> Period:
    """The period a URL asks for, never beyond today; the year so far where it asks for none or nonsense."""
    first, last = day_from(args.get("from", "")), day_from(args.get("to", ""))
    if first is not None or last is not None:
        last = min(last or today, today)
        first = first or date(last.year, 1, 1)
        if first <= last:
            return Period(first, last)
    chosen = args.get("period", "")
    return preset_period(Preset(chosen) if chosen in set(Preset) else Preset.YEAR, today)
