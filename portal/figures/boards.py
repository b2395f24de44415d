"""What the pages of figures show of a row: rounded once, with its level, and where its numbers lead."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from portal.figures.queries import Row
from portal.figures.rules import Colour, Counts, colour, is_below, pct, places_below
from portal.policy.rules import ColourBands


@dataclass(frozen=True)
class Measure:
    """The floor and the bands of the day the figures are read on."""

    floor: Decimal
    bands: Mapping[Colour, Decimal]


def measure_of(floor_pct: int, bands: ColourBands) -> Measure:
    """The policy of the day as exact numbers."""
    least = {Colour.GREEN: bands.green, Colour.YELLOW: bands.yellow, Colour.ORANGE: bands.orange}
    return Measure(Decimal(floor_pct), {name: Decimal(value) for name, value in least.items()})


@dataclass(frozen=True)
class Share:
    """A percentage for the screen, rounded once, and the decimals it is written with."""

    value: Decimal | None
    places: int = 1


def share_of(ratio: Fraction | None, floor: Decimal | None = None) -> Share:
    """A ratio for the screen: one decimal, more where rounding would show a miss of the floor as reaching it."""
    places = places_below(ratio, floor) if floor is not None else 1
    return Share(pct(ratio, places), places)


@dataclass(frozen=True)
class BoardLine:
    """One line of a board. ``below``: whether R1 misses the floor; None without cases."""

    row: Row
    counts: Counts
    r1: Share
    late: Share
    r1_if_closed: Share
    r2: Share
    level: Colour
    below: bool | None


def line_of(row: Row, measure: Measure) -> BoardLine:
    """A row of a summary as a board shows it."""
    counts = row.counts
    return BoardLine(
        row=row,
        counts=counts,
        r1=share_of(counts.r1, measure.floor),
        late=share_of(counts.late_share),
        r1_if_closed=share_of(counts.r1_if_closed, measure.floor),
        r2=share_of(counts.r2),
        level=colour(counts.r1, measure.bands),
        below=None if counts.r1 is None else is_below(counts.r1, measure.floor),
    )


def by_need(lines: Iterable[BoardLine]) -> list[BoardLine]:
    """What needs action first: below the floor, the lowest first; then by overdue cases; rows without cases last."""
    return sorted(lines, key=_need)


def _need(line: BoardLine) -> tuple[int, Fraction, int, str, str]:
    ratio = line.counts.r1
    if line.below:
        return 0, ratio or Fraction(0), -line.counts.overdue, line.row.sort_key, line.row.code
    nothing = 2 if ratio is None and not line.counts.overdue else 1
    return nothing, Fraction(-line.counts.overdue), 0, line.row.sort_key, line.row.code
