"""``portal scheduler``: one process leads and ticks, any other waits as a stand-by.

APScheduler is the ticker only. Which slots are due is asked of the rows at each tick, so nothing depends on a tick
that came late, twice or not at all.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import FrameType

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger
from flask import Flask
from sqlalchemy.exc import OperationalError

from portal import clock
from portal.database import commit, db
from portal.jobs import bulk
from portal.jobs.entries import Every, Timetable
from portal.jobs.runner import Runner
from portal.jobs.seat import seat_of
from portal.logs import logger

STEP = 0.1
JUMP = timedelta(seconds=30)
log = logger(__name__)


@dataclass(frozen=True)
class Pace:
    """How often what is done, in seconds.

    ``watch``: whether we still lead; ``stand_by``: whether the seat is free; ``nightly``: whether a daily slot is due;
    ``beat``: the sign of life; ``grace``: how long runs may take to end after we were told to stop.
    """

    watch: float = 1
    stand_by: float = 2
    nightly: float = 20
    beat: float = 30
    grace: float = 30


class Scheduler:
    """Waits for the seat of the leader, leads while it holds it, stops on SIGTERM and SIGINT."""

    def __init__(
        self, app: Flask, timetable: Timetable, pace: Pace | None = None, now: Callable[[], datetime] = clock.now
    ) -> None:
        self.app, self.pace, self.now = app, pace or Pace(), now
        self.runner = Runner(app, timetable, now)
        with app.app_context():
            self.seat = seat_of(db.engine)
        self._stopped = self._leads = False

    def run(self) -> bool:
        """Work until told to stop; whether every run had ended by then."""
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, self._stop)
        waits = False
        while not self._stopped:
            if self.seat.take():
                waits = False
                self._lead()
            elif not waits:
                waits = True
                log.info("another scheduler leads; standing by", worker=self.runner.worker)
            self._pause(self.pace.stand_by)
        self.seat.leave()
        return not self.runner.at_work

    def _stop(self, _signal: int, _frame: FrameType | None) -> None:
        self._stopped = True

    def _may_go_on(self) -> bool:
        return self._leads and not self._stopped

    def _lead(self) -> None:
        """Tick until we are told to stop or no longer hold the seat."""
        log.info("this scheduler leads", worker=self.runner.worker)
        self._leads = True
        since, beaten = self.now(), time.monotonic()
        self._beat(since)
        ticker = self._start_ticker()
        drift = self._drift()
        try:
            while not self._stopped:
                self._pause(self.pace.watch)
                if not self.seat.is_held():
                    log.warning("the seat is lost; stepping down", worker=self.runner.worker)
                    return
                if abs(self._drift() - drift) > JUMP:
                    # The ticker waits for wall time: set back an hour, it would stand still for an hour.
                    log.warning("the clock of the machine was set; ticking anew")
                    ticker.shutdown(wait=False)
                    ticker, drift = self._start_ticker(), self._drift()
                if time.monotonic() - beaten >= self.pace.beat:
                    beaten = time.monotonic()
                    self._beat(since)
        finally:
            self._leads = False
            ticker.shutdown(wait=False)
            if self._stopped:
                self._let_runs_end()
            self.seat.leave()

    def _start_ticker(self) -> BackgroundScheduler:
        """One tick for all daily jobs, one for each repeated job; a tick that finds the last one at work is dropped."""
        repeated = self.runner.repeated
        ticker = BackgroundScheduler(
            timezone=clock.VIETNAM,
            executors={"default": ThreadPoolExecutor(1 + len(repeated))},
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )
        at_once = {"next_run_time": clock.now()}
        ticker.add_job(self._nightly, IntervalTrigger(seconds=self.pace.nightly), **at_once)
        for job in repeated:
            every = IntervalTrigger(seconds=job.every.total_seconds())
            ticker.add_job(self._repeat, every, args=[job], **at_once)
        ticker.start()
        return ticker

    def _nightly(self) -> None:
        """The daily jobs, one after the other in the order of the timetable."""
        for job in self.runner.daily:
            if not self._may_go_on():
                return
            try:
                self.runner.settle(job, self._may_go_on)
            except OperationalError as error:
                log.warning("the database does not answer", job=job.name, error=type(error.orig).__name__)

    def _repeat(self, job: Every) -> None:
        if not self._may_go_on():
            return
        try:
            self.runner.look(job)
        except OperationalError as error:
            log.warning("the database does not answer", job=job.name, error=type(error.orig).__name__)

    def _beat(self, since: datetime) -> None:
        try:
            with self.app.app_context(), commit():
                bulk.beat(self.runner.worker, leads_since=since, at=self.now())
            self.runner.show_life()
        except OperationalError as error:
            log.warning("no sign of life written", error=type(error.orig).__name__)

    def _drift(self) -> timedelta:
        """How far the wall clock is from one that never jumps; a change of this is somebody setting the clock."""
        return timedelta(seconds=self.now().timestamp() - time.monotonic())

    def _let_runs_end(self) -> None:
        """Wait for what is at work, not longer than the grace; the next leader takes up what is left."""
        ends = time.monotonic() + self.pace.grace
        while self.runner.at_work and time.monotonic() < ends:
            time.sleep(STEP)

    def _pause(self, seconds: float) -> None:
        """Sleep in short steps, so that a signal is heeded at once."""
        ends = time.monotonic() + seconds
        while not self._stopped and time.monotonic() < ends:
            time.sleep(STEP)
