"""Where to measure: an empty SQLite file and an empty database of a private PostgreSQL."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.postgres import Cluster

ROOT = Path(__file__).resolve().parents[1]
PORTAL = ROOT / ".venv" / "bin" / "portal"
SECRET = "a secret of the measurements, long enough"
# The measurement is of a database that survives a power cut; the tests' server would not.
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "autovacuum": "on"}


@dataclass(frozen=True)
class Place:
    """A database product with a way to make new, migrated databases on it."""

    name: str
    new: Callable[[str], str]
    folder: Path

    def run(self, url: str, *arguments: str) -> tuple[float, str]:
        """Run a command as a user would; seconds from start to end, and stdout."""
        environment = {
            **os.environ, "PORTAL_DATABASE_URL": url, "PORTAL_SECRET_KEY": SECRET,
            "PORTAL_DATA_DIR": str(self.folder / "files"),
        }  # fmt: skip
        start = time.perf_counter()
        done = subprocess.run([str(PORTAL), *arguments], env=environment, capture_output=True, text=True, check=False)
        seconds = time.perf_counter() - start
        if done.returncode:
            raise RuntimeError(done.stderr + done.stdout)
        return seconds, done.stdout


def places(folder: Path, product: str = "") -> Iterator[Place]:
    """SQLite, then PostgreSQL, which runs only while it is measured; or the one named."""
    if product.lower() in ("", "sqlite"):
        yield Place("SQLite", lambda name: f"sqlite:///{folder / name}.db", folder)
    if product.lower() == "sqlite":
        return
    cluster = Cluster(DURABLE)
    try:

        def new(name: str) -> str:
            cluster.create(name)
            return cluster.url(name)

        yield Place("PostgreSQL", new, folder)
    finally:
        cluster.stop()


def seconds_of(action: Callable[[], object]) -> float:
    """How long one run takes."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def interleaved(times: int, *actions: Callable[[], object]) -> list[float]:
    """The median seconds of each action, measured turn by turn, so that a busy moment falls on all of them."""
    found: list[list[float]] = [[] for _ in actions]
    for _ in range(times):
        for index, action in enumerate(actions):
            found[index].append(seconds_of(action))
    return [statistics.median(values) for values in found]
