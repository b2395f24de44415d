"""The boards: units and officers, what is resolved, late and overdue, and what it takes to reach the floor."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from portal import clock
from portal.cases.filters import CaseFilters, Show, number_from
from portal.cases.freshness import freshness
from portal.cases.labels import data_line
from portal.cases.views import url_of
from portal.directory.queries import load_tree
from portal.directory.rules import Line, UnitTree
from portal.figures.aggregate_queries import AggregateQuery, sums_by_unit, sums_of
from portal.figures.boards import BoardLine, Measure, by_need, line_of, measure_of, share_of
from portal.figures.messages import QUANTITIES
from portal.figures.periods import Period, Preset, period_from, preset_period
from portal.figures.queries import By, Row, Summary, online_counts, summary, units_of_people
from portal.figures.rules import Online, to_floor, whole_months
from portal.guard import Permission, permit, viewer
from portal.policy.queries import rule_set
from portal.web.respond import page

bp = Blueprint("figures", __name__, url_prefix="/figures")

PRESETS: dict[Preset, LazyString] = {
    Preset.YEAR: _l("Year so far"),
    Preset.QUARTER: _l("Report quarter (15th to 14th)"),
    Preset.LAST_QUARTER: _l("Last report quarter"),
    Preset.WEEK: _l("This week (from Monday)"),
    Preset.LAST_WEEK: _l("Last week"),
    Preset.MONTH: _l("This month"),
    Preset.LAST_MONTH: _l("Last month"),
}


@bp.get("/units")
@permit(Permission.READ_FIGURES)
def units() -> ResponseReturnValue:
    """Which units need action: R1 against the floor with the overdue beside it, late and overdue cases, R2."""
    period, rolled_up = period_from(request.args, clock.today()), request.args.get("successors") == "1"
    found = _summary(period, By.UNIT, successors=rolled_up)
    board = _board(found, period, "figures.units", _unit_links, successors=rolled_up)
    other: dict[str, Any] = period.to_args() | ({} if rolled_up else {"successors": "1"})
    return page(
        "figures/units.html", **board, rolled_up=rolled_up, beside=_beside(found, period),
        other_url=url_for("figures.units", **other),
    )  # fmt: skip


@bp.get("/officers")
@permit(Permission.READ_FIGURES)
def officers() -> ResponseReturnValue:
    """Late and overdue cases per officer, of one unit or of the whole scope."""
    period = period_from(request.args, clock.today())
    tree = load_tree(clock.today(), with_ended=True)
    unit = _readable_unit(tree)
    chosen = tree.subtree(Line.REPORTS_IN, unit) if unit is not None else None
    found = _summary(period, By.OFFICER, chosen)
    return page(
        "figures/officers.html",
        **_board(found, period, "figures.officers", _officer_links, unit=unit),
        beside=_beside(found, period, chosen),
        places=units_of_people({row.id for row in found.rows if row.id is not None}, clock.today()),
        unit=unit,
        unit_choices=[(node.id, node.name) for node in tree.nodes.values() if _may_read(node.id)],
    )


def _summary(period: Period, by: By, unit_ids: frozenset[int] | None = None, *, successors: bool = False) -> Summary:
    """The counts of a period; one that ends today is told as of this moment, as the lists are."""
    today = clock.today()
    at = clock.local_now() if period.to == today else None
    return summary(period.from_, period.to, today, by, viewer(), at, unit_ids, successors=successors)


def _beside(found: Summary, period: Period, unit_ids: frozenset[int] | None = None) -> dict[str, Any]:
    """What stands beside the ratios: the online share, and counts that no case list carries of whole months."""
    at = clock.local_now() if period.to == found.on else None
    online = sum(online_counts(period.from_, period.to, viewer(), unit_ids, at).values(), Online())
    months = whole_months(period.from_, period.to)
    query = AggregateQuery.visible_to(viewer())
    if unit_ids is not None:
        query = query.of_units(unit_ids)
    sums = sums_of(sums_by_unit(query.between(*months).ruling())) if months else {}
    return {
        "online": online,
        "share": share_of(online.share),
        "share_of_all": share_of(online.share_of_all),
        "months": months,
        "sums": [(words, sums[quantity]) for quantity, words in QUANTITIES.items() if quantity in sums],
    }


def _may_read(unit_id: int) -> bool:
    return viewer().sees_all or unit_id in viewer().readable_units


def _readable_unit(tree: UnitTree) -> int | None:
    """The unit of the URL, if the viewer reads its cases."""
    number = number_from(request.args.get("unit"))
    return number if number is not None and number in tree and _may_read(number) else None


def _board(
    found: Summary, period: Period, endpoint: str, links: Any, unit: int | None = None, *, successors: bool = False
) -> dict[str, Any]:
    """What both boards show: totals first, then the lines that need action most."""
    rules = rule_set(period.to)
    measure = measure_of(rules.floor_pct, rules.colour_bands)
    total = line_of(Row(None, "", "", found.totals), measure)
    more: dict[str, Any] = {"unit": unit} if unit is not None else {}
    more |= {"successors": 1} if successors else {}
    return {
        "found": found,
        "period": period,
        "total": total,
        "lines": [(line, links(line, period)) for line in by_need(line_of(row, measure) for row in found.rows)],
        "floor": rules.floor_pct,
        "to_floor": to_floor(found.totals.in_time, found.totals.judged, measure.floor),
        "units_below": _count_below(found, measure),
        "presets": [
            (words, url_for(endpoint, period=preset.value, **more), preset is period.preset)
            for preset, words in PRESETS.items()
        ],
        "preset_days": {preset: preset_period(preset, clock.today()) for preset in PRESETS},
        "form_url": url_for(endpoint),
        "data_as_of": data_line(freshness()),
        "period_args": period.to_args(),
    }


def _count_below(found: Summary, measure: Measure) -> int:
    return sum(1 for row in found.rows if line_of(row, measure).below)


def _unit_links(line: BoardLine, period: Period) -> dict[str, str]:
    """The lists of a unit; of a row rolled up, whose cases stand in several lists, its successor's own."""
    return _links(line, period, unit=line.row.id)


def _officer_links(line: BoardLine, period: Period) -> dict[str, str]:
    return _links(line, period, officer=line.row.id, no_officer=line.row.id is None)


def _links(line: BoardLine, period: Period, **who: Any) -> dict[str, str]:
    """The lists behind the numbers of a line. Overdue cases are those of now, whatever the period."""
    late = CaseFilters(show=Show.LATE, from_=period.from_, to=period.to, **who)
    return {"late": url_of(late), "overdue": url_of(CaseFilters(show=Show.OVERDUE, **who))}
