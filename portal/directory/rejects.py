"""The rejected rows of a directory file as a workbook: as they stood, with the reason in both languages."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

import xlsxwriter

from portal.directory.sheet import REASON


def workbook(heading: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Heading, then each rejected row with why; texts are never formulas. Corrected, it can be brought again."""
    target = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(target, options) as book:
        sheet, bold = book.add_worksheet("Danh ba"), book.add_format({"bold": True, "bottom": 1})
        wide = book.add_format({"text_wrap": True, "valign": "top"})
        columns = [*heading, *REASON]
        for place, name in enumerate(columns):
            sheet.write_string(0, place, name, bold)
        sheet.set_column(0, len(heading) - 1, 18)
        sheet.set_column(len(heading), len(columns) - 1, 60)
        sheet.freeze_panes(1, 0)
        for number, row in enumerate(rows, start=1):
            for place, cell in enumerate(row["cells"][: len(heading)]):
                sheet.write_string(number, place, cell)
            for place, language in enumerate(("reason_vi", "reason_en"), start=len(heading)):
                sheet.write_string(number, place, _reasons(row["reasons"], language), wide)
    return target.getvalue()


def _reasons(reasons: Sequence[Mapping[str, Any]], language: str) -> str:
    return "\n".join(f"{one['column']}: {one[language]}" if one["column"] else one[language] for one in reasons)
