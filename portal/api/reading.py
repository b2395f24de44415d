"""Reading a body: bounded, JSON in UTF-8, of the described shape, or a problem that says where it is not."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NoReturn, TypeVar

from flask import Response, abort, request
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from portal.api.messages import PROBLEMS, fault_words
from portal.api.operations import JSON
from portal.web.problems import Fault, in_both, problem

Model = TypeVar("Model", bound=BaseModel)
MOST_FAULTS = 100
MOST_SIGNS = 600_000
"""Commas and opening brackets a body may have: 120 for each of the most cases. Each may cost a quarter of a KiB."""
COUNTED_FAULTS = 50_000
"""More faults than this are not written out even to be cut short."""
CHARSETS = frozenset({"", "utf-8", "utf8"})


class _NotJson(ValueError):
    """What our own reader of JSON does not take and the quick one does."""


def problem_of(code: str, *, errors: list[Fault] | None = None, headers: Mapping[str, str] | None = None) -> Response:
    """The answer for a problem of this door."""
    status, title, detail = PROBLEMS[code]
    return problem(status, code, title, detail, errors=errors or (), headers=headers)


def refuse(code: str, *, errors: list[Fault] | None = None) -> NoReturn:
    """Stop the request with a problem."""
    abort(problem_of(code, errors=errors))


def body_bytes() -> bytes:
    """The body as it came: JSON by its header; the door has set how long it may be."""
    charset = request.mimetype_params.get("charset", "").lower()
    if request.mimetype != JSON or charset not in CHARSETS:
        refuse("wrong_type")
    return request.get_data(cache=False)


def read_as(model: type[Model], data: bytes) -> Model:
    """The body as a model. The quick reader bounds depth and length; ours finds what it lets pass in silence."""
    if sum(map(data.count, (b",", b"[", b"{"))) > MOST_SIGNS:
        abort(413)
    try:
        found = model.model_validate_json(data, strict=True)
        json.loads(data, object_pairs_hook=_once, parse_constant=_never)
    except ValidationError as error:
        _refuse_shape(error)
    except _NotJson:
        refuse("duplicate_key")
    except (ValueError, RecursionError):
        refuse("bad_json")
    return found


def _once(pairs: list[tuple[str, Any]]) -> None:
    if len(pairs) != len({name for name, _ in pairs}):
        raise _NotJson


def _never(_text: str) -> NoReturn:
    raise _NotJson


def _refuse_shape(error: ValidationError) -> NoReturn:
    if error.error_count() > COUNTED_FAULTS:
        refuse("bad_body")
    found = error.errors(include_url=False, include_input=False, include_context=False)
    if any(one["type"] == "json_invalid" for one in found):
        refuse("bad_json")
    refuse("bad_body", errors=[_fault(one) for one in found[:MOST_FAULTS]])


def _fault(one: ErrorDetails) -> Fault:
    vi, en = in_both(fault_words(one["type"]))
    return Fault(pointer=_pointer(one["loc"]), reason=one["type"], vi=vi, en=en)


def _pointer(places: tuple[int | str, ...]) -> str:
    """A JSON pointer (RFC 6901); the branch of a union that pydantic tried is no place of the body."""
    named = (str(place) for place in places if not _is_branch(place))
    return "".join("/" + _text(place).replace("~", "~0").replace("/", "~1") for place in named)


def _text(place: str) -> str:
    """A name of the body, without what no answer can carry, and not longer than helps."""
    return place.encode("utf-8", "replace").decode()[:200]


_BRANCHES = frozenset({"str", "int", "bool", "constrained-str", "constrained-int"})


def _is_branch(place: int | str) -> bool:
    return isinstance(place, str) and (place in _BRANCHES or place.startswith(("function-", "literal[")))
