"""The words of violations and complaints."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from portal.accountability.violations.rules import Blame, Finding, Kind, Origin, State

REFUSALS: Mapping[str, LazyString] = {
    "violations.text_missing": _l("Write what was found; what you typed is kept below."),
    "violations.day_in_future": _l("A day lies in the future."),
    "violations.found_before": _l("It cannot be found before it happened. Check both days."),
    "violations.cause_missing": _l("Choose how it came to this."),
    "violations.answer_missing": _l("Write your answer; what you typed is kept below."),
    "violations.reason_missing": _l("Give the grounds."),
    "violations.not_your_unit": _l("You do not record violations of this unit."),
    "violations.no_such_person": _l("This person holds no posting in the units you answer for."),
    "violations.own_matter": _l("Nobody dismisses a suspicion that concerns himself."),
    "violations.not_holder": _l("Only whom it concerns answers, or who stands in for him."),
    "violations.not_decider": _l("Only the head who concludes for this unit decides; never whom it concerns."),
    "violations.not_possible": _l("This is not possible any more: it was decided meanwhile. Look at it again."),
    "violations.returned_enough": _l("It was returned as often as allowed; conclude now."),
    "violations.term_runs": _l("The term to answer runs until %(due_on)s; conclude after it."),
    "violations.finding_and_blame": _l("Nobody is to blame for what was not found."),
    "violations.measure_unknown": _l("Choose measures of the list."),
    "violations.reply_missing": _l(
        "A complaint of the hotline is concluded with the reply to its author: when and how."
    ),
    "violations.case_unknown": _l("No case you may read has this code. Check it, or leave it empty."),
}
KINDS: Mapping[str, LazyString] = {
    Kind.PREMATURE_CLOSURE: _l("Closed without a result"),
    Kind.FALSIFIED_DATA: _l("Data made to look in time"),
    Kind.STALLED: _l("Accepted and left lying"),
    Kind.OUTSIDE_SYSTEM: _l("Received outside the system"),
    Kind.ATTITUDE: _l("Complaint about attitude"),
}
ORIGINS: Mapping[str, LazyString] = {
    Origin.PORTAL: _l("seen in the data"),
    Origin.PERSON: _l("found by a person"),
    Origin.HOTLINE: _l("hotline"),
}
STATES: Mapping[str, LazyString] = {
    State.SUSPECTED: _l("suspicion, accuses nobody yet"),
    State.WAITING: _l("waits for the answer of whom it concerns"),
    State.ANSWERED: _l("answered, waits for the conclusion"),
    State.RETURNED: _l("returned for rework"),
    State.CONCLUDED: _l("conclusion drawn"),
    State.DISMISSED: _l("looked into, nothing to explain"),
}
TONES: Mapping[str, tuple[str, str]] = {
    State.SUSPECTED: ("secondary", "info"),
    State.WAITING: ("warning", "clock"),
    State.ANSWERED: ("info", "check"),
    State.RETURNED: ("danger", "back"),
    State.CONCLUDED: ("success", "check"),
    State.DISMISSED: ("secondary", "cross"),
}
"""Tone and sign of the tag of each state."""
FINDINGS: Mapping[str, LazyString] = {
    Finding.FOUNDED: _l("it is so"),
    Finding.PARTLY: _l("it is so in part"),
    Finding.UNFOUNDED: _l("it is not so"),
}
BLAMES: Mapping[str, LazyString] = {
    Blame.FULL: _l("his or her own fault"),
    Blame.SHARED: _l("a shared fault"),
    Blame.NONE: _l("nobody's fault"),
}
CAUSES: Mapping[str, LazyString] = {
    "to_be_in_time": _l("To appear in time"),
    "result_not_entered": _l("The result exists, its number was not entered"),
    "closed_by_mistake": _l("Closed by mistake"),
    "closed_by_software": _l("Closed by the software itself"),
    "lawful_unrecorded": _l("A lawful pause or extension that was not recorded"),
    "told_by_superior": _l("Told to do so"),
    "typed_wrongly": _l("A wrong date was put right"),
    "waits_for_body": _l("Waits for another body"),
    "waits_for_guidance": _l("Waits for guidance of the level above"),
    "dispute": _l("Dispute or complaint about the matter"),
    "forgotten": _l("Overlooked"),
    "handed_over": _l("Not handed over when officers changed"),
    "system_down": _l("The system did not work"),
    "urgent": _l("It was urgent"),
    "applicant_asked": _l("The applicant asked for it"),
    "habit": _l("Usual practice of the unit"),
    "misunderstanding": _l("Misunderstanding"),
    "pressure": _l("Crowded desk"),
    "admitted": _l("Admitted"),
    "denied": _l("Denied"),
    "other": _l("Something else, told below"),
}
MEASURES: Mapping[str, LazyString] = {
    "reopen_case": _l("Open the case again and finish it properly"),
    "hand_over_result": _l("Enter the result and hand it over"),
    "apologise": _l("Apologise to the citizen"),
    "restore_data": _l("Restore the true dates in the source"),
    "check_other_cases": _l("Check the other cases of the same officer"),
    "settle_by_date": _l("Settle the case by the day below"),
    "reassign_case": _l("Give the case to another officer"),
    "enter_case": _l("Enter the case into the system"),
    "answer_complainant": _l("Answer who complained"),
    "change_desk": _l("Change the work at the desk"),
}
WAITING: Mapping[str, LazyString] = {
    "to_answer": _l("waits for my answer"),
    "to_conclude": _l("waits for my conclusion"),
    "suspected": _l("suspected, to look into"),
}
"""The lists the home page leads to."""
