"""A head reads and concludes forty explanations in Chromium and never touches the mouse."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal import clock
from portal.accountability.explanations.actions import writing
from portal.accountability.explanations.models import Conclusion, Explanation
from portal.accountability.explanations.queries import ExplanationQuery
from portal.accountability.ledger.actions import open_breaches
from portal.database import commit, db
from portal.directory.models import Person
from portal.guard import Role, Viewer
from tests.access_to import cookie_of
from tests.accountability.conftest import MONDAY, acting, answer
from tests.conftest import SESSION_COOKIE
from tests.factories import Make

NOW = datetime(2023, 10, 16, 16, 30)
MANY = 40
ONE_DATABASE = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
"""What the keys do does not depend on it; what is concluded is tested on both elsewhere."""
OVERLOAD, RETURNED = 5, 4
"""Every fifth states "overload", whose class the head chooses with a reason; of the rest, four are sent back."""


@pytest.fixture
def head(app: Flask, make: Make) -> Person:
    """The head of a commune where forty late cases were explained."""
    app.before_request_funcs.setdefault(None, []).insert(0, lambda: clock.set_business_time(NOW))
    clock.set_business_time(NOW)
    commune = make.unit("UBND xã Mẫu", reports_in=make.unit("UBND huyện Thử", kind="district"))
    officers = [make.officer(commune) for _ in range(4)]
    head = make.head(commune, "Trần Văn Chủ")
    procedure, source = make.procedure(), make.source()
    for number in range(MANY):
        make.case(
            unit=commune, officer=officers[number % 4], procedure=procedure, source=source,
            finished="2023-10-12 09:00",
        )  # fmt: skip
    db.session.rollback()
    with commit():
        open_breaches(MONDAY, clock.now())
    rows = ExplanationQuery.visible_to(Viewer.for_command()).by_due()
    by = {officer.id: acting(officer, Role.OFFICER) for officer in officers}
    with commit():
        for number, row in enumerate(rows):
            said = answer("QT" if number % OVERLOAD == 0 else "CQ")
            writing.submit(row, said, version=row.version, by=by[row.holder_id or 0], at=clock.now(), today=MONDAY)
    return head


@ONE_DATABASE
def test_forty_are_read_and_concluded_by_keyboard_alone(page: Any, head: Person) -> None:
    page.set_default_timeout(15_000)
    page.goto("/sign-in")
    page.context.add_cookies([{"name": SESSION_COOKIE, "value": cookie_of(head, NOW), "url": page.url}])
    page.goto("/explanations/queue")
    page.wait_for_load_state("load")
    page.keyboard.press("?")
    told = page.locator("#keys-page").inner_text().splitlines()
    page.keyboard.press("Escape")
    assert "Chủ quan, trách nhiệm toàn bộ: tính 1 lần khi đánh giá năm" in told and "c Enter" in told
    codes, returned = set(), 0
    for number in range(1, MANY + 1):
        page.locator(".queue-counter b", has_text=f"{number} / {MANY}").wait_for()
        page.wait_for_load_state("load")  # the keys work once the script of the page has run
        codes.add(page.locator("#explanations-queue h2").first.inner_text())
        assert page.locator("#explanations-said .quote").first.is_visible()
        stated = page.locator("input[name=conclusion]:checked").count()
        if not stated:
            page.keyboard.press("2")
            page.keyboard.press("r")
            page.keyboard.type("Số hồ sơ nhận trong kỳ gấp đôi.")
            page.keyboard.press("Tab")
            page.keyboard.press("Enter")
        elif returned < RETURNED:
            page.keyboard.press("t")
            page.keyboard.type("Nêu rõ ngày nhận ở từng bước.")
            page.keyboard.press("Tab")
            page.keyboard.press("Enter")
            returned += 1
        else:
            page.keyboard.press("Enter")
    page.get_by_text("Không có việc nào chờ").first.wait_for()

    assert len(codes) == MANY
    db.session.rollback()
    states = dict(db.session.execute(select(Explanation.state, func.count()).group_by(Explanation.state)).all())
    assert states == {"concluded": MANY - RETURNED, "returned": RETURNED}
    classes = dict(
        db.session.execute(select(Conclusion.cause_class, func.count()).group_by(Conclusion.cause_class)).all()
    )
    assert classes == {"objective": MANY // OVERLOAD, "subjective": MANY - MANY // OVERLOAD - RETURNED}


@ONE_DATABASE
def test_b_shares_the_blame_and_gives_it_back(page: Any, head: Person) -> None:
    page.set_default_timeout(15_000)
    page.goto("/sign-in")
    page.context.add_cookies([{"name": SESSION_COOKIE, "value": cookie_of(head, NOW), "url": page.url}])
    page.goto("/explanations/queue")
    chosen = page.locator("input[name=conclusion]:checked")

    seen = []
    for key in ("1", "b", "b", "3"):
        page.keyboard.press(key)
        seen.append(chosen.get_attribute("value"))

    assert seen == ["subjective-full", "subjective-shared", "subjective-full", "technical-none"]
    assert page.locator(".choice:has(:checked) .guide").is_visible()

    page.locator("#content").focus()
    into = page.evaluate(
        "() => { const key = new KeyboardEvent('keydown', {key: 't', bubbles: true});"
        " document.getElementById('content').dispatchEvent(key); return document.activeElement.name }"
    )

    assert into == "comment"  # before anything more can be typed: another letter would be a key
