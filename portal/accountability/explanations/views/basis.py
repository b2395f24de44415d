"""What every page of explanations rests on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Self

from flask import Blueprint

from portal import clock
from portal.accountability.explanations.models import Explanation
from portal.accountability.explanations.queries import Deciders, ExplanationQuery
from portal.calendars.queries import calendar_for_terms, current_calendar
from portal.deadlines import WorkingCalendar
from portal.guard import Permission, viewer
from portal.web.respond import or_404

bp = Blueprint("explanations", __name__, url_prefix="/explanations")
WRITES = (Permission.WRITE_EXPLANATIONS,)
DECIDES = (Permission.CONCLUDE, Permission.OPEN_BREACHES)
SHOWN = 200


@dataclass(frozen=True)
class Basis:
    """What every part of a page rests on: the day, its calendar, and who decides on it; read once for each page."""

    today: date
    calendar: WorkingCalendar
    deciders: Deciders

    @classmethod
    def read(cls) -> Self:
        """As of today."""
        today = clock.today()
        return cls(today, current_calendar(), Deciders.on(today))


def ages(today: date, calendar: WorkingCalendar) -> Callable[[date], int]:
    """How many working days a term is past today; provisionally, by weekends only, while today's year is not open."""
    chosen = calendar if calendar.covers(today) else calendar_for_terms()
    return lambda due_on: chosen.working_days_between(due_on, today)


def find(explanation_id: int) -> Explanation:
    """The explanation within the viewer's scope; out of scope does not exist."""
    return or_404(ExplanationQuery.visible_to(viewer()).get(explanation_id))
