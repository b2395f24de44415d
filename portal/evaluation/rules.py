"""PURE: what stands on a yearly sheet, and how sheets add up.

Source: domain rules, follow-ups and evaluation: a breach belongs to the year of its due moment, once; ratios go by
finished_at; shared blame weighs one half; a head's sheet sums the managed-by subtree over the posting's dates.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

NOT_CONCLUDED = "not_concluded"
UNCONFIRMED = "unconfirmed"
"""A technical cause or one of another body that no competent body confirmed: it does not count as objective (§3.11)."""


class Subject(StrEnum):
    """Who a sheet is about."""

    OFFICER = "officer"
    HEAD = "head"
    UNIT = "unit"


@dataclass(frozen=True)
class Year:
    """An evaluation year and the part of it that has happened by ``on``."""

    year: int
    first: date
    last: date
    on: date

    @property
    def to(self) -> date:
        """The last day counted: the end of the year, or the day of asking when the year still runs."""
        return min(self.last, self.on)

    @property
    def is_provisional(self) -> bool:
        """Whether the sheet is "tạm tính đến …": the year has not ended yet."""
        return self.on <= self.last

    @property
    def has_begun(self) -> bool:
        """Whether any day of the year has come."""
        return self.on >= self.first


def year_of(day: date, starts: tuple[int, int]) -> int:
    """The evaluation year a day belongs to, when years start on ``starts`` (month, day) of the year before.

    A year that starts on 1 January is the calendar year itself.
    """
    if starts == (1, 1):
        return day.year
    return day.year + 1 if day >= date(day.year, *starts) else day.year


@dataclass(frozen=True)
class Tally:
    """The breaches of one subject by class, blame, and the states of their duties."""

    breaches: int = 0
    by_class: Mapping[str, int] = field(default_factory=dict)
    by_blame: Mapping[str, int] = field(default_factory=dict)
    explanations: Mapping[str, int] = field(default_factory=dict)
    apologies: Mapping[str, int] = field(default_factory=dict)

    def weighed(self, shared_weight: Decimal) -> Decimal:
        """Breaches that count against the subject: full blame 1, shared ``shared_weight``."""
        return Decimal(self.by_blame.get("full", 0)) + shared_weight * self.by_blame.get("shared", 0)

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.breaches + other.breaches,
            add_counts(self.by_class, other.by_class),
            add_counts(self.by_blame, other.by_blame),
            add_counts(self.explanations, other.explanations),
            add_counts(self.apologies, other.apologies),
        )


def add_counts(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    """Two tallies by word, added."""
    return {word: one.get(word, 0) + other.get(word, 0) for word in {**one, **other}}


def total(tallies: Iterable[Tally]) -> Tally:
    """All tallies added."""
    return sum(tallies, Tally())


def tally_of(rows: Iterable[tuple[str | None, str | None, str | None, str | None, int]]) -> Tally:
    """Add up grouped breaches: (class, blame, state of the explanation, state of the letter, how many)."""
    result = Tally()
    for cause_class, blame, explanation, apology, count in rows:
        result += Tally(
            count,
            {cause_class or NOT_CONCLUDED: count},
            {blame or NOT_CONCLUDED: count},
            {explanation: count} if explanation else {},
            {apology: count} if apology else {},
        )
    return result


@dataclass(frozen=True)
class Months:
    """Months of the year in which something was judged, and those without a late case among them."""

    judged: int = 0
    at_100: int = 0


def merged(groups: Iterable[Iterable[tuple[str, int, int]]]) -> list[tuple[str, int, int]]:
    """The months of several units as one: judged and late cases of the same month added."""
    sums: dict[str, tuple[int, int]] = {}
    for group in groups:
        for month, judged, late in group:
            before = sums.get(month, (0, 0))
            sums[month] = (before[0] + judged, before[1] + late)
    return [(month, judged, late) for month, (judged, late) in sorted(sums.items())]


def months_of(rows: Iterable[tuple[str, int, int]]) -> Months:
    """From (month, judged cases, late cases): a month at 100 % has cases and none late."""
    months = [(judged, late) for _month, judged, late in rows if judged]
    return Months(len(months), sum(late == 0 for _judged, late in months))


@dataclass(frozen=True)
class Weights:
    """Numbers of policy that a sheet needs: the weight of shared blame, and below how many cases n is few."""

    shared: Decimal
    few: int


@dataclass(frozen=True)
class Sheet:
    """One line of the workbook and one A4 page: a subject and everything counted for it."""

    subject: Subject
    id: int | None
    code: str
    name: str
    unit: str
    unit_code: str
    note: str
    counts: Any
    tally: Tally
    months: Months
    followups: Mapping[str, int]
    weights: Weights

    @property
    def blame(self) -> Decimal:
        """Breaches that count against the subject, shared blame by its weight."""
        return self.tally.weighed(self.weights.shared)

    @property
    def few_cases(self) -> bool:
        """Too few cases for a percentage to weigh: the number is printed, no cap follows from it."""
        return bool(self.counts.judged < self.weights.few)
