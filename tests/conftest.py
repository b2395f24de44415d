"""Fixtures: a real application on a real, migrated database, SQLite and PostgreSQL by turns; rows; a browser.

A test that touches data takes ``app`` (or ``client``, ``signed_in``, ``make``) and so runs twice. Nothing is skipped:
where PostgreSQL or Chromium is missing the tests fail and say what to run.
"""

from __future__ import annotations

import gc
import json
import logging
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextvars import Context
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import structlog
from click.testing import CliRunner
from flask import Flask
from flask.globals import _cv_app
from flask.testing import FlaskClient
from hypothesis import settings
from werkzeug.serving import make_server

from portal import clock
from portal.cli import main
from portal.database import db
from portal.directory.models import Person, Unit
from tests.access_to import cookie_of
from tests.databases import SECRET, Postgresql, Sqlite, application
from tests.factories import Make
from tests.postgres import MISSING

SESSION_COOKIE = "sid"
settings.register_profile("sure", deadline=None, print_blob=True)
settings.register_profile("prove", deadline=None, print_blob=True, max_examples=3000)
settings.load_profile("prove" if os.environ.get("PORTAL_PROVE") else "sure")
DATABASES = tuple(os.environ.get("PORTAL_TEST_DATABASES", "sqlite postgresql").split())


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test that drives Chromium is marked by the fixture it takes, and comes after all others.

    Playwright keeps an event loop running in the thread of the tests; what starts its own, as signing a PDF does, must
    have had its turn.
    """
    for item in items:
        if "page" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


def pytest_collection_finish() -> None:
    """Let the collector of cycles pass by what lives to the end: it took a quarter of the processor's time.

    Modules, models and tests are half a million objects that nothing frees; each test leaves a whole application.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 5, 5)


@pytest.fixture(scope="session")
def _sqlite(tmp_path_factory: pytest.TempPathFactory) -> Sqlite:
    return Sqlite(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def _postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgresql]:
    server = Postgresql(tmp_path_factory.mktemp("postgresql"))
    yield server
    server.stop()


@pytest.fixture(params=DATABASES)
def databases(request: pytest.FixtureRequest) -> Sqlite | Postgresql:
    """The database product of this turn: ``empty()`` and ``migrated()`` give addresses of new databases."""
    found: Sqlite | Postgresql = request.getfixturevalue(f"_{request.param}")
    return found


@pytest.fixture
def empty_url(databases: Sqlite | Postgresql) -> Iterator[str]:
    """The address of a new database without tables."""
    url = databases.empty()
    yield url
    databases.drop(url)


@pytest.fixture
def database_url(databases: Sqlite | Postgresql) -> Iterator[str]:
    """The address of a new database at the present schema, with what is shipped loaded."""
    url = databases.migrated()
    yield url
    databases.drop(url)


@pytest.fixture
def app(database_url: str, tmp_path: Path) -> Iterator[Flask]:
    """The application with a context for the test's own session; form tokens are tested apart."""
    with application(database_url, tmp_path / "files") as app:
        app.config["WTF_CSRF_ENABLED"] = False
        app.test_client_class = Client
        with app.app_context():
            yield app
            db.session.rollback()


class Client(FlaskClient):
    """A browser without a browser. Each request has its own context and session, as in production."""

    person: Person

    def open(self, *args: Any, **kwargs: Any) -> Any:
        """Send one request; afterwards the test's own session reads anew."""
        kwargs.setdefault("buffered", True)
        _end_read()
        apart = Context()
        apart.run(clock.set_business_time, clock._set_clock.get())
        try:
            return apart.run(super().open, *args, **kwargs)
        finally:
            _end_read()


def _end_read() -> None:
    if _cv_app.get(None) is not None:
        db.session.rollback()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A visitor who is not signed in."""
    return app.test_client()


@pytest.fixture
def make(app: Flask) -> Make:
    """Builds rows: ``make.unit()``, ``make.person()``, ``make.case()`` …"""
    return Make()


SignIn = Callable[..., FlaskClient]


@pytest.fixture
def signed_in(app: Flask, make: Make) -> SignIn:
    """Sign somebody in: ``signed_in(person)``, or ``signed_in("head", unit)`` for a new person in that role.

    Gives a client; ``signed_in("clerk", unit)`` is an officer who keeps the stamp. ``client.person`` says who it is.
    """

    def sign_in(who: Person | str, unit: Unit | None = None) -> FlaskClient:
        person = make.in_role(who, unit) if isinstance(who, str) else who
        client = app.test_client()
        client.set_cookie(SESSION_COOKIE, cookie_of(person))
        client.person = person
        return client

    return sign_in


@dataclass(frozen=True)
class Ran:
    """What a command did: exit code, the object on stdout with ``--json``, and stderr."""

    exit_code: int
    stdout: str
    stderr: str

    @property
    def json(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.stdout)
        return found


def run_command(*arguments: str, url: str, data_dir: Path, secret: str = SECRET) -> Ran:
    """Run a command of the portal in this process, as its own one would: own context, environment and clock."""
    environment = {"PORTAL_DATABASE_URL": url, "PORTAL_SECRET_KEY": secret, "PORTAL_DATA_DIR": str(data_dir)}
    _end_read()
    try:
        done = Context().run(CliRunner().invoke, main, [*arguments, "--json"], env=environment)
    finally:
        logging.getLogger().handlers.clear()
        structlog.reset_defaults()
        _end_read()
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return Ran(done.exit_code, done.stdout, done.stderr)


@pytest.fixture
def portal(database_url: str, tmp_path: Path) -> Callable[..., Ran]:
    """Run a command of the portal on the test's database: ``portal("report", "coverage", "--on", "2023-10-16")``.

    ``--json`` is added; ``url=`` names another database.
    """

    def run(*arguments: str, url: str = database_url, secret: str = SECRET, data_dir: Path | None = None) -> Ran:
        return run_command(*arguments, url=url, data_dir=data_dir or tmp_path / "files", secret=secret)

    return run


@pytest.fixture
def at() -> Callable[[datetime], None]:
    """Set business time for the rest of the test: ``at(datetime(2023, 10, 16, 16, 0))``."""
    return clock.set_business_time


@pytest.fixture(autouse=True)
def _real_time() -> Iterator[None]:
    yield
    clock.set_business_time(None)


class Server:
    """An application behind a real socket on 127.0.0.1, answering from a thread."""

    def __init__(self, app: Flask) -> None:
        self._server = make_server("127.0.0.1", 0, app, threaded=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def live_server(app: Flask) -> Iterator[Server]:
    """The application of the test, for a browser, with form tokens demanded."""
    app.config["WTF_CSRF_ENABLED"] = True
    server = Server(app)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Debian's Chromium, driven by Playwright."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - heavy, and only browser tests need it

    path = shutil.which("chromium")
    if path is None:
        raise RuntimeError(MISSING.format(what="Chromium"))
    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--force-color-profile=srgb"]
        browser = playwright.chromium.launch(executable_path=path, args=flags)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Any, live_server: Server) -> Iterator[Any]:
    """An empty tab on the live server; a fault of a script or of the content policy fails the test."""
    context = browser.new_context(base_url=live_server.url, locale="vi-VN", timezone_id="Asia/Ho_Chi_Minh")
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if "Content Security Policy" in said.text else None)
    yield page
    context.close()
    assert not faults, faults
