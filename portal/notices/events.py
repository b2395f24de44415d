"""What administrators do with the outbox. That somebody was told stands in the notices themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from portal.audit import Event, known_event


@known_event
@dataclass(frozen=True, kw_only=True)
class MailTriedAgain(Event):
    """A mail that had failed for good was put back."""

    kind: ClassVar[str] = "mail.tried_again"
    entity: ClassVar[str] = "mail"
    title: ClassVar[LazyString] = _l("Failed mail put back into the outbox")
    error: str


@known_event
@dataclass(frozen=True, kw_only=True)
class TestMailAsked(Event):
    """An administrator let the portal write to himself."""

    kind: ClassVar[str] = "mail.test_asked"
    entity: ClassVar[str] = "mail"
    title: ClassVar[LazyString] = _l("Test mail asked for")
