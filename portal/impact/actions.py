"""Counting large previews off the request, and letting the open cases follow a new calendar, part by part."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import func, select

from portal.audit import record
from portal.calendars.models import CalendarDraft
from portal.cases.models import Case
from portal.cases.projecting import concerned, project
from portal.cases.recounting import ask as ask_to_recount
from portal.cases.words import is_open
from portal.database import copy_rows, db
from portal.impact import queries
from portal.impact.events import CasesReprojected
from portal.impact.models import ImpactPreview, ImpactRun
from portal.impact.queries import CALENDAR, Found
from portal.impact.rules import State

WINDOW = 20_000
"""Case ids looked at in one commit: short enough to be stopped at any moment, and taken up again from ``up_to``."""


def ask(draft: CalendarDraft, *, at: datetime) -> ImpactPreview:
    """Let a preview be counted off the request; asked twice, it is one row."""
    known = queries.preview_of(draft)
    if known is not None:
        return known
    preview = ImpactPreview(cause=CALENDAR, cause_id=draft.id, base_id=draft.base_version_id, asked_at=at)
    db.session.add(preview)
    db.session.flush()
    return preview


def keep(preview: ImpactPreview, found: Found, *, at: datetime) -> None:
    """Keep what a preview counted, with its cases."""
    columns = ("preview_id", "case_id", "was", "becomes", "effect")
    copy_rows("impact_cases", columns, _rows(preview.id, found))
    preview.state, preview.counted_at, preview.counts = State.DONE, at, queries.counts_json(found.counts)


def _rows(preview_id: int, found: Found) -> Iterator[tuple[object, ...]]:
    for case in found.moved:
        yield (
            preview_id,
            case.case_id,
            *(moment.isoformat(" ", "seconds") for moment in (case.was, case.becomes)),
            case.effect,
        )


def set_aside(preview: ImpactPreview) -> None:
    """The change of a preview was decided or cannot be made any more: nobody needs its numbers."""
    preview.state = State.SUPERSEDED


def begin(version_id: int, *, at: datetime) -> ImpactRun:
    """The run of a version, new or left unfinished; runs of older versions that are not done are superseded by it.

    Our own counts beside the printed dates follow by the queue of their own, where any procedure has a term.
    """
    older = (ImpactRun.cause == CALENDAR, ImpactRun.cause_id != version_id, ImpactRun.state == str(State.WORKING))
    for run in db.session.scalars(select(ImpactRun).where(*older)):
        run.state = State.SUPERSEDED
    known = queries.run_of(version_id)
    if known is not None:
        return known
    run = ImpactRun(cause=CALENDAR, cause_id=version_id, started_at=at)
    db.session.add(run)
    if queries.terms_count():
        ask_to_recount(f"Lịch làm việc phiên bản {version_id}", by=None, at=at)
    db.session.flush()
    return run


def carry_on(run: ImpactRun, *, at: datetime) -> bool:
    """Let the next part of the open cases follow; says whether more is left. Inside ``commit()``."""
    last = db.session.scalar(select(func.max(Case.id))) or 0
    if run.up_to >= last:
        run.state, run.finished_at = State.DONE, at
        event = CasesReprojected(version_id=run.cause_id, seen=run.seen, moved=run.moved)
        record(event, entity_id=run.cause_id, by=None, at=at)
        return False
    until = run.up_to + WINDOW
    ids = concerned(is_open(), Case.id > run.up_to, Case.id <= until)
    run.moved += project(ids)
    run.seen += len(ids)
    run.up_to = until
    return True
