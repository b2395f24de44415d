"""Claims: one conditional statement each, so that of two schedulers only one runs a slot."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.dialects import postgresql, sqlite

from portal.database import db, dialect, transition
from portal.jobs.models import THE_ONE, JobRun, SchedulerBeat
from portal.jobs.rules import LATEST, RunState

_AS_IT_IS = {"synchronize_session": False}


def _upsert(model: type[Any]) -> Any:
    return postgresql.insert(model) if dialect() == "postgresql" else sqlite.insert(model)


def claim_slot(job: str, slot: str, *, worker: str, at: datetime, catch_up: bool) -> int | None:
    """Claim a slot that has no row yet; the number of the run, None when somebody was quicker. ``at``: an instant."""
    facts = {"state": RunState.RUNNING, "attempt": 1, "worker": worker, "started_at": at, "beat_at": at, "tally": {}}
    claimed = _upsert(JobRun).values(job=job, slot=slot, is_catch_up=catch_up, **facts)
    claimed = claimed.on_conflict_do_nothing(index_elements=["job", "slot"]).returning(JobRun.id)
    found: int | None = db.session.execute(claimed).scalar()
    return found


def claim_again(run: JobRun, *, worker: str, at: datetime, catch_up: bool | None = None) -> int:
    """Take up a run that failed, ended, or was left by a dead worker; gives its attempt. Raises Conflict."""
    seen = {"state": run.state, "attempt": run.attempt, "worker": run.worker}
    facts: dict[str, Any] = {"state": RunState.RUNNING, "attempt": run.attempt + 1, "worker": worker}
    facts |= {"started_at": at, "beat_at": at, "finished_at": None, "tally": {}, "error": None, "error_facts": None}
    if catch_up is not None:
        facts["is_catch_up"] = catch_up
    attempt = int(facts["attempt"])
    transition(JobRun, run.id, where=seen, to=facts)
    return attempt


def claim_interval(job: str, seen: JobRun | None, last_slot: datetime, *, worker: str, at: datetime) -> int | None:
    """Claim the next slot of a repeated job on its one row; None when somebody was quicker.

    ``seen`` is the row as it was read, None when there was none; a row that changed since then is somebody else's.
    """
    facts: dict[str, Any] = {"state": RunState.RUNNING, "worker": worker, "last_slot": last_slot, "tally": {}}
    facts |= {"started_at": at, "beat_at": at, "finished_at": None, "error": None, "error_facts": None, "attempt": 1}
    if seen is None:
        claimed = _upsert(JobRun).values(job=job, slot=LATEST, is_catch_up=False, **facts)
        claimed = claimed.on_conflict_do_nothing(index_elements=["job", "slot"])
    else:
        same = (JobRun.state == seen.state, JobRun.worker == seen.worker, JobRun.started_at == seen.started_at)
        claimed = update(JobRun).where(JobRun.id == seen.id, *same).values(facts)
    found: int | None = db.session.execute(claimed.returning(JobRun.id), execution_options=_AS_IT_IS).scalar()
    return found


def cover(job: str, slots: Sequence[str], *, worker: str, at: datetime) -> None:
    """Mark missed slots that the newest run of the job settles with its own."""
    facts = {"state": RunState.COVERED, "attempt": 0, "worker": worker, "started_at": at, "beat_at": at}
    facts |= {"finished_at": at, "tally": {}, "is_catch_up": True}
    rows = [{"job": job, "slot": slot, **facts} for slot in slots]
    if rows:
        db.session.execute(_upsert(JobRun).values(rows).on_conflict_do_nothing(index_elements=["job", "slot"]))


def finish(run_id: int, *, worker: str, started_at: datetime, to: Mapping[str, Any]) -> bool:
    """Write how a run ended, unless another worker has taken it over; whether it was still ours."""
    mine = (JobRun.state == RunState.RUNNING, JobRun.worker == worker, JobRun.started_at == started_at)
    ended = update(JobRun).where(JobRun.id == run_id, *mine).values(to).returning(JobRun.id)
    return db.session.execute(ended, execution_options=_AS_IT_IS).scalar() is not None


def beat(worker: str, *, leads_since: datetime, at: datetime) -> None:
    """The leader's sign of life, on the one row."""
    told = {"worker": worker, "leads_since": leads_since, "beat_at": at}
    known = _upsert(SchedulerBeat).values(id=THE_ONE, first_at=at, **told)
    db.session.execute(known.on_conflict_do_update(index_elements=["id"], set_=told))


def show_life(run_ids: Collection[int], at: datetime) -> None:
    """Say of runs that they are still at work, so that nobody takes them for left."""
    mine = update(JobRun).where(JobRun.id.in_(run_ids), JobRun.state == RunState.RUNNING)
    db.session.execute(mine.values(beat_at=at), execution_options=_AS_IT_IS)
