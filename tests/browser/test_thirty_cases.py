"""Thirty cases late for one cause are handed in with one text; two tabs and a lost session lose nothing."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from portal import clock
from portal.access.models import AccountSession
from portal.accountability.explanations.models import Attachment, Explanation
from portal.database import commit, db
from portal.directory.models import Person, Posting
from tests.access_to import cookie_of
from tests.conftest import SESSION_COOKIE
from tests.factories import Make

NOW = datetime(2023, 10, 16, 16, 30)
TEXT = "Phiếu chuyển gửi cơ quan thuế đúng ngày, thông báo nghĩa vụ tài chính nhận lại chậm 8 ngày làm việc."
MOST_CLICKS = 12
COUNT_PRESSES = "addEventListener('pointerdown', (event) => { if (event.isTrusted) pressed(); }, true)"


@pytest.fixture
def officer(app: Flask, make: Make) -> Person:
    """The officer of the only commune, on the day."""
    app.before_request_funcs.setdefault(None, []).insert(0, lambda: clock.set_business_time(NOW))
    clock.set_business_time(NOW)
    commune = make.unit("UBND xã Mẫu")
    make.head(commune)
    return make.officer(commune, "Trần Văn Bảy")


def owing(make: Make, officer: Person, count: int) -> None:
    """So many open cases of one procedure, all past their term."""
    procedure = make.procedure()
    unit = db.session.scalars(select(Posting).where(Posting.person_id == officer.id)).one().unit
    for _ in range(count - 1):
        make.case(unit=unit, officer=officer, procedure=procedure)
    make.breach(unit=unit, officer=officer, procedure=procedure)


def enter(page: Any, officer: Person, url: str) -> None:
    page.set_default_timeout(20_000)
    page.context.clear_cookies()
    page.context.add_cookies([{"name": SESSION_COOKIE, "value": cookie_of(officer, NOW), "url": url}])


def test_thirty_like_cases_take_at_most_twelve_clicks_and_one_text(
    page: Any, live_server: Any, make: Make, officer: Person, tmp_path: Path
) -> None:
    owing(make, officer, 30)
    evidence = tmp_path / "phieu-chuyen.txt"
    evidence.write_text("Phiếu chuyển thông tin", "utf-8")
    presses: list[int] = []
    page.expose_function("pressed", lambda: presses.append(1))
    page.add_init_script(COUNT_PRESSES)
    enter(page, officer, live_server.url)

    page.goto("/")
    page.get_by_text("Giải trình 30 hồ sơ cùng nguyên nhân").click()
    page.get_by_role("button", name="Viết một giải trình cho các hồ sơ đã chọn").click()
    page.get_by_text("Chờ cơ quan thuế xác định nghĩa vụ tài chính").click()
    page.get_by_role("textbox", name="Số phiếu chuyển thông tin").click()
    page.keyboard.insert_text("118/PC")
    page.keyboard.press("Tab")
    page.keyboard.insert_text("05/10/2023")
    page.get_by_label("Diễn biến").click()
    page.keyboard.insert_text(TEXT)
    page.keyboard.press("Tab")
    page.keyboard.insert_text("Đã đôn đốc cơ quan thuế bằng văn bản.")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.insert_text("27/10/2023")
    with page.expect_file_chooser() as chooser:
        page.get_by_label("Tệp kèm").click()
    chooser.value.set_files(evidence)
    page.get_by_role("button", name="Nộp cho các hồ sơ đã chọn").click()
    page.get_by_text("Đã nộp giải trình cho 30 hồ sơ.").wait_for()

    db.session.rollback()
    written = db.session.execute(select(Explanation.state, Explanation.happened)).all()
    assert [tuple(row) for row in written] == [("submitted", TEXT)] * 30
    assert len(db.session.scalars(select(Attachment.id)).all()) == 30
    assert len(presses) <= MOST_CLICKS, presses
    assert len(presses) == 7


def test_two_tabs_are_told_and_both_texts_stay(page: Any, live_server: Any, make: Make, officer: Person) -> None:
    owing(make, officer, 1)
    ident = db.session.scalars(select(Explanation.id)).one()
    enter(page, officer, live_server.url)
    other = page.context.new_page()
    for tab in (page, other):
        tab.goto(f"/explanations/{ident}")
    page.get_by_text("đang mở ở cả một thẻ khác").wait_for()

    page.get_by_label("Diễn biến").fill("Thẻ một viết trước.")
    page.get_by_text(re.compile(r"^đã lưu nháp \d")).wait_for()
    other.get_by_label("Diễn biến").fill("Thẻ hai viết sau.")
    other.get_by_text("được giữ riêng, lần cuối lúc").wait_for()
    page.reload()

    assert page.get_by_label("Diễn biến").input_value() == "Thẻ một viết trước."
    page.get_by_text("Thẻ hai viết sau.").wait_for()


def test_a_session_that_ends_while_one_types_loses_nothing(
    page: Any, live_server: Any, make: Make, officer: Person
) -> None:
    owing(make, officer, 1)
    ident = db.session.scalars(select(Explanation.id)).one()
    enter(page, officer, live_server.url)
    page.goto(f"/explanations/{ident}")
    db.session.rollback()
    with commit():
        db.session.execute(update(AccountSession).values(last_seen_at=clock.now() - timedelta(hours=5)))

    page.get_by_label("Diễn biến").fill(TEXT)
    page.get_by_text("Chưa lưu được nháp").wait_for()
    enter(page, officer, live_server.url)
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    page.get_by_text(re.compile(r"^đã lưu nháp \d")).wait_for()

    db.session.rollback()
    assert db.session.scalars(select(Explanation.happened)).one() == TEXT
