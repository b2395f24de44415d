"""Text rules: folding, cleaning and the order of names."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.vietnamese import clean, clean_text, fold, name_sort_key, nfc, same_name, sort_key

SYLLABLES = st.sampled_from(
    "Nguyễn Trần Lê Phạm Hoàng Đặng Bùi Đỗ Hồ Ngô Dương Lý Thị Văn Ánh Ân Ấn An Anh Ẩn Ăn Đức Dũng Hòa Hoà Hỏa Hõa "
    "Quý Quỳ Thuý Thùy Ưu Ước Ơn Ôn Ấm Y Yến Xuân Kpă H'Bia Niê".split()
)
NAMES = st.lists(SYLLABLES, min_size=1, max_size=5).map(" ".join)


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Nguyễn Thị Ánh Đào", "nguyen thi anh dao"),
        ("  ĐĂK\u00a0 LĂK ", "dak lak"),
        ("Krông Nô", "krong no"),
        ("Hoà\u200b Bình", "hoa binh"),
        ("", ""),
    ],
)
def test_folding_leaves_what_people_type(written: str, folded: str) -> None:
    assert fold(written) == folded


@given(st.text())
def test_composed_and_decomposed_text_fold_alike(text: str) -> None:
    assert fold(unicodedata.normalize("NFD", text)) == fold(unicodedata.normalize("NFC", text))


@given(st.text())
def test_folding_and_cleaning_twice_change_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert clean(clean(text)) == clean(text)
    assert clean_text(clean_text(text)) == clean_text(text)


@given(st.text())
def test_clean_text_is_composed_and_visible(text: str) -> None:
    cleaned = clean(text)

    assert cleaned == nfc(cleaned)
    assert not any(unicodedata.category(c).startswith("C") for c in cleaned)
    assert "  " not in cleaned and cleaned == cleaned.strip()


def test_cleaning_keeps_the_lines_of_a_text() -> None:
    assert clean_text("Một\u00a0dòng \r\n\r\n\r\n hai\u200b\n") == "Một dòng\n\nhai"


@given(NAMES)
def test_a_name_is_the_same_in_any_writing(name: str) -> None:
    assert same_name(name, unicodedata.normalize("NFD", name.upper()) + "\u00a0")


def test_two_empty_names_are_not_the_same_person() -> None:
    assert not same_name("", "  ")


def test_letters_come_before_tones_and_tones_in_dictionary_order() -> None:
    words = ["ma", "mà", "mả", "mã", "má", "mạ", "man", "mang", "măn", "mân", "mo", "mô", "mơ", "mư"]

    assert sorted(reversed(words), key=sort_key) == words


def test_d_stands_before_its_barred_sister() -> None:
    assert sorted(["Đức", "Em", "Dũng", "Cúc"], key=sort_key) == ["Cúc", "Dũng", "Đức", "Em"]


def test_people_are_ordered_by_given_name_first() -> None:
    names = ["Trần Văn An", "Lê Thị Ánh", "Nguyễn Văn Ân", "Bùi Thị Bình", "Phạm Bình", "Vũ Đức"]

    assert sorted(reversed(names), key=name_sort_key) == names


def test_numbers_in_names_of_units_order_as_numbers() -> None:
    assert sorted(["Tổ 10", "Tổ 2", "Tổ"], key=sort_key) == ["Tổ", "Tổ 2", "Tổ 10"]


@given(NAMES)
def test_keys_are_plain_ascii_without_anything_a_collation_ignores(name: str) -> None:
    for key_of in (sort_key, name_sort_key):
        key = key_of(name)

        assert key.isascii() and key.isalnum() and key == key.lower()
        assert key == key_of(unicodedata.normalize("NFD", name))


@given(st.text())
def test_any_text_has_a_key(text: str) -> None:
    assert sort_key(text).isascii()
    assert name_sort_key(text).isascii()


@given(NAMES, NAMES)
def test_names_that_differ_in_letters_or_tones_have_different_keys(one: str, other: str) -> None:
    if sort_key(one) == sort_key(other):
        assert fold(one).replace("'", " ") == fold(other).replace("'", " ")
