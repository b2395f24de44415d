"""The list of changes: what the sources said otherwise than before, by kind and unit."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from flask import Blueprint, current_app, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import clock
from portal.calendars.queries import current_calendar
from portal.cases import change_sheet, change_words, labels, sheet
from portal.cases.change_filters import ALL, NOTABLE, ChangeFilters, ChangeKind
from portal.cases.change_queries import ChangeCounts, ChangeQuery, may_open_batch, names_in, source_choices
from portal.cases.freshness import freshness
from portal.cases.lines import shown_officer
from portal.cases.name_queries import officer_choices
from portal.directory.queries import load_tree
from portal.directory.rules import Line, UnitTree
from portal.guard import Permission, Viewer, permit, viewer
from portal.web.respond import page

bp = Blueprint("changes", __name__, url_prefix="/cases/changes")

UNITS_SHOWN = 12


@bp.get("")
@permit(Permission.READ_CASES)
def index() -> ResponseReturnValue:
    """What the sources said otherwise than before: those worth a question first, counted by kind and by unit."""
    filters = ChangeFilters.from_args(request.args)
    tree = load_tree(clock.today(), with_ended=True)
    query = _query(filters, tree, viewer())
    counts = query.count(filters.kinds, filters.family)
    found = query.of_kinds(filters.kinds).page(filters)
    names = names_in(found.rows, {node.id: node.name for node in tree.nodes.values()})
    calendar = current_calendar()
    return page(
        "cases/changes.html",
        filters=filters,
        told=[change_words.tell(row, names, viewer(), calendar) for row in found.rows],
        counts=counts,
        kinds=_kinds(filters, counts),
        units=_units(filters, counts, tree),
        tabs=_tabs(filters),
        kind_choices=[(NOTABLE, _("worth asking about")), (ALL, _("all")), *change_words.KINDS.items()],
        unit_choices=[(node.id, node.name) for node in tree.nodes.values() if _may_read(node.id)],
        officer_choices=_officers(filters),
        source_choices=source_choices(),
        previous=url_of(filters.but(before=found.previous)) if found.previous else None,
        next=url_of(filters.but(after=found.next)) if found.next else None,
        export_url=url_for("changes.export", **filters.but().to_args()),  # type: ignore[arg-type]
        url_of=url_of,
        may_open=lambda row: may_open_batch(row, viewer()),
        shown_officer=lambda name: shown_officer(name, viewer()),
        written=change_words.written,
    )


@bp.get("/export.xlsx")
@permit(Permission.EXPORT_CASES)
def export() -> ResponseReturnValue:
    """The list of the screen as a workbook, masked alike; without the cases of those the reader stands in for."""
    filters = ChangeFilters.from_args(request.args).but()
    tree = load_tree(clock.today(), with_ended=True)
    query = _query(filters, tree, viewer().in_own_right)
    counts = query.count(filters.kinds, filters.family)
    head = sheet.Head(
        title=_("Changes between imports"),
        data_line=labels.data_line(freshness()),
        filters=_filter_words(filters, counts, tree),
        total=counts.total,
        is_demo=bool(current_app.config.get("DEMO")),
    )
    rows = list(query.of_kinds(filters.kinds).every())
    names, calendar, who = names_in(rows), current_calendar(), viewer()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "changes.xlsx"
        told = (change_words.tell(row, names, who, calendar) for row in rows)
        change_sheet.write(path, head, told, lambda name: shown_officer(name, who))
        file = path.open("rb")
    name = f"bien-dong-{clock.local_now():%Y%m%d-%H%M}.xlsx"
    return send_file(file, mimetype=sheet.MEDIA_TYPE, as_attachment=True, download_name=name, max_age=0)


def url_of(filters: ChangeFilters) -> str:
    """The URL of a list of changes."""
    values: dict[str, Any] = dict(filters.to_args())
    return url_for("changes.index", **values)


def _query(filters: ChangeFilters, tree: UnitTree, who: Viewer) -> ChangeQuery:
    below = tree.subtree(Line.REPORTS_IN, filters.unit) if filters.unit is not None and filters.below else None
    return ChangeQuery.visible_to(who).narrowed(filters, below)


def _may_read(unit_id: int) -> bool:
    return viewer().sees_all or unit_id in viewer().readable_units


def _tabs(filters: ChangeFilters) -> list[tuple[str, str, bool]]:
    words = ((NOTABLE, _("Worth asking about")), (ALL, _("All changes")))
    return [(label, url_of(filters.but(kind=kind)), filters.kind == kind) for kind, label in words]


def _kinds(filters: ChangeFilters, counts: ChangeCounts) -> list[dict[str, Any]]:
    """Every kind that occurs, with its count, its note and its list."""
    known = [
        {
            "words": words,
            "count": counts.by_kind[kind],
            "note": change_words.NOTES.get(kind, ""),
            "url": url_of(filters.but(kind=kind.value)),
            "current": filters.kind == kind,
        }
        for kind, words in change_words.KINDS.items()
        if counts.by_kind.get(kind)
    ]
    return known


def _units(filters: ChangeFilters, counts: ChangeCounts, tree: UnitTree) -> list[tuple[str, int, str]]:
    """The units with most changes of the kinds shown: name, count, list."""
    most = sorted(counts.by_unit.items(), key=lambda pair: (-pair[1], pair[0]))
    return [
        (node.name if (node := tree.node(unit)) else _("unit unknown"), count, url_of(filters.but(unit=unit)))
        for unit, count in most
    ]


def _officers(filters: ChangeFilters) -> list[tuple[int, str]]:
    """Officers are offered once a unit is known: the list of all is long."""
    units = {filters.unit} if filters.unit else viewer().headed_units
    return list(officer_choices(units, filters.officer)) if units or filters.officer else []


def _filter_words(filters: ChangeFilters, counts: ChangeCounts, tree: UnitTree) -> list[tuple[str, str]]:
    """The filters, and the counts of the kinds, as the head of the sheet says them."""
    node = tree.node(filters.unit) if filters.unit else None
    kinds = [kind for kind in ChangeKind if counts.by_kind.get(kind) and kind in (filters.kinds or tuple(ChangeKind))]
    words = [
        (_("Kind of change"), _kind_words(filters)),
        (_("Unit"), node.name if node else ""),
        (_("Officer"), dict(_officers(filters)).get(filters.officer or 0, "")),
        (_("Source"), dict(source_choices()).get(filters.source or 0, "") if filters.source else ""),
        (_("Batch"), str(filters.batch or "")),
        (_("From"), f"{filters.from_:%d/%m/%Y}" if filters.from_ else ""),
        (_("To"), f"{filters.to:%d/%m/%Y}" if filters.to else ""),
        (_("Of which"), "; ".join(f"{change_words.KINDS[kind]}: {counts.by_kind[kind]}" for kind in kinds)),
        (_("Left out"), labels.left_out(viewer())),
        (_("Exported by"), f"{viewer().name}, {clock.local_now():%d/%m/%Y %H:%M}"),
    ]
    return [(name, value) for name, value in words if value]


def _kind_words(filters: ChangeFilters) -> str:
    if filters.kind in (NOTABLE, ALL):
        return _("worth asking about") if filters.kind == NOTABLE else _("all")
    return str(change_words.KINDS[ChangeKind(filters.kind)])
