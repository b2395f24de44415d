"""How an address for programs says no: problem details (RFC 9457), in Vietnamese and in English.

Programs read ``code`` and ``status``; the people who wrote them read the sentences. Knows no feature.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from flask import Response, g, request
from flask_babel import LazyString, force_locale
from flask_babel import lazy_gettext as _l
from pydantic import BaseModel, ConfigDict, Field

from portal.web.words import LANGUAGES, N_

PREFIX = "/api/v1/"
MEDIA = "application/problem+json"
TYPE = "/api/docs#problem-"

Words = LazyString | Callable[[], str]

STATUSES: Mapping[int, tuple[str, LazyString, LazyString]] = {
    400: ("bad_request", _l("The request could not be understood"), _l("Something in the request was not readable.")),
    403: ("forbidden", _l("Not allowed"), _l("Requests of foreign web pages are not taken.")),
    404: ("not_found", _l("Not found"), _l("There is nothing at this address, or it is not for this token.")),
    405: (
        "method_not_allowed",
        _l("Not possible this way"),
        _l("This address does not accept this method; the header Allow names those it accepts."),
    ),
    409: ("conflict", _l("This cannot be done now"), _l("The state of the matter does not allow it.")),
    413: ("too_large", _l("The body is too large"), _l("Send fewer cases at once; nothing was written.")),
    500: (
        "fault",
        _l("The portal made a mistake"),
        _l("An unexpected fault stopped this request; it was written to the log. Nothing was written."),
    ),
    503: ("busy", _l("The portal is busy"), _l("The database did not answer in time. Nothing was written; try again.")),
}


class Fault(BaseModel):
    """One thing that is wrong in a body."""

    pointer: str = Field(description=N_("JSON pointer to the wrong value (RFC 6901)."))
    reason: str = Field(description=N_("Stable code of the fault."))
    vi: str = Field(description=N_("The sentence in Vietnamese."))
    en: str = Field(description=N_("The sentence in English."))


class Problem(BaseModel):
    """Why a request was not carried out. Nothing was written."""

    model_config = ConfigDict(json_schema_extra={"additionalProperties": False})

    type: str = Field(description=N_("Where the problem is described."), json_schema_extra={"format": "uri-reference"})
    title: str = Field(description=N_("The kind of problem, in Vietnamese."))
    title_en: str = Field(description=N_("The kind of problem, in English."))
    status: int = Field(description=N_("The HTTP status."), ge=400, le=599)
    detail: str = Field(description=N_("What happened, in Vietnamese."))
    detail_en: str = Field(description=N_("What happened, in English."))
    code: str = Field(description=N_("Stable code of the problem."))
    request_id: str = Field(description=N_("Names this request in the portal's log."))
    errors: list[Fault] = Field(description=N_("What is wrong in the body, where the body is the reason."))


def speaks_to_programs() -> bool:
    """Whether this request is of an address for programs."""
    return request.path.startswith(PREFIX)


def in_both(words: Words) -> tuple[str, ...]:
    """A sentence in each language, Vietnamese first."""
    said = []
    for language in LANGUAGES:
        with force_locale(language):
            said.append(str(words) if isinstance(words, LazyString) else words())
    return tuple(said)


def problem(
    status: int,
    code: str,
    title: Words,
    detail: Words,
    *,
    errors: Sequence[Fault] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The answer that says what is wrong."""
    (title_vi, title_en), (detail_vi, detail_en) = in_both(title), in_both(detail)
    body = Problem(
        type=TYPE + code, title=title_vi, title_en=title_en, status=status, detail=detail_vi, detail_en=detail_en,
        code=code, request_id=g.get("request_id", ""), errors=list(errors),
    )  # fmt: skip
    response = Response(body.model_dump_json(), status, mimetype=MEDIA)
    response.headers.update(headers or {})
    return response


def of_status(status: int, detail: Words | None = None) -> Response:
    """The problem of a status that no feature has words for; ``detail`` where there is more to say."""
    known = STATUSES.get(status) or STATUSES[400 if status < 500 else 500]
    return problem(status, known[0], known[1], detail or known[2])
