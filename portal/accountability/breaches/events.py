"""What happens to breaches."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from portal.audit import Event, known_event


@known_event
@dataclass(frozen=True, kw_only=True)
class BreachesOpened(Event):
    """One run opened breaches, recorded ends and proposed cancellations."""

    kind: ClassVar[str] = "breaches.opened"
    entity: ClassVar[str] = "breaches"
    title: ClassVar[LazyString] = _l("Breaches opened")
    on: date
    opened: int
    ended: int
    proposed: int
    explanations: int
    apologies: int
    apologies_ahead: int
    calendar_version_id: int
    supplements: int = 0


@known_event
@dataclass(frozen=True, kw_only=True)
class CancellationProposed(Event):
    """Somebody proposed to cancel a breach."""

    kind: ClassVar[str] = "breach.cancellation_proposed"
    entity: ClassVar[str] = "breach"
    title: ClassVar[LazyString] = _l("Cancelling the breach proposed")
    reason: str


@known_event
@dataclass(frozen=True, kw_only=True)
class CancellationApproved(Event):
    """The breach was cancelled; its open duties with it."""

    kind: ClassVar[str] = "breach.cancelled"
    entity: ClassVar[str] = "breach"
    title: ClassVar[LazyString] = _l("Breach cancelled")
    reason: str
    decision_reason: str


@known_event
@dataclass(frozen=True, kw_only=True)
class CancellationDeclined(Event):
    """The breach stays."""

    kind: ClassVar[str] = "breach.cancellation_declined"
    entity: ClassVar[str] = "breach"
    title: ClassVar[LazyString] = _l("Cancelling the breach declined")
    reason: str
    decision_reason: str
