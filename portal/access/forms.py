"""The forms of sign-in and accounts: shape only."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, PasswordField, SelectChoice, SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional

from portal.access.messages import ABSENCE_REASONS
from portal.access.rules import LONGEST
from portal.web.forms import DayField, PortalForm

USERNAME_LENGTH = 64


class SignInForm(PortalForm):
    """User name and password, and where to go afterwards."""

    username = StringField(
        _l("User name"),
        [InputRequired(_l("Type your user name.")), Length(max=USERNAME_LENGTH)],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"},
    )
    password = PasswordField(
        _l("Password"),
        [InputRequired(_l("Type your password.")), Length(max=4 * LONGEST)],
        render_kw={"autocomplete": "current-password"},
    )
    next = HiddenField()


class PasswordForm(PortalForm):
    """One's own new password, typed twice, after the present one."""

    current = PasswordField(
        _l("Present password"),
        [InputRequired(_l("Type the password you have now.")), Length(max=4 * LONGEST)],
        render_kw={"autocomplete": "current-password"},
    )
    password = PasswordField(
        _l("New password"),
        [InputRequired(_l("Type a new password.")), Length(max=4 * LONGEST)],
        render_kw={"autocomplete": "new-password"},
    )
    again = PasswordField(
        _l("New password once more"),
        [InputRequired(_l("Type the new password once more.")), Length(max=4 * LONGEST)],
        render_kw={"autocomplete": "new-password"},
    )


class AccountForm(PortalForm):
    """The user name of a new account."""

    username = StringField(
        _l("User name"),
        [InputRequired(_l("Type a user name.")), Length(max=USERNAME_LENGTH)],
        render_kw={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"},
    )


class AbsenceForm(PortalForm):
    """When a person is away, why, and who acts for them. The choices of people are passed in."""

    stand_in = SelectField(_l("Stand-in"), coerce=int)
    reason = SelectField(_l("Reason"), choices=[SelectChoice(name, words) for name, words in ABSENCE_REASONS.items()])
    first_day = DayField(_l("First day of absence"), [InputRequired(_l("Type the first day."))])
    last_day = DayField(_l("Last day of absence"), [InputRequired(_l("Type the last day."))])
    document = StringField(_l("Document"), [Optional(), Length(max=200)])
    note = StringField(_l("What the stand-in must know"), [Optional(), Length(max=1000)])


class BackForm(PortalForm):
    """The day on which the person works again."""

    back_on = DayField(_l("Back on"), [InputRequired(_l("Type the day."))])
