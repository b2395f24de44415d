"""A comparison as an .xlsx workbook: units side by side, a sheet for each list of codes. Texts are never formulas."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import xlsxwriter
from flask_babel import gettext as _

from portal.reports.messages import DEFINITIONS, FIGURES, STATES, WHYS
from portal.reports.models import SourceReport
from portal.reports.queries import CodeComparison, Comparison, Line, OddCode
from portal.reports.rules import Figure


@dataclass(frozen=True)
class Head:
    """What stands above every sheet."""

    report: SourceReport
    data_line: str
    is_demo: bool
    by: str
    at: datetime

    def lines(self) -> list[str]:
        """Both moments, the author, who exports."""
        report = self.report
        source = report.source.name if report.source else _("all sources together")
        lines = [
            _("Period %(first)s–%(last)s", first=f"{report.from_on:%d/%m/%Y}", last=f"{report.to_on:%d/%m/%Y}"),
            _("Theirs: %(source)s, figures known at %(moment)s, version %(number)s, brought by %(author)s",
              source=source, moment=f"{report.as_of:%H:%M %d/%m/%Y}", number=report.number, author=report.author),
            _("Ours: %(line)s", line=self.data_line),
            f"{_('Exported by')}: {self.by}, {self.at:%d/%m/%Y %H:%M}",
        ]  # fmt: skip
        return [_("illustrative data"), *lines] if self.is_demo else lines


def write(
    path: Path, head: Head, found: Comparison, odd: Mapping[Figure, CodeComparison], units: Mapping[int, str]
) -> None:
    """Write the workbook to ``path``."""
    options = {"strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        looks = {
            "bold": book.add_format({"bold": True}),
            "heading": book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"}),
            "odd": book.add_format({"bold": True, "bg_color": "#FCE4D6"}),
            "moment": book.add_format({"num_format": "dd/mm/yyyy hh:mm", "align": "left"}),
        }
        _write_units(book.add_worksheet(_("Comparison")), head, found, looks)
        for figure, codes in odd.items():
            _write_codes(book.add_worksheet(str(FIGURES[figure])[:31]), head, figure, codes, units, looks)
        sheet = book.add_worksheet(_("Definitions"))
        for row, (figure, words) in enumerate(DEFINITIONS.items()):
            sheet.write_string(row, 0, str(FIGURES[figure]), looks["bold"])
            sheet.write_string(row, 1, str(words))
        sheet.set_column(0, 0, 28)
        sheet.set_column(1, 1, 90)


def _write_head(sheet: Any, title: str, lines: Iterable[str], looks: Mapping[str, Any]) -> int:
    sheet.write_string(0, 0, title, looks["bold"])
    row = 0
    for row, text in enumerate(lines, start=1):
        sheet.write_string(row, 0, text)
    return row + 2


def _write_units(sheet: Any, head: Head, found: Comparison, looks: Mapping[str, Any]) -> None:
    lines = [*head.lines(), _("Rows: %(n)s", n=len(found.lines))]
    first = _write_head(sheet, _("Our numbers beside the source's report"), lines, looks)
    sheet.write_string(first + 1, 0, _("Unit"), looks["heading"])
    for place, figure in enumerate(found.figures):
        column = 1 + 3 * place
        sheet.merge_range(first, column, first, column + 2, str(FIGURES[figure]), looks["heading"])
        for step, words in enumerate((_("ours"), _("theirs"), _("difference"))):
            sheet.write_string(first + 1, column + step, words, looks["heading"])
    row = first + 1
    for line in (*found.lines, found.totals):
        row += 1
        name = line.name or _("Total")
        sheet.write_string(row, 0, name if line.is_told else _("%(unit)s (not in the report)", unit=name))
        _write_cells(sheet, row, line, found.figures, looks)
    sheet.set_column(0, 0, 40)
    sheet.freeze_panes(first + 2, 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)


def _write_cells(sheet: Any, row: int, line: Line, figures: Sequence[Figure], looks: Mapping[str, Any]) -> None:
    for place, figure in enumerate(figures):
        cell, column = line.cells[figure], 1 + 3 * place
        sheet.write_number(row, column, cell.ours)
        if cell.theirs is not None and cell.difference is not None:
            sheet.write_number(row, column + 1, cell.theirs)
            sheet.write_number(row, column + 2, cell.difference, looks["odd"] if cell.difference else None)


def _write_codes(
    sheet: Any, head: Head, figure: Figure, found: CodeComparison, units: Mapping[int, str], looks: Mapping[str, Any]
) -> None:
    counted = _(
        "Ours %(ours)s, theirs %(theirs)s, both %(both)s, only ours %(mine)s, only theirs %(others)s",
        ours=found.ours, theirs=found.theirs, both=len(found.split.both), mine=len(found.only_ours),
        others=len(found.only_theirs),
    )  # fmt: skip
    first = _write_head(sheet, str(FIGURES[figure]), [*head.lines(), counted], looks)
    headings = (
        _("Counted by"),
        _("Case code"),
        _("Unit"),
        _("State with us"),
        _("Due"),
        _("Finished"),
        _("Known facts"),
    )
    for place, words in enumerate(headings):
        sheet.write_string(first, place, words, looks["heading"])
    row = first
    for side, odds in ((_("only us"), found.only_ours), (_("only them"), found.only_theirs)):
        for odd in odds:
            row += 1
            _write_odd(sheet, row, side, odd, units, looks)
    for place, width in enumerate((12, 28, 36, 20, 16, 16, 70)):
        sheet.set_column(place, place, width)
    sheet.autofilter(first, 0, max(row, first), len(headings) - 1)
    sheet.freeze_panes(first + 1, 2)


def _write_odd(
    sheet: Any, row: int, side: str, odd: OddCode, units: Mapping[int, str], looks: Mapping[str, Any]
) -> None:
    unit = units.get(odd.unit_id or 0, "") or odd.unit_text
    state = str(STATES[odd.state]) if odd.state else "–"
    for place, text in enumerate((side, odd.code, unit, state)):
        sheet.write_string(row, place, text)
    for place, moment in ((4, odd.due_at), (5, odd.finished_at)):
        if moment is not None:
            sheet.write_datetime(row, place, moment, looks["moment"])
    sheet.write_string(row, 6, "; ".join(str(WHYS[reason]) for reason in odd.facts))
