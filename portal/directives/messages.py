"""The words of urging notes."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from portal.directives.rules import State, Subject

REFUSALS: Mapping[str, LazyString] = {
    "urging.answered": _l("This note was answered already; the answer stands."),
    "urging.empty_reply": _l("Write the reply, or attach the letter."),
    "urging.impossible_day": _l("The reply cannot be earlier than the note (%(issued)s) nor later than today."),
    "urging.no_office": _l("Urging notes are issued in the name of an office; you hold no post in one today."),
    "urging.not_yours": _l("The head of the unit answers, or the office that urged it records its letter."),
    "urging.nothing_owed": _l("Meanwhile this unit owes nothing of the kind; no note was issued."),
    "urging.yourself": _l("Nobody urges himself; the office or the head above does."),
    "urging.urged_meanwhile": _l("This unit was urged about the same a moment ago; look at that note first."),
}
SUBJECTS: Mapping[str, LazyString] = {
    Subject.OVERDUE: _l("cases overdue"),
    Subject.EXPLANATIONS: _l("explanations not handed in"),
    Subject.APOLOGIES: _l("letters of apology not sent"),
}
STATES: Mapping[str, tuple[LazyString, str, str | None]] = {
    State.ISSUED: (_l("waits for a reply"), "warning", "clock"),
    State.ANSWERED: (_l("answered"), "success", "check"),
    State.LAPSED: (_l("not answered, urged again"), "secondary", None),
}
