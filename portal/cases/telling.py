"""Why this date? The days of a term in rows that a person can follow: alike days that follow each other are one row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from fractions import Fraction
from itertools import groupby

from portal.cases.models import Case, CaseExtension, Pause, ProcedureTerm
from portal.cases.moving import extension_of, moment_of, pause_of
from portal.cases.terms import as_term
from portal.deadlines import (
    DayOutsideCalendar,
    DayReason,
    Moment,
    PauseKind,
    Precision,
    Telling,
    TermPolicy,
    ToldDay,
    WorkingCalendar,
    tell,
    tell_ruling,
)


@dataclass(frozen=True)
class Row:
    """Days that follow each other and are told alike. ``counted`` and ``total`` in the unit of the term."""

    first: date
    last: date
    reason: DayReason
    counted: Fraction
    total: Fraction
    name: str = ""
    document: str = ""
    unconfirmed: bool = False
    pause_kind: PauseKind | None = None
    in_extension: bool = False

    @property
    def days(self) -> int:
        """How many days it tells."""
        return (self.last - self.first).days + 1


@dataclass(frozen=True)
class Why:
    """A due moment with the rows that make it; ``due`` None where no calendar reaches so far."""

    due: datetime | None
    precision: str = "minute"
    rows: Sequence[Row] = ()
    rests_on_unconfirmed: bool = False
    last_known: date | None = None


def why_ruling(
    case: Case,
    pauses: Sequence[Pause],
    extensions: Sequence[CaseExtension],
    calendar: WorkingCalendar,
    now: datetime,
    printed_by: WorkingCalendar | None = None,
) -> Why | None:
    """From the printed moment to the one that rules; None without a printed one. An open pause is told to ``now``.

    ``printed_by``: the calendar by which the due moment was printed, where that is not the present one.
    """
    if case.due_at is None:
        return None
    printed = moment_of(case.due_at, case.due_precision or Precision.MINUTE)
    known = [pause_of(case, each) for each in pauses]
    try:
        granted = [extension_of(each) for each in extensions]
        told = tell_ruling(printed, known, granted, calendar, until=Moment(now), printed_by=printed_by)
    except DayOutsideCalendar as error:
        return Why(None, last_known=error.last)
    why = _why(told)
    # The day on which the clock first stood was still the agency's own: it stands in the printed date already.
    begins = next((place for place, one in enumerate(why.rows) if one.reason is not DayReason.ROLLED), 0)
    return replace(why, rows=why.rows[begins:])


def why_computed(
    case: Case,
    term: ProcedureTerm,
    pauses: Sequence[Pause],
    extensions: Sequence[CaseExtension],
    calendar: WorkingCalendar,
    policy: TermPolicy,
    now: datetime,
) -> Why:
    """From the receipt to the moment our own count gives; it stands beside the printed one and accuses nobody."""
    received = moment_of(case.received_at, case.received_precision)
    known, granted = [pause_of(case, each) for each in pauses], [extension_of(each) for each in extensions]
    try:
        told = tell(received, as_term(term), calendar, policy, known, granted, until=Moment(now))
    except DayOutsideCalendar as error:
        return Why(None, last_known=error.last)
    return _why(told)


def _why(told: Telling) -> Why:
    rows = _joined(list(_rows(told.days)))
    return Why(told.due.at, told.due.precision.value, rows, told.rests_on_unconfirmed)


def _joined(rows: Sequence[Row]) -> Sequence[Row]:
    """A pause over weekends is one row: nobody works on them anyway, and a long pause would fill pages."""
    found: list[Row] = []
    for row in rows:
        within = found[-2:]
        if (
            len(within) == 2
            and within[1].reason is DayReason.WEEKEND
            and _is_same_pause(within[0], row)
            and not within[1].name
        ):
            found[-2:] = [replace(within[0], last=row.last)]
        else:
            found.append(row)
    return found


def _is_same_pause(one: Row, other: Row) -> bool:
    same = (one.reason, one.pause_kind, one.document) == (other.reason, other.pause_kind, other.document)
    return same and one.reason is DayReason.PAUSED


def _rows(days: Iterable[ToldDay]) -> Iterator[Row]:
    def alike(day: ToldDay) -> tuple[object, ...]:
        whole = day.counted if day.counted not in (0, 1, 8) else day.counted > 0
        kind = day.pause.kind if day.pause else None
        return day.reason, day.name, day.document, day.unconfirmed, kind, day.in_extension, whole

    for _key, same in groupby(days, key=alike):
        run = list(same)
        first, last = run[0], run[-1]
        yield Row(
            first.day, last.day, first.reason, sum((day.counted for day in run), Fraction(0)), last.total,
            first.name, first.document or (first.pause.document if first.pause else ""), first.unconfirmed,
            first.pause.kind if first.pause else None, first.in_extension,
        )  # fmt: skip
