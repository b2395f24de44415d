"""Shapes of what an administrator types about days off."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import SelectChoice, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional

from portal.calendars.rules import DayKind
from portal.deadlines import DayStatus
from portal.vietnamese import clean, clean_text
from portal.web.forms import DayField, PortalForm

KINDS = [
    SelectChoice(DayKind.OFF.value, _l("Day off")),
    SelectChoice(DayKind.MAKE_UP.value, _l("Make-up working day")),
]
STATUSES = [
    SelectChoice(DayStatus.CONFIRMED.value, _l("Confirmed")),
    SelectChoice(DayStatus.UNCONFIRMED.value, _l("Unconfirmed")),
]


def _line(value: str | None) -> str:
    return clean(value or "")


def _text(value: str | None) -> str:
    return clean_text(value or "")


class DayForm(PortalForm):
    """A day off or a make-up day, with its document and the reason for the change."""

    day = DayField(_l("Day"), [DataRequired()])
    kind = SelectField(_l("Kind"), choices=KINDS)
    name = StringField(_l("Name"), [DataRequired(), Length(max=200)], filters=[_line])
    document = StringField(_l("Document"), [DataRequired(), Length(max=300)], filters=[_line])
    status = SelectField(_l("Status"), choices=STATUSES)
    doubt = StringField(_l("What is doubtful"), [Optional(), Length(max=500)], filters=[_line])
    reason = TextAreaField(_l("Reason for the change"), [DataRequired(), Length(max=1000)], filters=[_text])


class ReasonForm(PortalForm):
    """A change that needs nothing but its reason."""

    reason = StringField(_l("Reason for the change"), [DataRequired(), Length(max=1000)], filters=[_line])


class CountForm(PortalForm):
    """Two days between which the working days are told one by one; a GET form."""

    class Meta(PortalForm.Meta):
        csrf = False

    start = DayField(_l("From"), [DataRequired()])
    end = DayField(_l("To"), [DataRequired()])
