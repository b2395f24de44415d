"""How an action says no. A refusal is a code with facts; the words are made at the edge, in the reader's language."""

from __future__ import annotations

from typing import Any

from portal.deadlines import DayOutsideCalendar


class Refused(Exception):
    """A rule says no. ``code`` is stable (``feature.reason``); ``facts`` fill the sentence shown to the user."""

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts

    def __str__(self) -> str:
        return f"{self.code} {self.facts}" if self.facts else self.code


class Conflict(Refused):
    """Someone else changed the row first; the caller's text must be kept and shown beside the new state."""

    def __init__(self, code: str = "changed_meanwhile", **facts: Any) -> None:
        super().__init__(code, **facts)


def beyond_calendar(gap: DayOutsideCalendar) -> Refused:
    """What a count says that ran into days whose calendar is not loaded: a rule, not a fault of the portal."""
    return Refused(
        "calendars.year_missing", year=gap.day.year, first=f"{gap.first:%d/%m/%Y}", last=f"{gap.last:%d/%m/%Y}"
    )
