"""Read one file as the worker does, in a process of its own, and say what came of it and what its child needed."""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path

from portal.imports.listing import list_of
from portal.imports.reading import FileFault, read


def main(path: str, sheet: str | None = None) -> None:
    """Print the outcome: a fault or the number of rows, the child's and the worker's peak in MiB, and seconds."""
    begun = time.monotonic()
    try:
        outcome: dict[str, object] = {"rows": len(list_of(read(Path(path), path), sheet=sheet))}
    except FileFault as fault:
        outcome = {"fault": fault.reason}
    peaks = {
        "child": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10,
        "worker": int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) >> 10,
    }
    print(json.dumps({**outcome, **peaks, "seconds": round(time.monotonic() - begun, 2)}))  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
