"""Working days counted a million times over, against the least that counts them and against the ``holidays`` library.

The same spans of 2020–2026 are counted by our calendar's method; by a prefix list in pure Python (G12: at most twice
its time), once asked with dates as we are and once with places made ready beforehand, which no caller has; and by
``holidays`` (at least fifty times its speed).
"""

from __future__ import annotations

import random
import time
import tomllib
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta

from holidays import country_holidays

from portal.calendars.actions import SHIPPED
from portal.calendars.rules import Content
from portal.deadlines import WorkingCalendar
from portal.deadlines.calendar import days

COUNTS, FEW, TIMES, SEED = 1_000_000, 20_000, 3, 20261128
LONGEST = 120
Span = tuple[date, date]


def measure() -> Iterator[str]:
    """The lines of the table: each best of three, in one process."""
    calendar = Content.from_json(tomllib.loads(SHIPPED.read_text(encoding="utf-8"))).calendar()
    spans = some_spans(calendar)
    floor, ours = prefix_list(calendar), calendar.working_days_between
    if [floor(*span) for span in spans[:FEW]] != [ours(*span) for span in spans[:FEW]]:
        raise RuntimeError("the floor counts otherwise")
    bare, ready, counted = best(floor, spans), best_ready(calendar, spans), best(ours, spans)
    library = best(country_holidays("VN", years=range(2020, 2027)).get_working_days_count, spans[:FEW]) * COUNTS / FEW
    yield f"{COUNTS:,} counts: a prefix list asked with dates {bare:.2f} s, with ready places {ready:.2f} s"
    yield f"our calendar {counted:.2f} s: {counted / bare:.2f} and {counted / ready:.2f} of these floors (at most 2.0)"
    yield f"holidays, {FEW:,} counts scaled, {library:.0f} s: {library / counted:.0f} times ours (at least 50)"


def some_spans(calendar: WorkingCalendar) -> list[Span]:
    """A million spans of up to four months, the same in every run."""
    chance = random.Random(SEED)  # noqa: S311 - a repeatable draw, not a secret
    starts = list(days(date(2020, 1, 1), calendar.last - timedelta(days=LONGEST)))
    lengths = [timedelta(days=length) for length in range(LONGEST + 1)]
    return [(start, start + chance.choice(lengths)) for start in chance.choices(starts, k=COUNTS)]


def prefix_list(calendar: WorkingCalendar) -> Callable[[date, date], int]:
    """The least code that counts working days between two dates."""
    base = calendar.first.toordinal()
    numbers = [calendar.number(day) for day in days(calendar.first, calendar.last)]

    def count(start: date, end: date) -> int:
        return numbers[end.toordinal() - base] - numbers[start.toordinal() - base]

    return count


def best_ready(calendar: WorkingCalendar, spans: Sequence[Span]) -> float:
    """The floor below the floor: only the list is asked, with places that were looked up before."""
    numbers = [calendar.number(day) for day in days(calendar.first, calendar.last)]
    places = [((start - calendar.first).days, (end - calendar.first).days) for start, end in spans]
    found = []
    for _ in range(TIMES):
        begin = time.perf_counter()
        for start, end in places:
            numbers[end] - numbers[start]
        found.append(time.perf_counter() - begin)
    return min(found)


def best(count: Callable[[date, date], int], spans: Sequence[Span]) -> float:
    """The shortest of some runs over all spans, in seconds."""
    found = []
    for _ in range(TIMES):
        begin = time.perf_counter()
        for start, end in spans:
            count(start, end)
        found.append(time.perf_counter() - begin)
    return min(found)
