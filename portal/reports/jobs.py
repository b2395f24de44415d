"""What the timetable runs for reports: uploaded files that nobody confirmed are erased."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

from flask import current_app

from portal.reports.keeping import forget_old, open_store


def forget_unconfirmed(today: date, at: datetime) -> dict[str, int]:
    """Erase files of reports and counts that nobody confirmed within a day. Says how many; ``at`` is an instant."""
    return {"erased": forget_old(open_store(Path(current_app.config["SETTINGS"].data_dir)), at)}
