"""Opening breaches with both duties over a million cases, and once more when nothing is left to open (issue 5)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from sqlalchemy import func, select

from bench import world
from bench.places import SECRET, Place, seconds_of
from portal.accountability.ledger.actions import open_breaches
from portal.accountability.ledger.rules import OpenResult
from portal.app import create_app
from portal.cases.models import Case
from portal.config import Settings
from portal.database import allow_long_statements, commit, db

ON = date(2023, 10, 10)
AT = datetime.fromisoformat("2023-10-10T18:00:00+00:00")
MANY_LATE = (*world.LATE, 9, 224, 241)
"""More than in the other measurements: 6.4 % of the cases that ended, above the 60,000 of the goal."""
MOST_SECONDS = (30.0, 3.0)
"""The goals of the first and of the second run on PostgreSQL."""


def measure(place: Place) -> Iterator[str]:
    """One line for each run: seconds, what was opened, and the goal."""
    url = place.new("opening")
    place.run(url, "upgrade")
    settings = Settings(database_url=url, secret_key=SECRET, data_dir=place.folder / "files")  # type: ignore[arg-type]
    with create_app(settings).app_context():
        allow_long_statements()
        ids = world.fill_directory()
        with commit():
            world.fill_cases(ids, MANY_LATE)
        world.refresh()
        cases = db.session.scalar(select(func.count()).select_from(Case))
        db.session.rollback()
        for number, most in enumerate(MOST_SECONDS):
            found: list[OpenResult] = []

            def run(number: int = number, found: list[OpenResult] = found) -> None:
                with commit():
                    found.append(open_breaches(ON, AT + timedelta(minutes=number)))

            seconds = seconds_of(run)
            yield (
                f"opening over {cases:,} cases, run {number + 1}: {seconds:.1f} s (goal {most:.0f} s), "
                f"opened {found[0].opened:,}, open before {found[0].already_open:,}"
            )
