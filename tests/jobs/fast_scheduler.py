"""A real scheduler process with a quick timetable: ``python fast_scheduler.py FOLDER``.

``FOLDER/offset`` holds seconds by which its clock differs, read anew each time; ``FOLDER/hold`` keeps the job ``each``
at work while it exists; ``FOLDER/log`` gets a line when a job begins and one when it ends.
"""

from __future__ import annotations

import os
import sys
import time
from datetime import date, datetime, timedelta
from pathlib import Path

from portal import clock
from portal.app import create_app
from portal.config import Settings
from portal.jobs.entries import Daily, Every, Work
from portal.jobs.rules import Missed
from portal.jobs.scheduler import Pace, Scheduler
from portal.logs import configure

FOLDER = Path(sys.argv[1])
PACE = Pace(watch=0.1, stand_by=0.1, nightly=0.1, beat=0.5, grace=10)


def now() -> datetime:
    return clock.now() + timedelta(seconds=float((FOLDER / "offset").read_text()))


def note(*words: object) -> None:
    line = " ".join(map(str, (*words, os.getpid()))) + "\n"
    file = os.open(FOLDER / "log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.write(file, line.encode())
    os.close(file)


def counting(name: str, *, held: bool = False) -> Work:
    def work(today: date, at: datetime) -> dict[str, int]:
        note(name, today, "begin")
        while held and (FOLDER / "hold").exists():
            time.sleep(0.01)
        note(name, today, "end")
        return {"runs": 1}

    return work


TIMETABLE = (
    Daily("each", "each day", counting("each", held=True), clock.start_of(date.min).time()),
    Daily("last", "the last day", counting("last"), clock.start_of(date.min).time(), Missed.LAST),
    Every("often", "often", counting("often"), timedelta(seconds=1)),
)

if __name__ == "__main__":
    configure("INFO")
    sys.exit(not Scheduler(create_app(Settings()), TIMETABLE, PACE, now).run())
