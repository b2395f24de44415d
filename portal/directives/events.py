"""What happens to urging notes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from portal.audit import Event, known_event


@known_event
@dataclass(frozen=True, kw_only=True)
class UrgingNoteIssued(Event):
    """The office urged a unit."""

    kind: ClassVar[str] = "urging_note.issued"
    entity: ClassVar[str] = "urging_note"
    title: ClassVar[LazyString] = _l("Urging note issued")
    unit_id: int
    subject: str
    round: int
    number: str
    total: int
    reply_due_on: date
    person_id: int | None = None


@known_event
@dataclass(frozen=True, kw_only=True)
class UrgingNoteAnswered(Event):
    """The unit answered, or its letter was recorded."""

    kind: ClassVar[str] = "urging_note.answered"
    entity: ClassVar[str] = "urging_note"
    title: ClassVar[LazyString] = _l("Urging note answered")
    reply: str
    document: str
    late: bool
