"""A form that arrives when nobody is signed in any more: what was typed goes along to the other side of signing in.

Nothing is stored for strangers: the texts travel in hidden fields of the very pages the browser shows.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import current_app, request

View = TypeVar("View", bound=Callable[..., Any])
LEFT_BEHIND = frozenset({"csrf_token", "op_id", "carried", "carry_to"})
LONG = 60
"""From so many letters on a value is a text that its writer wants to see again."""


def carries_text(view: View) -> View:
    """Mark a view whose form somebody may have written at for long: its text is never dropped."""
    view.__dict__["carries_text"] = True
    return view


@dataclass(frozen=True)
class Carried:
    """A form under way: where it goes, and its fields in their order. Files cannot go along."""

    to: str
    fields: tuple[tuple[str, str], ...]

    @property
    def packed(self) -> str:
        """All fields as one, for a hidden field of the sign-in form."""
        return json.dumps(self.fields, ensure_ascii=False)

    @property
    def texts(self) -> tuple[str, ...]:
        """What is long enough to be shown again."""
        return tuple(value for _name, value in self.fields if len(value) >= LONG)


def arriving() -> Carried | None:
    """The form of this request, where it is one whose text is carried on and holds any."""
    view = current_app.view_functions.get(request.endpoint or "")
    if request.method != "POST" or not getattr(view, "carries_text", False):
        return None
    fields = tuple((name, value) for name, value in request.form.items(multi=True) if name not in LEFT_BEHIND)
    return Carried(request.path, fields) if fields else None


def under_way() -> Carried | None:
    """The form that the sign-in form carries along; None where there is none, or it is not readable."""
    try:
        pairs = json.loads(request.form.get("carried", ""))
        fields = tuple((str(name), str(value)) for name, value in pairs if name not in LEFT_BEHIND)
    except (TypeError, ValueError):
        return None
    return Carried(request.form.get("carry_to", ""), fields) if fields else None


def is_own_page() -> bool:
    """Whether the request comes from a page of ours, as far as the browser says."""
    return request.headers.get("Sec-Fetch-Site", "same-origin") in ("same-origin", "none")


def speaks_json() -> bool:
    """Whether a script asks, which keeps the text on its page by itself."""
    return request.accept_mimetypes.best == "application/json"
