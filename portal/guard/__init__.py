"""Who may call which endpoint: a table of grants, three decorators, and a default of no."""

from portal.guard.rights import current_viewer as viewer
from portal.guard.rights import permit, public, require_permission
from portal.guard.tokens import Scope, token, token_door
from portal.guard.viewer import GRANTS, Permission, Role, Viewer, grants_of

__all__ = [
    "GRANTS",
    "Permission",
    "Role",
    "Scope",
    "Viewer",
    "grants_of",
    "permit",
    "public",
    "require_permission",
    "token",
    "token_door",
    "viewer",
]
