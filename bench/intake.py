"""Goals G1 to G5: the next export of a province, 100,000 rows onto 1,000,000 cases, against floors of the same run.

Each measurement is a fresh process that says only what it measured: starting Python, importing and opening the
application are on neither side. The database is a copy of one template (a copied file, ``CREATE DATABASE … TEMPLATE``);
the work is measured as users have it, with its commits, and again without the time of the commits, which is how the
prototype of the goals was measured.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from bench import world
from bench.places import ROOT, SECRET, Place
from tests.postgres import Cluster

ROUNDS = 3
BUSY = 1.0
NAIVE_ROWS = 5_000
GOALS = {
    "SQLite": ("G1", 3.0, "calamine + staging"),
    "PostgreSQL": ("G2", 2.5, "calamine + COPY + indexed upsert"),
}
MOST_MEMORY = 400


def write_files(folder: Path) -> tuple[Path, Path]:
    """The export as workbook and text."""
    return world.write_files(folder)


def work(what: str, url: str, file: Path | str, folder: Path) -> dict[str, Any]:
    """Measure one thing in a fresh process."""
    environment = {**os.environ, "PORTAL_BENCH_URL": url, "PORTAL_SECRET_KEY": SECRET, "PORTAL_BENCH_DATA": str(folder)}
    command = [sys.executable, "-m", "bench.labour", what, str(file)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr + done.stdout)
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return said


def measure(place: Place, files: tuple[Path, Path]) -> Iterator[str]:
    """The lines of one database product."""
    xlsx, text = files
    template = place.new("province")
    work("fill", template, "-", place.folder)
    copy = copier(place, template)
    rounds = []
    load = []
    for _ in range(ROUNDS):
        load.append(os.getloadavg()[0])
        url = copy("work")
        found = {
            "floor": work("floor", url, xlsx, place.folder),
            "first": work("import", url, xlsx, place.folder),
            "again": work("import", url, xlsx, place.folder),
        }
        found["text"] = work("import", copy("work"), text, place.folder)
        rounds.append(found)
    url = copy("work")
    weights = [work("weigh", url, xlsx, place.folder), work("weigh", url, xlsx, place.folder)]
    weights.append(work("weigh", copy("work"), text, place.folder))
    naive = work("naive", copy("work"), xlsx, place.folder)
    yield from lines(place.name, rounds, naive, load)
    yield weight_line(weights)
    copy("work", False)


def copier(place: Place, template: str) -> Callable[..., str]:
    """Gives a fresh copy of the template under a name; ``make`` False only removes it."""
    if place.name == "SQLite":
        source = Path(template.removeprefix("sqlite:///"))

        def copy(name: str, make: bool = True) -> str:
            target = source.with_name(f"{name}.db")
            for ending in ("", "-wal", "-shm"):
                Path(f"{target}{ending}").unlink(missing_ok=True)
            if make:
                shutil.copyfile(source, target)
            return f"sqlite:///{target}"

        return copy

    cluster: Cluster = place.new.__closure__[0].cell_contents  # type: ignore[index]

    def clone(name: str, make: bool = True) -> str:
        cluster.drop(name)
        if make:
            cluster.create(name, "province")
        return cluster.url(name)

    return clone


def median(rounds: list[dict[str, Any]], what: str, part: str) -> float:
    return statistics.median(found[what][part] for found in rounds)


def lines(name: str, rounds: list[dict[str, Any]], naive: dict[str, Any], load: list[float]) -> Iterator[str]:
    """What was measured, in sentences."""
    goal, limit, floor_words = GOALS[name]
    ratios = [found["first"]["seconds"] / found["floor"]["seconds"] for found in rounds]
    bare = [(found["first"]["seconds"] - found["first"]["commits"]) / found["floor"]["seconds"] for found in rounds]
    first, floor = median(rounds, "first", "seconds"), median(rounds, "floor", "seconds")
    counts = rounds[0]["first"]["counts"]
    yield (
        f"file: {counts['rows']} rows onto {world.CASES}: {counts['new']} new, {counts['changed']} changed, "
        f"{counts['unchanged']} the same, {counts['rejected']} rejected; "
        f"{rounds[0]['first']['opened']} breaches opened beside {rounds[0]['first']['standing']}; "
        f"{len(rounds)} rounds, medians, load before each "
        f"{', '.join(f'{one:.1f}' for one in load)}{' — NOT A QUIET BOX' if max(load) > BUSY else ''}"
    )
    yield (
        f"{goal} import end to end: {first:.2f} s = {statistics.median(ratios):.2f} × ({floor_words}: {floor:.2f} s) "
        f"[{min(ratios):.2f}–{max(ratios):.2f}], without commits {statistics.median(bare):.2f}; at most {limit}"
    )
    cpu = [found["first"]["cpu"] / found["floor"]["cpu"] for found in rounds]
    yield (
        f"   processor seconds, user and system: {median(rounds, 'first', 'cpu'):.2f} = {statistics.median(cpu):.2f} × "
        f"({median(rounds, 'floor', 'cpu'):.2f} s) [{min(cpu):.2f}–{max(cpu):.2f}]"
    )
    steps = ", ".join(f"{step} {median(rounds, 'first', step):.2f}" for step in ("read", "check", "apply", "breaches"))
    yield f"   steps in seconds: {steps}, of which commits {median(rounds, 'first', 'commits'):.2f}"
    whole = naive["read"] + naive["write"] * counts["rows"] / NAIVE_ROWS
    yield (
        f"G3 naive import ÷ ours: {whole / first:.1f} (at least 3): openpyxl read {naive['read']:.1f} s whole, ORM "
        f"add_all {naive['write']:.1f} s for {NAIVE_ROWS} rows, scaled"
    )
    texts = [found["text"]["seconds"] / found["first"]["seconds"] for found in rounds]
    yield f"G4 the same rows as .csv ÷ .xlsx: {statistics.median(texts):.2f} (at most 0.8)"
    again = [found["again"]["seconds"] / found["first"]["seconds"] for found in rounds]
    written = max(found["again"]["written"] for found in rounds)
    yield f"G5 the same file again ÷ first: {statistics.median(again):.2f} (at most 0.7), {written} case rows written"


def weight_line(weights: list[dict[str, Any]]) -> str:
    """The memory of the first import, of the same file again, and of the text file, in runs that nobody timed."""
    peaks = ", ".join(f"{found['peak_mib']:.0f}" for found in weights)
    return f"peak memory, reader included, first, again, text: {peaks} MiB (at most {MOST_MEMORY})"
