"""Recorded pauses and extensions of cases: those that stand, and their history."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    Select,
    select,
)
from sqlalchemy.orm import aliased

from portal.cases.models import CaseExtension, Pause
from portal.database import db

AT_ONCE = 500
"""Cases asked for in one statement."""


def standing_pauses(case_ids: Sequence[int]) -> Sequence[Pause]:
    """The recorded pauses of some cases that stand (none replaces them, none takes them back), oldest first."""
    return _standing(Pause, case_ids, Pause.started_at, Pause.id)


def standing_extensions(case_ids: Sequence[int]) -> Sequence[CaseExtension]:
    """The recorded extensions of some cases that stand, oldest first."""
    return _standing(CaseExtension, case_ids, CaseExtension.document_on, CaseExtension.id)


def standing_between(model: Any, first_id: int, last_id: int) -> Sequence[Any]:
    """The same of all cases whose numbers lie between two, both included; of pauses or extensions."""
    later = aliased(model)
    replaced = select(later.id).where(later.replaces_id == model.id).correlate(model).exists()
    wanted = select(model).where(model.case_id.between(first_id, last_id), model.voided.is_(False), ~replaced)
    return db.session.scalars(wanted.order_by(model.case_id, model.id)).all()


def standing_pauses_within(case_ids: Select[int]) -> Sequence[Pause]:
    """The recorded pauses that stand of the cases a statement gives."""
    later = aliased(Pause)
    replaced = select(later.id).where(later.replaces_id == Pause.id).correlate(Pause).exists()
    wanted = select(Pause).where(Pause.case_id.in_(case_ids), Pause.voided.is_(False), ~replaced)
    return db.session.scalars(wanted).all()


def _standing(model: Any, case_ids: Sequence[int], *order: Any) -> list[Any]:
    later = aliased(model)
    replaced = select(later.id).where(later.replaces_id == model.id).correlate(model).exists()
    found: list[Any] = []
    for start in range(0, len(case_ids), AT_ONCE):
        wanted = select(model).where(model.case_id.in_(case_ids[start : start + AT_ONCE]))
        found += db.session.scalars(wanted.where(model.voided.is_(False), ~replaced).order_by(*order))
    return found


def standing_pause(case_id: int, pause_id: int) -> Pause | None:
    """One pause of a case that stands."""
    return next((row for row in standing_pauses([case_id]) if row.id == pause_id), None)


def standing_extension(case_id: int, extension_id: int) -> CaseExtension | None:
    """One extension of a case that stands."""
    return next((row for row in standing_extensions([case_id]) if row.id == extension_id), None)


def pauses_of(case_id: int) -> Sequence[Pause]:
    """The recorded pauses of a case that stand, oldest first."""
    return standing_pauses([case_id])


def pause_history(case_id: int) -> Sequence[Pause]:
    """Every row that was ever recorded of the pauses of a case, replaced and taken back ones too, as recorded."""
    return db.session.scalars(select(Pause).where(Pause.case_id == case_id).order_by(Pause.id)).all()
