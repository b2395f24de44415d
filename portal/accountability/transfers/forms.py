"""The form that hands duties over."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import lazy_gettext as _l
from wtforms import SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, Optional

from portal.web.forms import PortalForm

LONGEST_REASON = 500


class HandOverForm(PortalForm):
    """Who does the ticked duties from now on, and why."""

    to = SelectField(_l("Who does them from now on"), [Optional()], coerce=lambda said: int(said) if said else None)
    reason = TextAreaField(
        _l("Why"),
        [Optional(), Length(max=LONGEST_REASON)],
        description=_l("For example: transferred by decision no. …; on leave until …"),
    )

    def offer(self, people: Iterable[tuple[int, str]]) -> None:
        """The people who may be named."""
        named = [SelectChoice(str(ident), words) for ident, words in people]
        self.to.choices = [SelectChoice("", _l("– choose –")), *named]
