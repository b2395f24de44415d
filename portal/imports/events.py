"""What imports write into the trail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from portal.audit import Event, known_event


@known_event
@dataclass(frozen=True, kw_only=True)
class BatchUploaded(Event):
    """A file was brought and previewed; no case has changed."""

    kind: ClassVar[str] = "batch.uploaded"
    entity: ClassVar[str] = "batch"
    title: ClassVar[LazyString] = _l("File of cases uploaded")
    file_name: str
    file_sha256: str
    source: str


@known_event
@dataclass(frozen=True, kw_only=True)
class BatchApplied(Event):
    """A batch became cases."""

    kind: ClassVar[str] = "batch.applied"
    entity: ClassVar[str] = "batch"
    title: ClassVar[LazyString] = _l("File of cases applied")
    file_name: str
    file_sha256: str
    source: str
    data_as_of: datetime
    full_extract: bool
    rows: int
    new: int
    changed: int
    unchanged: int
    pending: int
    rejected: int
    gone: int
    units_made: int
    people_made: int
    procedures_made: int


@known_event
@dataclass(frozen=True, kw_only=True)
class BatchUndone(Event):
    """An applied batch was taken back."""

    kind: ClassVar[str] = "batch.undone"
    entity: ClassVar[str] = "batch"
    title: ClassVar[LazyString] = _l("File of cases undone")
    file_name: str
    source: str
    restored: int
    moved_back: int
    removed: int
    unmarked: int


@known_event
@dataclass(frozen=True, kw_only=True)
class BatchDiscarded(Event):
    """A previewed batch was thrown away."""

    kind: ClassVar[str] = "batch.discarded"
    entity: ClassVar[str] = "batch"
    title: ClassVar[LazyString] = _l("File of cases discarded")
    file_name: str


@known_event
@dataclass(frozen=True, kw_only=True)
class BatchQueued(Event):
    """Somebody said that a large previewed batch is to be applied; the job does it."""

    kind: ClassVar[str] = "batch.queued"
    entity: ClassVar[str] = "batch"
    title: ClassVar[LazyString] = _l("Applying the file was ordered")
    file_name: str


@known_event
@dataclass(frozen=True, kw_only=True)
class BatchErased(Event):
    """The source file of a batch and the cell values kept of it were erased after the policy's days."""

    kind: ClassVar[str] = "batch.erased"
    entity: ClassVar[str] = "batch"
    title: ClassVar[LazyString] = _l("Source file and cell values erased")
    file_name: str
    file_sha256: str
    days: int


@known_event
@dataclass(frozen=True, kw_only=True)
class NameMapped(Event):
    """A name of a source was tied to a unit or a person."""

    kind: ClassVar[str] = "source_name.mapped"
    entity: ClassVar[str] = "source_name"
    title: ClassVar[LazyString] = _l("Name of a source mapped")
    name_kind: str
    name: str
    unit_id: int | None
    person_id: int | None
    cases: int


@known_event
@dataclass(frozen=True, kw_only=True)
class NameIgnored(Event):
    """A name of a source was put aside: it names nobody of the directory."""

    kind: ClassVar[str] = "source_name.ignored"
    entity: ClassVar[str] = "source_name"
    title: ClassVar[LazyString] = _l("Name of a source put aside")
    name_kind: str
    name: str
