"""How the file store and the registers say no."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

REFUSALS: Mapping[str, LazyString] = {
    "documents.empty_file": _l("The file %(name)s is empty. Nothing was kept."),
    "documents.too_large": _l("The file %(name)s is larger than %(most)s MiB. Nothing was kept."),
    "documents.type_not_allowed": _l("The file %(name)s is of a kind the portal does not keep. Allowed: %(allowed)s."),
    "documents.not_what_it_says": _l(
        "The file %(name)s is damaged or is not a real .%(ending)s file. Nothing was kept."
    ),
    "documents.has_macros": _l("The file %(name)s contains macros. Save it without macros and send it again."),
    "documents.too_many_members": _l("The file %(name)s holds more than %(most)s parts. Nothing was kept."),
    "documents.inflates_too_much": _l("The file %(name)s unpacks to far more than its size. Nothing was kept."),
    "documents.bad_number": _l("%(number)s is no possible document number."),
    "documents.number_taken": _l(
        "Number %(number)s of %(year)s was given before. The next free number of the register is %(next)s."
    ),
    "documents.number_not_in_use": _l("Number %(number)s of %(year)s is not in use."),
    "documents.reason_missing": _l("Write the reason; a number is not cancelled without one."),
}
