"""How far the writing of a batch is, told in a small file beside the kept ones.

Writing is one transaction: no row can say how far it is before all is there. The file is a sign only: without it, or
with a damaged one, the page says no figure, and nothing rests on it.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from flask import current_app

from portal.imports.models import Batch


@dataclass(frozen=True, slots=True)
class Sign:
    """What a worker told last: rows written so far, all rows, and when it was."""

    done: int
    total: int
    at: datetime


def note(batch_id: int, worker: str, done: int, total: int, at: datetime) -> None:
    """Tell how far the writing is. A disk that takes no file more must not end the writing."""
    path = _path(batch_id)
    said = {"worker": worker, "done": done, "total": total, "at": at.isoformat()}
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(".new")
        fresh.write_text(json.dumps(said), encoding="utf-8")
        fresh.replace(path)


def seen(batch: Batch) -> Sign | None:
    """What the worker that has a batch told last; None where it told nothing."""
    try:
        said = json.loads(_path(batch.id).read_text(encoding="utf-8"))
        sign = Sign(int(said["done"]), int(said["total"]), datetime.fromisoformat(said["at"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return sign if said.get("worker") == batch.worker else None


def forget(batch_id: int) -> None:
    """Remove the file: the batch itself says what it is now."""
    with suppress(OSError):
        _path(batch_id).unlink(missing_ok=True)


def _path(batch_id: int) -> Path:
    return Path(current_app.config["SETTINGS"].data_dir) / "progress" / f"batch-{batch_id}.json"
