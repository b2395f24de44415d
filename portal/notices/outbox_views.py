"""The administrator's page of the outbox: what waits, what failed and why, a test mail."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import clock
from portal.database import commit
from portal.guard import Permission, permit, viewer
from portal.notices import actions, outbox, queries
from portal.notices.messages import STATES, WHATS
from portal.notices.queries import PAGE
from portal.notices.rules import MailState
from portal.notices.smtp import NotSent, open_post
from portal.notices.views import new_button
from portal.refusal import Refused
from portal.web.respond import done, or_404, page
from portal.web.words import sentence

bp = Blueprint("outbox", __name__, url_prefix="/outbox")


@bp.get("")
@permit(Permission.MANAGE_SETTINGS)
def index() -> ResponseReturnValue:
    """The outbox: failures first, or the mails of one state."""
    return page("notices/outbox.html", **_context())


@bp.post("/<int:mail_id>/retry")
@permit(Permission.MANAGE_SETTINGS)
def retry(mail_id: int) -> ResponseReturnValue:
    """Put a failed mail back; it leaves with the next run."""
    mail = or_404(queries.mail_by_id(mail_id))
    with commit():
        actions.try_again(mail, by=viewer(), at=clock.now(), on=clock.today())
    return done(_("The mail is back in the outbox."), url_for(".index"))


@bp.post("/test")
@permit(Permission.MANAGE_SETTINGS)
def test() -> ResponseReturnValue:
    """Write to the administrator himself, at once and at any hour, and show what the server answered."""
    try:
        with commit():
            number = outbox.write_test_mail(viewer().person_id or 0, by=viewer(), at=clock.now(), on=clock.today())
        with open_post(outbox.settings()) as post:
            outbox.hand_over(number, post, clock.today())
    except Refused as refused:
        return page("notices/outbox.html", status=409, **_context(problem=sentence(refused)))
    except NotSent as error:
        return page("notices/outbox.html", **_context(problem=_("The mail server says: %(words)s", words=error.words)))
    mail = or_404(queries.mail_by_id(number))
    if mail.state != MailState.SENT:
        words = _("The mail server says: %(words)s", words=mail.error or "–")
        return page("notices/outbox.html", **_context(problem=words))
    return done(_("The server took the test mail to %(address)s.", address=mail.address), url_for(".index"))


def _context(problem: str = "") -> dict[str, Any]:
    wanted = request.args.get("state", "")
    state = wanted if wanted in list(MailState) else MailState.FAILED.value
    mails = queries.mails_in(state, request.args.get("before", type=int))
    shown, more = mails[:PAGE], len(mails) > PAGE
    return {
        "mails": shown,
        "state": state,
        "counts": queries.mails_by_state(),
        "state_words": STATES,
        "what_words": WHATS,
        "is_on": outbox.is_on(),
        "settings": outbox.settings(),
        "nameless": queries.people_without_address(clock.today()),
        "problem": problem,
        "button": new_button,
        "next_url": url_for(".index", state=state, before=shown[-1].id) if more else None,
    }
