"""The words of incidents and questions: how they say no, states, and what an interval touched."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from portal.accountability.incidents.rules import Confirms, Overlap, QuestionState, State, Stops, Way

REFUSALS: Mapping[str, LazyString] = {
    "incidents.not_your_unit": _l("Only the monitoring office and the head of the unit declare for this unit."),
    "incidents.not_your_case": _l("Only who holds the case says that an incident touched it."),
    "incidents.description_missing": _l("Say which system failed and what happened; what you typed is kept below."),
    "incidents.begins_in_future": _l("The incident cannot begin in the future."),
    "incidents.ends_before_begin": _l("The incident ends before it begins. Check both moments."),
    "incidents.ends_in_future": _l("The end lies in the future. Leave it empty while the incident lasts."),
    "incidents.reason_missing": _l("Say why."),
    "incidents.not_authority": _l("Only the IT authority of this level decides about an incident."),
    "incidents.own_declaration": _l("Who declared an incident does not confirm it himself."),
    "incidents.not_possible": _l(
        "This is not possible any more: the incident was decided meanwhile. Look at it again."
    ),
    "incidents.no_codes": _l("Type at least one case code."),
    "incidents.taken_off_already": _l("This case was taken off already."),
    "questions.not_possible": _l("This question was answered or withdrawn meanwhile. Look at it again."),
    "questions.body_missing": _l("Choose the unit or name the body that is asked."),
    "questions.text_missing": _l("Write what the body is asked; name the transfer number and its day."),
    "questions.own_unit": _l("A unit does not ask itself. Say «not mine» where a colleague held the case."),
    "questions.asked_already": _l(
        "This body was asked already and has not answered yet. To ask anew, withdraw that question first."
    ),
    "questions.not_yours": _l("Only who owes the answer, or who concludes, asks another body."),
    "questions.not_open": _l("The explanation is concluded or cancelled; nobody waits for an answer any more."),
    "questions.further_not_open": _l(
        "This supplementary explanation is handed in or no longer owed; no term waits for an answer."
    ),
    "questions.clock_stands": _l("The term stands already because of «not mine»; ask when the head has answered."),
    "questions.answer_missing": _l("Write what the body says."),
    "questions.letter_missing": _l("Give number and date of the letter by which the body answered."),
    "questions.day_in_future": _l("A day of receipt or return lies in the future."),
    "questions.returned_before_received": _l("The body returned the case before it received it. Check both days."),
    "questions.not_the_body": _l("Only the unit that was asked answers here; its letter is recorded by who asked."),
}

STATES: Mapping[str, LazyString] = {
    State.PROPOSED: _l("suspected by the portal"),
    State.DECLARED: _l("declared, waits for the IT authority"),
    State.CONFIRMED: _l("confirmed"),
    State.REFUSED: _l("not confirmed"),
    State.DISMISSED: _l("looked into, no incident"),
    State.WITHDRAWN: _l("declaration withdrawn"),
}
TONES: Mapping[str, tuple[str, str]] = {
    State.PROPOSED: ("warning", "info"),
    State.DECLARED: ("warning", "clock"),
    State.CONFIRMED: ("success", "check"),
    State.REFUSED: ("secondary", "cross"),
    State.DISMISSED: ("secondary", "cross"),
    State.WITHDRAWN: ("secondary", "cross"),
}
"""Tone and sign of the tag of each state."""

OVERLAPS: Mapping[str, LazyString] = {
    Overlap.TERM: _l("within the term"),
    Overlap.AFTER_DUE: _l("only after the due day"),
    Overlap.NONE: _l("not while the case lay open"),
}

QUESTION_STATES: Mapping[str, LazyString] = {
    QuestionState.ASKED: _l("waits for the answer"),
    QuestionState.ANSWERED: _l("answered"),
    QuestionState.WITHDRAWN: _l("question withdrawn"),
}
CONFIRMS: Mapping[str, LazyString] = {
    Confirms.YES: _l("confirms the delay on its side"),
    Confirms.PARTLY: _l("confirms a part of it"),
    Confirms.NO: _l("does not confirm it"),
}
WAYS: Mapping[str, LazyString] = {
    Way.PORTAL: _l("answered in the portal"),
    Way.LETTER: _l("by letter, recorded here"),
}
STOPPED: Mapping[str, LazyString] = {
    Stops.ANSWER: _l("The term of the explanation stands until the body answers, at most until its own term is over."),
    Stops.DECISION: _l("The term of the conclusion stands until the body answers, at most until its own term is over."),
    Stops.NONE: _l("No term stands: this body was waited for once already."),
}
