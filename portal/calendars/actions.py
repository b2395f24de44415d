"""Changing the calendar: every change makes a version, rebuilds the numbers and is recorded."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select

from portal.audit import Event, actor_label, record
from portal.calendars import bulk, queries
from portal.calendars.changes import (
    AddException,
    Change,
    EndException,
    Impossible,
    OpenYear,
    RemoveDay,
    SetDay,
    SetHours,
    after,
)
from portal.calendars.events import (
    CalendarDayRemoved,
    CalendarDaySet,
    CalendarLoaded,
    CalendarYearOpened,
    UnitExceptionEnded,
    UnitExceptionSet,
    WorkingHoursSet,
)
from portal.calendars.hours import HoursFrom, UnitException
from portal.calendars.models import CalendarDay, CalendarException, CalendarHours, CalendarVersion, CalendarYear
from portal.calendars.rules import Content, NamedDay
from portal.database import db
from portal.guard import Viewer
from portal.refusal import Refused

SHIPPED = Path(__file__).with_name("shipped.toml")
NAMED = ("kind", "name", "document", "status", "doubt", "worked_on", "document_number", "document_on")


def load_shipped(at: datetime) -> int:
    """Load the shipped days and hours; gives how many changed (0 when run again).

    Days that an agency edited or removed stay as they are, whatever a new shipped version says.
    """
    shipped = tomllib.loads(SHIPPED.read_text(encoding="utf-8"))
    content = Content.from_json(shipped)
    known = {row.day: row for row in db.session.scalars(select(CalendarDay))}
    taken = {on for row in known.values() for on in (row.day, row.worked_on) if on is not None}
    changed = sum(_load_day(named, known.get(named.day), taken, shipped["version"]) for named in content.days)
    changed += _load_hours(content.hours, shipped["version"])
    opened = _open_shipped_years(content)
    if not changed and not opened:
        return 0
    version = _new_version(f"Lịch kèm phần mềm, bản {shipped['version']}", by=None, at=at)
    event = CalendarLoaded(shipped_version=shipped["version"], days_changed=changed, version_id=version.id)
    record(event, entity_id=version.id, by=None, at=at)
    return changed


def _load_day(named: NamedDay, row: CalendarDay | None, taken: set[date], shipped_version: int) -> bool:
    own = set() if row is None else {row.day, row.worked_on}
    if taken & set(named.dates) - own:
        return False
    if row is None:
        db.session.add(_row_of(named, shipped_version=shipped_version))
        return True
    if row.edited_at is not None or all(getattr(row, field) == getattr(named, field) for field in NAMED):
        return False
    _write(row, named)
    row.shipped_version = shipped_version
    return True


def _load_hours(shipped: Iterable[HoursFrom], version: int) -> int:
    """Hours are loaded once: from the first edit on they are the agency's own."""
    if db.session.scalar(select(CalendarHours.id).limit(1)) is not None:
        return 0
    rows = [CalendarHours(**_hours_fields(hours), shipped_version=version) for hours in shipped]
    db.session.add_all(rows)
    return len(rows)


def _row_of(named: NamedDay, **more: Any) -> CalendarDay:
    return CalendarDay(day=named.day, **{field: getattr(named, field) for field in NAMED}, **more)


def _write(row: CalendarDay, named: NamedDay) -> None:
    for field in NAMED:
        setattr(row, field, getattr(named, field))


def _hours_fields(hours: HoursFrom) -> dict[str, Any]:
    said = hours.as_json()
    return {**said, "valid_from": hours.valid_from, "document_on": hours.document_on}


def _open_shipped_years(content: Content) -> int:
    known = set(queries.open_years())
    spans = [
        CalendarYear(
            year=year,
            covered_from=max(content.covered_from, date(year, 1, 1)),
            covered_to=min(content.covered_to, date(year, 12, 31)),
        )
        for year in range(content.covered_from.year, content.covered_to.year + 1)
        if year not in known
    ]
    db.session.add_all(spans)
    return len(spans)


def _new_version(reason: str, *, by: Viewer | None, at: datetime) -> CalendarVersion:
    """Freeze what the tables now say as a version, and rebuild the running numbers from it."""
    db.session.flush()
    content = _content()
    version = CalendarVersion(
        made_at=at,
        author=_author(by),
        reason=reason,
        content_hash=content.hash(),
        content=content.as_json(),
    )
    db.session.add(version)
    bulk.rebuild_day_numbers(content)
    db.session.flush()
    return version


def _content() -> Content:
    content = queries.current_content()
    if content is None:
        raise Refused("calendars.not_loaded")
    return content


def _author(by: Viewer | None) -> str:
    return by.name if by else actor_label()


def apply(changes: Sequence[Change], reason: str, *, by: Viewer | None, at: datetime) -> CalendarVersion:
    """Make all changes together as one version, each with its event; frozen breaches keep the version they have.

    Refused, and nothing is changed, where one of them cannot be made: outside the open years, a worked day that is no
    weekend day, a date another row speaks of, an unconfirmed day without its doubt.
    """
    try:
        after(_content(), changes)
    except Impossible as no:
        raise Refused(no.code, **no.facts) from no
    rows = [_make(change, reason, by=by, at=at) for change in changes]
    version = _new_version(reason, by=by, at=at)
    for change, row in zip(changes, rows, strict=True):
        for event in _events(change, row, reason, version.id):
            record(event, entity_id=version.id, by=by, at=at)
    return version


def _make(change: Change, reason: str, *, by: Viewer | None, at: datetime) -> Any:
    """Write one change into its table; gives the row."""
    said = {"author": _author(by), "reason": reason}
    match change:
        case SetDay(named):
            return _set_day(named, at, said)
        case RemoveDay(day):
            row = db.session.scalars(select(CalendarDay).where(CalendarDay.day == day)).one()
            row.in_force, row.edited_at, row.author, row.reason = False, at, said["author"], reason
            return row
        case OpenYear(year):
            span = CalendarYear(year=year, covered_from=date(year, 1, 1), covered_to=date(year, 12, 31))
            db.session.add(span)
            return span
        case SetHours(hours):
            return _set_hours(hours, at, said)
        case AddException(exception):
            return _add_exception(exception, said)
        case EndException(ident, last):
            return _end_exception(ident, last, said)


def _set_day(named: NamedDay, at: datetime, said: dict[str, str]) -> CalendarDay:
    row = db.session.scalar(select(CalendarDay).where(CalendarDay.day == named.day))
    if row is None:
        row = _row_of(named)
        db.session.add(row)
    else:
        _write(row, named)
        row.in_force = True
    row.edited_at, row.author, row.reason = at, said["author"], said["reason"]
    return row


def _set_hours(hours: HoursFrom, at: datetime, said: dict[str, str]) -> CalendarHours:
    row = db.session.scalar(select(CalendarHours).where(CalendarHours.valid_from == hours.valid_from))
    if row is None:
        row = CalendarHours(**_hours_fields(hours))
        db.session.add(row)
    for field, value in {**_hours_fields(hours), **said}.items():
        setattr(row, field, value)
    row.edited_at = at
    return row


def _add_exception(exception: UnitException, said: dict[str, str]) -> CalendarException:
    told = {name: value for name, value in exception.as_json().items() if name != "id"}
    dates = {name: getattr(exception, name) for name in ("valid_from", "valid_to", "document_on")}
    row = CalendarException(**{**told, **dates, **said})
    db.session.add(row)
    return row


def _end_exception(ident: int, last: date, said: dict[str, str]) -> CalendarException:
    row = db.session.get_one(CalendarException, ident)
    if last < row.valid_from:
        row.in_force = False
    else:
        row.valid_to = last
    row.author, row.reason = said["author"], said["reason"]
    return row


def _events(change: Change, row: Any, reason: str, version_id: int) -> Iterator[Event]:
    said: dict[str, Any] = {"reason": reason, "version_id": version_id}
    match change:
        case SetDay(named):
            facts = {field: getattr(named, field) for field in NAMED if field != "kind"}
            yield CalendarDaySet(day=named.day, day_kind=named.kind, **facts, **said)
        case RemoveDay(day):
            yield CalendarDayRemoved(day=day, name=row.name, **said)
        case OpenYear(year):
            yield CalendarYearOpened(year=year, **said)
        case SetHours(hours):
            week = tuple(", ".join(texts) for texts in hours.as_json()["week"])
            yield WorkingHoursSet(valid_from=hours.valid_from, week=week, document=hours.document, **said)
        case AddException(exception):
            yield UnitExceptionSet(
                exception_id=row.id, unit_id=exception.unit_id, exception_kind=exception.kind, name=exception.name,
                valid_from=exception.valid_from, valid_to=exception.valid_to, weekday=exception.weekday, **said,
            )  # fmt: skip
        case EndException(ident, last):
            yield UnitExceptionEnded(exception_id=ident, unit_id=row.unit_id, last=last, **said)


def set_day(named: NamedDay, reason: str, *, by: Viewer, at: datetime) -> CalendarVersion:
    """Add a row or change one (a removed one comes back). Refused as ``apply``."""
    return apply([SetDay(named)], reason, by=by, at=at)


def remove_day(row: CalendarDay, reason: str, *, by: Viewer, at: datetime) -> CalendarVersion:
    """Take a row out of force. It stays, so that no upgrade brings it back; breaches keep their version."""
    return apply([RemoveDay(row.day)], reason, by=by, at=at)


def open_year(year: int, reason: str, *, by: Viewer, at: datetime) -> CalendarVersion:
    """Declare the days of the next year known, so that counting into it is allowed. Years follow without a gap."""
    return apply([OpenYear(year)], reason, by=by, at=at)
