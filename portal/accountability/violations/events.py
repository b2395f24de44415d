"""What happens to violations and complaints."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from portal.audit import Event, known_event


@known_event
@dataclass(frozen=True, kw_only=True)
class ViolationsSuspected(Event):
    """The portal saw what somebody should look into."""

    kind: ClassVar[str] = "violation.suspected"
    entity: ClassVar[str] = "violation"
    title: ClassVar[LazyString] = _l("Violations suspected")
    suspected: int


@known_event
@dataclass(frozen=True, kw_only=True)
class ViolationOpened(Event):
    """A violation or complaint was recorded, or a suspicion opened; whom it concerns must answer."""

    kind: ClassVar[str] = "violation.opened"
    entity: ClassVar[str] = "violation"
    title: ClassVar[LazyString] = _l("Violation or complaint recorded")
    of_kind: str
    origin: str
    holder_id: int | None
    unit_id: int
    summary: str
    found_on: date
    occurred_on: date | None
    due_on: date


@known_event
@dataclass(frozen=True, kw_only=True)
class ViolationDismissed(Event):
    """A suspicion was looked into: nothing to explain."""

    kind: ClassVar[str] = "violation.dismissed"
    entity: ClassVar[str] = "violation"
    title: ClassVar[LazyString] = _l("Suspicion dismissed")
    reason: str


@known_event
@dataclass(frozen=True, kw_only=True)
class ViolationAnswered(Event):
    """Whom it concerns answered."""

    kind: ClassVar[str] = "violation.answered"
    entity: ClassVar[str] = "violation"
    title: ClassVar[LazyString] = _l("Violation answered")
    cause: str
    text: str
    late: bool


@known_event
@dataclass(frozen=True, kw_only=True)
class ViolationHandedOver(Event):
    """Another person answers from now on; what is concluded still concerns whom it is about."""

    kind: ClassVar[str] = "violation.handed_over"
    entity: ClassVar[str] = "violation"
    title: ClassVar[LazyString] = _l("Answer handed over to another person")
    from_id: int | None
    to_id: int
    reason: str
    due_on: date


@known_event
@dataclass(frozen=True, kw_only=True)
class ViolationTermStood(Event):
    """The term of an answer follows the leave of who must give it."""

    kind: ClassVar[str] = "violation.term_stood"
    entity: ClassVar[str] = "violation"
    title: ClassVar[LazyString] = _l("Term of the answer to a violation moved by leave of who answers")
    was_due_on: date
    due_on: date


@known_event
@dataclass(frozen=True, kw_only=True)
class ViolationReturned(Event):
    """The decider asked for a rework."""

    kind: ClassVar[str] = "violation.returned"
    entity: ClassVar[str] = "violation"
    title: ClassVar[LazyString] = _l("Answer returned")
    comment: str
    due_on: date


@known_event
@dataclass(frozen=True, kw_only=True)
class ViolationConcluded(Event):
    """The decider said what was found and what is put right."""

    kind: ClassVar[str] = "violation.concluded"
    entity: ClassVar[str] = "violation"
    title: ClassVar[LazyString] = _l("Violation concluded")
    finding: str
    blame: str
    reason: str
    measures: tuple[str, ...]
    remedy: str
    remedy_by: date | None
    reply: str
    answered: bool
