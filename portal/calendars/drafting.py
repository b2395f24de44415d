"""Keeping a change between its preview and its decision, and carrying the decision out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.audit import record
from portal.calendars import queries
from portal.calendars.actions import apply
from portal.calendars.changes import Change, Impossible, after, as_json, from_json
from portal.calendars.events import CalendarFileApplied
from portal.calendars.models import CalendarDraft, CalendarVersion
from portal.calendars.rules import Content
from portal.database import db
from portal.guard import Viewer
from portal.refusal import Refused


@dataclass(frozen=True)
class File:
    """Where a change was read from: the file, the rows with what becomes of each, and how many of each kind."""

    name: str
    sha256: str
    rows: Sequence[Mapping[str, Any]]
    counts: Mapping[str, int]


def outlook(changes: Sequence[Change]) -> tuple[Content, Content]:
    """The calendar as it is and as it would be. Refused where a change cannot be made."""
    content = queries.current_content()
    if content is None:
        raise Refused("calendars.not_loaded")
    try:
        return content, after(content, changes)
    except Impossible as no:
        raise Refused(no.code, **no.facts) from no


def keep(
    changes: Sequence[Change], reason: str, *, by: Viewer, at: datetime, file: File | None = None
) -> CalendarDraft:
    """Keep a change to be shown; the calendar is not touched. Refused where it cannot be made or changes nothing.

    A file whose rows change nothing is kept all the same, so that the page can say what became of each row.
    """
    now, then = outlook(changes)
    if now == then and file is None:
        raise Refused("calendars.nothing_changes")
    draft = CalendarDraft(
        user_id=by.user_id,
        changes=[as_json(change) for change in changes],
        told={"rows": list(file.rows), "counts": dict(file.counts)} if file else {},
        file_name=file.name if file else "",
        file_sha256=file.sha256 if file else "",
        reason=reason,
        base_version_id=queries.current_version_id(),
        made_at=at,
    )
    db.session.add(draft)
    db.session.flush()
    return draft


def changes_of(draft: CalendarDraft) -> list[Change]:
    """What a draft would do."""
    return [from_json(change) for change in draft.changes]


def apply_draft(draft: CalendarDraft, reason: str, *, by: Viewer, at: datetime) -> CalendarVersion:
    """Make the change that was shown, as one version.

    Refused when it was decided already, or when the calendar has changed since it was shown: then nobody has seen
    what it would do now.
    """
    if draft.state != "shown":
        raise Refused("calendars.draft_decided")
    if draft.base_version_id != queries.current_version_id():
        raise Refused("calendars.draft_outdated")
    version = apply(changes_of(draft), reason, by=by, at=at)
    draft.state, draft.reason, draft.decided_at, draft.applied_version_id = "applied", reason, at, version.id
    if draft.file_sha256:
        counts = {name: draft.told["counts"][name] for name in ("new", "changed", "unchanged", "rejected")}
        event = CalendarFileApplied(
            file_name=draft.file_name, sha256=draft.file_sha256, version_id=version.id, **counts
        )
        record(event, entity_id=version.id, by=by, at=at)
    return version


def show_again(draft: CalendarDraft) -> None:
    """Hold a draft against the calendar as it is now. Refused where it cannot be made any more."""
    outlook(changes_of(draft))
    draft.base_version_id = queries.current_version_id()


def discard(draft: CalendarDraft, *, at: datetime) -> None:
    """Leave a change."""
    if draft.state != "shown":
        raise Refused("calendars.draft_decided")
    draft.state, draft.decided_at = "discarded", at
