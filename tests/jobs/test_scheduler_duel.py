"""Two real scheduler processes on one database: kill -9, days off, a clock set back. Nothing twice, nothing missed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from portal import clock
from portal.database import db
from portal.jobs.models import JobRun, SchedulerBeat
from tests.databases import SECRET
from tests.house.sources import ROOT

PROGRAM = Path(__file__).with_name("fast_scheduler.py")
PATIENCE = 60


class Duel:
    """The processes of one test, their common clock, and what their jobs wrote."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url, self.folder = url, folder
        self.processes: list[subprocess.Popen[bytes]] = []
        # Their day is young enough that the test never crosses midnight.
        wall = clock.in_vietnam(clock.now())
        self.today = wall.date()
        self.noon = (datetime.combine(self.today, clock.END_OF_DAY.replace(hour=12)) - wall).total_seconds()
        (folder / "log").touch()
        self.set_clock(timedelta())

    def set_clock(self, offset: timedelta) -> None:
        """Let all clocks stand at noon of today, moved by ``offset``."""
        aside = self.folder / "offset.new"
        aside.write_text(str(self.noon + offset.total_seconds()))
        aside.replace(self.folder / "offset")

    def start(self) -> subprocess.Popen[bytes]:
        environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "PORTAL_DATABASE_URL": self.url,
            "PORTAL_SECRET_KEY": SECRET,
            "PORTAL_DATA_DIR": str(self.folder / "files"),
        }
        command = [sys.executable, str(PROGRAM), str(self.folder)]
        with (self.folder / f"stderr-{len(self.processes)}").open("wb") as errors:
            process = subprocess.Popen(command, env=environment, stderr=errors)
        self.processes.append(process)
        return process

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        process.kill()
        process.wait()

    def lines(self, name: str, what: str = "end") -> list[tuple[date, int]]:
        """Day and process of each time a job began or ended."""
        found = (line.split() for line in (self.folder / "log").read_text().splitlines())
        return [(date.fromisoformat(day), int(pid)) for job, day, did, pid in found if (job, did) == (name, what)]

    def days(self, name: str, what: str = "end") -> list[date]:
        return [day for day, _ in self.lines(name, what)]

    def until(self, holds: Callable[[], bool]) -> None:
        """Wait for something to happen."""
        ends = time.monotonic() + PATIENCE
        while not holds():
            assert time.monotonic() < ends, self.told()
            time.sleep(0.02)

    def told(self) -> str:
        return "\n".join(path.read_text()[-3000:] for path in sorted(self.folder.glob("stderr-*")))

    def stop(self) -> None:
        for process in self.processes:
            self.kill(process)


@pytest.fixture
def duel(app: Flask, database_url: str, tmp_path: Path) -> Iterator[Duel]:
    found = Duel(database_url, tmp_path)
    yield found
    found.stop()


def runs(job: str) -> dict[str, JobRun]:
    db.session.rollback()
    return {run.slot: run for run in db.session.scalars(select(JobRun).where(JobRun.job == job))}


def done(job: str) -> set[str]:
    """Days of which the rows say that the job is done."""
    return {slot for slot, run in runs(job).items() if run.state == "done"}


@pytest.mark.slow
def test_nothing_twice_and_nothing_missed(duel: Duel) -> None:
    before = [duel.today - timedelta(days=days) for days in (4, 3, 2, 1)]

    # One scheduler works, then all is switched off for three days.
    duel.set_clock(-timedelta(days=4))
    first = duel.start()
    # Killed between the end of a job and the row that says so, its day would rightly be covered by a later one.
    duel.until(lambda: done("last") == {before[0].isoformat()} and duel.days("often") != [])
    duel.kill(first)
    duel.set_clock(timedelta())

    # Two start. The one that leads is killed in the middle of the oldest missed day.
    (duel.folder / "hold").touch()
    rivals = [duel.start(), duel.start()]
    duel.until(lambda: duel.days("each", "begin")[1:] == [before[1]])
    leader = duel.lines("each", "begin")[-1][1]
    duel.kill(next(process for process in rivals if process.pid == leader))
    (duel.folder / "hold").unlink()
    expected = [*before, duel.today]
    duel.until(lambda: {run.state for run in runs("last").values()} == {"done", "covered"} and len(runs("last")) == 5)

    # The clock is set back an hour, twice.
    for hours in (1, 2):
        seen = len(duel.days("often"))
        duel.set_clock(-timedelta(hours=hours))
        duel.until(lambda seen=seen: len(duel.days("often")) >= seen + 2)

    assert duel.days("each") == expected
    assert Counter(duel.days("each", "begin")) == Counter([*expected, before[1]])
    assert duel.days("last") == [before[0], duel.today]
    each, last = runs("each"), runs("last")
    assert [each[day.isoformat()].state for day in expected] == ["done"] * 5
    assert [each[day.isoformat()].attempt for day in expected] == [1, 2, 1, 1, 1]
    assert all(each[day.isoformat()].is_catch_up for day in expected)
    assert [last[day.isoformat()].state for day in expected] == ["done", "covered", "covered", "covered", "done"]
    assert len(runs("often")) == 1

    # The survivor stops when it is told to.
    survivor = next(process for process in rivals if process.poll() is None)
    survivor.send_signal(signal.SIGTERM)
    assert survivor.wait(PATIENCE) == 0, duel.told()


@pytest.mark.slow
def test_a_stand_by_takes_over_and_only_one_leads(duel: Duel) -> None:
    rivals = [duel.start(), duel.start()]
    duel.until(lambda: len(duel.days("often")) >= 2)
    leader = duel.lines("often")[0][1]
    other = next(process for process in rivals if process.pid != leader)
    duel.until(lambda: "standing by" in duel.told())

    assert {pid for _, pid in duel.lines("often")} == {leader}

    next(process for process in rivals if process.pid == leader).terminate()
    duel.until(lambda: other.pid in {pid for _, pid in duel.lines("often")})

    duel.until(lambda: f":{other.pid}:" in leading())
    assert duel.days("each") == [duel.today]


def leading() -> str:
    """Who the database says leads."""
    db.session.rollback()
    return db.session.scalars(select(SchedulerBeat.worker)).one()
