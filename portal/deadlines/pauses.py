"""Recorded lawful pauses and extensions: what may move a due moment. PURE.

An apology that promises a new date is neither: it cannot move anything here (domain/rules.md §3.1).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from portal.deadlines.moments import Moment, is_past_due
from portal.deadlines.terms import TermUnit


class PauseKind(StrEnum):
    """For what the clock stands."""

    SUPPLEMENT = "supplement"
    PAYMENT = "payment"
    OTHER_BODY = "other_body"


@dataclass(frozen=True)
class Pause:
    """A recorded lawful pause: the clock stands from ``started`` to ``ended`` (None: it still stands).

    Days without a time of day: the day it began was still the agency's, the day it ended was not (the supplement came
    in on it, as the day of a receipt does not count). ``in_printed``: the source printed a new due moment for it, so
    the printed due moment contains it already. ``document`` and ``reference`` (any number the caller knows it by) are
    handed through to the explanation. ValueError where it ends before it began.
    """

    started: Moment
    ended: Moment | None = None
    kind: PauseKind = PauseKind.SUPPLEMENT
    in_printed: bool = False
    document: str = ""
    reference: int | str | None = None

    def __post_init__(self) -> None:
        if is_past_due(self.ended, self.started):
            raise ValueError("a pause ends on or after the day it began")

    @classmethod
    def of_days(cls, started_on: date, ended_on: date | None = None) -> Pause:
        """A pause of which only the days are known."""
        return cls(Moment.of_day(started_on), None if ended_on is None else Moment.of_day(ended_on))


@dataclass(frozen=True)
class Extension:
    """A lawful extension of the term by a document. ``in_printed``: the printed due moment contains it already."""

    amount: int
    unit: TermUnit
    document: str = ""
    in_printed: bool = False

    def __post_init__(self) -> None:
        if self.amount < 0:
            raise ValueError("an extension is not negative")


def repeated_supplements(pauses: Iterable[Pause]) -> tuple[Pause, ...]:
    """The second and every further pause for a supplement, oldest first.

    A supplement may be asked for once (Decree 118/2025 art. 11); the national index counts a case with a second request
    as overdue. The pause itself stays a pause here: what it is called is told beside the verdict, not in its stead.
    """
    asked = sorted(
        (pause for pause in pauses if pause.kind is PauseKind.SUPPLEMENT),
        key=lambda pause: (pause.started.at, pause.ended is None, pause.ended.at if pause.ended else pause.started.at),
    )
    return tuple(asked[1:])


@dataclass(frozen=True)
class Span:
    """A stretch of time in which the clock stands. ``begun``: when, as exactly as it is known."""

    begun: Moment
    start: datetime
    end: datetime

    def touches(self, others: Iterable[Span]) -> bool:
        """Whether it begins within another, or just where that ends."""
        return any(other.start <= self.start <= other.end for other in others)


def spans(pauses: Iterable[Pause], until: Moment) -> list[Span]:
    """The pauses as stretches of time, as known at ``until``: open ones reach to it, later ones are left out."""
    limit = until.latest
    return [
        Span(pause.started, pause.started.latest, min(pause.ended.latest if pause.ended else limit, limit))
        for pause in pauses
        if not is_past_due(until, pause.started)
    ]


def union(parts: Iterable[Span]) -> list[Span]:
    """The same time without overlaps, in order; what adjoins is one stretch."""
    joined: list[Span] = []
    for part in sorted(parts, key=lambda span: (span.start, span.end)):
        if joined and part.start <= joined[-1].end:
            last = joined.pop()
            part = Span(last.begun, last.start, max(last.end, part.end))
        joined.append(part)
    return joined
