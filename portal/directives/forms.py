"""Shape of urging and of the reply."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import HiddenField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from portal.web.forms import DayField, PortalForm

LONGEST_REPLY = 10_000


class UrgeForm(PortalForm):
    """Which units are urged; those of the list are passed in."""

    units = SelectMultipleField(_l("Units"), [InputRequired()], coerce=int)


class ReplyForm(PortalForm):
    """What the unit says, or its letter."""

    reply = TextAreaField(_l("Reply"), [Optional(), Length(max=LONGEST_REPLY)])
    document = StringField(_l("Number and date of its letter"), [Optional(), Length(max=300)])
    replied_on = DayField(_l("Replied on"), [InputRequired()])
    file = FileField(_l("The letter (PDF or picture)"), [Optional()])
    version = HiddenField(default="1")
