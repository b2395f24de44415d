"""Row faults, dates, statuses and default moments, without a database. Expectations from the domain rules, by hand."""

from __future__ import annotations

from datetime import date, datetime
from itertools import product
from typing import Any

import pytest

from portal.cases.rules import Meaning
from portal.imports.checking import OPEN_WITH_END, UNKNOWN_END, Checked, check, stored, without_numbers
from portal.imports.header import Header, find_header
from portal.imports.listing import Listed, list_of
from portal.imports.meanings import channel_of, meaning_of
from portal.imports.moments import MARK, Moment, read_cell
from portal.imports.reading import Chunk, Sheet
from portal.imports.rules import DateOrder, Fact
from portal.imports.texts import text_of
from tests.imports.lists import HEADINGS, open_row, row

NOW = datetime(2026, 11, 21, 8, 0)


def checked(*rows: list[Any], headings: tuple[str, ...] = HEADINGS, **more: Any) -> Checked:
    lines = [(1, list(headings)), *((place, line) for place, line in enumerate(rows, start=2))]
    return check(list_of([Sheet(""), Chunk.of_rows(lines)]), now=NOW, **more)


def reasons(found: Checked) -> list[tuple[int, str, str]]:
    return [(remark.row, remark.column, remark.reason) for remark in found.rejected]


# --- moments

MINUTE = Moment(datetime(2023, 10, 16, 16, 30), "minute")
DAY = Moment(datetime(2023, 10, 16), "day")


@pytest.mark.parametrize(
    ("cell", "moment"),
    [
        ("16/10/2023 16:30", MINUTE),
        ("16/10/2023 16:30:00", MINUTE),
        (" 16/10/2023  16:30 ", MINUTE),
        ("16-10-2023 16:30", MINUTE),
        ("2023-10-16 16:30", MINUTE),
        ("2023-10-16T16:30:00", MINUTE),
        ("16:30 16/10/2023", MINUTE),
        ("16h30 ngày 16/10/2023", MINUTE),
        ("16/10/2023 04:30:00 CH", MINUTE),
        ("16/10/2023 4:30 PM", MINUTE),
        (45215.6875, MINUTE),
        ("45215.6875", MINUTE),
        ("45215,6875", MINUTE),
        (MARK + "2023-10-16T16:30:00", MINUTE),
        ("16/10/2023", DAY),
        ("2023-10-16", DAY),
        (45215.0, DAY),
        (45215, DAY),
        (MARK + "2023-10-16", DAY),
        ("16/10/2023 00:00:00", DAY),
        ("2/1/2023 7:05", Moment(datetime(2023, 1, 2, 7, 5), "minute")),
    ],
)
def test_a_moment_in_each_of_its_forms(cell: str | float, moment: Moment) -> None:
    assert read_cell(cell).under(DateOrder.DAY_FIRST) == moment


@pytest.mark.parametrize(
    "cell",
    ["31/02/2023", "00/10/2023", "16/13/2023", "16/10/2023 25:00", "16-10-23", "hôm qua", 3.5, "16/10/1823", "12/2023"],
)
def test_what_is_no_moment(cell: str | float) -> None:
    reading = read_cell(cell)

    assert reading.under(DateOrder.DAY_FIRST) is None
    assert not reading.is_blank


@pytest.mark.parametrize("cell", ["", " ", "-", "…", "chưa có"])
def test_ways_to_leave_a_moment_out(cell: str) -> None:
    assert read_cell(cell).is_blank


def test_a_bare_due_day_ends_with_its_last_second() -> None:
    assert stored(DAY, is_due=True) == (datetime(2023, 10, 16, 23, 59, 59), "day")
    assert stored(DAY) == (datetime(2023, 10, 16), "day")
    assert stored(MINUTE, is_due=True) == (datetime(2023, 10, 16, 16, 30), "minute")


# --- texts


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("00123", "00123"),
        (123.0, "123"),
        (12.5, "12.5"),
        ("  H16 \u00a0 25\u200b ", "H16 25"),
        ("Tha\u0302\u0301t", "Thất"),
        (MARK + "2023-10-16", "16/10/2023"),
    ],
)
def test_texts_are_clean_and_keep_their_zeros(cell: str | float, said: str) -> None:
    assert text_of(cell) == said


@pytest.mark.parametrize(
    ("status", "meaning"),
    [
        ("1", Meaning.NOT_COUNTED), ("2", Meaning.OPEN), ("3", Meaning.NOT_COUNTED), ("4", Meaning.OPEN),
        ("5", Meaning.PAUSED), ("6", Meaning.PAUSED), ("7", Meaning.WITHDRAWN), ("8", Meaning.REFUSED),
        ("9", Meaning.FINISHED), ("10", Meaning.FINISHED), ("Mới đăng ký", Meaning.NOT_COUNTED),
        ("Được tiếp nhận", Meaning.OPEN), ("Không được tiếp nhận", Meaning.NOT_COUNTED), ("Đang xử lý", Meaning.OPEN),
        ("Yêu cầu bổ sung giấy tờ", Meaning.PAUSED), ("Yêu cầu thực hiện nghĩa vụ tài chính", Meaning.PAUSED),
        ("Công dân yêu cầu rút hồ sơ", Meaning.WITHDRAWN), ("Dừng xử lý", Meaning.REFUSED),
        ("ĐÃ XỬ LÝ XONG", Meaning.FINISHED), ("Đã trả kết quả", Meaning.FINISHED),
        ("9 - Đã xử lý xong", Meaning.FINISHED),
        ("chuyển phòng chuyên môn", Meaning.OPEN), ("không xử lý được", Meaning.REFUSED), ("chờ NVTC", Meaning.PAUSED),
        ("đăng ký mới trực tuyến", Meaning.NOT_COUNTED), ("đã rút", Meaning.WITHDRAWN), ("gì đó khác", None),
    ],
)  # fmt: skip
def test_what_a_status_means(status: str, meaning: Meaning | None) -> None:
    assert meaning_of(status) == meaning


def test_a_source_may_mean_something_else() -> None:
    assert meaning_of("Dừng xử lý", {"dung xu ly": "paused"}) is Meaning.PAUSED
    assert meaning_of("5", {"5": "finished"}) is Meaning.FINISHED


def test_channels() -> None:
    said = ["Trực tiếp", "Trực tuyến toàn trình", "Bưu chính công ích", "2", "chim bồ câu"]

    assert [channel_of(text) for text in said] == ["direct", "online", "postal", "online", "unknown"]


# --- faults of rows


@pytest.mark.parametrize(
    ("line", "column", "reason"),
    [
        (row(code=""), "Mã hồ sơ", "empty_code"),
        (row(code="x" * 101), "Mã hồ sơ", "code_too_long"),
        (row(code=1234567890123456789.0), "Mã hồ sơ", "code_mangled"),
        (row(code="1,23457E+11"), "Mã hồ sơ", "code_mangled"),
        (row(received=""), "Ngày tiếp nhận", "received_missing"),
        (row(received="31/02/2023"), "Ngày tiếp nhận", "bad_date"),
        (row(due="mai"), "Ngày hẹn trả", "bad_date"),
        (row(finished="32/10/2023"), "Ngày kết thúc xử lý", "bad_date"),
        (row(due="01/10/2023"), "Ngày hẹn trả", "due_before_received"),
        (row(finished="02/10/2023 07:59"), "Ngày kết thúc xử lý", "finished_before_received"),
        (open_row("F", received="22/11/2026", due="30/11/2026"), "Ngày tiếp nhận", "future"),
    ],
)
def test_row_faults(line: list[Any], column: str, reason: str) -> None:
    clear = row("GOOD-1", received="16/10/2023 08:00", due="27/10/2023 17:00", finished="25/10/2023 15:30")

    found = checked(clear, line)

    assert reasons(found) == [(3, column, reason)]
    assert [draft.code for draft in found.drafts] == ["GOOD-1"]


def test_days_are_compared_where_a_side_has_no_clock() -> None:
    same_day = row(received="10/10/2023 16:00", due="10/10/2023", finished="10/10/2023")

    assert not checked(same_day).rejected


def test_a_finish_after_the_given_moment_of_the_data() -> None:
    found = checked(row(received="25/09/2023", finished="29/09/2023 15:30"), as_of=datetime(2023, 9, 29, 15, 0))

    assert reasons(found) == [(2, "Ngày kết thúc xử lý", "finished_after_as_of")]
    assert not checked(row(finished="09/10/2023"), as_of=datetime(2023, 10, 9, 15, 0)).rejected


def test_the_same_row_twice_is_one_case() -> None:
    twin = row()
    twin[0] = "2"
    twin[4] = MARK + "2023-10-02T08:00:00"

    found = checked(row(), twin)

    assert (len(found.drafts), found.repeated, found.rejected) == (1, 1, [])


def test_one_code_with_different_facts_rejects_all_its_rows() -> None:
    found = checked(row("A"), row("B"), row("A", due="11/10/2023 17:00"), row("A"))

    assert reasons(found) == [(place, "Mã hồ sơ", "code_differs") for place in (2, 4, 5)]
    assert found.rejected[0].facts == {"rows": "2, 4, 5"}
    assert found.codes == {"A", "B"}


def test_a_faulty_row_that_is_repeated_is_rejected_each_time() -> None:
    found = checked(row("A", due="mai"), row("A", due="mai"))

    assert reasons(found) == [(2, "Ngày hẹn trả", "bad_date"), (3, "Ngày hẹn trả", "bad_date")]


# --- the moment of the data


def test_the_newest_past_moment_is_the_moment_of_the_data() -> None:
    found = checked(
        row("A", received="02/10/2023 08:00", finished="16/10/2023 09:30"),
        open_row("B", received="16/10/2023 09:31", due="30/10/2023 17:00"),
    )

    assert found.data_as_of == datetime(2023, 10, 16, 9, 31)


def test_a_due_moment_is_never_the_moment_of_the_data() -> None:
    assert checked(open_row("A", due="31/12/2025 17:00")).data_as_of == datetime(2023, 10, 2, 8, 0)


def test_a_mistyped_year_does_not_move_the_moment_of_the_data() -> None:
    found = checked(row("A"), row("B", finished="09/10/2032 15:30"))

    assert found.data_as_of == datetime(2023, 10, 9, 15, 30)
    assert reasons(found) == [(3, "Ngày kết thúc xử lý", "future")]


# --- the order of day and month


def test_dates_that_only_read_month_first_are_doubtful() -> None:
    lines = [
        open_row("A", received="10/02/2023", due="10/16/2023"),
        open_row("B", received="10/03/2023", due="11/04/2023"),
    ]

    found = checked(*lines)

    assert reasons(found) == [(2, "Ngày hẹn trả", "doubtful_date_order")]


def test_a_file_read_month_first() -> None:
    found = checked(open_row("A", received="10/02/2023", due="10/16/2023"), order=DateOrder.MONTH_FIRST)

    assert found.drafts[0].moments[Fact.DUE] == Moment(datetime(2023, 10, 16), "day")
    assert found.drafts[0].moments[Fact.RECEIVED] == Moment(datetime(2023, 10, 2), "day")


def test_out_of_order_day_first_and_in_order_month_first_is_doubtful() -> None:
    found = checked(open_row("A", received="05/10/2023", due="06/09/2023"))

    assert reasons(found) == [(2, "Ngày hẹn trả", "doubtful_date_order")]


def test_one_clear_day_in_the_column_ends_the_doubt() -> None:
    found = checked(
        open_row("A", received="05/10/2023", due="06/09/2023"),
        open_row("B", received="16/10/2023", due="27/10/2023"),
    )

    assert reasons(found) == [(2, "Ngày hẹn trả", "due_before_received")]


def test_a_date_wrong_in_both_orders_is_simply_wrong() -> None:
    assert reasons(checked(open_row("A", due="31/31/2023"))) == [(2, "Ngày hẹn trả", "bad_date")]


# --- statuses against dates (never a rejection)


@pytest.mark.parametrize(
    ("line", "meaning", "data_fault", "has_end"),
    [
        (row(), Meaning.FINISHED, None, True),
        (open_row("A"), Meaning.OPEN, None, False),
        (row(finished="", status="Đã trả kết quả"), Meaning.FINISHED, UNKNOWN_END, False),
        (row(finished="", status="8"), Meaning.REFUSED, UNKNOWN_END, False),
        (row(status="Đang xử lý"), Meaning.FINISHED, OPEN_WITH_END, False),
        (row(status="Yêu cầu bổ sung giấy tờ"), Meaning.FINISHED, OPEN_WITH_END, False),
        (row(status=""), Meaning.FINISHED, None, True),
        (open_row("A", status=""), Meaning.OPEN, None, False),
        (row(status="Trạng thái lạ"), Meaning.FINISHED, None, True),
        (row(status="Không được tiếp nhận"), Meaning.NOT_COUNTED, None, True),
        (row(status="Công dân yêu cầu rút hồ sơ"), Meaning.WITHDRAWN, None, True),
    ],
)
def test_a_status_at_odds_with_its_dates(
    line: list[Any], meaning: Meaning, data_fault: str | None, has_end: bool
) -> None:
    (draft,) = checked(line).drafts

    assert (draft.meaning, draft.data_fault, draft.end is not None) == (meaning, data_fault, has_end)


def test_a_return_stands_for_a_missing_finish_and_says_so() -> None:
    headings = (*HEADINGS, "Ngày trả kết quả")
    (draft,) = checked([*row(finished=""), "11/10/2023 09:00"], headings=headings).drafts

    assert (draft.end, draft.end_from) == (Moment(datetime(2023, 10, 11, 9, 0), "minute"), "returned")


def test_no_due_date_is_accepted_with_a_remark() -> None:
    found = checked(row(due=""))

    assert [remark.reason for remark in found.warnings] == ["no_due"]


def test_date_cells_and_texts_say_the_same() -> None:
    cells = row(received=MARK + "2023-10-02T08:00:00", due=MARK + "2023-10-10T17:00:00", finished=45208.645833333336)

    assert checked(cells).drafts[0].moments == checked(row()).drafts[0].moments


def test_a_repeated_header_is_no_row() -> None:
    found = checked(row("A"), list(HEADINGS), row("B"))

    assert [draft.row for draft in found.drafts] == [2, 4]


def test_the_header_of_a_listing_is_kept() -> None:
    header = find_header([(1, list(HEADINGS))])
    assert isinstance(header, Header)
    found = check(
        Listed("", header, [], {fact: [] for fact in header.columns}),
        now=NOW,
        as_of=datetime.combine(date(2023, 10, 16), datetime.min.time()),
    )

    assert found.headings[Fact.UNIT] == "Cơ quan giải quyết"
    assert found.data_as_of == datetime(2023, 10, 16)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("Nguyễn Văn An (CCCD: 066088001234)", "Nguyễn Văn An"),
        ("Trần Thị Bình - SĐT 0912 345 678", "Trần Thị Bình"),
        ("Lê Cúc, 241234567", "Lê Cúc"),
        ("Công ty TNHH 68", "Công ty TNHH 68"),
        ("Y Krông", "Y Krông"),
    ],
)
def test_identity_and_telephone_numbers_are_not_kept(written: str, kept: str) -> None:
    assert without_numbers(written) == kept


def test_cells_read_while_the_file_comes_lose_nothing() -> None:
    """Date cells are kept as the texts read from them; the cells are the same again, and are read the same."""
    dates = [f"{MARK}2023-10-02T08:00:00", f"{MARK}2023-10-02", "", f"{MARK}2023-10-02T00:00:00", 45201.5, "sai"]
    rows = [row(f"A{n}", received=came, due=due) for n, (came, due) in enumerate(product(dates, dates))]
    for at_once in (1, 7, len(rows)):
        parts = [Sheet(""), Chunk.of_rows([(1, list(HEADINGS))])]
        parts += [
            Chunk.of_rows([(2 + start + at, line) for at, line in enumerate(rows[start : start + at_once])])
            for start in range(0, len(rows), at_once)
        ]
        apart, ahead = list_of(parts), list_of(parts, order=DateOrder.DAY_FIRST)
        for fact in (Fact.CODE, Fact.RECEIVED, Fact.DUE, Fact.FINISHED):
            assert list(ahead.columns[fact]) == list(apart.columns[fact])
        assert ahead.texts(DateOrder.DAY_FIRST) == apart.texts(DateOrder.DAY_FIRST)
        assert ahead.texts(DateOrder.MONTH_FIRST) == apart.texts(DateOrder.MONTH_FIRST)
