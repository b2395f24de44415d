"""The application factory: the parts list. No queries, no work."""

from __future__ import annotations

import uuid
from typing import Any

import structlog
from flask import Flask, Response, g, request
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter, Map

from portal.audit.actions import KINDS, set_request_id
from portal.config import ROOT, Settings
from portal.database import db
from portal.extensions import csrf, htmx, login_manager
from portal.features import BLUEPRINTS, CONTEXT, REFUSALS, STARTS
from portal.guard import Permission, Role, require_permission, viewer
from portal.web import errors, filters, headers, operations, words

LARGEST_NUMBER = 2**31 - 1
REQUEST_ID = "X-Request-ID"


class Number(IntegerConverter):
    """A number in an address: larger ones than a database counts to are found nowhere."""

    def __init__(self, map: Map, **options: Any) -> None:
        super().__init__(map, **{"max": LARGEST_NUMBER, **options})


def create_app(settings: Settings) -> Flask:
    """Build the application from its settings. Touches no database."""
    app = Flask("portal", template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "static"))
    app.config.from_mapping(settings.for_flask())
    app.url_map.converters["int"] = Number
    if settings.proxy_hops:
        app.wsgi_app = ProxyFix(app.wsgi_app, *[settings.proxy_hops] * 4)  # type: ignore[method-assign]
    for extension in (db, csrf, htmx, login_manager):
        extension.init_app(app)
    words.register(app)
    words.REFUSALS.update(REFUSALS)
    filters.register(app)
    app.before_request(name_request)
    for start in STARTS:
        app.before_request(start)
    app.before_request(require_permission)
    operations.register(app)
    errors.register(app)
    app.after_request(headers.secure)
    app.after_request(answer_with_request_id)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    app.context_processor(lambda: {"viewer": viewer(), "Permission": Permission, "Role": Role, "event_kinds": KINDS})
    for processor in CONTEXT:
        app.context_processor(processor)  # type: ignore[type-var]
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    return app


def name_request() -> None:
    """Give the request an id that stands in logs, in the trail and on error pages."""
    g.request_id = uuid.uuid4().hex[:16]
    set_request_id(g.request_id)
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id, method=request.method, path=request.path)


def answer_with_request_id(response: Response) -> Response:
    """Tell the caller the id of the request."""
    response.headers[REQUEST_ID] = g.get("request_id", "")
    return response
