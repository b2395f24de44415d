"""Opening a session without typing a password."""

from __future__ import annotations

from datetime import datetime, timedelta

from portal import clock
from portal.access.actions import sign_in_as
from portal.database import commit
from portal.directory.models import Person
from tests.factories import Make


def cookie_of(person: Person, at: datetime | None = None) -> str:
    """The cookie of a new session, with the rights of the business day ``at``."""
    user = Make().user(person)
    day = (at or clock.local_now()).date()
    with commit():
        return sign_in_as(user, ip="127.0.0.1", agent="test", on=day, at=clock.now(), absolute=timedelta(hours=8))
