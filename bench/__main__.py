"""``make bench``: one table of ratios, on SQLite and PostgreSQL. ``python -m bench intake`` measures imports only."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from bench import intake, lists
from bench.places import places


def main(wanted: str) -> None:
    """Measure imports, then lists; say what was measured and against what."""
    with tempfile.TemporaryDirectory(prefix="portal-bench-") as name:
        folder = Path(name)
        files = intake.write_files(folder) if wanted != "lists" else None
        for place in places(folder):
            print(f"\n{place.name}", flush=True)
            for line in intake.measure(place, files) if files else ():
                print(f"  {line}", flush=True)
            for line in lists.measure(place) if wanted != "intake" else ():
                print(f"  {line}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "all")
