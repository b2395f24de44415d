"""What happened to units, people and postings. Postings stand in the trail of their person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from portal.audit import Event, known_event


@known_event
@dataclass(frozen=True, kw_only=True)
class UnitCreated(Event):
    """A unit came into the directory."""

    kind: ClassVar[str] = "unit.created"
    entity: ClassVar[str] = "unit"
    title: ClassVar[LazyString] = _l("Unit added")
    code: str
    name: str
    unit_kind: str
    valid_from: date
    valid_to: date | None


@known_event
@dataclass(frozen=True, kw_only=True)
class UnitChanged(Event):
    """Facts of a unit changed: field to old and new value."""

    kind: ClassVar[str] = "unit.changed"
    entity: ClassVar[str] = "unit"
    title: ClassVar[LazyString] = _l("Unit changed")
    changes: dict[str, Any]


@known_event
@dataclass(frozen=True, kw_only=True)
class UnitParentChanged(Event):
    """A unit reports in, or is managed by, another unit from a day on; None: it stands at the top."""

    kind: ClassVar[str] = "unit.parent_changed"
    entity: ClassVar[str] = "unit"
    title: ClassVar[LazyString] = _l("Parent unit changed")
    line: str
    parent: str | None
    valid_from: date


@known_event
@dataclass(frozen=True, kw_only=True)
class UnitRenamed(Event):
    """A unit has another name from a day on; the former one is kept with its days."""

    kind: ClassVar[str] = "unit.renamed"
    entity: ClassVar[str] = "unit"
    title: ClassVar[LazyString] = _l("Unit renamed")
    old: str
    new: str
    valid_from: date
    document: str


@known_event
@dataclass(frozen=True, kw_only=True)
class UnitSucceeded(Event):
    """Units took over from others on a day; codes of both. ``succession``: merge, split, rename or transfer."""

    kind: ClassVar[str] = "unit.succeeded"
    entity: ClassVar[str] = "unit"
    title: ClassVar[LazyString] = _l("Units taken over by others")
    succession: str
    former: list[str]
    successors: list[str]
    valid_from: date
    document: str
    document_on: date | None


@known_event
@dataclass(frozen=True, kw_only=True)
class PersonCreated(Event):
    """A person came into the directory."""

    kind: ClassVar[str] = "person.created"
    entity: ClassVar[str] = "person"
    title: ClassVar[LazyString] = _l("Person added")
    code: str | None
    full_name: str


@known_event
@dataclass(frozen=True, kw_only=True)
class PersonChanged(Event):
    """Facts of a person changed: field to old and new value."""

    kind: ClassVar[str] = "person.changed"
    entity: ClassVar[str] = "person"
    title: ClassVar[LazyString] = _l("Person changed")
    changes: dict[str, Any]


@known_event
@dataclass(frozen=True, kw_only=True)
class PostingAdded(Event):
    """A person holds a role in a unit from a day on."""

    kind: ClassVar[str] = "posting.added"
    entity: ClassVar[str] = "person"
    title: ClassVar[LazyString] = _l("Posting added in unit %(unit)s")
    unit: str
    role: str
    position: str
    is_clerk: bool
    valid_from: date
    valid_to: date | None


@known_event
@dataclass(frozen=True, kw_only=True)
class PostingChanged(Event):
    """Facts of a posting changed, its end among them: field to old and new value."""

    kind: ClassVar[str] = "posting.changed"
    entity: ClassVar[str] = "person"
    title: ClassVar[LazyString] = _l("Posting changed in unit %(unit)s")
    unit: str
    role: str
    changes: dict[str, Any]


@known_event
@dataclass(frozen=True, kw_only=True)
class PersonTransferred(Event):
    """A person moved from one unit to another in one step, with reason and document."""

    kind: ClassVar[str] = "person.transferred"
    entity: ClassVar[str] = "person"
    title: ClassVar[LazyString] = _l("Person transferred")
    from_unit: str
    to_unit: str
    valid_from: date
    reason: str
    document: str


@known_event
@dataclass(frozen=True, kw_only=True)
class DirectoryImported(Event):
    """A directory file was applied."""

    kind: ClassVar[str] = "directory.imported"
    entity: ClassVar[str] = "directory"
    title: ClassVar[LazyString] = _l("Directory file applied")
    file_name: str
    sha256: str
    counts: dict[str, int]
