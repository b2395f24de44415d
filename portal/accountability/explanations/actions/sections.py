"""The optional step between the officer and the head: the head of a section reads first (domain rules §3.9).

Whoever reads says what they think and passes it on, or returns it to the officer; to conclude stays with the head of
the unit. When the section's term is over the head may go on without it: silence stops nobody and concludes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Self

from portal.accountability.explanations import queries
from portal.accountability.explanations.actions.moves import move, must_allow, record_step
from portal.accountability.explanations.actions.returning import send_back
from portal.accountability.explanations.events import ExplanationPassedOn, ExplanationReturnedBySection
from portal.accountability.explanations.models import Explanation, SectionReading
from portal.accountability.explanations.queries import Deciders
from portal.accountability.explanations.rules import (
    MACHINE,
    Action,
    State,
    is_with_section,
    may_return_from_section,
)
from portal.calendars.queries import current_calendar
from portal.database import db
from portal.guard import Viewer
from portal.policy import queries as policy
from portal.refusal import Refused


@dataclass(frozen=True)
class SectionTerm:
    """By when an answer handed in today is read by the head of a section, if any, and concluded by the unit's head."""

    decision_due_on: date
    unit_id: int | None = None
    due_on: date | None = None

    @classmethod
    def of(cls, rows: Sequence[Explanation], today: date, deciders: Deciders | None = None) -> dict[int, Self]:
        """By explanation, in working days of policy: the section's from today, the head's after them.

        ``rows``: of one holder. ``deciders``: of today, where they are read already.
        """
        calendar, days = current_calendar(), policy.explanation_days(today)
        plain = cls(calendar.add_working_days(today, days.head))
        if not policy.section_step(today):
            return dict.fromkeys((row.id for row in rows), plain)
        read_by = calendar.add_working_days(today, days.section)
        decide_by = calendar.add_working_days(read_by, days.head)
        deciders, excluded = deciders or Deciders.on(today), queries.excluded_from_deciding(rows)
        parts = {row.unit_id: deciders.section_of(row, excluded[row.id], today) for row in rows}
        return {row.id: cls(decide_by, part, read_by) if (part := parts[row.unit_id]) else plain for row in rows}

    @property
    def columns(self) -> dict[str, Any]:
        """As it stands in an explanation."""
        return {
            "decision_due_on": self.decision_due_on, "section_unit_id": self.unit_id, "section_due_on": self.due_on,
        }  # fmt: skip


def pass_on(explanation: Explanation, opinion: str, *, version: int, by: Viewer, at: datetime, today: date) -> None:
    """The head of the section has read it, says what they think, and gives it to the head, whose term begins."""
    must_allow(explanation, Action.PASS_ON)
    named = _as_reader(explanation, by, today)
    opinion = opinion.strip()
    if not opinion:
        raise Refused("explanations.opinion_missing")
    due_on = current_calendar().add_working_days(today, policy.explanation_days(today).head)
    unit_id = explanation.section_unit_id
    to = {"section_unit_id": None, "section_due_on": None, "decision_due_on": due_on}
    move(explanation, MACHINE[Action.PASS_ON].sources, version, **to)
    db.session.add(
        SectionReading(
            explanation_id=explanation.id, unit_id=unit_id, opinion=opinion, by_id=by.person_id, read_on=today, at=at
        )
    )
    record_step(ExplanationPassedOn(opinion=opinion, decision_due_on=due_on), explanation, named, at)


def return_from_section(
    explanation: Explanation, comment: str, *, version: int, by: Viewer, at: datetime, today: date
) -> None:
    """The head of the section asks for a rework with a comment; the officer's term begins anew.

    It counts among the returns of the explanation and leaves the last one to the head of the unit.
    """
    must_allow(explanation, Action.SECTION_RETURN)
    named = _as_reader(explanation, by, today)
    if not may_return_from_section(explanation.returned_times, policy.return_max(today)):
        raise Refused("explanations.last_return_is_the_heads", times=explanation.returned_times)
    back = send_back(explanation, comment, by_section=True, version=version, by=by, at=at, today=today)
    event = ExplanationReturnedBySection(comment=back.comment, times=explanation.returned_times, due_on=back.due_on)
    record_step(event, explanation, named, at)


def _as_reader(explanation: Explanation, by: Viewer, today: date) -> Viewer:
    """The viewer as the trail names them, provided they read for the section today."""
    deciders = Deciders.on(today)
    if not queries.reads_for_section(explanation, by, deciders, today):
        raise Refused("explanations.not_section_head")
    return by.standing_in(deciders.heads[explanation.section_unit_id or 0])


def must_be_through(explanation: Explanation, today: date) -> None:
    """Refuse what comes after the head of the section while his term runs."""
    if explanation.state == State.SUBMITTED and is_with_section(explanation.section_due_on, today):
        raise Refused("explanations.section_first", day=f"{explanation.section_due_on:%d/%m/%Y}")
