"""How the calendar says no."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

REFUSALS = {
    "calendars.not_loaded": _l("No calendar of days off is loaded. Run portal upgrade."),
    "calendars.year_missing": _l(
        "The days off of %(year)s are not loaded (loaded: %(first)s to %(last)s). Nothing was counted or opened; an "
        "administrator enters the days off and opens the year."
    ),
    "calendars.year_not_open": _l("This day lies outside the years that are open. Open its year first."),
    "calendars.make_up_on_weekday": _l("A make-up working day is a Saturday or Sunday."),
    "calendars.doubt_missing": _l("An unconfirmed day says what is doubtful about it."),
    "calendars.already_removed": _l("This day was removed before."),
    "calendars.years_in_order": _l("Year %(year)s cannot be opened now: years are opened one after another."),
}
