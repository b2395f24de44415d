"""The calendar in the database: loading, editing, versions, and SQL that counts like Python."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal import clock
from portal.audit.queries import latest
from portal.calendars import actions, queries
from portal.calendars.models import CalendarDay, CalendarVersion, DayNumber
from portal.calendars.rules import DayKind, NamedDay
from portal.cases.models import Case
from portal.database import commit, db
from portal.deadlines import DayStatus
from portal.guard import Viewer
from portal.refusal import Refused
from tests.factories import Make

STORM = NamedDay(date(2023, 10, 12), DayKind.OFF, "Nghỉ phòng bão", "Công điện 01")
MACHINE = Viewer.for_command()


def set_storm() -> None:
    with commit():
        actions.set_day(STORM, "bão", by=MACHINE, at=clock.now())


def count(model: type) -> int:
    return len(db.session.scalars(select(model)).all())


def test_an_upgrade_loads_the_days_once(app: Flask) -> None:
    before = count(CalendarDay), count(CalendarVersion)

    with commit():
        changed = actions.load_shipped(clock.now())

    assert changed == 0
    assert (count(CalendarDay), count(CalendarVersion)) == before == (81, 1)
    assert queries.faults() == []


def test_an_upgrade_leaves_what_an_agency_edited(app: Flask) -> None:
    tet = db.session.scalars(select(CalendarDay).where(CalendarDay.day == date(2023, 1, 20))).one()
    with commit():
        actions.remove_day(tet, "đơn vị vẫn làm", by=MACHINE, at=clock.now())
    renamed = NamedDay(date(2023, 1, 23), DayKind.OFF, "Tết của chúng tôi", "QĐ 1")
    with commit():
        actions.set_day(renamed, "đổi tên", by=MACHINE, at=clock.now())

    with commit():
        actions.load_shipped(clock.now())

    assert queries.current_calendar().is_working(date(2023, 1, 20))
    assert queries.current_calendar().day_off(date(2023, 1, 23)).name == "Tết của chúng tôi"  # type: ignore[union-attr]


def test_an_upgrade_brings_changes_to_days_nobody_edited(app: Flask) -> None:
    row = db.session.scalars(select(CalendarDay).where(CalendarDay.day == date(2023, 9, 4))).one()
    with commit():
        row.name = "tên cũ"

    with commit():
        changed = actions.load_shipped(clock.now())

    assert changed == 1
    assert queries.days_of_year(2023)[-1].name == "Quốc khánh 2/9 (nghỉ bù thứ Bảy 2/9)"


def test_sql_counts_like_python_for_many_spans(app: Flask) -> None:
    calendar = queries.current_calendar()
    starts = [calendar.first + timedelta(days=step) for step in range(0, 2500, 97)]
    spans = [(start, start + timedelta(days=length)) for start in starts for length in (0, 1, 3, 8, 30)]

    counted = [db.session.scalar(select(queries.working_days_between(*span))) for span in spans]

    assert counted == [calendar.working_days_between(*span) for span in spans]


def test_sql_counts_from_columns_of_a_case(app: Flask, make: Make) -> None:
    make.case(due="2023-08-31 17:00", finished="2023-09-06 08:00")
    make.case(due="2023-10-10", finished=None)
    now = datetime(2023, 10, 16, 23, 59, 59)

    late = db.session.scalars(
        select(queries.working_days_between(Case.due_at, func.coalesce(Case.finished_at, now)))
        .select_from(Case)
        .order_by(Case.id)
    ).all()

    assert list(late) == [2, 4]


def test_days_outside_the_numbers_have_none(app: Flask) -> None:
    assert db.session.scalar(select(queries.working_days_between(date(2019, 1, 1), date(2023, 1, 3)))) is None
    assert db.session.scalar(select(queries.day_number(date(2028, 1, 1)))) is None


def test_the_year_after_the_last_has_provisional_numbers_only_for_sql(app: Flask) -> None:
    row = db.session.get(DayNumber, date(2027, 6, 1))

    assert row is not None and not row.is_covered
    with pytest.raises(Refused, match=r"calendars\.year_missing"):
        queries.require_ready(date(2027, 6, 1))


def test_an_edit_makes_a_version_and_leaves_the_old_one(app: Flask) -> None:
    before = queries.current_version_id()

    set_storm()

    assert queries.current_version_id() > before
    assert not queries.current_calendar().is_working(STORM.day)
    assert queries.calendar_of_version(before).is_working(STORM.day)
    assert queries.faults() == []
    assert latest()[0].kind == "calendar.day.set"
    assert latest()[0].payload["reason"] == "bão"


def test_sql_follows_an_edit(app: Flask) -> None:
    working = queries.working_days_between(date(2023, 10, 11), date(2023, 10, 13))
    before = db.session.scalar(select(working))

    set_storm()

    assert (before, db.session.scalar(select(working))) == (2, 1)


def test_unconfirmed_days_are_found_for_a_result(app: Flask) -> None:
    found = queries.unconfirmed_between(date(2026, 11, 1), date(2026, 11, 30))

    assert [row.day for row in found] == [date(2026, 11, 24)]


def test_years_open_one_after_another(app: Flask) -> None:
    with pytest.raises(Refused, match=r"calendars\.years_in_order"), commit():
        actions.open_year(2030, "sớm", by=MACHINE, at=clock.now())

    with commit():
        actions.open_year(2027, "lịch 2027 đã có", by=MACHINE, at=clock.now())

    assert queries.require_ready(date(2027, 6, 1)).last == date(2027, 12, 31)


def test_a_day_that_cannot_stand_is_refused_and_leaves_nothing(app: Flask) -> None:
    before = queries.current_version_id()
    doubtful = NamedDay(date(2026, 12, 24), DayKind.OFF, "x", "y", DayStatus.UNCONFIRMED)

    with pytest.raises(Refused, match=r"calendars\.doubt_missing"), commit():
        actions.set_day(doubtful, "?", by=MACHINE, at=clock.now())

    assert queries.current_version_id() == before


def test_a_day_is_removed_once(app: Flask) -> None:
    row = queries.days_of_year(2023)[0]
    with commit():
        actions.remove_day(row, "x", by=MACHINE, at=clock.now())

    with pytest.raises(Refused, match=r"calendars\.already_removed"), commit():
        actions.remove_day(row, "x", by=MACHINE, at=clock.now())
