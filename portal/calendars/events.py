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
