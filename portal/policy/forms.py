"""Shape of a value set by an administrator: JSON, because a value may be a number, a flag, a day or a small table."""

from __future__ import annotations

import json
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, SelectChoice, SelectField, StringField, ValidationError
from wtforms.validators import DataRequired, Length

from portal.policy.messages import LABELS
from portal.policy.rules import KEYS
from portal.vietnamese import clean
from portal.web.forms import DayField, PortalForm


class OnForm(PortalForm):
    """The day whose rules are shown; a GET form."""

    class Meta(PortalForm.Meta):
        csrf = False

    on = DayField(_l("In force on"))


class ValueForm(PortalForm):
    """One key, its new value, the day it comes into force and its basis."""

    key = SelectField(_l("Rule"), choices=[SelectChoice(key, LABELS[key]) for key in KEYS])
    text = StringField(
        _l("Value"),
        [DataRequired(), Length(max=300)],
        description=_l('As the table shows it: 95, true, null, "2026-01-01", {"officer": 3, "section": 2, "head": 3}'),
    )
    valid_from = DayField(_l("In force from"), [DataRequired()])
    basis = StringField(_l("Basis"), [DataRequired(), Length(max=300)], filters=[lambda value: clean(value or "")])

    def validate_text(self, field: StringField) -> None:
        """The value can be read."""
        try:
            json.loads(field.data)
        except ValueError as error:
            raise ValidationError(_("This value cannot be read.")) from error

    confirmed = HiddenField()

    @property
    def value(self) -> Any:
        """The value itself."""
        return json.loads(self.text.data)
