"""The words of refusals."""

from __future__ import annotations

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

REFUSALS: dict[str, LazyString] = {
    "figures.from_after_to": _l("The first day of the period lies after its last day."),
    "figures.successors_of_units": _l("Only rows of units can be rolled up to their successors."),
    "figures.on_before_to": _l("The state cannot be told as of a day before the end of the period."),
}
