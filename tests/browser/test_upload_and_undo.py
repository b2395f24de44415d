"""A file is brought, applied and taken back in Chromium, with scripts and without; a large one shows its way."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal import clock
from portal.cases.models import Case
from portal.database import db
from portal.directory.models import Person, Unit
from portal.guard import Role
from portal.imports import working
from portal.imports.jobs import work_on_batches
from portal.imports.keeping import LARGE
from tests.access_to import cookie_of
from tests.conftest import SESSION_COOKIE
from tests.factories import Make
from tests.imports.lists import OFFICER, PROCEDURE, UNIT, open_row, row, text

NOW = datetime(2023, 10, 16, 9, 30)


@pytest.fixture
def office(app: Flask, make: Make, at: Callable[[datetime], None]) -> Person:
    """The monitoring office of a district with one commune."""
    app.before_request_funcs.setdefault(None, []).insert(0, lambda: clock.set_business_time(NOW))
    at(NOW)
    district = make.unit("Huyện Krông Nô", kind="district")
    commune: Unit = make.unit(UNIT, reports_in=district)
    make.officer(commune, OFFICER)
    make.procedure(PROCEDURE)
    return make.in_role(Role.MONITORING_OFFICE, district)


def enter(page: Any, url: str, who: Person) -> None:
    """Sit down before the tab."""
    page.set_default_timeout(15_000)
    page.context.add_cookies([{"name": SESSION_COOKIE, "value": cookie_of(who, NOW), "url": url}])


def bring(page: Any, path: Path, as_of: str = "16/10/2023 08:00") -> None:
    page.goto("/imports/new")
    page.get_by_label("Tệp", exact=True).set_input_files(path)
    page.get_by_label("Nguồn", exact=True).fill("iGate")
    page.get_by_label("Số liệu đến").fill(as_of)
    press(page, "Đọc tệp")


def press(page: Any, words: str) -> None:
    page.get_by_role("button", name=words, exact=True).click()


def sees(page: Any, *words: str) -> None:
    for one in words:
        page.locator("main").get_by_text(one).locator("visible=true").first.wait_for()


def cases() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count(Case.id))) or 0


def walk(page: Any, tmp_path: Path) -> None:
    """Bring, look, apply, look at what changed, take back."""
    bring(page, text(tmp_path / "a.csv", [open_row("A"), open_row("B", due="sai")]), "09/10/2023 08:00")
    sees(page, "Lô 1 sẽ làm gì?", "Không phải là ngày có thể có")
    press(page, "Áp dụng")
    sees(page, "Đã áp dụng: 1 hồ sơ mới")
    bring(page, text(tmp_path / "b.csv", [open_row("A", due="17/10/2023 17:00"), row("C")]))
    sees(page, "1 hồ sơ mới và 1 hồ sơ thay đổi", "hạn trả dời muộn", "muộn hơn 5 ngày làm việc")
    page.locator("#imports-groups").get_by_role("link", name="hạn trả dời muộn").click()
    sees(page, "Lô 2 thay đổi những gì?", "17/10/2023 17:00", "1 / 1 dòng")
    page.get_by_role("link", name="Về trang của lô").click()
    press(page, "Áp dụng")
    sees(page, "Lô 2 đã làm gì?")
    assert cases() == 2
    press(page, "Hoàn tác lô này")
    sees(page, "Đã hoàn tác lô 2")
    assert cases() == 1


def test_a_file_is_brought_applied_and_taken_back(page: Any, live_server: Any, office: Person, tmp_path: Path) -> None:
    enter(page, live_server.url, office)

    walk(page, tmp_path)


@pytest.mark.browser
def test_it_needs_no_script(browser: Any, live_server: Any, office: Person, tmp_path: Path) -> None:
    context = browser.new_context(base_url=live_server.url, locale="vi-VN", java_script_enabled=False)
    page = context.new_page()
    enter(page, live_server.url, office)

    walk(page, tmp_path)

    context.close()


def test_remarks_change_in_place(page: Any, live_server: Any, office: Person, tmp_path: Path) -> None:
    rows = [row("A"), row("B", due=""), *(row(f"C{n}", due="sai") for n in range(40))]
    enter(page, live_server.url, office)
    bring(page, text(tmp_path / "l.csv", rows))
    sees(page, "30 / 41 dòng")

    page.locator("#imports-remarks").get_by_role("link", name="được nhận, có ghi chú").click()

    sees(page, "1 / 1 dòng")
    assert page.url.endswith("/imports/1")


def test_the_progress_bar_moves_by_itself_and_ends_on_the_preview(
    page: Any, live_server: Any, office: Person, tmp_path: Path
) -> None:
    enter(page, live_server.url, office)
    bring(page, text(tmp_path / "l.csv", [row(f"A{number:05d}") for number in range(LARGE + 50)]))
    sees(page, "Lô 1 đến đâu rồi?", "Đến lượt lô này.")
    assert page.locator("progress").count() == 1

    ident, worker = working.claim(clock.now()) or (0, "")
    working.Pulse(ident, worker)("checked", 2_525, LARGE + 50)
    sees(page, "2.525 trên 5.050 dòng")
    assert page.locator("progress").evaluate("(bar) => bar.position") == 0.5
    working.work_on(ident, worker, NOW.date())

    sees(page, "Lô 1 sẽ làm gì?")
    press(page, "Áp dụng")
    sees(page, "chờ ghi")
    page.goto("/")
    db.session.rollback()
    work_on_batches(NOW.date(), clock.now())
    page.goto("/")
    sees(page, "Lô 1 đã áp dụng: 5.050 hồ sơ mới")
