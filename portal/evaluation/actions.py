"""Making the workbook of a year, with its record in the trail."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime

from portal import audit
from portal.cases.freshness import freshness
from portal.evaluation.events import EvaluationExported
from portal.evaluation.queries import Sheets, breach_lines
from portal.evaluation.rules import Year
from portal.evaluation.workbook import Contents, workbook
from portal.figures.rules import Counts
from portal.guard import Viewer
from portal.refusal import Refused


@dataclass(frozen=True)
class Exported:
    """A workbook and what its record will say."""

    content: bytes
    event: EvaluationExported


def make_workbook(year: Year, *, scope: str, by: Viewer, today: date, demo: bool) -> Exported:
    """Gather the year as ``by`` may see it and lay it out; reads only. Raises Refused when the year has not begun."""
    if not year.has_begun:
        raise Refused("evaluation.not_begun", year=year.year)
    sheets = Sheets(year, by)
    lines = breach_lines(year, by)
    total = sum((unit.counts for unit in sheets.units), Counts())
    content = workbook(
        Contents(
            year=year,
            scope=scope,
            data_as_of=as_of_line(),
            officers=sheets.officers,
            heads=sheets.heads,
            units=sheets.units,
            lines=lines,
            total=total,
            made_on=today,
            demo=demo,
        )
    )
    event = EvaluationExported(
        year=year.year,
        counted_to=year.to,
        officers=len(sheets.officers),
        units=len(sheets.units),
        breaches=len(lines),
        sha256=hashlib.sha256(content).hexdigest(),
    )
    return Exported(content, event)


def as_of_line() -> str:
    """From which source and moment the figures are, as it stands on every page of the workbook."""
    known = [f"{one.data_as_of:%H:%M %d/%m/%Y}, nguồn {one.source}" for one in freshness()]
    return "Số liệu đến " + "; ".join(known) if known else "Chưa có số liệu"


def record_export(exported: Exported, *, by: Viewer | None, at: datetime) -> None:
    """Write that the workbook left the portal; inside ``commit()``."""
    audit.record(exported.event, entity_id=exported.event.year, by=by, at=at)
