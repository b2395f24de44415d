"""The words of the door for programs: refusals, problems, what is wrong in a body, remarks on items."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from flask_babel import LazyString, force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.api.shapes import Remark as Spoken
from portal.guard import Scope
from portal.imports.messages import say
from portal.imports.models import BatchRow
from portal.imports.rules import Remark
from portal.web.words import LANGUAGES

REFUSALS: Mapping[str, LazyString] = {
    "api.expiry_past": _l("The token would have ended already on %(day)s."),
    "api.expiry_too_late": _l("A token is good for two years at most; %(day)s is later."),
    "api.no_scope": _l("Choose at least one thing the token may do."),
    "api.revoked_already": _l("The token %(name)s was revoked before."),
}

SCOPES: Mapping[Scope, LazyString] = {
    Scope.CASES_WRITE: _l("send cases"),
    Scope.STEPS_WRITE: _l("send steps of cases"),
    Scope.BATCHES_READ: _l("read what came of its batches"),
}

PROBLEMS: Mapping[str, tuple[int, LazyString, LazyString]] = {
    "no_token": (
        401,
        _l("A token is needed"),
        _l("Send the header “Authorization: Bearer …” with a token of this portal."),
    ),
    "bad_token": (
        401,
        _l("The token is not good"),
        _l("The token is unknown, revoked or past its last day. The administrator makes a new one."),
    ),
    "wrong_scope": (403, _l("Not allowed for this token"), _l("The token lacks the scope this address demands.")),
    "rate_limited": (
        429,
        _l("Too many requests"),
        _l("The token may call so many times a minute and no more; try again after the seconds in Retry-After."),
    ),
    "no_batch": (404, _l("Not found"), _l("This source has no batch of this number.")),
    "wrong_type": (
        415,
        _l("The body is of another kind"),
        _l("Send JSON in UTF-8 with the header “Content-Type: application/json”."),
    ),
    "bad_json": (400, _l("The body is no JSON"), _l("The body cannot be read as JSON in UTF-8. Nothing was written.")),
    "duplicate_key": (
        400,
        _l("A name stands twice"),
        _l("An object of the body has the same name twice, or a number that JSON does not have. Nothing was written."),
    ),
    "bad_key": (
        400,
        _l("The idempotency key is missing or wrong"),
        _l(
            "Send the header “Idempotency-Key” with 1 to 100 letters, digits, dots, colons, dashes or underscores, "
            "another one for each body."
        ),
    ),
    "key_reused": (
        409,
        _l("The idempotency key was used before"),
        _l("This key came with another body or to another address. Nothing was written; send it with a new key."),
    ),
    "bad_body": (
        422,
        _l("The body does not have the shape that is described"),
        _l("Nothing was written; errors names each place."),
    ),
}

FAULTS: Mapping[str, LazyString] = {
    "missing": _l("This is missing."),
    "extra_forbidden": _l("There is no such name here; check its spelling."),
    "string_type": _l("This must be a text."),
    "string_too_long": _l("This text is too long."),
    "bool_type": _l("This must be true or false."),
    "list_type": _l("This must be a list."),
    "too_short": _l("The list is empty."),
    "too_long": _l("The list is too long."),
    "model_type": _l("This must be an object."),
    "model_attributes_type": _l("This must be an object."),
    "int_type": _l("This must be a whole number."),
    "timezone_aware": _l("A moment with its offset is needed, such as 2023-10-16T16:00:00+07:00."),
    "datetime_type": _l("A moment with its offset is needed, such as 2023-10-16T16:00:00+07:00."),
    "datetime_parsing": _l("A moment with its offset is needed, such as 2023-10-16T16:00:00+07:00."),
    "datetime_from_date_parsing": _l("A moment with its offset is needed, such as 2023-10-16T16:00:00+07:00."),
}
OTHER_FAULT = _l("This value is not possible here.")

REASONS: Mapping[str, LazyString] = {
    "supplement_ref": _l("The request for a supplement has no number of its own, or too long a one; it is not kept."),
    "supplement_date": _l(
        "This is no possible moment (yyyyMMddHHmmss); the request for a supplement is not kept as a pause."
    ),
    "supplement_order": _l("The supplement came before it was asked for; it is not kept as a pause."),
    "supplement_without_case": _l(
        "The case was not taken, so this request for a supplement was not kept either. Send it again with the case."
    ),
    "step_date": _l("This is no possible moment (yyyyMMddHHmmss)."),
    "case_unknown": _l("This source has no case of this code. Send the case first, then its steps."),
}


def words_of(remark: Remark | BatchRow) -> str:
    """The sentence of a remark in the reader's language."""
    own = REASONS.get(remark.reason)
    return str(own) if own is not None else say(remark)


def spoken(remarks: Iterable[Remark]) -> list[Spoken]:
    """Remarks as they are answered, in both languages."""
    return _spoken([(one.row, one.column, one.value, one) for one in remarks])


def spoken_rows(rows: Iterable[BatchRow]) -> list[Spoken]:
    """The same of remarks that were kept."""
    return _spoken([(one.row_number, one.heading, one.value, one) for one in rows])


def _spoken(found: list[tuple[int | None, str | None, str | None, Any]]) -> list[Spoken]:
    said = []
    for language in LANGUAGES:
        with force_locale(language):
            said.append([words_of(remark) for *_place, remark in found])
    return [
        Spoken(row=row, field=column, value=value, reason=remark.reason, vi=vi, en=en)
        for (row, column, value, remark), vi, en in zip(found, *said, strict=True)
    ]


def fault_words(kind: str) -> Callable[[], str]:
    """What is wrong in a body, by pydantic's name of it."""
    return lambda: str(FAULTS.get(kind, OTHER_FAULT))


def token_state(state: str) -> str:
    """The state of a token in words."""
    return {"good": _("good"), "revoked": _("revoked"), "expired": _("expired")}[state]
