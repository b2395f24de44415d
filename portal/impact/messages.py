"""The words of what becomes of a case."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from portal.impact.rules import Effect

EFFECTS: Mapping[Effect, LazyString] = {
    Effect.BECOMES_OVERDUE: _l("becomes overdue"),
    Effect.NO_LONGER_OVERDUE: _l("no longer overdue"),
    Effect.LATER: _l("due later"),
    Effect.EARLIER: _l("due earlier"),
}
