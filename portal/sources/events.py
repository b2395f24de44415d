"""What happens to a source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from portal.audit import Event, known_event


@known_event
@dataclass(frozen=True, kw_only=True)
class SourceMade(Event):
    """An administrator named a system before its first file came."""

    kind: ClassVar[str] = "source.made"
    entity: ClassVar[str] = "source"
    title: ClassVar[LazyString] = _l("Source entered")
    name: str
    source_kind: str


@known_event
@dataclass(frozen=True, kw_only=True)
class SourceDescribed(Event):
    """What is said of a source was changed."""

    kind: ClassVar[str] = "source.described"
    entity: ClassVar[str] = "source"
    title: ClassVar[LazyString] = _l("Source described anew")
    name: str
    source_kind: str
    label: str
    note: str
    active: bool
    supplements_pause: bool = False


@known_event
@dataclass(frozen=True, kw_only=True)
class SourceMapped(Event):
    """A new version of how a source is read."""

    kind: ClassVar[str] = "source.mapped"
    entity: ClassVar[str] = "source"
    title: ClassVar[LazyString] = _l("Mapping of a source changed")
    name: str
    version: int
    changes: int
    reason: str
    batch_id: int | None


@known_event
@dataclass(frozen=True, kw_only=True)
class SourceUnitsSet(Event):
    """Which units a source rules was changed."""

    kind: ClassVar[str] = "source.units.set"
    entity: ClassVar[str] = "source"
    title: ClassVar[LazyString] = _l("Units of a source changed")
    name: str
    added: str
    removed: str
    owned: int
