"""Keeping what a source's own report says, and the lists of codes that come with it. Run inside ``commit()``."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy.exc import IntegrityError

from portal import clock
from portal.audit.actions import record
from portal.cases.models import Source
from portal.database import db
from portal.directory.rules import UnitTree
from portal.guard import Viewer
from portal.imports.reading import FileFault, read
from portal.refusal import Refused
from portal.reports import queries
from portal.reports.codes import CodeColumns, CodeName
from portal.reports.events import SourceCodesSaved, SourceReportSaved
from portal.reports.headings import Column, Name, ReportHeadings
from portal.reports.models import SourceCode, SourceCodeList, SourceReport, SourceReportRow
from portal.reports.rules import Door, Figure
from portal.reports.tables import Table, bare_name, best_table, count_of, is_group, is_total, text_of

LONGEST_CODE = 100
MOST_CODES = 50_000


@dataclass(frozen=True)
class DraftRow:
    """A row of a report before it is kept: ``number`` as Excel shows it; ``faults`` are headings that hold no count."""

    text: str
    unit_id: int | None
    figures: Mapping[Figure, int]
    is_total: bool = False
    number: int | None = None
    faults: tuple[tuple[str, str], ...] = ()
    repaired: bool = False


@dataclass(frozen=True)
class Draft:
    """A report before it is kept."""

    source_id: int | None
    from_on: date
    to_on: date
    as_of: datetime
    note: str
    rows: Sequence[DraftRow]
    door: Door = Door.TYPED
    file_name: str = ""
    file_sha256: str = ""
    headings: Mapping[str, str] = field(default_factory=dict)


def table_in(path: Path, name: str) -> Table[Column]:
    """The table of figures in a file; raises FileFault, or Refused where no heading is known."""
    found = best_table(read(path, name), ReportHeadings())
    if found is None:
        raise Refused("reports.no_figures")
    return found


def rows_in(
    table: Table[Column],
    taken: Mapping[int, Column],
    keys: Mapping[str, int],
    chosen: Mapping[int, int] | None = None,
    only_unit: int | None = None,
) -> list[DraftRow]:
    """The rows of a table under some reading of its columns. ``chosen``: the units people said for rows by number.

    ``only_unit``: the whole table is the report of this one unit (form II.06a, by field); then its total counts, or
    the sum of its rows where it has none.
    """
    named = next((column for column, word in taken.items() if word in (Name.UNIT, Name.FIELD)), None)
    code = next((column for column, word in taken.items() if word is Name.CODE), None)
    rows = [row for row in (_row(table, taken, named, code, keys, line) for line in table.rows) if row is not None]
    if only_unit is not None:
        return [_one(rows, only_unit)] if rows else []
    wanted = {row.number: (chosen or {}).get(row.number or 0) for row in rows}
    return [row if wanted[row.number] is None else replace(row, unit_id=wanted[row.number] or None) for row in rows]


def _row(
    table: Table[Column],
    taken: Mapping[int, Column],
    named: int | None,
    code: int | None,
    keys: Mapping[str, int],
    line: tuple[int, tuple[Any, ...]],
) -> DraftRow | None:
    """One row; None for groups, signatures and rows without any number."""
    number, cells = line
    at = {column: cells[column] if column < len(cells) else "" for column in taken}
    name = text_of(at[named]) if named is not None else ""
    total = is_total(name) or (not name and any(isinstance(c, str) and is_total(text_of(c)) for c in cells[:3]))
    if not total and (not name or is_group(cells, name)):
        return None
    figures: dict[Figure, int] = {}
    faults: list[tuple[str, str]] = []
    repaired = False
    for column, word in taken.items():
        if not isinstance(word, Figure):
            continue
        count = count_of(at[column])
        repaired = repaired or count.repaired
        if count.is_fault:
            faults.append((table.heading(column), text_of(at[column])))
        elif count.value is not None:
            figures[word] = figures.get(word, 0) + count.value
    bare = bare_name(name)
    unit_id = queries.unit_of(bare, keys) or (queries.unit_of(text_of(at[code]), keys) if code is not None else None)
    # Signatures under a table write names where counts stood.
    if not figures and unit_id is None and not any(sign.isdigit() for _, value in faults for sign in value):
        return None
    return DraftRow(bare or name, None if total else unit_id, figures, total, number, tuple(faults), repaired)


def _one(rows: Sequence[DraftRow], unit_id: int) -> DraftRow:
    """All rows as those of one unit: the total where there is one, else their sum."""
    total = next((row for row in rows if row.is_total), None)
    figures: dict[Figure, int] = dict(total.figures) if total else {}
    if total is None:
        for row in rows:
            for figure, count in row.figures.items():
                figures[figure] = figures.get(figure, 0) + count
    faults = tuple(fault for row in ([total] if total else rows) for fault in row.faults)
    return DraftRow(total.text if total else "", unit_id, figures, False, total.number if total else None, faults)


def save_report(
    draft: Draft, tree: UnitTree, *, by: Viewer, at: datetime, replaced: SourceReport | None = None
) -> SourceReport:
    """Keep a report, or a new version of one. Raises Refused where it tells nothing, or of units out of reach."""
    rows = [row for row in draft.rows if row.figures]
    _check(draft, rows, tree, by)
    if replaced is not None and queries.is_replaced(replaced):
        raise Refused("reports.replaced_meanwhile")
    own = min(by.own_unit_ids, default=None)
    report = SourceReport(
        root_id=replaced.first_id if replaced else None,
        replaces_id=replaced.id if replaced else None,
        number=replaced.number + 1 if replaced else 1,
        source_id=draft.source_id,
        unit_id=replaced.unit_id if replaced else (tree.level_of(own) or own) if own is not None else None,
        from_on=draft.from_on,
        to_on=draft.to_on,
        as_of=draft.as_of,
        note=draft.note,
        door=draft.door.value,
        file_name=draft.file_name or None,
        file_sha256=draft.file_sha256 or None,
        headings=dict(draft.headings),
        author=by.name,
        at=at,
    )
    db.session.add(report)
    try:
        db.session.flush()
    except IntegrityError as error:  # of two corrections at once, one wins
        raise Refused("reports.replaced_meanwhile") from error
    db.session.add_all(
        SourceReportRow(
            report_id=report.id,
            unit_id=row.unit_id,
            unit_text=row.text,
            is_total=row.is_total,
            figures={figure.value: count for figure, count in row.figures.items()},
        )
        for row in rows
    )
    event = SourceReportSaved(
        number=report.number,
        source=_source_name(draft.source_id),
        from_on=draft.from_on,
        to_on=draft.to_on,
        as_of=draft.as_of,
        units=sum(row.unit_id is not None for row in rows),
        door=draft.door.value,
        file_name=draft.file_name,
        file_sha256=draft.file_sha256,
    )
    record(event, entity_id=report.first_id, by=by, at=at)
    return report


def _check(draft: Draft, rows: Sequence[DraftRow], tree: UnitTree, by: Viewer) -> None:
    if draft.from_on > draft.to_on:
        raise Refused("figures.from_after_to")
    if draft.as_of > clock.end_of(clock.today()) or draft.as_of < clock.start_of(draft.from_on):
        raise Refused("reports.moment_outside")
    named = [row.unit_id for row in rows if row.unit_id is not None]
    if not named:
        raise Refused("reports.nothing_told")
    readable = queries.readable_units(by.in_own_right, tree)
    if any(unit_id not in readable for unit_id in named):
        raise Refused("reports.unit_out_of_reach")
    twice = next((unit_id for unit_id in named if named.count(unit_id) > 1), None)
    if twice is not None:
        raise Refused("reports.unit_twice", unit=readable[twice])
    if draft.source_id is not None and db.session.get(Source, draft.source_id) is None:
        raise Refused("reports.source_unknown")


def _source_name(source_id: int | None) -> str:
    source = db.session.get(Source, source_id) if source_id is not None else None
    return source.name if source else ""


@dataclass(frozen=True)
class Codes:
    """A list of codes as a file holds it. ``heading`` is the column taken for the code."""

    heading: str
    codes: Mapping[str, tuple[int | None, str]]
    rows_without_code: int
    repeated: int


def codes_in(path: Path, name: str, keys: Mapping[str, int]) -> Codes:
    """The codes of a list: a column of codes, and the unit beside each where the list has one."""
    found = best_table(read(path, name), CodeColumns())
    if found is None:
        raise Refused("reports.no_codes")
    column = next(c for c, word in found.taken.items() if word is CodeName.CODE)
    named = next((c for c, word in found.taken.items() if word is CodeName.UNIT), None)
    codes: dict[str, tuple[int | None, str]] = {}
    missing = repeated = 0
    for _, cells in found.rows:
        code = text_of(cells[column]) if column < len(cells) else ""
        if not any(sign.isdigit() for sign in code) or " " in code or len(code) > LONGEST_CODE:
            missing += bool(code) or sum(cell != "" for cell in cells) > 2
            continue
        text = text_of(cells[named]) if named is not None and named < len(cells) else ""
        repeated += code in codes
        codes.setdefault(code, (queries.unit_of(text, keys) if text else None, text))
        if len(codes) > MOST_CODES:
            raise FileFault("too_many_rows", limit=MOST_CODES)
    if not codes:
        raise Refused("reports.no_codes")
    return Codes(found.heading(column), codes, missing, repeated)


def save_codes(
    report: SourceReport, figure: Figure, found: Codes, *, file_name: str, sha256: str, by: Viewer, at: datetime
) -> SourceCodeList:
    """Keep a list of codes; the newest list of a figure rules."""
    kept = SourceCodeList(
        report_id=report.first_id,
        figure=figure.value,
        heading=found.heading[:300],
        file_name=file_name,
        file_sha256=sha256,
        rows_without_code=found.rows_without_code,
        repeated=found.repeated,
        author=by.name,
        at=at,
    )
    db.session.add(kept)
    db.session.flush()
    db.session.add_all(
        SourceCode(list_id=kept.id, code=code, unit_id=unit_id, unit_text=text)
        for code, (unit_id, text) in found.codes.items()
    )
    event = SourceCodesSaved(figure=figure.value, codes=len(found.codes), file_name=file_name, file_sha256=sha256)
    record(event, entity_id=report.first_id, by=by, at=at)
    return kept


def hash_of(path: Path) -> str:
    """The hash of a file's content."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def headings_of(table: Table[Column], taken: Mapping[int, Column]) -> dict[str, str]:
    """Which headings were taken for which figure, as it is kept with the report."""
    found: dict[str, str] = {}
    for column, word in taken.items():
        heading = table.heading(column)
        found[word.value] = f"{found[word.value]} + {heading}" if word.value in found else heading
    return found
