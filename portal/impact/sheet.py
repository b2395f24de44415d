"""The moved cases of a preview as .xlsx."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

import xlsxwriter
from flask_babel import gettext as _

from portal.impact.messages import EFFECTS
from portal.impact.queries import Line
from portal.impact.rules import Effect


def as_workbook(lines: Sequence[Line], title: str, note: str) -> bytes:
    """A workbook with the title, a note and the count of its rows above the table."""
    written = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(written, options) as book:
        sheet = book.add_worksheet(_("Cases that move"))
        bold = book.add_format({"bold": True})
        for row, text in enumerate((title, note, _("Rows: %(n)s", n=len(lines)))):
            sheet.write_string(row, 0, text, bold if row == 0 else None)
        headings = (_("Code"), _("Unit"), _("Due now"), _("Due then"), _("What becomes of it"))
        for place, text in enumerate(headings):
            sheet.write_string(4, place, text, bold)
        for row, line in enumerate(lines, start=5):
            cells = (line.code, line.unit, f"{line.was:%d/%m/%Y %H:%M}", f"{line.becomes:%d/%m/%Y %H:%M}")
            for place, cell in enumerate((*cells, str(EFFECTS[Effect(line.effect)]))):
                sheet.write_string(row, place, cell)
        for place, width in enumerate((26, 40, 18, 18, 22)):
            sheet.set_column(place, place, width)
        sheet.freeze_panes(5, 1)
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
    return written.getvalue()
