"""The list of changes as an .xlsx workbook: all pages of what the screen shows, its counts in the head."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import xlsxwriter
from flask_babel import gettext as _

from portal.cases.change_words import Told
from portal.cases.sheet import Head


def columns() -> list[tuple[str, int]]:
    """Headings and widths, in the order of the screen."""
    return [
        (_("Case code"), 26),
        (_("Kind of change"), 26),
        (_("What changed"), 80),
        (_("Unit"), 30),
        (_("Officer"), 24),
        (_("Data as of"), 16),
        (_("Source"), 20),
        (_("Batch"), 8),
    ]


def write(path: Path, head: Head, told: Iterable[Told], officer: Callable[[str], str]) -> int:
    """Write the workbook to ``path``; give the number of rows. ``officer`` masks a name. Texts are never formulas."""
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        sheet = book.add_worksheet(_("Changes"))
        bold = book.add_format({"bold": True})
        heading = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        moment = book.add_format({"num_format": "dd/mm/yyyy hh:mm", "align": "left"})
        for place, (_label, width) in enumerate(columns()):
            sheet.set_column(place, place, width)
        row = write_head(sheet, head, bold)
        first = row
        for place, (label, _width) in enumerate(columns()):
            sheet.write_string(row, place, label, heading)
        for one in told:
            row += 1
            _write_line(sheet, row, one, officer, moment)
        sheet.autofilter(first, 0, max(row, first), len(columns()) - 1)
        sheet.freeze_panes(first + 1, 1)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(first)
    return row - first


def write_head(sheet: Any, head: Head, bold: Any) -> int:
    """Title, where the data come from, filters and the exact count; gives the row of the table's head."""
    texts = [head.data_line, *(f"{name}: {value}" for name, value in head.filters), _("Rows: %(n)s", n=head.total)]
    if head.is_demo:
        texts.insert(0, _("illustrative data"))
    sheet.write_string(0, 0, head.title, bold)
    for place, text in enumerate(texts, start=1):
        sheet.write_string(place, 0, text)
    return len(texts) + 2


def _write_line(sheet: Any, row: int, told: Told, officer: Callable[[str], str], moment: Any) -> None:
    found = told.row
    texts: Sequence[str] = (found.code, told.kind, told.words, found.unit, officer(found.officer))
    for place, text in enumerate(texts):
        sheet.write_string(row, place, text)
    if isinstance(found.as_of, datetime):
        sheet.write_datetime(row, len(texts), found.as_of, moment)
    sheet.write_string(row, len(texts) + 1, found.source)
    if found.change.batch_id is not None:
        sheet.write_number(row, len(texts) + 2, found.change.batch_id)
