"""A slot is claimed once, failures are kept and tried again, what was missed is made up for."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from portal import clock
from portal.audit import actor_label
from portal.database import commit, db
from portal.deadlines import DayOutsideCalendar
from portal.jobs import bulk
from portal.jobs.entries import Daily, Entry, Every
from portal.jobs.models import JobRun
from portal.jobs.rules import ATTEMPTS, RETRY_AFTER, Missed
from portal.jobs.runner import Runner
from portal.jobs.workers import is_gone, new_worker
from portal.refusal import Refused
from tests.factories import Make

MONDAY = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
"""08:00 in Vietnam."""
TODAY = date(2026, 11, 23)
DEAD = "elsewhere:1:1:1"


class Machine:
    """A runner with a clock that the test sets, and a note of what was run."""

    def __init__(self, app: Flask) -> None:
        self.app, self.at, self.ran = app, MONDAY, list[date]()

    def runner(self, *jobs: Entry) -> Runner:
        return Runner(self.app, jobs, lambda: self.at)

    def daily(self, missed: Missed = Missed.EACH, work: Callable[[], Any] = dict) -> Daily:
        def run(today: date, at: datetime) -> dict[str, int]:
            self.ran.append(today)
            work()
            return {"n": len(self.ran)}

        return Daily("night", "night", run, time(4, 10), missed)


@pytest.fixture
def machine(app: Flask) -> Machine:
    return Machine(app)


def rows() -> list[JobRun]:
    db.session.rollback()
    return list(db.session.scalars(select(JobRun).order_by(JobRun.slot)))


def left(make: Make, slot: str, **more: Any) -> JobRun:
    """A run whose worker is somewhere else and silent."""
    then = MONDAY - timedelta(minutes=30)
    facts = {"job": "night", "slot": slot, "state": "running", "attempt": 1, "tally": {}, "is_catch_up": False}
    return make.add(JobRun(**{**facts, "worker": DEAD, "started_at": then, "beat_at": then, **more}))


def test_a_slot_runs_once(machine: Machine) -> None:
    job = machine.daily()
    runner = machine.runner(job)

    assert [runner.settle(job), runner.settle(job)] == [1, 0]
    assert machine.runner(job).settle(job) == 0
    assert machine.ran == [TODAY]
    (run,) = rows()
    assert (run.slot, run.state, run.tally, run.attempt) == ("2026-11-23", "done", {"n": 1}, 1)
    assert run.is_catch_up


def test_days_off_are_made_up_for_oldest_first(machine: Machine) -> None:
    job = machine.daily()
    machine.runner(job).settle(job)
    machine.at = MONDAY + timedelta(days=3, hours=-3, minutes=-40)

    machine.runner(job).settle(job)

    assert machine.ran == [TODAY + timedelta(days=number) for number in range(4)]
    assert [run.is_catch_up for run in rows()] == [True, True, True, False]


def test_a_job_that_settles_all_runs_for_the_newest_day_only(machine: Machine) -> None:
    job = machine.daily(Missed.LAST)
    machine.runner(job).settle(job)
    machine.at = MONDAY + timedelta(days=3)

    machine.runner(job).settle(job)

    assert machine.ran == [TODAY, TODAY + timedelta(days=3)]
    assert [run.state for run in rows()] == ["done", "covered", "covered", "done"]


def test_a_clock_set_back_runs_nothing_twice(machine: Machine) -> None:
    job = machine.daily()
    machine.at = MONDAY - timedelta(hours=3, minutes=45)
    machine.runner(job).settle(job)
    machine.at -= timedelta(hours=1)
    machine.runner(job).settle(job)
    machine.at += timedelta(hours=1)
    machine.runner(job).settle(job)

    assert machine.ran == [TODAY]


def test_a_refusal_is_kept_with_its_words_and_tried_again_within_a_limit(machine: Machine) -> None:
    def refuse() -> None:
        raise Refused("jobs.trail_broken", seq=7)

    job = machine.daily(work=refuse)
    runner = machine.runner(job)
    for _ in range(ATTEMPTS + 2):
        runner.settle(job)
        runner.settle(job)
        machine.at += RETRY_AFTER

    (run,) = rows()
    assert len(machine.ran) == ATTEMPTS
    assert (run.state, run.attempt, run.error, run.error_facts) == ("failed", ATTEMPTS, "jobs.trail_broken", {"seq": 7})


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (ValueError("Trần Thị Bình"), "jobs.crashed"),
        (DayOutsideCalendar(date(2031, 1, 1), TODAY, TODAY), "calendars.year_missing"),
    ],
)
def test_a_job_that_breaks_off_tells_nothing_of_its_data(machine: Machine, fault: Exception, error: str) -> None:
    def crash() -> None:
        raise fault

    job = machine.daily(work=crash)
    machine.runner(job).settle(job)

    (run,) = rows()
    assert (run.state, run.error) == ("failed", error)
    assert "Bình" not in str(run.error_facts)


def test_a_run_of_a_dead_worker_is_taken_over(machine: Machine, make: Make) -> None:
    left(make, TODAY.isoformat())
    job = machine.daily()
    runner = machine.runner(job)

    runner.settle(job)

    (run,) = rows()
    assert (run.state, run.attempt, run.worker) == ("done", 2, runner.worker)


def test_a_run_of_a_living_worker_is_left_alone(machine: Machine, make: Make) -> None:
    left(make, TODAY.isoformat(), beat_at=MONDAY - timedelta(seconds=40))
    job = machine.daily()

    assert machine.runner(job).settle(job) == 0
    assert [run.state for run in rows()] == ["running"]


def test_a_job_that_kills_its_workers_is_given_up(machine: Machine, make: Make) -> None:
    left(make, TODAY.isoformat(), attempt=ATTEMPTS)
    job = machine.daily()

    assert machine.runner(job).settle(job) == 0
    assert [(run.state, run.error) for run in rows()] == [("failed", "jobs.worker_died")]


def test_who_was_taken_over_writes_no_end(machine: Machine, make: Make) -> None:
    """The lost worker lives after all and ends; the row belongs to the new one."""

    def be_taken_over() -> None:
        db.session.rollback()
        run = db.session.scalars(select(JobRun)).one()
        with commit():
            bulk.claim_again(run, worker=DEAD, at=machine.at)

    job = machine.daily(work=be_taken_over)
    machine.runner(job).settle(job)

    assert [(run.state, run.worker, run.attempt) for run in rows()] == [("running", DEAD, 2)]


def test_two_runners_at_once_run_a_slot_once(machine: Machine) -> None:
    job = machine.daily()
    runners = [machine.runner(job) for _ in range(6)]
    gate = threading.Barrier(len(runners))

    def settle(runner: Runner) -> None:
        gate.wait()
        runner.settle(job)

    threads = [threading.Thread(target=settle, args=[runner]) for runner in runners]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert machine.ran == [TODAY]


def test_what_repeats_keeps_one_row(machine: Machine) -> None:
    job = Every("poll", "poll", lambda today, at: {"looked": 1}, timedelta(seconds=5))
    runner = machine.runner(job)
    looked = []
    for _ in range(5):
        looked += [runner.look(job), runner.look(job)]
        machine.at += timedelta(seconds=5)

    assert looked == [True, False] * 5
    assert [(run.slot, run.state) for run in rows()] == [("latest", "done")]


def test_what_repeats_writes_nothing_where_nothing_waits(machine: Machine) -> None:
    job = Every("poll", "poll", lambda today, at: {"looked": 1}, timedelta(seconds=5), waits=lambda: False)

    assert machine.runner(job).look(job) is False
    assert rows() == []


def test_what_repeats_does_not_run_beside_itself(machine: Machine, make: Make) -> None:
    job = Every("night", "poll", lambda today, at: {}, timedelta(seconds=5))
    left(make, "latest", last_slot=MONDAY - timedelta(minutes=30), beat_at=MONDAY)

    assert machine.runner(job).look(job) is False
    machine.at += timedelta(minutes=10)
    assert machine.runner(job).look(job) is True


def test_what_repeats_runs_by_hand_whenever_it_is_asked(machine: Machine) -> None:
    job = Every("poll", "poll", lambda today, at: {"looked": 1}, timedelta(seconds=5), waits=lambda: False)
    runner = machine.runner(job)

    assert [runner.once(job, TODAY, again=False)[0] for _ in range(2)] == [True, True]
    assert [(run.slot, run.state, run.attempt) for run in rows()] == [("latest", "done", 1)]


def test_a_covered_night_can_be_run_by_hand(machine: Machine) -> None:
    job = machine.daily(Missed.LAST)
    machine.runner(job).settle(job)
    machine.at += timedelta(days=2)
    machine.runner(job).settle(job)
    tuesday = TODAY + timedelta(days=1)

    assert machine.runner(job).once(job, tuesday, again=False)[0]
    assert machine.ran == [TODAY, TODAY + timedelta(days=2), tuesday]
    assert [run.state for run in rows()] == ["done"] * 3


def test_a_job_acts_in_its_own_name_on_the_clock_of_the_database(machine: Machine) -> None:
    seen: list[Any] = []
    job = machine.daily(work=lambda: seen.append((actor_label(), clock.is_set())))

    machine.runner(job).settle(job)

    assert seen == [("máy lịch: night", False)]


def test_a_process_is_known_by_its_birth(app: Flask) -> None:
    me = new_worker()
    host, number, _birth, _count = me.rsplit(":", 3)
    recently = MONDAY - timedelta(seconds=10)

    assert not is_gone(me, MONDAY - timedelta(days=1), MONDAY)
    assert is_gone(f"{host}:{number}:1:1", recently, MONDAY)
    assert is_gone(f"{host}:{2**22 + os.getpid()}:1:1", recently, MONDAY)
    assert not is_gone(DEAD, recently, MONDAY)
    assert is_gone(DEAD, MONDAY - timedelta(minutes=3), MONDAY)
