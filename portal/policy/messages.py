"""How the rule set says no, and what its keys are called."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

REFUSALS = {
    "policy.no_value": _l("No value of %(key)s is in force on %(on)s. Run portal upgrade."),
    "policy.no_form": _l("No form of the letter is in force on %(on)s."),
    "policy.bad_value": _l("%(key)s cannot hold this value, or does not exist."),
    "policy.basis_missing": _l("A value is set with its basis: the document that says so."),
}

LABELS = {
    "ontime.floor_pct": _l("Floor of R1 (%)"),
    "ontime.colour_bands": _l("Lowest R1 of green, yellow, orange (%)"),
    "calendar.next_year_from": _l("From this day on a missing calendar of the next year is an alarm (month-day)"),
    "cases.due_soon_days": _l("Due soon from so many working days before"),
    "cases.last_hour_rule": _l("Cases received in the last office hour count from the next working day"),
    "explanation.days": _l("Working days to explain: officer, section head, head"),
    "explanation.section_step": _l("The section head reads before the head"),
    "explanation.reminders_after_days": _l("Reminders so many working days after the term"),
    "explanation.escalate_after_days": _l("The next head up is told so many working days after the term"),
    "explanation.return_max": _l("Times an explanation may be returned"),
    "explanation.similar_text_pct": _l("From this likeness on, a text is pointed out as like another (%)"),
    "explanation.supplement_every_days": _l("Supplementary explanation every so many working days while open"),
    "explanation.question_days": _l("Working days for another body to answer a question"),
    "explanation.objection_days": _l("Working days for the officer to object to a conclusion"),
    "explanation.objection_decision_days": _l("Working days for the next head up to decide an objection"),
    "incidents.mass_overdue": _l("Terms missed on one day that are unusual: least, times the usual, days looked back"),
    "violations.stalled_after_days": _l("Overdue cases without a step count as left lying after so many working days"),
    "apology.opens_at": _l("When the duty to apologise is opened"),
    "accountability.cut_over": _l("Day of first use; older breaches are kept apart"),
    "accountability.legacy_days": _l("Common term for breaches older than first use, in working days"),
    "evaluation.year": _l("Evaluation year (month-day)"),
    "evaluation.small_n": _l("No cap from a percentage below so many cases"),
    "evaluation.shared_weight_pct": _l("Weight of a shared blame in evaluation (%)"),
    "evaluation.late_explanations_cap": _l("Late explanations may cap a rating"),
    "figures.distribution_min_n": _l("Smallest group shown without names"),
    "figures.quarter_starts_day": _l("Report quarters start on this day of the month"),
    "public_list.enabled": _l("Public list of late officers"),
    "public_list.removed_after_months": _l("Months after which a public list is removed"),
    "notices.mail_hours": _l("Hours of a working day in which mail leaves"),
    "urging.reply_days": _l("Working days to answer an urging note"),
    "uploads.keep_days": _l("Days uploaded files are kept"),
    "api.calls_per_minute": _l("Calls of one API token a minute"),
}

# Words that stand inside values.
WORDS = {
    "breach": _l("when the breach is recorded"),
    "day_before": _l("one working day before the due day"),
    "green": _l("green"),
    "yellow": _l("yellow"),
    "orange": _l("orange"),
    "officer": _l("officer"),
    "section": _l("section head"),
    "head": _l("head"),
    "starts": _l("from"),
    "ends": _l("to"),
    "least": _l("at least"),
    "times": _l("times the usual"),
    "look_back_days": _l("working days looked back"),
}
