"""What the timetable runs: previews that wait, and open cases that follow a new calendar."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from portal import clock
from portal.calendars.models import CalendarDraft
from portal.database import commit, db
from portal.impact import actions, queries
from portal.impact.models import ImpactPreview, ImpactRun
from portal.refusal import Refused


def count_and_follow(today: date, at: datetime) -> Mapping[str, int]:
    """Count every preview that waits, then let the open cases follow the calendar. Safe to stop and run again."""
    counted = 0
    while (preview := queries.next_preview()) is not None:
        _count(preview.id, at)
        counted += 1
    seen, moved = follow(at)
    return {"previews": counted, "cases": seen, "moved": moved}


def _count(preview_id: int, at: datetime) -> None:
    with commit():
        preview = db.session.get_one(ImpactPreview, preview_id)
        draft = db.session.get_one(CalendarDraft, preview.cause_id)
        try:
            if draft.state != "shown" or draft.base_version_id != preview.base_id:
                raise Refused("calendars.draft_decided")
            found = queries.found_for(draft, queries.open_concerned(), clock.local_now())
        except Refused:
            actions.set_aside(preview)
        else:
            actions.keep(preview, found, at=at)


def follow(at: datetime) -> tuple[int, int]:
    """Let the open cases follow the calendar in force, one commit a part; how many were counted anew, and moved."""
    version = queries.unfinished_version()
    if version is None:
        return 0, 0
    with commit():
        run_id = actions.begin(version, at=at).id
    more = True
    while more:
        with commit():
            more = actions.carry_on(db.session.get_one(ImpactRun, run_id), at=at)
    run = db.session.get_one(ImpactRun, run_id)
    return run.seen, run.moved
