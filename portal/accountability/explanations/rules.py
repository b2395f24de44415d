"""The road of an explanation as data: states, actions, who may take them, and what a conclusion may say. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from portal.deadlines import WorkingCalendar


class State(StrEnum):
    """Where an explanation stands (domain §3.14)."""

    WAITING = "waiting"
    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    CONCLUDED = "concluded"
    CANCELLED = "cancelled"


class Action(StrEnum):
    """What can be done with an explanation."""

    SAVE = "save"
    SUBMIT = "submit"
    ALREADY_DONE = "already_done"
    NOT_MINE = "not_mine"
    REASSIGN = "reassign"
    KEEP_HOLDER = "keep_holder"
    RETURN = "return"
    CONCLUDE = "conclude"
    CONCLUDE_UNANSWERED = "conclude_unanswered"
    CANCEL = "cancel"


class Actor(StrEnum):
    """Who takes an action."""

    HOLDER = "holder"
    DECIDER = "decider"
    LEDGER = "ledger"


class CauseClass(StrEnum):
    """The class of the cause; the head decides it."""

    SUBJECTIVE = "subjective"
    OBJECTIVE = "objective"
    TECHNICAL = "technical"
    OTHER_BODY = "other_body"


class Blame(StrEnum):
    """Whose fault; a fact of its own beside the lateness."""

    FULL = "full"
    SHARED = "shared"
    NONE = "none"


WRITABLE = (State.WAITING, State.DRAFT, State.RETURNED)
"""The states in which the officer writes."""

OPEN = (*WRITABLE, State.SUBMITTED)
"""The states in which somebody still owes something."""


@dataclass(frozen=True)
class Step:
    """One line of the machine: in ``sources``, ``actor`` may take the action; then the state is ``target``.

    ``target`` None: the state stays as it is. ``clock``: what happens to the term of the officer.
    """

    sources: tuple[State, ...]
    actor: Actor
    target: State | None
    clock: str = "runs"


MACHINE: Mapping[Action, Step] = {
    Action.SAVE: Step((State.WAITING, State.DRAFT), Actor.HOLDER, State.DRAFT),
    Action.SUBMIT: Step(WRITABLE, Actor.HOLDER, State.SUBMITTED, "answered"),
    Action.ALREADY_DONE: Step(WRITABLE, Actor.HOLDER, State.SUBMITTED, "answered"),
    Action.NOT_MINE: Step(WRITABLE, Actor.HOLDER, None, "stops"),
    Action.REASSIGN: Step(WRITABLE, Actor.DECIDER, State.WAITING, "starts"),
    Action.KEEP_HOLDER: Step(WRITABLE, Actor.DECIDER, None, "starts"),
    Action.RETURN: Step((State.SUBMITTED,), Actor.DECIDER, State.RETURNED, "starts"),
    Action.CONCLUDE: Step((State.SUBMITTED,), Actor.DECIDER, State.CONCLUDED, "over"),
    Action.CONCLUDE_UNANSWERED: Step(WRITABLE, Actor.DECIDER, State.CONCLUDED, "over"),
    Action.CANCEL: Step(OPEN, Actor.LEDGER, State.CANCELLED, "over"),
}


def allows(state: State | str, action: Action) -> bool:
    """Whether the machine knows this action in this state."""
    return state in MACHINE[action].sources


def after(state: State, action: Action) -> State:
    """The state after an action; raises ValueError where the machine forbids it.

    A returned explanation that is saved stays returned: the return must remain visible until it is submitted again.
    """
    if action is Action.SAVE and state is State.RETURNED:
        return State.RETURNED
    step = MACHINE[action]
    if state not in step.sources:
        raise ValueError(f"{action} is not possible in state {state}")
    return step.target or state


VALID_BLAME: Mapping[CauseClass, frozenset[Blame]] = {
    CauseClass.SUBJECTIVE: frozenset({Blame.FULL, Blame.SHARED}),
    CauseClass.OBJECTIVE: frozenset({Blame.NONE}),
    CauseClass.TECHNICAL: frozenset({Blame.NONE}),
    CauseClass.OTHER_BODY: frozenset({Blame.NONE}),
}
"""Cause class × blame, domain §3.11."""


def goes_together(cause_class: CauseClass, blame: Blame) -> bool:
    """Whether a conclusion may pair this class with this blame (§3.11)."""
    return blame in VALID_BLAME[cause_class]


def bulk_conclusion(stated_class: CauseClass | str | None) -> tuple[CauseClass, Blame] | None:
    """The only conclusion that may be drawn in bulk for a cause: the class the officer himself stated (§3.12).

    None where the stated cause has no default class ("quá tải"): the head chooses and says why, one by one.
    """
    if not stated_class:
        return None
    cause_class = CauseClass(stated_class)
    return cause_class, (Blame.FULL if cause_class is CauseClass.SUBJECTIVE else Blame.NONE)


def needs_reason(stated_class: str | None, cause_class: CauseClass, *, answered: bool) -> bool:
    """Whether a conclusion must say why: its class differs from the stated one, or nothing was stated."""
    return not answered or stated_class != cause_class


def may_return(returned_times: int, most: int) -> bool:
    """Whether the head may ask for another rework; after the last one he must conclude (§3.8)."""
    return returned_times < most


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


class Seat(StrEnum):
    """From which seat somebody concludes."""

    HEAD = "head"
    NEXT_HEAD = "next_head"
    CHAIR = "chair"
    ABOVE = "above"


@dataclass(frozen=True)
class Decider:
    """Who concludes; ``person_id`` None with seat ABOVE: the level above, by a recorded letter."""

    person_id: int | None
    seat: Seat


def who_concludes(
    line: Sequence[int], heads: Mapping[int, int], chair_id: int | None, excluded: frozenset[int]
) -> Decider:
    """The person who concludes an explanation today (§3.8).

    ``line``: the frozen unit and its ancestors upward on the managed-by line. ``heads``: unit → today's head.
    ``chair_id``: the chair of the level. ``excluded``: the writer and everybody whose own step is named: nobody
    concludes his own case.
    """
    for position, unit_id in enumerate(line):
        head = heads.get(unit_id)
        if head is not None and head not in excluded:
            return Decider(head, Seat.HEAD if position == 0 else Seat.NEXT_HEAD)
    if chair_id is not None and chair_id not in excluded:
        return Decider(chair_id, Seat.CHAIR)
    return Decider(None, Seat.ABOVE)


@dataclass(frozen=True)
class Answer:
    """What the officer wrote."""

    cause_id: int | None
    happened: str
    remedy: str
    commitment: str
    commitment_on: date | None


def missing_parts(answer: Answer, *, needs_evidence: bool, has_evidence: bool, still_open: bool) -> tuple[str, ...]:
    """What is still missing before an answer may be submitted; codes in the order of the page.

    An open case also needs the day by which it will be done; a cause that needs evidence needs an attachment.
    """
    missing = []
    if answer.cause_id is None:
        missing.append("cause")
    if not answer.happened.strip():
        missing.append("happened")
    if not answer.remedy.strip():
        missing.append("remedy")
    if still_open and answer.commitment_on is None:
        missing.append("commitment_on")
    if needs_evidence and not has_evidence:
        missing.append("evidence")
    return tuple(missing)
