"""What people record of the course of a case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from portal.audit import Event, known_event


@dataclass(frozen=True, kw_only=True)
class _PauseEvent(Event):
    pause_kind: str
    started_at: datetime
    ended_at: datetime | None
    document: str
    document_on: date | None
    reason: str
    due_was: datetime | None
    due_is: datetime | None


@known_event
@dataclass(frozen=True, kw_only=True)
class PauseRecorded(_PauseEvent):
    """A lawful pause was recorded with its document."""

    kind: ClassVar[str] = "pause.recorded"
    entity: ClassVar[str] = "pause"
    title: ClassVar[LazyString] = _l("Pause recorded")


@known_event
@dataclass(frozen=True, kw_only=True)
class PauseEnded(_PauseEvent):
    """A pause came to its end: the term runs on."""

    kind: ClassVar[str] = "pause.ended"
    entity: ClassVar[str] = "pause"
    title: ClassVar[LazyString] = _l("End of the pause recorded")


@known_event
@dataclass(frozen=True, kw_only=True)
class PauseTakenBack(_PauseEvent):
    """A recorded pause was taken back; its row stays."""

    kind: ClassVar[str] = "pause.taken_back"
    entity: ClassVar[str] = "pause"
    title: ClassVar[LazyString] = _l("Pause taken back")


@dataclass(frozen=True, kw_only=True)
class _ExtensionEvent(Event):
    amount: int
    unit: str
    document: str
    document_on: date
    reason: str
    due_was: datetime | None
    due_is: datetime | None


@known_event
@dataclass(frozen=True, kw_only=True)
class ExtensionRecorded(_ExtensionEvent):
    """A lawful extension was recorded with its document."""

    kind: ClassVar[str] = "extension.recorded"
    entity: ClassVar[str] = "case_extension"
    title: ClassVar[LazyString] = _l("Extension recorded")


@known_event
@dataclass(frozen=True, kw_only=True)
class ExtensionTakenBack(_ExtensionEvent):
    """A recorded extension was taken back; its row stays."""

    kind: ClassVar[str] = "extension.taken_back"
    entity: ClassVar[str] = "case_extension"
    title: ClassVar[LazyString] = _l("Extension taken back")


@known_event
@dataclass(frozen=True, kw_only=True)
class TermSet(Event):
    """The term of a procedure was set from a day on."""

    kind: ClassVar[str] = "term.set"
    entity: ClassVar[str] = "procedure"
    title: ClassVar[LazyString] = _l("Term of a procedure set")
    procedure: str
    code: str
    amount: int
    unit: str
    valid_from: date
    basis: str


@known_event
@dataclass(frozen=True, kw_only=True)
class TermsImported(Event):
    """Terms of procedures came from a file."""

    kind: ClassVar[str] = "terms.imported"
    entity: ClassVar[str] = "procedures"
    title: ClassVar[LazyString] = _l("Terms of procedures brought in")
    file_name: str
    rows: int
    set: int
    unchanged: int
    rejected: int


@known_event
@dataclass(frozen=True, kw_only=True)
class CasesProjected(Event):
    """Cases were counted anew to the end."""

    kind: ClassVar[str] = "cases.projected"
    entity: ClassVar[str] = "projection"
    title: ClassVar[LazyString] = _l("Due moments counted anew")
    reason: str
    cases: int
    moved: int
    own_changed: int
