"""``make bench``: one table of ratios, on SQLite and PostgreSQL."""

from __future__ import annotations

import tempfile
from pathlib import Path

from bench import imports, lists
from bench.places import places


def main() -> None:
    """Measure imports, then lists; say what was measured and against what."""
    with tempfile.TemporaryDirectory(prefix="portal-bench-") as name:
        folder = Path(name)
        file = imports.write_file(folder / "cases.xlsx")
        for place in places(folder):
            print(f"\n{place.name}")
            for line in (*imports.measure(place, file), *lists.measure(place)):
                print(f"  {line}")


if __name__ == "__main__":
    main()
