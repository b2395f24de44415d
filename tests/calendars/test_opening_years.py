"""The next year: proposals a person takes, edits or leaves out; the banner; pages on the last day of the calendar."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from portal.calendars import queries
from portal.calendars.proposing import on_weekends, proposals
from portal.calendars.rules import NamedDay
from portal.deadlines import DayStatus
from tests.factories import Make

PROPOSED = [
    (date(2027, 1, 1), "Tết Dương lịch"),
    (date(2027, 2, 4), "29 Tết"),
    (date(2027, 2, 5), "Giao thừa Tết Nguyên Đán"),
    (date(2027, 2, 8), "Mùng ba Tết Nguyên Đán"),
    (date(2027, 2, 9), "Mùng bốn Tết Nguyên Đán"),
    (date(2027, 2, 10), "Mùng năm Tết Nguyên Đán"),
    (date(2027, 4, 16), "Ngày Giỗ Tổ Hùng Vương"),
    (date(2027, 4, 30), "Ngày Chiến thắng"),
    (date(2027, 5, 3), "Ngày Quốc tế Lao động (nghỉ bù)"),
    (date(2027, 9, 2), "Quốc khánh"),
    (date(2027, 9, 3), "Quốc khánh"),
    (date(2027, 11, 24), "Ngày Văn hóa Việt Nam"),
]


def test_the_library_proposes_a_year_and_doubts_every_day_of_it() -> None:
    found = proposals(2027)

    assert [(row.day, row.name) for row in found] == PROPOSED
    assert all(row.status is DayStatus.UNCONFIRMED and row.doubt for row in found)
    assert {"Năm ngày nghỉ Tết" in row.doubt for row in found if row.day.month == 2} == {True}
    assert "Nghỉ bù" in next(row.doubt for row in found if row.day == date(2027, 5, 3))
    assert (date(2027, 5, 1), "Ngày Quốc tế Lao động") in on_weekends(2027)


def form_of(rows: tuple[NamedDay, ...], **more: str) -> dict[str, str]:
    form = {"reason": "chuẩn bị năm 2027"}
    for place, row in enumerate(rows):
        name = f"days-{place}-"
        form |= {f"{name}take": "y", f"{name}day": f"{row.day:%d/%m/%Y}", f"{name}name": row.name}
        form |= {f"{name}document": row.document, f"{name}status": row.status.value, f"{name}doubt": row.doubt}
    return {**form, **more}


def test_the_administrator_takes_edits_and_leaves_out_proposals(signed_in: Any) -> None:
    administrator = signed_in("administrator")
    page = administrator.get("/calendar/years/2027/opening").text
    form = form_of(proposals(2027), **{"days-10-day": "01/09/2027", "days-10-name": "Quốc khánh (ngày liền kề)"})
    del form["days-1-take"]

    shown = administrator.post("/calendar/years/2027/opening", data=form)
    before = queries.open_years()
    administrator.post(f"{shown.location}/apply", data={"reason": "theo thông báo"})

    assert "29 Tết" in page and "nghỉ bù" in page
    assert 2027 not in before and 2027 in queries.open_years()
    calendar = queries.require_ready(date(2027, 6, 1))
    assert calendar.is_working(date(2027, 2, 4)) and not calendar.is_working(date(2027, 9, 1))
    assert calendar.is_working(date(2027, 9, 3))
    assert queries.faults() == []


WRONG = [{"days-0-day": "32/01/2027"}, {"days-0-name": ""}, {"days-0-doubt": ""}, {"reason": ""}]


@pytest.mark.parametrize("wrong", WRONG)
def test_proposals_with_a_fault_are_shown_again_with_what_was_typed(signed_in: Any, wrong: dict[str, str]) -> None:
    form = form_of(proposals(2027), **{"days-3-name": "Tên đã sửa", **wrong})

    response = signed_in("administrator").post("/calendar/years/2027/opening", data=form)

    assert response.status_code == 422
    assert "Tên đã sửa" in response.text
    assert 2027 not in queries.open_years()


@pytest.mark.parametrize("year", [2026, 2029])
def test_only_the_next_year_is_proposed(signed_in: Any, year: int) -> None:
    page = signed_in("administrator").get(f"/calendar/years/{year}/opening")

    assert page.status_code == 200
    assert "calendar-opening" not in page.text


def test_only_administrators_open_a_year(signed_in: Any) -> None:
    assert signed_in("head").get("/calendar/years/2027/opening").status_code == 403
    assert signed_in("chair").post("/calendar/years/2027/opening", data={}).status_code == 403


@pytest.mark.parametrize(("today", "shown"), [("2026-09-30", False), ("2026-10-01", True), ("2026-12-31", True)])
def test_a_missing_next_year_is_a_red_banner_from_october_on(signed_in: Any, at: Any, today: str, shown: bool) -> None:
    administrator = signed_in("administrator")
    at(datetime.fromisoformat(f"{today} 09:00"))

    pages = [administrator.get(address).text for address in ("/", "/calendar/2026")]

    assert [("calendars-banner" in page) for page in pages] == [shown, shown]
    assert "calendars-banner" not in signed_in("officer").get("/calendar/2026").text


def test_the_banner_goes_when_the_year_is_open(signed_in: Any, at: Any) -> None:
    administrator = signed_in("administrator")
    at(datetime(2026, 10, 1, 9, 0))
    shown = administrator.post("/calendar/years/2027/opening", data=form_of(proposals(2027)))
    administrator.post(f"{shown.location}/apply", data={"reason": "x"})

    assert "calendars-banner" not in administrator.get("/").text


PAGES = {
    "officer": ("/", "/cases", "/explanations", "/apologies"),
    "head": ("/", "/cases", "/explanations/queue", "/apologies"),
    "monitoring_office": ("/", "/cases", "/figures/units", "/coverage"),
    "administrator": ("/", "/calendar/2027", "/jobs"),
}


@pytest.mark.parametrize("moment", ["2026-12-31 09:00", "2027-01-04 09:00"])
@pytest.mark.parametrize("role", PAGES)
def test_pages_open_before_the_next_year_does(signed_in: Any, make: Make, at: Any, role: str, moment: str) -> None:
    unit = make.unit()
    client = signed_in(role, unit)
    make.case(
        unit=unit,
        officer=client.person,
        received="2026-12-22 08:00",
        due="2026-12-30 17:00",
        finished=None,
        as_of="2026-12-31 08:00",
    )
    breach = make.breach(
        on=date(2026, 12, 28), unit=unit, officer=client.person, due="2026-12-25 17:00", as_of="2026-12-28 18:00"
    )
    own = [f"/cases/{breach.case_id}", f"/explanations/{make.explanation(breach).id}"]
    at(datetime.fromisoformat(moment))
    pages = [*PAGES[role], *(own if role in ("officer", "head") else [])]

    found = {address: client.get(address).status_code for address in pages}

    assert found == dict.fromkeys(pages, 200)
