"""How the road of a letter says no, and the words of its codes."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

REFUSALS: Mapping[str, LazyString] = {
    "apologies.not_now": _l("This step is not possible while the letter is in its present state."),
    "apologies.not_yours": _l("This step of the letter belongs to somebody else."),
    "apologies.not_the_signer": _l("Letters of this unit are signed by %(name)s today."),
    "apologies.no_signer": _l(
        "No head is posted in this unit or above it; the directory must name one before signing."
    ),
    "apologies.missing_addressee": _l("Write to whom the letter goes."),
    "apologies.missing_cause_text": _l("Write the reason for the delay in words for the applicant."),
    "apologies.missing_new_date": _l("Promise a new date: the case is still open."),
    "apologies.new_date_not_after_today": _l("The new date must lie after today, %(today)s."),
    "apologies.new_date_day_off": _l("%(day)s is no working day. The next working day is %(next)s."),
    "apologies.new_date_unknown_day": _l("The calendar knows no working days for %(day)s yet."),
    "apologies.form_changed": _l(
        "The case or the form in force has changed since the letter was written. Send it back; it must be drafted anew."
    ),
    "apologies.issued_out_of_order": _l(
        "The day of the letter lies between its signing, %(first)s, and today, %(last)s."
    ),
    "apologies.proof_missing": _l(
        "Write how it can be proved that the letter was sent: number of the item, message, receipt."
    ),
    "apologies.sent_out_of_order": _l(
        "The moment of sending lies between the day of the letter, %(first)s, and now, %(last)s."
    ),
    "apologies.exempt_needs_evidence": _l("An exemption needs its reason in words and its evidence."),
    "apologies.own_exemption": _l("Nobody exempts himself: another head or the monitoring office approves it."),
    "apologies.comment_missing": _l("Say what must be changed."),
}

FORMS: Mapping[str, LazyString] = {
    "apology_2018": _l("Circular 01/2018: apology and new date"),
    "apology_2025": _l("Circular 03/2025, form 04: apology and extension"),
    "apology_short": _l("Short letter: the case is finished"),
}
CHANNELS: Mapping[str, LazyString] = {
    "paper": _l("on paper, by hand or post"),
    "online": _l("through the public service portal"),
    "sms": _l("by text message"),
    "zalo": _l("by Zalo"),
    "email": _l("by e-mail"),
}
EXEMPT_REASONS: Mapping[str, LazyString] = {
    "force_majeure": _l("force majeure"),
    "secrecy": _l("state secret, security"),
    "applicant_default": _l("the applicant did not provide what the law demands"),
}
STATES: Mapping[str, LazyString] = {
    "waiting": _l("to be drafted"),
    "draft": _l("draft"),
    "signed": _l("signed, without number"),
    "numbered": _l("numbered, not sent"),
    "sent": _l("sent"),
    "exempt": _l("exempt"),
    "cancelled": _l("cancelled"),
}
DESKS: Mapping[str, LazyString] = {
    "to_draft": _l("To draft"),
    "to_sign": _l("To sign"),
    "to_number": _l("To number"),
    "to_send": _l("To send"),
    "all": _l("All letters"),
}
