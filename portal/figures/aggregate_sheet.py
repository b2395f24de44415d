"""Counts that no case list carries as .xlsx and .csv, in the shape the import takes back."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO, StringIO

import xlsxwriter
from flask_babel import gettext as _

from portal.figures.messages import QUANTITIES
from portal.figures.models import Aggregate
from portal.figures.rules import Quantity

FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
Unit = tuple[str, str]
"""Code and name."""


def headings() -> list[str]:
    """The columns, in the order of the file."""
    words = [str(QUANTITIES[quantity]) for quantity in Quantity]
    return [_("Code of the unit"), _("Unit"), _("Month"), _("Field"), *words, _("Source"), _("Brought by")]


def lines(rows: Iterable[Aggregate], units: Mapping[int, Unit]) -> list[list[str | int | None]]:
    """One line a unit, month and field: the newest values side by side, with the last source and author."""
    found: dict[tuple[int, str, str], dict[str, str | int | None]] = {}
    for row in rows:
        line = found.setdefault((row.unit_id, f"{row.month:%m/%Y}", row.field), {})
        line[row.quantity] = row.value
        line["source"], line["author"] = row.source, row.author
    return [
        [*units.get(unit_id, ("", "")), month, field, *(line.get(quantity) for quantity in Quantity),
         line["source"], line["author"]]
        for (unit_id, month, field), line in found.items()
    ]  # fmt: skip


def as_csv(table: Sequence[Sequence[str | int | None]]) -> bytes:
    """UTF-8 with a mark, so that Excel reads it right; texts that begin like a formula get an apostrophe."""
    written = StringIO()
    writer = csv.writer(written, delimiter=";", lineterminator="\r\n")
    writer.writerow(headings())
    writer.writerows([harmless(cell) for cell in row] for row in table)
    return "\ufeff".encode() + written.getvalue().encode()


def harmless(cell: str | int | None) -> str | int:
    """A cell that no spreadsheet runs as a formula."""
    if cell is None:
        return ""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_SIGNS) else cell


def as_workbook(table: Sequence[Sequence[str | int | None]], title: str, notes: Sequence[str]) -> bytes:
    """A workbook with the title, notes and the count of its rows above the table."""
    written = BytesIO()
    with xlsxwriter.Workbook(
        written, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        sheet = book.add_worksheet(_("Counts"))
        bold = book.add_format({"bold": True})
        heading = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        sheet.write_string(0, 0, title, bold)
        row = 0
        for row, text in enumerate([*notes, _("Rows: %(n)s", n=len(table))], start=1):
            sheet.write_string(row, 0, text)
        row += 2
        for place, text in enumerate(headings()):
            sheet.write_string(row, place, text, heading)
        for step, cells in enumerate(table, start=1):
            for place, cell in enumerate(cells):
                if isinstance(cell, int):
                    sheet.write_number(row + step, place, cell)
                elif cell:
                    sheet.write_string(row + step, place, cell)
        for place, width in enumerate((16, 34, 10, 28, 14, 14, 14, 14, 40, 24)):
            sheet.set_column(place, place, width)
        sheet.freeze_panes(row + 1, 2)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
    return written.getvalue()
