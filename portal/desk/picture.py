"""The small figures under the duties: one ratio with what stands beside it, the sum of the duties, the units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

from portal import clock
from portal.desk.queries import duty_states
from portal.figures.queries import By, Row, summary
from portal.figures.rules import Colour, Counts, ToFloor, colour, is_below, pct, places_below, to_floor
from portal.guard import Permission, Viewer
from portal.policy.queries import rule_set
from portal.policy.rules import ColourBands

UNITS_SHOWN = 10


@dataclass(frozen=True)
class UnitLine:
    """A unit of the excerpt: its ratio, and what is overdue beside it."""

    row: Row
    r1: Decimal | None
    places: int
    level: Colour


@dataclass(frozen=True)
class Picture:
    """The figures of a period for what a viewer reads. ``whose``: narrows a list of cases to what is counted here."""

    from_: date
    to: date
    counts: Counts
    pending: int
    floor: int
    r1: Decimal | None
    places: int
    is_below: bool | None
    r1_if_closed: Decimal | None
    to_floor: ToFloor
    explanations: Mapping[str, int]
    letters: Mapping[str, int]
    units: Sequence[UnitLine]
    units_below: int
    whose: Mapping[str, int]

    @property
    def breaches(self) -> int:
        """All breaches the duties belong to."""
        return sum(self.explanations.values())

    @property
    def concluded(self) -> int:
        """Explanations that are settled."""
        return self.explanations.get("concluded", 0) + self.explanations.get("cancelled", 0)

    @property
    def apologised(self) -> int:
        """Letters that are settled."""
        return sum(self.letters.get(state, 0) for state in ("sent", "exempt", "cancelled"))


def picture_of(viewer: Viewer, at: datetime) -> Picture:
    """The figures of the calendar year up to ``at``, for the viewer's cases; the units too where they read figures."""
    today = at.date()
    from_ = date(today.year, 1, 1)
    reads_units = viewer.may(Permission.READ_FIGURES)
    found = summary(from_, today, today, By.UNIT if reads_units else None, viewer, at)
    rules = rule_set(today)
    floor, counts = Decimal(rules.floor_pct), found.totals
    explanations, letters = duty_states(viewer, clock.end_of(today))
    lines = [_line(row, floor, rules.colour_bands) for row in found.rows]
    places = places_below(counts.r1, floor)
    return Picture(
        from_=from_,
        to=today,
        counts=counts,
        pending=found.pending,
        floor=rules.floor_pct,
        r1=pct(counts.r1, places),
        places=places,
        is_below=None if counts.r1 is None else is_below(counts.r1, floor),
        r1_if_closed=pct(counts.r1_if_closed, 1),
        to_floor=to_floor(counts.in_time, counts.judged, floor),
        explanations=explanations,
        letters=letters,
        units=sorted(lines, key=_worst_first)[:UNITS_SHOWN],
        units_below=sum(1 for line in lines if is_below(line.row.counts.r1, floor)),
        whose=_whose(viewer),
    )


def _whose(viewer: Viewer) -> dict[str, int]:
    """Lists also hold what the viewer reads in place of others: whoever reads no unit counts their own cases here."""
    reads_units = viewer.sees_all or bool(viewer.readable_units)
    return {} if reads_units or viewer.person_id is None else {"officer": viewer.person_id}


def _line(row: Row, floor: Decimal, bands: ColourBands) -> UnitLine:
    least = {Colour.GREEN: bands.green, Colour.YELLOW: bands.yellow, Colour.ORANGE: bands.orange}
    level = colour(row.counts.r1, {name: Decimal(value) for name, value in least.items()})
    places = places_below(row.counts.r1, floor)
    return UnitLine(row, pct(row.counts.r1, places), places, level)


def _worst_first(line: UnitLine) -> tuple[bool, Fraction, int, str]:
    """Units with cases before those without; the lowest ratio first, then the most overdue."""
    counts = line.row.counts
    return (counts.r1 is None, counts.r1 or Fraction(0), -counts.overdue, line.row.sort_key)
