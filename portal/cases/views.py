"""Lists of cases and the case page."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from flask import Blueprint, current_app, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import clock
from portal.audit.queries import events_of_case
from portal.cases import labels, queries, sheet
from portal.cases.change_queries import ChangeQuery, may_open_batch, names_in
from portal.cases.change_words import tell
from portal.cases.filters import BY_DUE, BY_FINISH, TABS, CaseFilters, Show, Sort
from portal.cases.freshness import Freshness, freshness
from portal.cases.lines import line_of, shown_applicant, shown_officer, told_of
from portal.cases.models import Case
from portal.cases.name_queries import names_for_export, names_of, officer_choices, procedure_choices, source_name
from portal.cases.narrowing import Now, now_at
from portal.cases.queries import CaseQuery
from portal.cases.told import pauses_told, spent_on, steps_told
from portal.deadlines.calendar import days
from portal.directory.queries import load_tree
from portal.directory.rules import Line as TreeLine
from portal.directory.rules import UnitTree
from portal.guard import Permission, Viewer, permit, viewer
from portal.web.respond import or_404, page, wants_fragment

bp = Blueprint("cases", __name__, url_prefix="/cases")

OTHERS = tuple(show for show in Show if show not in TABS)
LONGEST_DRAWING = timedelta(days=800)


@bp.get("")
@permit(Permission.READ_CASES)
def index() -> ResponseReturnValue:
    """A list of cases: what needs action first, narrowed by the filters of the URL."""
    filters = CaseFilters.from_args(request.args)
    who, now = viewer(), now_at(clock.local_now())
    tree = None if wants_fragment() else _tree()
    found = _query(filters, now, viewer(), tree).page(filters)
    known = freshness()
    return page(
        "cases/index.html",
        fragment="cases/_rows.html",
        filters=filters,
        found=found,
        lines=[line_of(row, now, who) for row in found.rows],
        labels=labels,
        tabs=[(labels.SHOWS[show], url_of(filters.but(show=show, sort=None)), show is filters.show) for show in TABS],
        url_of=url_of,
        sort_url=lambda sort: url_of(filters.sorted_by(Sort(sort))),
        export_url=_url("cases.export", filters.but()),
        data_as_of=labels.data_line(known),
        other_shows=[(show.value, labels.SHOWS[show]) for show in OTHERS],
        other_lists=[(show, labels.SHOWS[show], url_of(filters.but(show=show, sort=None))) for show in OTHERS],
        period_word=_period_word(filters.show),
        empty=_empty(filters, known) if not found.rows else None,
        ages=[("", _("any")), *((age.value, words) for age, words in labels.AGES.items())],
        choices=_choices(filters, tree) if tree else {},
    )


@bp.get("/export.xlsx")
@permit(Permission.EXPORT_CASES)
def export() -> ResponseReturnValue:
    """The list of the screen as a workbook, masked alike; without the cases of those the reader stands in for."""
    filters = CaseFilters.from_args(request.args).but()
    now = now_at(clock.local_now())
    who = viewer().in_own_right
    query = _query(filters, now, who)
    head = sheet.Head(
        title=str(labels.SHOWS[filters.show]),
        data_line=labels.data_line(freshness()),
        filters=_filter_words(filters),
        total=query.count(),
        is_demo=bool(current_app.config.get("DEMO")),
    )
    # An open file without a name: gone with the answer, whatever happens.
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cases.xlsx"
        names = names_for_export()
        rows = ((line_of(row, now, who), told_of(row, names, who)) for row in query.every(filters))
        sheet.write(path, head, rows)
        file = path.open("rb")
    name = f"ho-so-{filters.show}-{now.at:%Y%m%d-%H%M}.xlsx"
    return send_file(file, mimetype=sheet.MEDIA_TYPE, as_attachment=True, download_name=name, max_age=0)


@bp.get("/<int:case_id>")
@permit(Permission.READ_CASES)
def show(case_id: int) -> ResponseReturnValue:
    """One case: its facts, its way from receipt to now, its duties, what imports changed, and its trail."""
    row = or_404(CaseQuery.visible_to(viewer()).get(case_id))
    now = now_at(clock.local_now())
    pauses = pauses_told(case_id, viewer())
    steps = steps_told(case_id, viewer())
    changes = ChangeQuery.visible_to(viewer()).of_case(case_id).oldest_first()
    names = names_in(changes)
    source = source_name(row.case.source_id)
    return page(
        "cases/show.html",
        row=row,
        case=row.case,
        line=line_of(row, now, viewer()),
        facts=_facts(row, source),
        now=now.at,
        pauses=[(pause.started_at, pause.ended_at, pause.reason) for pause in pauses],
        pauses_told=pauses,
        steps=steps,
        spent=spent_on(row.case, steps, pauses, now),
        days_off=_days_off(row.case, now),
        changes=[tell(change, names, viewer(), now.calendar) for change in changes],
        may_open_batch=lambda change: may_open_batch(change, viewer()),
        events=events_of_case(case_id),
        has_duties="ledger.case_duties" in current_app.view_functions,
        fault=labels.fault(row.case.data_fault) if row.case.data_fault else "",
        data_as_of=labels.data_line([Freshness(source, row.case.data_as_of)]),
    )


def url_of(filters: CaseFilters) -> str:
    """The URL of a list."""
    return _url("cases.index", filters)


def _url(endpoint: str, filters: CaseFilters) -> str:
    values: dict[str, Any] = dict(filters.to_args())
    return url_for(endpoint, **values)


@dataclass(frozen=True)
class Empty:
    """Why a list has no rows, and what would fill it."""

    why: str
    next: str = ""
    url: str = ""
    action: str = ""
    good: bool = False


def _empty(filters: CaseFilters, known: Sequence[Freshness]) -> Empty:
    if not known:
        url = url_for("imports.new") if viewer().may(Permission.IMPORT_CASES) else ""
        why = _("No case has been imported yet, so no list has rows.")
        return Empty(why, _("The first import of a case list fills this page."), url, _("Import a case list"))
    if filters.after or filters.before:
        url = url_of(filters.but())
        return Empty(_("This page of the list is empty now: the cases have moved on."), "", url, _("First page"))
    if filters.is_narrowed:
        why = _("No case of your scope fits all the filters.")
        return Empty(why, "", url_of(CaseFilters(show=filters.show)), _("Clear the filters"))
    if filters.show in (Show.OVERDUE, Show.LATE, Show.FAULT, Show.STALE, Show.GONE):
        return Empty(_("None. No case of your scope belongs here."), good=True)
    return Empty(_("No case of your scope belongs here now."), _("Cases appear with the next import."))


def _period_word(show: Show) -> str:
    """What a period bounds in this list."""
    if show in BY_FINISH:
        return _("Finished")
    return _("Due") if show in BY_DUE else _("Received")


def _query(filters: CaseFilters, now: Now, who: Viewer, tree: UnitTree | None = None) -> CaseQuery:
    return CaseQuery.visible_to(who).filtered(filters, now, _units_of(filters, tree))


def _units_of(filters: CaseFilters, tree: UnitTree | None) -> frozenset[int] | None:
    """The chosen unit with all that reports in below it, when the reader asked for that."""
    if filters.unit is None or not filters.below:
        return None
    return (tree or _tree()).subtree(TreeLine.REPORTS_IN, filters.unit)


def _tree() -> UnitTree:
    return load_tree(clock.today(), with_ended=True)


def _choices(filters: CaseFilters, tree: UnitTree) -> dict[str, list[Any]]:
    """What the filter bar offers. Officers wait for a unit and procedures for a field: both lists are long."""
    who = viewer()
    units = {filters.unit} if filters.unit else who.headed_units
    fields, procedures = procedure_choices(filters.field, filters.procedure)
    officers = officer_choices(units, filters.officer) if units or filters.officer else ()
    readable = (node for node in tree.nodes.values() if who.sees_all or node.id in who.readable_units)
    return {
        "units": [(node.id, node.name) for node in readable],
        "officers": list(officers),
        "fields": [(field, field) for field in fields],
        "procedures": list(procedures),
    }


def _filter_words(filters: CaseFilters) -> list[tuple[str, str]]:
    """The filters as the head of a sheet says them."""
    sort, descending = filters.order
    chosen = _choices(filters, _tree())
    unit = dict(chosen["units"]).get(filters.unit, "")
    words = [
        (_("List"), str(labels.SHOWS[filters.show])),
        (_("Search"), filters.q),
        (_("Unit"), f"{unit} ({_('with units below')})" if unit and filters.below else unit),
        (_("Officer"), _("not known") if filters.no_officer else dict(chosen["officers"]).get(filters.officer, "")),
        (_("Field"), filters.field),
        (_("Procedure"), dict(chosen["procedures"]).get(filters.procedure, "")),
        (_("Age"), str(labels.AGES[filters.age]) if filters.age else ""),
        (_("From"), _day(filters.from_)),
        (_("To"), _day(filters.to)),
        (_("Order"), f"{labels.SORTS[sort]} {'↓' if descending else '↑'}"),
        (_("Left out"), labels.left_out(viewer())),
        (_("Exported by"), f"{viewer().name}, {clock.local_now():%d/%m/%Y %H:%M}"),
    ]
    return [(name, value) for name, value in words if value]


def _day(day: date | None) -> str:
    return f"{day:%d/%m/%Y}" if day else ""


def _facts(row: queries.CaseRow, source: str) -> list[tuple[str, str]]:
    """The facts of a case that are plain words; dates are written by the template."""
    case = row.case
    numbers = {case.receiving_unit_id} if case.receiving_unit_id else set()
    units = names_of("receiving_unit_id", numbers)
    officer = shown_officer(row.officer, viewer())
    if not officer:
        printed = shown_officer(case.officer_name or "", viewer())
        officer = _("not known (“%(name)s” in the source)", name=printed) if printed else _("not known")
    facts = [
        (_("Applicant"), shown_applicant(case.applicant_name, viewer())),
        (_("Subject"), "" if viewer().masks_applicant else case.subject or ""),
        (_("Field"), row.field),
        (_("Resolving unit"), row.unit),
        (_("Receiving unit"), units.get(case.receiving_unit_id or 0, "")),
        (_("Officer"), officer),
        (_("Channel"), str(labels.CHANNELS.get(case.channel, case.channel))),
        (_("Status in the source"), case.status_text),
        (_("Source"), source),
    ]
    return facts


def _days_off(case: Case, now: Now) -> list[date]:
    """Days on which offices do not work, from the receipt to the last moment the drawing shows."""
    last = max(moment for moment in (case.received_at, case.ruling_due_at, case.finished_at or now.at) if moment)
    first = case.received_at
    if last - first > LONGEST_DRAWING:
        return []
    span = days(first.date(), last.date() + timedelta(days=1))
    return [day for day in span if now.calendar.covers(day) and not now.calendar.is_working(day)]
