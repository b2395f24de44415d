"""The clocks that questions to other bodies stop: of who writes an answer or a further one, of who decides (§3.11).

Only due days are moved: by the whole term of a question at once, and back when its answer comes earlier.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from portal.accountability.explanations.leave import began_on
from portal.accountability.explanations.models import Explanation
from portal.accountability.explanations.rules import WRITABLE, State
from portal.accountability.explanations.standing import answer_due
from portal.accountability.explanations.supplements import TO_WRITE, Supplement
from portal.accountability.incidents import queries
from portal.accountability.incidents.models import BodyQuestion
from portal.accountability.incidents.rules import Standstill, Stops, due_with
from portal.calendars.queries import current_calendar
from portal.database import transition

Duty = Explanation | Supplement
"""What a question may be about: the first explanation of a breach, or a further one."""


@dataclass(frozen=True)
class Clock:
    """One term that may stand. ``stops`` ANSWER: of who writes the duty, DECISION: of who decides it, NONE: no term."""

    duty: Duty
    stops: Stops

    @property
    def due_on(self) -> date | None:
        """The due day as it is now; None where this term does not run."""
        if self.stops == Stops.ANSWER:
            return self.duty.due_on if is_written(self.duty) else None
        if self.stops == Stops.DECISION and isinstance(self.duty, Explanation):
            return self.duty.decision_due_on if self.duty.state == State.SUBMITTED else None
        return None

    def base(self, before: Sequence[BodyQuestion]) -> date | None:
        """The due day without any question: that of the earlier ones, unless the duty got another term since."""
        due = self.due_on
        if due is None:
            return None
        if self.stops == Stops.ANSWER and self.duty.base_due_on is not None:
            return self.duty.base_due_on
        calendar = current_calendar()
        for base in sorted({one.due_before for one in before if one.due_before is not None}):
            if due_with(base, queries.standstills(self._stopped_by(before, base)), calendar) == due:
                return base
        return due

    def stand(self, questions: Sequence[BodyQuestion], base: date) -> date:
        """Move the due day to where these questions bring it; the leave of who writes stops the clock as well."""
        spans = queries.standstills(self._stopped_by(questions, base))
        if self.stops == Stops.ANSWER:
            due = answer_due(self.duty.holder_id, base, since(self.duty), spans)
            self._move({"due_on": due, "base_due_on": base})
        else:
            due = due_with(base, spans, current_calendar())
            self._move({"decision_due_on": due})
        return due

    def stands_by(self, question: BodyQuestion, questions: Sequence[BodyQuestion], base: date) -> bool:
        """Whether the duty still has the term that a question, answered just now, made stand."""
        if self.stops == Stops.ANSWER and self.duty.base_due_on is not None:
            return self.due_on is not None and self.duty.base_due_on == base
        others = [one for one in self._stopped_by(questions, base) if one.id != question.id]
        silent = [*queries.standstills(others), Standstill(question.asked_on, question.due_on)]
        return self.due_on == due_with(base, silent, current_calendar())

    def _stopped_by(self, questions: Sequence[BodyQuestion], base: date) -> list[BodyQuestion]:
        return queries.stopping(questions, self.stops, base, supplement_id_of(self.duty))

    def _move(self, to: dict[str, date]) -> None:
        model = type(self.duty)
        transition(model, self.duty.id, where={"state": self.duty.state}, to=to)


def is_written(duty: Duty) -> bool:
    """Whether it is still to be handed in."""
    return duty.state in (TO_WRITE if isinstance(duty, Supplement) else WRITABLE)


def since(duty: Duty) -> date:
    """The day from which the running term of who writes counts."""
    return duty.noticed_on if isinstance(duty, Supplement) else began_on(duty)


def supplement_id_of(duty: Duty) -> int | None:
    """The number of a further explanation; None for the first one."""
    return duty.id if isinstance(duty, Supplement) else None
