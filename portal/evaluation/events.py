"""What is recorded when figures about people leave the portal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from flask_babel import lazy_gettext as _l

from portal.audit import Event, known_event


@known_event
@dataclass(frozen=True, kw_only=True)
class EvaluationExported(Event):
    """The workbook of a year was made: which figures, how many rows, the hash of the file."""

    kind: ClassVar[str] = "evaluation.exported"
    entity: ClassVar[str] = "evaluation"
    title: ClassVar = _l("Evaluation workbook of %(year)s exported")

    year: int
    counted_to: date
    officers: int
    units: int
    breaches: int
    sha256: str
