"""The home page: duty first, each number the count of the list it leads to, few queries."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from portal import clock
from portal.accountability.ledger.actions import open_breaches
from portal.database import commit, db
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
    ["officer", "head", "clerk", "monitoring_office", "home_affairs", "chair", "it_authority", "administrator", "auditor"],
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
