"""The words of follow-ups: how they say no, measures and forms of discipline."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from portal.accountability.followups.rules import Form, Measure

REFUSALS: Mapping[str, LazyString] = {
    "followups.no_grounds": _l("Choose at least one breach on which this rests."),
    "followups.in_future": _l("The day of the decision lies in the future."),
    "followups.form_not_in_force": _l("Choose a form of discipline that was in force on the day of the decision."),
    "followups.no_decision_number": _l("Discipline needs the number of its decision."),
    "followups.no_signer": _l("Discipline needs the name of who signed the decision."),
    "followups.form_without_discipline": _l("Only discipline has a form; leave it empty for any other measure."),
    "followups.not_himself": _l("Nobody records a follow-up against himself."),
    "followups.not_his_breaches": _l(
        "A chosen breach is not this person's, was cancelled, or lies outside what you answer for."
    ),
    "followups.reason_missing": _l("Say why it is cancelled."),
    "followups.cancelled_already": _l("This follow-up was cancelled already."),
}

MEASURES: Mapping[str, LazyString] = {
    Measure.REMINDER: _l("Reminder"),
    Measure.LESSON: _l("Lesson drawn"),
    Measure.CRITICISM: _l("Criticism"),
    Measure.SELF_REVIEW: _l("Self-review"),
    Measure.TRANSFER: _l("Transfer to other work"),
    Measure.DISCIPLINE: _l("Discipline"),
}

FORMS: Mapping[str, LazyString] = {
    Form.REPRIMAND: _l("Reprimand"),
    Form.WARNING: _l("Warning"),
    Form.PAY_CUT: _l("Lower pay step"),
    Form.DEMOTION: _l("Demotion"),
    Form.REMOVAL: _l("Removal from post"),
    Form.DISMISSAL: _l("Dismissal"),
}
