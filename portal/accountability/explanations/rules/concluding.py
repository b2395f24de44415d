"""What a conclusion may say, and who draws it (domain rules §3.8, §3.11, §3.12)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


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


def is_unconfirmed(cause_class: CauseClass | str, confirmation: str) -> bool:
    """Whether a conclusion lacks the confirmation without which it counts as unconfirmed in evaluation (§3.11)."""
    return cause_class in (CauseClass.TECHNICAL, CauseClass.OTHER_BODY) and not confirmation


@dataclass(frozen=True)
class Share:
    """What a conclusion says of one more person, and of which step of the case."""

    person_id: int
    step: str
    cause_class: CauseClass
    blame: Blame


def shares_fault(cause_class: CauseClass, blame: Blame, shares: Sequence[Share], holder_id: int | None) -> str | None:
    """Why the shares of a conclusion may not stand beside what it says of the holder; a code, None when they may.

    Each person has one line. Where several are at fault, each has a shared blame: a full one would deny the others'.
    """
    people = [share.person_id for share in shares]
    if len(set(people)) != len(people) or holder_id in people:
        return "named_twice"
    if not all(goes_together(share.cause_class, share.blame) for share in shares):
        return "class_and_blame"
    blames = [blame, *(share.blame for share in shares)]
    at_fault = [one for one in blames if one is not Blame.NONE]
    return "full_is_not_shared" if len(at_fault) > 1 and Blame.FULL in at_fault else None


def may_return(returned_times: int, most: int) -> bool:
    """Whether the head may ask for another rework; after the last one he must conclude (§3.8)."""
    return returned_times < most


def may_return_from_section(returned_times: int, most: int) -> bool:
    """Whether the head of a section may ask for a rework.

    Theirs counts among the returns of the explanation, so that nobody writes more often than §3.8 says; and it leaves
    the head of the unit at least one, because it is he who must conclude after the last.
    """
    return may_return(returned_times + 1, most)


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


def who_hears(line: Sequence[int], heads: Mapping[int, int], chair_id: int | None, excluded: frozenset[int]) -> Decider:
    """The person who decides an objection today: the next head up, never the unit's own (issue 5).

    As ``who_concludes``; ``excluded`` also holds everybody who concluded this explanation.
    """
    found = who_concludes(line[1:], heads, chair_id, excluded)
    return Decider(found.person_id, Seat.NEXT_HEAD) if found.seat is Seat.HEAD else found


def who_reads_first(
    lines: Iterable[Sequence[int]], unit_id: int, heads: Mapping[int, int], excluded: frozenset[int]
) -> int | None:
    """The part of a unit whose head reads an answer before the unit's head (§3.9, optional); None: there is none.

    ``lines``: from each unit in which the holder works, upward on the managed-by line. A part stands below the unit;
    the nearest one whose head is not excluded reads.
    """
    for line in lines:
        if unit_id in line:
            parts = line[: list(line).index(unit_id)]
            found = next((part for part in parts if part in heads and heads[part] not in excluded), None)
            if found is not None:
                return found
    return None


def is_with_section(section_due_on: date | None, today: date) -> bool:
    """Whether an answer still waits for the head of the section, whose silence ends with the term."""
    return section_due_on is not None and today <= section_due_on
