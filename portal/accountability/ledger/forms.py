"""Forms of the ledger."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import HiddenInput

from portal.web.forms import PortalForm

LONGEST_TEXT = 2000


class ProposeForm(PortalForm):
    """Which facts prove that the term was not missed."""

    reason = TextAreaField(
        _l("Which facts prove that the term was not missed?"),
        [Optional(), Length(max=LONGEST_TEXT)],
        description=_l("For example: lawful pause by document no. …, or the true end moment and its proof."),
    )


class DecideForm(PortalForm):
    """Approve or decline a proposal."""

    version = IntegerField(widget=HiddenInput(), validators=[InputRequired()])
    reason = TextAreaField(_l("Reason"), [Optional(), Length(max=LONGEST_TEXT)])
