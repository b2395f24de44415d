"""The yearly sheets: everyone in scope, one officer on one A4, and the workbook."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from flask import Blueprint, abort, current_app, request, send_file
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from portal import clock
from portal.database import commit
from portal.evaluation import actions
from portal.evaluation.queries import Sheets, breach_lines
from portal.evaluation.rules import Subject, Year, year_of
from portal.figures.rules import pct
from portal.guard import Permission, permit, viewer
from portal.policy import queries as policy
from portal.web.respond import or_404, page

bp = Blueprint("evaluation", __name__, url_prefix="/evaluation")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FIRST_YEAR = 2020
WORDS = {
    "subjective": _l("subjective"),
    "objective": _l("objective"),
    "technical": _l("technical"),
    "other_body": _l("other body"),
    "unconfirmed": _l("not confirmed by a competent body"),
    "not_concluded": _l("not concluded"),
    "full": _l("full"),
    "shared": _l("shared"),
    "none": _l("none"),
}
LETTER_WORDS = {
    "waiting": _l("to be drafted"),
    "draft": _l("draft"),
    "signed": _l("signed"),
    "numbered": _l("numbered"),
    "sent": _l("sent"),
    "exempt": _l("exempt"),
    "cancelled": _l("cancelled"),
}


def asked_year(year: int) -> Year:
    """The evaluation year of an address; years before the calendars, or still to come, do not exist."""
    return _year_by(policy.rule_set(clock.today()), year)


def _year_by(rules: policy.RuleSet, year: int) -> Year:
    if not FIRST_YEAR <= year <= rules.on.year + 1:
        abort(404)
    asked = Year(year, *rules.evaluation_year.span(year), rules.on)
    if not asked.has_begun:
        abort(404)
    return asked


def this_year(asked: Year) -> int:
    """The evaluation year that today belongs to, seen from the one that was asked for."""
    return year_of(asked.on, (asked.first.month, asked.first.day))


@bp.get("/<int:year>")
@permit(Permission.READ_EVALUATION)
def index(year: int) -> ResponseReturnValue:
    """Officers, heads or units of the year with their figures, those with most to answer for first."""
    asked = asked_year(year)
    wanted = request.args.get("group", Subject.OFFICER)
    group = Subject(wanted) if wanted in list(Subject) else Subject.OFFICER
    sheets = Sheets(asked, viewer()).of(group)
    return page(
        "evaluation/index.html", year=asked, group=group, sheets=sheets, this_year=this_year(asked), percent=pct
    )


@bp.get("/<int:year>/officers/<int:person_id>")
@permit(Permission.READ_EVALUATION)
def officer(year: int, person_id: int) -> ResponseReturnValue:
    """The sheet of one officer: one A4 with its figures and the breaches behind them."""
    rules = policy.rule_set(clock.today())
    asked = _year_by(rules, year)
    sheet = or_404(Sheets(asked, viewer(), rules).officer(person_id))
    lines = breach_lines(asked, viewer(), officer_id=person_id)
    words: dict[str, Any] = {"words": WORDS, "letter_words": LETTER_WORDS, "percent": pct}
    return page("evaluation/officer.html", year=asked, sheet=sheet, lines=lines, **words)


@bp.get("/<int:year>/workbook.xlsx")
@permit(Permission.EXPORT_EVALUATION)
def export(year: int) -> ResponseReturnValue:
    """The workbook of the year; that it was taken is written to the trail before it is given out."""
    asked = asked_year(year)
    demo = bool(current_app.config.get("DEMO"))
    made = actions.make_workbook(asked, scope=viewer().label, by=viewer(), today=clock.today(), demo=demo)
    with commit():
        actions.record_export(made, by=viewer(), at=clock.now())
    return send_file(
        BytesIO(made.content), mimetype=XLSX, as_attachment=True, download_name=f"danh-gia-{asked.year}.xlsx"
    )
