"""The calendar on pages."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from portal.calendars import queries

DAY = {
    "day": "12/10/2023",
    "kind": "off",
    "name": "Nghỉ phòng bão",
    "document": "Công điện 01",
    "status": "confirmed",
    "doubt": "",
    "reason": "bão số 4",
}


def test_anybody_signed_in_reads_a_year(signed_in: Any) -> None:
    response = signed_in("officer").get("/calendar/2024")

    assert response.status_code == 200
    assert "Làm bù cho thứ Hai 29/4" in response.text
    assert "calendars-edit" not in response.text


def test_a_year_that_is_not_open_says_so(signed_in: Any) -> None:
    assert "Chưa nạp lịch nghỉ năm 2031" in signed_in("officer").get("/calendar/2031").text


def test_strangers_do_not_read_it(client: Any) -> None:
    assert client.get("/calendar/2024").status_code in (302, 303, 401)


def test_the_plain_address_leads_to_this_year(signed_in: Any, at: Any) -> None:
    response = signed_in("officer").get("/calendar")

    assert response.status_code == 303


def test_an_administrator_adds_and_removes_a_day(signed_in: Any) -> None:
    administrator = signed_in("administrator")

    shown = administrator.post("/calendar/2023/days", data=DAY)
    untouched = queries.current_calendar().is_working(date(2023, 10, 12))
    added = administrator.post(f"{shown.location}/apply", data={"reason": "bão số 4"})
    row = next(row for row in queries.days_of_year(2023) if row.day == date(2023, 10, 12))
    working, why = queries.current_calendar().is_working(row.day), (row.author, row.reason)
    removal = administrator.post(f"/calendar/days/{row.id}/remove", data={"reason": "nhầm"})
    administrator.post(f"{removal.location}/apply", data={"reason": "nhầm"})

    assert (shown.status_code, added.status_code, untouched) == (303, 303, True)
    assert not working
    assert why == (administrator.person.full_name, "bão số 4")
    assert queries.current_calendar().is_working(date(2023, 10, 12))


@pytest.mark.parametrize(
    ("field", "value"), [("day", "32/10/2023"), ("reason", ""), ("document", ""), ("day", "12/10/2035")]
)
def test_bad_input_is_shown_again(signed_in: Any, field: str, value: str) -> None:
    before = queries.current_version_id()

    response = signed_in("administrator").post("/calendar/2023/days", data={**DAY, field: value})

    assert response.status_code == 422
    assert "bão số 4" in response.text or field == "reason"
    assert queries.current_version_id() == before


ADDRESSES = [
    "/calendar/2023/days",
    "/calendar/days/1/remove",
    "/calendar/hours",
    "/calendar/exceptions",
    "/calendar/files/new",
    "/calendar/changes/1/apply",
    "/calendar/changes/1/discard",
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_only_administrators_edit(signed_in: Any, address: str) -> None:
    assert signed_in("head").post(address, data=DAY).status_code == 403


def test_a_day_that_does_not_exist_cannot_be_removed(signed_in: Any) -> None:
    assert signed_in("administrator").post("/calendar/days/99999/remove", data={"reason": "x"}).status_code == 404


def test_why_this_date_tells_each_day(signed_in: Any) -> None:
    response = signed_in("officer").get("/calendar/count?start=31/08/2023&end=05/09/2023")

    assert "1 ngày làm việc" in response.text
    assert "Quốc khánh 2/9 (ngày liền kề)" in response.text


@pytest.mark.parametrize("query", ["start=05/09/2023&end=31/08/2023", "start=01/01/2027&end=05/01/2027"])
def test_a_span_that_cannot_be_told_says_why(signed_in: Any, query: str) -> None:
    response = signed_in("officer").get(f"/calendar/count?{query}")

    assert response.status_code == 200
    assert "notice-bad" in response.text
