"""Where the days went as .xlsx and .csv: one line a name, times in working days."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from decimal import Decimal
from io import BytesIO, StringIO

import xlsxwriter
from flask_babel import gettext as _

from portal.figures.aggregate_sheet import harmless
from portal.figures.days import Axis, Sum, Table
from portal.figures.messages import AXES, NO_NAME

Cell = str | int | Decimal


def headings(axis: Axis) -> list[str]:
    """The columns, in the order of the screen."""
    return [
        str(AXES[axis]), _("Cases"), _("Number of steps"), _("Allowed (working days)"), _("Spent of it (working days)"),
        _("Steps over their time"), _("of these in cases on time"), _("Over (working days)"),
        _("Spent in all (working days)"), _("Paused (working days)"),
    ]  # fmt: skip


def lines(table: Table, axis: Axis) -> list[list[Cell]]:
    """One line a name, then the total."""
    return [[name_of(line, axis), *_numbers(line)] for line in table.lines] + [[_("Total"), *_numbers(table.total)]]


def name_of(line: Sum, axis: Axis) -> str:
    """The name of a line in words."""
    if not line.is_step:
        return _("after the last step that was told")
    return line.name or str(NO_NAME[axis])


def _numbers(line: Sum) -> list[Cell]:
    days = line.days
    return [
        len(line.cases), line.steps, days["allowed"], days["measured"], line.over_steps, line.in_time_steps,
        days["over"], days["spent"], days["paused"],
    ]  # fmt: skip


def as_csv(table: Table, axis: Axis) -> bytes:
    """UTF-8 with a mark, so that Excel reads it right; numbers with a decimal comma, as Vietnamese Excel reads them."""
    written = StringIO()
    writer = csv.writer(written, delimiter=";", lineterminator="\r\n")
    writer.writerow(headings(axis))
    for row in lines(table, axis):
        writer.writerow([f"{cell}".replace(".", ",") if isinstance(cell, Decimal) else harmless(cell) for cell in row])
    return "\ufeff".encode() + written.getvalue().encode()


def as_workbook(table: Table, axis: Axis, title: str, notes: Sequence[str]) -> bytes:
    """A workbook with the title, notes and the count of its rows above the table."""
    written = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(written, options) as book:
        sheet = book.add_worksheet(str(AXES[axis]))
        bold = book.add_format({"bold": True})
        heading = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        days = book.add_format({"num_format": "#,##0.00"})
        sheet.write_string(0, 0, title, bold)
        row = 0
        for row, text in enumerate([*notes, _("Rows: %(n)s", n=len(table.lines))], start=1):
            sheet.write_string(row, 0, text)
        row += 2
        for place, text in enumerate(headings(axis)):
            sheet.write_string(row, place, text, heading)
        for step, cells in enumerate(lines(table, axis), start=1):
            for place, cell in enumerate(cells):
                if isinstance(cell, str):
                    sheet.write_string(row + step, place, cell)
                else:
                    sheet.write_number(row + step, place, cell, days if isinstance(cell, Decimal) else None)
        for place, width in enumerate((44, 9, 9, 14, 14, 14, 14, 14, 14, 14)):
            sheet.set_column(place, place, width)
        sheet.freeze_panes(row + 1, 1)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
    return written.getvalue()
