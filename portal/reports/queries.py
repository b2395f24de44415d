"""Reading reports of the sources and what lies beside them: our counts, the cases of a cell, the codes that differ."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

from sqlalchemy import ColumnElement, Select, and_, case, exists, false, func, or_, select, true
from sqlalchemy.orm import aliased

from portal import clock
from portal.cases.change_queries import BATCHES
from portal.cases.models import Case, CaseChange, Source
from portal.cases.queries import CaseQuery, CaseRow
from portal.cases.rules import State
from portal.cases.words import ended_at, is_counted, state_word, word
from portal.database import db
from portal.directory.models import Unit
from portal.directory.queries import load_tree
from portal.directory.rules import UnitTree
from portal.figures.queries import By, counts_by_key
from portal.figures.rules import Counts
from portal.guard import Viewer
from portal.imports.header import key_of
from portal.imports.models import BatchRow, PendingRow, SourceName
from portal.imports.rules import NameKind, NameState
from portal.reports.models import SourceCode, SourceCodeList, SourceReport, SourceReportRow
from portal.reports.rules import (
    STATES,
    Cell,
    Figure,
    KnownCase,
    Split,
    Told,
    Why,
    cells,
    split,
    why,
)

PAGE = 50
SHOWN = 200
CHUNK = 5_000
MOVES = ("due_later", "due_earlier", "due_added", "due_removed")


@dataclass(frozen=True)
class ReportQuery:
    """Reports of the sources, for those who read the figures of some unit in them."""

    viewer: Viewer
    statement: Select[Any]

    @classmethod
    def visible_to(cls, viewer: Viewer) -> Self:
        """Reports brought by a unit the viewer reads, and those that tell of such a unit."""
        return cls(viewer, select(SourceReport).where(_in_reach(viewer)))

    def newest_first(self, limit: int = PAGE) -> Sequence[SourceReport]:
        """The ruling versions, the latest period first."""
        found = self.statement.where(~_is_replaced()).order_by(SourceReport.to_on.desc(), SourceReport.id.desc())
        return db.session.scalars(found.limit(limit)).all()

    def get(self, report_id: int) -> SourceReport | None:
        """One version of one report."""
        found: SourceReport | None = db.session.scalar(self.statement.where(SourceReport.id == report_id))
        return found

    def versions_of(self, report_id: int) -> Sequence[SourceReport]:
        """All versions of the report that a version belongs to, the newest first; none where it is out of scope."""
        first = select(func.coalesce(SourceReport.root_id, SourceReport.id)).where(SourceReport.id == report_id)
        root = first.scalar_subquery()
        same = or_(SourceReport.id == root, SourceReport.root_id == root)
        found = db.session.scalars(self.statement.where(same).order_by(SourceReport.id.desc())).all()
        return found if any(version.id == report_id for version in found) else ()


def _in_reach(viewer: Viewer) -> ColumnElement[bool]:
    if viewer.sees_all:
        return true()
    units = sorted(viewer.readable_units)
    if not units:
        return false()
    told = exists().where(SourceReportRow.report_id == SourceReport.id, SourceReportRow.unit_id.in_(units))
    return or_(SourceReport.unit_id.in_(units), told)


def _is_replaced() -> ColumnElement[bool]:
    later = aliased(SourceReport)
    return exists().where(later.replaces_id == SourceReport.id)


def is_replaced(report: SourceReport) -> bool:
    """Whether a later version rules."""
    return bool(db.session.scalar(select(exists().where(SourceReport.replaces_id == report.id))))


def reads_whole(report: SourceReport, viewer: Viewer) -> bool:
    """Whether the viewer reads the report of who brought it, also rows and codes of no unit we know."""
    return viewer.sees_all or (report.unit_id is not None and report.unit_id in viewer.readable_units)


def rows_of(report: SourceReport, viewer: Viewer) -> Sequence[SourceReportRow]:
    """The rows of a report that the viewer reads, in its order."""
    found = select(SourceReportRow).where(SourceReportRow.report_id == report.id)
    if not viewer.sees_all:
        readable = SourceReportRow.unit_id.in_(sorted(viewer.readable_units))
        nobodys = SourceReportRow.unit_id.is_(None) if reads_whole(report, viewer) else false()
        found = found.where(or_(readable, nobodys))
    return db.session.scalars(found.order_by(SourceReportRow.id)).all()


def told(row: SourceReportRow) -> dict[Figure, int]:
    """The figures of a row under their names."""
    return {Figure(name): int(value) for name, value in row.figures.items() if name in set(Figure)}


@dataclass(frozen=True)
class Bounds:
    """The period of a report as moments: both days whole, the end at the report's moment where that lies within."""

    start: datetime
    end: datetime
    as_of: datetime


def bounds(report: SourceReport) -> Bounds:
    """From when to when a report counts; our state is taken at the same end."""
    end = clock.end_of(report.to_on)
    start = clock.start_of(report.from_on)
    return Bounds(start, report.as_of if start <= report.as_of < end else end, report.as_of)


@dataclass(frozen=True)
class Line:
    """One unit on both sides. ``is_told``: whether the report has a row for it; ``text``: its name in the report."""

    unit_id: int | None
    name: str
    text: str
    counts: Counts
    told: Told
    is_told: bool
    cells: Mapping[Figure, Cell]

    @property
    def differs(self) -> bool:
        """Whether any figure told differs from ours."""
        return any(cell.difference for cell in self.cells.values())


@dataclass(frozen=True)
class Comparison:
    """A report beside our counts. ``figures`` are those it tells; ``total`` its own last line, if it has one."""

    lines: Sequence[Line]
    unknown: Sequence[SourceReportRow]
    totals: Line
    total_row: SourceReportRow | None
    figures: Sequence[Figure]


def compare(report: SourceReport, viewer: Viewer, tree: UnitTree | None = None) -> Comparison:
    """Every unit of the report, then every other unit of ours with cases in its period, side by side."""
    tree = tree or load_tree(clock.today(), with_ended=True)
    limits = bounds(report)
    counted = counts_by_key(By.UNIT, report.from_on, report.to_on, viewer, limits.end, source_id=report.source_id)
    rows = rows_of(report, viewer)
    known = [row for row in rows if row.unit_id is not None and not row.is_total]
    lines = [_line(row, counted.get(row.unit_id, Counts()), tree) for row in known]
    named = {row.unit_id for row in known}
    nothing: Told = {}
    for unit_id, counts in counted.items():
        if unit_id is not None and unit_id not in named and counts.population:
            lines.append(Line(unit_id, _name(tree, unit_id), "", counts, nothing, False, cells(counts, nothing)))
    order = {unit_id: place for place, unit_id in enumerate(tree.nodes)}
    lines.sort(key=lambda line: (not line.is_told, order.get(line.unit_id or 0, len(order)), line.name))
    figures = [figure for figure in Figure if any(line.cells[figure].theirs is not None for line in lines)]
    return Comparison(
        lines=lines,
        unknown=[row for row in rows if row.unit_id is None and not row.is_total],
        totals=_totals([line for line in lines if line.is_told]),
        total_row=next((row for row in rows if row.is_total), None),
        figures=figures,
    )


def _line(row: SourceReportRow, counts: Counts, tree: UnitTree) -> Line:
    figures = told(row)
    name = _name(tree, row.unit_id or 0) or row.unit_text
    return Line(row.unit_id, name, row.unit_text, counts, figures, True, cells(counts, figures))


def _name(tree: UnitTree, unit_id: int) -> str:
    node = tree.node(unit_id)
    return node.name if node else ""


def _totals(lines: Sequence[Line]) -> Line:
    """The units of the report together; a figure is a total only where every unit tells it."""
    counts = sum((line.counts for line in lines), Counts())
    summed: dict[Figure, int] = {}
    for figure in Figure:
        values = [line.cells[figure].theirs for line in lines]
        known = [value for value in values if value is not None]
        if lines and len(known) == len(values):
            summed[figure] = sum(known)
    return Line(None, "", "", counts, summed, True, cells(counts, summed))


# --- the cases of a cell


def cases_in(report: SourceReport, viewer: Viewer, figure: Figure, unit_id: int | None = None) -> CaseQuery:
    """Our cases that a figure counts; of one unit, or of all the viewer reads."""
    limits = bounds(report)
    query = CaseQuery.visible_to(viewer).where(is_counted(limits.start, limits.end))
    if unit_id is not None:
        query = query.of_units({unit_id})
    if report.source_id is not None:
        query = query.where(Case.source_id == report.source_id)
    if figure in STATES:
        return query.where(state_word(limits.end).in_([word(state) for state in STATES[figure]]))
    if figure is Figure.RECEIVED:
        return query.where(Case.received_at >= limits.start)
    return query.where(Case.received_at < limits.start) if figure is Figure.CARRIED_OVER else query


@dataclass(frozen=True)
class Near:
    """A case that may stand on one side only, and the facts that say so."""

    case_id: int
    code: str
    due_at: datetime | None
    finished_at: datetime | None
    data_as_of: datetime
    facts: Sequence[Why]
    in_cell: bool


NEAR = (Why.GONE, Why.NO_TERM, Why.FAULT, Why.DUE_MOVED, Why.OTHER_UNIT, Why.OTHER_SOURCE, Why.NEWER_DATA)
"""The near misses a cell without a list of codes is searched for."""


def near_misses(
    report: SourceReport, viewer: Viewer, unit_id: int, figure: Figure
) -> tuple[dict[Why, int], Sequence[Near]]:
    """Cases of a unit whose facts may put them on one side only: how many of each, and the first of them."""
    limits = bounds(report)
    flags = _near_flags(report, unit_id, limits)
    query = CaseQuery.visible_to(viewer).where(Case.received_at <= limits.end)
    here = or_(Case.resolving_unit_id == unit_id, flags[Why.OTHER_UNIT])
    condition = and_(here, or_(*flags.values()))
    in_cell = Case.id.in_(cases_in(report, viewer, figure, unit_id).ids())
    wanted = select(Case.id, Case.code, Case.ruling_due_at, Case.finished_at, Case.data_as_of, in_cell, *flags.values())
    rows = db.session.execute(wanted.where(*query.conditions, condition).order_by(Case.id).limit(SHOWN)).all()
    near = [_near(row, list(flags)) for row in rows]
    if len(near) < SHOWN:
        return {reason: sum(reason in one.facts for one in near) for reason in flags}, near
    sums = [func.sum(case((flag, 1), else_=0)).label(reason.value) for reason, flag in flags.items()]
    found = db.session.execute(select(*sums).select_from(Case).where(*query.conditions, condition)).one()
    return {reason: int(value or 0) for reason, value in zip(flags, found, strict=True)}, near


def _near(row: Any, reasons: Sequence[Why]) -> Near:
    facts = [reason for reason, holds in zip(reasons, row[6:], strict=True) if holds]
    return Near(row[0], row[1], row[2], row[3], row[4], facts, bool(row[5]))


def _near_flags(report: SourceReport, unit_id: int, limits: Bounds) -> dict[Why, ColumnElement[bool]]:
    later = and_(
        CaseChange.case_id == Case.id, CaseChange.batch_id == BATCHES.c.id, BATCHES.c.data_as_of > limits.as_of
    )
    away = and_(
        CaseChange.case_id == Case.id,
        CaseChange.kind == word("unit_changed"),
        or_(CaseChange.old == str(unit_id), CaseChange.new == str(unit_id)),
    )
    moved = and_(CaseChange.case_id == Case.id, CaseChange.kind.in_([word(kind) for kind in MOVES]))
    other: ColumnElement[bool] = Case.source_id != report.source_id if report.source_id is not None else false()
    return {
        Why.GONE: Case.gone_since.is_not(None),
        Why.NO_TERM: Case.ruling_due_at.is_(None),
        Why.FAULT: Case.data_fault.is_not(None),
        Why.DUE_MOVED: exists().where(moved),
        Why.OTHER_UNIT: exists().where(away),
        Why.OTHER_SOURCE: other,
        Why.NEWER_DATA: exists().where(later),
    }


def pending_texts(limit: int = 20) -> Sequence[tuple[str, int]]:
    """The units that waiting rows name, with how many rows name them; they are in no count of ours."""
    count = func.count().label("rows")
    found = select(func.max(PendingRow.unit_text), count).where(PendingRow.settled_at.is_(None))
    found = found.group_by(PendingRow.unit_folded).order_by(count.desc(), PendingRow.unit_folded).limit(limit)
    return [(text, rows) for text, rows in db.session.execute(found)]


# --- lists of codes


def lists_of(report: SourceReport) -> dict[Figure, SourceCodeList]:
    """The newest list of codes of each figure."""
    found = select(SourceCodeList).where(SourceCodeList.report_id == report.first_id).order_by(SourceCodeList.id)
    return {Figure(row.figure): row for row in db.session.scalars(found)}


def count_codes(lists: Iterable[SourceCodeList]) -> dict[int, int]:
    """How many codes each list holds."""
    ids = [row.id for row in lists]
    found = select(SourceCode.list_id, func.count()).where(SourceCode.list_id.in_(ids)).group_by(SourceCode.list_id)
    return {ident: count for ident, count in db.session.execute(found)} if ids else {}


@dataclass(frozen=True)
class OddCode:
    """A code that one side counts and the other does not, with what we know of it."""

    code: str
    case_id: int | None
    unit_id: int | None
    unit_text: str
    state: State | None
    due_at: datetime | None
    finished_at: datetime | None
    facts: Sequence[Why]


@dataclass(frozen=True)
class CodeComparison:
    """Two sets of codes: how many on each side, and the ones that differ with the facts that explain them."""

    ours: int
    theirs: int
    split: Split
    only_ours: Sequence[OddCode]
    only_theirs: Sequence[OddCode]
    by_unit: Mapping[int | None, tuple[int, int, int]] = field(default_factory=dict)


def compare_codes(
    report: SourceReport, codes: SourceCodeList, viewer: Viewer, unit_id: int | None = None
) -> CodeComparison:
    """Which codes only we count and which only they; of one unit, or of all the viewer reads."""
    figure = Figure(codes.figure)
    our_units = dict(_our_codes(cases_in(report, viewer, figure, unit_id)))
    their_units = _their_codes(report, codes, viewer, unit_id)
    parted = split(our_units, their_units)
    known = _known_cases(report, viewer, (*parted.only_ours, *parted.only_theirs))
    waiting = _waiting(parted.only_theirs) if reads_whole(report, viewer) else {}
    limits = bounds(report)
    mine = [_odd(code, known.get(code), None, "", report, limits, waiting, True) for code in sorted(parted.only_ours)]
    others = [
        _odd(code, known.get(code), *their_units[code], report, limits, waiting, False)
        for code in sorted(parted.only_theirs)
    ]
    return CodeComparison(
        len(our_units), len(their_units), parted, mine, others, _by_unit(parted, our_units, mine, others)
    )


def _our_codes(query: CaseQuery) -> Iterator[tuple[str, int]]:
    found = select(Case.code, Case.resolving_unit_id).where(*query.conditions)
    return ((row.code, row.resolving_unit_id) for row in db.session.execute(found))


def _their_codes(
    report: SourceReport, codes: SourceCodeList, viewer: Viewer, unit_id: int | None
) -> dict[str, tuple[int | None, str]]:
    """Their codes with the unit the list names. Who reads only some units is shown the codes of those units."""
    unit = func.coalesce(SourceCode.unit_id, Case.resolving_unit_id)
    found = select(SourceCode.code, SourceCode.unit_id, SourceCode.unit_text).outerjoin(
        Case, Case.code == SourceCode.code
    )
    found = found.where(SourceCode.list_id == codes.id)
    if not reads_whole(report, viewer):
        found = found.where(unit.in_(sorted(viewer.readable_units)))
    if unit_id is not None:
        found = found.where(unit == unit_id)
    return {code: (ident, text) for code, ident, text in db.session.execute(found)}


def _known_cases(report: SourceReport, viewer: Viewer, codes: Iterable[str]) -> dict[str, tuple[int, KnownCase]]:
    """What we know of some codes, as far as the viewer reads the cases."""
    limits = bounds(report)
    moves = select(func.count()).where(
        CaseChange.case_id == Case.id, CaseChange.kind.in_([word(kind) for kind in MOVES])
    )
    counted = case((is_counted(limits.start, limits.end), state_word(limits.end)))
    columns = (
        Case.id, Case.code, Case.resolving_unit_id, Case.source_id, Case.received_at, Case.ruling_due_at,
        Case.finished_at, ended_at(), Case.data_as_of, Case.gone_since, Case.data_fault, counted,
        moves.scalar_subquery(),
    )  # fmt: skip
    query = CaseQuery.visible_to(viewer)
    found: dict[str, tuple[int, KnownCase]] = {}
    wanted = sorted(codes)
    for place in range(0, len(wanted), CHUNK):
        chosen = select(*columns).where(*query.conditions, Case.code.in_(wanted[place : place + CHUNK]))
        for row in db.session.execute(chosen):
            found[row[1]] = row[0], KnownCase(
                unit_id=row[2], source_id=row[3], received_at=row[4], due_at=row[5], finished_at=row[6],
                ended_at=row[7], data_as_of=row[8], is_gone=row[9] is not None, has_fault=row[10] is not None,
                state=State(row[11]) if row[11] else None, due_moves=row[12],
            )  # fmt: skip
    return found


def _waiting(codes: Iterable[str]) -> dict[str, Why]:
    """Codes that wait for their unit, and codes whose row was rejected."""
    found: dict[str, Why] = {}
    wanted = sorted(codes)
    for place in range(0, len(wanted), CHUNK):
        part = wanted[place : place + CHUNK]
        refused = select(BatchRow.value).where(BatchRow.kind == "rejected", BatchRow.value.in_(part))
        found.update(dict.fromkeys(filter(None, db.session.scalars(refused)), Why.REJECTED))
        pending = select(PendingRow.code).where(PendingRow.settled_at.is_(None), PendingRow.code.in_(part))
        found.update(dict.fromkeys(db.session.scalars(pending), Why.PENDING))
    return found


def _odd(
    code: str, known: tuple[int, KnownCase] | None, unit_id: int | None, text: str, report: SourceReport,
    limits: Bounds, waiting: Mapping[str, Why], is_ours: bool,
) -> OddCode:  # fmt: skip
    if known is None:
        return OddCode(code, None, unit_id, text, None, None, None, [waiting.get(code, Why.UNKNOWN)])
    ident, facts = known
    reasons = why(
        facts, start=limits.start, end=limits.end, as_of=limits.as_of, source_id=report.source_id,
        their_unit=unit_id, is_ours=is_ours,
    )  # fmt: skip
    return OddCode(code, ident, unit_id or facts.unit_id, text, facts.state, facts.due_at, facts.finished_at, reasons)


def _by_unit(
    parted: Split, our_units: Mapping[str, int], mine: Iterable[OddCode], others: Iterable[OddCode]
) -> dict[int | None, tuple[int, int, int]]:
    """Per unit: on both sides, only ours, only theirs."""
    sums: dict[int | None, list[int]] = {}
    for code in parted.both:
        sums.setdefault(our_units[code], [0, 0, 0])[0] += 1
    for place, odds in ((1, mine), (2, others)):
        for odd in odds:
            sums.setdefault(odd.unit_id, [0, 0, 0])[place] += 1
    return {unit: (both, only_mine, only_others) for unit, (both, only_mine, only_others) in sums.items()}


# --- for the forms


def sources() -> Sequence[Source]:
    """All sources by name."""
    return db.session.scalars(select(Source).order_by(Source.name)).all()


def readable_units(viewer: Viewer, tree: UnitTree) -> dict[int, str]:
    """The units whose figures the viewer may bring: those they read, in the order of the directory."""
    return {node.id: node.name for node in tree.nodes.values() if viewer.sees_all or node.id in viewer.readable_units}


def unit_keys(viewer: Viewer, tree: UnitTree) -> dict[str, int]:
    """The names, codes and mapped names that mean exactly one readable unit."""
    units = readable_units(viewer, tree)
    keys: dict[str, set[int]] = {}
    for ident, name in units.items():
        node = tree.nodes[ident]
        for text in (name, node.code, name.removeprefix("UBND ")):
            keys.setdefault(key_of(text), set()).add(ident)
    mapped = select(SourceName.folded, SourceName.unit_match).where(
        SourceName.kind == NameKind.UNIT.value, SourceName.state == NameState.MAPPED.value
    )
    for folded, match in db.session.execute(mapped):
        if match is not None and match in units:
            keys[folded] = {match}
    return {key: next(iter(found)) for key, found in keys.items() if len(found) == 1}


def unit_of(text: str, keys: Mapping[str, int]) -> int | None:
    """The one unit a written name means, with or without "UBND" before it; None where that is not sure."""
    key = key_of(text)
    return keys.get(key) or keys.get(key.removeprefix("ubnd "))


def unit_names(ids: Iterable[int | None]) -> dict[int, str]:
    """Names of units."""
    wanted = sorted({ident for ident in ids if ident is not None})
    return {i: name for i, name in db.session.execute(select(Unit.id, Unit.name).where(Unit.id.in_(wanted)))}


def first_cases(report: SourceReport, viewer: Viewer, figure: Figure, unit_id: int) -> Sequence[CaseRow]:
    """The first of our cases in a cell."""
    return cases_in(report, viewer, figure, unit_id).first(SHOWN)
