"""Lateness is said one way everywhere: in working days, under one day in working hours."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook

from portal import clock
from portal.accountability.breaches.late import late_by
from portal.calendars.queries import current_calendar
from tests.factories import Make

NOW = datetime(2023, 10, 16, 16)


@pytest.fixture(autouse=True)
def _monday(at: Any) -> None:
    at(NOW)


def test_three_hours_are_three_hours_on_every_page(make: Make, signed_in: Any) -> None:
    unit = make.unit("Xã Đắk Drô")
    officer = make.officer(unit, "Hoàng Thị Mơ")
    case = make.case(unit=unit, officer=officer, due="2023-10-10 10:00", finished="2023-10-10 15:00")
    breach = make.breach(case)
    pages = {
        "ledger": "/coverage/breaches",
        "case": f"/coverage/cases/{case.id}",
        "explanation": f"/explanations/{make.explanation(breach).id}",
        "letter": f"/apologies/{make.apology(breach).id}",
        "list": "/cases?show=late",
        "sheet": f"/evaluation/2023/officers/{officer.id}",
    }

    head = signed_in("head", unit)
    told = {name: head.get(address) for name, address in pages.items()}

    assert {name: answer.status_code for name, answer in told.items()} == dict.fromkeys(pages, 200)
    assert [name for name, answer in told.items() if "trễ 3 giờ làm việc" not in answer.text] == []


def test_the_workbook_of_the_year_says_how_late(make: Make, signed_in: Any) -> None:
    unit = make.unit("Xã Đắk Drô")
    make.breach(make.case(unit=unit, due="2023-10-10 10:00", finished="2023-10-12 15:00"))

    data = signed_in("home_affairs", unit).get("/evaluation/2023/workbook.xlsx").data

    cells = [cell.value for sheet in load_workbook(BytesIO(data)) for row in sheet.iter_rows() for cell in row]
    assert "Mức trễ" in cells and "trễ 2 ngày làm việc" in cells


@pytest.mark.parametrize(
    ("due", "finished", "words"),
    [
        ("2023-10-10 10:00", None, "quá hạn 4 ngày làm việc"),
        ("2023-10-16 10:00", None, "quá hạn 4 giờ làm việc"),
        ("2023-10-10", "2023-10-11", "trễ 1 ngày làm việc"),
        ("2023-10-13 17:00", "2023-10-14 09:00", "trễ dưới 1 ngày làm việc"),
    ],
)
def test_days_hours_and_less(make: Make, due: str, finished: str | None, words: str) -> None:
    breach = make.breach(make.case(due=due, finished=finished))

    assert late_by(breach, breach.case, clock.local_now(), current_calendar()) == words
