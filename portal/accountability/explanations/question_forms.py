"""Shapes of questions to other bodies and of their answers."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import RadioField, SelectField, StringField, TextAreaField
from wtforms.fields import HiddenField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from portal.accountability.incidents.forms import LONGEST_TEXT, line, lines
from portal.accountability.incidents.messages import CONFIRMS
from portal.web.forms import DayField, PortalForm


class QuestionForm(PortalForm):
    """Who is asked, about what, and when the case was handed over."""

    unit_id = SelectField(
        _l("Unit of this portal"), coerce=int, description=_l("Its head is asked in the portal and answers there.")
    )
    body = StringField(
        _l("Or another body"),
        [Optional(), Length(max=300)],
        filters=[line],
        description=_l("The tax office, for example: send it the question by letter and record its answer here."),
    )
    transfer_number = StringField(_l("Number of the transfer"), [Optional(), Length(max=100)], filters=[line])
    transferred_on = DayField(_l("Handed over on"), [Optional()])
    text = TextAreaField(
        _l("Question"),
        [Optional(), Length(max=LONGEST_TEXT)],
        filters=[lines],
        description=_l("What the body held, since when, and what it is asked to confirm."),
    )

    def offer(self, units: Sequence[tuple[int, str]]) -> None:
        """Put the units of the portal into the choice."""
        none = SelectChoice(0, _l("– not a unit of this portal –"))
        self.unit_id.choices = [none, *(SelectChoice(*unit) for unit in units)]


class BodyAnswerForm(PortalForm):
    """What the body says, and by which letter."""

    confirms = RadioField(
        _l("What the body says"),
        [InputRequired()],
        choices=[SelectChoice(code, words) for code, words in CONFIRMS.items()],
    )
    received_on = DayField(_l("It received the case on"), [Optional()])
    returned_on = DayField(_l("It gave the case back on"), [Optional()])
    text = TextAreaField(_l("Its answer"), [Optional(), Length(max=LONGEST_TEXT)], filters=[lines])
    document = StringField(_l("Number and date of its letter"), [Optional(), Length(max=300)], filters=[line])
    file = FileField(_l("The letter (PDF or picture)"), [Optional()])
    version = HiddenField(default="1")


class WithdrawForm(PortalForm):
    """Why no answer is needed any more."""

    reason = TextAreaField(_l("Reason"), [Optional(), Length(max=LONGEST_TEXT)], filters=[lines])
    version = HiddenField(default="1")


class LinkForm(PortalForm):
    """Which incident touched the case."""

    incident_id = SelectField(_l("Incident"), coerce=int)
