"""What happens to the calendar."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from portal.audit import Event, known_event


@known_event
@dataclass(frozen=True, kw_only=True)
class CalendarLoaded(Event):
    """Shipped days were loaded or brought up to date."""

    kind: ClassVar[str] = "calendar.loaded"
    entity: ClassVar[str] = "calendar"
    title: ClassVar[LazyString] = _l("Shipped calendar loaded")
    shipped_version: int
    days_changed: int
    version_id: int


@known_event
@dataclass(frozen=True, kw_only=True)
class CalendarDaySet(Event):
    """An administrator added or changed a day."""

    kind: ClassVar[str] = "calendar.day.set"
    entity: ClassVar[str] = "calendar"
    title: ClassVar[LazyString] = _l("Calendar day set")
    day: date
    day_kind: str
    name: str
    document: str
    status: str
    doubt: str
    reason: str
    version_id: int
    worked_on: date | None = None
    document_number: str = ""
    document_on: date | None = None


@known_event
@dataclass(frozen=True, kw_only=True)
class CalendarDayRemoved(Event):
    """An administrator removed a day."""

    kind: ClassVar[str] = "calendar.day.removed"
    entity: ClassVar[str] = "calendar"
    title: ClassVar[LazyString] = _l("Calendar day removed")
    day: date
    name: str
    reason: str
    version_id: int


@known_event
@dataclass(frozen=True, kw_only=True)
class CalendarYearOpened(Event):
    """A year was opened for counting."""

    kind: ClassVar[str] = "calendar.year.opened"
    entity: ClassVar[str] = "calendar"
    title: ClassVar[LazyString] = _l("Calendar year opened")
    year: int
    reason: str
    version_id: int


@known_event
@dataclass(frozen=True, kw_only=True)
class WorkingHoursSet(Event):
    """An administrator set the working hours of each weekday from a day on."""

    kind: ClassVar[str] = "calendar.hours.set"
    entity: ClassVar[str] = "calendar"
    title: ClassVar[LazyString] = _l("Working hours set")
    valid_from: date
    week: tuple[str, ...]
    document: str
    reason: str
    version_id: int


@known_event
@dataclass(frozen=True, kw_only=True)
class UnitExceptionSet(Event):
    """A unit is open or closed on days of its own."""

    kind: ClassVar[str] = "calendar.exception.set"
    entity: ClassVar[str] = "calendar"
    title: ClassVar[LazyString] = _l("Exception of a unit set")
    exception_id: int
    unit_id: int
    exception_kind: str
    name: str
    valid_from: date
    valid_to: date | None
    weekday: int | None
    reason: str
    version_id: int


@known_event
@dataclass(frozen=True, kw_only=True)
class UnitExceptionEnded(Event):
    """An exception of a unit ends."""

    kind: ClassVar[str] = "calendar.exception.ended"
    entity: ClassVar[str] = "calendar"
    title: ClassVar[LazyString] = _l("Exception of a unit ended")
    exception_id: int
    unit_id: int
    last: date
    reason: str
    version_id: int


@known_event
@dataclass(frozen=True, kw_only=True)
class CalendarFileApplied(Event):
    """A file of days was brought into the calendar."""

    kind: ClassVar[str] = "calendar.file.applied"
    entity: ClassVar[str] = "calendar"
    title: ClassVar[LazyString] = _l("Calendar file applied")
    file_name: str
    sha256: str
    new: int
    changed: int
    unchanged: int
    rejected: int
    version_id: int
