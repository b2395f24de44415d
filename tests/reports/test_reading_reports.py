"""Reports as sources print them, read into figures: grouped headings, groups, totals, thousands points."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path

import openpyxl
import pytest

from portal.imports.reading import Sheet
from portal.refusal import Refused
from portal.reports.actions import rows_in, table_in
from portal.reports.headings import Name, ReportHeadings, figure_of
from portal.reports.rules import Check, Figure, broken_sums, complete, r1_of, r2_of
from portal.reports.tables import best_table, count_of, days_in, is_total

KEYS = {"ubnd xa a": 1, "xa a": 1, "ubnd xa b": 2, "xa b": 2, "chi nhanh dat dai": 3}
CITY = [
    ["TỔNG HỢP KẾT QUẢ GIẢI QUYẾT TTHC THEO ĐƠN VỊ"],
    ["Từ ngày 01/01/2023 đến ngày 16/10/2023"],
    [],
    ["STT", "Đơn vị giải quyết TTHC", "Số hồ sơ tiếp nhận", "", "", "Số hồ sơ đã giải quyết", "", "", "",
     "Số hồ sơ đang giải quyết", "", "", "", "Thanh toán", "Hồ sơ dừng xử lý", "Hồ sơ rút"],
    ["", "", "Tổng số", "Trực tuyến", "Kỳ trước chuyển qua", "Tổng số", "Đúng và trước hạn",
     "Quá hạn (đã có thư xin lỗi)", "Quá hạn (chưa có thư xin lỗi)", "Tổng số", "Chưa đến hạn",
     "Quá hạn (đã có thư xin lỗi)", "Quá hạn (chưa có thư xin lỗi)", "Tổng số", "", ""],
    [f"({n})" for n in range(1, 17)],
    ["I", "UBND cấp xã"],
    [1, "UBND xã A", "1.234", 200, 34, "1.200", "1.150", 20, 30, 34, 30, 1, 3, 5, 0, 2],
    [2, "UBND xã B", 100, 0, 10, 90, 88, 0, 2, 10, 10, 0, 0, 0, 0, 0],
    ["II", "Chi nhánh", "", "", "", "", "", "", "", "", "", "", "", "", "", ""],
    [1, "Chi nhánh đất đai", 50, 0, 5, 45, 40, 5, 0, 5, 0, 5, 0, 0, 0, 0],
    ["", "Tổng cộng", "1.384", 200, 49, "1.335", "1.278", 25, 32, 49, 40, 6, 3, 5, 0, 2],
    ["", "Người lập biểu", "", "", "", "Thủ trưởng đơn vị"],
]  # fmt: skip
MERGES = ("A4:A5", "B4:B5", "C4:E4", "F4:I4", "J4:M4", "O4:O5", "P4:P5")


def workbook(path: Path, rows: list[list[object]], merges: tuple[str, ...] = ()) -> Path:
    """A file as a source prints it."""
    book = openpyxl.Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(row)
    for merge in merges:
        sheet.merge_cells(merge)
    book.save(path)
    return path


@pytest.mark.parametrize("merged", [True, False])
def test_the_report_of_a_city_is_read_with_its_groups_and_thousands(tmp_path: Path, merged: bool) -> None:
    path = workbook(tmp_path / "r.xlsx", CITY, MERGES if merged else ())

    table = table_in(path, "r.xlsx")
    rows = {row.text: row for row in rows_in(table, table.taken, KEYS)}

    assert days_in(table.titles) == (date(2023, 1, 1), date(2023, 10, 16))
    assert rows["UBND xã A"].unit_id == 1
    assert rows["UBND xã A"].figures == {
        Figure.POPULATION: 1234, Figure.CARRIED_OVER: 34, Figure.RESOLVED: 1200, Figure.IN_TIME: 1150, Figure.LATE: 50,
        Figure.OPEN: 34, Figure.WITHIN_TERM: 30, Figure.OVERDUE: 4, Figure.WITHDRAWN: 2,
    }  # fmt: skip
    assert rows["Tổng cộng"].is_total and rows["Tổng cộng"].unit_id is None
    assert set(rows) == {"UBND xã A", "UBND xã B", "Chi nhánh đất đai", "Tổng cộng"}


def test_the_report_of_one_unit_by_field_gives_its_total(tmp_path: Path) -> None:
    rows = [
        ["Biểu số II.06a/VPCP/KSTT"],
        ["TT", "Lĩnh vực, công việc giải quyết theo cấp", "Tiếp nhận", "", "", "", "Đã giải quyết", "", "", "",
         "Đang giải quyết", "", ""],
        ["", "", "Tổng số", "Trong đó", "", "", "Tổng số", "Trước hạn", "Đúng hạn", "Quá hạn", "Tổng số", "Trong hạn",
         "Quá hạn"],
        ["", "", "", "Trực tuyến", "Trực tiếp, dịch vụ bưu chính", "Từ kỳ trước"],
        [f"({n})" for n in range(1, 14)],
        [1, "Đất đai", 100, 40, 50, 10, 90, 50, 30, 10, 10, 4, 6],
        [2, "Hộ tịch", 20, 0, 20, 0, 20, 20, 0, 0, 0, 0, 0],
        ["", "Tổng số", 120, 40, 70, 10, 110, 70, 30, 10, 10, 4, 6],
    ]  # fmt: skip
    merges = ("A2:A4", "B2:B4", "C2:F2", "G2:J2", "K2:M2", "C3:C4", "D3:F3")
    table = table_in(workbook(tmp_path / "r.xlsx", rows, merges), "r.xlsx")

    (row,) = rows_in(table, table.taken, {}, None, only_unit=7)

    assert Name.FIELD in table.taken.values()
    assert row.unit_id == 7
    assert row.figures == {
        Figure.POPULATION: 120, Figure.CARRIED_OVER: 10, Figure.RESOLVED: 110, Figure.EARLY: 70, Figure.ON_TIME: 30,
        Figure.LATE: 10, Figure.OPEN: 10, Figure.WITHIN_TERM: 4, Figure.OVERDUE: 6,
    }  # fmt: skip
    assert complete(row.figures)[Figure.RECEIVED] == 110 and complete(row.figures)[Figure.IN_TIME] == 100


def test_without_a_total_the_fields_are_added_up(tmp_path: Path) -> None:
    rows = [
        ["TT", "Lĩnh vực", "Đã giải quyết", ""], ["", "", "Đúng hạn", "Trễ hạn"], [1, "Đất đai", 5, 1],
        [2, "Hộ tịch", "", 2],
    ]  # fmt: skip
    table = table_in(workbook(tmp_path / "r.xlsx", rows, ("C1:D1",)), "r.xlsx")

    (row,) = rows_in(table, table.taken, {}, None, only_unit=7)

    assert row.figures == {Figure.ON_TIME: 5, Figure.LATE: 3}


def test_a_text_file_with_an_empty_first_column_is_read_alike(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    lines = [";STT;Đơn vị;Đã giải quyết;;Đang giải quyết;", ";;;Đúng và trước hạn;Trễ hạn;Trong hạn;Quá hạn",
             ";1;UBND xã A;1.150;50;30;4"]  # fmt: skip
    path.write_text("\n".join(lines), encoding="utf-8")

    table = table_in(path, "r.csv")
    (row,) = rows_in(table, table.taken, KEYS)

    assert row.figures == {Figure.IN_TIME: 1150, Figure.LATE: 50, Figure.WITHIN_TERM: 30, Figure.OVERDUE: 4}


def test_the_total_of_receipts_without_what_was_carried_over_is_what_was_received(tmp_path: Path) -> None:
    rows = [["Đơn vị", "Tiếp nhận trong kỳ", "Kỳ trước chuyển sang", "Trễ hạn"], ["UBND xã A", 10, 2, 1]]
    table = table_in(workbook(tmp_path / "r.xlsx", rows), "r.xlsx")

    (row,) = rows_in(table, table.taken, KEYS)

    assert row.figures == {Figure.RECEIVED: 10, Figure.CARRIED_OVER: 2, Figure.LATE: 1}


def test_a_cell_that_is_no_count_is_named_and_never_left_out(tmp_path: Path) -> None:
    rows = [["Đơn vị", "Đã giải quyết", "Đang giải quyết"], ["UBND xã A", "mười", -3], ["UBND xã B", 5, 1]]
    table = table_in(workbook(tmp_path / "r.xlsx", rows), "r.xlsx")

    first, second = rows_in(table, table.taken, KEYS)

    assert first.faults == (("Đã giải quyết", "mười"), ("Đang giải quyết", "-3"))
    assert second.faults == ()


def test_a_file_without_figures_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path / "r.xlsx", [["Mã hồ sơ", "Chủ hồ sơ"], ["H1", "An"]])

    with pytest.raises(Refused, match=r"reports\.no_figures"):
        table_in(path, "r.xlsx")


@pytest.mark.parametrize(
    ("cell", "value"),
    [("1.234", 1234), ("12.345.678", 12345678), ("1 234", 1234), (1.234, 1234), (1.5, 1500), ("15", 15), (7.0, 7),
     ("12,0", 12), ("-", None), ("", None), ("–", None)],
)  # fmt: skip
def test_counts_as_people_write_them(cell: object, value: int | None) -> None:
    assert count_of(cell).value == value  # type: ignore[arg-type]
    assert not count_of(cell).is_fault  # type: ignore[arg-type]


@pytest.mark.parametrize("cell", ["12a", "1.23", -1, "-5", 1234.5678, "94,2 %"])
def test_what_is_no_count_is_a_fault(cell: object) -> None:
    assert count_of(cell).is_fault  # type: ignore[arg-type]


def test_columns_of_others_are_left_alone() -> None:
    for parts in (("Thanh toán", "Tổng số"), ("Hồ sơ TT chờ tiếp nhận", "đúng hạn"), ("Không được tiếp nhận",),
                  ("Đã giải quyết", "Tỷ lệ đúng hạn"), ("Ghi chú",), ("Hồ sơ dừng xử lý",)):  # fmt: skip
        assert figure_of(parts) is None


def test_totals_are_known_by_their_words() -> None:
    assert is_total("Tổng cộng") and is_total("TỔNG SỐ:") and not is_total("Tổng công ty Điện lực")


def test_ratios_of_a_report_are_told_only_where_their_parts_are() -> None:
    whole = {Figure.IN_TIME: 95, Figure.LATE: 5, Figure.WITHIN_TERM: 10, Figure.POPULATION: 120}

    assert r1_of(whole) == Fraction(95, 100) and r2_of(whole) == Fraction(105, 120)
    assert r1_of({Figure.LATE: 5}) is None and r2_of({Figure.IN_TIME: 1}) is None
    assert r1_of({Figure.IN_TIME: 0, Figure.LATE: 0}) is None


def test_sums_that_a_report_breaks_are_named() -> None:
    good = {Figure.POPULATION: 12, Figure.RECEIVED: 10, Figure.CARRIED_OVER: 2, Figure.RESOLVED: 6, Figure.IN_TIME: 5,
            Figure.LATE: 1, Figure.OPEN: 6, Figure.WITHIN_TERM: 4, Figure.OVERDUE: 2}  # fmt: skip

    assert broken_sums(good) == ()
    assert broken_sums({**good, Figure.RESOLVED: 7, Figure.OPEN: 9}) == (Check.RESOLVED, Check.OPEN)
    assert broken_sums({**good, Figure.PAUSED: 1, Figure.OPEN: 7}) == ()


def test_a_stream_of_parts_that_are_no_lists_is_read_alike() -> None:
    rows = [(1, ["Đơn vị", "Đã giải quyết"]), (2, ["UBND xã A", 5])]

    table = best_table([Sheet("s", ()), (row for row in rows)], ReportHeadings())

    assert table is not None and [row.figures for row in rows_in(table, table.taken, KEYS)] == [{Figure.RESOLVED: 5}]
