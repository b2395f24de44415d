"""Follow-ups on pages: the list, a person's record, recording one, one with its grounds."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import clock
from portal.accountability.breaches.late import late_by
from portal.accountability.breaches.models import Breach
from portal.accountability.explanations.messages import BLAMES, CLASSES
from portal.accountability.followups import actions, queries
from portal.accountability.followups.actions import Draft
from portal.accountability.followups.forms import CancelForm, FollowupForm
from portal.accountability.followups.messages import FORMS, MEASURES
from portal.accountability.followups.queries import PAGE, FollowupQuery
from portal.accountability.followups.rules import Measure
from portal.accountability.violations.messages import KINDS
from portal.audit.queries import events_of
from portal.calendars.queries import current_calendar
from portal.database import commit
from portal.directory.models import Person
from portal.guard import Permission, permit, viewer
from portal.refusal import Refused
from portal.web.forms import PortalForm
from portal.web.respond import done, invalid, or_404, page
from portal.web.words import sentence

bp = Blueprint("followups", __name__, url_prefix="/follow-ups")


@bp.get("")
@permit(Permission.READ_FOLLOWUPS)
def index() -> ResponseReturnValue:
    """The follow-ups of my reach, the newest first."""
    found, measure = FollowupQuery.visible_to(viewer()), request.args.get("measure", "")
    if measure in list(Measure):
        found = found.of_measure(measure)
    total, before = found.count(), request.args.get("before", type=int)
    rows = list((found.before(before) if before else found).page())
    shown, more = rows[:PAGE], len(rows) > PAGE
    return page(
        "followups/index.html",
        fragment="followups/_rows.html",
        rows=shown,
        total=total,
        measure=measure,
        measure_words=MEASURES,
        form_words=FORMS,
        next_url=url_for(".index", measure=measure, before=shown[-1].id) if more else None,
        show_person=True,
    )


@bp.get("/people/<int:person_id>")
@permit(Permission.READ_FOLLOWUPS)
def person(person_id: int) -> ResponseReturnValue:
    """The record of one person."""
    someone = or_404(queries.person_of(viewer(), person_id))
    found = FollowupQuery.visible_to(viewer()).of_person(person_id)
    return page(
        "followups/person.html",
        fragment="followups/_rows.html",
        person=someone,
        rows=found.page(500),
        total=found.count(),
        measure_words=MEASURES,
        form_words=FORMS,
        next_url=None,
        show_person=False,
    )


@bp.get("/new")
@permit(Permission.RECORD_FOLLOWUPS)
def new() -> ResponseReturnValue:
    """Choose a person, then the measure and its grounds."""
    person_id = request.args.get("person", type=int)
    if person_id is None:
        return page("followups/choose.html", people=queries.people_with_breaches(viewer()))
    someone = or_404(queries.person_of(viewer(), person_id))
    form = FollowupForm(
        formdata=None,
        decided_on=clock.today(),
        grounds=request.args.getlist("breach", int),
        violations=request.args.getlist("violation", int),
    )
    return page("followups/new.html", **_new_context(someone, form))


def _new_context(someone: Person, form: FollowupForm) -> dict[str, Any]:
    return {
        "person": someone,
        "form": form,
        "grounds": queries.grounds_for(viewer(), someone.id),
        "late_by": _lateness(),
        "violations": queries.violations_for(viewer(), someone.id),
        "kind_words": KINDS,
        "record": FollowupQuery.visible_to(viewer()).of_person(someone.id).page(),
        "class_words": CLASSES,
        "blame_words": BLAMES,
        "measure_words": MEASURES,
    }


@bp.post("/people/<int:person_id>")
@permit(Permission.RECORD_FOLLOWUPS)
def create(person_id: int) -> ResponseReturnValue:
    """Record a follow-up against a person."""
    someone, form = or_404(queries.person_of(viewer(), person_id)), FollowupForm()
    if not form.validate():
        return invalid("followups/new.html", **_new_context(someone, form))
    draft = Draft(
        measure=Measure(form.measure.data),
        decided_on=form.decided_on.data,
        form=form.form.data or None,
        decision_number=form.decision_number.data or "",
        signer=form.signer.data or "",
        note=form.note.data or "",
    )
    try:
        with commit():
            made = actions.record_followup(
                someone,
                draft,
                form.grounds.data or [],
                form.violations.data or [],
                by=viewer(),
                at=clock.now(),
                today=clock.today(),
            )
            made_id = made.id
    except Refused as refused:
        _told(form, refused)
        return page("followups/new.html", status=409, **_new_context(someone, form))
    return done(_("Follow-up recorded."), url_for(".show", followup_id=made_id))


@bp.get("/<int:followup_id>")
@permit(Permission.READ_FOLLOWUPS)
def show(followup_id: int) -> ResponseReturnValue:
    """One follow-up with its grounds and trail."""
    return page("followups/show.html", **_show_context(followup_id))


def _show_context(followup_id: int, **more: Any) -> dict[str, Any]:
    followup = or_404(FollowupQuery.visible_to(viewer()).get(followup_id))
    return {
        "followup": followup,
        "late_by": _lateness(),
        "measure_words": MEASURES,
        "form_words": FORMS,
        "kind_words": KINDS,
        "cancel_form": CancelForm(formdata=None),
        "events": events_of("followup", followup_id),
        **more,
    }


@bp.post("/<int:followup_id>/cancel")
@permit(Permission.RECORD_FOLLOWUPS)
def cancel(followup_id: int) -> ResponseReturnValue:
    """Cancel a follow-up by a further row."""
    followup, form = or_404(FollowupQuery.visible_to(viewer()).get(followup_id)), CancelForm()
    if not form.validate():
        return invalid("followups/show.html", **_show_context(followup_id, cancel_form=form))
    try:
        with commit():
            actions.cancel_followup(followup, form.reason.data or "", by=viewer(), at=clock.now())
    except Refused as refused:
        _told(form, refused)
        return page("followups/show.html", status=409, **_show_context(followup_id, cancel_form=form))
    return done(_("Follow-up cancelled; it stays in the record."), url_for(".show", followup_id=followup_id))


def _lateness() -> Callable[[Breach], str]:
    """How late the case of a breach is, in the words of every page."""
    now, calendar = clock.local_now(), current_calendar()
    return lambda breach: late_by(breach, breach.case, now, calendar)


def _told(form: PortalForm, refused: Refused) -> None:
    form.form_errors.append(sentence(refused))
    form.op_id.data = str(uuid.uuid4())
