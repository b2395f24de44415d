"""An export of 20,000 rows, end to end, against merely reading the file."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from random import Random

from bench.places import Place, seconds_of
from portal.deadlines import WorkingCalendar
from portal.demo import people, population
from portal.demo.case_list import write_case_list

ROWS = 20_000
LIMIT = 10.0
READ = (
    "import sys; from python_calamine import CalamineWorkbook;"
    "sum(1 for _ in CalamineWorkbook.from_path(sys.argv[1]).get_sheet_by_index(0).iter_rows())"
)


def write_file(path: Path) -> Path:
    """The demonstration's own case list, made longer with further codes."""
    random = Random(7)
    weekdays = WorkingCalendar(date(2019, 12, 1), date(2027, 12, 31))
    cases = population.population(weekdays, people.postings(random), random)
    more = [replace(case, code=f"{case.code}-2") for case in cases[: ROWS - len(cases)]]
    write_case_list(path, [*cases, *more])
    return path


def measure(place: Place, file: Path) -> Iterator[str]:
    """First import, the same file again, and both against reading the file in a fresh process."""
    url = place.new("imports")
    place.run(url, "upgrade")
    floor = seconds_of(lambda: subprocess.run([sys.executable, "-c", READ, str(file)], check=True))
    arguments = ("cases", "import", str(file), "--create-unknown", "--as-of", f"{date(2023, 10, 16)}", "--json")
    first, answer = place.run(url, *arguments)
    again, second = place.run(url, *arguments)
    counts, repeated = json.loads(answer), json.loads(second)
    yield (
        f"import {counts['rows']} rows end to end: {first:.2f} s (at most {LIMIT:.0f}), "
        f"{first / floor:.1f} × reading the file ({floor:.2f} s); new {counts['new']}, rejected {counts['rejected']}"
    )
    yield f"the same file again: {again:.2f} s, {again / first:.2f} × the first; changed {repeated['changed']}"
