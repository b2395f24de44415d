"""A second implementation of the terms, written from the rules: it walks, quarter of an hour by quarter of an hour.

It shares nothing with ``portal.deadlines`` but the words of its arguments (moments, terms, pauses): no running numbers,
no line of working time, no search. All moments given to it fall on a quarter.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from math import ceil

from portal.deadlines import Extension, Moment, Pause, Precision, Term, TermUnit

QUARTER = timedelta(minutes=15)
SECONDS_OF_AN_HOUR = 3600
PARTS_OF_A_DAY = 1440 * QUARTER.seconds
DAY = timedelta(days=1)
Hours = Sequence[tuple[str, str]]
OFFICE: Hours = [("07:00", "11:30"), ("13:30", "17:00")]


@dataclass
class Office:
    """Who works when. ``own``: hours of single days; ``week``: hours of weekdays, 1 = Monday, where not the usual."""

    off: set[date] = field(default_factory=set)
    make_up: set[date] = field(default_factory=set)
    own: Mapping[date, Hours] = field(default_factory=dict)
    week: Mapping[int, Hours] = field(default_factory=dict)
    _quarters: dict[date, list[datetime]] = field(default_factory=dict, repr=False)

    def works(self, day: date) -> bool:
        return day in self.make_up or (day not in self.off and day.isoweekday() not in (6, 7))

    def quarters(self, day: date) -> list[datetime]:
        """The beginning of every quarter of an hour that is worked on a day."""
        if day not in self._quarters:
            self._quarters[day] = self._worked_quarters(day)
        return self._quarters[day]

    def _worked_quarters(self, day: date) -> list[datetime]:
        if not self.works(day):
            return []
        weekday = day.isoweekday() if day.isoweekday() < 6 else 1
        found = []
        for opens, closes in self.own.get(day) or self.week.get(weekday, OFFICE):
            at = datetime.combine(day, time.fromisoformat(opens))
            while at.time() < time.fromisoformat(closes):
                found.append(at)
                at += QUARTER
        return found

    def close(self, day: date) -> datetime:
        return self.quarters(day)[-1] + QUARTER

    def from_(self, at: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Every worked quarter from a moment on, for ever; of the one in which the moment lies, the rest."""
        day = at.date()
        while True:
            for quarter in self.quarters(day):
                if quarter + QUARTER > at:
                    yield max(quarter, at), quarter + QUARTER
            day += DAY

    def next_working(self, day: date) -> date:
        while not self.works(day):
            day += DAY
        return day

    def weight(self, at: datetime, unit: TermUnit) -> int:
        """What a worked second of a day is: of hours a second, of days its part of its own day."""
        if unit is TermUnit.WORKING_HOURS:
            return 1
        parts, rest = divmod(PARTS_OF_A_DAY, len(self.quarters(at.date())) * QUARTER.seconds)
        assert not rest, "a day of this length has no whole parts"
        return parts

    def walk(self, start: datetime, amount: int, unit: TermUnit) -> datetime:
        """Where so much working time after a moment is over; the moment itself when there is none to go."""
        for begin, end in self.from_(start) if amount else ():
            weight = self.weight(begin, unit)
            if amount <= weight * (end - begin).seconds:
                return begin + timedelta(seconds=ceil(amount / weight))
            amount -= weight * (end - begin).seconds
        return start


def receipt_day(received: Moment, office: Office, *, last_hour: bool = False) -> date:
    day = received.at.date()
    if not office.works(day):
        return office.next_working(day)
    limit = office.close(day) - (timedelta(hours=1) if last_hour else timedelta())
    is_late = received.at >= limit if last_hour else received.at > limit
    if received.precision is Precision.MINUTE and is_late:
        return office.next_working(day + DAY)
    return day


def due(
    received: Moment,
    term: Term,
    office: Office,
    pauses: Iterable[Pause] = (),
    extensions: Iterable[Extension] = (),
    *,
    until: Moment,
    last_hour: bool = False,
) -> Moment:
    """The computed due moment; extensions in the unit of the term."""
    amount = term.amount + sum(extension.amount for extension in extensions)
    first = receipt_day(received, office, last_hour=last_hour)
    if term.unit in (TermUnit.CALENDAR_DAYS, TermUnit.MONTHS):
        return _calendar_due(received, first, Term(amount, term.unit), office, list(pauses), until)
    if term.unit is TermUnit.WORKING_DAYS:
        start, base = _last(first), first
        for _ in range(amount):
            base = office.next_working(base + DAY)
        end = office.close(base)
    else:
        opening = max(received.at, datetime.combine(first, time()))
        start = _last(first) if received.precision is Precision.DAY else opening
        end = office.walk(start, amount * SECONDS_OF_AN_HOUR, term.unit)
    return _moved(received, end, start, office, term.unit, list(pauses), until)


def ruling(printed: Moment, office: Office, pauses: Iterable[Pause], *, until: Moment) -> Moment:
    """The printed due moment with pauses that it does not contain."""
    at = _last(printed.at.date()) if printed.precision is Precision.DAY else printed.at
    return _moved(printed, at, datetime.min, office, TermUnit.WORKING_DAYS, list(pauses), until)


def _last(day: date) -> datetime:
    return datetime.combine(day, time(23, 59, 59))


def _as_known(like: Moment, at: datetime) -> Moment:
    return Moment(_last(at.date()), Precision.DAY) if like.precision is Precision.DAY else Moment(at)


def _moved(
    like: Moment, base: datetime, start: datetime, office: Office, unit: TermUnit, pauses: list[Pause], until: Moment
) -> Moment:
    """Count every worked quarter in which a pause that began in time stood, and walk as far beyond the base."""
    taken: dict[int, datetime] = {}
    at = base
    while True:
        due = _as_known(like, at)
        waiting = [number for number in range(len(pauses)) if number not in taken]
        found = [number for number in waiting if _carries_on(pauses[number], taken, pauses, until)]
        if not found:
            found = [number for number in waiting if _in_time(pauses[number], due)]
        if not found:
            return due
        taken = {**taken, **{number: min(_span(pauses[number], until)[0], at) for number in found}}
        counted = {
            second
            for number, begin in taken.items()
            for second in _stood(max(begin, start), _span(pauses[number], until)[1], office)
        }
        at = office.walk(base, _weighed(counted, office, unit), unit)


def _span(pause: Pause, until: Moment) -> tuple[datetime, datetime]:
    limit = _end(until)
    return _end(pause.started), min(limit, _end(pause.ended) if pause.ended else limit)


def _end(moment: Moment) -> datetime:
    return _last(moment.at.date()) if moment.precision is Precision.DAY else moment.at


def _stood(begin: datetime, end: datetime, office: Office) -> Iterator[tuple[datetime, datetime]]:
    if begin < end:
        for first, last in office.from_(begin):
            if first >= end:
                return
            yield first, last


def _weighed(counted: Iterable[tuple[datetime, datetime]], office: Office, unit: TermUnit) -> int:
    """Quarters told twice, whole and in part, count once: the longest part of each."""
    longest: dict[datetime, int] = {}
    for begin, end in counted:
        longest[end] = max(longest.get(end, 0), (end - begin).seconds)
    return sum(seconds * office.weight(end - QUARTER, unit) for end, seconds in longest.items())


def _in_time(pause: Pause, due: Moment) -> bool:
    """Not past due, by days where one side has no time of day."""
    if Precision.DAY in (pause.started.precision, due.precision):
        return pause.started.at.date() <= due.at.date()
    return pause.started.at <= due.at


def _carries_on(pause: Pause, taken: Iterable[int], pauses: Sequence[Pause], until: Moment) -> bool:
    """Begins while one that counts still stands, or in the moment in which it ends."""
    begin = _span(pause, until)[0]
    others = [_span(pauses[number], until) for number in taken]
    return any(start <= begin <= max(start, end) for start, end in others)


def _calendar_due(
    received: Moment, first: date, term: Term, office: Office, pauses: list[Pause], until: Moment
) -> Moment:
    last = first
    if term.unit is TermUnit.CALENDAR_DAYS:
        for _ in range(term.amount):
            last += DAY
    else:
        last = _same_day_of(first, term.amount)
    taken: set[int] = set()
    while True:
        stood = {day for number in taken for day in _nights(pauses[number], first, until)}
        end = last
        for _ in stood:
            end += DAY
        at = _as_known(received, office.close(office.next_working(end)))
        more = {
            number
            for number, pause in enumerate(pauses)
            if number not in taken and (_in_time(pause, at) or _carries_on(pause, taken, pauses, until))
        }
        if not more:
            return at
        taken |= more


def _same_day_of(day: date, months: int) -> date:
    year, month = day.year, day.month
    for _ in range(months):
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    for number in range(day.day, 0, -1):
        try:
            return date(year, month, number)
        except ValueError:
            continue
    raise AssertionError("a month has days")


def _nights(pause: Pause, first: date, until: Moment) -> Iterator[date]:
    """The days after the one on which a pause began, as far as it reached."""
    begin, end = _span(pause, until)
    day = max(begin.date(), first)
    while day < end.date():
        day += DAY
        yield day
