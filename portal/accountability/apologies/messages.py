"""How the road of a letter says no, and the words of its codes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

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
    "apologies.second_new_date": _l(
        "A new date was already promised once for the term that ended on %(due)s; a second one is not allowed. Finish "
        "the case and send the short letter, and report the delay to your head."
    ),
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
    "apologies.no_email": _l("No e-mail of the applicant is recorded with this letter; send it in another way."),
    "apologies.not_signed_yet": _l("Bring the signed letter first: a scan, or the PDF signed electronically."),
    "apologies.mailed_already": _l("This letter is in the outbox already; wait for the answer of the mail server."),
    "apologies.proof_kind": _l(
        "%(name)s is no picture of a proof. Bring the receipt or the message as pdf, png or jpg. Nothing was kept."
    ),
    "apologies.not_sent_yet": _l("The letter is not recorded as sent yet; its proof comes with the sending."),
    "apologies.sent_out_of_order": _l(
        "The moment of sending lies between the day of the letter, %(first)s, and now, %(last)s."
    ),
    "apologies.exempt_needs_evidence": _l("An exemption needs its reason in words and its evidence."),
    "apologies.own_exemption": _l("Nobody exempts himself: another head or the monitoring office approves it."),
    "apologies.pdf_missing": _l(
        "The letter was made from the unit's own Word file and has no PDF yet. Save it as PDF in Word and bring it "
        "first."
    ),
    "apologies.pdf_differs": _l(
        "This PDF is not the numbered letter: it does not say %(missing)s. Save the Word file of this letter as PDF. "
        "Nothing was kept."
    ),
    "apologies.template_not_yours": _l("Own forms are kept by the head of the unit or the administrator."),
    "apologies.template_not_tried": _l("Try the form with the sample letter before it is used."),
    "apologies.template_unusable": _l("The form has unknown or missing placeholders; correct the Word file first."),
    "apologies.template_past": _l("A form is used from today on or later, never for days gone by."),
    "apologies.not_your_register": _l("The register of this unit is kept by its clerk."),
    "apologies.not_issued": _l("The letter has no number yet; only the numbered letter is signed in the end."),
    "apologies.scan_kind": _l("%(name)s is no scan. Upload the scanned letter as pdf, png or jpg. Nothing was kept."),
    "apologies.signed_kind": _l("%(name)s is no PDF. Upload the PDF that was signed with the token. Nothing was kept."),
    "apologies.comment_missing": _l("Say what must be changed."),
}

FORMS: Mapping[str, LazyString] = {
    "apology_2018": _l("Circular 01/2018: apology and new date"),
    "apology_2025": _l("Circular 03/2025, form 04: apology and extension"),
    "apology_short": _l("Short letter: the case is finished"),
}
WAYS: Mapping[str, LazyString] = {
    "paper": _l("signed on paper, scanned"),
    "token": _l("signed electronically by the signer"),
    "seal": _l("sealed electronically by the agency"),
}
NUMBER_STATES: Mapping[str, LazyString] = {
    "reserved": _l("kept back"),
    "used": _l("in use"),
    "cancelled": _l("number cancelled"),
}


@dataclass(frozen=True)
class BatchWords:
    """What a step for many letters says of itself."""

    title: LazyString
    lead: LazyString
    button: LazyString


BATCHES: Mapping[str, BatchWords] = {
    "hand-in": BatchWords(
        _l("One reason for these letters?"),
        _l("Write once; each case keeps a letter of its own, and each applicant stands by name in it."),
        _l("Hand in for signature"),
    ),
    "sign": BatchWords(
        _l("Sign these letters?"),
        _l("You sign each letter as it stands here; a tick taken away leaves it unsigned."),
        _l("Sign the ticked letters"),
    ),
    "number": BatchWords(
        _l("Number these letters?"),
        _l("Each draws the next number of the register of its unit, the oldest term first."),
        _l("Number the ticked letters"),
    ),
    "send": BatchWords(
        _l("Were these letters sent together?"),
        _l("One channel, one moment and one proof for all; what differs stands in the row of each."),
        _l("Record as sent"),
    ),
}
FATES: Mapping[str, LazyString] = {
    "outside": _l("used for a document outside the portal"),
    "cancelled": _l("used for nothing; it is cancelled"),
}
TEMPLATE_KINDS: Mapping[str, LazyString] = {
    "reappointment": _l("letters with a new date"),
    "short": _l("short letters of finished cases"),
}
CHANNELS: Mapping[str, LazyString] = {
    "paper": _l("on paper, by hand or post"),
    "online": _l("through the public service portal"),
    "sms": _l("by text message"),
    "zalo": _l("by Zalo"),
    "email": _l("by e-mail"),
}
CANCEL_REASONS: Mapping[str, LazyString] = {
    "in_time": _l("The case ended in time, so no letter is due."),
    "term_moved": _l("The term was moved by a lawful pause before it was missed, so no letter is due yet."),
}
"""Why the machine cancelled a letter that no breach belongs to."""
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
    "returned": _l("Came back"),
    "missed": _l("New date missed"),
    "promised": _l("New date promised"),
    "all": _l("All letters"),
}
