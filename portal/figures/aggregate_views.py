"""Counts that no case list carries: a month of all units, the grid of one unit to type, its history, exports."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, abort, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import clock
from portal.cases.filters import number_from
from portal.cases.freshness import freshness
from portal.cases.labels import data_line
from portal.database import commit
from portal.directory.queries import load_tree
from portal.directory.rules import UnitTree
from portal.documents.serving import document_mark, send_bytes
from portal.figures import actions, aggregate_sheet
from portal.figures.aggregate_queries import (
    AggregateQuery,
    field_like,
    known_fields,
    sums_by_unit,
    sums_of,
    values_of,
)
from portal.figures.boards import share_of
from portal.figures.forms import AggregatesForm, cell_name, month_from, typed_values
from portal.figures.messages import QUANTITIES
from portal.figures.queries import online_counts
from portal.figures.rules import Online, Quantity, month_of, next_month, share
from portal.guard import Permission, permit, viewer
from portal.refusal import Refused
from portal.web.respond import done, invalid, page
from portal.web.words import sentence

bp = Blueprint("aggregates", __name__, url_prefix="/figures/aggregates")

MOST_ROWS = 500
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.get("")
@permit(Permission.READ_FIGURES)
def index() -> ResponseReturnValue:
    """The counts of a month, unit by unit, beside what came through the system."""
    month = _month()
    tree = load_tree(clock.today(), with_ended=True)
    sums = sums_by_unit(AggregateQuery.visible_to(viewer()).between(month, month).ruling())
    received = online_counts(month, _last_day(month), viewer())
    readable = _readable(tree)
    total = sum(received.values(), Online())
    return page(
        "figures/aggregates.html",
        month=month,
        previous=month_of(month - timedelta(days=1)),
        next=next_month(month) if next_month(month) <= clock.today() else None,
        quantities=QUANTITIES,
        lines=[_line(unit_id, name, sums.get(unit_id, {}), received.get(unit_id, Online()))
               for unit_id, name in readable.items()],
        total=_line(None, _("Total"), sums_of(sums), total),
        data_as_of=data_line(freshness()),
    )  # fmt: skip


def _line(unit_id: int | None, name: str, sums: Mapping[Quantity, int], received: Online) -> dict[str, Any]:
    """A unit's counts, with the system intake rate and the online share of payments where they can be told."""
    outside = sums.get(Quantity.RECEIVED_OUTSIDE)
    whole = received.received + outside if outside is not None else 0
    payments, online = sums.get(Quantity.PAYMENTS, 0), sums.get(Quantity.PAYMENTS_ONLINE)
    return {
        "unit_id": unit_id,
        "name": name,
        "sums": sums,
        "received": received.received,
        "intake": share_of(share(received.received, whole)),
        "paid_online": share_of(share(online, payments) if online is not None else None),
    }


@bp.get("/<int:unit_id>/<int:year>/<int:number>")
@permit(Permission.READ_FIGURES)
def unit(unit_id: int, year: int, number: int) -> ResponseReturnValue:
    """One unit and month: a row for each field, and who said what when."""
    month, name = _month_of(year, number), _unit_name(unit_id)
    query = AggregateQuery.visible_to(viewer()).of_units([unit_id]).between(month, month)
    rows = query.ruling()
    fields = ["", *known_fields()]
    added = request.args.get("field", "").strip()[:300]
    if added and field_like(added, fields) not in fields:
        fields.append(added)
    known = values_of(rows)
    values = {
        cell_name(row, quantity): known[unit_id, field, month, quantity]
        for row, field in enumerate(fields)
        for quantity in Quantity
        if (unit_id, field, month, quantity) in known
    }
    history = query.history()
    source = next((row.source for row in reversed(rows)), "")
    form = AggregatesForm(formdata=None, source=source, seen=str(max((row.id for row in history), default=0)))
    return page("figures/aggregate_unit.html", **_grid(unit_id, name, month, fields, form, values, []), history=history)


@bp.post("/<int:unit_id>/<int:year>/<int:number>")
@permit(Permission.BRING_REPORTS)
def save(unit_id: int, year: int, number: int) -> ResponseReturnValue:
    """Keep what the grid says otherwise than before."""
    month, name = _month_of(year, number), _unit_name(unit_id)
    form = AggregatesForm()
    fields = [request.form.get(f"field-{row}", "")[:300].strip() for row in range(_row_count())]
    query = AggregateQuery.visible_to(viewer()).of_units([unit_id]).between(month, month)
    told, wrong = typed_values(request.form, fields)
    shown = _grid(unit_id, name, month, fields, form, request.form, wrong)
    if form.field_name.data and "add" in request.form:
        known = ["", *known_fields()]
        shown["fields"] = [*fields, field_like(form.field_name.data, known)]
        form.field_name.data = form.field_name.raw_data = None
        return page("figures/aggregate_unit.html", **shown, history=query.history())
    if wrong:
        form.form_errors.append(_("A count is written with digits only, like 1.234; look at the marked cells."))
    if not form.validate() or wrong:
        return invalid("figures/aggregate_unit.html", **shown, history=query.history())
    values = {(unit_id, field, month, quantity): value for (field, quantity), value in told.items()}
    seen = number_from(form.seen.data)
    try:
        with commit():
            changed = actions.save_aggregates(values, source=form.source.data, by=viewer(), at=clock.now(), seen=seen)
    except Refused as refused:
        form.form_errors.append(sentence(refused))
        return invalid("figures/aggregate_unit.html", **shown, history=query.history())
    said = _("%(n)s counts were kept.", n=len(changed)) if changed else _("Nothing differs from what was told before.")
    return done(said, url_for("aggregates.unit", unit_id=unit_id, year=year, number=number))


def _row_count() -> int:
    """How many rows the grid that was sent had; bounded."""
    return min(number_from(request.form.get("rows")) or 0, MOST_ROWS)


def _grid(
    unit_id: int, name: str, month: date, fields: list[str], form: AggregatesForm, values: Mapping[str, Any],
    wrong: list[str],
) -> dict[str, Any]:  # fmt: skip
    return {
        "unit_id": unit_id,
        "name": name,
        "month": month,
        "previous": month_of(month - timedelta(days=1)),
        "next": next_month(month) if next_month(month) <= clock.today() else None,
        "fields": fields,
        "form": form,
        "values": values,
        "wrong": wrong,
        "quantities": QUANTITIES,
        "cell_name": cell_name,
        "may_type": viewer().may(Permission.BRING_REPORTS),
    }


@bp.get("/export.xlsx")
@permit(Permission.READ_FIGURES)
def export() -> ResponseReturnValue:
    """The counts of a month as a workbook."""
    month, table = _month(), _table()
    notes = [text for text in (document_mark(), f"{_('Exported by')}: {viewer().name}") if text]
    title = _("Counts beside the case lists, month %(month)s", month=f"{month:%m/%Y}")
    data = aggregate_sheet.as_workbook(table, title, notes)
    return send_bytes(data, f"so-lieu-tong-hop-{month:%Y%m}.xlsx", EXCEL)


@bp.get("/export.csv")
@permit(Permission.READ_FIGURES)
def export_csv() -> ResponseReturnValue:
    """The counts of a month as text."""
    return send_bytes(aggregate_sheet.as_csv(_table()), f"so-lieu-tong-hop-{_month():%Y%m}.csv", "text/csv")


def _table() -> list[list[str | int | None]]:
    month = _month()
    tree = load_tree(clock.today(), with_ended=True)
    units = {node.id: (node.code, node.name) for node in tree.nodes.values()}
    return aggregate_sheet.lines(AggregateQuery.visible_to(viewer()).between(month, month).ruling(), units)


def _month() -> date:
    """The month of the URL; the last whole one where it names none."""
    return month_from(request.args.get("month", ""), month_of(month_of(clock.today()) - timedelta(days=1)))


def _month_of(year: int, number: int) -> date:
    if not (1 <= number <= 12 and actions.FIRST_MONTH.year <= year <= clock.today().year):
        abort(404)
    return date(year, number, 1)


def _last_day(month: date) -> date:
    return next_month(month) - timedelta(days=1)


def _readable(tree: UnitTree) -> dict[int, str]:
    who = viewer()
    return {node.id: node.name for node in tree.nodes.values() if who.sees_all or node.id in who.readable_units}


def _unit_name(unit_id: int) -> str:
    """The name of a readable unit; 404 for any other."""
    name = _readable(load_tree(clock.today(), with_ended=True)).get(unit_id)
    if name is None:
        abort(404)
    return name
