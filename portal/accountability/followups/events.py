"""What happens to follow-ups."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from portal.audit import Event, known_event


@known_event
@dataclass(frozen=True, kw_only=True)
class FollowupRecorded(Event):
    """A measure against a person was recorded with its grounds."""

    kind: ClassVar[str] = "followup.recorded"
    entity: ClassVar[str] = "followup"
    title: ClassVar[LazyString] = _l("Follow-up recorded")
    person_id: int
    measure: str
    form: str | None
    decision_number: str
    decided_on: date
    signer: str
    note: str
    breach_ids: tuple[int, ...]
    violation_ids: tuple[int, ...] = ()


@known_event
@dataclass(frozen=True, kw_only=True)
class FollowupCancelled(Event):
    """A follow-up was cancelled; its row stays."""

    kind: ClassVar[str] = "followup.cancelled"
    entity: ClassVar[str] = "followup"
    title: ClassVar[LazyString] = _l("Follow-up cancelled")
    reason: str
