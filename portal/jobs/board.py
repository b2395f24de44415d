"""The page "did last night run?" as data: the newest night, the nights before, what repeats, who leads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask_babel import gettext as _
from flask_babel import ngettext

from portal import clock
from portal.jobs import queries
from portal.jobs.entries import Daily, Every, Timetable
from portal.jobs.messages import STATES, TALLIES, reason
from portal.jobs.models import JobRun, SchedulerBeat
from portal.jobs.queries import Health
from portal.jobs.rules import RunState, moment_of
from portal.web.filters import number

DAYS_SHOWN = 7
EARLIEST = date(2026, 1, 1)
"""No scheduler ran before; an address that asks for earlier nights is answered with these."""
BAD = ("missing", RunState.FAILED.value)


@dataclass(frozen=True)
class Line:
    """One job on the page, worded. ``due``: when its slot fell due, or how often it repeats."""

    label: str
    name: str
    due: str
    state: str
    words: str
    tone: str
    icon: str | None
    began: str = ""
    took: str = ""
    tally: str = ""
    why: str = ""
    catch_up: bool = False
    attempt: int = 0


@dataclass(frozen=True)
class Board:
    """Everything the page shows. ``first`` and ``last`` bound the nights listed below."""

    night: Sequence[Line]
    nights: Sequence[Line]
    repeated: Sequence[Line]
    health: Health
    beat: SchedulerBeat | None
    first: date
    last: date
    newest: date

    @property
    def bad(self) -> int:
        """Jobs of the newest night that did not end well."""
        return sum(1 for line in self.night if line.state in BAD)

    @property
    def done(self) -> int:
        """Jobs of the newest night that are done."""
        return sum(1 for line in self.night if line.state == RunState.DONE)


def board_of(timetable: Timetable, at: datetime, last: date | None = None) -> Board:
    """The page at instant ``at``; ``last`` is the newest of the nights to list."""
    wall = clock.in_vietnam(at)
    beat = queries.scheduler_beat()
    daily = [job for job in timetable if isinstance(job, Daily)]
    labels = {job.name: job for job in daily}
    newest, latest = queries.newest_daily_runs(), queries.latest_runs()
    last = max(EARLIEST, min(last or wall.date(), wall.date()))
    first = last - timedelta(days=DAYS_SHOWN - 1)
    above = {run.id for run in newest.values() if run.job in labels}
    listed = [run for run in queries.runs_between(first, last) if run.id not in above]
    return Board(
        night=[_night(job, newest.get(job.name), beat, wall) for job in daily],
        nights=[_run(run, labels.get(run.job), _day(run)) for run in listed],
        repeated=[_repeated(job, latest.get(job.name)) for job in timetable if isinstance(job, Every)],
        health=queries.health(at),
        beat=beat,
        first=first,
        last=last,
        newest=wall.date(),
    )


def newest_slot(job: Daily, wall: datetime) -> date:
    """The slot of a daily job that fell due last, at real wall moment ``wall``."""
    return wall.date() if wall >= moment_of(wall.date(), job.at) else wall.date() - timedelta(days=1)


def _night(job: Daily, run: JobRun | None, beat: SchedulerBeat | None, wall: datetime) -> Line:
    slot = newest_slot(job, wall)
    due = f"{job.at:%H:%M} {slot:%d/%m}"
    if run is not None and run.slot >= slot.isoformat():
        return _run(run, job, due)
    is_new = run is None and (beat is None or clock.in_vietnam(beat.first_at) > moment_of(slot, job.at))
    return _line(job, job.name, due, "to_come" if is_new and beat is not None else "missing")


def _run(run: JobRun, job: Daily | Every | None, due: str) -> Line:
    return _line(
        job,
        run.job,
        due,
        run.state,
        began=machine_moment(run.started_at) if run.state != RunState.COVERED else "",
        took=_took(run),
        tally=tally_words(run.tally),
        why=reason(run.error, run.error_facts) if run.state == RunState.FAILED else "",
        catch_up=run.is_catch_up and run.state != RunState.COVERED,
        attempt=run.attempt,
    )


def _repeated(job: Every, run: JobRun | None) -> Line:
    seconds = int(job.every.total_seconds())
    often = (
        ngettext("every %(num)s second", "every %(num)s seconds", seconds)
        if seconds < 60
        else ngettext("every %(num)s minute", "every %(num)s minutes", seconds // 60)
    )
    return _line(job, job.name, often, "to_come") if run is None else _run(run, job, often)


def _line(job: Daily | Every | None, name: str, due: str, state: str, **more: object) -> Line:
    said, tone, icon = STATES[state]
    words = _("nothing to do so far") if state == "to_come" and isinstance(job, Every) else str(said)
    return Line(str(job.label) if job else name, name, due, str(state), words, tone, icon, **more)  # type: ignore[arg-type]


def _day(run: JobRun) -> str:
    return f"{date.fromisoformat(run.slot):%d/%m/%Y}"


def _took(run: JobRun) -> str:
    if run.finished_at is None or run.state == RunState.COVERED:
        return ""
    seconds = max(0, round((run.finished_at - run.started_at).total_seconds()))
    if seconds < 60:
        return _("%(seconds)s s", seconds=seconds)
    return _("%(minutes)s min %(seconds)s s", minutes=seconds // 60, seconds=seconds % 60)


def machine_moment(at: datetime) -> str:
    """A moment of the machine as the page and the home page write it: real Vietnam time, whatever clock is set."""
    return f"{clock.in_vietnam(at):%H:%M %d/%m}"


def tally_words(tally: dict[str, int]) -> str:
    """What a job counted, in words."""
    return " · ".join(_counts(tally.items()))


def _counts(items: Iterable[tuple[str, int]]) -> Iterable[str]:
    for name, count in items:
        yield f"{TALLIES.get(name, name)}: {number(count)}"
