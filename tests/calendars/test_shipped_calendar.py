"""The shipped days off, 2020–2026, held against a table written by hand: Tết, swaps, make-up Saturdays."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import date

import pytest
from holidays import country_holidays

from portal.calendars.actions import SHIPPED
from portal.calendars.rules import Content, DayKind, NamedDay, fault_of
from portal.deadlines import DayOutsideCalendar, DayStatus, Term, TermUnit, WorkingCalendar

CONTENT = Content.from_json(tomllib.loads(SHIPPED.read_text(encoding="utf-8")))
CALENDAR: WorkingCalendar = CONTENT.calendar()

# Counted on a wall calendar: (after this day, up to this day, working days between).
COUNTED = [
    ("2020-01-22", "2020-01-30", 1),  # Tết Canh Tý: off 23, 24, 27–29/1
    ("2020-04-29", "2020-05-04", 1),  # 30/4 and 1/5, then a weekend
    ("2020-09-01", "2020-09-03", 1),  # in 2020 the national day was one day
    ("2021-02-09", "2021-02-17", 1),  # Tết Tân Sửu
    ("2021-04-29", "2021-05-04", 1),  # 1/5 on Saturday, 3/5 instead
    ("2021-09-01", "2021-09-06", 1),  # two days from 2021 on
    ("2021-12-31", "2022-01-04", 1),  # 1/1 on Saturday, 3/1 instead
    ("2022-01-28", "2022-02-07", 1),  # Tết Nhâm Dần: the whole week
    ("2022-04-08", "2022-04-12", 1),  # Giỗ Tổ on Sunday 10/4
    ("2022-04-29", "2022-05-04", 1),  # 30/4 on Saturday, 1/5 on Sunday
    ("2022-12-30", "2023-01-03", 1),  # 1/1 on Sunday
    ("2023-01-19", "2023-01-27", 1),  # Tết Quý Mão: 20, 23–26/1
    ("2023-04-28", "2023-05-04", 1),  # Giỗ Tổ on 29/4, 30/4 on Sunday, 1/5
    ("2023-08-31", "2023-09-05", 1),  # 2/9 on Saturday: 1 and 4/9
    ("2023-10-06", "2023-10-16", 6),
    ("2024-02-07", "2024-02-15", 1),  # Tết Giáp Thìn
    ("2024-04-26", "2024-05-02", 1),  # 29/4 swapped away
    ("2024-05-03", "2024-05-06", 2),  # Saturday 4/5 is worked for it
    ("2024-08-30", "2024-09-04", 1),
    ("2025-01-24", "2025-02-03", 1),  # Tết Ất Tỵ: the whole week
    ("2025-04-25", "2025-04-28", 2),  # Saturday 26/4 is worked for 2/5
    ("2025-04-29", "2025-05-05", 1),
    ("2025-08-29", "2025-09-03", 1),
    ("2025-12-31", "2026-01-05", 1),  # 2/1 swapped away
    ("2026-01-09", "2026-01-12", 2),  # Saturday 10/1 is worked for it
    ("2026-02-13", "2026-02-23", 1),  # Tết Bính Ngọ: the whole week
    ("2026-04-24", "2026-04-28", 1),  # Giỗ Tổ on Sunday 26/4
    ("2026-08-21", "2026-08-24", 2),  # Saturday 22/8 is worked for 31/8
    ("2026-08-28", "2026-09-03", 1),
    ("2026-11-23", "2026-11-25", 1),  # 24/11, not confirmed
]
# Monday to Friday of the year, less weekdays off, plus make-up days; counted once by hand from the table of days.
WORKING_DAYS = {2020: 252, 2021: 250, 2022: 249, 2023: 249, 2024: 251, 2025: 250, 2026: 249}


@pytest.mark.parametrize(("start", "end", "count"), COUNTED)
def test_spans_counted_by_hand(start: str, end: str, count: int) -> None:
    assert CALENDAR.working_days_between(date.fromisoformat(start), date.fromisoformat(end)) == count


@pytest.mark.parametrize(
    ("received", "days", "due"),
    [
        ("2023-01-17", 5, "2023-01-31"),
        ("2024-04-25", 3, "2024-05-03"),
        ("2025-04-24", 2, "2025-04-26"),
        ("2026-01-08", 2, "2026-01-10"),
        ("2023-08-30", 2, "2023-09-05"),
    ],
)
def test_terms_over_days_off(received: str, days: int, due: str) -> None:
    assert Term(days, TermUnit.WORKING_DAYS).due_on(date.fromisoformat(received), CALENDAR) == date.fromisoformat(due)


@pytest.mark.parametrize(("year", "count"), WORKING_DAYS.items())
def test_working_days_of_a_year(year: int, count: int) -> None:
    weekdays_off = sum(row.kind is not DayKind.MAKE_UP and row.day.year == year for row in CONTENT.days)
    made_up = sum(row.kind is DayKind.SWAP and row.day.year == year for row in CONTENT.days)
    first, last = date(year, 1, 1), date(year, 12, 31)
    weekdays = sum(date.fromordinal(day).weekday() < 5 for day in range(first.toordinal(), last.toordinal() + 1))

    counted = CALENDAR.number(last) - CALENDAR.number(date(year - 1, 12, 31))

    assert counted == weekdays - weekdays_off + made_up == count


def test_every_shipped_day_stands_where_it_can() -> None:
    assert all(fault_of(row, CONTENT.covered_from, CONTENT.covered_to) is None for row in CONTENT.days)
    assert all(row.day.weekday() < 5 for row in CONTENT.days)
    assert len(CONTENT.dates()) == len(CONTENT.days) + 4 == 85


def test_doubtful_days_say_so_and_confirmed_ones_name_a_document() -> None:
    doubtful = {row.day for row in CONTENT.days if row.status is DayStatus.UNCONFIRMED}

    assert doubtful == {date(2026, 8, 31), date(2026, 11, 24)}
    assert all(row.doubt for row in CONTENT.days if row.status is DayStatus.UNCONFIRMED)
    assert all(row.source for row in CONTENT.days if row.status is DayStatus.CONFIRMED)


def test_the_swaps_are_rows_with_two_dates() -> None:
    swaps = {row.day: row.worked_on for row in CONTENT.days if row.kind is DayKind.SWAP}

    assert swaps == {
        date(2024, 4, 29): date(2024, 5, 4),
        date(2025, 5, 2): date(2025, 4, 26),
        date(2026, 1, 2): date(2026, 1, 10),
        date(2026, 8, 31): date(2026, 8, 22),
    }


@pytest.mark.parametrize("year", range(2020, 2027))
def test_the_library_of_holidays_agrees_but_for_one_swap(year: int) -> None:
    """The library misses the swap of 2/1/2026, which was made known on 25/12/2025."""
    found = country_holidays("VN", years=year)
    off = {day for day in found if day.weekday() < 5}
    worked = {day for day in found.weekend_workdays if day.year == year}
    known = {on: row for on, row in CONTENT.dates().items() if on.year == year}

    missed = {date(2026, 1, 2), date(2026, 1, 10)} if year == 2026 else set()
    assert {on for on, row in known.items() if on != row.worked_on} - missed == off
    assert {on for on, row in known.items() if on == row.worked_on} - missed == worked


def test_years_that_are_not_loaded_are_refused() -> None:
    for day in (date(2019, 11, 30), date(2027, 1, 1)):
        with pytest.raises(DayOutsideCalendar):
            CALENDAR.is_working(day)


def test_content_survives_storage_and_equal_content_has_one_hash() -> None:
    again = Content.from_json(CONTENT.as_json())

    assert again.hash() == CONTENT.hash()
    assert replace(CONTENT, days=CONTENT.days[::-1]).hash() == CONTENT.hash()


def test_what_cannot_stand_in_a_calendar() -> None:
    def fault(day: str, kind: DayKind, status: DayStatus = DayStatus.CONFIRMED) -> str | None:
        named = NamedDay(date.fromisoformat(day), kind, "x", "y", status)
        return fault_of(named, CONTENT.covered_from, CONTENT.covered_to)

    assert fault("2027-01-01", DayKind.OFF) == "calendars.year_not_open"
    assert fault("2026-12-01", DayKind.MAKE_UP) == "calendars.make_up_on_weekday"
    assert fault("2026-12-01", DayKind.OFF, DayStatus.UNCONFIRMED) == "calendars.doubt_missing"
    assert fault("2026-12-05", DayKind.MAKE_UP) is None
    assert fault("2026-12-04", DayKind.SWAP) == "calendars.swap_needs_both"
