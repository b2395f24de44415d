"""Who does what and when is one page from the table itself; the sum is checked by night and shown with its time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import delete

from portal import clock
from portal.accountability.apologies.models import Apology
from portal.accountability.explanations.messages import ACTIONS, ACTORS, EFFECTS, GUARDS
from portal.accountability.explanations.models import Explanation
from portal.accountability.explanations.rules import MACHINE, Action, Actor, Effect, Guard
from portal.database import commit, db
from portal.jobs.models import JobRun
from portal.jobs.timetable import TIMETABLE, check_ledger
from portal.refusal import Refused
from tests.accountability.conftest import MONDAY, Place
from tests.factories import Make


def test_every_line_of_the_table_has_words() -> None:
    assert set(MACHINE) == set(ACTIONS) == set(Action)
    assert (set(ACTORS), set(GUARDS), set(EFFECTS)) == (set(Actor), set(Guard), set(Effect))
    used = {guard for step in MACHINE.values() for guard in step.guards}
    assert used == set(Guard), "a guard no step asks for"
    assert {effect for step in MACHINE.values() for effect in step.effects} == set(Effect)


def test_everybody_reads_the_table(make: Make, place: Place, signed_in: Callable[..., Any]) -> None:
    page = signed_in(place.officer).get("/coverage/rules").text

    assert page.count("<tr>") == len(MACHINE) + 1
    assert "rút lại kết luận" in page and "3 ngày làm việc" in page


def test_the_night_says_that_the_sum_holds_and_when(
    explanation: Explanation, place: Place, make: Make, signed_in: Callable[..., Any], at: Callable[[datetime], None]
) -> None:
    at(datetime(2023, 10, 16, 16, 0))
    client = signed_in("monitoring_office", place.district)
    assert "chưa chạy lần nào" in client.get("/coverage").text

    assert check_ledger(MONDAY, clock.now()) == {"breaches": 1, "without_breach": 0, "pending": 0}
    done = datetime(2023, 10, 15, 21, 15, tzinfo=UTC)
    facts = {"job": "check_ledger", "slot": "2023-10-16", "state": "done", "worker": "a:1", "beat_at": done}
    make.add(JobRun(started_at=done, finished_at=done, **facts))

    page = client.get("/coverage").text
    assert "Đã đối chiếu tự động lúc 16/10/2023" in page and "tổng các trạng thái khớp" in page


def test_a_lost_duty_makes_the_night_red(explanation: Explanation) -> None:
    db.session.rollback()
    with commit():
        db.session.execute(delete(Apology))

    with pytest.raises(Refused, match="ledger_broken"):
        check_ledger(date(2023, 10, 16), clock.now())


def test_the_sum_is_checked_each_night_after_the_breaches_were_opened() -> None:
    names = [entry.name for entry in TIMETABLE]

    assert names.index("open_breaches") < names.index("check_ledger")
