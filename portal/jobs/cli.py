"""``portal scheduler`` and ``portal jobs``: what runs by itself, run by hand, and how it went."""

from __future__ import annotations

import os
import sys
from datetime import date
from typing import Any

import click
from flask import current_app

from portal import clock
from portal.audit import actor_label
from portal.cli_support import DAY, RefusedCommand, portal_command
from portal.database import db
from portal.jobs import queries
from portal.jobs.board import board_of, machine_moment, tally_words
from portal.jobs.entries import Daily, Entry
from portal.jobs.messages import ALARMS, reason
from portal.jobs.models import JobRun
from portal.jobs.rules import RunState
from portal.jobs.runner import Runner
from portal.jobs.scheduler import Scheduler
from portal.jobs.timetable import TIMETABLE
from portal.logs import logger
from portal.refusal import Refused
from portal.web.words import sentence

log = logger(__name__)


@click.command()
@portal_command()
def scheduler() -> dict[str, Any]:
    """Run the timetable until told to stop; a second scheduler of the same database stands by."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    # The reading of this command must not stay open for as long as the scheduler lives.
    db.session.remove()
    if not Scheduler(app, TIMETABLE).run():
        log.warning("stopped with runs at work; the next scheduler takes them up")
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)
    return {"stopped": True}


@click.group()
def jobs() -> None:
    """What runs by itself: the timetable, how it went, one run by hand."""


def _no_run() -> dict[str, Any]:
    return {"job": None, "slot": None, "ran": False, "state": None, "tally": {}}


@jobs.command()
@click.argument("name", metavar="NAME")
@click.option("--on", type=DAY, help="The slot: a day; default today (Vietnam).")
@click.option("--again", is_flag=True, help="Run it although this slot ran already.")
@portal_command(_no_run)
def once(name: str, on: date | None, again: bool) -> dict[str, Any]:
    """Run one slot of the job NAME now, unless it ran already; the scheduler counts it as run."""
    job = _named(name)
    today = clock.in_vietnam(clock.now()).date()
    if on is not None and on > today:
        raise Refused("jobs.not_yet")
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    db.session.remove()
    ran, run_id = Runner(app, TIMETABLE, actor=actor_label()).once(job, on or today, again=again, as_of=on)
    run = queries.run_by_id(run_id)
    if run is None:
        raise Refused("changed_meanwhile")
    answer = _as_json(run, ran)
    if run.state == RunState.FAILED:
        raise RefusedCommand(f"{name}: {reason(run.error, run.error_facts)}", answer | {"problems": [_problem(run)]})
    when = machine_moment(run.finished_at or run.started_at)
    did = "đã chạy xong" if ran else f"đã chạy lúc {when}, không chạy lại (--again để chạy lại)"
    click.echo(f"{name} {run.slot}: {did}. {tally_words(run.tally)}".strip(), err=True)
    return answer


@jobs.command("list")
@portal_command(lambda: {"jobs": []})
def list_jobs() -> dict[str, Any]:
    """The timetable."""
    found = []
    for job in TIMETABLE:
        when = f"{job.at:%H:%M}" if isinstance(job, Daily) else f"{int(job.every.total_seconds())} s"
        kind = "daily" if isinstance(job, Daily) else "every"
        found.append({"name": job.name, "kind": kind, "when": when, "label": str(job.label)})
        click.echo(f"{job.name:20} {when:>7}  {job.label}", err=True)
    return {"jobs": found}


@jobs.command()
@portal_command(lambda: {"trouble": None, "last_beat": None, "jobs": []})
def status() -> dict[str, Any]:
    """Whether the scheduler lives and how each job went last; exit 2 when something is wrong."""
    at = clock.now()
    board = board_of(TIMETABLE, at)
    trouble, beat = board.health.trouble, board.health.last_beat
    told = f"Máy lịch chạy lần cuối {machine_moment(beat)}" if beat else "Máy lịch chưa chạy lần nào"
    click.echo(f"{told}.", err=True)
    for line in (*board.night, *board.repeated):
        facts = "  ".join(part for part in (line.due, line.words, line.tally, line.why) if part)
        click.echo(f"{line.name:20} {facts}", err=True)
    answer: dict[str, Any] = {
        "trouble": trouble,
        "last_beat": beat.isoformat() if beat else None,
        "leader": board.beat.worker if board.beat else None,
        "jobs": [
            {"job": line.name, "due": line.due, "state": line.state, "catch_up": line.catch_up, "why": line.why}
            for line in (*board.night, *board.repeated)
        ],
    }
    if trouble is not None:
        raise RefusedCommand(f"{ALARMS[trouble].what} {ALARMS[trouble].then}", answer)
    return answer


def _named(name: str) -> Entry:
    found = next((job for job in TIMETABLE if job.name == name), None)
    if found is None:
        raise Refused("jobs.unknown")
    return found


def _as_json(run: JobRun, ran: bool) -> dict[str, Any]:
    return {
        "job": run.job,
        "slot": run.slot,
        "ran": ran,
        "state": run.state,
        "attempt": run.attempt,
        "catch_up": run.is_catch_up,
        "started_at": run.started_at.isoformat(),
        "finished_at": run.finished_at.isoformat() if run.finished_at else None,
        "tally": run.tally,
        "error": run.error,
    }


def _problem(run: JobRun) -> dict[str, Any]:
    words = sentence(Refused(run.error or "", **(run.error_facts or {})))
    return {"row": None, "column": None, "value": None, "reason": words}
