"""Masking, searching, and the URL of a list."""

from __future__ import annotations

from datetime import date

import pytest

from portal.cases.filters import CaseFilters, Show, Sort
from portal.cases.rules import masked, search_text, search_words
from portal.deadlines import AgeBucket


@pytest.mark.parametrize(
    ("name", "shown"),
    [("Nguyễn Văn An", "Nguyễn V. A."), ("Bình", "B."), ("", ""), (None, ""), ("  Trần   Thị  ", "Trần T.")],
)
def test_a_masked_name_keeps_the_family_name_and_initials(name: str | None, shown: str) -> None:
    assert masked(name) == shown


def test_the_search_text_has_no_marks_and_no_blank_parts() -> None:
    assert search_text("H01-1", "Đăng ký biến động", None) == "h01-1 dang ky bien dong"


def test_what_is_typed_is_searched_word_by_word() -> None:
    assert search_words("  Đăng   KÝ ") == ["dang", "ky"]


def test_a_list_survives_its_url() -> None:
    filters = CaseFilters(
        show=Show.LATE,
        q="biến động",
        unit=3,
        below=True,
        officer=4,
        procedure=5,
        field="Đất đai",
        age=AgeBucket.FOUR_TO_TEN,
        from_=date(2023, 1, 1),
        to=date(2023, 10, 16),
        sort=Sort.CODE,
        descending=True,
        after="x~1",
    )

    assert CaseFilters.from_args(filters.to_args()) == filters


def test_words_nobody_knows_fall_back_to_the_default() -> None:
    args = {"show": "x", "unit": "-1", "officer": "9" * 30, "age": "?", "from": "31/02/2023", "sort": "no", "desc": "1"}

    assert CaseFilters.from_args(args) == CaseFilters()


def test_the_same_order_again_turns_it_round() -> None:
    filters = CaseFilters().sorted_by(Sort.DUE)

    assert filters.order == (Sort.DUE, True)
    assert filters.sorted_by(Sort.DUE).order == (Sort.DUE, False)


def test_narrowing_starts_from_the_first_page() -> None:
    assert CaseFilters(after="x~1").but(q="a") == CaseFilters(q="a")
    assert CaseFilters(after="x~1").but(before="y~2") == CaseFilters(before="y~2")
