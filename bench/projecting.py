"""Counting a million open cases anew after changes of the calendar.

Every procedure has a term and one case in twenty a recorded pause. The floor is a plain rewrite of the same million
rows of our own counts, in the same run.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from time import perf_counter, process_time

from sqlalchemy import text

from bench import world
from bench.places import SECRET, Place, seconds_of
from portal.app import create_app
from portal.calendars.hours import MONDAY_TO_FRIDAY, HoursFrom, day_hours
from portal.calendars.models import CalendarVersion
from portal.calendars.queries import content_of_version, current_version_id
from portal.calendars.rules import Content, DayKind, NamedDay
from portal.cases import recounting
from portal.cases.models import Case
from portal.config import Settings
from portal.database import allow_long_statements, commit, copy_rows, db

AT = datetime(2023, 10, 16, 9, tzinfo=UTC)
PAUSED_EVERY = 20
MOST_SECONDS = 60
REWRITE = "UPDATE computed_dues SET due_at = due_at, calendar_version_id = calendar_version_id + 1"


def measure(place: Place) -> Iterator[str]:
    """Fill, count once, change the calendar, count again; then the floor."""
    url = place.new("projecting")
    place.run(url, "upgrade")
    settings = Settings(database_url=url, secret_key=SECRET, data_dir=place.folder / "files")  # type: ignore[arg-type]
    with create_app(settings).app_context():
        allow_long_statements()
        fill()
        yield told("counted for the first time")
        add_a_day_off()
        yield told(f"counted anew after a day off was added (at most {MOST_SECONDS} s on PostgreSQL)")
        close_half_an_hour_earlier()
        yield told("counted anew after the working hours changed, which moves every count")
        with commit():
            floor = seconds_of(lambda: db.session.execute(text(REWRITE)))
        yield f"floor, a plain rewrite of the same rows in one statement: {floor:.1f} s"


def told(what: str) -> str:
    """Ask for all open cases, do it, and say how long it took."""
    with commit():
        recounting.ask(what, by=None, at=AT)
    start, cpu = perf_counter(), process_time()
    effect = recounting.work(AT)
    took, cpu = perf_counter() - start, process_time() - cpu
    return (
        f"{effect.cases:,} open cases {what}: {took:.1f} s ({cpu:.1f} s of Python); {effect.moved:,} due moments move, "
        f"{effect.own_changed:,} counts of our own changed"
    )


def add_a_day_off() -> None:
    """One more day off, as a letter of the government makes one."""
    content = content_of_version(current_version_id())
    keep(replace(content, days=(*content.days, NamedDay(date(2023, 6, 14), DayKind.OFF, "bench"))))


def close_half_an_hour_earlier() -> None:
    """Other hours on every day: the hardest change, since each due moment becomes another one."""
    hours = day_hours("07:00-11:30, 13:00-16:30")
    week = (*(hours or () for _ in range(MONDAY_TO_FRIDAY)), (), ())
    keep(replace(content_of_version(current_version_id()), hours=(HoursFrom(date(2020, 1, 1), week, "bench"),)))


def keep(content: Content) -> None:
    """A new version of the calendar."""
    with commit():
        version = CalendarVersion(
            made_at=AT, author="bench", reason="bench", content_hash=content.hash(), content=content.as_json()
        )
        db.session.add(version)


def fill() -> None:
    """A million open cases; a term for each procedure; pauses."""
    ids = world.fill_directory()
    titles = [world.title(n) for n in range(world.PROCEDURES)]
    names = [world.officer_name(n) for n in range(world.OFFICERS)]
    with commit():
        connection = db.session.connection()
        indexes = list(Case.__table__.indexes)  # type: ignore[attr-defined]
        for index in indexes:
            index.drop(connection)
        rows = (world.stored(replace(row, finished=None), ids, titles, names) for row in world.known())
        copy_rows("cases", world.COLUMNS, rows)
        for index in indexes:
            index.create(connection)
    cases = [row[0] for row in db.session.execute(text("SELECT id FROM cases ORDER BY id"))]
    starts = db.session.execute(text(f"SELECT id, received_at FROM cases WHERE id % {PAUSED_EVERY} = 0")).all()  # noqa: S608
    db.session.rollback()
    with commit():
        copy_rows(
            "procedure_terms",
            ("procedure_id", "amount", "unit", "valid_from", "basis", "in_force", "author", "recorded_at", "version"),
            (
                (ident, 5 + place % 20, "working_days", "2000-01-01", "", True, "bench", "2023-10-01 00:00:00+00", 1)
                for place, ident in enumerate(ids["procedures"])
            ),
        )
        copy_rows(
            "pauses",
            (
                "case_id",
                "started_at",
                "ended_at",
                "reason",
                "document",
                "source",
                "kind",
                "in_printed",
                "author",
                "voided",
            ),
            (
                (row[0], f"{day(row[1], 1)}", f"{day(row[1], 4)}", "", "", "import", "supplement", False, "", False)
                for row in starts
            ),
        )
    if len(cases) != world.CASES:
        raise RuntimeError(f"{len(cases)} cases instead of {world.CASES}")
    world.refresh()


def day(received: datetime | str, days: int) -> datetime:
    """Midnight so many days after a receipt."""
    at = datetime.fromisoformat(received) if isinstance(received, str) else received
    return datetime.combine(at.date() + timedelta(days=days), datetime.min.time())
