"""Working hours by weekday, with dates of force. PURE."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from functools import cache
from typing import NamedTuple

FRIDAY = 4
MONDAY = 0
SECONDS_OF_A_MINUTE = 60
MINUTES_OF_AN_HOUR = 60


class Interval(NamedTuple):
    """A stretch of working time within one day; its end belongs to it (who comes at 17:00 comes in time)."""

    start: time
    end: time


DayHours = tuple[Interval, ...]
"""The working time of one day, in order, not overlapping."""


def seconds_of(moment: time) -> int:
    """Seconds since midnight."""
    return (moment.hour * MINUTES_OF_AN_HOUR + moment.minute) * SECONDS_OF_A_MINUTE + moment.second


@cache
def in_seconds(hours: DayHours) -> tuple[tuple[int, int], ...]:
    """The intervals as the second of the day at which each begins and how many seconds it has."""
    return tuple((seconds_of(each.start), seconds_of(each.end) - seconds_of(each.start)) for each in hours)


@cache
def length_of(hours: DayHours) -> int:
    """The working seconds of a day."""
    return sum(length for _start, length in in_seconds(hours))


def checked(hours: Iterable[tuple[time, time]]) -> DayHours:
    """The intervals of a day in order; ValueError where one is empty or two overlap, or there is none."""
    ordered = tuple(sorted(Interval(*pair) for pair in hours))
    if not ordered:
        raise ValueError("a day that is worked has working hours")
    if any(interval.end <= interval.start for interval in ordered):
        raise ValueError("working hours end after they begin")
    if any(after.start < before.end for before, after in zip(ordered, ordered[1:], strict=False)):
        raise ValueError("working hours of a day do not overlap")
    return ordered


OFFICE_HOURS: DayHours = (Interval(time(7, 0), time(11, 30)), Interval(time(13, 30), time(17, 0)))
"""What most provinces work, and what is shipped: eight hours, so that 8 working hours are one working day."""


@dataclass(frozen=True)
class WeekHours:
    """The hours of each weekday (0 = Monday) from one day on, with the decision that says so.

    Every weekday from Monday to Friday needs hours; Saturday and Sunday have theirs from the day they stand for.
    """

    valid_from: date
    days: Mapping[int, DayHours] = field(default_factory=lambda: dict.fromkeys(range(FRIDAY + 1), OFFICE_HOURS))
    document: str = ""

    def __post_init__(self) -> None:
        if missing := set(range(FRIDAY + 1)) - self.days.keys():
            raise ValueError(f"no working hours for weekday {min(missing)} (0 = Monday)")
        for hours in self.days.values():
            checked(hours)


class WorkingHours:
    """Which hours are worked on a day: the weeks in force, the newest that has begun ruling.

    Days before the first one use the first one: hours are never unknown, only days are.
    """

    def __init__(self, weeks: Iterable[WeekHours] = ()) -> None:
        self.weeks = tuple(sorted(weeks, key=lambda week: week.valid_from)) or (WeekHours(date.min),)

    def week_of(self, day: date) -> WeekHours:
        """The week in force on a day."""
        begun = [week for week in self.weeks if week.valid_from <= day]
        return begun[-1] if begun else self.weeks[0]

    def of(self, day: date, stands_for: date | None = None) -> DayHours:
        """The hours of a worked day. A Saturday or Sunday takes those of the weekday it stands for, else Monday's."""
        model = stands_for or day
        weekday = model.weekday() if model.weekday() <= FRIDAY else MONDAY
        return self.week_of(day).days[weekday]
