"""Case lists as files, written by the tests the way offices export them."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import xlsxwriter

HEADINGS = (
    "STT", "Mã hồ sơ", "Tên thủ tục hành chính", "Chủ hồ sơ", "Ngày tiếp nhận", "Ngày hẹn trả", "Ngày kết thúc xử lý",
    "Trạng thái", "Cơ quan giải quyết", "Cán bộ thụ lý",
)  # fmt: skip
UNIT, OFFICER, PROCEDURE = "UBND xã Nâm N'Đir", "Hoàng Thị Mơ", "Đăng ký khai sinh"


def row(
    code: str = "H16.25-231002-0001",
    received: Any = "02/10/2023 08:00",
    due: Any = "10/10/2023 17:00",
    finished: Any = "09/10/2023 15:30",
    status: str = "Đã trả kết quả",
    unit: str = UNIT,
    officer: str = OFFICER,
    procedure: str = PROCEDURE,
    applicant: str = "Trần Văn Bình",
) -> list[Any]:
    """A row under ``HEADINGS``; without a finish give ``finished="", status="Đang xử lý"``."""
    return ["1", code, procedure, applicant, received, due, finished, status, unit, officer]


def open_row(code: str, **more: Any) -> list[Any]:
    """A row of a case in work."""
    return row(code, **{"finished": "", "status": "Đang xử lý", **more})


def workbook(
    path: Path,
    rows: Sequence[Sequence[Any]],
    *,
    headings: Sequence[str] = HEADINGS,
    above: Sequence[Sequence[Any]] = (),
) -> Path:
    """An .xlsx with rows above the header, the header, the rows. Dates become date cells, the rest stays as given."""
    book = xlsxwriter.Workbook(str(path), {"strings_to_numbers": False, "strings_to_formulas": False})
    sheet = book.add_worksheet("Danh sách")
    write_rows(book, sheet, [*above, headings, *rows])
    book.close()
    return path


def write_rows(book: Any, sheet: Any, rows: Sequence[Sequence[Any]]) -> None:
    """Rows from the first line on; an empty row stays empty."""
    moments = book.add_format({"num_format": "dd/mm/yyyy hh:mm:ss"})
    days = book.add_format({"num_format": "dd/mm/yyyy"})
    for line, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            if isinstance(cell, datetime):
                sheet.write_datetime(line, column, cell, moments)
            elif isinstance(cell, date):
                sheet.write_datetime(line, column, datetime(cell.year, cell.month, cell.day), days)
            elif cell != "":
                sheet.write(line, column, cell)


def text(
    path: Path,
    rows: Sequence[Sequence[Any]],
    *,
    headings: Sequence[str] = HEADINGS,
    delimiter: str = ",",
    encoding: str = "utf-8",
    above: Sequence[Sequence[Any]] = (),
) -> Path:
    """A .csv in an encoding, with Windows line ends as Excel writes them."""
    written = io.StringIO()
    csv.writer(written, delimiter=delimiter, lineterminator="\r\n").writerows([*above, headings, *rows])
    path.write_bytes(written.getvalue().encode(encoding))
    return path
