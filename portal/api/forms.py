"""The form of a new token: shape only."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import SelectChoice, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from portal.api.messages import SCOPES
from portal.guard import Scope
from portal.web.forms import DayField, PortalForm


class TokenForm(PortalForm):
    """For which source, what it may do, how long."""

    name = StringField(
        _l("Name of the token"),
        [InputRequired(_l("Say which system or program will use it.")), Length(max=100)],
        description=_l("Such as the program that sends: it stands in the trail and beside its batches."),
    )
    source = StringField(
        _l("Source"),
        [InputRequired(_l("Say which source it writes for.")), Length(max=200)],
        description=_l("The token writes and reads only what is of this source. A new name makes a new source."),
    )
    scopes = SelectMultipleField(
        _l("What it may do"),
        choices=[SelectChoice(scope.value, words) for scope, words in SCOPES.items()],
        default=[Scope.CASES_WRITE.value, Scope.BATCHES_READ.value],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    expires_on = DayField(_l("Last day"), [InputRequired(_l("Say until which day it is good."))])
