"""What a timetable is made of: jobs with a slot each day, and jobs that look again and again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from flask_babel import LazyString

from portal.jobs.rules import Missed

Work = Callable[[date, datetime], Mapping[str, int]]
"""A job: business day and instant in, counts out. It opens its own ``commit()`` and is safe to run twice."""


@dataclass(frozen=True)
class Daily:
    """A job with a slot each day, at a Vietnam wall time. ``missed``: what becomes of days on which nothing ran."""

    name: str
    label: LazyString
    run: Work
    at: time
    missed: Missed = Missed.EACH


@dataclass(frozen=True)
class Every:
    """A job that looks again and again. ``waits``: a cheap question whether there is anything to do.

    Where nothing waits nothing is claimed and no row is written, however short the interval.
    """

    name: str
    label: LazyString
    run: Work
    every: timedelta
    waits: Callable[[], bool] | None = None


Entry = Daily | Every
Timetable = tuple[Entry, ...]
