"""What happens to proposed pauses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from portal.audit import Event, known_event


@known_event
@dataclass(frozen=True, kw_only=True)
class PauseProposed(Event):
    """The officer of a case proposed a pause; the term does not move yet."""

    kind: ClassVar[str] = "pause.proposed"
    entity: ClassVar[str] = "pause_proposal"
    title: ClassVar[LazyString] = _l("Pause proposed")
    of_kind: str
    started_at: datetime
    ended_at: datetime | None
    document: str
    document_on: date


@known_event
@dataclass(frozen=True, kw_only=True)
class PauseProposalDecided(Event):
    """It was recorded (``pause_id``), refused (``reason``), or withdrawn by who proposed it."""

    kind: ClassVar[str] = "pause.proposal_decided"
    entity: ClassVar[str] = "pause_proposal"
    title: ClassVar[LazyString] = _l("Proposed pause decided")
    state: str
    reason: str
    pause_id: int | None
