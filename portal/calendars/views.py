"""The calendar on pages: a year with its days off, and why a date is what it is."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import clock
from portal.calendars import actions, queries
from portal.calendars.forms import CountForm, DayForm, ReasonForm
from portal.calendars.rules import DayKind, NamedDay, month_grid, working_days_of_month
from portal.database import commit
from portal.deadlines import DayOutsideCalendar, DayStatus, explain
from portal.guard import Permission, permit, viewer
from portal.refusal import Refused
from portal.web.respond import done, invalid, or_404, page
from portal.web.words import sentence

bp = Blueprint("calendars", __name__, url_prefix="/calendar")
LONGEST_SPAN_DAYS = 400


@bp.get("")
@permit(Permission.READ_CALENDAR)
def index() -> ResponseReturnValue:
    """The year we are in."""
    return redirect(url_for("calendars.year", year=clock.today().year), 303)


@bp.get("/<int(min=1,max=9998):year>")
@permit(Permission.READ_CALENDAR)
def year(year: int) -> ResponseReturnValue:
    """Twelve months with their days off, names and documents."""
    return page("calendars/year.html", form=DayForm(), **_year_context(year))


def _year_context(year: int) -> dict[str, Any]:
    content = queries.current_content()
    years = queries.open_years()
    is_open = content is not None and year in years
    months = range(1, 13) if content is not None and is_open else ()
    return {
        "year": year,
        "years": years,
        "is_open": is_open,
        "months": [
            (month, month_grid(year, month, content), working_days_of_month(year, month, content))
            for month in months
            if content is not None
        ],
        "days": queries.days_of_year(year),
        "versions": queries.versions(),
        "reason_form": ReasonForm(formdata=None),
    }


@bp.post("/<int(min=1,max=9998):year>/days")
@permit(Permission.MANAGE_SETTINGS)
def set_day(year: int) -> ResponseReturnValue:
    """Add a day or change it."""
    form = DayForm()
    if not form.validate():
        return invalid("calendars/year.html", form=form, **_year_context(year))
    named = NamedDay(
        form.day.data,
        DayKind(form.kind.data),
        form.name.data,
        form.document.data,
        DayStatus(form.status.data),
        form.doubt.data or "",
    )
    try:
        with commit():
            actions.set_day(named, form.reason.data, by=viewer(), at=clock.now())
    except Refused as refused:
        form.form_errors.append(sentence(refused))
        return invalid("calendars/year.html", form=form, **_year_context(year))
    return done(_("The day is in the calendar. Counts made from now on use it."), url_for(".year", year=named.day.year))


@bp.post("/days/<int:day_id>/remove")
@permit(Permission.MANAGE_SETTINGS)
def remove_day(day_id: int) -> ResponseReturnValue:
    """Take a day out of force."""
    row = or_404(queries.day_of(day_id))
    form = ReasonForm()
    if not form.validate():
        return invalid("calendars/year.html", form=DayForm(formdata=None), **_year_context(row.day.year))
    year = row.day.year
    with commit():
        actions.remove_day(row, form.reason.data, by=viewer(), at=clock.now())
    return done(_("The day is no longer in the calendar."), url_for(".year", year=year))


@bp.post("/years/<int(min=1,max=9998):year>")
@permit(Permission.MANAGE_SETTINGS)
def open_year(year: int) -> ResponseReturnValue:
    """Declare a year's days known."""
    form = ReasonForm()
    if not form.validate():
        return invalid("calendars/year.html", form=DayForm(formdata=None), **_year_context(year))
    with commit():
        actions.open_year(year, form.reason.data, by=viewer(), at=clock.now())
    return done(_("The year is open for counting."), url_for(".year", year=year))


@bp.get("/count")
@permit(Permission.READ_CALENDAR)
def count() -> ResponseReturnValue:
    """Why this date? The days between two days, each counted or skipped, with the reason."""
    form = CountForm(formdata=request.args)
    if not form.start.data or not form.end.data:
        return page("calendars/count.html", form=form, told=None, problem=None)
    problem = None
    told = []
    if not 0 <= (form.end.data - form.start.data).days <= LONGEST_SPAN_DAYS:
        problem = _("The second day stands after the first, at most %(days)s days.", days=LONGEST_SPAN_DAYS)
    else:
        try:
            told = explain(form.start.data, form.end.data, queries.current_calendar())
        except DayOutsideCalendar:
            problem = _("One of the days lies outside the years that are loaded.")
    return page("calendars/count.html", form=form, told=told, problem=problem, version=queries.current_version_id())
