"""PURE: counts of a period, their ratios, and what it takes to reach the floor.

Source: the rules of counting in a period. Ratios are exact fractions; they are compared with thresholds unrounded and
rounded once, half up, when they are written. Percentages are Decimal.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Self

from portal.cases.rules import State


@dataclass(frozen=True)
class Counts:
    """The counts of one row of a summary. Two identities hold for every row:

    received + carried_over = resolved + withdrawn + open; resolved = early + on_time + late + no_term;
    open = within_term + overdue + paused + open_no_term. ``refused`` is "of which" of resolved, ``withdrawn_late``
    (withdrawn after the due moment) "of which" of withdrawn.
    """

    received: int = 0
    carried_over: int = 0
    early: int = 0
    on_time: int = 0
    late: int = 0
    no_term: int = 0
    refused: int = 0
    withdrawn: int = 0
    withdrawn_late: int = 0
    within_term: int = 0
    overdue: int = 0
    paused: int = 0
    open_no_term: int = 0

    def __add__(self, other: Self) -> Self:
        pairs = ((getattr(self, field.name), getattr(other, field.name)) for field in fields(self))
        return type(self)(*(one + two for one, two in pairs))

    @property
    def population(self) -> int:
        """All cases the period answers for."""
        return self.received + self.carried_over

    @property
    def resolved(self) -> int:
        """Ended within the period with a result or a written refusal."""
        return self.early + self.on_time + self.late + self.no_term

    @property
    def open(self) -> int:
        """Not ended at the end of the period."""
        return self.within_term + self.overdue + self.paused + self.open_no_term

    @property
    def in_time(self) -> int:
        """Early or on time."""
        return self.early + self.on_time

    @property
    def judged(self) -> int:
        """Resolved with a verdict: the denominator of R1."""
        return self.in_time + self.late

    @property
    def r1(self) -> Fraction | None:
        """Share on time of those judged."""
        return share(self.in_time, self.judged)

    @property
    def late_share(self) -> Fraction | None:
        """Share late of those judged."""
        return share(self.late, self.judged)

    @property
    def r2(self) -> Fraction | None:
        """Share of the whole population that is not past its term."""
        kept = self.in_time + self.within_term + self.paused + self.withdrawn - self.withdrawn_late
        return share(kept, self.population)

    @property
    def r1_if_closed(self) -> Fraction | None:
        """R1 as it would be if the overdue cases were closed today: without it, not closing late cases would pay."""
        return share(self.in_time, self.resolved + self.overdue)

    @property
    def is_consistent(self) -> bool:
        """Whether the identities hold."""
        whole = self.population == self.resolved + self.withdrawn + self.open
        return whole and self.refused <= self.resolved and self.withdrawn_late <= self.withdrawn


ENDED_FIELDS: dict[State, tuple[str, ...]] = {
    State.WITHDRAWN: ("withdrawn",),
    State.WITHDRAWN_LATE: ("withdrawn", "withdrawn_late"),
}


@dataclass(frozen=True)
class Cell:
    """How many cases of one row share a state, and whether they were received in the period or carried over."""

    state: State
    is_received: bool
    is_refusal: bool
    count: int


def counts_of(cells: Iterable[Cell]) -> Counts:
    """Add cells up. A refusal counts like a result and is shown as "of which"."""
    sums: dict[str, int] = {}
    for cell in cells:
        names = [*ENDED_FIELDS.get(cell.state, (str(cell.state),)), "received" if cell.is_received else "carried_over"]
        if cell.is_refusal and cell.state in RESOLVED_STATES:
            names.append("refused")
        for name in names:
            sums[name] = sums.get(name, 0) + cell.count
    return Counts(**sums)


RESOLVED_STATES = frozenset({State.EARLY, State.ON_TIME, State.LATE, State.NO_TERM})


def share(part: int, whole: int) -> Fraction | None:
    """part / whole, exact; None ("–") where there is nothing to divide by."""
    return Fraction(part, whole) if whole else None


def pct(ratio: Fraction | None, places: int = 2) -> Decimal | None:
    """A ratio as a percentage rounded half up; None stays None."""
    if ratio is None:
        return None
    scaled = ratio * 100 * 10**places
    whole = math.floor(scaled + Fraction(1, 2))
    return Decimal(whole).scaleb(-places).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


MOST_PLACES = 6


def places_below(ratio: Fraction | None, floor_pct: Decimal) -> int:
    """How many decimals a screen needs: one, or more where rounding would show a miss of the floor as reaching it."""
    if ratio is None or not is_below(ratio, floor_pct):
        return 1
    for places in range(1, MOST_PLACES):
        rounded = pct(ratio, places)
        if rounded is not None and rounded < floor_pct:
            return places
    return MOST_PLACES


def is_below(ratio: Fraction | None, floor_pct: Decimal) -> bool:
    """Whether a ratio, unrounded, misses the floor; nothing is below where there is no ratio."""
    return ratio is not None and ratio * 100 < Fraction(floor_pct)


@dataclass(frozen=True)
class ToFloor:
    """What stands between a unit and the floor.

    ``missing``: so many of the resolved should have been on time. ``next_on_time``: so many next cases must all be on
    time; None when no number of them suffices (a floor of 100 %). ``per_late``: so many more are needed for each
    further late case; None likewise.
    """

    missing: int
    next_on_time: int | None
    per_late: int | None

    @property
    def is_reached(self) -> bool:
        """Whether the floor is reached already."""
        return self.missing == 0


def to_floor(in_time: int, judged: int, floor_pct: Decimal) -> ToFloor:
    """The numbers of the sentence of the floor, exact.

    >>> to_floor(10677, 11339, Decimal(95))
    ToFloor(missing=96, next_on_time=1901, per_late=19)
    """
    floor = Fraction(floor_pct) / 100
    missing = max(0, math.ceil(floor * judged - in_time))
    if floor >= 1:
        return ToFloor(missing, 0 if missing == 0 else None, None)
    next_on_time = max(0, math.ceil((floor * judged - in_time) / (1 - floor)))
    return ToFloor(missing, next_on_time, math.ceil(floor / (1 - floor)))


class Colour(StrEnum):
    """The level of a unit; a word always stands beside it."""

    GREEN = "green"
    YELLOW = "yellow"
    ORANGE = "orange"
    RED = "red"
    GREY = "grey"


BANDS: Mapping[Colour, Decimal] = {
    Colour.GREEN: Decimal(98),
    Colour.YELLOW: Decimal(95),
    Colour.ORANGE: Decimal(90),
}
"""The shipped bands: the least percentage of each colour; below the last is red."""


def colour(ratio: Fraction | None, bands: Mapping[Colour, Decimal] = BANDS) -> Colour:
    """The colour of a ratio, compared unrounded; grey without cases."""
    if ratio is None:
        return Colour.GREY
    for name, least in sorted(bands.items(), key=lambda band: -band[1]):
        if ratio * 100 >= Fraction(least):
            return name
    return Colour.RED


class Quantity(StrEnum):
    """Counts that no case list carries. They stand beside the ratios and are never mixed into them."""

    RECEIVED_OUTSIDE = "received_outside"
    PAYMENTS = "payments"
    PAYMENTS_ONLINE = "payments_online"
    DIGITISED = "digitised"


def month_of(day: date) -> date:
    """The first day of a day's month."""
    return day.replace(day=1)


def next_month(month: date) -> date:
    """The first day of the month after."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def whole_months(from_: date, to: date) -> tuple[date, date] | None:
    """The first and last month that lie wholly within [from_, to]; None where none does.

    >>> whole_months(date(2023, 1, 1), date(2023, 10, 16))
    (datetime.date(2023, 1, 1), datetime.date(2023, 9, 1))
    """
    first = from_ if from_.day == 1 else next_month(month_of(from_))
    ended = (to + timedelta(days=1)).replace(day=1)
    last = month_of(ended - timedelta(days=1))
    return (first, last) if first <= last else None


@dataclass(frozen=True)
class Online:
    """Cases received in a period by channel. ``eligible``: of procedures that may be applied for online that day."""

    received: int = 0
    online: int = 0
    eligible: int = 0
    eligible_online: int = 0

    def __add__(self, other: Self) -> Self:
        pairs = ((getattr(self, field.name), getattr(other, field.name)) for field in fields(self))
        return type(self)(*(one + two for one, two in pairs))

    @property
    def share(self) -> Fraction | None:
        """Online of those received of procedures that may be applied for online."""
        return share(self.eligible_online, self.eligible)

    @property
    def share_of_all(self) -> Fraction | None:
        """Online of all received; printed beside, never instead."""
        return share(self.online, self.received)
