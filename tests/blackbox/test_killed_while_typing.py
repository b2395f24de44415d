"""The server dies in the middle of saving drafts: what it said was saved is there, and the next one goes on from it."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask

from portal.accountability.explanations.models import Explanation
from portal.database import db
from portal.directory.models import Person
from tests.access_to import cookie_of
from tests.conftest import SESSION_COOKIE
from tests.databases import SECRET
from tests.factories import Make

PATIENCE = 90
ENOUGH = 8
ROOT = Path(__file__).resolve().parents[2]


class Portal:
    """The portal as a process of its own, as it runs in production, and a browser's cookies."""

    def __init__(self, url: str, folder: Path, cookie: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.bind = f"127.0.0.1:{free.getsockname()[1]}"
        self.environment = {
            **os.environ,
            "PORTAL_DATABASE_URL": url,
            "PORTAL_SECRET_KEY": SECRET,
            "PORTAL_DATA_DIR": str(folder / "files"),
        }
        self.cookies = {SESSION_COOKIE: cookie}
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "gunicorn", "--bind", self.bind, "--threads", "2", "wsgi:app"]
        quiet = subprocess.DEVNULL
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=self.environment, stdout=quiet, stderr=quiet, process_group=0
        )
        ends = time.monotonic() + PATIENCE
        while not self._answers():
            assert time.monotonic() < ends
            time.sleep(0.1)

    def kill(self) -> None:
        """As when the power goes: every process at once, nothing is finished."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(PATIENCE)
        self.process = None

    def _answers(self) -> bool:
        try:
            return bool(self.ask("/healthz").status == 200)
        except OSError:
            return False

    def ask(self, path: str, form: dict[str, Any] | None = None) -> Any:
        request = urllib.request.Request(f"http://{self.bind}{path}", data=urlencode(form).encode() if form else None)
        request.add_header("Cookie", "; ".join(f"{name}={value}" for name, value in self.cookies.items()))
        if form:
            request.add_header("Accept", "application/json")
        answer = urllib.request.urlopen(request, timeout=20)
        for said in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = said.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer

    def page(self, path: str) -> str:
        return unescape(self.ask(path).read().decode())


@pytest.fixture
def explanation(app: Flask, make: Make) -> Explanation:
    commune = make.unit("UBND xã Mẫu")
    return make.explanation(unit=commune, officer=make.officer(commune))


@pytest.fixture
def portal_process(explanation: Explanation, database_url: str, tmp_path: Path) -> Iterator[Portal]:
    officer = db.session.get_one(Person, explanation.holder_id)
    found = Portal(database_url, tmp_path, cookie_of(officer))
    yield found
    found.kill()


def typing(served: Portal, path: str, sent: list[str], kept: list[str]) -> None:
    """Save one draft after the other until the server is gone."""
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', served.page(path))
    assert token
    version = 1
    while len(sent) < 500:
        words = f"Bản thứ {len(sent) + 1}: chờ cơ quan thuế từ 05/10/2023."
        sent.append(words)
        form = {"csrf_token": token[1], "version": version, "happened": words, "window": "một"}
        try:
            version = json.load(served.ask(f"{path}/draft", form))["version"]
        except (OSError, urllib.error.URLError, ValueError):
            return
        kept.append(words)


@pytest.mark.slow
def test_what_was_said_to_be_saved_survives_kill_minus_nine(portal_process: Portal, explanation: Explanation) -> None:
    ident, path = explanation.id, f"/explanations/{explanation.id}"
    db.session.rollback()
    sent: list[str] = []
    kept: list[str] = []
    portal_process.start()
    writer = threading.Thread(target=typing, args=(portal_process, path, sent, kept))
    writer.start()
    ends = time.monotonic() + PATIENCE
    while len(kept) < ENOUGH and time.monotonic() < ends:
        time.sleep(0.01)

    portal_process.kill()
    writer.join(PATIENCE)
    portal_process.start()
    shown = portal_process.page(path)

    assert len(kept) >= ENOUGH
    db.session.rollback()
    stored = db.session.get_one(Explanation, ident).happened
    assert stored in (kept[-1], sent[-1])
    assert stored in shown
