"""Changing the calendar: every change makes a version, rebuilds the numbers and is recorded."""

from __future__ import annotations

import tomllib
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select

from portal.audit import actor_label, record
from portal.calendars import bulk, queries
from portal.calendars.events import CalendarDayRemoved, CalendarDaySet, CalendarLoaded, CalendarYearOpened
from portal.calendars.models import CalendarDay, CalendarVersion, CalendarYear
from portal.calendars.rules import Content, NamedDay, fault_of
from portal.database import db
from portal.guard import Viewer
from portal.refusal import Refused

SHIPPED = Path(__file__).with_name("shipped.toml")
NAMED = ("kind", "name", "document", "status", "doubt")


def load_shipped(at: datetime) -> int:
    """Load the shipped days; gives how many days changed (0 when run again).

    Days that an agency edited or removed stay as they are, whatever a new shipped version says.
    """
    shipped = tomllib.loads(SHIPPED.read_text(encoding="utf-8"))
    content = Content.from_json(shipped)
    known = {row.day: row for row in db.session.scalars(select(CalendarDay))}
    changed = sum(_load_day(named, known.get(named.day), shipped["version"]) for named in content.days)
    opened = _open_shipped_years(content)
    if not changed and not opened:
        return 0
    version = _new_version(f"Lịch kèm phần mềm, bản {shipped['version']}", by=None, at=at)
    event = CalendarLoaded(shipped_version=shipped["version"], days_changed=changed, version_id=version.id)
    record(event, entity_id=version.id, by=None, at=at)
    return changed


def _load_day(named: NamedDay, row: CalendarDay | None, shipped_version: int) -> bool:
    if row is None:
        db.session.add(_row_of(named, shipped_version=shipped_version))
        return True
    if row.edited_at is not None or all(getattr(row, field) == getattr(named, field) for field in NAMED):
        return False
    _write(row, named)
    row.shipped_version = shipped_version
    return True


def _row_of(named: NamedDay, **more: Any) -> CalendarDay:
    return CalendarDay(day=named.day, **{field: getattr(named, field) for field in NAMED}, **more)


def _write(row: CalendarDay, named: NamedDay) -> None:
    for field in NAMED:
        setattr(row, field, getattr(named, field))


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
    content = queries.current_content()
    if content is None:
        raise Refused("calendars.not_loaded")
    version = CalendarVersion(
        made_at=at,
        author=by.name if by else actor_label(),
        reason=reason,
        content_hash=content.hash(),
        content=content.as_json(),
    )
    db.session.add(version)
    bulk.rebuild_day_numbers(content)
    db.session.flush()
    return version


def set_day(named: NamedDay, reason: str, *, by: Viewer, at: datetime) -> CalendarDay:
    """Add a day or change one (a removed one comes back), with its document and the reason for the change.

    Refused outside the open years, for a make-up day on a weekday, and for an unconfirmed day without its doubt.
    """
    content = queries.current_content()
    if content is None:
        raise Refused("calendars.not_loaded")
    fault = fault_of(named, content.covered_from, content.covered_to)
    if fault:
        raise Refused(fault)
    row = db.session.scalar(select(CalendarDay).where(CalendarDay.day == named.day))
    if row is None:
        row = _row_of(named)
        db.session.add(row)
    else:
        _write(row, named)
        row.in_force = True
    row.edited_at = at
    version = _new_version(reason, by=by, at=at)
    event = CalendarDaySet(
        day=named.day,
        day_kind=named.kind,
        name=named.name,
        document=named.document,
        status=named.status,
        doubt=named.doubt,
        reason=reason,
        version_id=version.id,
    )
    record(event, entity_id=version.id, by=by, at=at)
    return row


def remove_day(row: CalendarDay, reason: str, *, by: Viewer, at: datetime) -> None:
    """Take a day out of force. The row stays, so that no upgrade brings it back; breaches keep their version."""
    if not row.in_force:
        raise Refused("calendars.already_removed")
    row.in_force = False
    row.edited_at = at
    version = _new_version(reason, by=by, at=at)
    event = CalendarDayRemoved(day=row.day, name=row.name, reason=reason, version_id=version.id)
    record(event, entity_id=version.id, by=by, at=at)


def open_year(year: int, reason: str, *, by: Viewer, at: datetime) -> None:
    """Declare the days of the next year known, so that counting into it is allowed. Years follow without a gap."""
    years = queries.open_years()
    if not years or year != years[-1] + 1:
        raise Refused("calendars.years_in_order", year=year)
    db.session.add(CalendarYear(year=year, covered_from=date(year, 1, 1), covered_to=date(year, 12, 31)))
    version = _new_version(reason, by=by, at=at)
    record(CalendarYearOpened(year=year, reason=reason, version_id=version.id), entity_id=version.id, by=by, at=at)
