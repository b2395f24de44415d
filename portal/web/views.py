"""Addresses that belong to no feature: health, language, crawlers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, abort, jsonify, redirect, request
from flask.typing import ResponseReturnValue
from sqlalchemy import text

from portal import clock
from portal.database import db
from portal.guard import public
from portal.web.respond import back_or
from portal.web.words import COOKIE, LANGUAGES, chosen_language

bp = Blueprint("web", __name__)


@bp.get("/healthz")
@public
def healthz() -> ResponseReturnValue:
    """Whether the portal and its database answer; tells nothing else to strangers."""
    db.session.execute(text("SELECT 1"))
    return jsonify(status="ok")


@bp.get("/language/<code>")
@public
def language(code: str) -> ResponseReturnValue:
    """Choose the language of the pages; kept in a cookie, no row changes."""
    if code not in LANGUAGES:
        abort(404)
    response = redirect(back_or("/"), 303)
    response.set_cookie(COOKIE, code, max_age=365 * 86400, samesite="Lax", httponly=True, secure=request.is_secure)
    return response


@bp.get("/robots.txt")
@public
def robots() -> ResponseReturnValue:
    """An internal portal is in no search engine."""
    return Response("User-agent: *\nDisallow: /\n", mimetype="text/plain")


def context() -> Mapping[str, Any]:
    """What the frame of every page needs."""
    return {"language": chosen_language(), "today": clock.today()}
