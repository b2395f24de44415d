"""Forms of follow-ups."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from portal.accountability.followups.messages import FORMS, MEASURES
from portal.web.forms import DayField, PortalForm

LONGEST_TEXT = 2000


class FollowupForm(PortalForm):
    """A measure with its decision and the breaches it rests on."""

    measure = SelectField(
        _l("Measure"), [InputRequired()], choices=[SelectChoice(code, words) for code, words in MEASURES.items()]
    )
    form = SelectField(
        _l("Form of discipline"),
        [Optional()],
        choices=[SelectChoice("", _l("– only for discipline –")), *(SelectChoice(*pair) for pair in FORMS.items())],
        description=_l("Lower pay step and demotion exist only in decisions before 01/07/2025."),
    )
    decided_on = DayField(_l("Day of the decision"), [DataRequired()])
    decision_number = StringField(_l("Decision number"), [Optional(), Length(max=100)])
    signer = StringField(_l("Signed by"), [Optional(), Length(max=200)])
    note = TextAreaField(_l("Note"), [Optional(), Length(max=LONGEST_TEXT)])
    grounds = SelectMultipleField(_l("Breaches on which it rests"), coerce=int, validate_choice=False)
    violations = SelectMultipleField(_l("Violations on which it rests"), coerce=int, validate_choice=False)


class CancelForm(PortalForm):
    """Why a follow-up is cancelled."""

    reason = TextAreaField(_l("Reason"), [Optional(), Length(max=LONGEST_TEXT)])
