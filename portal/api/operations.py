"""One table of the addresses for programs: what each takes and answers. Routes, the guard's marks and the description
(OpenAPI 3.1) all come from it, so that none of them can say something else.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Blueprint
from flask_babel import force_locale, gettext
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from portal.api.messages import PROBLEMS
from portal.api.rules import KEY_PATTERN, LARGEST_BODY, MOST_CASES
from portal.guard import Scope, public, token
from portal.web.problems import MEDIA, PREFIX, STATUSES, Problem
from portal.web.words import N_

JSON = "application/json"
REF = "#/components/schemas/{model}"
LARGEST_ID = 2**31 - 1
VERSION = "1.0.0"
View = TypeVar("View", bound=Callable[..., Any])

TITLE = N_("Đúng Hạn: the door for programs")
ABOUT = N_(
    "A token belongs to one source and writes and reads only what is of that source. Every refusal is a problem "
    "(RFC 9457) with a stable code and sentences in Vietnamese and English; nothing was written then. Within a batch "
    "each item has an outcome of its own, and rows = new + changed + unchanged + pending + rejected."
)
SECURITY = N_("A token made by the administrator of the portal, shown once.")
BODY_LIMIT = N_("JSON in UTF-8, at most %(mib)s MiB and %(cases)s items.")
KEY_WORDS = N_(
    "Names this body once and for all: the same key with the same body gets the same answer and nothing is done twice; "
    "with another body it is refused. Remembered for 7 days."
)
ANSWER = N_("Done; the outcome of each item is in the answer.")
HEADERS: Mapping[str, tuple[str, dict[str, Any]]] = {
    "X-Request-ID": (N_("Names this request in the portal's log."), {"type": "string"}),
    "Idempotent-Replayed": (
        N_("true where this is the answer given before to the same key."),
        {"type": "string", "enum": ["true"]},
    ),
    "WWW-Authenticate": (N_("How to authenticate."), {"type": "string"}),
    "Allow": (N_("The methods this address accepts."), {"type": "string"}),
    "Retry-After": (N_("Seconds to wait before trying again."), {"type": "string", "pattern": "^[0-9]+$"}),
}
HEADERS_OF: Mapping[int, tuple[str, ...]] = {
    401: ("WWW-Authenticate",),
    405: ("Allow",),
    429: ("Retry-After",),
    503: ("Retry-After",),
}
ALWAYS = (405, 500, 503)
WITH_TOKEN = (401, 403, 429)
WITH_BODY = (400, 409, 413, 415, 422)


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One address with one method. ``key``: whether it takes an idempotency key, and whether it must have one."""

    method: str
    path: str
    name: str
    summary: str
    answer: type[BaseModel] | None
    scope: Scope | None = None
    body: type[BaseModel] | None = None
    key: bool | None = None
    tag: str = "cases"
    also: tuple[int, ...] = ()

    @property
    def statuses(self) -> list[int]:
        """Every status it can answer beside 200."""
        found = {*ALWAYS, *self.also}
        if self.scope is not None:
            found.update(WITH_TOKEN)
        if self.body is not None:
            found.update(WITH_BODY)
        return sorted(found)


OPERATIONS: list[Operation] = []


def operation(bp: Blueprint, **facts: Any) -> Callable[[View], View]:
    """Make a view the operation described by ``facts``: its route, its mark for the guard, its entry in the table."""

    def enter(view: View) -> View:
        one = Operation(name=view.__name__, **facts)
        OPERATIONS.append(one)
        marked = public(view) if one.scope is None else token(one.scope)(view)
        rule = re.sub(r"\{(\w+)\}", r"<int:\1>", one.path)
        bp.add_url_rule(rule, one.name, marked, methods=[one.method])
        return marked

    return enter


# --- The description


def document(language: str) -> dict[str, Any]:
    """The OpenAPI document in one language."""
    with force_locale(language):
        said: dict[str, Any] = _translated(_document())
    return said


def as_text(language: str) -> str:
    """The document as it is sent."""
    return json.dumps(document(language), ensure_ascii=False, indent=1)


def _document() -> dict[str, Any]:
    paths: dict[str, dict[str, Any]] = {}
    for one in OPERATIONS:
        paths.setdefault(PREFIX.rstrip("/") + one.path, {})[one.method.lower()] = _operation(one)
    return {
        "openapi": "3.1.0",
        "info": {"title": gettext(TITLE), "version": VERSION, "description": ABOUT},
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": _schemas(),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "description": SECURITY}},
        },
    }


def _schemas() -> dict[str, Any]:
    bodies = [one.body for one in OPERATIONS if one.body is not None]
    answers = [one.answer for one in OPERATIONS if one.answer is not None]
    wanted: list[Any] = [(model, "validation") for model in dict.fromkeys(bodies)]
    wanted += [(model, "serialization") for model in dict.fromkeys([*answers, Problem])]
    _, made = models_json_schema(wanted, ref_template=REF)
    found: dict[str, Any] = made["$defs"]
    # What a model is for is written for whoever reads the code; its fields speak to whoever sends it.
    return {name: {key: part for key, part in schema.items() if key != "description"} for name, schema in found.items()}


def _operation(one: Operation) -> dict[str, Any]:
    said: dict[str, Any] = {
        "operationId": one.name,
        "tags": [one.tag],
        "summary": one.summary,
        "parameters": _parameters(one),
        "security": [{"token": []}] if one.scope else [],
        "responses": {"200": _done(one), **{str(status): _refused(status) for status in one.statuses}},
    }
    if one.scope is not None:
        said["x-scope"] = one.scope.value
    if one.body is not None:
        limits = {"mib": LARGEST_BODY // 2**20, "cases": MOST_CASES}
        said["requestBody"] = {
            "required": True,
            "description": gettext(BODY_LIMIT) % limits,
            "content": {JSON: {"schema": {"$ref": REF.format(model=one.body.__name__)}}},
        }
    return said


def _parameters(one: Operation) -> list[dict[str, Any]]:
    number = {"type": "integer", "minimum": 1, "maximum": LARGEST_ID}
    found: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": number} for name in re.findall(r"\{(\w+)\}", one.path)
    ]
    if one.key is not None:
        found.append(
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": one.key,
                "description": KEY_WORDS,
                "schema": {"type": "string", "pattern": KEY_PATTERN},
            }
        )
    return found


def _done(one: Operation) -> dict[str, Any]:
    schema = {"$ref": REF.format(model=one.answer.__name__)} if one.answer else {"type": "object"}
    names = ("X-Request-ID", *(("Idempotent-Replayed",) if one.key is not None else ()))
    return {"description": ANSWER, "headers": _headers(names), "content": {JSON: {"schema": schema}}}


def _refused(status: int) -> dict[str, Any]:
    return {
        "description": "; ".join(dict.fromkeys(_titles(status))),
        "headers": _headers(("X-Request-ID", *HEADERS_OF.get(status, ()))),
        "content": {MEDIA: {"schema": {"$ref": REF.format(model="Problem")}}},
    }


def _titles(status: int) -> list[str]:
    """What a status can mean here, in the words the problems themselves use."""
    found = [str(title) for number, title, _ in PROBLEMS.values() if number == status]
    return found or [str(STATUSES[status][1])]


def _headers(names: tuple[str, ...]) -> dict[str, Any]:
    return {
        name: {"description": HEADERS[name][0], "schema": HEADERS[name][1], "required": name != "Idempotent-Replayed"}
        for name in names
    }


def _translated(value: Any) -> Any:
    """Descriptions, titles and summaries in the language of the context."""
    if isinstance(value, list):
        return [_translated(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        name: gettext(item)
        if name in ("description", "summary") and isinstance(item, str) and item
        else _translated(item)
        for name, item in value.items()
    }
