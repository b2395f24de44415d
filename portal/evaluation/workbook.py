"""The workbook Home Affairs puts on the table: Vietnamese headings, numbers as numbers, texts never formulas.

The same data give the same bytes, so that a hash of the file is worth keeping.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from io import BytesIO
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from portal.accountability.explanations.rules import is_unconfirmed
from portal.evaluation.queries import BreachLine
from portal.evaluation.rules import Sheet, Year, total
from portal.figures.rules import Counts

DEMO_MARK = "DỮ LIỆU MINH HOẠ"
CLASS_WORDS = {
    "subjective": "Chủ quan",
    "objective": "Khách quan",
    "technical": "Kỹ thuật",
    "other_body": "Phối hợp",
    "unconfirmed": "Chưa được xác nhận",
    "not_concluded": "Chưa kết luận",
}
BLAME_WORDS = {
    "full": "Toàn bộ",
    "shared": "Một phần",
    "none": "Không",
    "not_concluded": "Chưa kết luận",
}
EXPLANATION_WORDS = {
    "waiting": "Chờ giải trình",
    "draft": "Đang viết",
    "submitted": "Đã nộp",
    "returned": "Bị trả lại",
    "concluded": "Đã kết luận",
    "cancelled": "Đã huỷ",
}
APOLOGY_WORDS = {
    "waiting": "Chờ soạn",
    "draft": "Dự thảo",
    "signed": "Đã ký",
    "numbered": "Đã cấp số",
    "sent": "Đã gửi",
    "exempt": "Được miễn",
    "cancelled": "Đã huỷ",
}
MEASURE_WORDS = {
    "reminder": "Nhắc nhở",
    "lesson": "Rút kinh nghiệm",
    "criticism": "Phê bình",
    "self_review": "Kiểm điểm",
    "transfer": "Điều chuyển",
    "discipline": "Kỷ luật",
}
DEFINITIONS = (
    ("Trễ hạn", "Hồ sơ đã giải quyết xong sau thời điểm hẹn trả in trên giấy tiếp nhận."),
    ("Quá hạn", "Hồ sơ chưa giải quyết xong và đã qua thời điểm hẹn trả, tính đến thời điểm số liệu."),
    ("Trước hạn / Đúng hạn", "Xong vào ngày trước ngày hẹn trả / xong trong ngày hẹn trả, không sau thời điểm hẹn."),
    ("Đã giải quyết", "Có kết quả hoặc có văn bản từ chối trong kỳ, theo thời điểm kết thúc xử lý."),
    ("R1", "(trước hạn + đúng hạn) / (trước hạn + đúng hạn + trễ hạn). Luôn đọc cùng số quá hạn."),
    ("R2", "(trước hạn + đúng hạn + trong hạn + tạm dừng + rút chưa quá hạn) / (tiếp nhận + kỳ trước chuyển sang)."),
    ("R1 nếu đóng hồ sơ quá hạn", "(trước hạn + đúng hạn) / (đã giải quyết + quá hạn)."),
    ("Vi phạm thời hạn", "Bản ghi cố định của một lần lỡ hạn; thuộc năm có thời điểm hẹn trả, chỉ tính một lần."),
    ("Loại nguyên nhân", "Do thủ trưởng kết luận: chủ quan, khách quan, kỹ thuật, phối hợp."),
    (
        "Chưa được xác nhận",
        "Nguyên nhân kỹ thuật hoặc do cơ quan khác mà cơ quan có thẩm quyền chưa xác nhận: chưa tính là khách quan.",
    ),
    ("Trách nhiệm quy đổi", "Toàn bộ = 1; một phần = 0,5; không = 0. Chưa kết luận thì chưa tính."),
    ("Tháng 100 %", "Tháng có hồ sơ đã giải quyết và không hồ sơ nào trễ hạn."),
    ("n", "Số hồ sơ có kết luận thời hạn. Dưới 20 hồ sơ, tỷ lệ chỉ để tham khảo, không dùng làm mức trần."),
    ("Người đứng đầu", "Cộng các đơn vị thuộc quyền quản lý trong thời gian giữ chức vụ."),
    (
        "Công chức chịu trách nhiệm",
        "Người giữ hồ sơ tại thời điểm hẹn trả theo số liệu biết lúc đó; “tạm xác định” nếu số liệu có sau; "
        "người được giao giải trình thay nếu thủ trưởng đã chấp nhận “Không phải tôi”.",
    ),
)


@dataclass(frozen=True)
class Contents:
    """Everything that goes into one workbook."""

    year: Year
    scope: str
    data_as_of: str
    officers: Sequence[Sheet]
    heads: Sequence[Sheet]
    units: Sequence[Sheet]
    lines: Sequence[BreachLine]
    total: Counts
    made_on: date
    demo: bool

    @property
    def title(self) -> str:
        """The title of the sheets; provisional until the year has ended."""
        until = f" (tạm tính đến {self.year.to:%d/%m/%Y})" if self.year.is_provisional else ""
        return f"KẾT QUẢ GIẢI QUYẾT THỦ TỤC HÀNH CHÍNH NĂM {self.year.year}{until}"


@dataclass(frozen=True)
class Column:
    """A column of a sheet: heading, width in characters, how its cells look, and the group it stands under."""

    heading: str
    width: float
    kind: str = "text"
    group: str = ""


def _number(group: str, *headings: str) -> tuple[Column, ...]:
    return tuple(Column(heading, 6.5, "number", group) for heading in headings)


COUNT_COLUMNS = (
    *_number("Hồ sơ", "Tiếp nhận", "Kỳ trước chuyển sang", "Đã giải quyết", "Trước hạn", "Đúng hạn", "Trễ hạn"),
    *_number("Hồ sơ", "Quá hạn", "n"),
    Column("R1 (%)", 8, "share", "Hồ sơ"),
    Column("R1 nếu đóng hồ sơ quá hạn (%)", 8, "share", "Hồ sơ"),
    Column("R2 (%)", 8, "share", "Hồ sơ"),
)
TALLY_COLUMNS = (
    *_number("Vi phạm thời hạn", "Tổng số vi phạm thời hạn"),
    *_number("Loại nguyên nhân", *CLASS_WORDS.values()),
    *_number("Trách nhiệm", *(word for key, word in BLAME_WORDS.items() if key != "not_concluded")),
    Column("Quy đổi", 7, "half", "Trách nhiệm"),
    *_number("Giải trình", *EXPLANATION_WORDS.values()),
    *_number("Xin lỗi", *APOLOGY_WORDS.values()),
    *_number("Theo dõi xử lý", *MEASURE_WORDS.values()),
)
MONTH_COLUMNS = _number("Tháng", "Có hồ sơ", "100 % đúng hạn")
LINE_COLUMNS = (
    Column("Mã hồ sơ", 24),
    Column("Thủ tục", 38),
    Column("Đơn vị", 30),
    Column("Công chức chịu trách nhiệm", 24),
    Column("Tạm xác định", 9),
    Column("Tiếp nhận", 16, "moment"),
    Column("Hẹn trả", 16, "moment"),
    Column("Kết thúc xử lý", 16, "moment"),
    Column("Mức trễ", 22),
    Column("Khi mở là", 10),
    Column("Nguyên nhân nêu", 24),
    Column("Loại nguyên nhân kết luận", 14),
    Column("Trách nhiệm", 12),
    Column("Giải trình", 14),
    Column("Xin lỗi", 12),
    Column("Số thư", 14),
)
WAS_WORDS = {"late": "trễ hạn", "overdue": "quá hạn"}


def workbook(contents: Contents) -> bytes:
    """The workbook: summary, officers, heads, units, underlying breaches, definitions."""
    buffer = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        book.set_properties(
            {
                "title": contents.title,
                "company": contents.scope,
                "created": datetime.combine(contents.made_on, datetime.min.time()),
            }
        )
        writer = _Writer(book, contents)
        writer.summary()
        writer.subjects("Công chức", ("Mã", "Họ và tên", "Đơn vị", "Chức vụ"), contents.officers)
        writer.subjects("Người đứng đầu", ("Mã", "Họ và tên", "Đơn vị", "Chức vụ"), contents.heads)
        writer.subjects("Đơn vị", ("Mã", "Tên đơn vị"), contents.units)
        writer.lines()
        writer.definitions()
    return buffer.getvalue()


def count_cells(counts: Counts) -> list[Any]:
    """The cells of COUNT_COLUMNS."""
    return [
        counts.received,
        counts.carried_over,
        counts.resolved,
        counts.early,
        counts.on_time,
        counts.late,
        counts.overdue,
        counts.judged,
        counts.r1,
        counts.r1_if_closed,
        counts.r2,
    ]


def tally_cells(sheet: Sheet) -> list[Any]:
    """The cells of TALLY_COLUMNS."""
    tally = sheet.tally
    return [
        tally.breaches,
        *(tally.by_class.get(key, 0) for key in CLASS_WORDS),
        *(tally.by_blame.get(key, 0) for key in BLAME_WORDS if key != "not_concluded"),
        sheet.blame,
        *(tally.explanations.get(key, 0) for key in EXPLANATION_WORDS),
        *(tally.apologies.get(key, 0) for key in APOLOGY_WORDS),
        *(sheet.followups.get(key, 0) for key in MEASURE_WORDS),
    ]


class _Writer:
    """Writes the sheets of one book, all in the same dress."""

    def __init__(self, book: xlsxwriter.Workbook, contents: Contents) -> None:
        self.book = book
        self.contents = contents
        base = {"font_name": "Times New Roman", "font_size": 11, "valign": "top"}
        cell = {**base, "border": 1}
        self.formats: dict[str, Format] = {
            "title": book.add_format({**base, "bold": True, "font_size": 14}),
            "note": book.add_format({**base, "italic": True}),
            "mark": book.add_format({**base, "bold": True, "font_color": "#7A1A12"}),
            "head": book.add_format(
                {**cell, "bold": True, "text_wrap": True, "align": "center", "valign": "vcenter", "bg_color": "#E8EAEC"}
            ),
            "upright": book.add_format(
                {**cell, "bold": True, "rotation": 90, "text_wrap": True, "bg_color": "#E8EAEC"}
                | {"align": "center", "valign": "bottom"}
            ),
            "text": book.add_format({**cell, "text_wrap": True, "num_format": "@"}),
            "number": book.add_format({**cell, "num_format": "#,##0"}),
            "share": book.add_format({**cell, "num_format": "0.00"}),
            "half": book.add_format({**cell, "num_format": "0.0"}),
            "moment": book.add_format({**cell, "num_format": "dd/mm/yyyy hh:mm", "align": "left"}),
            "bold": book.add_format({**base, "bold": True}),
        }

    def _sheet(self, name: str, title: str) -> tuple[Worksheet, int]:
        sheet = self.book.add_worksheet(name)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.set_margins(left=0.5, right=0.4, top=0.7, bottom=0.7)
        sheet.fit_to_pages(1, 0)
        mark = f"{DEMO_MARK} · " if self.contents.demo else ""
        sheet.set_header(f"&L{mark}{self.contents.scope}&RĐúng Hạn")
        sheet.set_footer(f"&L{self.contents.data_as_of}&CTrang &P/&N&RXuất ngày {self.contents.made_on:%d/%m/%Y}")
        sheet.write_string(0, 0, title, self.formats["title"])
        sheet.write_string(1, 0, f"{self.contents.scope} · {self.contents.data_as_of}", self.formats["note"])
        if self.contents.demo:
            sheet.write_string(2, 0, DEMO_MARK, self.formats["mark"])
        return sheet, 4

    def _table(self, sheet: Worksheet, top: int, columns: Sequence[Column], rows: Sequence[Sequence[Any]]) -> None:
        """Headings, rows, filter, frozen panes; headings of groups stand upright above their narrow columns."""
        grouped = any(column.group for column in columns)
        if grouped:
            self._groups(sheet, top, columns)
            top += 1
        for index, column in enumerate(columns):
            sheet.set_column(index, index, column.width)
            sheet.write_string(top, index, column.heading, self.formats["upright" if column.group else "head"])
        sheet.set_row(top, 130 if grouped else 36)
        for offset, row in enumerate(rows, start=1):
            for index, (column, value) in enumerate(zip(columns, row, strict=True)):
                self._cell(sheet, top + offset, index, column.kind, value)
        sheet.autofilter(top, 0, top + max(1, len(rows)), len(columns) - 1)
        sheet.freeze_panes(top + 1, 2)
        sheet.repeat_rows(top - 1 if grouped else top, top)
        if grouped:
            sheet.repeat_columns(0, 1)
            sheet.fit_to_pages(2, 0)

    def _groups(self, sheet: Worksheet, row: int, columns: Sequence[Column]) -> None:
        start = 0
        while start < len(columns):
            group, end = columns[start].group, start
            while end + 1 < len(columns) and columns[end + 1].group == group:
                end += 1
            if group and end > start:
                sheet.merge_range(row, start, row, end, group, self.formats["head"])
            elif group:
                sheet.write_string(row, start, group, self.formats["head"])
            start = end + 1
        sheet.set_row(row, 32)

    def _cell(self, sheet: Worksheet, row: int, column: int, kind: str, value: Any) -> None:
        look = self.formats[kind]
        if value is None or value == "":
            sheet.write_blank(row, column, None, look)
        elif isinstance(value, Fraction):
            sheet.write_number(row, column, float(value * 100), look)
        elif isinstance(value, (int, float, Decimal)):
            sheet.write_number(row, column, float(value) if isinstance(value, Decimal) else value, look)
        elif isinstance(value, datetime):
            sheet.write_datetime(row, column, value, look)
        else:
            sheet.write_string(row, column, str(value), look)

    def summary(self) -> None:
        """The sheet one reads first: the totals and how the breaches were answered."""
        sheet, top = self._sheet("Tổng hợp", self.contents.title)
        sheet.set_portrait()
        sheet.fit_to_pages(1, 1)
        headings = [column.heading for column in COUNT_COLUMNS]
        rows: list[tuple[str, Any, str]] = list(
            zip(headings, count_cells(self.contents.total), [column.kind for column in COUNT_COLUMNS], strict=True)
        )
        whole = total(unit.tally for unit in self.contents.units)
        rows.append(("Vi phạm thời hạn", whole.breaches, "number"))
        for title, words, counted in (
            ("Nguyên nhân", CLASS_WORDS, whole.by_class),
            ("Giải trình", EXPLANATION_WORDS, whole.explanations),
            ("Xin lỗi", APOLOGY_WORDS, whole.apologies),
        ):
            rows += [(f"{title}: {word}", counted.get(key, 0), "number") for key, word in words.items()]
        rows += [
            ("Số công chức có hồ sơ", len(self.contents.officers), "number"),
            ("Số đơn vị có hồ sơ", len(self.contents.units), "number"),
        ]
        sheet.set_column(0, 0, 46)
        sheet.set_column(1, 1, 14)
        sheet.write_string(top, 0, "Chỉ tiêu", self.formats["head"])
        sheet.write_string(top, 1, "Giá trị", self.formats["head"])
        for offset, (heading, value, kind) in enumerate(rows, start=1):
            sheet.write_string(top + offset, 0, heading, self.formats["text"])
            self._cell(sheet, top + offset, 1, kind, value)
        sheet.autofilter(top, 0, top + len(rows), 1)
        sheet.freeze_panes(top + 1, 1)

    def subjects(self, name: str, leading: Sequence[str], sheets: Sequence[Sheet]) -> None:
        """A row for each subject."""
        sheet, top = self._sheet(name, f"{name.upper()} · {self.contents.title}")
        widths = {"Mã": 12.0, "Họ và tên": 24.0, "Tên đơn vị": 44.0, "Đơn vị": 44.0, "Chức vụ": 20.0}
        columns = [*(Column(heading, widths[heading]) for heading in leading)]
        columns += [*COUNT_COLUMNS, *TALLY_COLUMNS, *MONTH_COLUMNS]
        rows = []
        for one in sheets:
            texts = {
                "Mã": one.code,
                "Họ và tên": one.name,
                "Tên đơn vị": one.name,
                "Đơn vị": one.unit,
                "Chức vụ": one.note,
            }
            row: list[Any] = [texts[heading] for heading in leading]
            row += [*count_cells(one.counts), *tally_cells(one)]
            row += [one.months.judged, one.months.at_100]
            rows.append(row)
        self._table(sheet, top, columns, rows)

    def lines(self) -> None:
        """The underlying breaches, one row each, so that every number can be taken apart."""
        sheet, top = self._sheet("Vi phạm thời hạn", f"CÁC VI PHẠM THỜI HẠN · {self.contents.title}")
        self._table(sheet, top, LINE_COLUMNS, [line_cells(line) for line in self.contents.lines])

    def definitions(self) -> None:
        """What each word means, beside the numbers it explains."""
        sheet, top = self._sheet("Định nghĩa", "CÁC TỪ DÙNG TRONG BẢNG")
        columns = (Column("Từ", 30), Column("Nghĩa", 110))
        self._table(sheet, top, columns, DEFINITIONS)


def class_words(line: BreachLine) -> str:
    """The class as concluded, and whether a competent body confirmed it where that decides how it counts."""
    if line.conclusion is None or line.cause_class is None:
        return CLASS_WORDS["not_concluded"]
    words = CLASS_WORDS[line.cause_class]
    unconfirmed = is_unconfirmed(line.cause_class, line.conclusion.confirmation)
    return f"{words} (chưa xác nhận)" if unconfirmed else words


def line_cells(line: BreachLine) -> list[Any]:
    """The cells of LINE_COLUMNS for one breach."""
    breach, explanation, apology = line.breach, line.explanation, line.apology
    return [
        breach.case.code,
        line.procedure,
        breach.unit.name,
        line.officer.full_name if line.officer else "chưa xác định",
        "x" if breach.officer_is_provisional and line.officer is breach.officer else "",
        breach.case.received_at,
        breach.due_at,
        breach.end.ended_at if breach.end else None,
        line.late,
        WAS_WORDS[breach.was],
        explanation.cause.name if explanation and explanation.cause else "",
        class_words(line),
        BLAME_WORDS[line.blame or "not_concluded"],
        EXPLANATION_WORDS[explanation.state] if explanation else "",
        APOLOGY_WORDS[apology.state] if apology else "",
        (apology.number_text or "") if apology else "",
    ]
