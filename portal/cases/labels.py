"""The words of cases in the reader's language, for pages and sheets."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from flask_babel import LazyString, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.cases.filters import Show, Sort
from portal.cases.freshness import Freshness
from portal.cases.rules import Verdict
from portal.deadlines import AgeBucket
from portal.guard import Viewer
from portal.web.filters import amount

VERDICTS: dict[Verdict, LazyString] = {
    Verdict.EARLY: _l("early"),
    Verdict.ON_TIME: _l("on time"),
    Verdict.LATE: _l("late"),
    Verdict.NO_TERM: _l("no due date"),
    Verdict.OVERDUE: _l("overdue"),
    Verdict.WITHIN_TERM: _l("within term"),
    Verdict.DUE_TODAY: _l("due today"),
    Verdict.DUE_SOON: _l("due soon"),
    Verdict.PAUSED: _l("paused"),
    Verdict.OPEN_NO_TERM: _l("open, no due date"),
    Verdict.WITHDRAWN: _l("withdrawn"),
    Verdict.NOT_COUNTED: _l("not counted"),
    Verdict.UNKNOWN_END: _l("finished, moment unknown"),
}

LOOKS: dict[Verdict, tuple[str, str | None]] = {
    Verdict.EARLY: ("success", "check"),
    Verdict.ON_TIME: ("success", "check"),
    Verdict.LATE: ("danger", "clock"),
    Verdict.OVERDUE: ("overdue", "warning"),
    Verdict.WITHIN_TERM: ("info", None),
    Verdict.DUE_TODAY: ("warning", "clock"),
    Verdict.DUE_SOON: ("warning", "clock"),
    Verdict.PAUSED: ("secondary", "pause"),
    Verdict.UNKNOWN_END: ("secondary", "info"),
}
"""Tone and icon of a word's tag, as in the macro ``verdict_tag``, which asks the catalogue too often for a list."""
PLAIN: tuple[str, str | None] = ("secondary", None)

SHOWS: dict[Show, LazyString] = {
    Show.OVERDUE: _l("Overdue"),
    Show.DUE: _l("Due today and soon"),
    Show.OPEN: _l("In progress"),
    Show.LATE: _l("Finished late"),
    Show.ALL: _l("All cases"),
    Show.MISSING_TERM: _l("Without due date"),
    Show.STALE: _l("Overdue, newer data needed"),
    Show.FAULT: _l("Faults in the data"),
    Show.GONE: _l("No longer in the source"),
    Show.MOVED: _l("Term moved by a pause or extension"),
    Show.SUPPLEMENT_AGAIN: _l("Supplement asked for more than once"),
    Show.BODY_WAITS: _l("Waits for another body past its term"),
    Show.DUE_TOO_SHORT: _l("Printed date shorter than our count"),
    Show.DUE_TOO_LONG: _l("Printed date longer than our count"),
    Show.DUE_CHANGED: _l("Printed date changed after receipt"),
    Show.EARLY: _l("Finished early"),
    Show.ON_TIME: _l("Finished on time"),
    Show.WITHIN_TERM: _l("Within term"),
    Show.DUE_TODAY: _l("Due today"),
    Show.DUE_SOON: _l("Due soon"),
    Show.PAUSED: _l("Paused"),
    Show.NO_TERM: _l("Finished, without due date"),
    Show.OPEN_NO_TERM: _l("Open, without due date"),
    Show.WITHDRAWN: _l("Withdrawn"),
    Show.UNKNOWN_END: _l("Finished, moment unknown"),
    Show.NOT_COUNTED: _l("Not counted"),
}

SORTS: dict[Sort, LazyString] = {
    Sort.DUE: _l("due date"),
    Sort.FINISHED: _l("end"),
    Sort.RECEIVED: _l("receipt"),
    Sort.CODE: _l("code"),
}

AGES: dict[AgeBucket, LazyString] = {
    AgeBucket.UNDER_ONE: _l("under 1 working day"),
    AgeBucket.ONE_TO_THREE: _l("1–3 working days"),
    AgeBucket.FOUR_TO_TEN: _l("4–10 working days"),
    AgeBucket.ELEVEN_TO_THIRTY: _l("11–30 working days"),
    AgeBucket.OVER_THIRTY: _l("over 30 working days"),
}

CHANNELS: dict[str, LazyString] = {
    "direct": _l("at the desk"),
    "online": _l("online"),
    "postal": _l("by post"),
    "unknown": _l("unknown"),
}

FIELDS: dict[str, LazyString] = {
    "applicant_name": _l("Applicant"),
    "subject": _l("Subject"),
    "procedure_id": _l("Procedure"),
    "procedure": _l("Procedure"),
    "receiving_unit_id": _l("Receiving unit"),
    "resolving_unit_id": _l("Resolving unit"),
    "officer_id": _l("Officer"),
    "officer_name": _l("Officer"),
    "channel": _l("Channel"),
    "received_at": _l("Received"),
    "due_at": _l("Due"),
    "finished_at": _l("Finished"),
    "returned_at": _l("Handed back"),
    "status_text": _l("Status in the source"),
    "meaning": _l("Meaning of the status"),
    "gone_since": _l("No longer in the source"),
    "data_fault": _l("Fault in the data"),
    "supplement_asked": _l("Supplement asked for"),
}

FAULTS: dict[str, LazyString] = {
    "end_moment_unknown": _l("The status says finished, but no moment of the end is known."),
    "open_with_end": _l("The status says open, but an end is written."),
}


def lateness(verdict: Verdict, working_days: int | None, working_hours: Decimal | None = None) -> str:
    """The words "late by 3 working days", under one day "late by 2.5 working hours" where the hours are known.

    Empty where there is no lateness, or no calendar to count it.
    """
    if working_days is None or verdict not in (Verdict.LATE, Verdict.OVERDUE):
        return ""
    if verdict is Verdict.LATE:
        if working_days == 0 and working_hours:
            return _("late by %(hours)s working hours", hours=amount(working_hours))
        if working_days == 0:
            return _("late by less than 1 working day")
        return ngettext("late by %(num)s working day", "late by %(num)s working days", working_days)
    if working_days == 0 and working_hours:
        return _("overdue by %(hours)s working hours", hours=amount(working_hours))
    if working_days == 0:
        return _("overdue by less than 1 working day")
    return ngettext("overdue by %(num)s working day", "overdue by %(num)s working days", working_days)


def data_line(known: Sequence[Freshness]) -> str:
    """One clause per source, newest first: Data as of 16:30 16/10/2023, source iGate."""
    clauses = [
        _("data as of %(moment)s, source %(source)s", moment=f"{row.data_as_of:%H:%M %d/%m/%Y}", source=row.source)
        for row in known
    ]
    line = "; ".join(clauses) or _("no data imported yet")
    return line[:1].upper() + line[1:]


def left_out(viewer: Viewer) -> str:
    """What an export leaves out: to read for somebody absent is delegated, to carry their cases away is not."""
    names = ", ".join(one.name for one in viewer.acting_for)
    return _("cases of %(names)s, for whom the reader stands in", names=names) if names else ""


def fault(code: str) -> str:
    """A fault of the data in words; an unknown code stands for itself."""
    return str(FAULTS.get(code, code))
