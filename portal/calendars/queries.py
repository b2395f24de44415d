"""Reading the calendar: as a WorkingCalendar in Python, as running numbers in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Date, Row, ScalarSelect, func, select
from sqlalchemy.sql.elements import SQLCoreOperations

from portal.calendars.models import CalendarDay, CalendarVersion, CalendarYear, DayNumber
from portal.calendars.rules import Content, end_of_numbers
from portal.database import db
from portal.deadlines import WorkingCalendar
from portal.refusal import Refused

VERSIONS_SHOWN = 20
KEPT_CALENDARS = 8
YEARS_BEYOND = 5
# Keyed by what the content says, so an entry can never be out of date and a worker holds no state.
_calendars: dict[str, WorkingCalendar] = {}

Day = SQLCoreOperations[Any] | date


def current_version_id() -> int:
    """The id of the calendar version in force; breaches freeze it. Refused where nothing is loaded."""
    found: int | None = db.session.scalar(select(func.max(CalendarVersion.id)))
    if found is None:
        raise Refused("calendars.not_loaded")
    return found


def current_calendar() -> WorkingCalendar:
    """The calendar in force. One query; Refused where nothing is loaded."""
    newest = select(CalendarVersion.id, CalendarVersion.content_hash).order_by(CalendarVersion.id.desc()).limit(1)
    return _calendar(db.session.execute(newest).first())


def calendar_for_terms() -> WorkingCalendar:
    """The calendar in force, going on beyond its last year with weekends only: for due moments that are not frozen.

    They are counted anew when the next year is loaded. One query; Refused where nothing is loaded.
    """
    newest = select(CalendarVersion.id, CalendarVersion.content_hash).order_by(CalendarVersion.id.desc()).limit(1)
    return _calendar(db.session.execute(newest).first(), YEARS_BEYOND)


def calendar_of_version(version_id: int) -> WorkingCalendar:
    """The calendar as it was in one version, to tell again how a frozen count was made."""
    wanted = select(CalendarVersion.id, CalendarVersion.content_hash).where(CalendarVersion.id == version_id)
    return _calendar(db.session.execute(wanted).first())


def _calendar(version: Row[int, str] | None, years_beyond: int = 0) -> WorkingCalendar:
    if version is None:
        raise Refused("calendars.not_loaded")
    ident, key = version
    key += f"+{years_beyond}"
    known = _calendars.get(key)
    if known is None:
        while len(_calendars) >= KEPT_CALENDARS:
            _calendars.pop(next(iter(_calendars)), None)
        content = content_of_version(ident)
        last = date(content.covered_to.year + years_beyond, 12, 31) if years_beyond else None
        known = _calendars[key] = content.calendar(last)
    return known


def content_of_version(version_id: int) -> Content:
    """All that one version says."""
    stored = db.session.scalars(select(CalendarVersion.content).where(CalendarVersion.id == version_id)).one()
    return Content.from_json(stored)


def current_content() -> Content | None:
    """What the tables say now: the open years and the days in force; None before anything is loaded."""
    years = db.session.scalars(select(CalendarYear).order_by(CalendarYear.year)).all()
    if not years:
        return None
    days = db.session.scalars(select(CalendarDay).where(CalendarDay.in_force).order_by(CalendarDay.day)).all()
    return Content.from_json(
        {
            "covered_from": years[0].covered_from,
            "covered_to": years[-1].covered_to,
            "days": [
                {name: getattr(row, name) for name in ("day", "kind", "name", "document", "status", "doubt")}
                for row in days
            ],
        }
    )


def require_ready(on: date) -> WorkingCalendar:
    """The calendar, provided it covers ``on``; Refused otherwise, so that nothing is frozen on a guess."""
    calendar = current_calendar()
    if not calendar.covers(on):
        raise Refused(
            "calendars.year_missing", year=on.year, first=f"{calendar.first:%d/%m/%Y}", last=f"{calendar.last:%d/%m/%Y}"
        )
    return calendar


def day_number(moment: Day) -> ScalarSelect[int]:
    """SQL: the running number of the day of ``moment`` (a wall-time column, a date column, or a date).

    NULL for days before the first covered day or more than a year after the last one. Correlates with the enclosing
    statement, which must select from the table of the column (``select_from`` where only this is selected); one look
    into the primary key of day_numbers on both databases.
    """
    wanted = moment if isinstance(moment, date) else func.date(moment, type_=Date())
    return select(DayNumber.number).where(DayNumber.day == wanted).correlate_except(DayNumber).scalar_subquery()


def working_days_between(start: Day, end: Day) -> ColumnElement[int]:
    """SQL: working days after the day of ``start`` up to and including the day of ``end``; as in ``deadlines``.

    ``cases late = working_days_between(Case.due_at, Case.finished_at)``; NULL where either number is.
    """
    return day_number(end) - day_number(start)


def faults() -> list[date]:
    """Days whose stored number differs from the calendar in force; empty when sound. For ``portal doctor``."""
    content = current_content()
    if content is None:
        return []
    calendar = content.calendar(end_of_numbers(content.covered_to))
    stored = {row.day: (row.is_working, row.number) for row in db.session.scalars(select(DayNumber))}
    wrong = [day for day, (works, number) in stored.items() if not _agrees(calendar, day, works, number)]
    missing = (calendar.last - calendar.first).days + 1 - len(stored)
    return sorted(wrong) or ([calendar.last] if missing else [])


def _agrees(calendar: WorkingCalendar, day: date, works: bool, number: int) -> bool:
    return calendar.covers(day) and calendar.is_working(day) == works and calendar.number(day) == number


def unconfirmed_between(start: date, end: date) -> Sequence[CalendarDay]:
    """Unconfirmed days after ``start`` up to ``end``: what a result must name when it rests on them."""
    doubtful = select(CalendarDay).where(CalendarDay.in_force, CalendarDay.status == "unconfirmed")
    return db.session.scalars(doubtful.where(CalendarDay.day > start, CalendarDay.day <= end)).all()


def days_of_year(year: int) -> Sequence[CalendarDay]:
    """The named days of a year, removed ones too, in order."""
    span = CalendarDay.day.between(date(year, 1, 1), date(year, 12, 31))
    return db.session.scalars(select(CalendarDay).where(span).order_by(CalendarDay.day)).all()


def day_of(day_id: int) -> CalendarDay | None:
    """One named day by its id."""
    return db.session.get(CalendarDay, day_id)


def open_years() -> Sequence[int]:
    """The years that are open for counting, in order."""
    return db.session.scalars(select(CalendarYear.year).order_by(CalendarYear.year)).all()


def versions() -> Sequence[CalendarVersion]:
    """The latest versions, newest first."""
    return db.session.scalars(select(CalendarVersion).order_by(CalendarVersion.id.desc()).limit(VERSIONS_SHOWN)).all()
