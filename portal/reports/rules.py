"""PURE: the figures a source's own report tells, how they lie beside ours, and which facts explain a difference.

A figure that was not told is None, never 0. Source: the rules of counting in a period; the report forms II.06a and
those of the one-stop systems (received with what was carried over; resolved and open, in time and past due).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from fractions import Fraction

from portal.cases.rules import State
from portal.figures.rules import Counts, share


class Figure(StrEnum):
    """What a report may tell of a unit. ``population`` is what it received with what was carried over."""

    POPULATION = "population"
    RECEIVED = "received"
    CARRIED_OVER = "carried_over"
    RESOLVED = "resolved"
    EARLY = "early"
    ON_TIME = "on_time"
    IN_TIME = "in_time"
    LATE = "late"
    OPEN = "open"
    WITHIN_TERM = "within_term"
    OVERDUE = "overdue"
    PAUSED = "paused"
    WITHDRAWN = "withdrawn"


Told = Mapping[Figure, int]
"""The figures a report tells of one unit; what it does not tell is missing."""

RESOLVED_STATES = (State.EARLY, State.ON_TIME, State.LATE, State.NO_TERM)
OPEN_STATES = (State.WITHIN_TERM, State.OVERDUE, State.PAUSED, State.OPEN_NO_TERM)
STATES: Mapping[Figure, tuple[State, ...]] = {
    Figure.RESOLVED: RESOLVED_STATES,
    Figure.EARLY: (State.EARLY,),
    Figure.ON_TIME: (State.ON_TIME,),
    Figure.IN_TIME: (State.EARLY, State.ON_TIME),
    Figure.LATE: (State.LATE,),
    Figure.OPEN: OPEN_STATES,
    Figure.WITHIN_TERM: (State.WITHIN_TERM,),
    Figure.OVERDUE: (State.OVERDUE,),
    Figure.PAUSED: (State.PAUSED,),
    Figure.WITHDRAWN: (State.WITHDRAWN, State.WITHDRAWN_LATE),
}
"""The states of the cases that our own figure counts; the figures left out are not about a state."""
LISTED = (Figure.OVERDUE, Figure.LATE, Figure.OPEN, Figure.RESOLVED, Figure.PAUSED, Figure.WITHDRAWN)
"""Figures a source gives lists of codes for."""


class Door(StrEnum):
    """How the figures came in."""

    TYPED = "typed"
    FILE = "file"


def ours(counts: Counts) -> dict[Figure, int]:
    """Our counts under the names of the figures."""
    return {figure: getattr(counts, figure.value) for figure in Figure}


def complete(told: Told) -> dict[Figure, int]:
    """The figures with those that follow from the others by plain sums; nothing is guessed.

    >>> complete({Figure.POPULATION: 10, Figure.CARRIED_OVER: 4})[Figure.RECEIVED]
    6
    """
    found = dict(told)
    _sum(found, Figure.POPULATION, Figure.RECEIVED, Figure.CARRIED_OVER)
    _sum(found, Figure.IN_TIME, Figure.EARLY, Figure.ON_TIME)
    return found


def _sum(found: dict[Figure, int], whole: Figure, one: Figure, other: Figure) -> None:
    """Fill the one of three that is missing; a difference below 0 is no figure."""
    known = [figure for figure in (whole, one, other) if figure in found]
    if len(known) != 2:
        return
    if whole not in found:
        found[whole] = found[one] + found[other]
        return
    missing = one if other in found else other
    rest = found[whole] - found[other if missing is one else one]
    if rest >= 0:
        found[missing] = rest


def r1_of(told: Told) -> Fraction | None:
    """On time of those resolved with a verdict, as the report's own figures give it; None where they do not."""
    if Figure.IN_TIME not in told or Figure.LATE not in told:
        return None
    return share(told[Figure.IN_TIME], told[Figure.IN_TIME] + told[Figure.LATE])


def r2_of(told: Told) -> Fraction | None:
    """Not past due of the whole population, as the report's own figures give it.

    Paused and withdrawn cases count as kept where the report tells them apart, else they stand inside "within term".
    """
    needed = (Figure.IN_TIME, Figure.WITHIN_TERM, Figure.POPULATION)
    if any(figure not in told for figure in needed):
        return None
    kept = sum(told.get(figure, 0) for figure in (*needed[:2], Figure.PAUSED, Figure.WITHDRAWN))
    return share(min(kept, told[Figure.POPULATION]), told[Figure.POPULATION])


class Check(StrEnum):
    """Sums that hold in the source's forms."""

    POPULATION = "population"
    RESOLVED = "resolved"
    OPEN = "open"


def broken_sums(told: Told) -> tuple[Check, ...]:
    """Which sums of the forms the report itself breaks, as far as it tells all their parts."""
    parts: dict[Check, tuple[Figure, tuple[Figure, ...]]] = {
        Check.POPULATION: (Figure.POPULATION, (Figure.RECEIVED, Figure.CARRIED_OVER)),
        Check.RESOLVED: (Figure.RESOLVED, (Figure.IN_TIME, Figure.LATE)),
    }
    broken = []
    for check, (whole, summed) in parts.items():
        known = whole in told and all(figure in told for figure in summed)
        if known and told[whole] != sum(told[figure] for figure in summed):
            broken.append(check)
    if all(figure in told for figure in (Figure.OPEN, Figure.WITHIN_TERM, Figure.OVERDUE)):
        without = told[Figure.WITHIN_TERM] + told[Figure.OVERDUE]
        if told[Figure.OPEN] not in (without, without + told.get(Figure.PAUSED, 0)):
            broken.append(Check.OPEN)
    return tuple(broken)


@dataclass(frozen=True)
class Cell:
    """One figure of one unit on both sides. ``theirs`` None: not told."""

    figure: Figure
    ours: int
    theirs: int | None

    @property
    def difference(self) -> int | None:
        """Ours less theirs; None where theirs was not told."""
        return None if self.theirs is None else self.ours - self.theirs


def cells(counts: Counts, told: Told) -> dict[Figure, Cell]:
    """All figures of one unit on both sides."""
    known = complete(told)
    return {figure: Cell(figure, number, known.get(figure)) for figure, number in ours(counts).items()}


@dataclass(frozen=True)
class Split:
    """Two sets of codes beside each other."""

    both: frozenset[str]
    only_ours: frozenset[str]
    only_theirs: frozenset[str]

    @property
    def difference(self) -> int:
        """Ours less theirs: what only we count less what only they count."""
        return len(self.only_ours) - len(self.only_theirs)


def split(our_codes: Iterable[str], their_codes: Iterable[str]) -> Split:
    """Which codes only one side counts."""
    mine, others = frozenset(our_codes), frozenset(their_codes)
    return Split(mine & others, mine - others, others - mine)


class Why(StrEnum):
    """Known facts of a case that may explain why one side counts it and the other does not; the plainest first."""

    UNKNOWN = "unknown"
    PENDING = "pending"
    REJECTED = "rejected"
    OTHER_UNIT = "other_unit"
    OTHER_SOURCE = "other_source"
    GONE = "gone"
    FAULT = "fault"
    NO_TERM = "no_term"
    RECEIVED_LATER = "received_later"
    ENDED_BEFORE = "ended_before"
    STANDS = "stands"
    DUE_MOVED = "due_moved"
    SAME_DAY = "same_day"
    OLDER_DATA = "older_data"
    NEWER_DATA = "newer_data"
    NOTHING_KNOWN = "nothing_known"


@dataclass(frozen=True)
class KnownCase:
    """What we know of a case that one side does not count. ``state`` None: it is in no count of the period."""

    unit_id: int
    source_id: int
    received_at: datetime
    due_at: datetime | None
    finished_at: datetime | None
    ended_at: datetime | None
    data_as_of: datetime
    is_gone: bool
    has_fault: bool
    state: State | None
    due_moves: int


def why(case: KnownCase, *, start: datetime, end: datetime, as_of: datetime, source_id: int | None,
        their_unit: int | None, is_ours: bool) -> list[Why]:  # fmt: skip
    """The facts worth naming for a case that one side counts and the other does not.

    ``as_of`` is the moment of the report; ``their_unit`` the unit their list names; ``is_ours``: only we count it.
    """
    found: list[Why] = []
    if their_unit is not None and their_unit != case.unit_id:
        found.append(Why.OTHER_UNIT)
    if source_id is not None and source_id != case.source_id:
        found.append(Why.OTHER_SOURCE)
    facts = {
        Why.GONE: case.is_gone,
        Why.FAULT: case.has_fault,
        Why.NO_TERM: case.due_at is None,
        Why.RECEIVED_LATER: case.received_at > end,
        Why.ENDED_BEFORE: case.state is None and case.ended_at is not None and case.ended_at < start,
        Why.STANDS: not is_ours and case.state is not None,
        Why.DUE_MOVED: case.due_moves > 0,
        Why.SAME_DAY: _is_same_day(case, end),
        Why.OLDER_DATA: case.data_as_of < as_of,
        Why.NEWER_DATA: case.data_as_of > as_of,
    }
    found += [reason for reason, holds in facts.items() if holds]
    return found or [Why.NOTHING_KNOWN]


def _is_same_day(case: KnownCase, end: datetime) -> bool:
    """Whether the end (or the moment of counting) lies on the due day: the time of day decides."""
    return case.due_at is not None and (case.finished_at or end).date() == case.due_at.date()
