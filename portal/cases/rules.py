"""PURE: the words of a case, derived from its facts. ``words`` says the same in SQL; a property test holds them equal.

Source: the rules of counting (facts in; counting in a period). Moments are naive Vietnam wall time. The storage
convention (a date-only due is 23:59:59, other date-only moments 00:00:00) makes every comparison a plain one. Verdicts
compare the ruling due moment: the printed one, moved by nothing but recorded pauses and extensions.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from portal.deadlines import AgeBucket
from portal.vietnamese import fold


class Meaning(StrEnum):
    """What a source status means to the portal."""

    NOT_COUNTED = "not_counted"
    OPEN = "open"
    PAUSED = "paused"
    WITHDRAWN = "withdrawn"
    REFUSED = "refused"
    FINISHED = "finished"


class Verdict(StrEnum):
    """The one word a case carries at a moment."""

    EARLY = "early"
    ON_TIME = "on_time"
    LATE = "late"
    NO_TERM = "no_term"
    OVERDUE = "overdue"
    WITHIN_TERM = "within_term"
    DUE_TODAY = "due_today"
    DUE_SOON = "due_soon"
    PAUSED = "paused"
    OPEN_NO_TERM = "open_no_term"
    WITHDRAWN = "withdrawn"
    NOT_COUNTED = "not_counted"
    UNKNOWN_END = "unknown_end"


class State(StrEnum):
    """Where a case stands at the end of a period; every counted case is in exactly one."""

    EARLY = "early"
    ON_TIME = "on_time"
    LATE = "late"
    NO_TERM = "no_term"
    WITHDRAWN = "withdrawn"
    WITHDRAWN_LATE = "withdrawn_late"
    WITHIN_TERM = "within_term"
    OVERDUE = "overdue"
    PAUSED = "paused"
    OPEN_NO_TERM = "open_no_term"


OPEN_MEANINGS = frozenset({Meaning.OPEN, Meaning.PAUSED})
ANSWERED_MEANINGS = frozenset({Meaning.FINISHED, Meaning.REFUSED})
ENDED_MEANINGS = ANSWERED_MEANINGS | {Meaning.WITHDRAWN}

OPEN_VERDICTS = frozenset(
    {
        Verdict.OVERDUE,
        Verdict.WITHIN_TERM,
        Verdict.DUE_TODAY,
        Verdict.DUE_SOON,
        Verdict.PAUSED,
        Verdict.OPEN_NO_TERM,
    }
)


class Facts(Protocol):
    """What the words need to know of a case; a ``Case`` row has it."""

    @property
    def meaning(self) -> str: ...
    @property
    def received_at(self) -> datetime: ...
    @property
    def ruling_due_at(self) -> datetime | None: ...
    @property
    def paused_since(self) -> datetime | None: ...
    @property
    def finished_at(self) -> datetime | None: ...
    @property
    def ended_seen_at(self) -> datetime | None: ...
    @property
    def data_as_of(self) -> datetime: ...


def verdict(case: Facts, at: datetime, soon_until: datetime | None = None) -> Verdict:
    """The word of a case at wall moment ``at``.

    ``soon_until``: open cases due after today and not later than this are "due soon"; None leaves that word out.
    No due date means no verdict, paused or not: terms nobody printed accuse and praise nobody.
    """
    meaning = Meaning(case.meaning)
    if meaning in ANSWERED_MEANINGS:
        return _answered(case)
    if meaning is Meaning.WITHDRAWN:
        return Verdict.WITHDRAWN
    if meaning is Meaning.NOT_COUNTED:
        return Verdict.NOT_COUNTED
    if case.ruling_due_at is None:
        return Verdict.OPEN_NO_TERM
    if is_paused(case, at):
        return Verdict.PAUSED
    return _running(case.ruling_due_at, at, soon_until)


def _answered(case: Facts) -> Verdict:
    if case.finished_at is None:
        return Verdict.UNKNOWN_END
    if case.ruling_due_at is None:
        return Verdict.NO_TERM
    return _compared(case.finished_at, case.ruling_due_at)


def _compared(finished_at: datetime, due_at: datetime) -> Verdict:
    if finished_at > due_at:
        return Verdict.LATE
    return Verdict.EARLY if finished_at.date() < due_at.date() else Verdict.ON_TIME


def is_paused(case: Facts, at: datetime) -> bool:
    """Whether the clock of an open case stands: its source says so, or a recorded pause stood open at ``at``."""
    return case.meaning == Meaning.PAUSED or (case.paused_since is not None and case.paused_since <= at)


def _running(due_at: datetime, at: datetime, soon_until: datetime | None) -> Verdict:
    if due_at < at:
        return Verdict.OVERDUE
    if due_at.date() == at.date():
        return Verdict.DUE_TODAY
    if soon_until is not None and due_at <= soon_until:
        return Verdict.DUE_SOON
    return Verdict.WITHIN_TERM


def ended_at(case: Facts) -> datetime | None:
    """When a case ended: its end moment, else that of the data that first showed the end; None while open."""
    if Meaning(case.meaning) not in ENDED_MEANINGS:
        return None
    return case.finished_at or case.ended_seen_at or case.data_as_of


def is_counted(case: Facts, from_: datetime, to: datetime) -> bool:
    """Whether a case belongs to the period: received by its end, and not ended before its start."""
    if case.meaning == Meaning.NOT_COUNTED or case.received_at > to:
        return False
    end = ended_at(case)
    return case.received_at >= from_ or end is None or end >= from_


def state_at(case: Facts, to: datetime) -> State:
    """Where a counted case stands at wall moment ``to``. A case that ended later counts as open.

    A case whose end has no moment of its own has no verdict: "no term" once its end was seen, before that "open
    without term".
    """
    end = ended_at(case)
    if end is None or end > to:
        return _open_state(case, to)
    if case.meaning == Meaning.WITHDRAWN:
        return State.WITHDRAWN_LATE if case.ruling_due_at is not None and end > case.ruling_due_at else State.WITHDRAWN
    if case.finished_at is None or case.ruling_due_at is None:
        return State.NO_TERM
    return State(_compared(case.finished_at, case.ruling_due_at))


def _open_state(case: Facts, to: datetime) -> State:
    moment_unknown = case.meaning in ENDED_MEANINGS and case.finished_at is None
    if case.ruling_due_at is None or moment_unknown:
        return State.OPEN_NO_TERM
    if is_paused(case, to):
        return State.PAUSED
    return State.OVERDUE if case.ruling_due_at < to else State.WITHIN_TERM


def is_stale(case: Facts, at: datetime) -> bool:
    """Whether the clock says overdue but the data are older than the due moment: such data accuse nobody."""
    due_at = case.ruling_due_at
    return verdict(case, at) is Verdict.OVERDUE and due_at is not None and case.data_as_of <= due_at


def late_until(case: Facts, at: datetime) -> tuple[date, date] | None:
    """The span of lateness in days (due day, end day) of a late or overdue case at ``at``; None for any other."""
    word = verdict(case, at)
    if case.ruling_due_at is None:
        return None
    if word is Verdict.OVERDUE:
        return case.ruling_due_at.date(), at.date()
    if word is Verdict.LATE and case.finished_at is not None:
        return case.ruling_due_at.date(), case.finished_at.date()
    return None


AGE_BOUNDS: dict[AgeBucket, tuple[int, int | None]] = {
    AgeBucket.UNDER_ONE: (0, 0),
    AgeBucket.ONE_TO_THREE: (1, 3),
    AgeBucket.FOUR_TO_TEN: (4, 10),
    AgeBucket.ELEVEN_TO_THIRTY: (11, 30),
    AgeBucket.OVER_THIRTY: (31, None),
}
"""Least and most working days past the due day in each bucket, both included; None = no upper bound."""


def masked(name: str | None) -> str:
    """An applicant's name for readers who may not know it: the first word and initials ("Nguyễn V. A.").

    A single word keeps its first letter only.
    """
    words = (name or "").split()
    if not words:
        return ""
    if len(words) == 1:
        return f"{words[0][0]}."
    return " ".join([words[0], *(f"{word[0]}." for word in words[1:])])


def search_text(code: str, procedure: str | None, officer: str | None) -> str:
    """The folded text a case is found by. The applicant is left out on purpose: it is searched apart, by right."""
    return fold(" ".join(part for part in (code, procedure, officer) if part))


def search_words(text: str) -> list[str]:
    """What a reader typed, as folded words, each of which must occur; at most eight."""
    return fold(text).split()[:8]
