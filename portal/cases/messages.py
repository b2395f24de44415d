"""The words of pauses, extensions and terms: how they say no, kinds and units."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from portal.deadlines import DayReason, PauseKind, TermUnit
from portal.directory.messages import FILE_FAULTS as DIRECTORY_FAULTS

REFUSALS: Mapping[str, LazyString] = {
    "pauses.not_yours": _l("A pause is recorded by the head of the resolving unit or by the monitoring office."),
    "pauses.own_case": _l("This is your own case: your head or the monitoring office records its pauses."),
    "pauses.no_document": _l("A pause is evidence: give the number and the day of its document."),
    "pauses.no_due": _l("The source gives no due date, so there is no term that could stand still."),
    "pauses.before_receipt": _l("The pause begins before the case was received on %(received)s."),
    "pauses.in_future": _l(
        "This moment lies in the future: a pause is recorded when it has begun, its end when it came."
    ),
    "pauses.ends_first": _l("The pause ends before it begins."),
    "pauses.after_end": _l("The pause begins after the case ended on %(ended)s."),
    "pauses.document_later": _l("The document bears a day in the future."),
    "pauses.known": _l("A pause of this kind from this moment on stands already."),
    "pauses.replaced": _l("Somebody has recorded something else in place of this meanwhile. Look at the case again."),
    "pauses.not_open": _l("This pause has an end already. Take it back and record it anew if it is wrong."),
    "pauses.no_reason": _l("Say why it is taken back."),
    "terms.nothing_changed": _l("Just this term is in force from that day already."),
    "extensions.after_due": _l(
        "The document is of %(document)s, the term was over on %(due)s: what is over cannot be extended."
    ),
}

KINDS: dict[PauseKind, LazyString] = {
    PauseKind.SUPPLEMENT: _l("awaiting a supplement"),
    PauseKind.PAYMENT: _l("awaiting payment"),
    PauseKind.OTHER_BODY: _l("awaiting another body"),
}
UNITS: dict[TermUnit, LazyString] = {
    TermUnit.WORKING_DAYS: _l("working days"),
    TermUnit.CALENDAR_DAYS: _l("calendar days"),
    TermUnit.WORKING_HOURS: _l("working hours"),
    TermUnit.MONTHS: _l("months"),
}
REASONS: dict[DayReason, LazyString] = {
    DayReason.WORKING: _l("working day, counted"),
    DayReason.MAKE_UP: _l("worked to make up for a day off, counted"),
    DayReason.WEEKEND: _l("weekend"),
    DayReason.OFF: _l("day off"),
    DayReason.RECEIPT: _l("day of receipt, which does not count (Civil Code art. 147)"),
    DayReason.AFTER_HOURS: _l("received after working hours: the next working day counts as the day of receipt"),
    DayReason.PAUSED: _l("the clock stood"),
    DayReason.ROLLED: _l("the term ended on a day off and ends with this working day (Civil Code art. 148)"),
}
"""Why a day of a term counts or not: on pages, in print and for ``portal deadline``."""
DIFFERENCES: dict[str, LazyString] = {
    "too_short": _l("The date that rules is earlier than our own count."),
    "too_long": _l("The date that rules is later than our own count."),
}
FILE_FAULTS: Mapping[str, LazyString] = DIRECTORY_FAULTS
ROW_FAULTS: Mapping[str, LazyString] = {
    "term_code": _l("The code of the procedure is missing."),
    "term_amount": _l("The term is a whole number from 1 to 1000."),
    "term_unit": _l("The unit is working days, calendar days, working hours or months."),
    "term_valid_from": _l("This is no day; write it as 16/10/2023."),
    "term_procedure_unknown": _l("No procedure has this code. Procedures come with imported case lists."),
}
