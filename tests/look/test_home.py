"""The home page: duty first, each number the count of the list it leads to, few queries."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from portal import clock
from portal.access.queries import viewer_of
from portal.accountability.apologies.queries import reach_of
from portal.accountability.explanations.queries import queue_of
from portal.accountability.ledger.actions import open_breaches
from portal.database import commit, db
from portal.desk.queries import seats_on, to_decide
from portal.directory.models import Person, Unit
from tests.factories import Make

MONDAY = datetime(2023, 10, 16, 16, 0)
MOST_QUERIES = 12


@pytest.fixture
def district(make: Make, at: Callable[[datetime], None]) -> Unit:
    """A district whose clock stands on Monday 16 October 2023."""
    at(MONDAY)
    return make.unit("Huyện Krông Nô", kind="district")


@pytest.fixture
def commune(make: Make, district: Unit) -> Unit:
    return make.unit("Xã Nâm N'Đir", reports_in=district)


def breach(make: Make, unit: Unit, officer: Person, on: datetime, **case: Any) -> None:
    """A case that missed its term, with both duties opened on a day."""
    make.case(unit=unit, officer=officer, **case)
    with commit():
        open_breaches(on.date(), clock.now())


def test_an_officer_reads_first_what_is_overdue(make: Make, signed_in: Any, commune: Unit) -> None:
    officer = make.officer(commune, "Lê Thị Mỹ Lệ")
    breach(make, commune, officer, MONDAY - timedelta(days=6), as_of="2023-10-10 18:00", due="2023-10-09 17:00")
    make.case(unit=commune, officer=officer, due="2023-10-17 17:00")

    text = signed_in(officer).get("/").get_data(as_text=True)

    assert text.index("giải trình quá hạn nộp") < text.index("thư xin lỗi cần soạn")
    assert "hồ sơ quá hạn" in text
    assert "Thứ Ba" in text
    assert "17/10/2023" in text


def test_nobody_sees_the_duties_of_others(make: Make, signed_in: Any, commune: Unit) -> None:
    breach(make, commune, make.officer(commune), MONDAY)

    text = signed_in("officer", commune).get("/").get_data(as_text=True)

    assert "Không có việc nào đang chờ" in text


@pytest.mark.parametrize(
    "role",
    [
        "officer",
        "head",
        "clerk",
        "monitoring_office",
        "home_affairs",
        "chair",
        "it_authority",
        "administrator",
        "auditor",
    ],
)
def test_each_role_has_a_home_page_of_few_queries(
    app: Flask, make: Make, signed_in: Any, district: Unit, commune: Unit, role: str
) -> None:
    for number in range(3):
        breach(make, commune, make.officer(commune), MONDAY - timedelta(days=3 * number))
    client = signed_in(role, commune if role in ("officer", "head") else district)
    client.get("/")
    statements: list[str] = []

    def count(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if not statement.startswith(("BEGIN", "SAVEPOINT", "RELEASE")):
            statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", count)
    response = client.get("/")
    event.remove(db.engine, "before_cursor_execute", count)

    assert response.status_code == 200
    assert len(statements) <= MOST_QUERIES, "\n".join(statements)


def test_the_seats_say_what_the_lists_say(make: Make, district: Unit, commune: Unit) -> None:
    officer, head = make.officer(commune), make.head(commune)
    chair, clerk = make.in_role("chair", district), make.in_role("clerk", commune)
    breach(make, commune, officer, MONDAY - timedelta(days=6), as_of="2023-10-10 18:00", due="2023-10-09 17:00")
    breach(make, commune, head, MONDAY)
    today = MONDAY.date()

    seats = seats_on(today)

    for person in (officer, head, chair, clerk):
        viewer = viewer_of(make.user(person), today)
        listed = queue_of(viewer, today)
        counted = to_decide(viewer, seats, today)
        assert seats.reach(viewer) == reach_of(viewer, today)
        assert counted.submitted == len(listed.submitted)
        assert counted.redirected == len(listed.redirected)
        assert counted.unanswered == len(listed.unanswered)


def test_the_figures_come_apart_and_carry_the_overdue(
    make: Make, signed_in: Any, district: Unit, commune: Unit
) -> None:
    breach(make, commune, make.officer(commune), MONDAY)
    make.case(unit=commune, finished="2023-10-12 09:00")
    make.case(unit=commune, finished="2023-10-09 09:00")
    chair = signed_in("chair", district)

    page = chair.get("/my-figures").get_data(as_text=True)
    fragment = chair.get("/my-figures", headers={"HX-Request": "true"}).get_data(as_text=True)

    assert "50,0 %" in page
    assert "quá hạn: 1" in page
    assert fragment.lstrip().startswith('<section id="desk-figures"')


def test_the_help_page_tells_the_road(signed_in: Any, commune: Unit) -> None:
    text = signed_in("officer", commune).get("/help").get_data(as_text=True)

    assert "Sáu bước" in text
    assert "vi phạm thời hạn" in text


def test_a_stranger_is_sent_to_sign_in(client: Any) -> None:
    for address in ("/", "/help", "/my-figures"):
        assert client.get(address).status_code == 302


def test_an_auditor_reads_no_figures_of_cases(signed_in: Any, district: Unit) -> None:
    assert signed_in("auditor", district).get("/my-figures").status_code == 403
