"""What a change does to one case, and to all of them together. PURE."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Self


class Effect(StrEnum):
    """What becomes of a case whose due moment moves."""

    BECOMES_OVERDUE = "becomes_overdue"
    NO_LONGER_OVERDUE = "no_longer_overdue"
    LATER = "later"
    EARLIER = "earlier"


class State(StrEnum):
    """How far the work on a preview or a run is. A row that waits is the queue."""

    WAITING = "waiting"
    WORKING = "working"
    DONE = "done"
    SUPERSEDED = "superseded"


def effect_of(was: datetime, becomes: datetime, now: datetime) -> Effect:
    """What moving the due moment of an open case does at ``now``."""
    if (was < now) != (becomes < now):
        return Effect.BECOMES_OVERDUE if becomes < now else Effect.NO_LONGER_OVERDUE
    return Effect.LATER if becomes > was else Effect.EARLIER


@dataclass(frozen=True)
class LastHourChange:
    """The last-hour rule as somebody wants it from a day on."""

    value: bool
    valid_from: date

    @property
    def number(self) -> int:
        """One number for the change, so that it is asked for once; ``of_number`` reads it again."""
        return self.valid_from.toordinal() * 2 + self.value

    @classmethod
    def of_number(cls, number: int) -> Self:
        """The change a number stands for."""
        return cls(bool(number % 2), date.fromordinal(number // 2))


@dataclass(frozen=True)
class Moved:
    """An open case whose due moment moves."""

    case_id: int
    was: datetime
    becomes: datetime
    effect: Effect
    running: bool


@dataclass(frozen=True)
class Counts:
    """The sentence of a preview in numbers. ``aged``: overdue cases that count another number of days late.

    ``corrections``: standing breaches of cases no longer overdue, each proposed for a person to decide;
    ``own_changed``: our own counts beside printed dates that change.
    Frozen breaches never change, so there is no number for them.
    """

    moved: int = 0
    later: int = 0
    earlier: int = 0
    becomes_overdue: int = 0
    no_longer_overdue: int = 0
    aged: int = 0
    corrections: int = 0
    own_changed: int = 0


def counts_of(moved: Iterable[Moved], *, aged: int, corrections: int, own_changed: int) -> Counts:
    """The numbers of a list of moved cases. A paused case moves, but is not overdue while it stands."""
    cases = list(moved)
    effects = Counter(case.effect for case in cases if case.running)
    return Counts(
        moved=len(cases),
        later=sum(case.becomes > case.was for case in cases),
        earlier=sum(case.becomes < case.was for case in cases),
        becomes_overdue=effects[Effect.BECOMES_OVERDUE],
        no_longer_overdue=effects[Effect.NO_LONGER_OVERDUE],
        aged=aged,
        corrections=corrections,
        own_changed=own_changed,
    )
