"""Where did the days go? Over the cases that ended in a period, by unit, step and officer; each number opens them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import clock
from portal.calendars.queries import current_calendar
from portal.cases.filters import number_from
from portal.cases.freshness import freshness
from portal.cases.labels import data_line
from portal.cases.queries import CaseQuery
from portal.directory.queries import load_tree
from portal.directory.rules import Line, UnitTree
from portal.documents.serving import document_mark, send_bytes
from portal.figures import days_sheet
from portal.figures.aggregate_views import EXCEL
from portal.figures.days import Axis, Behind, Held, Table, added_up, key_of
from portal.figures.days_queries import MOST_CASES, Reach, ended_in, held_in, named, procedures_in, reach_of, units_in
from portal.figures.messages import AXES, BEHIND, NO_NAME
from portal.figures.periods import Period, months_of, period_from, preset_period
from portal.figures.views import PRESETS
from portal.guard import Permission, permit, viewer
from portal.refusal import Refused
from portal.web.respond import or_404, page

bp = Blueprint("days", __name__, url_prefix="/figures/days")
SHOWN = 300


@dataclass(frozen=True)
class Asked:
    """What a URL asks for; units out of reach and unknown words fall back to all."""

    axis: Axis
    period: Period
    unit: int | None
    procedure: int | None
    query: CaseQuery
    units: dict[int, str]

    def to_args(self, **changes: Any) -> dict[str, Any]:
        """The arguments of the URL; those that say nothing are left out."""
        args = {"by": self.axis.value, "unit": self.unit, "procedure": self.procedure, **self.period.to_args()}
        return {name: value for name, value in {**args, **changes}.items() if value is not None}


def _asked() -> Asked:
    tree, period = load_tree(clock.today(), with_ended=True), period_from(request.args, clock.today())
    units = {node.id: node.name for node in tree.nodes.values() if _reads(node.id)}
    unit, procedure = number_from(request.args.get("unit")), number_from(request.args.get("procedure"))
    unit = unit if unit in units else None
    by = request.args.get("by", "")
    query = _narrowed(ended_in(CaseQuery.visible_to(viewer()), period), tree, unit, procedure)
    return Asked(Axis(by) if by in set(Axis) else Axis.UNIT, period, unit, procedure, query, units)


def _narrowed(query: CaseQuery, tree: UnitTree, unit: int | None, procedure: int | None) -> CaseQuery:
    if unit is not None:
        query = query.of_units(tree.subtree(Line.REPORTS_IN, unit))
    return query.of_procedure(procedure) if procedure is not None else query


def _reads(unit_id: int) -> bool:
    return viewer().sees_all or unit_id in viewer().readable_units


def _table(asked: Asked) -> Table:
    return added_up(_held(asked), asked.axis)


def _held(asked: Asked) -> list[Held]:
    """Every step asked for; Refused where there are more than one answer adds up."""
    reach = reach_of(asked.query)
    if reach.is_too_much:
        raise Refused("figures.too_many_cases", n=reach.with_steps, most=MOST_CASES)
    return list(held_in(asked.query, current_calendar()))


@bp.get("")
@permit(Permission.READ_FIGURES)
def index() -> ResponseReturnValue:
    """Allowed against spent, by unit, step or officer."""
    asked = _asked()
    reach = reach_of(asked.query)
    table = Table((), added_up((), asked.axis).total) if reach.is_too_much else _table(asked)
    return page("figures/days.html", table=table, reach=reach, **_context(asked, reach))


def _context(asked: Asked, reach: Reach) -> dict[str, Any]:
    others = {"unit": asked.unit, "procedure": asked.procedure}
    return {
        "asked": asked,
        "period": asked.period,
        "axes": [
            (words, url_for(".index", **asked.to_args(by=axis.value)), axis is asked.axis)
            for axis, words in AXES.items()
        ],
        "presets": [
            (words, url_for(".index", **asked.to_args(**_preset(preset.value))), preset is asked.period.preset)
            for preset, words in PRESETS.items()
        ],
        "preset_days": {preset: preset_period(preset, clock.today()) for preset in PRESETS},
        "procedures": procedures_in(asked.query) if reach.with_steps else [],
        "list_url": lambda line, behind: url_for(".cases", **asked.to_args(key=line.key, behind=behind)),
        "name_of": lambda line: days_sheet.name_of(line, asked.axis),
        "narrower": _narrower(asked) if reach.is_too_much else None,
        "axis_words": AXES[asked.axis],
        "most": MOST_CASES,
        "others": others,
        "form_url": url_for(".index"),
        "data_as_of": data_line(freshness()),
    }


def _narrower(asked: Asked) -> dict[str, Any]:
    """Where to go on when too much is asked for at once: units with their cases, and months."""
    months = months_of(asked.period)
    return {
        "units": [
            (name, url_for(".index", **asked.to_args(unit=ident)), number)
            for ident, name, number in (units_in(asked.query) if asked.unit is None else ())
            if ident in asked.units
        ],
        "months": [(one, url_for(".index", **asked.to_args(period=None, **one.to_args()))) for one in months],
    }


def _preset(value: str) -> dict[str, Any]:
    return {"period": value, "from": None, "to": None}


@bp.get("/cases")
@permit(Permission.READ_FIGURES)
def cases() -> ResponseReturnValue:
    """The cases behind one number, those that went longest over their time first."""
    asked, key, word = _asked(), request.args.get("key", ""), request.args.get("behind", "")
    behind = or_404(Behind(word) if word in set(Behind) else None)
    rows = [
        row
        for row in _held(asked)
        if row.is_behind(behind) and (not key or key_of(row.name(asked.axis), row.is_step) == key)
    ]
    rows.sort(key=lambda row: (-row.over, -row.spent, row.case_id))
    first = rows[0] if rows and key else None
    return page(
        "figures/days_cases.html",
        asked=asked,
        rows=named(rows[:SHOWN]),
        total=len(rows),
        shown=SHOWN,
        case_count=len({row.case_id for row in rows}),
        what=BEHIND[behind],
        name=_name(first, asked.axis) if first else "",
        back=url_for(".index", **asked.to_args()),
        data_as_of=data_line(freshness()),
    )


def _name(held: Held, axis: Axis) -> str:
    if not held.is_step:
        return _("after the last step that was told")
    return held.name(axis) or str(NO_NAME[axis])


@bp.get("/export.xlsx")
@permit(Permission.READ_FIGURES)
def export() -> ResponseReturnValue:
    """The table as a workbook."""
    asked = _asked()
    first, last = f"{asked.period.from_:%d/%m/%Y}", f"{asked.period.to:%d/%m/%Y}"
    scope = asked.units.get(asked.unit, "") if asked.unit is not None else ""
    notes = [
        document_mark(),
        _("Cases that ended from %(first)s to %(last)s", first=first, last=last),
        scope,
        data_line(freshness()),
        f"{_('Exported by')}: {viewer().name}",
    ]
    data = days_sheet.as_workbook(_table(asked), asked.axis, _("Where did the days go?"), [n for n in notes if n])
    return send_bytes(data, f"thoi-gian-xu-ly-{asked.period.to:%Y%m%d}.xlsx", EXCEL)


@bp.get("/export.csv")
@permit(Permission.READ_FIGURES)
def export_csv() -> ResponseReturnValue:
    """The table as text."""
    asked = _asked()
    data = days_sheet.as_csv(_table(asked), asked.axis)
    return send_bytes(data, f"thoi-gian-xu-ly-{asked.period.to:%Y%m%d}.csv", "text/csv")
