"""The case list of the demonstration as the one-stop system would have exported it: a real .xlsx to import."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import xlsxwriter

from portal.demo import places
from portal.demo.population import DATA_AS_OF, DemoCase

HEADINGS = (
    "STT",
    "Số hồ sơ",
    "Mã TTHC",
    "Tên thủ tục hành chính",
    "Lĩnh vực",
    "Chủ hồ sơ",
    "Ngày tiếp nhận",
    "Ngày hẹn trả",
    "Ngày kết thúc xử lý",
    "Ngày trả kết quả",
    "Cơ quan tiếp nhận",
    "Cơ quan giải quyết",
    "Cán bộ thụ lý",
    "Hình thức tiếp nhận",
    "Tình trạng",
)
CHANNELS = {"direct": "Trực tiếp", "online": "Trực tuyến", "postal": "Bưu chính công ích"}
FIXED = datetime(2023, 10, 16)


def write_case_list(path: Path, cases: Sequence[DemoCase]) -> None:
    """Write the cases below title rows, with a two-row header, a "(1)(2)(3)" row and a total row, like such exports."""
    names = {place.code: place.name for place in places.PLACES}
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        book.set_properties({"title": "Dữ liệu minh hoạ", "created": FIXED})
        sheet = book.add_worksheet("Danh sách hồ sơ")
        bold = book.add_format({"bold": True})
        head = book.add_format({"bold": True, "border": 1, "text_wrap": True, "align": "center", "valign": "vcenter"})
        moment = book.add_format({"num_format": "dd/mm/yyyy hh:mm"})
        sheet.set_column(0, len(HEADINGS) - 1, 18)
        sheet.write_string(0, 0, "UBND HUYỆN KRÔNG NÔ", bold)
        sheet.write_string(1, 0, "DANH SÁCH HỒ SƠ THỦ TỤC HÀNH CHÍNH (DỮ LIỆU MINH HOẠ)", bold)
        sheet.write_string(2, 0, f"Từ ngày 01/01/2023 đến ngày 16/10/2023 · số liệu đến {DATA_AS_OF:%H:%M %d/%m/%Y}")
        for column, heading in enumerate(HEADINGS):
            sheet.write_string(4, column, heading, head)
        for column in range(len(HEADINGS)):
            sheet.write_string(5, column, f"({column + 1})", head)
        for index, case in enumerate(cases):
            row = index + 6
            sheet.write_number(row, 0, index + 1)
            texts = {
                1: case.code,
                2: case.service.code,
                3: case.service.title,
                4: case.service.field,
                5: case.applicant,
                10: names[case.receiving],
                11: names[case.resolving],
                12: case.officer,
                13: CHANNELS[case.channel],
                14: case.status,
            }
            moments = {6: case.received_at, 7: case.due_at, 8: case.finished_at, 9: case.returned_at}
            for column in range(1, len(HEADINGS)):
                if column in texts:
                    sheet.write_string(row, column, texts[column])
                elif (value := moments[column]) is not None:
                    sheet.write_datetime(row, column, value, moment)
        last = len(cases) + 6
        sheet.write_string(last, 1, "Tổng cộng", bold)
        sheet.write_number(last, 5, len(cases), bold)
