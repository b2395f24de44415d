"""The glue between a request and its account: cookie, session, Flask-Login, and the answers to strangers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from flask import Request, Response, current_app, g, make_response, redirect, request, session, url_for
from flask_login import UserMixin, current_user
from sqlalchemy.exc import OperationalError
from werkzeug.wrappers import Response as AnyResponse

from portal import clock
from portal.access import actions, bulk, passwords, queries
from portal.access.rules import safe_next, session_has_ended
from portal.config import Settings
from portal.database import commit, is_writing
from portal.extensions import login_manager
from portal.guard import Viewer
from portal.logs import logger

log = logger(__name__)
LONGEST_TOKEN = 100
FLASHES = "_flashes"
OPEN_WHILE_CHANGING = frozenset(
    {"static", "access.password", "access.change_password", "access.sign_out", "web.language"}
)


@dataclass(frozen=True)
class Account(UserMixin):
    """Who is signed in, as Flask-Login and the guard know them."""

    id: int
    username: str
    session_id: int
    must_change: bool
    viewer: Viewer


def settings() -> Settings:
    """The settings of the running portal."""
    found: Settings = current_app.config["SETTINGS"]
    return found


def cookie_name() -> str:
    """The name of the session cookie: over TLS bound to this host by its prefix."""
    return "__Host-sid" if settings().https else "sid"


def idle_limit() -> timedelta:
    """How long a session may stand idle."""
    return timedelta(minutes=settings().session_idle_minutes)


def absolute_limit() -> timedelta:
    """How long a session may last."""
    return timedelta(hours=settings().session_absolute_hours)


@login_manager.request_loader
def load_account(asked: Request) -> Account | None:
    """The account of the request's cookie, if its session lives and its postings are those of sign-in.

    A database that does not answer is asked once only, so that the error page can still be shown.
    """
    token = asked.cookies.get(cookie_name(), "")
    if not token or len(token) > LONGEST_TOKEN or g.get("account_unreadable", False):
        return None
    try:
        return _account_of(token)
    except Exception:
        g.account_unreadable = True
        raise


@login_manager.user_loader
def refuse_flask_session(_ident: str) -> None:
    """Nobody is signed in by what the form cookie says; only server-side sessions count."""


def _account_of(token: str) -> Account | None:
    live = queries.session_of(token)
    now = clock.now()
    if live is None or session_has_ended(
        live.created_at, live.last_seen_at, now, idle=idle_limit(), absolute=absolute_limit()
    ):
        return None
    if now - live.last_seen_at >= bulk.TOUCH_EVERY:
        _touch(live.id)
    rights = queries.rights_of(live.user_id, live.person_id, live.name, clock.today())
    if rights.fingerprint != live.rights:
        return None
    return Account(live.user_id, live.username, live.id, live.must_change, rights.viewer)


def _touch(session_id: int) -> None:
    """Note that the session is used; a busy database is no reason to refuse a page."""
    if is_writing():
        return
    try:
        with commit():
            bulk.touch_session(session_id, clock.now())
    except OperationalError as error:
        log.warning("session not touched", error=type(error.orig).__name__)


def ask_to_sign_in() -> AnyResponse:
    """A stranger is sent to sign in and comes back afterwards; htmx is told to load that page whole."""
    if request.headers.get("HX-Request") == "true":
        parts = urlsplit(request.headers.get("HX-Current-URL", ""))
        back = parts.path + (f"?{parts.query}" if parts.query else "")
        response = make_response("", 401)
        response.headers["HX-Redirect"] = url_for("access.sign_in", next=safe_next(back))
        return response
    back = request.full_path.rstrip("?") if request.method in ("GET", "HEAD") else ""
    back = "" if back == "/" else back
    return redirect(url_for("access.sign_in", next=safe_next(back)), 302)


def demand_own_password() -> AnyResponse | None:
    """Whoever came in with a one-time password chooses their own before anything else."""
    if request.endpoint in OPEN_WHILE_CHANGING or not current_user.is_authenticated or not current_user.must_change:
        return None
    target = url_for("access.password")
    if request.headers.get("HX-Request") == "true":
        response = make_response("", 401)
        response.headers["HX-Redirect"] = target
        return response
    return redirect(target, 303)


def check_credentials(username: str, password: str) -> str | None:
    """Check what was typed into the sign-in form; the token of a new session, or None, whatever was wrong.

    Every attempt is counted before the password is looked at. A database that cannot count lets nobody in.
    """
    name, address, limits = username.strip().lower(), request.remote_addr or "", settings()
    window = timedelta(minutes=limits.sign_in_window_minutes)
    with commit():
        allowed = actions.count_attempt(name, address, limit=limits.sign_in_failures, window=window, at=clock.now())
    if not allowed:
        return None
    user = queries.user_named(name)
    stored = user.password_hash if user else None
    if not passwords.matches(stored, password) or user is None or stored is None or user.disabled_at is not None:
        return None
    if user.slip_expires_at is not None and user.slip_expires_at < clock.now():
        return None
    better = passwords.hash_of(password) if passwords.is_outdated(stored) else None
    with commit():
        # Read again: a slip issued or an account closed in the meantime wins.
        if user.password_hash != stored or user.disabled_at is not None:
            return None
        if better is not None:
            user.password_hash = better
        return open_session_for(user)


def open_session_for(user: Any, way: str = "password") -> str:
    """A new session for an account, inside ``commit()``; gives its token."""
    return actions.sign_in_as(
        user, ip=request.remote_addr or "", agent=request.user_agent.string, on=clock.today(), at=clock.now(),
        absolute=absolute_limit(), way=way,
    )  # fmt: skip


def carry(response: Response | AnyResponse, token: str) -> Response | AnyResponse:
    """Put the session's cookie on a response, and throw the form cookie of before away (no fixation).

    What is to be said on the next page is kept.
    """
    renew_form_cookie()
    return give_cookie(response, token)


def renew_form_cookie() -> None:
    """Forget the form cookie of before signing in; before a page with a form is rendered for the new session."""
    said = session.get(FLASHES)
    session.clear()
    g.pop("csrf_token", None)
    if said:
        session[FLASHES] = said


def give_cookie(response: Response | AnyResponse, token: str) -> Response | AnyResponse:
    """Put the session's cookie on a response."""
    response.set_cookie(
        cookie_name(), token, max_age=None, path="/", secure=settings().https, httponly=True, samesite="Lax"
    )
    return response


def drop(response: Response | AnyResponse) -> Response | AnyResponse:
    """Take the session's cookie away and let the browser forget what it kept of us."""
    session.clear()
    response.delete_cookie(cookie_name(), path="/", secure=settings().https, httponly=True, samesite="Lax")
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response
