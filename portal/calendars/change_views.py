"""Changing the calendar on pages: what is typed or brought in a file is shown first, then applied or discarded."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import clock
from portal.calendars import drafting, queries
from portal.calendars.changes import AddException, Change, EndException, RemoveDay, differences
from portal.calendars.drafting import File
from portal.calendars.forms import DayForm, EndForm, FileForm, HoursForm, ReasonForm
from portal.calendars.hours import written
from portal.calendars.importing import Plan, plan
from portal.calendars.messages import EXCEPTION_WORDS, FILE_FAULTS, OUTCOMES, ROW_FAULTS
from portal.calendars.models import CalendarDraft
from portal.calendars.reading import read_calendar
from portal.calendars.rules import NamedDay
from portal.calendars.sheet import COLUMNS, Line
from portal.calendars.views import exception_form, hours_context, weekday_names, year_context
from portal.database import commit
from portal.directory.sheet import LIMIT_MIB, SheetFault
from portal.guard import Permission, permit, viewer
from portal.refusal import Refused
from portal.web.forms import EmptyForm
from portal.web.respond import done, invalid, or_404, page
from portal.web.words import sentence

bp = Blueprint("calendar_changes", __name__, url_prefix="/calendar")


@bp.post("/<int(min=1,max=9998):year>/days")
@permit(Permission.MANAGE_SETTINGS)
def set_day(year: int) -> ResponseReturnValue:
    """Show what adding or changing a day would do."""
    form = DayForm()
    if form.validate():
        try:
            return _shown(form.change(), form.reason.data)
        except Refused as refused:
            form.form_errors.append(sentence(refused))
    return invalid("calendars/year.html", form=form, **year_context(year))


@bp.post("/days/<int:day_id>/remove")
@permit(Permission.MANAGE_SETTINGS)
def remove_day(day_id: int) -> ResponseReturnValue:
    """Show what taking a day out of force would do."""
    row = or_404(queries.day_of(day_id))
    form = ReasonForm()
    if not form.validate():
        return invalid("calendars/year.html", form=DayForm(formdata=None), **year_context(row.day.year))
    return _shown(RemoveDay(row.day), form.reason.data)


@bp.post("/hours")
@permit(Permission.MANAGE_SETTINGS)
def set_hours() -> ResponseReturnValue:
    """Show what other working hours would do."""
    form = HoursForm()
    if form.validate():
        try:
            return _shown(form.change(), form.reason.data)
        except Refused as refused:
            form.form_errors.append(sentence(refused))
    return invalid("calendars/hours.html", **hours_context(form, exception_form(formdata=None)))


@bp.post("/exceptions")
@permit(Permission.MANAGE_SETTINGS)
def add_exception() -> ResponseReturnValue:
    """Show what an exception of a unit would do."""
    form = exception_form()
    if form.validate():
        try:
            return _shown(AddException(form.exception()), form.reason.data)
        except Refused as refused:
            form.form_errors.append(sentence(refused))
    return invalid("calendars/hours.html", **hours_context(HoursForm(formdata=None), form))


@bp.post("/exceptions/<int:exception_id>/end")
@permit(Permission.MANAGE_SETTINGS)
def end_exception(exception_id: int) -> ResponseReturnValue:
    """Show what ending an exception would do."""
    or_404(queries.exception_of(exception_id))
    form = EndForm()
    if not form.validate():
        context = hours_context(HoursForm(formdata=None), exception_form(formdata=None))
        return invalid("calendars/hours.html", **{**context, "end_form": form})
    return _shown(EndException(exception_id, form.last.data), form.reason.data)


@bp.get("/files/new")
@permit(Permission.MANAGE_SETTINGS)
def new_file() -> ResponseReturnValue:
    """The form of an upload."""
    return page("calendars/new_file.html", form=FileForm(formdata=None), columns=COLUMNS)


@bp.post("/files/new")
@permit(Permission.MANAGE_SETTINGS)
def bring_file() -> ResponseReturnValue:
    """Read a file and show what becomes of each row; the calendar is not touched."""
    form = FileForm()
    if not form.validate():
        return invalid("calendars/new_file.html", form=form, columns=COLUMNS)
    data = form.file.data.read(LIMIT_MIB * 1024 * 1024 + 1)
    try:
        lines = read_calendar(data)
    except SheetFault as fault:
        form.file.errors = [str(FILE_FAULTS[fault.code]) % {**fault.facts, "column": fault.column}]
        return invalid("calendars/new_file.html", form=form, columns=COLUMNS)
    name = (form.file.data.filename or "")[-255:]
    made = _planned(lines, open_year=form.open_year.data)
    file = File(name, hashlib.sha256(data).hexdigest(), [_told(row) for row in made.rows], made.counts)
    return _shown(made.changes, form.reason.data, file)


def _planned(lines: Sequence[Line], *, open_year: bool) -> Plan:
    content = queries.current_content()
    if content is None:
        raise Refused("calendars.not_loaded")
    return plan(lines, content, open_year=open_year)


def _told(row: Any) -> dict[str, Any]:
    """A row of a file as it is kept: facts and codes; the words are made when it is shown."""
    return {
        "row": row.row,
        "outcome": row.outcome,
        "named": row.named.as_json() if row.named else None,
        "before": row.before.as_json() if row.before else None,
        "problems": [[one.column, one.value, one.code, dict(one.facts)] for one in row.problems],
    }


def _shown(change: Change | Sequence[Change], reason: str, file: File | None = None) -> ResponseReturnValue:
    """Keep a change and go to the page that shows what it would do."""
    changes = list(change) if isinstance(change, Sequence) else [change]
    with commit():
        draft_id = drafting.keep(changes, reason, by=viewer(), at=clock.now(), file=file).id
    return done(_("This is what would change. Nothing has been written yet."), url_for(".show", draft_id=draft_id))


@bp.get("/changes/<int:draft_id>")
@permit(Permission.MANAGE_SETTINGS)
def show(draft_id: int) -> ResponseReturnValue:
    """What a change would do, or did."""
    return page("calendars/draft.html", **_context(_draft(draft_id)))


@bp.post("/changes/<int:draft_id>/apply")
@permit(Permission.MANAGE_SETTINGS)
def apply(draft_id: int) -> ResponseReturnValue:
    """Make just the change that was shown; where the calendar has changed meanwhile, show it again instead."""
    draft = _draft(draft_id)
    form = ReasonForm()
    if not form.validate():
        return invalid("calendars/draft.html", **{**_context(draft), "form": form})
    try:
        with commit():
            version_id = drafting.apply_draft(draft, form.reason.data, by=viewer(), at=clock.now()).id
    except Refused as refused:
        if refused.code == "calendars.draft_outdated":
            with commit():
                drafting.show_again(_draft(draft_id))
        return page("calendars/draft.html", status=409, refused=sentence(refused), **_context(_draft(draft_id)))
    return done(_("The calendar has a new version. Counts made from now on use it."), _after(version_id))


def _after(version_id: int) -> str:
    return url_for("calendars.version", version_id=version_id)


@bp.post("/changes/<int:draft_id>/discard")
@permit(Permission.MANAGE_SETTINGS)
def discard(draft_id: int) -> ResponseReturnValue:
    """Leave a change."""
    draft = _draft(draft_id)
    with commit():
        drafting.discard(draft, at=clock.now())
    return done(_("The change was discarded; the calendar is as it was."), url_for("calendars.index"))


def _draft(draft_id: int) -> CalendarDraft:
    """A change this administrator wants to make, or 404."""
    return or_404(queries.draft_of(draft_id, viewer().user_id))


def _context(draft: CalendarDraft) -> dict[str, Any]:
    is_open = draft.state == "shown"
    context: dict[str, Any] = {"draft": draft, "rows": [_worded(row) for row in draft.told.get("rows", ())]}
    context |= {"weekday_names": weekday_names(), "exception_words": EXCEPTION_WORDS}
    context |= {"outcomes": OUTCOMES, "counts": draft.told.get("counts"), "is_open": is_open, "written": written}
    if not is_open:
        return {**context, "differences": []}
    try:
        old, new = drafting.outlook(drafting.changes_of(draft))
    except Refused as refused:
        return {**context, "differences": [], "impossible": sentence(refused), "button": EmptyForm(formdata=None)}
    form = ReasonForm(formdata=None)
    form.reason.data = draft.reason
    units = queries.unit_names(exception.unit_id for exception in (*old.exceptions, *new.exceptions))
    context |= {"old": old, "new": new, "differences": differences(old, new), "units": units}
    return {**context, "form": form, "button": EmptyForm(formdata=None)}


def _worded(row: dict[str, Any]) -> dict[str, Any]:
    """A kept row of a file with its reasons in the reader's language."""
    reasons = [
        (column, value, str(ROW_FAULTS[code]) % facts if facts else str(ROW_FAULTS[code]))
        for column, value, code, facts in row["problems"]
    ]
    named = NamedDay.from_json(row["named"]) if row["named"] else None
    before = NamedDay.from_json(row["before"]) if row["before"] else None
    return {**row, "named": named, "before": before, "reasons": reasons}
