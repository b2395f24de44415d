"""PURE: where the working time of a case went, step by step, as far as its source told the steps.

Every working minute between the receipt and the end belongs to exactly one row: a step holds the case from the end of
the step before it (the first from the receipt) until its own moment; what a pause took within it is the applicant's, or
of whoever was awaited, and is told apart; what follows the last step lies with nobody the source named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Protocol

from portal.deadlines import WorkingCalendar
from portal.deadlines.line import hour_line

A_DAY = timedelta(hours=8)
"""Eight working hours are told as one working day."""
HUNDREDTHS = 100


class Told(Protocol):
    """What is asked of a step."""

    @property
    def at(self) -> datetime: ...
    @property
    def started_at(self) -> datetime | None: ...
    @property
    def due_at(self) -> datetime | None: ...


Stretch = tuple[datetime, datetime]
Place = Callable[[datetime], int]


@dataclass(frozen=True)
class Spent:
    """A row: the step (None for the time after the last one), from when to when it held the case, and its times.

    ``spent`` is working time without pauses, ``paused`` what these took; ``allowed`` the working time from the
    beginning the source gives (else from when it held the case) to the step's own due moment, None where it gives none.
    """

    step: Told | None
    begin: datetime
    end: datetime
    spent: timedelta
    paused: timedelta
    allowed: timedelta | None

    @property
    def over(self) -> timedelta:
        """How much more was spent than allowed; nothing where nothing was said."""
        return max(self.spent - self.allowed, timedelta()) if self.allowed is not None else timedelta()

    @property
    def days(self) -> dict[str, Decimal | None]:
        """Its times in working days of eight hours, two decimals, by their names."""
        times = {"spent": self.spent, "paused": self.paused, "allowed": self.allowed, "over": self.over}
        return {name: None if time is None else in_days(time) for name, time in times.items()}


def where_the_days_went(
    received: datetime, end: datetime, steps: Iterable[Told], pauses: Iterable[Stretch], calendar: WorkingCalendar
) -> list[Spent]:
    """The rows of a case from its receipt to ``end`` (its end, or now). Raises DayOutsideCalendar beyond the years.

    Steps told for moments before the receipt or after the end are cut there. Pauses may overlap; they count once.
    """
    return rows_on(received, end, steps, pauses, hour_line(calendar).place)


def rows_on(
    received: datetime, end: datetime, steps: Iterable[Told], pauses: Iterable[Stretch], place: Place
) -> list[Spent]:
    """The same for many cases of one calendar: ``place`` says how many seconds were worked up to a moment."""
    stood = _joined(pauses)
    rows: list[Spent] = []
    begin = received
    for step in sorted(steps, key=lambda told: told.at):
        until = min(max(step.at, begin), max(end, begin))
        rows.append(_row(step, begin, until, stood, place))
        begin = until
    rest = _row(None, begin, max(end, begin), stood, place)
    return [*rows, rest] if rest.spent or rest.paused else rows


def _row(step: Told | None, begin: datetime, end: datetime, stood: Sequence[Stretch], place: Place) -> Spent:
    paused = sum((_worked(max(begin, a), min(end, b), place) for a, b in stood), timedelta())
    allowed = None
    if step is not None and step.due_at is not None:
        allowed = _worked(step.started_at or begin, step.due_at, place)
    return Spent(step, begin, end, _worked(begin, end, place) - paused, paused, allowed)


def _worked(begin: datetime, end: datetime, place: Place) -> timedelta:
    return timedelta(seconds=place(end) - place(begin)) if end > begin else timedelta()


def _joined(pauses: Iterable[Stretch]) -> list[Stretch]:
    joined: list[Stretch] = []
    for start, end in sorted(pauses):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def in_days(time: timedelta) -> Decimal:
    """Working time in working days, two decimals."""
    return Decimal(round(time / A_DAY * HUNDREDTHS)) / HUNDREDTHS
