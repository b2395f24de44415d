"""How a view answers: a page or less of it, an invalid form, a thing done."""

from __future__ import annotations

from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Response, abort, flash, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

Found = TypeVar("Found")


def wants_fragment() -> bool:
    """Whether htmx asks for less of the same page (not boosted, not restoring history)."""
    headers = request.headers
    return (
        headers.get("HX-Request") == "true"
        and headers.get("HX-Boosted") != "true"
        and headers.get("HX-History-Restore-Request") != "true"
    )


def page(template: str, *, fragment: str | None = None, status: int = 200, **context: Any) -> Response:
    """Render a page, or its fragment where htmx asks for one and the page has one."""
    name = fragment if fragment and wants_fragment() else template
    response = make_response(render_template(name, **context), status)
    response.vary.add("HX-Request")
    return response


def invalid(template: str, *, fragment: str | None = None, **context: Any) -> Response:
    """Show the form again with what was typed and what is wrong: 422."""
    return page(template, fragment=fragment, status=422, **context)


def done(message: str, url: str) -> AnyResponse:
    """A thing is done: say so and go on to ``url`` (303; HX-Redirect for htmx, which would swap a followed page)."""
    flash(message, "success")
    if wants_fragment():
        response = make_response("", 204)
        response.headers["HX-Redirect"] = url
        return response
    return redirect(url, 303)


def or_404(found: Found | None) -> Found:
    """The row, or 404: what is out of scope does not exist."""
    if found is None:
        abort(404)
    return found


def back_or(url: str) -> str:
    """The page the user came from when it is ours, else ``url``."""
    referrer = request.referrer or ""
    parts = urlsplit(referrer)
    if parts.netloc == request.host and parts.path.startswith("/") and not parts.path.startswith("//"):
        return parts.path + (f"?{parts.query}" if parts.query else "")
    return url
