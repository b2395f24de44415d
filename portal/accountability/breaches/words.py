"""The words of a breach as SQL conditions."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, exists

from portal.accountability.breaches.models import Breach, BreachCorrection
from portal.accountability.breaches.rules import CorrectionState
from portal.cases.words import word


def is_cancelled(breach: Any = Breach) -> ColumnElement[bool]:
    """The breach was cancelled by an approved correction."""
    return (
        exists()
        .where(BreachCorrection.breach_id == breach.id, BreachCorrection.state == word(CorrectionState.APPROVED))
        .correlate(breach)
    )
