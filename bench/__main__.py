"""``make bench``: one table of ratios, on SQLite and PostgreSQL.

``python -m bench intake`` measures imports only, ``lists`` lists, ``deadlines`` the counting of working days,
``projecting`` the counting of a million open cases anew, ``opening`` the opening of breaches over a million. A product
after it, ``python -m bench intake sqlite``, measures on that one only.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from bench import deadlines, intake, lists, opening, projecting
from bench.places import places


def main(wanted: str, product: str = "") -> None:
    """Measure the counting of days, imports, then lists; say what was measured and against what."""
    if wanted in ("all", "deadlines"):
        print("\nworking days", flush=True)
        for line in deadlines.measure():
            print(f"  {line}", flush=True)
    if wanted != "deadlines":
        in_databases(wanted, product)


def in_databases(wanted: str, product: str) -> None:
    """Measure what needs a database, on each of the two or on one."""
    with tempfile.TemporaryDirectory(prefix="portal-bench-") as name:
        folder = Path(name)
        files = intake.write_files(folder) if wanted in ("all", "intake") else None
        for place in places(folder, product):
            print(f"\n{place.name}", flush=True)
            for line in intake.measure(place, files) if files else ():
                print(f"  {line}", flush=True)
            for line in lists.measure(place) if wanted in ("all", "lists") else ():
                print(f"  {line}", flush=True)
            for line in opening.measure(place) if wanted in ("all", "opening") else ():
                print(f"  {line}", flush=True)
            for line in projecting.measure(place) if wanted in ("all", "projecting") else ():
                print(f"  {line}", flush=True)


if __name__ == "__main__":
    main(*(sys.argv[1:3] or ["all"]))
