"""The deny-by-default door of every request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import abort, current_app, request
from flask_login import current_user

from portal.guard.tokens import Scope, require_token
from portal.guard.viewer import Permission, Viewer

View = TypeVar("View", bound=Callable[..., Any])
UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})


def permit(*permissions: Permission) -> Callable[[View], View]:
    """Mark a view: any one of these permissions lets a signed-in viewer call it."""
    if not permissions:
        raise ValueError("permit() needs at least one permission; say public() for an open page")

    def mark(view: View) -> View:
        view.__dict__["permitted"] = frozenset(permissions)
        return view

    return mark


def public(view: View) -> View:
    """Mark a view as open to anyone; the list is kept short by a test."""
    view.__dict__["permitted"] = frozenset()
    return view


def permitted(view: Callable[..., Any]) -> frozenset[Permission | Scope] | None:
    """What a view demands: None when it is unmarked (then nobody may call it), empty when it is public.

    A view for tokens demands its scope, which no role grants.
    """
    marked: frozenset[Permission | Scope] | None = getattr(view, "permitted", None)
    return marked


def current_viewer() -> Viewer:
    """The viewer of this request; nobody when there is none."""
    return getattr(current_user, "viewer", None) or Viewer.nobody()


def require_permission() -> Any:
    """Before every request: refuse foreign origins, unmarked endpoints, strangers and wrong roles."""
    if request.method in UNSAFE and request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        abort(403)
    if request.endpoint is None or request.endpoint == "static":
        return None
    demanded = permitted(current_app.view_functions[request.endpoint])
    if demanded is None:
        abort(403)
    if not demanded:
        return None
    scopes = [one for one in demanded if isinstance(one, Scope)]
    if scopes:
        return require_token(scopes[0])
    if not current_user.is_authenticated:
        return current_app.login_manager.unauthorized()  # type: ignore[attr-defined]
    if not demanded & current_viewer().permissions:
        abort(403)
    return None
