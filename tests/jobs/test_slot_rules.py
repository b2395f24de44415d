"""Which slots are due: each once, the oldest first, whatever the clock does."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from portal.jobs.rules import (
    ATTEMPTS,
    RETRY_AFTER,
    SILENT_AFTER,
    Missed,
    RunState,
    Seen,
    Trouble,
    interval_slot,
    is_catch_up,
    is_settled,
    moment_of,
    slot_is_open,
    slots_due,
    to_settle,
    trouble_of,
)

FOUR_TEN = time(4, 10)
MONDAY = date(2026, 11, 23)
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1))
TIMES = st.times()


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute))


def test_a_new_job_begins_with_today_once_its_moment_has_come() -> None:
    assert slots_due(FOUR_TEN, None, at(MONDAY, 4, 9)) == []
    assert slots_due(FOUR_TEN, None, at(MONDAY, 4, 10)) == [MONDAY]


def test_days_off_leave_slots_that_are_due() -> None:
    friday = MONDAY - timedelta(days=3)

    assert slots_due(FOUR_TEN, friday, at(MONDAY, 8)) == [friday + timedelta(days=n) for n in range(4)]
    assert slots_due(FOUR_TEN, friday, at(MONDAY, 3)) == [friday + timedelta(days=n) for n in range(3)]


@given(TIMES, st.lists(MOMENTS, min_size=1, max_size=12), st.sampled_from(Missed))
def test_every_slot_is_taken_once_whatever_the_clock_does(at_: time, looks: list[datetime], missed: Missed) -> None:
    """The clock jumps to any moment, forwards and backwards; afterwards no day is missing and none was taken twice."""
    first = min(looks).date()
    taken: list[date] = [first]
    ran: list[date] = [first]
    for now in looks:
        slots = slots_due(at_, min(taken), now)
        for slot, is_run in to_settle(slots, taken, missed, max(ran)):
            assert moment_of(slot, at_) <= now
            taken.append(slot)
            if is_run:
                ran.append(slot)

    assert len(taken) == len(set(taken))
    latest = max(looks)
    until = latest.date() if latest >= moment_of(latest.date(), at_) else latest.date() - timedelta(days=1)
    expected = {first + timedelta(days=n) for n in range((until - first).days + 1)} | {first}
    assert expected <= set(taken)
    if missed is Missed.EACH:
        assert ran == taken


@given(TIMES, MOMENTS, st.integers(1, 60))
def test_missed_slots_are_made_up_for_oldest_first(at_: time, now: datetime, days_off: int) -> None:
    first = now.date() - timedelta(days=days_off)
    slots = slots_due(at_, first, now)

    assert slots == sorted(slots)
    assert [slot for slot, _ in to_settle(slots, [], Missed.EACH)] == slots
    assert [slot for slot, is_run in to_settle(slots, [], Missed.LAST) if is_run] == slots[-1:]


def test_a_run_by_hand_of_the_newest_day_covers_the_days_before() -> None:
    days = [MONDAY - timedelta(days=2), MONDAY - timedelta(days=1), MONDAY]

    assert list(to_settle(days, [MONDAY], Missed.LAST, MONDAY)) == [(days[0], False), (days[1], False)]


def test_a_run_long_after_its_moment_makes_up_for_a_missed_one() -> None:
    assert not is_catch_up(MONDAY, FOUR_TEN, at(MONDAY, 5))
    assert is_catch_up(MONDAY, FOUR_TEN, at(MONDAY, 6))
    assert is_catch_up(MONDAY - timedelta(days=1), FOUR_TEN, at(MONDAY, 4, 10))


def test_a_failed_run_is_tried_again_after_a_while_and_not_for_ever() -> None:
    now = datetime(2026, 11, 23, tzinfo=UTC)

    def failed(attempt: int, ago: timedelta) -> bool:
        return is_settled(Seen(RunState.FAILED, attempt, now - ago), now)

    assert failed(1, RETRY_AFTER - timedelta(seconds=1))
    assert not failed(1, RETRY_AFTER)
    assert failed(ATTEMPTS, timedelta(days=1))
    assert is_settled(Seen(RunState.DONE, 1, now), now)
    assert is_settled(Seen(RunState.COVERED, 0, now), now)


@given(MOMENTS.map(lambda moment: moment.replace(tzinfo=UTC)), st.integers(1, 86_400))
def test_an_interval_begins_once(now: datetime, seconds: int) -> None:
    every = timedelta(seconds=seconds)
    slot = interval_slot(now, every)

    assert slot <= now < slot + every
    assert slot_is_open(None, slot, every)
    assert not slot_is_open(slot, interval_slot(now, every), every)
    assert slot_is_open(slot, interval_slot(now + every, every), every)


def test_a_clock_set_back_does_not_stop_what_repeats() -> None:
    now, every = datetime(2026, 11, 23, 5, tzinfo=UTC), timedelta(seconds=5)

    assert not slot_is_open(now, now - every, every)
    assert slot_is_open(now, now - timedelta(hours=1), every)


def test_the_alarm_says_what_is_wrong() -> None:
    now = datetime(2026, 11, 23, tzinfo=UTC)
    recently, long_ago = now - timedelta(hours=25), now - SILENT_AFTER - timedelta(seconds=1)

    assert trouble_of(None, None, None, failed=0, at=now) is Trouble.NEVER
    assert trouble_of(None, now, recently, failed=0, at=now) is None
    assert trouble_of(long_ago, now, long_ago, failed=1, at=now) is Trouble.SILENT
    assert trouble_of(recently, long_ago, long_ago, failed=0, at=now) is Trouble.SILENT
    assert trouble_of(recently, now, long_ago, failed=1, at=now) is Trouble.FAILED
    assert trouble_of(recently, now, long_ago, failed=0, at=now) is None
