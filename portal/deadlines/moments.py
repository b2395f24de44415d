"""Moments as sources know them: Vietnam wall time, to the minute or to the day. PURE."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum

END_OF_DAY = time(23, 59, 59)


class Precision(StrEnum):
    """How exactly a source knows a moment."""

    DAY = "day"
    MINUTE = "minute"


@dataclass(frozen=True)
class Moment:
    """A Vietnam wall-clock moment (no zone) with its precision; a day-precise one stands for the whole day."""

    at: datetime
    precision: Precision = Precision.MINUTE

    def __post_init__(self) -> None:
        if self.at.tzinfo is not None:
            raise ValueError("moments of cases are Vietnam wall time without zone")

    @classmethod
    def of_day(cls, day: date) -> Moment:
        """A day without a time of day, in the form in which receipts and finishes are stored (00:00)."""
        return cls(datetime.combine(day, time()), Precision.DAY)

    @classmethod
    def end_of_day(cls, day: date) -> Moment:
        """A day without a time of day, in the form in which due moments are stored (23:59:59)."""
        return cls(datetime.combine(day, END_OF_DAY), Precision.DAY)

    @property
    def day(self) -> date:
        """The calendar day of the moment."""
        return self.at.date()

    @property
    def is_whole_day(self) -> bool:
        """Whether the time of day is unknown."""
        return self.precision is Precision.DAY

    @property
    def latest(self) -> datetime:
        """The last instant the moment can mean: itself, or the end of its day where the time of day is unknown."""
        return datetime.combine(self.at.date(), END_OF_DAY) if self.is_whole_day else self.at


def is_past_due(due: Moment | None, at: Moment | None) -> bool | None:
    """Whether ``at`` lies after the due moment; None (no verdict) where either is unknown.

    If either side has no time of day, days are compared; otherwise moments (domain/rules.md §1.3).
    """
    if due is None or at is None:
        return None
    if due.is_whole_day or at.is_whole_day:
        return at.day > due.day
    return at.at > due.at
