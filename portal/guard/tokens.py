"""The third kind of caller, beside people (``permit``) and strangers (``public``): a machine with a token."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any, TypeVar

from flask import abort

from portal.extensions import csrf

View = TypeVar("View", bound=Callable[..., Any])


class Scope(StrEnum):
    """What a token allows at all; which rows is decided by its source."""

    CASES_WRITE = "cases:write"
    STEPS_WRITE = "steps:write"
    BATCHES_READ = "batches:read"


def token(scope: Scope) -> Callable[[View], View]:
    """Mark a view: only a token with this scope calls it, never a signed-in person.

    Such a view has no form token to check: a token is sent by a program on purpose, no browser adds it by itself.
    """

    def mark(view: View) -> View:
        view.__dict__["permitted"] = frozenset({scope})
        csrf.exempt(view)
        return view

    return mark


_doors: list[Callable[[Scope], Any]] = []


def token_door(check: Callable[[Scope], Any]) -> Callable[[Scope], Any]:
    """Register who asks for the token: gives None where it allows the scope, otherwise the answer that refuses."""
    _doors[:] = [check]
    return check


def require_token(scope: Scope) -> Any:
    """Ask the registered door. Where there is none, nobody comes in."""
    if not _doors:
        abort(403)
    return _doors[0](scope)
