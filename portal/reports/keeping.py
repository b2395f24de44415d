"""Uploaded reports between reading and confirming. A kept report needs its hash only; what nobody confirms goes."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from portal.documents.store import FileStore

KEPT = timedelta(days=1)


def open_store(data_dir: Path) -> FileStore:
    """The folder of files that wait to be confirmed."""
    return FileStore(data_dir / "reports")


def forget_old(store: FileStore, at: datetime) -> int:
    """Erase files that nobody confirmed within a day; how many."""
    if not store.root.is_dir():
        return 0
    oldest = (at - KEPT).timestamp()
    old = [path for path in store.root.glob("??/*") if path.is_file() and path.stat().st_mtime < oldest]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)
