"""The roads of a technical incident and of a question to another body. PURE. Source: domain rules §3.11.

A technical cause and another body's delay excuse an officer in the evaluation only when the competent body confirmed
them: the IT authority an incident and its interval, the body asked its own part.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from portal.deadlines import WorkingCalendar


class State(StrEnum):
    """Where an incident stands."""

    PROPOSED = "proposed"
    DECLARED = "declared"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    DISMISSED = "dismissed"
    WITHDRAWN = "withdrawn"


class Action(StrEnum):
    """What can be done with an incident."""

    DECLARE = "declare"
    DISMISS = "dismiss"
    CONFIRM = "confirm"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"


class Actor(StrEnum):
    """Who takes an action: the monitoring office or the head of a unit it touches; the IT authority."""

    DECLARER = "declarer"
    IT_AUTHORITY = "it_authority"


@dataclass(frozen=True)
class Step:
    """One line of the machine: in ``sources``, ``actor`` may take the action; then the state is ``target``."""

    sources: tuple[State, ...]
    actor: Actor
    target: State


MACHINE: Mapping[Action, Step] = {
    Action.DECLARE: Step((State.PROPOSED,), Actor.DECLARER, State.DECLARED),
    Action.DISMISS: Step((State.PROPOSED,), Actor.DECLARER, State.DISMISSED),
    Action.CONFIRM: Step((State.DECLARED, State.CONFIRMED, State.REFUSED), Actor.IT_AUTHORITY, State.CONFIRMED),
    Action.REFUSE: Step((State.DECLARED, State.CONFIRMED), Actor.IT_AUTHORITY, State.REFUSED),
    Action.WITHDRAW: Step((State.DECLARED,), Actor.DECLARER, State.WITHDRAWN),
}
"""The IT authority may correct its own word by a further decision; every decision stays."""

LINKING = (State.PROPOSED, State.DECLARED, State.CONFIRMED)
"""The states in which cases are linked: an interval may be confirmed before all its cases are known."""


def allows(state: State | str, action: Action) -> bool:
    """Whether the machine knows this action in this state."""
    return state in MACHINE[action].sources


class Overlap(StrEnum):
    """What the interval of an incident touched of a case."""

    TERM = "term"
    AFTER_DUE = "after_due"
    NONE = "none"


@dataclass(frozen=True)
class Touched:
    """How an interval lies to a case. ``working_days``: those of the term on which it lasted, a part counts whole."""

    overlap: Overlap
    working_days: int = 0


def touched(
    interval: tuple[datetime, datetime | None],
    term: tuple[datetime, datetime | None],
    ended_at: datetime | None,
    now: datetime,
    calendar: WorkingCalendar,
) -> Touched:
    """Whether an incident fell into the term of a case, only into its lateness, or into neither.

    ``interval``: from, to (None: still lasting). ``term``: received, due. ``ended_at``: the end of the case, None while
    open. All are wall time. Days outside the loaded calendar are not counted.
    """
    begun, until = interval[0], interval[1] or now
    received, due = term
    if due is None or until < received or begun > (ended_at or now):
        return Touched(Overlap.NONE)
    if begun > due:
        return Touched(Overlap.AFTER_DUE)
    first, last = max(begun, received).date(), min(until, due).date()
    if not (calendar.covers(first) and calendar.covers(last)):
        return Touched(Overlap.TERM)
    return Touched(Overlap.TERM, calendar.working_days_between(first, last) + calendar.is_working(first))


def fault_of_interval(begun: datetime, ended: datetime | None, now: datetime) -> str | None:
    """What is wrong with the interval of an incident: a refusal code, or None. ``now``: wall time."""
    if begun > now:
        return "incidents.begins_in_future"
    if ended is not None and ended < begun:
        return "incidents.ends_before_begin"
    return "incidents.ends_in_future" if ended is not None and ended > now else None


@dataclass(frozen=True)
class Unusual:
    """When so many terms missed on one day are no longer chance (policy ``incidents.mass_overdue``).

    ``least``: fewer are never proposed. ``times``: how many times the usual number. ``look_back_days``: working days
    over which the usual number is taken.
    """

    least: int
    times: int
    look_back_days: int

    def is_met(self, count: int, before: int) -> bool:
        """Whether ``count`` on one day is unusual where ``before`` were missed in all the days looked back over."""
        return count >= self.least and count * self.look_back_days >= self.times * before


class QuestionState(StrEnum):
    """Where a question to another body stands. Silence is no state: it is a question past its term."""

    ASKED = "asked"
    ANSWERED = "answered"
    WITHDRAWN = "withdrawn"


class Confirms(StrEnum):
    """What the body says to the delay ascribed to it."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"


class Way(StrEnum):
    """How an answer came: typed by the body in the portal, or from its recorded letter."""

    PORTAL = "portal"
    LETTER = "letter"


class Stops(StrEnum):
    """Whose clock a question stops: the officer's, the head's, or nobody's (a body is waited for once)."""

    ANSWER = "answer"
    DECISION = "decision"
    NONE = "none"


def is_unanswered(state: QuestionState | str, due_on: date, today: date) -> bool:
    """Whether the body let its term pass: the clock runs again, and the head may conclude "unconfirmed" (§3.11)."""
    return state == QuestionState.ASKED and today > due_on


@dataclass(frozen=True)
class Standstill:
    """A span in which a clock stands: after ``begun_on``, up to and including ``until``."""

    begun_on: date
    until: date


def due_with(due_before: date, spans: Iterable[Standstill], calendar: WorkingCalendar) -> date:
    """The due day of a duty whose clock stood: later by the working days of all spans; days in two spans count once."""
    days, counted_to = 0, None
    for span in sorted(spans, key=lambda one: one.begun_on):
        begin = span.begun_on if counted_to is None else max(span.begun_on, counted_to)
        if span.until > begin:
            days += calendar.working_days_between(begin, span.until)
            counted_to = span.until
    return calendar.add_working_days(due_before, days)


def missing_parts(*, text: str, body: str, body_unit_id: int | None) -> tuple[str, ...]:
    """What a question still lacks; codes in the order of the page."""
    parts = {"body": body.strip() or body_unit_id, "text": text.strip()}
    return tuple(part for part, there in parts.items() if not there)


def faults_of_answer(
    way: Way, text: str, document: str, received_on: date | None, returned_on: date | None, today: date
) -> tuple[str, ...]:
    """Why an answer may not be recorded; codes. A letter needs its number; nothing lies in the future."""
    faults = []
    if not text.strip():
        faults.append("answer_missing")
    if way is Way.LETTER and not document.strip():
        faults.append("letter_missing")
    if any(day is not None and day > today for day in (received_on, returned_on)):
        faults.append("day_in_future")
    if received_on and returned_on and returned_on < received_on:
        faults.append("returned_before_received")
    return tuple(faults)


def typed_codes(text: str) -> Sequence[str]:
    """Case codes as people paste them: one a line, or parted by commas, semicolons or blanks; each once, in order."""
    return tuple(dict.fromkeys(text.replace(",", " ").replace(";", " ").split()))
