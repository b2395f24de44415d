"""What is proposed for a list nobody has seen: by its headings, by memory, by its cells; and what is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.imports.aliases import ALIASES
from portal.imports.header import Remembered, key_of
from portal.imports.proposing import (
    Known,
    Proposal,
    Trait,
    Why,
    columns_of,
    guessed_header,
    looks,
    propose_columns,
    share_read,
    unnamed,
)
from portal.imports.rules import REQUIRED, Fact

UNITS = ("UBND xã Nâm N'Đir", "Phòng Tài nguyên và Môi trường", "UBND thị trấn Đắk Mâm")
PEOPLE = ("Hoàng Thị Mơ", "Y Bhăm Niê", "Trần Quốc Tuấn")
KNOWN = Known(frozenset(map(key_of, UNITS)), frozenset(map(key_of, PEOPLE)), frozenset({"dang ky khai sinh"}))
CODE, RECEIVED, DUE, FINISHED, STATUS, UNIT, OFFICER, APPLICANT = range(8)


def lines(n: int = 30, *, ended: float = 0.5) -> list[list[Any]]:
    """Rows as an export writes them: code, received, due, finished, status, unit, officer, applicant."""
    rows = []
    for number in range(n):
        received = datetime(2023, 10, 2, 8) + timedelta(days=number % 9, hours=number % 7)
        due, is_ended = received + timedelta(days=5), number < ended * n
        end = f"{received + timedelta(days=3 + number % 5):%d/%m/%Y %H:%M}" if is_ended else ""
        rows.append(
            [
                f"H16.25-23100{number % 9 + 1}-{number:04d}",
                f"{received:%d/%m/%Y %H:%M}",
                f"{due:%d/%m/%Y %H:%M}",
                end,
                "Đã trả kết quả" if is_ended else "Đang xử lý",
                UNITS[number % 3],
                PEOPLE[number % 3],
                f"Nguyễn Văn {chr(65 + number % 26)}nh{'h' * (number // 26)}",
            ]
        )
    return rows


def proposed(
    headings: Sequence[str], rows: Sequence[Sequence[Any]], known: Known | None = KNOWN, **more: Any
) -> Proposal:
    named = {place: heading for place, heading in enumerate(headings) if heading}
    return propose_columns(named, rows, known=known, **more)


def places(proposal: Proposal) -> Mapping[Fact, int]:
    return {fact: choice.place for fact, choice in proposal.choices.items()}


def test_headings_of_nonsense_are_told_apart_by_their_cells() -> None:
    found = proposed(["ref", "t0", "t1", "t2", "flag", "dept", "who", "cust"], lines())

    assert places(found) == {
        Fact.CODE: CODE,
        Fact.RECEIVED: RECEIVED,
        Fact.DUE: DUE,
        Fact.FINISHED: FINISHED,
        Fact.STATUS: STATUS,
        Fact.UNIT: UNIT,
        Fact.OFFICER: OFFICER,
        Fact.APPLICANT: APPLICANT,
    }
    assert {choice.why for choice in found.choices.values()} == {Why.CONTENT}
    assert (found.missing, found.unclear, found.left_out) == ((), {}, ())


def test_columns_without_headings_are_told_apart_too() -> None:
    found = proposed([], lines())

    assert set(REQUIRED) <= set(found.choices)
    assert [column.heading for column in found.columns[:3]] == ["(A)", "(B)", "(C)"]


@given(st.permutations(range(8)))
def test_the_order_of_the_columns_says_nothing(order: Sequence[int]) -> None:
    rows = [[row[place] for place in order] for row in lines(12)]

    found = places(proposed([f"c{place}" for place in range(8)], rows))

    assert {fact: order[place] for fact, place in found.items()} == places(proposed(["c"] * 0, lines(12)))


def test_receipt_and_due_are_told_by_their_order_even_with_stray_rows() -> None:
    rows = [[row[CODE], row[DUE], row[RECEIVED], row[UNIT]] for row in lines(100)]
    rows[7][1], rows[7][2] = rows[7][2], rows[7][1]

    assert places(proposed(["a", "b", "c", "d"], rows)) == {Fact.CODE: 0, Fact.DUE: 1, Fact.RECEIVED: 2, Fact.UNIT: 3}


def test_moments_in_no_order_are_asked() -> None:
    rows = lines(40)
    for row in rows[::3]:
        row[RECEIVED], row[DUE] = row[DUE], row[RECEIVED]

    found = proposed(["a", "b", "c", "d", "e", "f", "g", "h"], rows)

    assert Fact.RECEIVED not in found.choices and Fact.DUE not in found.choices
    assert found.unclear[Fact.RECEIVED] == ("b", "c")
    assert found.missing == (Fact.RECEIVED, Fact.DUE)


def test_three_full_columns_of_moments_leave_due_to_the_people() -> None:
    found = proposed(["a", "b", "c", "d", "e", "f", "g", "h"], lines(ended=1.0))

    assert found.choices[Fact.RECEIVED].place == RECEIVED
    assert found.unclear == {Fact.DUE: ("c", "d")}


def test_an_exact_alias_is_never_overruled_by_the_cells() -> None:
    """The heading says due where the cells look like the receipt: it stays, and the page says what does not fit."""
    rows = [[row[CODE], row[STATUS], row[DUE], row[UNIT]] for row in lines()]

    found = proposed(["Mã hồ sơ", "Ngày tiếp nhận", "Ngày hẹn trả", "Cơ quan giải quyết"], rows)

    assert places(found)[Fact.RECEIVED] == 1
    assert found.choices[Fact.RECEIVED].why is Why.EXACT
    assert found.choices[Fact.RECEIVED].contradicts
    assert not found.choices[Fact.DUE].contradicts


@given(
    st.lists(st.sampled_from([alias for aliases in ALIASES.values() for alias in aliases]), min_size=4, max_size=8),
    st.permutations(range(8)),
)
def test_content_takes_neither_fact_nor_column_from_a_heading(headings: list[str], order: Sequence[int]) -> None:
    said = proposed(headings, [])
    rows = [[row[place] for place in order] for row in lines(10)]

    found = proposed(headings, rows)

    for fact, choice in said.choices.items():
        assert found.choices[fact].place == choice.place
    assert len({choice.place for choice in found.choices.values()}) == len(found.choices)


@pytest.mark.parametrize(
    ("headings", "fact"),
    [
        (["Ngày hẹn trả", "Ngày kết thúc xử lý", "Ngày trả kết quả"], Fact.RETURNED),
        (["Ngày hẹn trả", "x", "Ngày trả kết quả"], Fact.FINISHED),
        (["x", "Ngày kết thúc xử lý", "Ngày trả kết quả"], Fact.DUE),
        (["x", "y", "Ngày trả kết quả"], None),
    ],
)
def test_a_date_of_the_result_means_what_the_columns_beside_it_leave(headings: list[str], fact: Fact | None) -> None:
    """Domain rules, facts in, 5: whatever the cells look like."""
    rows = [[row[CODE], row[RECEIVED], row[UNIT], "", "", row[DUE]] for row in lines()]

    found = proposed(["Mã hồ sơ", "Ngày tiếp nhận", "Cơ quan giải quyết", *headings], rows)

    assert {fact for fact, place in places(found).items() if place == 5} == ({fact} if fact else set())
    if fact is None:
        assert found.unclear[Fact.DUE] == ("Ngày trả kết quả",)


def test_a_due_column_found_by_its_cells_settles_the_date_of_the_result() -> None:
    rows = [[row[CODE], row[RECEIVED], row[DUE], row[FINISHED], row[UNIT]] for row in lines()]

    found = proposed(["Mã hồ sơ", "Ngày tiếp nhận", "t1", "Ngày trả kết quả", "Đơn vị xử lý"], rows)

    assert (places(found).get(Fact.DUE), Fact.DUE in found.unclear) in ((2, False), (None, True))
    assert places(found).get(Fact.FINISHED) in (3, None)


def test_what_was_remembered_answers_what_is_open() -> None:
    headings = ["Ref", "Ngày tiếp nhận", "Kỳ hạn cuối", "Cơ quan giải quyết"]
    remembered = Remembered({"due": "Kỳ hạn cuối", "code": "Ref"}, frozenset({"Ref", "Kỳ hạn cuối"}))

    found = proposed(headings, [], remembered=remembered)

    assert found.choices[Fact.DUE].why is Why.REMEMBERED
    assert found.missing == ()


def test_what_is_no_fact_is_left_out_and_said() -> None:
    rows = [[*row, "ghi chú", "0912345678"] for row in lines()]

    found = proposed(["a", "b", "c", "d", "e", "f", "g", "h", "Ghi chú", "Điện thoại"], rows)

    assert [column.heading for column in found.left_out] == ["Ghi chú", "Điện thoại"]


@pytest.mark.parametrize(
    ("cells", "trait"),
    [
        (["000.00.08.H18-231016-0001", "H16.25-20231016-0092637", "G09.20-20260609-0092637"], Trait.CODE),
        (["1.004203", "2.002278.000.00.00.H13", "3.000527.H61"], Trait.PROCEDURE_CODE),
        (["Đang xử lý", "9 - Đã xử lý xong", "Yêu cầu bổ sung"], Trait.STATUS),
        (["Trực tuyến", "Nộp trực tiếp", "BCCI"], Trait.CHANNEL),
        ([*UNITS], Trait.UNIT),
        (["Nguyễn Thị Bình", "Y Bhăm Niê", "Lò Văn Páo"], Trait.PERSON),
        (["02/10/2023", 45201.5, "\x012023-10-02", "2023-10-02 08:00"], Trait.MOMENT),
    ],
)
def test_cells_look_like_what_they_are(cells: list[Any], trait: Trait) -> None:
    assert looks(cells, KNOWN)[trait] == 1


@pytest.mark.parametrize(
    "cells",
    [
        [str(number) for number in range(1, 11)],
        [float(number) for number in range(1, 11)],
        ["0912345678", "0987654321", "+84912345678"],
        ["001085012345", "001185054321", "012345678901"],
        [12_500.0, 30_000.0, 75_000.0],
    ],
    ids=["numbering", "numbers", "telephones", "identity", "fees"],
)
def test_plain_numbers_look_like_nothing_a_case_needs(cells: list[Any]) -> None:
    found = looks(cells, KNOWN).keys()

    assert not found & {Trait.MOMENT, Trait.CODE, Trait.LOOSE_CODE, Trait.STATUS, Trait.CHANNEL, Trait.PERSON}


@given(st.lists(st.lists(st.one_of(st.text(max_size=12), st.floats(allow_nan=False), st.integers()), max_size=6)))
def test_any_cells_give_shares_and_no_fault(rows: list[list[Any]]) -> None:
    for column in columns_of({0: "a"}, rows, KNOWN):
        assert all(0 < share <= 1 for share in column.shares.values())
        assert column.filled <= column.rows and len(column.samples) <= 5
    found = propose_columns({0: "a", 2: "b"}, rows, known=KNOWN)
    assert not found.choices.keys() & found.unclear.keys()
    guessed_header(list(enumerate(rows, start=1)))


def test_the_header_of_a_list_in_a_foreign_tongue_is_the_row_above_its_data() -> None:
    rows: list[list[Any]] = [["EXPORT 16/10/2023"], [], ["ref", "t0", "t1", "t2", "flag", "dept", "who", "cust"]]
    rows += lines(5)

    header = guessed_header(list(enumerate(rows, start=1)))

    assert header is not None
    assert (header.rows, header.headings[0], header.headings[7]) == ((3,), "ref", "cust")
    assert not header.is_sure


def test_a_list_without_headings_begins_at_its_first_row() -> None:
    header = guessed_header(list(enumerate(lines(5), start=1)))

    assert header is not None
    assert (header.rows, header.headings[0], header.headings[7]) == ((0,), "(A)", "(H)")


@pytest.mark.parametrize(
    "rows",
    [[], [["x"]] * 50, [["Báo cáo", "02/10/2023", "05/10/2023"]] * 2, [["Tổng", "5", "7"]] * 20],
    ids=["empty", "words", "two rows", "a report"],
)
def test_what_is_no_list_gets_no_header(rows: list[list[Any]]) -> None:
    assert guessed_header(list(enumerate(rows, start=1))) is None


def test_columns_are_called_as_excel_calls_them() -> None:
    assert [unnamed(place) for place in (0, 25, 26, 701, 702)] == ["(A)", "(Z)", "(AA)", "(ZZ)", "(AAA)"]


def test_how_many_cells_read_as_a_fact_needs() -> None:
    column = columns_of({0: "Ngày"}, [["02/10/2023"], ["không rõ"], [""], ["03/10/2023"]])[0]

    assert share_read(Fact.DUE, column) == (2, 3)
    assert share_read(Fact.SUBJECT, column) is None
