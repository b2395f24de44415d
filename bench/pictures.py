"""``make pictures``: the pages of the demonstration as each role sees them, in ``build/pictures``."""

from __future__ import annotations

import re
import shutil
import tempfile
import threading
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright
from werkzeug.serving import make_server

from bench.places import ROOT, SECRET, Place
from portal.app import create_app
from portal.config import Settings

TARGET = ROOT / "build" / "pictures"
SIZES = {"wide": (1366, 768), "phone": (390, 844)}
CHROMIUM = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--force-color-profile=srgb"]


def main() -> None:
    """Make the demonstration, sign in as everyone, photograph the home page and each page of the menu."""
    with tempfile.TemporaryDirectory(prefix="portal-pictures-") as name:
        folder = Path(name)
        url = f"sqlite:///{folder / 'demo.db'}"
        Place("SQLite", lambda _: url, folder).run(url, "demo", "--no-serve")
        settings = Settings(database_url=url, secret_key=SECRET, data_dir=folder / "files")  # type: ignore[arg-type]
        server = make_server("127.0.0.1", 0, create_app(settings), threaded=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        TARGET.mkdir(parents=True, exist_ok=True)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM)
            for size, (width, height) in SIZES.items():
                photograph(browser, f"http://127.0.0.1:{server.server_port}", size, width, height)
            browser.close()
        server.shutdown()
    print(f"{len(list(TARGET.glob('*.png')))} pictures in {TARGET.relative_to(ROOT)}")


def photograph(browser: Browser, base: str, size: str, width: int, height: int) -> None:
    """Every role's pages at one size."""
    roles = cards(browser, base)
    for number, role in enumerate(roles):
        context = browser.new_context(base_url=base, viewport={"width": width, "height": height}, locale="vi-VN")
        page = context.new_page()
        page.goto("/sign-in")
        if number == 0:
            page.screenshot(path=TARGET / f"{size}-sign-in.png", full_page=True)
        page.locator("#demo-cards form").nth(number).locator("button").click()
        page.wait_for_load_state()
        links = page.locator("#main-menu nav a").evaluate_all("links => links.map(link => link.getAttribute('href'))")
        for link in dict.fromkeys(["/", *links]):
            page.goto(link)
            name = re.sub(r"[^a-z0-9]+", "-", link.lower()).strip("-") or "home"
            page.screenshot(path=TARGET / f"{size}-{role}-{name}.png", full_page=True)
        context.close()


def cards(browser: Browser, base: str) -> list[str]:
    """The roles of the sign-in page, in their order."""
    page = browser.new_page(base_url=base)
    page.goto("/sign-in")
    found: list[str] = page.locator("#demo-cards [data-role]").evaluate_all("all => all.map(one => one.dataset.role)")
    page.close()
    return [f"{number + 1}-{role}" for number, role in enumerate(found)]


if __name__ == "__main__":
    main()
