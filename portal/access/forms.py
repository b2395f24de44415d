"""The forms of sign-in and accounts: shape only."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from portal.access.rules import LONGEST
from portal.web.forms import PortalForm

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
