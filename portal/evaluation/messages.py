"""How the evaluation says no."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

REFUSALS = {
    "evaluation.not_begun": _l("The evaluation year %(year)s has not begun, so there is nothing to count yet."),
}
