"""Reading counts that no case list carries: of the units whose figures the viewer reads; the newest saying rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Self

from sqlalchemy import ColumnElement, false, func, select, union

from portal.cases.models import Procedure
from portal.database import db
from portal.figures.models import Aggregate
from portal.figures.rules import Quantity
from portal.guard import Viewer
from portal.vietnamese import fold, sort_key

Key = tuple[int, str, date, Quantity]
"""Unit, field, first day of the month, quantity."""
HISTORY = 200


@dataclass(frozen=True)
class AggregateQuery:
    """Sayings of the units a viewer reads."""

    conditions: tuple[ColumnElement[bool], ...] = ()

    @classmethod
    def visible_to(cls, viewer: Viewer) -> Self:
        """All for who sees all; else those of the readable units."""
        if viewer.sees_all:
            return cls()
        units = sorted(viewer.readable_units)
        return cls((Aggregate.unit_id.in_(units) if units else false(),))

    def between(self, first: date, last: date) -> Self:
        """Of months from ``first`` to ``last``, both included."""
        return replace(self, conditions=(*self.conditions, Aggregate.month >= first, Aggregate.month <= last))

    def of_units(self, unit_ids: Iterable[int]) -> Self:
        """Of some units."""
        return replace(self, conditions=(*self.conditions, Aggregate.unit_id.in_(sorted(unit_ids))))

    def ruling(self) -> Sequence[Aggregate]:
        """The newest saying of each key that was not taken back."""
        key = (Aggregate.unit_id, Aggregate.field, Aggregate.month, Aggregate.quantity)
        newest = select(func.max(Aggregate.id)).where(*self.conditions).group_by(*key)
        found = select(Aggregate).where(Aggregate.id.in_(newest), Aggregate.value.is_not(None))
        return db.session.scalars(found.order_by(Aggregate.month, Aggregate.unit_id, Aggregate.id)).all()

    def history(self, limit: int = HISTORY) -> Sequence[Aggregate]:
        """Every saying, the newest first."""
        found = select(Aggregate).where(*self.conditions).order_by(Aggregate.id.desc()).limit(limit)
        return db.session.scalars(found).all()

    def newest_id(self) -> int:
        """The number of the last saying; 0 where there is none."""
        return db.session.scalar(select(func.max(Aggregate.id)).where(*self.conditions)) or 0


def values_of(sayings: Iterable[Aggregate]) -> dict[Key, int]:
    """The values by key."""
    return {
        (row.unit_id, row.field, row.month, Quantity(row.quantity)): row.value
        for row in sayings
        if row.value is not None
    }


def sums_by_unit(sayings: Iterable[Aggregate]) -> dict[int, dict[Quantity, int]]:
    """All fields and months of each unit added up. A quantity nobody told is missing, never 0."""
    sums: dict[int, dict[Quantity, int]] = {}
    for row in sayings:
        if row.value is not None:
            of_unit = sums.setdefault(row.unit_id, {})
            of_unit[Quantity(row.quantity)] = of_unit.get(Quantity(row.quantity), 0) + row.value
    return sums


def sums_of(by_unit: Mapping[int, Mapping[Quantity, int]]) -> dict[Quantity, int]:
    """All units added up."""
    total: dict[Quantity, int] = {}
    for sums in by_unit.values():
        for quantity, value in sums.items():
            total[quantity] = total.get(quantity, 0) + value
    return total


def known_fields() -> list[str]:
    """The fields of procedures and those told before, by name."""
    both = union(
        select(Procedure.field.label("field")).where(Procedure.field != ""),
        select(Aggregate.field.label("field")).where(Aggregate.field != ""),
    )
    return sorted(db.session.scalars(both), key=sort_key)


def field_like(text: str, known: Iterable[str]) -> str:
    """The known field a text means, however its marks and capitals are written; else the text itself."""
    folded = fold(text)
    return next((field for field in known if fold(field) == folded), text)
