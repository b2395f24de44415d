"""Counting large previews off the request."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from portal.calendars.models import CalendarDraft
from portal.database import copy_rows, db
from portal.impact import queries
from portal.impact.models import ImpactPreview
from portal.impact.queries import CALENDAR, Found
from portal.impact.rules import State


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
