"""Shapes of what is typed about incidents."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import lazy_gettext as _l
from wtforms import SelectField, StringField, TextAreaField
from wtforms.fields import HiddenField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from portal.vietnamese import clean, clean_text
from portal.web.forms import MomentField, PortalForm

LONGEST_TEXT = 4000


def line(value: str | None) -> str:
    """One line, in composed Unicode without stray blanks."""
    return clean(value or "")


def lines(value: str | None) -> str:
    """Some lines, in composed Unicode."""
    return clean_text(value or "")


class IncidentForm(PortalForm):
    """What failed, for whom, from when to when."""

    unit_id = SelectField(_l("Unit it touched, with what reports to it"), [InputRequired()], coerce=int)
    source_id = SelectField(_l("System of the case lists"), coerce=int)
    system = StringField(
        _l("What failed"),
        [DataRequired(), Length(max=200)],
        filters=[line],
        description=_l("The system or connection in a few words, as its operator calls it."),
    )
    started_at = MomentField(_l("Began"), [DataRequired()])
    ended_at = MomentField(_l("Ended"), [Optional()], description=_l("Leave it empty while it lasts."))
    description = TextAreaField(
        _l("What happened and what could not be done"), [DataRequired(), Length(max=LONGEST_TEXT)], filters=[lines]
    )
    told = StringField(
        _l("How and when the IT authority was told"),
        [Optional(), Length(max=300)],
        filters=[line],
        description=_l("Number of the ticket or letter, hour of the call."),
    )
    version = HiddenField(default="1")

    def offer(self, units: Sequence[tuple[int, str]], sources: Sequence[tuple[int, str]]) -> None:
        """Put the units one answers for and the known systems into the choices."""
        self.unit_id.choices = [SelectChoice(*unit) for unit in units]
        none = SelectChoice(0, _l("none of these"))
        self.source_id.choices = [none, *(SelectChoice(*source) for source in sources)]


class DecisionForm(PortalForm):
    """What the IT authority says: from when to when, or why not."""

    started_at = MomentField(_l("Confirmed from"), [Optional()])
    ended_at = MomentField(_l("Confirmed to"), [Optional()])
    document = StringField(_l("Document of the confirmation"), [Optional(), Length(max=300)], filters=[line])
    reason = TextAreaField(_l("Grounds"), [Optional(), Length(max=LONGEST_TEXT)], filters=[lines])
    version = HiddenField(default="1")


class ReasonForm(PortalForm):
    """Why something is dismissed, withdrawn or taken off."""

    reason = TextAreaField(_l("Reason"), [Optional(), Length(max=LONGEST_TEXT)], filters=[lines])
    version = HiddenField(default="1")


class CodesForm(PortalForm):
    """Case codes, as they are pasted."""

    codes = TextAreaField(
        _l("Case codes"), [Optional(), Length(max=100_000)], description=_l("One a line, or parted by commas.")
    )
