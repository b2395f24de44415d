"""Changes seen between imports in the reader's words: what moved, in which direction, how far, and why it matters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, time

from flask_babel import LazyString, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.cases import labels
from portal.cases.change_filters import ChangeKind
from portal.cases.change_queries import ChangeRow
from portal.cases.lines import shown_applicant, shown_officer
from portal.deadlines import WorkingCalendar
from portal.guard import Viewer

NOTHING = "–"

KINDS: dict[ChangeKind, LazyString] = {
    ChangeKind.PREMATURE_CLOSURE: _l("suspected premature closure"),
    ChangeKind.DUE_LATER: _l("due date moved later"),
    ChangeKind.DUE_REMOVED: _l("due date removed"),
    ChangeKind.DUE_EARLIER: _l("due date moved earlier"),
    ChangeKind.REOPENED: _l("end removed, reopened"),
    ChangeKind.FINISH_MOVED: _l("end moved"),
    ChangeKind.STATUS_BACKWARDS: _l("status went backwards"),
    ChangeKind.RECEIVED_CHANGED: _l("day of receipt changed"),
    ChangeKind.SUPPLEMENT_AGAIN: _l("supplement asked for again"),
    ChangeKind.GONE: _l("gone from the source"),
    ChangeKind.OFFICER_CHANGED: _l("officer changed"),
    ChangeKind.UNIT_CHANGED: _l("resolving unit changed"),
    ChangeKind.DUE_ADDED: _l("due date added"),
    ChangeKind.FINISHED: _l("finished since"),
    ChangeKind.MEANING_CHANGED: _l("meaning of the status changed"),
    ChangeKind.BACK: _l("in the source again"),
    ChangeKind.MAPPED: _l("officer's name mapped"),
    ChangeKind.UNDONE: _l("taken back with its batch"),
    ChangeKind.CHANGED: _l("other fact changed"),
}

NOTES: dict[ChangeKind, LazyString] = {
    ChangeKind.PREMATURE_CLOSURE: _l("Closed without a result number or file: perhaps closed before its result."),
    ChangeKind.DUE_LATER: _l("Without a recorded lawful pause a breach stays; ask who moved the term and why."),
    ChangeKind.DUE_REMOVED: _l("Without a due date there is no verdict: a case leaves the count of the late."),
    ChangeKind.DUE_EARLIER: _l("The first due date rules the breach."),
    ChangeKind.REOPENED: _l("An answered case is open again; its breach, if any, is untouched."),
    ChangeKind.FINISH_MOVED: _l("The end decides whether the case was on time; a corrected end needs evidence."),
    ChangeKind.STATUS_BACKWARDS: _l("A case went back to an earlier step, which hides standstill."),
    ChangeKind.RECEIVED_CHANGED: _l("The day of receipt starts the term and should never move."),
    ChangeKind.SUPPLEMENT_AGAIN: _l("A supplement may be asked for once only; the second counts as overdue."),
    ChangeKind.GONE: _l("The case opens no new duty until somebody explains where it went."),
    ChangeKind.OFFICER_CHANGED: _l("Who answers for a breach is who held the case at its due moment."),
    ChangeKind.UNIT_CHANGED: _l("The case is counted in another unit from now on."),
}

MEANINGS: dict[str, LazyString] = {
    "not_counted": _l("not counted"),
    "open": _l("in progress"),
    "paused": _l("paused"),
    "withdrawn": _l("withdrawn"),
    "refused": _l("refused in writing"),
    "finished": _l("finished"),
}

Span = Callable[[datetime, datetime], str]


@dataclass(frozen=True)
class Told:
    """A change as a page shows it. ``tone`` is that of its tag; ``note`` why it matters, empty for usual changes."""

    row: ChangeRow
    kind: str
    tone: str
    words: str
    note: str


def kind_of(row: ChangeRow) -> ChangeKind:
    """The kind of a change; one this portal does not know is an other fact."""
    return ChangeKind(row.change.kind) if row.change.kind in set(ChangeKind) else ChangeKind.CHANGED


def tell(
    row: ChangeRow, names: Mapping[str, Mapping[int, str]], viewer: Viewer, calendar: WorkingCalendar | None
) -> Told:
    """A change in words. ``names``: see ``change_queries.names_in``. Names are masked as the viewer's role demands."""
    kind = kind_of(row)
    grave = kind in (ChangeKind.PREMATURE_CLOSURE, ChangeKind.DUE_LATER, ChangeKind.DUE_REMOVED)
    tone = "danger" if grave else "warning" if kind in NOTES else "secondary"
    words = _moved(row, kind, calendar) or _said(row, kind, names, viewer)
    return Told(row, str(KINDS[kind]), tone, words, str(NOTES.get(kind, "")))


def _moved(row: ChangeRow, kind: ChangeKind, calendar: WorkingCalendar | None) -> str:
    """A moment that moved from one to another: direction and distance; empty for any other change."""
    old, new = _as_moment(row.change.old), _as_moment(row.change.new)
    if old is None or new is None:
        return ""
    subjects = {
        "due_at": (_l("due date moved later"), _l("due date moved earlier")),
        "finished_at": (_l("end moved later"), _l("end moved earlier")),
        "received_at": (_l("receipt moved later"), _l("receipt moved earlier")),
    }
    if row.change.field not in subjects:
        return ""
    later, earlier = subjects[row.change.field]
    words = f"{later if new > old else earlier} {distance(old, new, calendar)}: {written(old)} → {written(new)}"
    if kind in (ChangeKind.DUE_LATER, ChangeKind.DUE_EARLIER):
        recorded = ngettext("%(num)s recorded pause", "%(num)s recorded pauses", row.pauses)
        none = _("no recorded pause")
        words += f", {recorded if row.pauses else none}"
    return words


def distance(one: datetime, other: datetime, calendar: WorkingCalendar | None) -> str:
    """How far two moments lie apart: working days where the calendar reaches, else days, else hours."""
    first, last = sorted((one, other))
    if first.date() == last.date():
        minutes = int((last - first).total_seconds() // 60)
        if minutes < 60:
            return ngettext("by %(num)s minute", "by %(num)s minutes", minutes)
        return ngettext("by %(num)s hour", "by %(num)s hours", minutes // 60)
    if calendar is not None and calendar.covers(first.date()) and calendar.covers(last.date()):
        days = calendar.working_days_between(first.date(), last.date())
        return ngettext("by %(num)s working day", "by %(num)s working days", days)
    return ngettext("by %(num)s day", "by %(num)s days", (last.date() - first.date()).days)


def written(moment: datetime) -> str:
    """A stored moment as people write it; a bare day where no time of day is known."""
    if moment.time() in (time.min, time(23, 59, 59)):
        return f"{moment:%d/%m/%Y}"
    return f"{moment:%d/%m/%Y %H:%M}"


def _as_moment(text: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError:
        return None


def _said(row: ChangeRow, kind: ChangeKind, names: Mapping[str, Mapping[int, str]], viewer: Viewer) -> str:
    """A change of anything but a moment that moved."""
    field = str(labels.FIELDS.get(row.change.field, row.change.field))
    old = value_of(row.change.field, row.change.old, names, viewer)
    new = value_of(row.change.field, row.change.new, names, viewer)
    sentences: dict[ChangeKind, str] = {
        ChangeKind.PREMATURE_CLOSURE: _("finished, but the source shows no result number and no result file"),
        ChangeKind.DUE_ADDED: _("due date added: %(new)s", new=new),
        ChangeKind.DUE_REMOVED: _("due date removed; it was %(old)s", old=old),
        ChangeKind.REOPENED: _("end removed; it was %(old)s", old=old),
        ChangeKind.FINISHED: _("finished: %(new)s", new=new),
        ChangeKind.OFFICER_CHANGED: _("officer %(old)s → %(new)s", old=old, new=new),
        ChangeKind.UNIT_CHANGED: _("unit %(old)s → %(new)s", old=old, new=new),
        ChangeKind.GONE: _("not in the full extract of %(new)s", new=new),
        ChangeKind.BACK: _("in the source again; it was gone since %(old)s", old=old),
        ChangeKind.MAPPED: _("the officer's name was mapped to %(new)s", new=new),
    }
    return sentences.get(kind, f"{field}: {old} → {new}")


def value_of(field: str, text: str | None, names: Mapping[str, Mapping[int, str]], viewer: Viewer) -> str:
    """A stored value in words; what the viewer may not read is masked or left out."""
    if not text:
        return _("not known") if field in ("officer_id", "officer_name") else NOTHING
    if field == "subject" and viewer.masks_applicant:
        return "…"
    if field == "applicant_name":
        return shown_applicant(text, viewer)
    if field in names and text.isdigit():
        name = names[field].get(int(text), text)
        return shown_officer(name, viewer) if field == "officer_id" else name
    if field == "officer_name":
        return shown_officer(text, viewer)
    if field == "meaning":
        return str(MEANINGS.get(text, text))
    moment = _as_moment(text) if field.endswith(("_at", "_since", "_asked", "_done")) else None
    return written(moment) if moment else text
