"""What looks alike: duties that probably have one cause, and texts that were written before."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.accountability.explanations.actions import writing
from portal.accountability.explanations.journey import steps_taken
from portal.accountability.explanations.likeness import Owed, likely_same, likeness, plain_text
from portal.accountability.explanations.queries import ExplanationQuery
from portal.calendars.queries import current_calendar
from portal.cases.models import CaseStep
from tests.accountability.conftest import MONDAY, Place, Voices, answer
from tests.accountability.road import SignIn, do, url
from tests.accountability.test_together import begun, handed_in
from tests.factories import Make

TEXT = "Hồ sơ H16-0001 chờ cơ quan thuế từ ngày 05/10/2023, đã đôn đốc hai lần bằng văn bản."
COPIED = "hồ sơ H16-0999 chờ cơ quan thuế từ ngày 11/10/2023 – đã đôn đốc hai lần bằng văn bản"


def owed(ident: int, *, procedure: int = 1, unit: int = 1, step: str = "", day: int = 10, holder: int = 1) -> Owed:
    missed, due = date(2023, 10, day), date(2023, 10, 19)
    return Owed(ident, f"C{ident}", procedure, "", unit, "", step, missed, due, "waiting", holder)


duties = st.lists(
    st.builds(
        owed, st.integers(1, 10_000), procedure=st.integers(1, 3), unit=st.integers(1, 2),
        step=st.sampled_from(["", "Thuế", "Thẩm định"]), day=st.integers(9, 12),
        holder=st.integers(1, 2),
    ),
    max_size=40, unique_by=lambda one: one.id,
)  # fmt: skip


@given(duties)
def test_no_duty_stands_in_two_groups_and_no_group_is_small(found: list[Owed]) -> None:
    groups = likely_same(found)

    numbers = [one.id for group in groups for one in group.duties]
    assert len(numbers) == len(set(numbers))
    assert all(len(group) >= 3 for group in groups)
    assert [len(group) for group in groups] == sorted(map(len, groups), reverse=True)
    for group in groups:
        assert len({(one.unit_id, one.holder_id) for one in group.duties}) == 1
        assert len({one.missed_on if group.by_day else (one.procedure_id, one.step) for one in group.duties}) == 1


def test_only_dates_codes_and_marks_differ_is_the_same_text() -> None:
    assert likeness(plain_text(TEXT), plain_text(COPIED)) == 100
    assert likeness(plain_text(TEXT), plain_text("Tôi nghỉ phép hai ngày, bàn giao bằng lời.")) < 50
    assert likeness(plain_text(TEXT), plain_text(TEXT + " Riêng hồ sơ này thiếu chữ ký.")) < 100


@pytest.fixture
def two(make: Make, place: Place, voices: Voices, opened: Callable[..., Any], at: Any) -> list[Any]:
    """Two duties of the officer, on the day."""
    at(datetime(2023, 10, 16, 16, 0))
    for _ in range(2):
        make.case(unit=place.commune, officer=place.officer, finished="2023-10-12 09:00")
    opened()
    return list(ExplanationQuery.visible_to(voices.officer).held_by(place.officer.id).by_due())


def test_a_text_of_another_breach_is_pointed_out_to_the_head_only(
    two: list[Any], place: Place, voices: Voices, signed_in: SignIn
) -> None:
    for row, words in zip(two, (TEXT, COPIED), strict=True):
        do(writing.submit, row, answer(happened=words), version=1, by=voices.officer, today=MONDAY)

    told, own = (signed_in(person).get(url(two[1])).text for person in (place.head, place.officer))

    assert "nộp ngày 16/10/2023, giống 100 %" in told
    assert "giống 100 %" not in own
    assert "Giải trình trước đây của cùng người (1)" in told
    assert "Giải trình trước đây của cùng người (1)" in own


def test_one_text_for_many_is_not_pointed_out(two: list[Any], place: Place, voices: Voices, signed_in: SignIn) -> None:
    handed_in(begun(two, voices), two, voices, answer=answer(happened=TEXT))

    assert "giống 100 %" not in signed_in(place.head).get(url(two[1])).text


def test_steps_are_counted_in_working_days_up_to_the_next(voices: Voices) -> None:
    moments = (datetime(2023, 10, 2, 8), datetime(2023, 10, 3, 8), datetime(2023, 10, 10, 8))
    steps = [
        CaseStep(title=title, unit="", officer="Bảy", started_at=began, at=began, due_at=due)
        for title, began, due in zip(
            ("Một cửa", "Thuế", "Lãnh đạo"), moments, (datetime(2023, 10, 3, 17), datetime(2023, 10, 5, 17), None),
            strict=True,
        )
    ]  # fmt: skip

    taken = steps_taken(steps, None, datetime(2023, 10, 16, 16), current_calendar(), voices.officer)

    assert [(step.spent, step.allowed, step.is_over) for step in taken] == [
        (1, 1, False),
        (5, 2, True),
        (4, None, False),
    ]
