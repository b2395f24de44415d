"""How the calendar says no, and the words of faults in a calendar file."""

from __future__ import annotations

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from portal.directory import messages as directory

REFUSALS: dict[str, LazyString] = {
    "calendars.not_loaded": _l("No calendar of days off is loaded. Run portal upgrade."),
    "calendars.year_missing": _l(
        "The days off of %(year)s are not loaded (loaded: %(first)s to %(last)s). Nothing was counted or opened; an "
        "administrator enters the days off and opens the year."
    ),
    "calendars.year_not_open": _l("This day lies outside the years that are open. Open its year first."),
    "calendars.make_up_on_weekday": _l("A make-up working day is a Saturday or Sunday."),
    "calendars.swap_off_weekend": _l("The day off of a swap is a weekday; Saturdays and Sundays are off anyway."),
    "calendars.swap_needs_both": _l("A swap has two dates: the day off and the day worked for it. No other row has."),
    "calendars.day_taken": _l("%(day)s already stands in another row of the calendar; change or remove that first."),
    "calendars.doubt_missing": _l("An unconfirmed day says what is doubtful about it."),
    "calendars.document_missing": _l("Name the document: its number, or in words. What has none yet is unconfirmed."),
    "calendars.already_removed": _l("This day was removed before."),
    "calendars.years_in_order": _l("Year %(year)s cannot be opened now: years are opened one after another."),
    "calendars.hours_missing": _l("Monday to Friday need working hours, like 07:00-11:30, 13:30-17:00."),
    "calendars.exception_dates": _l("The last day lies before the first day."),
    "calendars.exception_without_end": _l("An exception for every day of the week needs a last day."),
    "calendars.desk_without_hours": _l("A desk that takes in needs its hours, like 07:30-11:30."),
    "calendars.exception_ended": _l("This exception has ended already."),
    "calendars.draft_decided": _l("This change was applied or discarded already."),
    "calendars.draft_outdated": _l(
        "The calendar has changed since this was shown. This is what the change would do now; look again, then apply."
    ),
    "calendars.nothing_changes": _l("The calendar says this already; nothing would change."),
}
FILE_FAULTS: dict[str, LazyString] = {
    **directory.FILE_FAULTS,
    "broken_json": _l("This is no list of days in JSON. Take the shape that portal calendar list --json prints."),
}
ROW_FAULTS: dict[str, LazyString] = {
    **{code: directory.ROW_FAULTS[code] for code in ("needed", "too_long", "not_a_day")},
    "kind": _l("Not a kind of day: off, make_up or swap."),
    "status": _l("Not a status: confirmed or unconfirmed."),
    "day_differs": _l("Row %(other)s says something else about the same day."),
    **REFUSALS,
}
OUTCOMES: dict[str, LazyString] = {
    "new": _l("new"),
    "changed": _l("changed"),
    "unchanged": _l("unchanged"),
    "rejected": _l("rejected"),
}
EXCEPTION_WORDS: dict[str, LazyString] = {
    "closed": _l("is closed"),
    "open": _l("is open, a working day of the unit"),
    "desk": _l("takes in only, no term runs on the day"),
}
