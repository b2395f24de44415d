"""Allowed terms: from the moment of receipt to the due moment. PURE.

Sources: Civil Code 2015 art. 146 (months), 147 (the first day does not count), 148 (a term ends with its last day, and
on a day off with the next working day). After hours the day of receipt is the next working day: the practice of the
one-stop software. The last-hour rule: Decree 297/2025 art. 6, for one field of law only.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from portal.deadlines.calendar import ONE_DAY, WorkingCalendar
from portal.deadlines.hours import MINUTES_OF_AN_HOUR, SECONDS_OF_A_MINUTE
from portal.deadlines.line import hour_line
from portal.deadlines.moments import END_OF_DAY, Moment

MONTHS_OF_A_YEAR = 12
SECONDS_OF_AN_HOUR = MINUTES_OF_AN_HOUR * SECONDS_OF_A_MINUTE
LAST_HOUR = timedelta(hours=1)


class TermUnit(StrEnum):
    """What a term is counted in, as the procedure states it. Eight working hours are one working day."""

    WORKING_DAYS = "working_days"
    CALENDAR_DAYS = "calendar_days"
    WORKING_HOURS = "working_hours"
    MONTHS = "months"


@dataclass(frozen=True)
class TermPolicy:
    """What an agency may decide about counting. ``last_hour_rule``: what comes in within the last working hour of a day
    counts as received on the next working day (Decree 297/2025 art. 6; off unless an agency says so)."""

    last_hour_rule: bool = False


PLAIN_POLICY = TermPolicy()


@dataclass(frozen=True)
class Term:
    """An allowed term. A computed due moment is shown beside the printed one and never accuses anybody."""

    amount: int
    unit: TermUnit

    def __post_init__(self) -> None:
        if self.amount < 0:
            raise ValueError("a term is not negative")

    def due(self, received: Moment, calendar: WorkingCalendar, policy: TermPolicy = PLAIN_POLICY) -> Moment:
        """The moment the term ends.

        Terms in days and months end with the working hours of their last day, not at the clock time of the receipt:
        the first day does not count and the last one counts to its end (Civil Code art. 147 and 148), and an office
        hands over only while it is open. Terms in hours end when so many working hours are over. A receipt without a
        time of day gives a due day without one. Raises DayOutsideCalendar beyond the loaded years.
        """
        return as_exact_as(received, end_of(received, self, calendar, policy))

    def due_on(self, received_on: date, calendar: WorkingCalendar) -> date:
        """The day the term ends, for a receipt on a day whose hour is unknown; as ``due``."""
        return self.due(Moment.of_day(received_on), calendar).day


def receipt_day(received: Moment, calendar: WorkingCalendar, policy: TermPolicy = PLAIN_POLICY) -> date:
    """The day that counts as the day of receipt: the first day of the term is the one after it.

    It is the day itself while the office is open (before it opens and at noon too); after its last hour, or on a day on
    which it is closed, the next working day. A unit's desk that is open on a day off takes in on that day.
    """
    day = received.day
    close = takes_in_until(day, calendar, policy)
    if close is None or (not received.is_whole_day and received.at > close):
        return calendar.next_working_day(day + ONE_DAY)
    return day


def takes_in_until(day: date, calendar: WorkingCalendar, policy: TermPolicy = PLAIN_POLICY) -> datetime | None:
    """The last moment of a day at which a receipt still counts as of that day; None where it never does."""
    desk = calendar.open_desk(day)
    close = calendar.closes_at(day) or (datetime.combine(day, desk.hours[-1].end) if desk else None)
    if close is None or not policy.last_hour_rule:
        return close
    return close - LAST_HOUR - timedelta.resolution


def counted_from(received: Moment, calendar: WorkingCalendar, policy: TermPolicy = PLAIN_POLICY) -> datetime:
    """The moment from which working hours run: the receipt, or the opening of the day that counts as that of receipt.

    Where only the day is known, its end: nobody is accused for hours that may have passed before the receipt.
    """
    day = receipt_day(received, calendar, policy)
    if received.is_whole_day:
        return Moment.end_of_day(day).at
    return received.at if day == received.day else datetime.combine(day, time())


def end_of(received: Moment, term: Term, calendar: WorkingCalendar, policy: TermPolicy = PLAIN_POLICY) -> datetime:
    """The instant at which the term is complete; see ``Term.due``."""
    if term.unit is TermUnit.WORKING_HOURS:
        line, begin = hour_line(calendar), counted_from(received, calendar, policy)
        return max(line.moment(line.place(begin) + term.amount * SECONDS_OF_AN_HOUR), begin)
    first = receipt_day(received, calendar, policy)
    if term.unit is TermUnit.WORKING_DAYS:
        return end_of_hours(calendar.add_working_days(first, term.amount), calendar)
    return end_of_hours(calendar.next_working_day(last_day(first, term)), calendar)


def last_day(first: date, term: Term) -> date:
    """The last day of a term in calendar days or months, before it moves off a day on which nobody works."""
    if term.unit is TermUnit.CALENDAR_DAYS:
        return first + timedelta(days=term.amount)
    return months_after(first, term.amount)


def end_of_hours(day: date, calendar: WorkingCalendar) -> datetime:
    """When the working hours of a day end; the end of the day where it has none."""
    return calendar.closes_at(day) or datetime.combine(day, END_OF_DAY)


def as_exact_as(base: Moment, at: datetime) -> Moment:
    """A due moment no more exact than the moment it was counted from: a part of a day makes it that day."""
    return Moment.end_of_day(at.date()) if base.is_whole_day else Moment(at)


def months_after(day: date, count: int) -> date:
    """The same day of a later month, or that month's last day where it is shorter (Civil Code art. 146)."""
    months = day.year * MONTHS_OF_A_YEAR + day.month - 1 + count
    year, month = divmod(months, MONTHS_OF_A_YEAR)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
