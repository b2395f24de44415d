"""Counting large previews off the request."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from portal.calendars.models import CalendarDraft
from portal.calendars.queries import current_version_id
from portal.database import copy_rows, db
from portal.impact import queries
from portal.impact.models import ImpactPreview
from portal.impact.queries import CALENDAR, LAST_HOUR, Found
from portal.impact.rules import LastHourChange, State


def ask(draft: CalendarDraft, *, at: datetime) -> ImpactPreview:
    """Let a preview be counted off the request; asked twice, it is one row."""
    known = queries.preview_of(draft)
    if known is not None:
        return known
    preview = ImpactPreview(cause=CALENDAR, cause_id=draft.id, base_id=draft.base_version_id, asked_at=at)
    db.session.add(preview)
    db.session.flush()
    return preview


def ask_rule(change: LastHourChange, *, at: datetime) -> ImpactPreview:
    """The same for a change of the last-hour rule; one that was counted before is counted again."""
    known = queries.preview_of_rule(change)
    if known is None:
        known = ImpactPreview(cause=LAST_HOUR, cause_id=change.number, base_id=current_version_id(), asked_at=at)
        db.session.add(known)
    known.state, known.asked_at = State.WAITING, at
    db.session.flush()
    return known


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
