"""PURE: the road of an apology letter, who goes which step, and what must hold at each. Source: domain rules §3.13."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from portal.deadlines import WorkingCalendar


class State(StrEnum):
    """Where a letter stands (§3.14). A draft that was handed in for signature is still a draft."""

    WAITING = "waiting"
    DRAFT = "draft"
    SIGNED = "signed"
    NUMBERED = "numbered"
    SENT = "sent"
    EXEMPT = "exempt"
    CANCELLED = "cancelled"


class Action(StrEnum):
    """What can be done with a letter."""

    SAVE = "save"
    HAND_IN = "hand_in"
    SIGN = "sign"
    NUMBER = "number"
    SEND = "send"
    SEND_BACK = "send_back"
    EXEMPT = "exempt"
    CANCEL = "cancel"


class Actor(StrEnum):
    """Who takes a step: the drafting officer, the signing head, the clerk, who approves exemptions, the ledger."""

    DRAFTER = "drafter"
    SIGNER = "signer"
    CLERK = "clerk"
    EXEMPTER = "exempter"
    LEDGER = "ledger"


class Way(StrEnum):
    """How the numbered letter got its signature: scanned paper, the signer's token, the seal on this server."""

    PAPER = "paper"
    TOKEN = "token"
    SEAL = "seal"


class Channel(StrEnum):
    """How a letter reached the applicant."""

    PAPER = "paper"
    ONLINE = "online"
    SMS = "sms"
    ZALO = "zalo"
    EMAIL = "email"


class ExemptReason(StrEnum):
    """The only grounds on which no apology is due; an objective cause is none of them."""

    FORCE_MAJEURE = "force_majeure"
    SECRECY = "secrecy"
    APPLICANT_DEFAULT = "applicant_default"


class Form(StrEnum):
    """The wordings: by TT 01/2018, by TT 03/2025 (Mẫu 04), and the short letter for finished cases."""

    APOLOGY_2018 = "apology_2018"
    APOLOGY_2025 = "apology_2025"
    APOLOGY_SHORT = "apology_short"


REGISTER_FORM = "PXL"
"""The code of the register from which letters of apology take their number: "Số: 05/PXL"."""

# How often a new date may be promised is no policy: the decree says once (NĐ 61/2018 điều 19 khoản 9, rules §3.13), and
# the index ``uq_apologies_promise`` holds it whoever asks at once.
LONGEST_CAUSE = 2000
LETTER_WORKING_DAYS = 1
"""Working days after the opening of the duty within which a letter is in time, where it opens at the breach."""


@dataclass(frozen=True)
class Step:
    """One line of the machine. ``handed_in``: True only after, False only before handing in, None: either."""

    sources: tuple[State, ...]
    actors: tuple[Actor, ...]
    target: State
    handed_in: bool | None = None


MACHINE: Mapping[Action, Step] = {
    Action.SAVE: Step((State.WAITING, State.DRAFT), (Actor.DRAFTER,), State.DRAFT, handed_in=False),
    Action.HAND_IN: Step((State.WAITING, State.DRAFT), (Actor.DRAFTER,), State.DRAFT, handed_in=False),
    Action.SIGN: Step((State.DRAFT,), (Actor.SIGNER,), State.SIGNED, handed_in=True),
    Action.NUMBER: Step((State.SIGNED,), (Actor.CLERK,), State.NUMBERED),
    Action.SEND: Step((State.NUMBERED,), (Actor.CLERK,), State.SENT),
    Action.SEND_BACK: Step(
        (State.DRAFT, State.SIGNED, State.NUMBERED), (Actor.SIGNER, Actor.CLERK), State.DRAFT, handed_in=True
    ),
    Action.EXEMPT: Step((State.WAITING, State.DRAFT), (Actor.EXEMPTER,), State.EXEMPT),
    Action.CANCEL: Step((State.WAITING, State.DRAFT, State.SIGNED, State.NUMBERED), (Actor.LEDGER,), State.CANCELLED),
}
OPEN = (State.WAITING, State.DRAFT, State.SIGNED, State.NUMBERED)
"""The states in which somebody still owes something."""


PROMISED = (State.SIGNED, State.NUMBERED, State.SENT)
"""The states in which the new date of a letter is a promise: only one letter of a due moment may be in them."""


def allows(state: State | str, action: Action, *, handed_in: bool) -> bool:
    """Whether the machine knows this action in this state."""
    step = MACHINE[action]
    return state in step.sources and (step.handed_in is None or step.handed_in == handed_in)


@dataclass(frozen=True)
class Standing:
    """What a person is to a letter today."""

    is_officer: bool = False
    is_signer: bool = False
    heads_unit: bool = False
    is_clerk: bool = False
    unit_has_clerk: bool = True
    may_exempt: bool = False
    is_drafter: bool = False

    def actors(self) -> frozenset[Actor]:
        """The parts this person may play: a head may draft, and numbers where his unit has no clerk (§3.13)."""
        parts = {
            Actor.DRAFTER: self.is_officer or self.is_drafter or self.heads_unit,
            Actor.SIGNER: self.is_signer,
            Actor.CLERK: self.is_clerk or (not self.unit_has_clerk and self.is_signer),
            Actor.EXEMPTER: self.may_exempt and not self.is_officer,
        }
        return frozenset(part for part, plays in parts.items() if plays)


def actions_for(state: State | str, standing: Standing, *, handed_in: bool) -> tuple[Action, ...]:
    """What a person with this standing may do now, in the order of the road."""
    parts = standing.actors()
    return tuple(
        action
        for action, step in MACHINE.items()
        if parts.intersection(step.actors)
        and allows(state, action, handed_in=handed_in)
        and _own_step(action, state, parts)
    )


def _own_step(action: Action, state: State | str, parts: frozenset[Actor]) -> bool:
    """A draft is sent back by who would sign it; a signed letter also by the clerk who found the fault."""
    return action is not Action.SEND_BACK or state != State.DRAFT or Actor.SIGNER in parts


SIGNED_BY: Mapping[Way, tuple[tuple[State, ...], tuple[Actor, ...]]] = {
    Way.PAPER: ((State.NUMBERED, State.SENT), (Actor.CLERK,)),
    Way.TOKEN: ((State.NUMBERED,), (Actor.SIGNER, Actor.CLERK)),
    Way.SEAL: ((State.NUMBERED,), (Actor.CLERK,)),
}
"""In which states who may bring the signed letter. Paper is often scanned after it was sent."""


def ways_for(state: State | str, standing: Standing) -> tuple[Way, ...]:
    """The ways in which a person with this standing may bring the signed letter now."""
    parts = standing.actors()
    return tuple(way for way, (states, actors) in SIGNED_BY.items() if state in states and parts.intersection(actors))


def who_signs(line: Sequence[int], heads: Mapping[int, int]) -> tuple[int, int] | None:
    """Who signs today: (unit headed, person). ``line``: the resolving unit and its ancestors on the managed-by line.

    The head of the resolving unit, or the next head upward where the post is vacant; None where there is none.
    """
    for unit_id in line:
        if unit_id in heads:
            return unit_id, heads[unit_id]
    return None


def fault_of_new_date(new_date: date | None, today: date, calendar: WorkingCalendar) -> str | None:
    """What is wrong with a new date: ``missing``, ``not_after_today``, ``unknown_day``, ``day_off``; None if sound."""
    if new_date is None:
        return "missing"
    if new_date <= today:
        return "not_after_today"
    if not calendar.covers(new_date):
        return "unknown_day"
    return None if calendar.is_working(new_date) else "day_off"


def promised_date(new_date: date | None, days: int | None, today: date, calendar: WorkingCalendar) -> date | None:
    """The new date as it was typed, or else so many working days after today; None where neither was given."""
    if new_date is not None or not days:
        return new_date
    return calendar.add_working_days(today, days)


def missing_parts(*, cause_text: str, addressee: str, new_date: date | None, is_finished: bool) -> tuple[str, ...]:
    """What a letter still lacks before it can be handed in; codes in the order of the page."""
    parts = {"addressee": addressee.strip(), "cause_text": cause_text.strip(), "new_date": is_finished or new_date}
    return tuple(part for part, there in parts.items() if not there)


def term_of(opened_on: date, due_on: date, calendar: WorkingCalendar, *, opens_at_breach: bool) -> date:
    """The last day on which the letter is in time.

    Where the duty opens at the breach: a working day after the opening. Otherwise the decree's own moment: the working
    day before the due day.
    """
    if opens_at_breach:
        return calendar.add_working_days(opened_on, LETTER_WORKING_DAYS)
    return calendar.previous_working_day(due_on)


def is_late(issued_on: date, term: date, *, legacy: bool) -> bool:
    """Whether a letter issued on a day is a late apology; those older than the portal never are (§3.9)."""
    return issued_on > term and not legacy


def promise_kept(new_date: date | None, finished_at: datetime | None, today: date) -> bool | None:
    """The verdict on a re-appointment (§3.1): kept, missed, or None while it is open or was never given."""
    if new_date is None:
        return None
    if finished_at is not None:
        return finished_at.date() <= new_date
    return False if today > new_date else None


def authority_lines(position: str, *, leads_a_level: bool) -> tuple[str, ...]:
    """The signer's title as Decree 30/2020 writes it: TM. for the chair of a People's Committee, KT. for a deputy."""
    title = " ".join(position.split()).upper() or ("CHỦ TỊCH" if leads_a_level else "THỦ TRƯỞNG CƠ QUAN, ĐƠN VỊ")
    if leads_a_level and "CHỦ TỊCH" in title:
        title = "PHÓ CHỦ TỊCH" if title.startswith("PHÓ") else "CHỦ TỊCH"
    lines = ("TM. ỦY BAN NHÂN DÂN",) if leads_a_level else ()
    if title.startswith("PHÓ "):
        return (*lines, f"KT. {title.removeprefix('PHÓ ')}", title)
    return (*lines, title)


def authority_of_stand_in(position: str, head_position: str, *, leads_a_level: bool) -> tuple[str, ...]:
    """The lines above the name of who signs for an absent head: a deputy signs KT., anybody else TUQ. (by mandate)."""
    title = " ".join(position.split()).upper()
    if title.startswith("PHÓ "):
        return authority_lines(position, leads_a_level=leads_a_level)
    head = authority_lines(head_position, leads_a_level=leads_a_level)[-1]
    return (f"TUQ. {head}", title) if title else (f"TUQ. {head}",)
