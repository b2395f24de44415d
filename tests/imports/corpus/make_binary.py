"""How the .xls and .ods files of the corpus were made: ``python -m tests.imports.corpus.make_binary`` (LibreOffice)."""

from __future__ import annotations

import subprocess
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.utils.datetime import CALENDAR_MAC_1904

HERE = Path(__file__).parent / "binary"
HEADINGS = ["Mã hồ sơ", "Ngày tiếp nhận", "Ngày hẹn trả", "Ngày kết thúc xử lý", "Cơ quan giải quyết", "Cán bộ thụ lý"]
UNIT, OFFICER = "UBND xã Nâm N'Đir", "Hoàng Thị Mơ"


def rows(prefix: str) -> list[list[Any]]:
    """Date cells with and without a clock, a text, a serial number nobody formatted."""
    return [
        [f"{prefix}-1", datetime(2023, 10, 2, 8, 5), datetime(2023, 10, 10), "09/10/2023 15:30", UNIT, OFFICER],
        [f"{prefix}-2", 45201.5, "12/10/2023", None, UNIT, OFFICER],
        [20231003, datetime(2023, 10, 3, 23, 59, 59), datetime(2023, 10, 13), None, UNIT, OFFICER],
    ]


def plain() -> openpyxl.Workbook:
    """A title over merged cells, a header of two rows, a numbering row, rows, a total."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Danh sách"
    sheet["A1"] = "DANH SÁCH HỒ SƠ"
    sheet.merge_cells("A1:F1")
    sheet.append([])
    sheet.append(["Mã hồ sơ", "Thời gian", None, None, "Cơ quan giải quyết", "Cán bộ thụ lý"])
    sheet.append([None, "Tiếp nhận", "Hẹn trả", "Kết thúc", None, None])
    for cells in ("A3:A4", "B3:D3", "E3:E4", "F3:F4"):
        sheet.merge_cells(cells)
    sheet.append(["(1)", "(2)", "(3)", "(4)", "(5)", "(6)"])
    for row in rows("X"):
        sheet.append(row)
    sheet.append(["Tổng cộng", 3])
    return book


def from_1904() -> openpyxl.Workbook:
    """The same moments in a workbook that counts from 1904: the plain number is 1,462 less."""
    book = openpyxl.Workbook()
    book.epoch = CALENDAR_MAC_1904
    sheet = book.active
    sheet.append(HEADINGS)
    for row in rows("M"):
        sheet.append([cell - 1462 if cell == 45201.5 else cell for cell in row])
    return book


def errors() -> openpyxl.Workbook:
    """Cells that show an error in place of a value."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(HEADINGS)
    sheet.append(["E-1", "02/10/2023", "10/10/2023", "=NA()", UNIT, OFFICER])
    sheet.append(["E-2", "02/10/2023", "=1/0", None, UNIT, OFFICER])
    sheet.append(["E-3", "02/10/2023", "10/10/2023", "09/10/2023", UNIT, OFFICER])
    return book


def two_sheets() -> openpyxl.Workbook:
    """Two lists, an instruction sheet and a hidden list."""
    book = openpyxl.Workbook()
    book.active.title = "Hướng dẫn"
    book.active.append(["Xin đọc trước khi nhập"])
    for name, prefix in (("Đúng hạn", "D"), ("Trễ hạn", "T"), ("Ẩn", "H")):
        sheet = book.create_sheet(name)
        sheet.append(HEADINGS)
        for row in rows(prefix)[:1]:
            sheet.append(row)
        if name == "Ẩn":
            sheet.sheet_state = "hidden"
    return book


def main() -> None:
    """Write every file in both formats."""
    with tempfile.TemporaryDirectory() as folder:
        for make in (plain, from_1904, errors, two_sheets):
            path = Path(folder) / f"{make.__name__}.xlsx"
            make().save(path)
            for ending in ("xls", "ods"):
                command = ["soffice", "--headless", "--convert-to", ending, "--outdir", str(HERE), str(path)]
                subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
