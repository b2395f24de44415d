"""What the timetable runs for the forms: keys that no browser sends again are forgotten."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from portal.database import commit
from portal.web.operations import forget_operations_before

KEPT = timedelta(days=30)
"""A form left open over a leave still answers with what its first sending did."""


def forget_operations(today: date, at: datetime) -> dict[str, int]:
    """Forget keys of forms carried out long ago. Says how many; ``at`` is an instant."""
    with commit():
        return {"operations": forget_operations_before(at - KEPT)}
