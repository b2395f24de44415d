"""What an invented answer says beside its texts: numbers and days that fit the case it explains."""

from __future__ import annotations

from portal.calendars.queries import current_calendar
from portal.cases.models import Case
from portal.demo.texts import Story


def details_of(story: Story, case: Case) -> dict[str, str]:
    """The details a cause asks for, as the officer of this case would give them."""
    calendar = current_calendar()
    said = {field: text.format(number=20 + case.id % 170) for field, text in story.details}
    begins = {"received": case.received_at.date(), "due": (case.ruling_due_at or case.received_at).date()}
    for field, since, days in story.days:
        said[field] = f"{calendar.add_working_days(begins[since], days)}"
    return said
