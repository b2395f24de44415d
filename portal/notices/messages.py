"""The words of notices and of the outbox."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from portal.notices.rules import MailState, What

REFUSALS: Mapping[str, LazyString] = {
    "notices.body_gone": _l("The text of this mail was erased with time; what it said stands in the portal."),
    "notices.is_a_duty": _l("A duty cannot be switched off. Nothing was changed."),
    "notices.mail_is_off": _l("No mail leaves this portal: no mail server is set, or it is a demonstration."),
    "notices.no_address": _l(
        "No mail address is known for this person, or they hold no post today. Enter it in the directory first."
    ),
    "notices.no_person": _l("Only people have notices."),
}
STATES: Mapping[str, tuple[LazyString, str, str | None]] = {
    MailState.WAITING: (_l("waiting"), "info", "clock"),
    MailState.SENT: (_l("sent"), "success", "check"),
    MailState.FAILED: (_l("could not be sent"), "overdue", "warning"),
    MailState.DROPPED: (_l("not sent: the person left"), "secondary", None),
}
"""Words, tone and icon of a mail's state."""
WHATS: Mapping[str, LazyString] = {
    What.DIGEST: _l("mail of the day"),
    What.TEST: _l("test mail"),
    What.LETTER: _l("letter to an applicant"),
}
