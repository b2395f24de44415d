"""Pages about the door for programs: the administrator's tokens, and its description for who writes such programs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import clock
from portal.api import actions, operations, queries
from portal.api.describing import described
from portal.api.forms import TokenForm
from portal.api.messages import PROBLEMS, SCOPES, token_state
from portal.api.models import ApiToken
from portal.api.queries import TokenQuery
from portal.audit.queries import events_of
from portal.database import commit
from portal.guard import Permission, Scope, permit, public, viewer
from portal.imports.queries import sources
from portal.refusal import Refused
from portal.web.forms import EmptyForm
from portal.web.respond import done, invalid, or_404, page
from portal.web.words import chosen_language, sentence

bp = Blueprint("api", __name__, url_prefix="/api")

USUAL_LIFE = timedelta(days=365)


@bp.get("/docs")
@public
def docs() -> ResponseReturnValue:
    """The description as a page; it holds no data and loads nothing from outside."""
    return page(
        "api/docs.html", described=described(operations.document(chosen_language())), problems=PROBLEMS, scopes=SCOPES
    )


@bp.get("/tokens")
@permit(Permission.MANAGE_SETTINGS)
def tokens() -> ResponseReturnValue:
    """Every token: whose it is, what it may do, until when, when it was last used."""
    rows = TokenQuery.visible_to(viewer()).newest_first()
    return page("api/tokens.html", rows=[(token, *_state(token)) for token in rows], scope_words=_scope_words)


@bp.get("/tokens/new")
@permit(Permission.MANAGE_SETTINGS)
def new_token() -> ResponseReturnValue:
    """Make a token."""
    form = TokenForm(formdata=None, expires_on=clock.real_today() + USUAL_LIFE)
    return page("api/new_token.html", form=form, sources=sources())


@bp.post("/tokens")
@permit(Permission.MANAGE_SETTINGS)
def create_token() -> ResponseReturnValue:
    """Make the token and show it, once."""
    form = TokenForm()
    if not form.validate():
        return invalid("api/new_token.html", form=form, sources=sources())
    scopes = [Scope(word) for word in form.scopes.data or ()]
    try:
        with commit():
            made = actions.make_token(
                form.name.data, form.source.data, scopes, form.expires_on.data,
                by=viewer(), at=clock.now(),
            )  # fmt: skip
    except Refused as refused:
        field = form.scopes if refused.code == "api.no_scope" else form.expires_on
        field.errors = [sentence(refused)]
        return invalid("api/new_token.html", form=form, sources=sources())
    # Shown in the answer to this one request and stored nowhere.
    return render_template("api/made.html", token=made.token, secret=made.secret, scope_words=_scope_words), 201


@bp.get("/tokens/<int:token_id>")
@permit(Permission.MANAGE_SETTINGS)
def show_token(token_id: int) -> ResponseReturnValue:
    """One token and its trail."""
    token = _token(token_id)
    state, words = _state(token)
    return page(
        "api/token.html",
        token=token,
        state=state,
        words=words,
        scope_words=_scope_words,
        button=EmptyForm(formdata=None),
        events=events_of("api_token", token.id),
    )


@bp.post("/tokens/<int:token_id>/revoke")
@permit(Permission.MANAGE_SETTINGS)
def revoke_token(token_id: int) -> ResponseReturnValue:
    """Take a token back."""
    token = _token(token_id)
    with commit():
        actions.revoke_token(token, by=viewer(), at=clock.now())
    return done(_("The token is revoked; its next call is refused."), url_for("api.tokens"))


def _token(token_id: int) -> ApiToken:
    return or_404(queries.TokenQuery.visible_to(viewer()).get(token_id))


def _state(token: ApiToken) -> tuple[str, str]:
    state = "revoked" if token.revoked_at else "expired" if token.expires_on < clock.real_today() else "good"
    return state, token_state(state)


def _scope_words(scopes: str) -> list[Any]:
    return [SCOPES[Scope(word)] for word in scopes.split()]
