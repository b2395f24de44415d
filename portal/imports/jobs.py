"""What the timetable runs for imports: the queue of large files, the drop folder, erasing what was kept long enough.

Each function selects what is still to do and may run twice.
"""

from __future__ import annotations

from datetime import date, datetime

from portal.imports import dropping, erasing, working


def work_on_batches(today: date, at: datetime) -> dict[str, int]:
    """Read or apply one large file that waits, or one whose worker died. Says what became of it."""
    taken = working.claim(at)
    return {working.work_on(*taken, today): 1} if taken else {}


def poll_drop_folder(today: date, at: datetime) -> dict[str, int]:
    """Import what was put into the drop folder. Says how many files were done, failed or are still being written."""
    return dropping.poll(today, at)


def erase_uploads(today: date, at: datetime) -> dict[str, int]:
    """Erase source files whose days are over, and the cell values that batches kept of them."""
    return erasing.erase(today, at)
