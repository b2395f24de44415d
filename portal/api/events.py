"""What the door for programs writes into the trail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from portal.audit import Event, known_event


@known_event
@dataclass(frozen=True, kw_only=True)
class TokenMade(Event):
    """A token was made; its secret was shown once."""

    kind: ClassVar[str] = "api_token.made"
    entity: ClassVar[str] = "api_token"
    title: ClassVar[LazyString] = _l("API token %(name)s made for %(source)s")
    name: str
    source: str
    scopes: str
    prefix: str
    expires_on: date


@known_event
@dataclass(frozen=True, kw_only=True)
class TokenRevoked(Event):
    """A token was taken back; its next call is refused."""

    kind: ClassVar[str] = "api_token.revoked"
    entity: ClassVar[str] = "api_token"
    title: ClassVar[LazyString] = _l("API token %(name)s revoked")
    name: str
    source: str
    prefix: str


@known_event
@dataclass(frozen=True, kw_only=True)
class StepsReceived(Event):
    """A source told of steps of its cases."""

    kind: ClassVar[str] = "api_token.steps"
    entity: ClassVar[str] = "api_token"
    title: ClassVar[LazyString] = _l("Steps of cases received from %(source)s")
    source: str
    rows: int
    new: int
    unchanged: int
    rejected: int
