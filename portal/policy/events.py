"""What happens to the rule set."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from portal.audit import Event, known_event


@known_event
@dataclass(frozen=True, kw_only=True)
class PolicyLoaded(Event):
    """Shipped values, causes and forms were loaded or brought up to date."""

    kind: ClassVar[str] = "policy.loaded"
    entity: ClassVar[str] = "policy"
    title: ClassVar[LazyString] = _l("Shipped rule set loaded")
    shipped_version: int
    changed: tuple[str, ...]


@known_event
@dataclass(frozen=True, kw_only=True)
class PolicyValueSet(Event):
    """A value was set for a time."""

    kind: ClassVar[str] = "policy.value.set"
    entity: ClassVar[str] = "policy"
    title: ClassVar[LazyString] = _l("Rule value set")
    key: str
    old: Any
    new: Any
    valid_from: date
    basis: str
