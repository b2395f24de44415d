"""The page behind the bell, opening and reading notices, and what one wants to be told."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from wtforms.fields import SelectChoice

from portal import clock
from portal.database import commit
from portal.guard import Permission, permit, viewer
from portal.notices import actions, bulk, queries
from portal.notices.forms import ChoicesForm
from portal.notices.kinds import KINDS
from portal.notices.queries import PAGE
from portal.notices.wording import worded
from portal.web.forms import EmptyForm
from portal.web.respond import done, invalid, or_404, page

bp = Blueprint("notices", __name__, url_prefix="/notices")


@bp.get("")
@permit(Permission.SIGNED_IN)
def index() -> ResponseReturnValue:
    """What I was told, the newest first; what I have not read stands out."""
    who, before = viewer().person_id or 0, request.args.get("before", type=int)
    only_unread = request.args.get("show") == "unread"
    found = queries.notices_of(who, unread=only_unread, before=before)
    shown, more = found[:PAGE], len(found) > PAGE
    values: dict[str, Any] = {"show": "unread"} if only_unread else {}
    return page(
        "notices/index.html",
        rows=[one for told in shown if (one := worded(told.notice, told.items)) is not None],
        only_unread=only_unread,
        unread=queries.unread_of(who),
        button=new_button,
        next_url=url_for(".index", before=shown[-1].notice.id, **values) if more else None,
    )


@bp.post("/<int:notice_id>/open")
@permit(Permission.SIGNED_IN)
def open_one(notice_id: int) -> ResponseReturnValue:
    """Go to what a notice speaks of; it is read then."""
    who = viewer().person_id or 0
    notice = or_404(queries.notice_of(who, notice_id))
    said = or_404(worded(notice, queries.first_items([notice_id]).get(notice_id, [])))
    with commit():
        bulk.mark_read(who, clock.now(), notice_id)
    return redirect(said.url, 303)


@bp.post("/read")
@permit(Permission.SIGNED_IN)
def read_all() -> ResponseReturnValue:
    """Mark all of them as read; what is still to be done stays on the home page."""
    with commit():
        count = bulk.mark_read(viewer().person_id or 0, clock.now())
    said = ngettext("%(num)s notice marked as read.", "%(num)s notices marked as read.", count)
    return done(said, url_for(".index"))


@bp.get("/choices")
@permit(Permission.SIGNED_IN)
def choices() -> ResponseReturnValue:
    """What I want to be told; duties are listed, but there is no choice."""
    form = _offer(ChoicesForm(formdata=None))
    muted = queries.muted_by(viewer().person_id or 0)
    form.kinds.data = [choice.value for choice in form.kinds.choices if choice.value not in muted]
    return page("notices/choices.html", **_context(form))


@bp.post("/choices")
@permit(Permission.SIGNED_IN)
def choose() -> ResponseReturnValue:
    """Keep the choice."""
    form = _offer(ChoicesForm())
    if not form.validate():
        return invalid("notices/choices.html", **_context(form))
    wanted = set(form.kinds.data or [])
    with commit():
        actions.choose((one.value for one in form.kinds.choices if one.value not in wanted), by=viewer())
    return done(_("Your choice is kept; it holds from now on."), url_for(".choices"))


def new_button() -> EmptyForm:
    """A form for one button. Each has a key of its own: two notices of one page are two operations."""
    return EmptyForm(formdata=None)


def _offer(form: ChoicesForm) -> ChoicesForm:
    optional = sorted((kind for kind in KINDS.values() if not kind.is_duty), key=lambda kind: kind.name)
    form.kinds.choices = [SelectChoice(kind.name, str(kind.label)) for kind in optional]
    return form


def _context(form: ChoicesForm) -> dict[str, Any]:
    duties = sorted((str(kind.label) for kind in KINDS.values() if kind.is_duty), key=str.casefold)
    return {"form": form, "duties": duties}
