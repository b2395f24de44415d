"""Claims slots and runs what stands in a timetable. Knows nothing of who ticks: the scheduler, a command or a test."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import Context
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ParamSpec, TypeVar

import structlog
from flask import Flask
from sqlalchemy.exc import OperationalError

from portal import clock
from portal.audit import set_actor_label
from portal.audit.actions import plain
from portal.cli_support import restore_clock
from portal.database import allow_long_statements, commit, db, transition
from portal.deadlines import DayOutsideCalendar
from portal.jobs import bulk, queries
from portal.jobs.entries import Daily, Entry, Every, Timetable
from portal.jobs.models import JobRun
from portal.jobs.queries import Sign
from portal.jobs.rules import (
    ATTEMPTS,
    HORIZON,
    LATEST,
    RunState,
    Seen,
    interval_slot,
    is_catch_up,
    is_settled,
    slot_is_open,
    slots_due,
    to_settle,
)
from portal.jobs.workers import is_gone, new_worker
from portal.logs import logger
from portal.refusal import Conflict, Refused, beyond_calendar

SHOW_LIFE_EVERY = 30
CRASHED, WORKER_DIED = "jobs.crashed", "jobs.worker_died"
Given = ParamSpec("Given")
Found = TypeVar("Found")
log = logger(__name__)


@dataclass(frozen=True)
class Claim:
    """A slot that is ours: nobody else runs it while this process lives."""

    run_id: int
    slot: str
    started_at: datetime


class Runner:
    """Runs the jobs of a timetable, each slot once among all runners of a database.

    ``now`` gives the instant; ``actor`` is how the trail names who let the jobs run.
    """

    def __init__(
        self, app: Flask, timetable: Timetable, now: Callable[[], datetime] = clock.now, actor: str = "máy lịch"
    ) -> None:
        self.app, self.timetable, self.now, self.actor = app, timetable, now, actor
        self.worker = new_worker()
        self.at_work: set[int] = set()

    @property
    def daily(self) -> tuple[Daily, ...]:
        """The jobs with a slot each day."""
        return tuple(entry for entry in self.timetable if isinstance(entry, Daily))

    @property
    def repeated(self) -> tuple[Every, ...]:
        """The jobs with a slot each interval."""
        return tuple(entry for entry in self.timetable if isinstance(entry, Every))

    def settle(self, job: Daily, may_go_on: Callable[[], bool] = lambda: True) -> int:
        """Run every slot of a daily job that is still to be run, the oldest first; how many were.

        ``may_go_on`` is asked before each: a leader that lost its seat stops there.
        """
        done = 0
        for slot, is_run in self._open_slots(job):
            if not may_go_on():
                break
            claim = self._claim_day(job, slot, is_run)
            if claim is not None:
                self._carry_out(job, claim, slot)
                done += 1
        return done

    def look(self, job: Every) -> bool:
        """Run a repeated job if its slot is open and something waits; whether it ran."""
        claim = self._in_context(job, self._claim_interval, job)
        if claim is None:
            return False
        self._carry_out(job, claim, clock.in_vietnam(self.now()).date())
        return True

    def once(self, job: Entry, day: date, *, again: bool, as_of: date | None = None) -> tuple[bool, int]:
        """Run one slot because somebody asks for it: whether it ran now, and the number of its run.

        A slot that ran is left alone unless ``again``; a failed or abandoned one is run. ``as_of``: the business day
        that was named. Refused where the slot is at work elsewhere.
        """
        claim, run_id = self._in_context(job, self._claim_asked, job, day, again)
        if claim is None:
            return False, run_id
        with self._showing_life():
            self._carry_out(job, claim, day, as_of)
        return True, run_id

    def show_life(self) -> None:
        """Say of everything this runner is at that it lives."""
        runs = tuple(self.at_work)
        if runs:
            with self.app.app_context(), commit():
                bulk.show_life(runs, self.now())

    def _open_slots(self, job: Daily) -> list[tuple[date, bool]]:
        return self._in_context(job, self._read_slots, job)

    def _read_slots(self, job: Daily) -> list[tuple[date, bool]]:
        now = self.now()
        wall = clock.in_vietnam(now)
        runs = queries.signs_of(job.name, wall.date() - HORIZON)
        slots = slots_due(job.at, min(runs, default=None), wall)
        settled = [slot for slot in slots if slot in runs and not self._is_open(runs[slot], now)]
        done = [slot for slot, run in runs.items() if run.state == RunState.DONE]
        return list(to_settle(slots, settled, job.missed, max(done, default=None)))

    def _is_open(self, run: JobRun | Sign, now: datetime) -> bool:
        """Whether a run may be taken up again at instant ``now``."""
        if run.state == RunState.RUNNING:
            return self._is_left(run, now)
        return not is_settled(Seen(RunState(run.state), run.attempt, run.finished_at), now)

    def _is_left(self, run: JobRun | Sign, now: datetime) -> bool:
        """Whether nobody is at a running run any more; our own, when we could not write how it ended."""
        if run.worker == self.worker:
            return run.id not in self.at_work
        return is_gone(run.worker, run.beat_at, now)

    def _claim_day(self, job: Daily, slot: date, is_run: bool) -> Claim | None:
        return self._in_context(job, self._take_day, job, slot, is_run)

    def _take_day(self, job: Daily, slot: date, is_run: bool) -> Claim | None:
        now = self.now()
        catch_up = is_catch_up(slot, job.at, clock.in_vietnam(now))
        try:
            with commit():
                run = queries.run_of(job.name, slot.isoformat())
                if run is not None and not self._is_open(run, now):
                    return None
                if run is None and not is_run:
                    bulk.cover(job.name, [slot.isoformat()], worker=self.worker, at=now)
                    return None
                if run is None:
                    facts: dict[str, Any] = {"worker": self.worker, "at": now, "catch_up": catch_up}
                    return self._mine(bulk.claim_slot(job.name, slot.isoformat(), **facts), slot.isoformat(), now)
                if not is_run or run.attempt >= ATTEMPTS:
                    self._give_up(run, now, RunState.FAILED if is_run else RunState.COVERED)
                    return None
                bulk.claim_again(run, worker=self.worker, at=now, catch_up=catch_up)
                return self._mine(run.id, run.slot, now)
        except Conflict:
            return None

    def _give_up(self, run: JobRun, now: datetime, state: RunState) -> None:
        """A run whose worker died once too often has failed; one before the newest is covered by that."""
        seen = {"state": run.state, "attempt": run.attempt, "worker": run.worker}
        error = run.error or WORKER_DIED
        transition(JobRun, run.id, where=seen, to={"state": state, "finished_at": now, "error": error})

    def _claim_interval(self, job: Every) -> Claim | None:
        now = self.now()
        slot = interval_slot(now, job.every)
        run = queries.run_of(job.name, LATEST)
        is_left = run is not None and run.state == RunState.RUNNING and self._is_left(run, now)
        if run is not None and run.state == RunState.RUNNING and not is_left:
            return None
        if run is not None and not slot_is_open(run.last_slot, slot, job.every):
            return None
        if job.waits is not None and not job.waits() and not is_left:
            return None
        with commit():
            seen = queries.run_of(job.name, LATEST)
            if (seen and seen.started_at) != (run and run.started_at):
                return None
            return self._mine(bulk.claim_interval(job.name, seen, slot, worker=self.worker, at=now), LATEST, now)

    def _claim_asked(self, job: Entry, day: date, again: bool) -> tuple[Claim | None, int]:
        now = self.now()
        slot = LATEST if isinstance(job, Every) else day.isoformat()
        late = isinstance(job, Daily) and day < clock.in_vietnam(now).date()
        with commit():
            run = queries.run_of(job.name, slot)
            if run is None:
                claimed = bulk.claim_slot(job.name, slot, worker=self.worker, at=now, catch_up=late)
                if claimed is None:
                    raise Conflict()
                return self._mine(claimed, slot, now), claimed
            if run.state == RunState.RUNNING and not self._is_left(run, now):
                raise Refused("jobs.at_work", since=f"{clock.in_vietnam(run.started_at):%H:%M %d/%m/%Y}")
            if run.state == RunState.DONE and slot != LATEST and not again:
                return None, run.id
            run_id = run.id
            if isinstance(job, Every):
                latest = interval_slot(now, job.every)
                if bulk.claim_interval(job.name, run, latest, worker=self.worker, at=now) is None:
                    raise Conflict()
            else:
                bulk.claim_again(run, worker=self.worker, at=now, catch_up=late)
            return self._mine(run_id, slot, now), run_id

    def _mine(self, run_id: int | None, slot: str, now: datetime) -> Claim | None:
        if run_id is None:
            return None
        self.at_work.add(run_id)
        return Claim(run_id, slot, now)

    def _carry_out(self, job: Entry, claim: Claim, day: date, as_of: date | None = None) -> None:
        """Run a claimed slot and write how it ended; a run that was taken over meanwhile is left to its new worker."""
        try:
            with structlog.contextvars.bound_contextvars(job=job.name, slot=claim.slot):
                ended = self._in_context(job, self._work, job, claim, day, as_of)
                self._in_context(job, self._write_end, claim, ended)
        except OperationalError as error:
            log.error("the end of a run could not be written; it will be taken up again", exc_info=error)
        finally:
            self.at_work.discard(claim.run_id)

    def _work(self, job: Entry, claim: Claim, day: date, as_of: date | None) -> dict[str, Any]:
        """Run the job; how it ended, as columns. A set clock (the demonstration) says which business day it is."""
        today = as_of or (clock.today() if clock.is_set() else day)
        try:
            tally = job.run(today, claim.started_at)
        except Refused as refused:
            log.warning("job refused", error=refused.code)
            return _failed(refused)
        except DayOutsideCalendar as gap:
            return _failed(beyond_calendar(gap))
        except Exception as error:
            log.error("job crashed", exc_info=error)
            return _failed(Refused(CRASHED, kind=type(error).__name__))
        if claim.slot != LATEST or any(tally.values()):
            log.info("job done", tally=dict(tally))
        return {"state": RunState.DONE, "tally": dict(tally), "error": None, "error_facts": None}

    def _write_end(self, claim: Claim, ended: Mapping[str, Any]) -> None:
        with commit():
            to = {**ended, "finished_at": max(self.now(), claim.started_at)}
            if not bulk.finish(claim.run_id, worker=self.worker, started_at=claim.started_at, to=to):
                log.warning("another worker took this run over")

    def _in_context(self, job: Entry, call: Callable[Given, Found], *values: Given.args, **more: Given.kwargs) -> Found:
        """Call in an application context of its own: own session, the clock of the database, the job as the actor."""

        def run() -> Found:
            structlog.contextvars.bind_contextvars(**bound)
            allow_long_statements()
            set_actor_label(f"{self.actor}: {job.name}")
            with self.app.app_context():
                try:
                    restore_clock()
                    return call(*values, **more)
                finally:
                    db.session.remove()

        bound = structlog.contextvars.get_contextvars()
        return Context().run(run)

    @contextmanager
    def _showing_life(self) -> Iterator[None]:
        """Show life while a command runs a job; the scheduler does it between its ticks."""
        ended = threading.Event()

        def show() -> None:
            while not ended.wait(SHOW_LIFE_EVERY):
                try:
                    self.show_life()
                except OperationalError as error:
                    log.warning("no sign of life written", error=type(error.orig).__name__)

        thread = threading.Thread(target=show, daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()


def _failed(refused: Refused) -> dict[str, Any]:
    facts = {name: plain(value) for name, value in refused.facts.items()}
    return {"state": RunState.FAILED, "tally": {}, "error": refused.code[:80], "error_facts": facts}
