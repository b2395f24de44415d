"""Every error speaks: what happened, what was kept, what to do, and the request id; never a trace."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask, current_app, g, make_response, render_template, request
from flask_babel import gettext as _
from sqlalchemy.exc import DataError, DBAPIError, OperationalError
from werkzeug.exceptions import HTTPException, default_exceptions

from portal.database import db, is_busy
from portal.deadlines import DayOutsideCalendar
from portal.logs import logger
from portal.refusal import Refused, beyond_calendar
from portal.web import problems
from portal.web.respond import wants_fragment
from portal.web.words import chosen_language, sentence

log = logger(__name__)


def words_of(status: int) -> tuple[str, str, str]:
    """Title, what happened, what to do, for a status."""
    table = {
        400: (
            _("The request could not be understood"),
            _("Something in the address or the form was not readable."),
            _("Go back, check what you typed and send it again."),
        ),
        401: (
            _("Please sign in"),
            _("Your session has ended or you are not signed in."),
            _("Sign in again; saved drafts are still there."),
        ),
        403: (
            _("Not your role"),
            _("Your roles do not allow this function."),
            _("If you need it for your work, ask the administrator of your unit."),
        ),
        404: (
            _("Not found"),
            _("There is nothing at this address, or it is outside what you may see."),
            _("Check the address, or look for it in the list of cases."),
        ),
        405: (
            _("Not possible this way"),
            _("This address does not accept this kind of request."),
            _("Use the buttons of the page."),
        ),
        409: (
            _("This cannot be done now"),
            _("The state of the matter does not allow it."),
            _("Read the present state and decide again; nothing was changed."),
        ),
        413: (
            _("The file is too large"),
            _("The file or the form is larger than the portal accepts."),
            _("Send a smaller file, at most 25 MiB."),
        ),
        422: (
            _("Something is missing or wrong"),
            _("The form was not accepted."),
            _("What you typed is kept; correct the marked fields."),
        ),
        429: (
            _("Too many attempts"),
            _("There were too many attempts in a short time."),
            _("Wait five minutes and try again."),
        ),
        500: (
            _("The portal made a mistake"),
            _("An unexpected fault stopped this request; it was written to the log."),
            _("Try again; if it happens again, tell the administrator the request id."),
        ),
        503: (
            _("The portal is busy"),
            _("The database did not answer in time."),
            _("Nothing was changed. Wait a moment and try again."),
        ),
    }
    return table.get(status, table[400 if status < 500 else 500])


def error_page(status: int, what: Callable[[], str] | None = None) -> Any:
    """The page of an error; from 500 on it asks nothing of the database, so that it can speak when that cannot.

    htmx gets it as a notice above the page: what the reader was typing stays where it is. Programs get a problem.
    """
    if problems.speaks_to_programs():
        return problems.of_status(status, what)
    title, happened, todo = words_of(status)
    facts = {
        "status": status,
        "title": title,
        "what": what() if what else happened,
        "todo": todo,
        "request_id": g.get("request_id", ""),
        "demo": current_app.config.get("DEMO", False),
    }
    name = "errors/_error.html" if wants_fragment() else "errors/error.html"
    if status < 500:
        response = make_response(render_template(name, **facts), status)
    else:
        template = current_app.jinja_env.get_template(name)
        response = make_response(template.render(language=chosen_language(), **facts), status)
    if wants_fragment():
        response.headers["HX-Retarget"] = "#notices"
        response.headers["HX-Reswap"] = "innerHTML show:top"
    return response


def too_old_page() -> Any:
    """A form whose token is of another session, or of none."""
    return error_page(
        400,
        lambda: _(
            "The page you sent was too old or came from another window. Nothing was changed; go back, "
            "copy your text, reload the page and send it again."
        ),
    )


def register(app: Flask) -> None:
    """Bind the error pages."""

    def _http(error: HTTPException) -> Any:
        if error.response is not None:
            return error.response
        response = error_page(error.code or 500)
        for name, value in error.get_headers():
            if name in ("Allow", "Retry-After"):
                response.headers[name] = value
        return response

    for code in default_exceptions:
        app.register_error_handler(code, _http)

    @app.errorhandler(Refused)
    def _refused(error: Refused) -> Any:
        db.session.rollback()
        return error_page(409, lambda: sentence(error))

    @app.errorhandler(DayOutsideCalendar)
    def _beyond_calendar(error: DayOutsideCalendar) -> Any:
        db.session.rollback()
        return error_page(409, lambda: sentence(beyond_calendar(error)))

    @app.errorhandler(OverflowError)
    @app.errorhandler(DataError)
    def _too_large(error: Exception) -> Any:
        """A number or text that no column holds: SQLite's driver says the first, PostgreSQL the second."""
        db.session.rollback()
        log.warning("unreadable", path=request.path, error=type(error).__name__)
        return error_page(400)

    @app.errorhandler(DBAPIError)
    def _database(error: DBAPIError) -> Any:
        db.session.rollback()
        busy = isinstance(error, OperationalError) and is_busy(error)
        log.error("database", path=request.path, error=type(error.orig).__name__, busy=busy, exc_info=not busy)
        response = error_page(503 if busy else 500)
        if busy:
            response.headers["Retry-After"] = "5"
        return response

    @app.errorhandler(Exception)
    def _fault(error: Exception) -> Any:
        db.session.rollback()
        log.error("fault", path=request.path, exc_info=error)
        return error_page(500)
