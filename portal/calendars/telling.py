"""To whom it is told that the days off of the next year are missing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.calendars.queries import next_year_missing
from portal.guard import Role
from portal.notices.kinds import Item, Kind, Telling, known_kind
from portal.notices.queries import holders_of

YEAR_MISSING = known_kind(
    Kind(
        name="calendars.year_missing",
        label=_l("The calendar of the next year is missing"),
        says=lambda _count, _stage: _("The days off of the next year are not entered yet"),
        endpoint="calendar_years.propose",
        argument="year",
    )
)


def tell_of_calendar(today: date, begins: tuple[int, int]) -> Iterator[Telling]:
    """From the month and day ``begins`` on, once a month until the year is there, to every administrator."""
    year = next_year_missing(today, begins)
    if year is None:
        return
    items = (Item(entity_id=year, person_id=who, label=str(year)) for who in holders_of(Role.ADMINISTRATOR, today))
    yield Telling(YEAR_MISSING, f"{today:%m}", tuple(items))
