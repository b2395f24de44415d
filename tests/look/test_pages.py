"""Every page of every role in Chromium: no fault of the content policy, accessible, one heading, nothing sticks out."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from portal import clock
from portal.accountability.apologies.models import Apology
from portal.accountability.explanations.models import Explanation
from portal.accountability.ledger.actions import open_breaches
from portal.database import commit, db
from portal.directory.models import Person, Unit
from tests.access_to import cookie_of
from tests.conftest import SESSION_COOKIE
from tests.factories import Make

MONDAY = datetime(2023, 10, 16, 10, 42)
AXE = Path(__file__).parents[1] / "browser" / "vendor" / "axe" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LOOK = """
    async rules => (await axe.run(document, {runOnly: rules, resultTypes: ["violations"], selectors: false})).violations
"""
"""What stands well is many times as much, and nobody reads it."""
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1366, "height": 768}
TITLE = (
    "Đăng ký biến động quyền sử dụng đất, quyền sở hữu tài sản gắn liền với đất trong các trường hợp giải quyết tranh "
    "chấp, khiếu nại, tố cáo về đất đai; xử lý hợp đồng thế chấp, góp vốn; kê biên, đấu giá quyền sử dụng đất"
)
ROLES = (
    "officer", "head", "clerk", "monitoring_office", "home_affairs", "chair", "it_authority", "administrator",
    "auditor",
)  # fmt: skip
ONE_DATABASE = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
"""How a page looks does not depend on the database."""


@pytest.fixture
def district(app: Flask, make: Make) -> Unit:
    """A district on its Monday, with a commune whose officer and head have something of everything to do."""
    app.before_request_funcs.setdefault(None, []).insert(0, lambda: clock.set_business_time(MONDAY))
    clock.set_business_time(MONDAY)
    district = make.unit("UBND huyện Krông Nô", kind="district")
    commune = make.unit("UBND xã Nâm N'Đir", reports_in=district)
    officer, source = make.officer(commune, "Lê Thị Mỹ Lệ"), make.source("iGate")
    make.head(commune, "Hoàng Văn Nghĩa")
    procedure = make.procedure(TITLE)
    for number in range(12):
        due = MONDAY.replace(hour=16, minute=30) - timedelta(days=number * 2 - 3)
        finished = due + timedelta(hours=30) if number % 3 == 0 and number else None
        make.case(
            unit=commune, officer=officer, procedure=procedure, source=source, received=due - timedelta(days=20),
            due=due, finished=finished, as_of=MONDAY,
        )  # fmt: skip
    for day in (MONDAY - timedelta(days=6), MONDAY):
        with commit():
            open_breaches(day.date(), clock.now())
    return district


@pytest.fixture
def people(make: Make, district: Unit) -> dict[str, Person]:
    """One person a role; officer and head are those of the commune."""
    found = {role: make.in_role(role, district) for role in ROLES[2:]}
    for role, name in (("officer", "Lê Thị Mỹ Lệ"), ("head", "Hoàng Văn Nghĩa")):
        found[role] = db.session.query(Person).filter_by(full_name=name).one()
    return found


@pytest.fixture
def enter(page: Any, people: dict[str, Person], live_server: Any) -> Any:
    """Sit down at the browser as somebody."""

    def sit_down(role: str) -> Any:
        token = cookie_of(people[role])
        page.context.add_cookies([{"name": SESSION_COOKIE, "value": token, "url": live_server.url}])
        page.set_viewport_size(DESK)
        return page

    return sit_down


def open_page(page: Any, address: str) -> list[str]:
    """Open a page with what it asks for later; what is wrong with it."""
    answer = page.goto(address)
    if page.locator("[hx-trigger=load]").count():
        page.wait_for_load_state("networkidle")
    return [] if answer.status == 200 else [f"status {answer.status}"]


def faults_of(page: Any) -> list[str]:
    """What is wrong with how the open page stands: accessibility, headings, width on a desk and on a phone."""
    faults = []
    for size in (PHONE, DESK):
        page.set_viewport_size(size)
        width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        faults += [f"{width} px stick out at {size['width']}"] if width > 0 else []
    if page.locator("h1").count() != 1:
        faults.append(f"{page.locator('h1').count()} headings of the first level")
    page.evaluate(AXE.read_text(encoding="utf-8"))
    violations = page.evaluate(LOOK, RULES)
    return faults + [f"{rule['id']}: {rule['nodes'][0]['html'][:160]}" for rule in violations]


def menu_of(page: Any) -> list[str]:
    """The addresses of the menu."""
    found: list[str] = page.eval_on_selector_all(
        ".bar a[href]", "links => links.map(link => link.getAttribute('href'))"
    )
    return list(dict.fromkeys(found))


@ONE_DATABASE
@pytest.mark.parametrize("role", ROLES)
def test_every_place_of_the_menu_stands_well(enter: Any, role: str) -> None:
    page = enter(role)
    page.goto("/")
    faults = {}

    for address in menu_of(page):
        faults[address] = open_page(page, address) + faults_of(page)

    assert not {address: found for address, found in faults.items() if found}


@ONE_DATABASE
def test_the_pages_where_people_write_stand_well(enter: Any, people: dict[str, Person]) -> None:
    explanation = db.session.query(Explanation).order_by(Explanation.id).first()
    apology = db.session.query(Apology).order_by(Apology.id).first()
    case_id = explanation.case_id
    places = {
        "officer": (f"/explanations/{explanation.id}", f"/apologies/{apology.id}", f"/cases/{case_id}", "/my-figures"),
        "head": ("/explanations/queue?part=unanswered", f"/coverage/cases/{case_id}", "/follow-ups/new"),
        "monitoring_office": ("/imports/new", "/cases?show=all", "/figures/officers", "/coverage/corrections"),
        "administrator": (f"/people/{people['officer'].id}", "/account", "/help"),
    }
    faults = {}

    for role, addresses in places.items():
        page = enter(role)
        for address in addresses:
            faults[role, address] = open_page(page, address) + faults_of(page)

    assert not {place: found for place, found in faults.items() if found}


@ONE_DATABASE
def test_a_list_is_walked_with_the_keys(enter: Any) -> None:
    page = enter("officer")
    page.goto("/cases?show=overdue")
    codes = page.locator("[data-rows] tbody a").all_inner_texts()

    page.keyboard.press("j")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.textContent") == codes[1]
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    page.wait_for_url("**/cases/*")
    assert codes[0] in page.locator("h1").inner_text()

    page.go_back()
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.type") == "search"
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    assert page.locator("#keys").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator("#keys").is_visible()


@ONE_DATABASE
def test_single_keys_can_be_turned_off(enter: Any) -> None:
    page = enter("officer")
    page.goto("/cases?show=overdue")
    page.keyboard.press("?")
    page.get_by_label("Tắt phím tắt").check()
    page.keyboard.press("Escape")
    page.reload()

    page.keyboard.press("j")

    assert page.locator("tr.at").count() == 0


@ONE_DATABASE
def test_a_draft_is_saved_while_one_types(enter: Any) -> None:
    explanation = db.session.query(Explanation).order_by(Explanation.id).first()
    page = enter("officer")
    page.goto(f"/explanations/{explanation.id}")

    page.locator("textarea[name=happened]").type("Hồ sơ nằm ở bước thẩm định.")

    status = page.locator("[data-autosave-status][data-state=saved]")
    status.wait_for(timeout=8000)
    assert "lưu nháp" in status.inner_text()
    page.reload()
    assert page.locator("textarea[name=happened]").input_value() == "Hồ sơ nằm ở bước thẩm định."


@ONE_DATABASE
def test_the_menu_opens_on_a_phone(enter: Any) -> None:
    page = enter("officer")
    page.set_viewport_size(PHONE)
    page.goto("/")
    assert not page.locator("#main-menu").is_visible()

    page.locator("[data-menu]").click()

    assert page.locator("#main-menu").is_visible()
    assert page.locator("[data-menu]").get_attribute("aria-expanded") == "true"


@ONE_DATABASE
def test_everything_can_be_read_without_scripts(browser: Any, live_server: Any, people: Any) -> None:
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    token = cookie_of(people["chair"])
    context.add_cookies([{"name": SESSION_COOKIE, "value": token, "url": live_server.url}])
    page = context.new_page()

    page.goto("/")
    page.locator("#desk-figures a").click()

    assert "R1" in page.locator("main").inner_text()
    context.close()
