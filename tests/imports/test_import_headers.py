"""Finding the header and saying which column holds which fact. Expectations written by hand from the domain rules."""

from __future__ import annotations

import pytest

from portal.imports.aliases import ALIASES
from portal.imports.header import find_header, is_numbering, key_of
from portal.imports.rules import Fact


def mapping(*headings: str, below: tuple[str, ...] = (), merges: tuple = ()) -> dict[str, str]:
    rows = [(3, list(headings))] + ([(4, list(below))] if below else [])
    header = find_header(rows, merges)
    assert header is not None
    return header.as_mapping()


@pytest.mark.parametrize("fact", list(Fact))
def test_every_alias_is_known_whatever_its_case_and_marks(fact: Fact) -> None:
    base = {"code": "Mã hồ sơ", "received": "Ngày tiếp nhận", "due": "Ngày hẹn trả", "unit": "Cơ quan giải quyết"}
    for alias in ALIASES[fact]:
        others = [heading for name, heading in base.items() if name != fact.value]
        found = mapping(*others, f"  {alias.upper()} (*) ")
        assert key_of(found[fact.value]) == key_of(alias)


def test_the_list_of_the_issue_is_known() -> None:
    found = mapping(
        "Số hồ sơ", "Ngày nhận", "Hẹn trả", "Ngày có kết quả", "Đơn vị xử lý", "Cán bộ thụ lý", "Hình thức tiếp nhận",
        "Tình trạng",
    )  # fmt: skip

    assert found == {
        "code": "Số hồ sơ",
        "received": "Ngày nhận",
        "due": "Hẹn trả",
        "finished": "Ngày có kết quả",
        "unit": "Đơn vị xử lý",
        "officer": "Cán bộ thụ lý",
        "channel": "Hình thức tiếp nhận",
        "status": "Tình trạng",
    }


def test_the_officer_who_receives_is_not_the_receipt() -> None:
    found = mapping("Mã hồ sơ", "Cán bộ tiếp nhận", "Ngày tiếp nhận hồ sơ tại một cửa", "Hẹn trả", "Cơ quan")

    assert found["received"] == "Ngày tiếp nhận hồ sơ tại một cửa"
    assert "officer" not in found


def test_only_the_receiving_officer_means_no_receipt() -> None:
    header = find_header([(1, ["Mã hồ sơ", "Cán bộ tiếp nhận", "Hẹn trả", "Cơ quan giải quyết"])])

    assert header is not None and header.missing == (Fact.RECEIVED,)


@pytest.mark.parametrize(
    ("others", "meant"),
    [
        (("Ngày hẹn trả", "Ngày kết thúc xử lý"), "returned"),
        (("Ngày hẹn trả",), "finished"),
        (("Hoàn thành",), "due"),
    ],
)
def test_the_return_date_means_what_its_neighbours_leave(others: tuple[str, ...], meant: str) -> None:
    found = mapping("Mã hồ sơ", "Ngày nhận", *others, "Ngày trả kết quả", "Đơn vị xử lý")

    assert found[meant] == "Ngày trả kết quả"


def test_a_return_date_alone_is_asked() -> None:
    header = find_header([(1, ["Mã hồ sơ", "Ngày nhận", "Ngày trả kết quả", "Đơn vị xử lý"])])

    assert header is not None
    assert header.unclear == {Fact.DUE: ("Ngày trả kết quả",)}


def test_plain_return_is_due_only_where_nothing_else_is() -> None:
    assert mapping("Mã hồ sơ", "Ngày nhận", "Ngày trả", "Ngày hoàn thành", "Cơ quan")["due"] == "Ngày trả"
    assert mapping("Mã hồ sơ", "Ngày nhận", "Ngày trả", "Ngày hẹn trả", "Cơ quan")["due"] == "Ngày hẹn trả"


def test_a_new_date_of_an_apology_is_not_the_due_date() -> None:
    found = mapping("Mã hồ sơ", "Ngày nhận", "Ngày hẹn trả lại", "Ngày hẹn trả kết quả", "Cơ quan")

    assert found["due"] == "Ngày hẹn trả kết quả"


def test_two_equal_columns_are_asked() -> None:
    header = find_header([(1, ["Mã hồ sơ", "Ngày nhận", "Ngày nhận", "Ngày hẹn trả", "Cơ quan giải quyết"])])

    assert header is not None
    assert header.unclear == {Fact.RECEIVED: ("Ngày nhận", "Ngày nhận")}
    assert not header.is_sure


def test_grouped_headings_of_a_text_file() -> None:
    upper = ("Mã hồ sơ", "Thời gian", "", "", "Cán bộ", "", "Đơn vị", "")
    lower = ("", "Tiếp nhận", "Hẹn trả", "Kết thúc", "Tiếp nhận", "Thụ lý", "Tiếp nhận", "Giải quyết")

    found = mapping(*upper, below=lower)

    assert found == {
        "code": "Mã hồ sơ",
        "received": "Thời gian / Tiếp nhận",
        "due": "Thời gian / Hẹn trả",
        "finished": "Thời gian / Kết thúc",
        "officer": "Cán bộ / Thụ lý",
        "receiving_unit": "Đơn vị / Tiếp nhận",
        "unit": "Đơn vị / Giải quyết",
    }


def test_merged_cells_reach_over_their_columns_only() -> None:
    upper = ("STT", "Mã hồ sơ", "Nhận và trả kết quả", "", "", "Cơ quan chủ trì giải quyết")
    lower = ("", "", "Nhận hồ sơ", "Hẹn trả kết quả", "Trả kết quả", "")

    found = mapping(*upper, below=lower, merges=((2, 2, 2, 4), (2, 0, 3, 0), (2, 1, 3, 1), (2, 5, 3, 5)))

    assert found["received"] == "Nhận và trả kết quả / Nhận hồ sơ"
    assert found["due"] == "Nhận và trả kết quả / Hẹn trả kết quả"
    assert found["finished"] == "Nhận và trả kết quả / Trả kết quả"
    assert found["unit"] == "Cơ quan chủ trì giải quyết"


def test_merges_that_claim_a_million_rows_are_not_walked() -> None:
    claims = tuple((2, 0, 1_048_575, 0) for _ in range(5_000))

    found = mapping("Mã hồ sơ", "Ngày nhận", "Hẹn trả", "Đơn vị", merges=claims)

    assert set(found) == {"code", "received", "due", "unit"}


def test_titles_above_are_no_header() -> None:
    rows = [
        (1, ["UBND HUYỆN KRÔNG NÔ"]),
        (2, ["DANH SÁCH HỒ SƠ TIẾP NHẬN VÀ TRẢ KẾT QUẢ"]),
        (3, ["Từ ngày 01/01/2023 đến ngày 16/10/2023"]),
        (5, ["STT", "Mã hồ sơ", "Ngày tiếp nhận", "Ngày hẹn trả", "Cơ quan giải quyết"]),
        (6, ["(1)", "(2)", "(3)", "(4)", "(5)"]),
        (7, [1, "H16-1", "02/10/2023", "10/10/2023", "Phòng Tư pháp"]),
    ]

    header = find_header(rows)

    assert header is not None and header.rows == (5,)


def test_a_table_of_something_else_has_no_header() -> None:
    assert find_header([(1, ["Tên", "Tuổi", "Địa chỉ"]), (2, ["An", 30, "Huế"])]) is None


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        (["(1)", "(2)", "(3)"], True),
        ([1.0, 2.0, 3.0], True),
        (["A", "B", "1", "2", "3"], True),
        (["(1)", "(2)", "(3)=(1)+(2)"], True),
        ([1, "H16-0001", "02/10/2023"], False),
        (["2", "1", "3"], False),
    ],
)
def test_rows_that_only_number_columns(cells: list[str | float], numbers: bool) -> None:
    assert is_numbering(cells) is numbers
