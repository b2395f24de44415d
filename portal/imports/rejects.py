"""Rejected and pending rows as a workbook: whole rows of the kept file, to be put right and imported again as it is."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from xlsxwriter import Workbook

from portal.imports.actions import wishes_of
from portal.imports.keeping import is_kept, upload_of
from portal.imports.listing import Listed
from portal.imports.messages import ROW_KINDS, say
from portal.imports.models import Batch
from portal.imports.moments import MARK, read_cell
from portal.imports.preparing import cells_in
from portal.imports.reading import Cell
from portal.imports.working import answered

MOST_WIDE = 60
NARROW, WIDE = 10, 70
OPTIONS = {
    "in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
}  # fmt: skip


def rejected_rows(batch: Batch, remarks: Sequence[Any]) -> bytes:
    """The workbook of a batch. Where its source file is no longer kept, it says so and gives the remarks alone."""
    written = io.BytesIO()
    book = Workbook(written, OPTIONS)
    sheet = book.add_worksheet(_("Rejected rows"))
    if is_kept(batch):
        _whole_rows(book, sheet, _listed(batch), remarks)
    else:
        _remarks_only(book, sheet, remarks)
    book.close()
    return written.getvalue()


def _listed(batch: Batch) -> Listed:
    return cells_in(upload_of(batch), wishes_of(batch, chosen=answered(batch)))


def row_heading() -> str:
    """The heading of the row number; no fact of a case, so the importer passes it over."""
    return _("Row")


def reason_heading() -> str:
    """The heading of the reason; no fact of a case either."""
    return _("Reason")


def _whole_rows(book: Workbook, sheet: Any, listed: Listed, remarks: Iterable[Any]) -> None:
    """The rows that have a remark, every mapped column under its own heading."""
    reasons = _reasons(remarks)
    facts = list(listed.facts)
    headings = [str(listed.header.heading_of(fact)) for fact in facts]
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    sheet.write_row(0, 0, [row_heading(), reason_heading(), *headings], bold)
    moments = book.add_format({"num_format": "dd/mm/yyyy hh:mm:ss"})
    days = book.add_format({"num_format": "dd/mm/yyyy"})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    line = 0
    for place, (number, cells) in enumerate(listed.rows):
        source = listed.sheets[place] if listed.sheets else None
        if (source, number) not in reasons:
            continue
        line += 1
        sheet.write_number(line, 0, number)
        said = reasons[source, number]
        sheet.write_string(line, 1, f"{source}: {said}" if source else said, wrapped)
        for column, cell in enumerate(cells, start=2):
            _write(sheet, line, column, cell, moments, days)
    _settle(sheet, line, [NARROW, WIDE, *(max(NARROW, min(len(heading) + 4, MOST_WIDE)) for heading in headings)])


def _reasons(remarks: Iterable[Any]) -> Mapping[tuple[str | None, int], str]:
    """The reasons of each row, joined, by its sheet (where several were read) and number."""
    found: dict[tuple[str | None, int], list[str]] = {}
    for remark in remarks:
        if remark.row_number is not None:
            said = f"{remark.heading}: {say(remark)}" if remark.heading else say(remark)
            found.setdefault((remark.facts.get("sheet"), remark.row_number), []).append(said)
    return {place: " · ".join(dict.fromkeys(said)) for place, said in found.items()}


def _write(sheet: Any, line: int, column: int, cell: Cell, moments: Any, days: Any) -> None:
    """A cell as the file had it: dates as dates, numbers as numbers, every text as text, formulas too."""
    if isinstance(cell, str) and cell.startswith(MARK):
        reading = read_cell(cell).day_first
        if reading is not None:
            sheet.write_datetime(line, column, reading.at, moments if reading.has_clock else days)
            return
        cell = cell[len(MARK) :]
    if isinstance(cell, str):
        if cell:
            sheet.write_string(line, column, cell)
    else:
        sheet.write_number(line, column, cell)


def _remarks_only(book: Workbook, sheet: Any, remarks: Iterable[Any]) -> None:
    """What was said of the rows, where the rows themselves are erased."""
    bold = book.add_format({"bold": True})
    note = _("The source file is no longer kept; only what was said of its rows is left.")
    sheet.write_string(0, 0, note)
    sheet.write_row(2, 0, [row_heading(), _("Column"), _("Value"), _("What became of it"), reason_heading()], bold)
    line = 2
    for line, row in enumerate(remarks, start=3):
        texts = [row.heading or "", row.value or "", str(ROW_KINDS[row.kind]), say(row)]
        if row.row_number is not None:
            sheet.write_number(line, 0, row.row_number)
        for column, text in enumerate(texts, start=1):
            sheet.write_string(line, column, text)
    _settle(sheet, line, [NARROW, 24, 28, 20, WIDE], head=2)


def _settle(sheet: Any, last: int, widths: Sequence[int], head: int = 0) -> None:
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)
    sheet.freeze_panes(head + 1, 0)
    sheet.autofilter(head, 0, max(last, head + 1), len(widths) - 1)
