"""A list as an .xlsx workbook: what the screen shows, all pages of it, with its filters in the head.

Right of it stand the facts as the source told them, under the headings of exports: in Vietnamese, the workbook can be
imported again and changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import xlsxwriter
from flask_babel import gettext as _

from portal.cases.lines import Line, Told

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Head:
    """What stands above the table: title, where the data come from, the filters in words, the exact count."""

    title: str
    data_line: str
    filters: Sequence[tuple[str, str]]
    total: int
    is_demo: bool


def columns() -> list[tuple[str, int]]:
    """Headings and widths, in the order of the screen."""
    return [
        (_("Case code"), 24),
        (_("Procedure"), 50),
        (_("Applicant"), 24),
        (_("Unit"), 30),
        (_("Officer"), 24),
        (_("Received"), 16),
        (_("Due"), 16),
        (_("Finished"), 16),
        (_("Working days past due"), 12),
        (_("State"), 18),
        (_("Lateness"), 30),
        (_("Moved to, by pauses"), 16),
    ]


def told_columns() -> list[tuple[str, int]]:
    """Headings and widths of the facts as the source told them; imports read the Vietnamese ones."""
    return [
        (_("Status as the source writes it"), 20),
        (_("Officer as the source writes it"), 24),
        (_("Code in the catalogue of procedures"), 14),
        (_("Unit of receipt"), 30),
        (_("Channel of receipt"), 16),
        (_("What is asked for"), 30),
        (_("Number of the result"), 16),
        (_("End of processing"), 16),
        (_("Day of handing back"), 16),
        (_("Supplement asked for"), 16),
        (_("Day of the supplement"), 16),
    ]


def write(path: Path, head: Head, lines: Iterable[tuple[Line, Told]]) -> int:
    """Write the workbook to ``path``; give the number of rows. Rows are streamed; texts are never formulas."""
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        sheet = book.add_worksheet(_("Cases"))
        bold = book.add_format({"bold": True})
        heading = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        formats = {
            "day": book.add_format({"num_format": "dd/mm/yyyy", "align": "left"}),
            "minute": book.add_format({"num_format": "dd/mm/yyyy hh:mm", "align": "left"}),
        }
        headings = [*columns(), *told_columns()]
        for place, (_label, width) in enumerate(headings):
            sheet.set_column(place, place, width)
        row = _write_head(sheet, head, bold)
        for place, (label, _width) in enumerate(headings):
            sheet.write_string(row, place, label, heading)
        first = row
        for line, told in lines:
            row += 1
            _write_line(sheet, row, line, formats)
            _write_told(sheet, row, told, formats)
        sheet.autofilter(first, 0, max(row, first), len(headings) - 1)
        sheet.freeze_panes(first + 1, 1)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(first)
        sheet.set_footer("&L" + head.data_line.replace("&", "&&")[:200] + "&R&P / &N")
    return row - first


def _write_head(sheet: xlsxwriter.worksheet.Worksheet, head: Head, bold: xlsxwriter.format.Format) -> int:
    sheet.write_string(0, 0, head.title, bold)
    texts = [head.data_line, *(f"{name}: {value}" for name, value in head.filters), _("Rows: %(n)s", n=head.total)]
    if head.is_demo:
        texts.insert(0, _("illustrative data"))
    for place, text in enumerate(texts, start=1):
        sheet.write_string(place, 0, text)
    return len(texts) + 2


def _write_line(
    sheet: xlsxwriter.worksheet.Worksheet, row: int, line: Line, formats: dict[str, xlsxwriter.format.Format]
) -> None:
    texts = (line.code, line.procedure, line.applicant, line.unit, line.officer)
    for place, text in enumerate(texts):
        sheet.write_string(row, place, text)
    moments: tuple[tuple[datetime | None, str], ...] = (
        (line.received_at, line.received_precision),
        (line.printed_at, line.printed_precision),
        (line.finished_at, line.finished_precision),
    )
    for place, (moment, precision) in enumerate(moments, start=len(texts)):
        if moment is not None:
            shown = moment if precision == "minute" else datetime.combine(moment.date(), datetime.min.time())
            sheet.write_datetime(row, place, shown, formats.get(precision, formats["minute"]))
    place = len(texts) + len(moments)
    if line.working_days is not None:
        sheet.write_number(row, place, line.working_days)
    sheet.write_string(row, place + 1, line.verdict_words)
    sheet.write_string(row, place + 2, line.lateness)
    if line.is_moved and line.due_at is not None:
        sheet.write_datetime(row, place + 3, line.due_at, formats[line.due_precision])


def _write_told(
    sheet: xlsxwriter.worksheet.Worksheet, row: int, told: Told, formats: dict[str, xlsxwriter.format.Format]
) -> None:
    place = len(columns())
    texts = (
        told.status, told.officer, told.procedure_code, told.receiving_unit, told.channel, told.subject, told.result,
    )  # fmt: skip
    for text in texts:
        if text:
            sheet.write_string(row, place, text)
        place += 1
    for moment, precision in (told.ended, told.returned, told.asked, told.supplied):
        if moment is not None:
            sheet.write_datetime(row, place, moment, formats.get(precision or "minute", formats["minute"]))
        place += 1
