"""The 15,935 cases of the letter: its exact totals, an invented split, the same on every run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from random import Random

from portal.deadlines import WorkingCalendar
from portal.demo import places
from portal.demo.people import Posting, a_name

CLOCK = datetime(2023, 10, 16, 9, 30)
DATA_AS_OF = datetime(2023, 10, 16, 8, 0)
FIRST_DAY = date(2023, 1, 3)
EARLY, ON_TIME, LATE, WITHIN_TERM, PAUSED, OVERDUE = 7_412, 3_265, 662, 4_200, 96, 300
RECEIVED = EARLY + ON_TIME + LATE + WITHIN_TERM + PAUSED + OVERDUE
CLOSING = time(16, 30)

STATUS = {
    "early": "Đã trả kết quả",
    "on_time": "Đã trả kết quả",
    "late": "Đã xử lý xong",
    "within_term": "Đang xử lý",
    "paused": "Yêu cầu bổ sung giấy tờ",
    "overdue": "Đang xử lý",
}
LATENESS = (1, 1, 1, 1, 2, 2, 2, 3, 3, 4, 5, 6, 8, 11, 15, 22, 34)


@dataclass(frozen=True)
class DemoCase:
    """One row of the exported list."""

    code: str
    service: places.Service
    applicant: str
    receiving: str
    resolving: str
    officer: str
    channel: str
    received_at: datetime
    due_at: datetime
    finished_at: datetime | None
    returned_at: datetime | None
    status: str
    outcome: str


def population(calendar: WorkingCalendar, staff: Sequence[Posting], random: Random) -> list[DemoCase]:
    """Every case of the year until the morning of the letter, ordered by receipt, codes numbered per unit and day."""
    working = [place for place in places.PLACES if place.cases]
    officers = {
        place.code: [person.name for person in staff if person.unit == place.code and person.role == "officer"]
        for place in working
    }
    outcomes = (
        ["early"] * EARLY
        + ["on_time"] * ON_TIME
        + ["late"] * LATE
        + ["within_term"] * WITHIN_TERM
        + ["paused"] * PAUSED
        + ["overdue"] * OVERDUE
    )
    cases = [_one(outcome, working, officers, calendar, random) for outcome in outcomes]
    return _numbered(
        _with_channels(sorted(cases, key=lambda case: (case.received_at, case.resolving, case.applicant)), random)
    )


def _one(
    outcome: str, working: list[places.Place], officers: dict[str, list[str]], calendar: WorkingCalendar, random: Random
) -> DemoCase:
    accused = outcome in ("late", "overdue")
    place = random.choices(working, [item.cases * (item.late if accused else 1.0) for item in working])[0]
    services = [item for item in places.SERVICES if item.field in place.fields]
    if outcome in ("within_term", "paused"):
        services = [item for item in services if item.term_days >= 3] or services
    service = random.choice(services)
    received, due, finished = _moments(outcome, service.term_days, calendar, random)
    weights = [3.0 if index == 1 and accused else 1.0 for index in range(len(officers[place.code]))]
    returned = finished + timedelta(minutes=random.randrange(5, 25)) if finished and outcome != "late" else None
    return DemoCase(
        "",
        service,
        a_name(random),
        places.OFFICE if place.kind in ("division", "branch") else place.code,
        place.code,
        random.choices(officers[place.code], weights)[0],
        "direct",
        received,
        due,
        finished,
        returned,
        STATUS[outcome],
        outcome,
    )


def _moments(
    outcome: str, term: int, calendar: WorkingCalendar, random: Random
) -> tuple[datetime, datetime, datetime | None]:
    """Received, due, finished: working moments that give just this outcome on the day of the letter."""
    last = DATA_AS_OF.date() - timedelta(days=1)
    if outcome in ("within_term", "paused"):
        due = _working_day(
            calendar, CLOCK.date() + timedelta(days=1), CLOCK.date() + timedelta(days=max(2, term)), random
        )
        received = _back(calendar, due, term)
        return _opening(min(received, DATA_AS_OF.date()), random, received >= DATA_AS_OF.date()), _closing(due), None
    if outcome == "overdue":
        lateness = random.choice(LATENESS)
        due = _back(calendar, last, lateness - 1)
        return _opening(max(_back(calendar, due, term), FIRST_DAY), random), _closing(due), None
    lateness = random.choice(LATENESS) if outcome == "late" else 0
    room = max(1, (_back(calendar, last, lateness + term) - FIRST_DAY).days)
    received = _working_day(calendar, FIRST_DAY, FIRST_DAY + timedelta(days=room), random)
    due = calendar.add_working_days(received, max(1, term))
    if outcome == "late":
        return (
            _opening(received, random),
            _closing(due),
            _working_time(calendar.add_working_days(due, lateness), random),
        )
    if outcome == "early" and term > 1:
        early_day = calendar.add_working_days(received, random.randrange(max(1, term // 2), max(2, term)))
        return _opening(received, random), _closing(due), _working_time(early_day, random)
    if outcome == "early":
        return _opening(received, random), _closing(due), datetime.combine(received, time(16, random.randrange(0, 30)))
    return _opening(received, random), _closing(due), _working_time(due, random)


def _working_day(calendar: WorkingCalendar, first: date, last: date, random: Random) -> date:
    day = first + timedelta(days=random.randrange(0, max(1, (last - first).days + 1)))
    return calendar.next_working_day(day)


def _back(calendar: WorkingCalendar, day: date, count: int) -> date:
    """The day from which ``count`` working days lead to ``day``, or to the last working day before it."""
    found = day if calendar.is_working(day) else calendar.previous_working_day(day)
    for _ in range(count):
        found = calendar.previous_working_day(found)
    return found


def _opening(day: date, random: Random, this_morning: bool = False) -> datetime:
    if this_morning:
        return datetime.combine(day, time(7, random.randrange(5, 55)))
    return datetime.combine(day, time(random.choice((7, 8, 8, 9, 9, 10, 13, 14, 15)), random.randrange(0, 60)))


def _working_time(day: date, random: Random) -> datetime:
    return datetime.combine(day, time(random.choice((8, 9, 10, 14, 15)), random.randrange(0, 60)))


def _closing(day: date) -> datetime:
    return datetime.combine(day, CLOSING)


def _with_channels(cases: list[DemoCase], random: Random) -> list[DemoCase]:
    """Give each unit its number of online cases; the rest came over the counter, a few by post."""
    wanted = {place.code: place.online for place in places.PLACES}
    indexes: dict[str, list[int]] = {}
    for index, case in enumerate(cases):
        if case.service.online_level != "none":
            indexes.setdefault(case.resolving, []).append(index)
    online: set[int] = set()
    for code, candidates in sorted(indexes.items()):
        share = wanted[code] if wanted[code] is not None else len(candidates) // 12
        online.update(random.sample(candidates, min(share or 0, len(candidates))))
    return [
        replace(case, channel="online" if index in online else ("postal" if random.random() < 0.02 else "direct"))
        for index, case in enumerate(cases)
    ]


def _numbered(cases: list[DemoCase]) -> list[DemoCase]:
    """Codes of the national pattern: unit, day of receipt, running number of the day."""
    counters: dict[tuple[str, date], int] = {}
    numbered = []
    for case in cases:
        key = (case.receiving, case.received_at.date())
        counters[key] = counters.get(key, 0) + 1
        unit = case.receiving if case.receiving.count(".") == 2 else f"{case.receiving}.00"
        numbered.append(replace(case, code=f"{unit}-{case.received_at:%y%m%d}-{counters[key]:04d}"))
    return numbered
