"""Reading the calendar: as a WorkingCalendar in Python, as running numbers in SQL."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Date, Row, ScalarSelect, Select, and_, func, inspect, or_, select
from sqlalchemy.orm import contains_eager, defer
from sqlalchemy.sql.elements import SQLCoreOperations

from portal import clock
from portal.calendars.hours import HoursFrom, UnitException
from portal.calendars.models import (
    CalendarDay,
    CalendarDraft,
    CalendarException,
    CalendarHours,
    CalendarVersion,
    CalendarYear,
    DayNumber,
)
from portal.calendars.rules import Content, NamedDay, end_of_numbers
from portal.database import Base, db
from portal.deadlines import WorkingCalendar
from portal.directory.models import Unit
from portal.refusal import Refused

VERSIONS_SHOWN = 20
KEPT = 16
# Keyed by what the content says, so an entry can never be out of date and a worker holds no state.
_contents: dict[str, Content] = {}
_calendars: dict[tuple[str, int | None, bool], WorkingCalendar] = {}

Key = TypeVar("Key")
Kept = TypeVar("Kept")

Day = SQLCoreOperations[Any] | date


def current_version_id() -> int:
    """The id of the calendar version in force; breaches freeze it. Refused where nothing is loaded."""
    found: int | None = db.session.scalar(select(func.max(CalendarVersion.id)))
    if found is None:
        raise Refused("calendars.not_loaded")
    return found


def current_calendar(unit_id: int | None = None) -> WorkingCalendar:
    """The calendar in force. One query; Refused where nothing is loaded.

    With ``unit_id`` the calendar of that unit: the national one where it has no exceptions, the same object for all.
    Lateness counts on the national calendar unless a policy says that the unit's own rules.
    """
    newest = select(CalendarVersion.id, CalendarVersion.content_hash).order_by(CalendarVersion.id.desc()).limit(1)
    return _calendar(db.session.execute(newest).first(), unit_id)


def calendar_for_terms() -> WorkingCalendar:
    """The calendar in force, going on beyond its last year with weekends only: for due moments that are not frozen.

    They are counted anew when the next year is loaded. One query; Refused where nothing is loaded.
    """
    newest = select(CalendarVersion.id, CalendarVersion.content_hash).order_by(CalendarVersion.id.desc()).limit(1)
    return _calendar(db.session.execute(newest).first(), None, goes_on=True)


PrintedBy = Callable[[datetime], WorkingCalendar | None]
"""By which calendar the due moment of a receipt (its wall moment) was printed; None: by the one it is counted with."""


def printing_calendars() -> PrintedBy:
    """The calendar in force at a receipt; before the portal had any, its first one. One query.

    A day off declared after a receipt stands in no printed date, so a pause over it gives back the day all the same: no
    day off moves a ruling due moment earlier.
    """
    columns = (CalendarVersion.id, CalendarVersion.content_hash, CalendarVersion.made_at)
    versions = db.session.execute(select(*columns).order_by(CalendarVersion.id)).all()
    begun = [clock.in_vietnam(version.made_at) for version in versions]

    def printed_by(received_at: datetime) -> WorkingCalendar | None:
        if len(versions) == 1:
            return None
        version = versions[max(bisect_right(begun, received_at) - 1, 0)]
        return _calendar((version.id, version.content_hash), None, goes_on=True)

    return printed_by


def calendar_of_version(version_id: int, unit_id: int | None = None) -> WorkingCalendar:
    """The calendar as it was in one version, to tell again how a frozen count was made."""
    wanted = select(CalendarVersion.id, CalendarVersion.content_hash).where(CalendarVersion.id == version_id)
    return _calendar(db.session.execute(wanted).first(), unit_id)


def _calendar(
    version: Row[int, str] | tuple[int, str] | None, unit_id: int | None, *, goes_on: bool = False
) -> WorkingCalendar:
    if version is None:
        raise Refused("calendars.not_loaded")
    ident, key = version
    known = _contents.get(key)
    if known is None:
        known = _kept(_contents, key, content_of_version(ident))
    place = (key, unit_id if known.has_exceptions(unit_id) else None, goes_on)
    found = _calendars.get(place)
    return found or _kept(_calendars, place, known.calendar(known.end_of_terms if goes_on else None, place[1]))


def _kept(store: dict[Key, Kept], key: Key, value: Kept) -> Kept:
    """Keep what was built, and forget the oldest where there is much."""
    while len(store) >= KEPT:
        store.pop(next(iter(store)), None)
    store[key] = value
    return value


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
    exceptions = select(CalendarException).where(CalendarException.in_force).order_by(CalendarException.id)
    return Content(
        years[0].covered_from,
        years[-1].covered_to,
        tuple(named_of(row) for row in days),
        tuple(HoursFrom.from_json(fields_of(row)) for row in hours_rows()),
        tuple(UnitException.from_json(fields_of(row)) for row in db.session.scalars(exceptions)),
    )


def named_of(row: CalendarDay) -> NamedDay:
    """A row of the table as the rules know it."""
    return NamedDay.from_json(fields_of(row))


def hours_rows() -> Sequence[CalendarHours]:
    """The working hours, oldest first."""
    return db.session.scalars(select(CalendarHours).order_by(CalendarHours.valid_from)).all()


def fields_of(row: Base) -> dict[str, Any]:
    """The columns of a row by name."""
    return {column.key: getattr(row, column.key) for column in inspect(row).mapper.column_attrs}


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
    touched = (and_(column > start, column <= end) for column in (CalendarDay.day, CalendarDay.worked_on))
    return db.session.scalars(doubtful.where(or_(*touched))).all()


def days_of_year(year: int) -> Sequence[CalendarDay]:
    """The named days of a year, removed ones too, in order; a swap that reaches into another year is in both."""
    span = (date(year, 1, 1), date(year, 12, 31))
    touches = or_(CalendarDay.day.between(*span), CalendarDay.worked_on.between(*span))
    return db.session.scalars(select(CalendarDay).where(touches).order_by(CalendarDay.day)).all()


def day_of(day_id: int) -> CalendarDay | None:
    """One named day by its id."""
    return db.session.get(CalendarDay, day_id)


def open_years() -> Sequence[int]:
    """The years that are open for counting, in order."""
    return db.session.scalars(select(CalendarYear.year).order_by(CalendarYear.year)).all()


def versions() -> Sequence[CalendarVersion]:
    """The latest versions, newest first, without what they say."""
    newest = select(CalendarVersion).options(defer(CalendarVersion.content)).order_by(CalendarVersion.id.desc())
    return db.session.scalars(newest.limit(VERSIONS_SHOWN)).all()


def version_of(version_id: int) -> CalendarVersion | None:
    """One version by its id."""
    return db.session.get(CalendarVersion, version_id)


def version_before(version_id: int) -> CalendarVersion | None:
    """The version before one; None before the first."""
    earlier = select(CalendarVersion).where(CalendarVersion.id < version_id).order_by(CalendarVersion.id.desc())
    found: CalendarVersion | None = db.session.scalars(earlier.limit(1)).first()
    return found


def exceptions() -> Sequence[CalendarException]:
    """Every exception of a unit in force, with its unit, by unit and first day."""
    return db.session.scalars(_exceptions()).all()


def exceptions_of_year(year: int) -> Sequence[CalendarException]:
    """The exceptions that touch a year."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    still = or_(CalendarException.valid_to.is_(None), CalendarException.valid_to >= first)
    return db.session.scalars(_exceptions().where(CalendarException.valid_from <= last, still)).all()


def _exceptions() -> Select[CalendarException]:
    joined = select(CalendarException).join(CalendarException.unit).options(contains_eager(CalendarException.unit))
    in_order = joined.order_by(Unit.sort_key, CalendarException.valid_from, CalendarException.id)
    return in_order.where(CalendarException.in_force)


def exception_of(exception_id: int) -> CalendarException | None:
    """One exception in force by its id."""
    found = db.session.get(CalendarException, exception_id)
    return found if found is not None and found.in_force else None


def unit_names(unit_ids: Iterable[int]) -> dict[int, str]:
    """The names of units by their ids; no statement where there are none."""
    wanted = set(unit_ids)
    if not wanted:
        return {}
    return {row.id: row.name for row in db.session.execute(select(Unit.id, Unit.name).where(Unit.id.in_(wanted)))}


def draft_of(draft_id: int, user_id: int | None) -> CalendarDraft | None:
    """A change that this user wants to make."""
    own = select(CalendarDraft).where(CalendarDraft.id == draft_id, CalendarDraft.user_id == user_id)
    found: CalendarDraft | None = db.session.scalars(own).first()
    return found


def next_year_missing(today: date, begins: tuple[int, int]) -> int | None:
    """The next year, from its month and day ``begins`` on, while it is not open; None before, and where it is."""
    following = today.year + 1
    return following if (today.month, today.day) >= begins and following not in open_years() else None


def is_provisional(day: date) -> bool:
    """Whether a day lies beyond the years that are open: there only weekends are known."""
    last: date | None = db.session.scalar(select(func.max(CalendarYear.covered_to)))
    return last is None or day > last
