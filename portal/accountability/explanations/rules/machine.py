"""The road of an explanation as one table: state, action, who, guard, effect (issue 5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


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
    HAND_OVER = "hand_over"
    PASS_ON = "pass_on"
    SECTION_RETURN = "section_return"
    RETURN = "return"
    CONCLUDE = "conclude"
    CONCLUDE_UNANSWERED = "conclude_unanswered"
    WITHDRAW = "withdraw"
    OBJECT = "object"
    DECIDE_OBJECTION = "decide_objection"
    CANCEL = "cancel"


class Actor(StrEnum):
    """Who takes an action."""

    HOLDER = "holder"
    DECIDER = "decider"
    HEAD_OR_OFFICE = "head_or_office"
    SECTION_HEAD = "section_head"
    WHO_CONCLUDED = "who_concluded"
    CONCLUDED_UPON = "concluded_upon"
    NEXT_HEAD = "next_head"
    LEDGER = "ledger"


class Guard(StrEnum):
    """What must hold beside the state."""

    CLOCK_RUNS = "clock_runs"
    COMPLETE = "complete"
    EVIDENCE = "evidence"
    NAMES_ANOTHER = "names_another"
    ASKED = "asked"
    IN_REACH = "in_reach"
    AT_SECTION = "at_section"
    SECTION_THROUGH = "section_through"
    RETURNS_LEFT = "returns_left"
    LEAVES_ONE_RETURN = "leaves_one_return"
    COMMENT = "comment"
    NOT_OWN_CASE = "not_own_case"
    REASON_IF_HARSHER = "reason_if_harsher"
    TERM_OVER = "term_over"
    SAME_DAY = "same_day"
    NOTHING_BUILT = "nothing_built"
    ONCE_IN_TERM = "once_in_term"
    REASON = "reason"
    APPROVED = "approved"


class Effect(StrEnum):
    """What follows beside the new state."""

    FIRST_DRAFT_IN_TRAIL = "first_draft_in_trail"
    TEXT_KEPT = "text_kept"
    HEAD_TERM = "head_term"
    OPINION_KEPT = "opinion_kept"
    CLOCK_STOPS = "clock_stops"
    NEW_TERM = "new_term"
    NEW_HOLDER = "new_holder"
    WRITES_FOR = "writes_for"
    STANDS = "stands"
    COUNTS = "counts"
    OBJECTION_TERM = "objection_term"
    NO_CONCLUSION = "no_conclusion"
    NEXT_HEAD_TERM = "next_head_term"
    FURTHER_ROW = "further_row"
    DUTY_ENDS = "duty_ends"


WRITABLE = (State.WAITING, State.DRAFT, State.RETURNED)
"""The states in which the officer writes."""

OPEN = (*WRITABLE, State.SUBMITTED)
"""The states in which somebody still owes something."""


@dataclass(frozen=True)
class Step:
    """One line of the machine: in ``sources``, ``actor`` may take the action; then the state is ``target``.

    ``target`` None: the state stays as it is. ``back``: the state is the one from which it was concluded.
    """

    sources: tuple[State, ...]
    actor: Actor
    target: State | None
    guards: tuple[Guard, ...] = ()
    effects: tuple[Effect, ...] = ()
    back: bool = False


MACHINE: Mapping[Action, Step] = {
    Action.SAVE: Step((State.WAITING, State.DRAFT), Actor.HOLDER, State.DRAFT, effects=(Effect.FIRST_DRAFT_IN_TRAIL,)),
    Action.SUBMIT: Step(
        WRITABLE,
        Actor.HOLDER,
        State.SUBMITTED,
        (Guard.COMPLETE, Guard.CLOCK_RUNS),
        (Effect.TEXT_KEPT, Effect.HEAD_TERM),
    ),
    Action.ALREADY_DONE: Step(
        WRITABLE,
        Actor.HOLDER,
        State.SUBMITTED,
        (Guard.EVIDENCE, Guard.CLOCK_RUNS),
        (Effect.TEXT_KEPT, Effect.HEAD_TERM),
    ),
    Action.NOT_MINE: Step(WRITABLE, Actor.HOLDER, None, (Guard.NAMES_ANOTHER, Guard.CLOCK_RUNS), (Effect.CLOCK_STOPS,)),
    Action.REASSIGN: Step(
        WRITABLE, Actor.DECIDER, State.WAITING, (Guard.ASKED, Guard.IN_REACH), (Effect.NEW_HOLDER, Effect.NEW_TERM)
    ),
    Action.KEEP_HOLDER: Step(WRITABLE, Actor.DECIDER, None, (Guard.ASKED, Guard.REASON), (Effect.NEW_TERM,)),
    Action.HAND_OVER: Step(
        WRITABLE,
        Actor.HEAD_OR_OFFICE,
        None,
        (Guard.CLOCK_RUNS, Guard.IN_REACH, Guard.REASON),
        (Effect.WRITES_FOR, Effect.NEW_TERM),
    ),
    Action.PASS_ON: Step(
        (State.SUBMITTED,),
        Actor.SECTION_HEAD,
        None,
        (Guard.AT_SECTION, Guard.NOT_OWN_CASE, Guard.COMMENT),
        (Effect.OPINION_KEPT, Effect.HEAD_TERM),
    ),
    Action.SECTION_RETURN: Step(
        (State.SUBMITTED,),
        Actor.SECTION_HEAD,
        State.RETURNED,
        (Guard.AT_SECTION, Guard.NOT_OWN_CASE, Guard.LEAVES_ONE_RETURN, Guard.COMMENT),
        (Effect.NEW_TERM,),
    ),
    Action.RETURN: Step(
        (State.SUBMITTED,),
        Actor.DECIDER,
        State.RETURNED,
        (Guard.SECTION_THROUGH, Guard.RETURNS_LEFT, Guard.COMMENT),
        (Effect.NEW_TERM,),
    ),
    Action.CONCLUDE: Step(
        (State.SUBMITTED,),
        Actor.DECIDER,
        State.CONCLUDED,
        (Guard.SECTION_THROUGH, Guard.NOT_OWN_CASE, Guard.REASON_IF_HARSHER),
        (Effect.STANDS, Effect.COUNTS, Effect.OBJECTION_TERM),
    ),
    Action.CONCLUDE_UNANSWERED: Step(
        WRITABLE,
        Actor.DECIDER,
        State.CONCLUDED,
        (Guard.TERM_OVER, Guard.NOT_OWN_CASE, Guard.REASON),
        (Effect.STANDS, Effect.COUNTS, Effect.OBJECTION_TERM),
    ),
    Action.WITHDRAW: Step(
        (State.CONCLUDED,),
        Actor.WHO_CONCLUDED,
        None,
        (Guard.SAME_DAY, Guard.NOTHING_BUILT, Guard.REASON),
        (Effect.NO_CONCLUSION,),
        back=True,
    ),
    Action.OBJECT: Step(
        (State.CONCLUDED,),
        Actor.CONCLUDED_UPON,
        None,
        (Guard.ONCE_IN_TERM, Guard.REASON),
        (Effect.NEXT_HEAD_TERM,),
    ),
    Action.DECIDE_OBJECTION: Step(
        (State.CONCLUDED,),
        Actor.NEXT_HEAD,
        None,
        (Guard.NOT_OWN_CASE, Guard.REASON),
        (Effect.FURTHER_ROW, Effect.COUNTS),
    ),
    Action.CANCEL: Step(OPEN, Actor.LEDGER, State.CANCELLED, (Guard.APPROVED,), (Effect.DUTY_ENDS,)),
}


def allows(state: State | str, action: Action) -> bool:
    """Whether the machine knows this action in this state."""
    return state in MACHINE[action].sources


def after(state: State, action: Action, *, came_from: State | None = None) -> State:
    """The state after an action; raises ValueError where the machine forbids it.

    A returned explanation that is saved stays returned: the return must remain visible until it is submitted again.
    ``came_from``: where a conclusion that is withdrawn was drawn.
    """
    if action is Action.SAVE and state is State.RETURNED:
        return State.RETURNED
    step = MACHINE[action]
    if state not in step.sources:
        raise ValueError(f"{action} is not possible in state {state}")
    if step.back:
        return came_from or State.SUBMITTED
    return step.target or state
