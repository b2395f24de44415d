"""Differences of a batch in words: which fact, from what to what, in which direction and how far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from portal.calendars.queries import current_calendar
from portal.cases.change_filters import ChangeKind
from portal.cases.change_words import KINDS, distance, value_of
from portal.cases.labels import FIELDS
from portal.deadlines import WorkingCalendar
from portal.guard import Viewer
from portal.imports.showing import names_in


@dataclass(frozen=True)
class Spoken:
    """A difference as a table shows it. ``distance`` is empty for what is no moment that moved."""

    row: int | None
    code: str
    case_id: int | None
    field: str
    old: str
    new: str
    kind: str
    distance: str


def spoken_changes(changes: Sequence[Any], viewer: Viewer) -> list[Spoken]:
    """Differences in words. Their names are fetched together, the calendar only where a moment moved."""
    names = names_in(changes)
    moved = any(change.field.endswith("_at") and change.old and change.new for change in changes)
    calendar = current_calendar() if moved else None
    return [
        Spoken(
            change.row_number,
            change.code,
            change.case_id,
            field_name(change.field),
            _value(change.field, change.old, names, viewer),
            _value(change.field, change.new, names, viewer),
            kind_name(change.kind),
            _distance(change.field, change.old, change.new, calendar),
        )
        for change in changes
    ]


def field_name(field: str) -> str:
    """What a fact of a case is called; the officer's name as the file writes it is told from who is meant."""
    return _("Officer as written") if field == "officer_name" else str(FIELDS.get(field, field))


def kind_name(kind: str) -> str:
    """What kind of difference it is."""
    return str(KINDS[ChangeKind(kind)] if kind in set(ChangeKind) else KINDS[ChangeKind.CHANGED])


def _value(field: str, text: str | None, names: Mapping[str, Mapping[int, str]], viewer: Viewer) -> str:
    if text and field.endswith("_id") and text.startswith("-"):
        return _("will be made")
    return value_of(field, text, names, viewer)


def _distance(field: str, old: str | None, new: str | None, calendar: WorkingCalendar | None) -> str:
    if not (old and new and field.endswith("_at")):
        return ""
    before, after = datetime.fromisoformat(old), datetime.fromisoformat(new)
    far = distance(before, after, calendar)
    return _("later %(distance)s", distance=far) if after > before else _("earlier %(distance)s", distance=far)
