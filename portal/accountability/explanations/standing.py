"""When a term ends whose holder is on leave for a part of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Self

from portal.access.queries import leaves_of
from portal.accountability.explanations.rules import due_after_leave
from portal.accountability.incidents.rules import Standstill
from portal.calendars.queries import current_calendar
from portal.deadlines import DayOutsideCalendar
from portal.policy import queries as policy


@dataclass(frozen=True)
class NewTerm:
    """A term that begins; ``base_due_on``: without the leave of its holder, where that moved it."""

    due_on: date
    base_due_on: date | None

    @classmethod
    def of(cls, holder_id: int | None, today: date) -> Self:
        """It begins today: the officer's working days of policy, leave left out."""
        base = current_calendar().add_working_days(today, policy.explanation_days(today).officer)
        due = answer_due(holder_id, base, today, ())
        return cls(due, None if due == base else base)

    @property
    def columns(self) -> dict[str, date | None]:
        """As it stands in an explanation or a further one, the notice apart."""
        return {"due_on": self.due_on, "base_due_on": self.base_due_on}


def answer_due(holder_id: int | None, base: date, since: date, questions: Iterable[Standstill]) -> date:
    """When the answer of a holder is due, with leave and questions, in a term that counts from ``since``.

    Leave beyond the loaded calendar moves nothing yet; it does once the missing year is open.
    """
    leaves = [] if holder_id is None else leaves_of([holder_id], since)
    days = [(one.first_day, one.last_day) for one in leaves]
    try:
        return due_after_leave(base, since, days, questions, current_calendar())
    except DayOutsideCalendar:
        return due_after_leave(base, since, (), questions, current_calendar())
