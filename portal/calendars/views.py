"""The calendar on pages: a year with its days off, hours, versions, and why a date is what it is."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import clock
from portal.calendars import queries
from portal.calendars.changes import differences
from portal.calendars.forms import CountForm, DayForm, EndForm, ExceptionForm, HoursForm, ReasonForm
from portal.calendars.hours import HoursFrom, written
from portal.calendars.messages import EXCEPTION_WORDS
from portal.calendars.months import swap_marks, year_of
from portal.calendars.rules import Content
from portal.deadlines import DayOutsideCalendar, explain
from portal.directory.queries import units_in_force
from portal.guard import Permission, permit, viewer
from portal.web.filters import WEEKDAYS
from portal.web.respond import or_404, page

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
    form = DayForm(formdata=None)
    edited = request.args.get("edit", type=int)
    row = queries.day_of(edited) if edited and viewer().may(Permission.MANAGE_SETTINGS) else None
    if row is not None:
        form.process(obj=row, data={"reason": ""})
        form.reason.data = ""
    return page("calendars/year.html", form=form, **year_context(year))


def weekday_names() -> list[str]:
    """The days of the week in the reader's language, Monday first."""
    return [str(name) for name in WEEKDAYS]


def year_context(year: int) -> dict[str, Any]:
    """What the page of a year shows."""
    content = queries.current_content()
    years = queries.open_years()
    is_open = content is not None and year in years
    shown = content if is_open else None
    return {
        "year": year,
        "years": years,
        "is_open": is_open,
        "months": year_of(year, shown) if shown else (),
        "marks": swap_marks(year, shown) if shown else {},
        "days": queries.days_of_year(year),
        "exceptions": queries.exceptions_of_year(year),
        "reason_form": ReasonForm(formdata=None),
        "weekday_names": weekday_names(),
        "exception_words": EXCEPTION_WORDS,
    }


@bp.get("/hours")
@permit(Permission.READ_CALENDAR)
def hours() -> ResponseReturnValue:
    """The working hours of each weekday, and the exceptions of units."""
    form = HoursForm(formdata=None)
    rows = queries.hours_rows()
    if rows:
        form.fill(HoursFrom.from_json({"valid_from": rows[-1].valid_from, "week": rows[-1].week}))
    return page("calendars/hours.html", **hours_context(form, exception_form()))


def exception_form(**more: Any) -> ExceptionForm:
    """The form of an exception with the units of today to choose from."""
    form = ExceptionForm(**more)
    form.unit.choices = [(unit.id, unit.name) for unit in units_in_force(clock.today())]
    return form


def hours_context(form: HoursForm, exception: ExceptionForm) -> dict[str, Any]:
    """What the page of hours and exceptions shows."""
    return {
        "form": form,
        "exception_form": exception,
        "end_form": EndForm(formdata=None),
        "rows": [HoursFrom.from_json(queries.fields_of(row)) for row in queries.hours_rows()],
        "exceptions": queries.exceptions(),
        "written": written,
        "weekday_names": weekday_names(),
        "exception_words": EXCEPTION_WORDS,
    }


@bp.get("/versions")
@permit(Permission.READ_CALENDAR)
def versions() -> ResponseReturnValue:
    """Every state of the calendar: when, by whom, why."""
    return page("calendars/versions.html", versions=queries.versions())


@bp.get("/versions/<int:version_id>")
@permit(Permission.READ_CALENDAR)
def version(version_id: int) -> ResponseReturnValue:
    """What one version says otherwise than another; by default than the one before it."""
    found = or_404(queries.version_of(version_id))
    wanted = request.args.get("against", type=int)
    other = or_404(queries.version_of(wanted)) if wanted else queries.version_before(version_id)
    new = Content.from_json(found.content)
    old = Content.from_json(other.content) if other else Content(new.covered_from, new.covered_from, ())
    return page(
        "calendars/version.html",
        version=found,
        other=other,
        versions=queries.versions(),
        differences=differences(old, new),
        old=old,
        new=new,
        units=queries.unit_names(exception.unit_id for exception in (*old.exceptions, *new.exceptions)),
        written=written,
        weekday_names=weekday_names(),
        exception_words=EXCEPTION_WORDS,
    )


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
