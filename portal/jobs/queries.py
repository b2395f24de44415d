"""Reading what ran."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select

from portal.database import db
from portal.imports.models import Batch
from portal.imports.showing import QUEUED, WORKED
from portal.jobs.models import JobRun, SchedulerBeat
from portal.jobs.rules import LATEST, RunState, Trouble, trouble_of


@dataclass(frozen=True)
class Health:
    """Whether the scheduler does its work. Moments are instants.

    ``last_beat``: the last sign of life; ``last_ended``: when a daily run ended last; ``failed``: jobs whose newest
    daily run failed.
    """

    last_beat: datetime | None
    last_ended: datetime | None
    failed: int
    trouble: Trouble | None


@dataclass(frozen=True, slots=True)
class Sign:
    """What of a run says whether it may be taken up again."""

    id: int
    state: str
    attempt: int
    worker: str
    beat_at: datetime
    finished_at: datetime | None


def run_of(job: str, slot: str) -> JobRun | None:
    """The run of a slot."""
    return db.session.scalar(select(JobRun).where(JobRun.job == job, JobRun.slot == slot))


def run_by_id(run_id: int) -> JobRun | None:
    """A run by its number."""
    return db.session.get(JobRun, run_id)


def signs_of(job: str, since: date) -> Mapping[date, Sign]:
    """How the runs of a daily job stand, by slot, from a day on; asked every few seconds, so no more than needed."""
    columns = (JobRun.id, JobRun.state, JobRun.attempt, JobRun.worker, JobRun.beat_at, JobRun.finished_at)
    found = select(JobRun.slot, *columns).where(
        JobRun.job == job, JobRun.slot >= since.isoformat(), JobRun.slot != LATEST
    )
    return {
        date.fromisoformat(row.slot): Sign(row.id, row.state, row.attempt, row.worker, row.beat_at, row.finished_at)
        for row in db.session.execute(found)
    }


def runs_between(first: date, last: date) -> Sequence[JobRun]:
    """The daily runs of some days, the newest first."""
    days = JobRun.slot.between(first.isoformat(), last.isoformat())
    return db.session.scalars(select(JobRun).where(days).order_by(JobRun.slot.desc(), JobRun.id.desc())).all()


def latest_runs() -> Mapping[str, JobRun]:
    """The one row of each repeated job."""
    return {run.job: run for run in db.session.scalars(select(JobRun).where(JobRun.slot == LATEST))}


def newest_runs(jobs: Sequence[str]) -> Sequence[JobRun]:
    """The newest row of each of some jobs, daily or repeated."""
    newest = select(func.max(JobRun.started_at)).where(JobRun.job.in_(jobs)).scalar_subquery()
    return db.session.scalars(select(JobRun).where(JobRun.job.in_(jobs), JobRun.started_at == newest)).all()


def newest_daily_runs() -> Mapping[str, JobRun]:
    """The newest run of each daily job."""
    newest = select(JobRun.job, func.max(JobRun.slot).label("slot")).where(JobRun.slot != LATEST).group_by(JobRun.job)
    of = newest.subquery()
    found = select(JobRun).join(of, (of.c.job == JobRun.job) & (of.c.slot == JobRun.slot))
    return {run.job: run for run in db.session.scalars(found)}


def scheduler_beat() -> SchedulerBeat | None:
    """The last sign of life of the scheduler."""
    return db.session.scalar(select(SchedulerBeat))


def a_batch_waits() -> bool:
    """Whether an import waits to be worked on, or is at work and might have been left."""
    states = [str(state) for state in (*QUEUED, *WORKED)]
    return db.session.scalar(select(Batch.id).where(Batch.state.in_(states)).limit(1)) is not None


def health(at: datetime) -> Health:
    """Whether the scheduler does its work at instant ``at``; one statement, for the home page."""
    daily = JobRun.slot != LATEST
    newest = select(JobRun.job, func.max(JobRun.slot).label("slot")).where(daily).group_by(JobRun.job).subquery()
    failed = select(func.count(JobRun.id)).join(newest, (newest.c.job == JobRun.job) & (newest.c.slot == JobRun.slot))
    ended = select(func.max(JobRun.finished_at)).where(daily, JobRun.state == RunState.DONE)
    row = db.session.execute(
        select(
            select(SchedulerBeat.beat_at).scalar_subquery().label("beat"),
            select(SchedulerBeat.first_at).scalar_subquery().label("since"),
            ended.scalar_subquery().label("ended"),
            failed.where(JobRun.state == RunState.FAILED).scalar_subquery().label("failed"),
        )
    ).one()
    trouble = trouble_of(row.ended, row.beat, row.since, failed=row.failed, at=at)
    return Health(last_beat=row.beat, last_ended=row.ended, failed=row.failed, trouble=trouble)
