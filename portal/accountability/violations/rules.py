"""The road of a violation or complaint. PURE. Source: domain rules §3.11 (premature closure and falsified data are
violations, never causes of lateness), Kon Tum 489 (2021), Tây Sơn 976 (2020), the hotline of Quảng Nam (2022).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Kind(StrEnum):
    """What somebody is said to have done, beside being late."""

    PREMATURE_CLOSURE = "premature_closure"
    FALSIFIED_DATA = "falsified_data"
    STALLED = "stalled"
    OUTSIDE_SYSTEM = "outside_system"
    ATTITUDE = "attitude"


OWN_CONDUCT = frozenset({Kind.FALSIFIED_DATA, Kind.ATTITUDE})
"""What only whom it concerns can speak of: nobody answers it in their place while they are on leave."""


class Origin(StrEnum):
    """Where it comes from: the data, an inspection or colleague, a citizen on the hotline."""

    PORTAL = "portal"
    PERSON = "person"
    HOTLINE = "hotline"


class State(StrEnum):
    """Where it stands. ``suspected``: the portal's own suspicion, which accuses nobody until a person opens it."""

    SUSPECTED = "suspected"
    WAITING = "waiting"
    ANSWERED = "answered"
    RETURNED = "returned"
    CONCLUDED = "concluded"
    DISMISSED = "dismissed"


class Action(StrEnum):
    """What can be done with it."""

    OPEN = "open"
    DISMISS = "dismiss"
    ANSWER = "answer"
    RETURN = "return"
    CONCLUDE = "conclude"
    CONCLUDE_UNANSWERED = "conclude_unanswered"


class Actor(StrEnum):
    """Who takes an action: who records (office, head, Home Affairs), whom it concerns, who concludes."""

    RECORDER = "recorder"
    HOLDER = "holder"
    DECIDER = "decider"


@dataclass(frozen=True)
class Step:
    """One line of the machine: in ``sources``, ``actor`` may take the action; then the state is ``target``."""

    sources: tuple[State, ...]
    actor: Actor
    target: State


WRITABLE = (State.WAITING, State.RETURNED)
"""The states in which whom it concerns owes an answer."""
OPEN = (State.SUSPECTED, *WRITABLE, State.ANSWERED)
"""The states in which somebody still owes something."""

MACHINE: Mapping[Action, Step] = {
    Action.OPEN: Step((State.SUSPECTED,), Actor.RECORDER, State.WAITING),
    Action.DISMISS: Step((State.SUSPECTED,), Actor.RECORDER, State.DISMISSED),
    Action.ANSWER: Step(WRITABLE, Actor.HOLDER, State.ANSWERED),
    Action.RETURN: Step((State.ANSWERED,), Actor.DECIDER, State.RETURNED),
    Action.CONCLUDE: Step((State.ANSWERED,), Actor.DECIDER, State.CONCLUDED),
    Action.CONCLUDE_UNANSWERED: Step(WRITABLE, Actor.DECIDER, State.CONCLUDED),
}


def allows(state: State | str, action: Action) -> bool:
    """Whether the machine knows this action in this state."""
    return state in MACHINE[action].sources


class Finding(StrEnum):
    """What the decider finds."""

    FOUNDED = "founded"
    PARTLY = "partly"
    UNFOUNDED = "unfounded"


class Blame(StrEnum):
    """Whose fault; as with explanations, shared counts one half in the evaluation."""

    FULL = "full"
    SHARED = "shared"
    NONE = "none"


def goes_together(finding: Finding, blame: Blame) -> bool:
    """Nobody is blamed for what was not found; what was found may still be nobody's fault."""
    return finding is not Finding.UNFOUNDED or blame is Blame.NONE


CAUSES: Mapping[Kind, tuple[str, ...]] = {
    Kind.PREMATURE_CLOSURE: ("to_be_in_time", "result_not_entered", "closed_by_mistake", "closed_by_software"),
    Kind.FALSIFIED_DATA: ("lawful_unrecorded", "told_by_superior", "typed_wrongly", "to_be_in_time"),
    Kind.STALLED: ("waits_for_body", "waits_for_guidance", "dispute", "forgotten", "handed_over"),
    Kind.OUTSIDE_SYSTEM: ("system_down", "urgent", "applicant_asked", "habit"),
    Kind.ATTITUDE: ("misunderstanding", "pressure", "admitted", "denied"),
}
"""What the person concerned may state, per kind; "other" always, with words."""
OTHER_CAUSE = "other"

MEASURES: Mapping[Kind, tuple[str, ...]] = {
    Kind.PREMATURE_CLOSURE: ("reopen_case", "hand_over_result", "apologise"),
    Kind.FALSIFIED_DATA: ("restore_data", "check_other_cases", "apologise"),
    Kind.STALLED: ("settle_by_date", "reassign_case", "apologise"),
    Kind.OUTSIDE_SYSTEM: ("enter_case", "check_other_cases"),
    Kind.ATTITUDE: ("apologise", "answer_complainant", "change_desk"),
}
"""What is put right, per kind. Measures against the person are follow-ups, and stand there."""


def causes_of(kind: Kind | str) -> tuple[str, ...]:
    """The causes that may be stated for a kind, "other" last."""
    return (*CAUSES[Kind(kind)], OTHER_CAUSE)


def faults_of_record(kind: Kind, found_on: date, occurred_on: date | None, text: str, today: date) -> tuple[str, ...]:
    """Why something may not be recorded; codes. A violation is found on or after the day it happened."""
    faults = []
    if not text.strip():
        faults.append("text_missing")
    if found_on > today or (occurred_on is not None and occurred_on > today):
        faults.append("day_in_future")
    if occurred_on is not None and occurred_on > found_on:
        faults.append("found_before")
    return tuple(faults)


def faults_of_answer(kind: Kind | str, cause: str, text: str) -> tuple[str, ...]:
    """Why an answer may not be submitted; codes."""
    if cause not in causes_of(kind):
        return ("cause_missing",)
    return () if text.strip() else ("answer_missing",)


def is_past_term(state: State | str, due_on: date | None, today: date) -> bool:
    """Whether an answer is owed and late."""
    return state in WRITABLE and due_on is not None and today > due_on


def reply_is_owed(origin: Origin | str, reply: str) -> bool:
    """Whether the citizen who complained still has no answer (a hotline complaint is answered to its author)."""
    return origin == Origin.HOTLINE and not reply.strip()
