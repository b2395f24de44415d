"""What the timetable runs: previews that wait."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from portal import clock
from portal.calendars.models import CalendarDraft
from portal.database import commit, db
from portal.impact import actions, queries
from portal.impact.models import ImpactPreview
from portal.impact.rules import LastHourChange
from portal.refusal import Refused


def count_previews(today: date, at: datetime) -> Mapping[str, int]:
    """Count every preview that waits; how many. Safe to stop and run again."""
    counted = 0
    while (preview := queries.next_preview()) is not None:
        _count(preview.id, at)
        counted += 1
    return {"previews": counted}


def _count(preview_id: int, at: datetime) -> None:
    with commit():
        preview = db.session.get_one(ImpactPreview, preview_id)
        if preview.cause == queries.LAST_HOUR:
            change = LastHourChange.of_number(preview.cause_id)
            actions.keep(preview, queries.found_for_rule(change, clock.local_now()), at=at)
            return
        draft = db.session.get_one(CalendarDraft, preview.cause_id)
        try:
            if draft.state != "shown" or draft.base_version_id != preview.base_id:
                raise Refused("calendars.draft_decided")
            found = queries.found_for(draft, queries.open_concerned(), clock.local_now())
        except Refused:
            actions.set_aside(preview)
        else:
            actions.keep(preview, found, at=at)
