"""Reconcile pages: a source's own report beside our numbers, per unit, and the very cases that differ."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, abort, current_app, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import clock
from portal.audit.queries import events_of
from portal.cases.filters import number_from
from portal.cases.freshness import freshness
from portal.cases.labels import data_line
from portal.cases.sheet import MEDIA_TYPE
from portal.database import commit
from portal.directory.queries import load_tree
from portal.directory.rules import UnitTree
from portal.documents.store import FileStore
from portal.figures.boards import share_of
from portal.guard import Permission, permit, viewer
from portal.imports.messages import say_fault
from portal.imports.reading import LARGEST_FILE
from portal.refusal import Refused
from portal.reports import actions, messages, queries, sheet
from portal.reports.actions import Draft, DraftRow
from portal.reports.forms import (
    CodesForm,
    ConfirmForm,
    HeadForm,
    TypedForm,
    UploadForm,
    cell_name,
    chosen_columns,
    chosen_units,
    typed_figures,
)
from portal.reports.headings import Column, Name
from portal.reports.keeping import forget_old, open_store
from portal.reports.models import SourceReport
from portal.reports.queries import Comparison, ReportQuery
from portal.reports.rules import Door, Figure, broken_sums, r1_of, r2_of
from portal.reports.tables import days_in
from portal.web.respond import done, invalid, or_404, page
from portal.web.words import sentence

bp = Blueprint("reports", __name__, url_prefix="/reports/reconciliations")

ODD_SHOWN = 300
FIGURE = f"<any({', '.join(Figure)}):figure>"
"""The part of an address that names a figure."""


def store() -> FileStore:
    """Uploaded reports until they are confirmed; afterwards only their hash stays."""
    return open_store(Path(current_app.config["SETTINGS"].data_dir))


@bp.get("")
@permit(Permission.READ_FIGURES)
def index() -> ResponseReturnValue:
    """The reports kept, the latest period first."""
    return page("reports/index.html", reports=ReportQuery.visible_to(viewer()).newest_first())


@bp.get("/new")
@permit(Permission.BRING_REPORTS)
def new() -> ResponseReturnValue:
    """Bring a report as a file."""
    return page("reports/new.html", form=_offer(UploadForm(formdata=None), _tree()))


@bp.post("/read")
@permit(Permission.BRING_REPORTS)
def read() -> ResponseReturnValue:
    """Read a file and show which column was taken for which figure; nothing is kept yet but the file."""
    tree = _tree()
    form = _offer(UploadForm(), tree)
    if not form.validate():
        return invalid("reports/new.html", form=form)
    data = form.file.data.stream.read(LARGEST_FILE + 1)
    forget_old(store(), clock.now())
    kept = store().put(data, "application/octet-stream")
    name = Path(form.file.data.filename).name[:300]
    try:
        table = actions.table_in(store().path(kept.sha256), name)
    except Refused as refused:
        form.file.errors = [say_fault(refused) if refused.code.startswith("imports.") else sentence(refused)]
        return invalid("reports/new.html", form=form)
    first, last = days_in(table.titles)
    confirm = _offer(ConfirmForm(formdata=None), tree)
    confirm.file_name.data, confirm.sha256.data, confirm.one_unit.data = name, kept.sha256, form.one_unit.data
    confirm.source.data, confirm.note.data, confirm.as_of.data = form.source.data, form.note.data, form.as_of.data
    confirm.from_on.data, confirm.to_on.data = form.from_on.data or first, form.to_on.data or last
    return page("reports/confirm.html", **_read_page(confirm, tree, table, table.taken, {}))


@bp.post("/take")
@permit(Permission.BRING_REPORTS)
def take() -> ResponseReturnValue:
    """Keep a report that was read, with the columns and units as people confirmed them."""
    tree = _tree()
    form = _offer(ConfirmForm(), tree)
    if form.sha256.errors or form.file_name.errors or not _is_kept(form.sha256.data):
        raise Refused("reports.file_gone")
    path = store().path(form.sha256.data)
    table = actions.table_in(path, form.file_name.data)
    taken, units = chosen_columns(request.form), chosen_units(request.form)
    shown = _read_page(form, tree, table, taken, units)
    if "look" in request.form or not form.validate():
        return invalid("reports/confirm.html", **shown) if form.errors else page("reports/confirm.html", **shown)
    if any(row.faults for row in shown["rows"]):
        form.form_errors.append(sentence(Refused("reports.column_faults")))
        return invalid("reports/confirm.html", **shown)
    draft = _draft(form, shown["rows"], Door.FILE, form.file_name.data, form.sha256.data,
                   actions.headings_of(table, taken))  # fmt: skip
    try:
        with commit():
            report = actions.save_report(draft, tree, by=viewer(), at=clock.now())
    except Refused as refused:
        form.form_errors.append(sentence(refused))
        return invalid("reports/confirm.html", **shown)
    path.unlink(missing_ok=True)
    return done(_("The report is kept. Here it stands beside our numbers."), _page_of(report))


def _is_kept(sha256: str | None) -> bool:
    return bool(sha256) and len(sha256 or "") == 64 and store().has(sha256 or "")


def _read_page(
    form: ConfirmForm, tree: UnitTree, table: Any, taken: Mapping[int, Column], units: Mapping[int, int]
) -> dict[str, Any]:
    """What the confirming page shows: each column with samples and what it is taken for, each row with its unit."""
    readable = queries.readable_units(viewer(), tree)
    keys = queries.unit_keys(viewer(), tree)
    rows = actions.rows_in(table, taken, keys, units, int(form.one_unit.data or 0) or None)
    words: list[tuple[str, Any]] = [(word.value, label) for word, label in messages.FIGURES.items()]
    words += [(word.value, label) for word, label in messages.NAMES.items()]
    return {
        "form": form,
        "table": table,
        "columns": [(column, table.heading(column), table.samples(column), taken.get(column, ""))
                    for column in sorted(table.headings)],
        "words": [("", _("not taken")), *words],
        "rows": rows,
        "figures": [figure for figure in Figure if any(figure in row.figures for row in rows)],
        "figure_words": messages.FIGURES,
        "unit_choices": [(0, _("leave out")), *readable.items()],
        "units": readable,
        "one_unit": readable.get(int(form.one_unit.data or 0), ""),
        "names": [word for word in taken.values() if isinstance(word, Name)],
    }  # fmt: skip


def _offer(form: Any, tree: UnitTree) -> Any:
    form.offer([(source.id, source.name) for source in queries.sources()])
    if isinstance(form, UploadForm):
        form.offer_units(queries.readable_units(viewer(), tree))
    return form


def _draft(
    form: HeadForm, rows: list[DraftRow], door: Door, file_name: str = "", sha256: str = "",
    headings: Mapping[str, str] | None = None,
) -> Draft:  # fmt: skip
    return Draft(
        source_id=form.source.data or None,
        from_on=form.from_on.data,
        to_on=form.to_on.data,
        as_of=form.moment,
        note=form.note.data or "",
        rows=rows,
        door=door,
        file_name=file_name,
        file_sha256=sha256,
        headings=headings or {},
    )


# --- typed figures, and corrections


@bp.get("/typed")
@permit(Permission.BRING_REPORTS)
def typed() -> ResponseReturnValue:
    """Type a report, unit by unit."""
    form = _offer(TypedForm(formdata=None), _tree())
    return page("reports/typed.html", **_grid(form, {}, [], None))


@bp.post("")
@permit(Permission.BRING_REPORTS)
def create() -> ResponseReturnValue:
    """Keep a typed report."""
    return _save_typed(None)


@bp.get("/<int:report_id>/correct")
@permit(Permission.BRING_REPORTS)
def correct(report_id: int) -> ResponseReturnValue:
    """Correct a report: a new version is kept, the old one stays."""
    report = _brought(report_id)
    head = {"from_on": report.from_on, "to_on": report.to_on, "note": report.note, "source": report.source_id or 0}
    form = _offer(TypedForm(formdata=None, as_of=f"{report.as_of:%d/%m/%Y %H:%M}", **head), _tree())
    values = {
        cell_name(row.unit_id, figure): str(count)
        for row in queries.rows_of(report, viewer())
        if row.unit_id is not None
        for figure, count in queries.told(row).items()
    }
    return page("reports/typed.html", **_grid(form, values, [], report))


@bp.post("/<int:report_id>/correct")
@permit(Permission.BRING_REPORTS)
def replace(report_id: int) -> ResponseReturnValue:
    """Keep a corrected version."""
    return _save_typed(_brought(report_id))


def _save_typed(report: SourceReport | None) -> ResponseReturnValue:
    tree = _tree()
    form = _offer(TypedForm(), tree)
    figures, wrong = typed_figures(request.form, queries.readable_units(viewer(), tree))
    ready = form.validate()
    if wrong:
        form.form_errors.append(_("A count is written with digits only, like 1.234; look at the marked cells."))
    if not ready or wrong:
        return invalid("reports/typed.html", **_grid(form, request.form, wrong, report))
    units = queries.unit_names(figures)
    rows = [DraftRow(units.get(unit_id, ""), unit_id, told) for unit_id, told in figures.items()]
    try:
        with commit():
            kept = actions.save_report(
                _draft(form, rows, Door.TYPED), tree, by=viewer(), at=clock.now(), replaced=report
            )
    except Refused as refused:
        form.form_errors.append(sentence(refused))
        return invalid("reports/typed.html", **_grid(form, request.form, [], report))
    return done(_("The report is kept. Here it stands beside our numbers."), _page_of(kept))


def _grid(form: TypedForm, values: Mapping[str, str], wrong: list[str], report: SourceReport | None) -> dict[str, Any]:
    return {
        "form": form,
        "units": queries.readable_units(viewer(), _tree()),
        "figures": messages.FIGURES,
        "definitions": messages.DEFINITIONS,
        "cell_name": cell_name,
        "values": values,
        "wrong": wrong,
        "report": report,
    }


# --- the comparison


@bp.get("/<int:report_id>")
@permit(Permission.READ_FIGURES)
def show(report_id: int) -> ResponseReturnValue:
    """A report beside our numbers, per unit."""
    versions = ReportQuery.visible_to(viewer()).versions_of(report_id)
    report = or_404(next((version for version in versions if version.id == report_id), None))
    found = queries.compare(report, viewer(), _tree())
    lists = queries.lists_of(report)
    return page(
        "reports/show.html",
        report=report,
        found=found,
        limits=queries.bounds(report),
        data_as_of=_known(report),
        versions=versions,
        is_newest=versions[0].id == report.id,
        lists=lists,
        codes=queries.count_codes(lists.values()),
        form=CodesForm(formdata=None),
        pending=queries.pending_texts() if queries.reads_whole(report, viewer()) else [],
        ratios=_ratios(found),
        may_correct=viewer().may(Permission.BRING_REPORTS) and queries.reads_whole(report, viewer().in_own_right),
        broken=[(line, [messages.CHECKS[check] for check in broken_sums(line.told)])
                for line in found.lines if broken_sums(line.told)],
        events=events_of("source_report", report.first_id),
        **_words(),
    )  # fmt: skip


@bp.get("/<int:report_id>/export.xlsx")
@permit(Permission.READ_FIGURES)
def export(report_id: int) -> ResponseReturnValue:
    """The comparison as a workbook, with a sheet for each list of codes."""
    report = _report(report_id)
    tree = _tree()
    found = queries.compare(report, viewer(), tree)
    odd = {figure: queries.compare_codes(report, codes, viewer()) for figure, codes in queries.lists_of(report).items()}
    head = sheet.Head(report, _known(report), bool(current_app.config.get("DEMO")), viewer().name, clock.local_now())
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "report.xlsx"
        sheet.write(path, head, found, odd, {node.id: node.name for node in tree.nodes.values()})
        file = path.open("rb")
    name = f"doi-chieu-{report.to_on:%Y%m%d}-{report.id}.xlsx"
    answer: Response = send_file(file, mimetype=MEDIA_TYPE, as_attachment=True, download_name=name, max_age=0)
    return answer


@bp.get(f"/<int:report_id>/units/<int:unit_id>/{FIGURE}")
@permit(Permission.READ_FIGURES)
def cell(report_id: int, unit_id: int, figure: str) -> ResponseReturnValue:
    """The cases behind one number: ours, and the near misses whose facts may put them on one side only."""
    report = _report(report_id)
    chosen = Figure(figure)
    tree = _tree()
    if unit_id not in queries.readable_units(viewer(), tree):
        abort(404)
    found = queries.compare(report, viewer(), tree)
    line = or_404(next((line for line in found.lines if line.unit_id == unit_id), None))
    cases = queries.first_cases(report, viewer(), chosen, unit_id)
    counts, near = queries.near_misses(report, viewer(), unit_id, chosen)
    lists = queries.lists_of(report)
    return page(
        "reports/cell.html",
        report=report,
        line=line,
        figure=chosen,
        cell=line.cells[chosen],
        cases=cases,
        total=line.cells[chosen].ours,
        counts=[(messages.WHYS[reason], count) for reason, count in counts.items() if count],
        near=near,
        has_list=chosen in lists,
        limits=queries.bounds(report),
        data_as_of=_known(report),
        **_words(),
    )


# --- lists of codes


@bp.post("/<int:report_id>/codes")
@permit(Permission.BRING_REPORTS)
def add_codes(report_id: int) -> ResponseReturnValue:
    """Keep a list of codes that came with the report."""
    report = _brought(report_id)
    form = CodesForm()
    if not form.validate():
        return done(next(iter(form.errors.values()))[0], _page_of(report))
    name = Path(form.file.data.filename).name[:300]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "codes"
        path.write_bytes(form.file.data.stream.read(LARGEST_FILE + 1))
        codes = actions.codes_in(path, name, queries.unit_keys(viewer(), _tree()))
        sha256 = actions.hash_of(path)
    figure = Figure(form.figure.data)
    with commit():
        actions.save_codes(report, figure, codes, file_name=name, sha256=sha256, by=viewer(), at=clock.now())
    said = _("%(n)s codes were read from the column “%(heading)s”.", n=len(codes.codes), heading=codes.heading)
    return done(said, url_for("reports.codes", report_id=report_id, figure=figure.value))


@bp.get(f"/<int:report_id>/codes/{FIGURE}")
@permit(Permission.READ_FIGURES)
def codes(report_id: int, figure: str) -> ResponseReturnValue:
    """Which codes only we count, which only they, and the facts that explain it."""
    report = _report(report_id)
    kept = or_404(queries.lists_of(report).get(Figure(figure)))
    tree = _tree()
    readable = queries.readable_units(viewer(), tree)
    asked = number_from(request.args.get("unit"))
    unit_id = asked if asked in readable else None
    found = queries.compare_codes(report, kept, viewer(), unit_id)
    names = {node.id: node.name for node in tree.nodes.values()}
    return page(
        "reports/codes.html",
        report=report,
        kept=kept,
        figure=Figure(kept.figure),
        found=found,
        unit_id=unit_id,
        units=names,
        unit_choices=[("", _("all")), *readable.items()],
        by_unit=sorted(found.by_unit.items(), key=lambda pair: (-sum(pair[1][1:]), names.get(pair[0] or 0, ""))),
        shown=ODD_SHOWN,
        limits=queries.bounds(report),
        data_as_of=_known(report),
        **_words(),
    )


def _report(report_id: int) -> SourceReport:
    return or_404(ReportQuery.visible_to(viewer()).get(report_id))


def _brought(report_id: int) -> SourceReport:
    """A report of the viewer's own office, which alone corrects it and adds lists; 404 for those who only read it."""
    report = _report(report_id)
    return or_404(report if queries.reads_whole(report, viewer().in_own_right) else None)


def _page_of(report: SourceReport) -> str:
    return url_for("reports.show", report_id=report.id)


def _tree() -> UnitTree:
    return load_tree(clock.today(), with_ended=True)


def _known(report: SourceReport) -> str:
    """Until when our own data reach, of the report's source where it names one."""
    name = report.source.name if report.source else None
    return data_line([row for row in freshness() if name is None or row.source == name])


def _ratios(found: Comparison) -> list[tuple[str, Any, Any]]:
    """R1 and R2 of both sides, over the units the report tells of."""
    mine, others = found.totals.counts, found.totals.told
    return [
        (_("R1: in time of those resolved with a verdict"), share_of(mine.r1), share_of(r1_of(others))),
        (_("R2: not past due of all cases"), share_of(mine.r2), share_of(r2_of(others))),
    ]


def _words() -> dict[str, Any]:
    return {
        "figure_words": messages.FIGURES,
        "definitions": messages.DEFINITIONS,
        "whys": messages.WHYS,
        "states": messages.STATES,
        "may_bring": viewer().may(Permission.BRING_REPORTS),
    }
