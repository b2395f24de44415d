"""Where the printed dates differ from our own count, by unit and source; and dates that were changed after receipt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import case, func, or_, select

from portal.cases.models import Case, CaseChange, ComputedDue, Source
from portal.cases.queries import CaseQuery
from portal.cases.words import word
from portal.database import db
from portal.directory.models import Unit
from portal.guard import Viewer

MOVES = ("due_later", "due_earlier")
"""Kinds of a change of the printed due date between two imports."""


@dataclass(frozen=True)
class Differing:
    """A unit and a source: cases we count too, how many of them differ, and cases whose date was changed."""

    unit_id: int
    unit: str
    source: str
    compared: int
    too_short: int
    too_long: int
    changed: int


def differing(viewer: Viewer) -> Sequence[Differing]:
    """By unit and source, of what a viewer reads; only where something differs. One statement."""
    changed = select(CaseChange.case_id).where(CaseChange.kind.in_([word(kind) for kind in MOVES]))
    is_changed = Case.id.in_(changed)
    sums: dict[str, Any] = {
        "too_short": func.sum(case((ComputedDue.difference == word("too_short"), 1), else_=0)),
        "too_long": func.sum(case((ComputedDue.difference == word("too_long"), 1), else_=0)),
        "changed": func.sum(case((is_changed, 1), else_=0)),
    }
    columns = (Case.resolving_unit_id, Unit.name, Source.name)
    found = (
        select(*columns, func.count(ComputedDue.case_id), *sums.values())
        .select_from(Case)
        .join(Unit, Unit.id == Case.resolving_unit_id)
        .join(Source, Source.id == Case.source_id)
        .outerjoin(ComputedDue, ComputedDue.case_id == Case.id)
        .where(*CaseQuery.visible_to(viewer).conditions, or_(ComputedDue.case_id.is_not(None), is_changed))
        .group_by(*columns)
        .order_by(Unit.name, Source.name)
    )
    told: list[list[Any]] = [[value or 0 for value in row] for row in db.session.execute(found)]
    rows = [Differing(*each) for each in told]
    return [row for row in rows if row.too_short or row.too_long or row.changed]
