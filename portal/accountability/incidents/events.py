"""What happens to incidents and to questions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from portal.audit import Event, known_event


@known_event
@dataclass(frozen=True, kw_only=True)
class IncidentsProposed(Event):
    """The portal found unusual numbers of missed terms."""

    kind: ClassVar[str] = "incident.proposed"
    entity: ClassVar[str] = "incident"
    title: ClassVar[LazyString] = _l("Incidents proposed")
    proposed: int
    first_on: date
    last_on: date


@known_event
@dataclass(frozen=True, kw_only=True)
class IncidentDeclared(Event):
    """A person declared an incident, their own or a proposed one."""

    kind: ClassVar[str] = "incident.declared"
    entity: ClassVar[str] = "incident"
    title: ClassVar[LazyString] = _l("Incident declared")
    system: str
    unit_id: int
    started_at: datetime
    ended_at: datetime | None
    description: str
    told: str


@known_event
@dataclass(frozen=True, kw_only=True)
class IncidentDecided(Event):
    """An incident was confirmed with its interval, refused, dismissed or withdrawn."""

    kind: ClassVar[str] = "incident.decided"
    entity: ClassVar[str] = "incident"
    title: ClassVar[LazyString] = _l("Incident decided")
    state: str
    started_at: datetime | None
    ended_at: datetime | None
    reason: str
    document: str


@known_event
@dataclass(frozen=True, kw_only=True)
class CasesLinked(Event):
    """Cases were linked to an incident."""

    kind: ClassVar[str] = "incident.cases.linked"
    entity: ClassVar[str] = "incident"
    title: ClassVar[LazyString] = _l("Cases linked to the incident")
    linked: int
    case_ids: tuple[int, ...]


@known_event
@dataclass(frozen=True, kw_only=True)
class CaseUnlinked(Event):
    """A wrongly linked case was taken off; the link stays with its reason."""

    kind: ClassVar[str] = "incident.case.unlinked"
    entity: ClassVar[str] = "incident"
    title: ClassVar[LazyString] = _l("Case taken off the incident")
    linked_case_id: int
    reason: str


@known_event
@dataclass(frozen=True, kw_only=True)
class QuestionAsked(Event):
    """Another body was asked about its part; a clock may stand until it answers.

    ``further``: the number of the further explanation it was asked for; None: the first one.
    """

    kind: ClassVar[str] = "question.asked"
    entity: ClassVar[str] = "question"
    title: ClassVar[LazyString] = _l("Question to another body")
    body: str
    text: str
    transfer_number: str
    transferred_on: date | None
    due_on: date
    stops: str
    duty_due_on: date | None
    further: int | None = None


@known_event
@dataclass(frozen=True, kw_only=True)
class QuestionAnswered(Event):
    """The body answered; the clock runs again from that day."""

    kind: ClassVar[str] = "question.answered"
    entity: ClassVar[str] = "question"
    title: ClassVar[LazyString] = _l("Question answered")
    confirms: str
    way: str
    text: str
    document: str
    received_on: date | None
    returned_on: date | None
    sha256: str | None
    duty_due_on: date | None


@known_event
@dataclass(frozen=True, kw_only=True)
class QuestionHandedOver(Event):
    """Another person follows a question up from now on: who asked left, or their explanation went to somebody else."""

    kind: ClassVar[str] = "question.handed_over"
    entity: ClassVar[str] = "question"
    title: ClassVar[LazyString] = _l("Question taken over by another person")
    from_id: int | None
    to_id: int
    reason: str


@known_event
@dataclass(frozen=True, kw_only=True)
class QuestionWithdrawn(Event):
    """Who asked needs no answer any more."""

    kind: ClassVar[str] = "question.withdrawn"
    entity: ClassVar[str] = "question"
    title: ClassVar[LazyString] = _l("Question withdrawn")
    reason: str
    duty_due_on: date | None
