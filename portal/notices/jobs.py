"""What the timetable runs for mail. The calendar and the hours are handed in: this package stands below both."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from portal.database import commit
from portal.notices import bulk, outbox, queries

BODIES_KEPT = timedelta(days=30)
"""After this a mail's text goes; what people were told stands in the portal."""


def write_digests(today: date, at: datetime) -> Mapping[str, int]:
    """Write the mails of a working day."""
    return outbox.write_digests(today, at)


def forget_bodies(today: date, at: datetime) -> Mapping[str, int]:
    """Empty the bodies of old mails."""
    with commit():
        return {"bodies": bulk.forget_bodies(at - BODIES_KEPT)}


def mail_waits(at: datetime) -> bool:
    """Whether mail is set up and a mail may leave at an instant."""
    return outbox.is_on() and bool(queries.mails_due(at, 1))
