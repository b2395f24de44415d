"""PURE: where the days of many cases went, added up by unit, step or officer."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from portal.cases.spent import in_days

KEY_LENGTH = 16


class Axis(StrEnum):
    """By what the days are added up."""

    UNIT = "unit"
    STEP = "step"
    OFFICER = "officer"


class Behind(StrEnum):
    """Which steps a number counts: all, those that took longer than allowed, and of these those of cases in time."""

    ALL = "all"
    OVER = "over"
    OVER_IN_TIME = "over_in_time"


@dataclass(frozen=True, slots=True)
class Held:
    """How long one step held one case. ``names`` by axis, as the source wrote them; empty after the last step told.

    ``spent`` is working time without pauses; ``allowed`` what the source gave the step, None where it gave nothing.
    """

    case_id: int
    is_late: bool
    names: tuple[str, str, str]
    begin: datetime
    end: datetime
    spent: timedelta
    paused: timedelta
    allowed: timedelta | None
    is_step: bool = True

    def name(self, axis: Axis) -> str:
        """The name it is added up under."""
        return self.names[list(Axis).index(axis)]

    @property
    def over(self) -> timedelta:
        """How much longer than allowed; nothing where nothing was allowed."""
        return max(self.spent - self.allowed, timedelta()) if self.allowed is not None else timedelta()

    def is_behind(self, number: Behind) -> bool:
        """Whether a number counts it."""
        if number is Behind.ALL:
            return True
        return bool(self.over) and (number is Behind.OVER or not self.is_late)

    @property
    def days(self) -> dict[str, Decimal | None]:
        """Its times in working days of eight hours, by their names."""
        times = {"spent": self.spent, "paused": self.paused, "allowed": self.allowed, "over": self.over}
        return {name: None if time is None else in_days(time) for name, time in times.items()}


@dataclass
class Sum:
    """The steps under one name. ``measured``: what those took that were given a time, beside ``allowed``."""

    name: str
    is_step: bool = True
    steps: int = 0
    cases: set[int] = field(default_factory=set)
    over_steps: int = 0
    in_time_steps: int = 0
    spent: timedelta = timedelta()
    measured: timedelta = timedelta()
    allowed: timedelta = timedelta()
    over: timedelta = timedelta()
    paused: timedelta = timedelta()

    @property
    def key(self) -> str:
        """What stands for the name in an address: names of officers stay out of the logs of servers."""
        return key_of(self.name, self.is_step)

    @property
    def days(self) -> dict[str, Decimal]:
        """Its times in working days of eight hours, by their names."""
        names = ("spent", "measured", "allowed", "over", "paused")
        return {name: in_days(getattr(self, name)) for name in names}

    def add(self, held: Held) -> None:
        """Count one step more."""
        self.steps += 1
        self.cases.add(held.case_id)
        self.spent += held.spent
        self.paused += held.paused
        self.over += held.over
        self.over_steps += held.is_behind(Behind.OVER)
        self.in_time_steps += held.is_behind(Behind.OVER_IN_TIME)
        if held.allowed is not None:
            self.measured += held.spent
            self.allowed += held.allowed


def key_of(name: str, is_step: bool) -> str:
    """A short digest of a name."""
    return hashlib.sha256(f"{is_step:d}{name}".encode()).hexdigest()[:KEY_LENGTH]


@dataclass(frozen=True)
class Table:
    """The sums, what went longest over its time first, and the total; time after the last step stands at the end."""

    lines: tuple[Sum, ...]
    total: Sum


def added_up(rows: Iterable[Held], axis: Axis) -> Table:
    """All rows under their names."""
    found: dict[tuple[bool, str], Sum] = {}
    total = Sum("")
    for row in rows:
        place = row.is_step, row.name(axis)
        found.setdefault(place, Sum(row.name(axis), row.is_step)).add(row)
        total.add(row)
    lines = sorted(found.values(), key=lambda line: (not line.is_step, -line.over, -line.spent, line.name))
    return Table(tuple(lines), total)
