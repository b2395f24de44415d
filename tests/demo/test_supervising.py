"""``portal demo`` keeps a scheduler beside the server: restarted when it dies, stopped with it, never left behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from portal import clock
from portal.demo.models import DemoState
from tests.databases import SECRET
from tests.factories import Make

PATIENCE = 60
ENDING = pytest.mark.parametrize("databases", ["postgresql"], indirect=True)
"""Where the server has two workers, so that more could be left behind; the database itself plays no part in it."""


class Served:
    """A demonstration behind a real socket, with both children of its command."""

    def __init__(self, url: str, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.bind = f"127.0.0.1:{free.getsockname()[1]}"
        environment = {
            **os.environ,
            "PORTAL_DATABASE_URL": url,
            "PORTAL_SECRET_KEY": SECRET,
            "PORTAL_DATA_DIR": str(folder / "files"),
        }
        command = [str(Path(sys.executable).with_name("portal")), "demo", "--bind", self.bind]
        self.output = folder / "output"
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(command, env=environment, stdout=output, stderr=output, process_group=0)

    def await_start(self) -> None:
        """Until it answers and both children run."""
        self.until(self.answers)
        self.until(lambda: len(self.children) == 2)

    @property
    def children(self) -> dict[str, int]:
        """The numbers of the children by what they are."""
        found = {}
        for pid in Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split():
            if "scheduler" in (words := command_of(int(pid))) or "gunicorn" in words:
                found["scheduler" if "scheduler" in words else "server"] = int(pid)
        return found

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://{self.bind}/healthz", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def until(self, holds: Callable[[], bool]) -> None:
        ends = time.monotonic() + PATIENCE
        while not holds():
            assert time.monotonic() < ends, self.output.read_text()[-3000:]
            time.sleep(0.05)


def command_of(pid: int) -> str:
    """The command line of a process; blank when it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except OSError:
        return ""


@pytest.fixture
def served(app: Flask, make: Make, database_url: str, tmp_path: Path) -> Iterator[Served]:
    """A small demonstration: the mark and the clock, no people."""
    make.add(DemoState(id=1, clock=clock.local_now().replace(year=2023), made_at=clock.now()))
    found = Served(database_url, tmp_path)
    try:
        found.await_start()
        yield found
    finally:
        if found.process.poll() is None:
            found.process.terminate()
        found.process.wait(PATIENCE)


@pytest.mark.slow
def test_a_dead_scheduler_is_started_again_and_both_stop_together(served: Served) -> None:
    first = served.children
    os.kill(first["scheduler"], signal.SIGKILL)
    served.until(lambda: served.children.get("scheduler", first["scheduler"]) != first["scheduler"])

    assert served.children["server"] == first["server"]
    assert served.answers()

    last = served.children
    served.process.terminate()

    assert served.process.wait(PATIENCE) == 0
    assert [command_of(pid) for pid in last.values()] == ["", ""]
    assert not served.answers()


@pytest.mark.slow
@ENDING
def test_the_key_that_interrupts_stops_both_at_once(served: Served) -> None:
    children = served.children

    os.killpg(served.process.pid, signal.SIGINT)

    assert served.process.wait(PATIENCE) == 0
    assert not any(command_of(pid) for pid in children.values())


@pytest.mark.slow
@ENDING
def test_killing_the_command_leaves_no_orphans(served: Served) -> None:
    children = served.children

    served.process.kill()
    served.process.wait()

    served.until(lambda: not any(command_of(pid) for pid in children.values()))
    assert not served.answers()


@pytest.mark.slow
@ENDING
def test_the_demonstration_ends_with_its_server(served: Served) -> None:
    children = served.children

    os.kill(children["server"], signal.SIGTERM)

    served.process.wait(PATIENCE)
    assert not any(command_of(pid) for pid in children.values())
