"""When somebody who has not answered in time is urged, and when the next head up is told. Pure."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from portal.accountability.explanations.rules import Stage, stage_days, stage_on
from portal.deadlines import WorkingCalendar
from portal.deadlines.calendar import DayOff

CALENDAR = WorkingCalendar(date(2023, 1, 1), date(2023, 12, 31), off=[DayOff(date(2023, 10, 24), "nghỉ bù")])
THURSDAY = date(2023, 10, 19)
DAYS = stage_days(THURSDAY, CALENDAR, reminders_after_days=(1, 3), escalate_after_days=5)


def test_the_stages_count_working_days_after_the_term() -> None:
    assert DAYS == {
        Stage.FIRST: date(2023, 10, 20), Stage.SECOND: date(2023, 10, 25), Stage.NEXT_HEAD: date(2023, 10, 27),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("later", "stage"),
    [(0, None), (1, Stage.FIRST), (5, Stage.FIRST), (6, Stage.SECOND), (7, Stage.SECOND), (8, Stage.NEXT_HEAD)],
)
def test_a_stage_holds_until_the_next_one_has_come(later: int, stage: Stage | None) -> None:
    assert stage_on(THURSDAY + timedelta(days=later), DAYS) is stage


def test_an_agency_that_reminds_once_still_tells_the_next_head() -> None:
    days = stage_days(THURSDAY, CALENDAR, reminders_after_days=(2,), escalate_after_days=4)

    assert list(days) == [Stage.FIRST, Stage.NEXT_HEAD]
