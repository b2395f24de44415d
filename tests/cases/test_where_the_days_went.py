"""Where the working time of a case went: allowed against spent, each minute once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from portal.cases.models import CaseStep
from portal.cases.spent import where_the_days_went
from portal.database import commit, db
from portal.deadlines import WorkingCalendar, working_time
from tests.factories import Make

CALENDAR = WorkingCalendar(date(2023, 1, 1), date(2023, 12, 31))
MOMENTS = st.datetimes(datetime(2023, 10, 2), datetime(2023, 10, 20)).map(lambda at: at.replace(microsecond=0))


@dataclass(frozen=True)
class Step:
    at: datetime
    started_at: datetime | None = None
    due_at: datetime | None = None


def day(number: int, hour: int = 17) -> datetime:
    return datetime(2023, 10, number, hour)


def test_a_step_holds_the_case_until_the_next_and_its_allowance_is_its_own() -> None:
    reception = Step(day(3, 9), day(2, 9), day(2, 17))
    appraisal = Step(day(11, 17), day(3, 9), day(9, 9))

    first, second = where_the_days_went(day(2, 9), day(11), [appraisal, reception], [], CALENDAR)

    assert (first.step, first.days["spent"], first.days["allowed"], first.days["over"]) == (
        reception, Decimal(1), Decimal("0.75"), Decimal("0.25"),
    )  # fmt: skip
    assert (second.days["spent"], second.days["allowed"], second.days["over"]) == (
        Decimal("6.75"), Decimal(4), Decimal("2.75"),
    )  # fmt: skip


def test_a_pause_is_counted_for_nobody() -> None:
    stood = [(day(4), day(6)), (day(5), day(9))]

    (row,) = where_the_days_went(day(2), day(11), [Step(day(11), None, day(10))], stood, CALENDAR)

    assert (row.days["spent"], row.days["paused"], row.days["allowed"]) == (4, 3, 6)


def test_what_follows_the_last_step_lies_with_nobody() -> None:
    rows = where_the_days_went(day(2), day(11), [Step(day(5))], [], CALENDAR)

    assert [(row.step is None, row.days["spent"], row.days["allowed"]) for row in rows] == [
        (False, 3, None),
        (True, 4, None),
    ]


@given(MOMENTS, MOMENTS, st.lists(MOMENTS, max_size=5), st.lists(st.tuples(MOMENTS, MOMENTS), max_size=3))
def test_every_working_minute_belongs_to_one_row(
    one: datetime, other: datetime, steps: list[datetime], pauses: list[tuple[datetime, datetime]]
) -> None:
    received, end = min(one, other), max(one, other)
    stood = [(min(pair), max(pair)) for pair in pauses]

    rows = where_the_days_went(received, end, [Step(at) for at in steps], stood, CALENDAR)

    total = sum((row.spent + row.paused for row in rows), timedelta())
    assert total == working_time(received, end, CALENDAR)
    assert all(row.spent >= timedelta() and row.paused >= timedelta() for row in rows)


def test_the_case_page_shows_it_within_the_scope(make: Make, signed_in: Any) -> None:
    unit = make.unit("Xã Đắk Drô")
    case = make.case(unit=unit, received="2023-10-02 08:00", finished="2023-10-11 09:00")
    told = {"at": day(6), "started_at": day(2, 9), "due_at": day(4), "unit": "Phòng TNMT", "officer": "Hoàng Thị Mơ"}
    with commit():
        db.session.add(CaseStep(case_id=case.id, source_id=case.source_id, digest="a" * 64, **told))

    mine = signed_in("head", unit).get(f"/cases/{case.id}")
    other = signed_in("head", make.unit("Xã Nâm Nung")).get(f"/cases/{case.id}")

    assert 'id="cases-spent"' in mine.text and "Phòng TNMT" in mine.text
    assert other.status_code == 404


def test_a_case_without_steps_has_no_empty_table(make: Make, signed_in: Any) -> None:
    unit = make.unit("Xã Đắk Drô")

    page = signed_in("head", unit).get(f"/cases/{make.case(unit=unit).id}")

    assert page.status_code == 200
    assert 'id="cases-spent"' not in page.text
