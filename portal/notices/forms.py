"""Shape of what is sent from the pages of notices."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import SelectMultipleField
from wtforms.widgets import CheckboxInput, ListWidget

from portal.web.forms import PortalForm


class ChoicesForm(PortalForm):
    """Which of the optional kinds one wants; the kinds are passed in."""

    kinds = SelectMultipleField(
        _l("I want to be told"), option_widget=CheckboxInput(), widget=ListWidget(prefix_label=False)
    )
