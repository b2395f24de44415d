"""``make pictures``: the pages of the demonstration as each role sees them, in ``build/pictures``.

``python -m bench.pictures --docs`` takes the pictures of the manual instead, into ``docs/pictures``.
"""

from __future__ import annotations

import logging
import re
import shutil
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from werkzeug.serving import make_server

from bench.places import ROOT, SECRET, Place
from portal.app import create_app
from portal.config import Settings

TARGET = ROOT / "build" / "pictures"
DOCS = ROOT / "docs" / "pictures"
SIZES = {"wide": (1366, 900), "phone": (390, 800)}
MANUAL_SIZE = (1366, 768)
CHROMIUM = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--force-color-profile=srgb"]


@dataclass(frozen=True)
class Shot:
    """A page below the menu: where a role starts, and the links followed from there."""

    name: str
    role: str
    start: str
    links: tuple[str, ...] = ()


EXPLANATION, LETTER = "main li a[href^='/explanations/']", "#apologies-rows a[href^='/apologies/']"
CASE = "main td a[href^='/cases/']"
DEEPER = (
    Shot("explanation", "officer", "/", (EXPLANATION,)),
    Shot("letter-draft", "officer", "/apologies?desk=to_draft", (LETTER,)),
    Shot("case", "officer", "/cases", (CASE,)),
    Shot("letter-sign", "head", "/apologies?desk=to_sign", (LETTER,)),
    Shot("letter-number", "clerk", "/apologies?desk=to_number", (LETTER,)),
    Shot("letter-sent", "monitoring_office", "/apologies?desk=all&state=sent", (LETTER,)),
    Shot("import-new", "monitoring_office", "/imports/new"),
    Shot("import", "monitoring_office", "/imports", ("#imports-batches a",)),
    Shot("source", "monitoring_office", "/sources", ("main td a[href^='/sources/']",)),
    Shot("officers", "monitoring_office", "/figures/officers"),
    Shot("breaches", "monitoring_office", "/coverage", ("#ledger-coverage .card-number a",)),
    Shot("followup", "home_affairs", "/follow-ups", ("#followups-rows a[href^='/follow-ups/']",)),
    Shot("followup-new", "home_affairs", "/follow-ups/new", ("main td a",)),
    Shot("sheet", "home_affairs", "/evaluation/2023", ("main td a[href*='/officers/']",)),
    Shot("unit", "administrator", "/directory/units", ("main td a[href^='/directory/units/']",)),
    Shot("person", "administrator", "/directory/people", ("#directory-people td a",)),
)  # fmt: skip
MANUAL = {
    "officer-home": Shot("", "officer", "/"),
    "import": Shot("", "monitoring_office", "/imports", ("#imports-batches a",)),
    "source": Shot("", "monitoring_office", "/sources", ("main td a[href^='/sources/']",)),
    "explanation": Shot("", "officer", "/", (EXPLANATION,)),
    "queue": Shot("", "head", "/explanations/queue"),
    "letter": Shot("", "monitoring_office", "/apologies?desk=all&state=sent", (LETTER,)),
    "coverage": Shot("", "monitoring_office", "/coverage"),
    "figures": Shot("", "monitoring_office", "/figures/units"),
    "evaluation": Shot("", "home_affairs", "/evaluation/2023"),
}


def main() -> None:
    """Make the demonstration, then photograph it."""
    docs = "--docs" in sys.argv[1:]
    target = DOCS if docs else TARGET
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="portal-pictures-") as name:
        folder = Path(name)
        url = f"sqlite:///{folder / 'demo.db'}"
        Place("SQLite", lambda _: url, folder).run(url, "demo", "--no-serve")
        photograph(url, folder / "files", target, docs=docs)
    print(f"{len(list(target.glob('*.png')))} pictures in {target.relative_to(ROOT)}")


def photograph(url: str, files: Path, target: Path, *, docs: bool) -> None:
    """Serve a demonstration and take its pictures."""
    with served(url, files) as base, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM)
        if docs:
            for_the_manual(browser, base, target)
        else:
            for size, (width, height) in SIZES.items():
                every_page(browser, base, target, size, width, height)
        browser.close()


@contextmanager
def served(url: str, files: Path) -> Iterator[str]:
    """The demonstration on a port of this machine."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    settings = Settings(database_url=url, secret_key=SECRET, data_dir=files)  # type: ignore[arg-type]
    server = make_server("127.0.0.1", 0, create_app(settings), threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def every_page(browser: Browser, base: str, target: Path, size: str, width: int, height: int) -> None:
    """Every role's home page, pages of the menu and some below them, whole, at one size."""
    for number, role in enumerate(roles_of(browser, base)):
        context = _context(browser, base, width, height)
        page = context.new_page()
        page.goto("/sign-in")
        if number == 0:
            page.screenshot(path=target / f"{size}-sign-in.png", full_page=True)
        enter(page, role)
        links = page.locator("#main-menu nav a").evaluate_all("links => links.map(link => link.getAttribute('href'))")
        for link in dict.fromkeys(["/", *links]):
            name = re.sub(r"[^a-z0-9]+", "-", link.lower()).strip("-") or "home"
            take(page, Shot(name, role, link), target / f"{size}-{number + 1}-{role}-{name}.png", whole=True)
        for shot in DEEPER:
            if shot.role == role:
                take(page, shot, target / f"{size}-{number + 1}-{role}-{shot.name}.png", whole=True)
        context.close()


def for_the_manual(browser: Browser, base: str, target: Path) -> None:
    """What the manual shows: the top of a page, as on a notebook."""
    for name, shot in MANUAL.items():
        context = _context(browser, base, *MANUAL_SIZE)
        page = context.new_page()
        page.goto("/sign-in")
        enter(page, shot.role)
        take(page, shot, target / f"{name}.png", whole=False)
        context.close()


def take(page: Page, shot: Shot, path: Path, *, whole: bool) -> None:
    """Go there and take the picture; what is not there is told, the others are still taken."""
    page.goto(shot.start)
    for link in shot.links:
        found = page.locator(link)
        if not found.count():
            print(f"{path.name}: nothing at {page.url} matches {link}")
            return
        page.goto(found.first.get_attribute("href") or "/")
    page.wait_for_load_state("networkidle")
    page.screenshot(path=path, full_page=whole)


def enter(page: Page, role: str) -> None:
    """Sign in by the card of a role."""
    page.locator(f"#demo-cards form:has([data-role={role}]) button").click()
    page.wait_for_load_state()


def roles_of(browser: Browser, base: str) -> list[str]:
    """The roles of the sign-in page, in their order."""
    page = browser.new_page(base_url=base)
    page.goto("/sign-in")
    found: list[str] = page.locator("#demo-cards [data-role]").evaluate_all("all => all.map(one => one.dataset.role)")
    page.close()
    return found


def _context(browser: Browser, base: str, width: int, height: int) -> BrowserContext:
    return browser.new_context(base_url=base, viewport={"width": width, "height": height}, locale="vi-VN")


if __name__ == "__main__":
    main()
