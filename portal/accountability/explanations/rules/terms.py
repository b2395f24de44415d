"""When an answer is late, and when somebody who is late is urged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum

from portal.accountability.incidents.rules import Standstill, due_with
from portal.deadlines import WorkingCalendar


def is_past_term(due_on: date | None, today: date, *, stopped_at: datetime | None, legacy: bool) -> bool:
    """Whether the answer is late: term over, clock running, breach not older than the portal (§3.9)."""
    return due_on is not None and today > due_on and stopped_at is None and not legacy


def counts_as_late_answer(due_on: date | None, submitted_on: date, *, legacy: bool) -> bool:
    """Whether an answer given on a day was late."""
    return due_on is not None and submitted_on > due_on and not legacy


class Stage(StrEnum):
    """How far somebody was urged whose term is over; the last stage tells the next head up."""

    FIRST = "first"
    SECOND = "second"
    NEXT_HEAD = "next_head"


def stage_days(
    due_on: date, calendar: WorkingCalendar, *, reminders_after_days: Sequence[int], escalate_after_days: int
) -> dict[Stage, date]:
    """The day of each stage after a term that was not kept, in working days from ``due_on`` (issue 5: D+1, D+3, third).

    The same for the term of the officer and for that of who decides. ``reminders_after_days``: at most two are used;
    the third is ``escalate_after_days``. Raises DayOutsideCalendar where the calendar of those days is not loaded.
    """
    reminders = zip((Stage.FIRST, Stage.SECOND), sorted(reminders_after_days), strict=False)
    after = {**dict(reminders), Stage.NEXT_HEAD: escalate_after_days}
    return {stage: calendar.add_working_days(due_on, days) for stage, days in after.items()}


def stage_on(today: date, days: Mapping[Stage, date]) -> Stage | None:
    """The furthest stage whose day has come; None while nobody is to be urged. A missed day is made up for so."""
    reached = [stage for stage in Stage if stage in days and days[stage] <= today]
    return reached[-1] if reached else None


def due_after_leave(
    base: date,
    noticed_on: date,
    leaves: Iterable[tuple[date, date]],
    questions: Iterable[Standstill],
    calendar: WorkingCalendar,
) -> date:
    """When an answer is due whose holder is on leave from one day to another, both included (issue 5).

    ``base``: the term without any standstill, counted from ``noticed_on``. Working days of leave do not count, nor do
    those on which a question to another body made the clock stand; a day that is both counts once. A leave that begins
    after the term moves nothing. Raises DayOutsideCalendar where the calendar of those days is not loaded.
    """
    spans = list(questions)
    due = due_with(base, spans, calendar)
    for first, last in sorted(leaves):
        begun_on = max(first - timedelta(days=1), noticed_on)
        if first <= due and last > begun_on:
            spans.append(Standstill(begun_on, last))
            due = due_with(base, spans, calendar)
    return due
