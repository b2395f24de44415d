"""Counts the examples in whatever zone the machine stands; ``test_time_zones`` runs it in several.

Prints one JSON object: the zone's distance from UTC in minutes on two days, which examples come out otherwise than on
paper, and today's date in Vietnam as the portal sees it.
"""

from __future__ import annotations

import json
import sys
from datetime import datetime

from portal import clock
from portal.deadlines import computed_due, lateness, ruling_due
from tests.deadlines.legal_examples import LATE, PAUSED, RULING, TERMS
from tests.deadlines.reading import CALENDAR, due, extensions, known, pauses, term

ASKED = known("2023-10-17")


def wrong() -> list[str]:
    """The examples that do not come out as on paper."""
    found = [why for why, received, allowed, end in TERMS if term(allowed).due(known(received), CALENDAR) != due(end)]
    for why, received, allowed, stood, more, end in PAUSED:
        until = known("2023-10-06") if stood.endswith("..") else known("2026-12-31")
        parts = pauses(stood), extensions(more)
        if computed_due(known(received), term(allowed), *parts, CALENDAR, until=until) != due(end):
            found.append(why)
    for why, printed, stood, more, end in RULING:
        if ruling_due(due(printed), pauses(stood), extensions(more), CALENDAR, until=ASKED) != due(end):
            found.append(why)
    for why, limit, finished, said in LATE:
        late = lateness(due(limit), known(finished), CALENDAR)
        if (late.working_days if late else None) != (int(said.split()[0]) if said[0].isdigit() else None):
            found.append(why)
    return found


def main() -> None:
    """Say where the machine stands and what it counts."""
    here = [datetime(2026, month, 1) for month in (1, 7)]  # noqa: DTZ001 - the zone of the machine is asked
    offsets = [day.astimezone().utcoffset() for day in here]
    minutes = [int(offset.total_seconds()) // 60 for offset in offsets if offset is not None]
    sys.stdout.write(json.dumps({"offsets": minutes, "wrong": wrong(), "today": clock.today().isoformat()}))


if __name__ == "__main__":
    main()
