"""Absences and stand-ins on pages: made by the person, their head, or the administrator; ended by the same.

They stand above the explanations, because the term of an explanation does not run while its holder is on leave.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import SelectChoice

from portal import clock
from portal.access import actions, queries
from portal.access.forms import AbsenceForm, BackForm
from portal.access.messages import ABSENCE_REASONS
from portal.access.models import Absence
from portal.access.rules import AbsenceReason
from portal.accountability.explanations.leave import follow_leave
from portal.accountability.violations import leave as violation_leave
from portal.database import commit
from portal.directory.models import Person
from portal.directory.queries import load_tree, person_by_id, postings_on, units_in_force
from portal.directory.rules import Line
from portal.guard import Permission, Viewer, permit, viewer
from portal.refusal import Refused
from portal.web.respond import done, invalid, or_404, page
from portal.web.words import sentence

bp = Blueprint("absences", __name__)


@bp.get("/absences")
@permit(Permission.SIGNED_IN)
def index() -> ResponseReturnValue:
    """Who is away or will be: I, those I stand in for, and the people of my units."""
    who, today = viewer(), clock.today()
    people = _people_of(who, today)
    rows = queries.absences_of({*people, who.person_id or 0}, today)
    return page(
        "access/absences.html", rows=rows, today=today, reason_words=ABSENCE_REASONS,
        manages=lambda row: row.person_id == who.person_id or row.person_id in people,
        back_form=lambda row: BackForm(formdata=None, back_on=max(today, row.first_day)),
        others=sorted(people.values(), key=lambda person: person.sort_key),
    )  # fmt: skip


@bp.get("/people/<int:person_id>/absences/new")
@permit(Permission.SIGNED_IN)
def new(person_id: int) -> ResponseReturnValue:
    """The form of an absence."""
    person, today = _managed(person_id), clock.today()
    form = _offer(AbsenceForm(formdata=None, first_day=today), person)
    return page("access/new_absence.html", **_context(person, form))


@bp.post("/people/<int:person_id>/absences/new")
@permit(Permission.SIGNED_IN)
def create(person_id: int) -> ResponseReturnValue:
    """Record the absence; from its first day on the stand-in acts."""
    person = _managed(person_id)
    form = _offer(AbsenceForm(), person)
    if not form.validate():
        return invalid("access/new_absence.html", **_context(person, form))
    stand_in = or_404(person_by_id(form.stand_in.data))
    try:
        with commit():
            actions.record_absence(
                person, stand_in, AbsenceReason(form.reason.data), form.first_day.data, form.last_day.data,
                document=form.document.data or "", note=form.note.data or "", by=viewer(), at=clock.now(),
                today=clock.today(),
            )  # fmt: skip
            _follow(person_id)
    except Refused as refused:
        form.form_errors.append(sentence(refused))
        return page("access/new_absence.html", status=409, **_context(person, form))
    return done(_("Recorded. The stand-in acts on these days, under their own name."), url_for(".index"))


@bp.post("/absences/<int:absence_id>/end")
@permit(Permission.SIGNED_IN)
def end(absence_id: int) -> ResponseReturnValue:
    """The person is back."""
    absence, form = _absence(absence_id), BackForm()
    if not form.validate():
        return done(_("Type the day on which the person is back."), url_for(".index"))
    with commit():
        actions.end_absence(absence, form.back_on.data, by=viewer(), at=clock.now(), today=clock.today())
        _follow(absence.person_id)
    return done(_("The absence ends before that day."), url_for(".index"))


def _follow(person_id: int) -> None:
    """Let the open terms of a person follow their leave: of explanations, further ones, answers to violations."""
    follow_leave(by=viewer(), at=clock.now(), person_id=person_id)
    violation_leave.follow_leave(by=viewer(), at=clock.now(), person_id=person_id)


def _people_of(who: Viewer, today: date) -> dict[int, Person]:
    """Those whose absences the viewer keeps as head or administrator: people who hold posts in their units only.

    A stand-in acts in every post of the absent person: who answers for one of them does not hand on the others.
    """
    units = who.headed_units | (who.admin_units if who.may(Permission.MANAGE_DIRECTORY) else frozenset())
    held = postings_on(today) if units else ()
    outside = {posting.person_id for posting in held if posting.unit_id not in units}
    kept = (posting for posting in held if posting.person_id not in outside | {who.person_id})
    return {posting.person_id: posting.person for posting in kept}


def _managed(person_id: int) -> Person:
    """The viewer, or a person of their units; 404 for anybody else."""
    who = viewer()
    if person_id == who.person_id:
        return or_404(person_by_id(person_id))
    return or_404(_people_of(who, clock.today()).get(person_id))


def _absence(absence_id: int) -> Absence:
    """An absence the viewer may end, or 404."""
    absence = or_404(queries.absence_by_id(absence_id))
    _managed(absence.person_id)
    return absence


def _offer(form: AbsenceForm, person: Person) -> AbsenceForm:
    """As stand-ins: who works in the person's units, directly above them, or in the unit that was chosen."""
    today = clock.today()
    tree = load_tree(today)
    own = {posting.unit_id for posting in postings_on(today, person_id=person.id)}
    above = {parent for unit in own if (parent := tree.parent(Line.MANAGED_BY, unit)) is not None}
    chosen = request.args.get("unit", type=int)
    near = own | above | ({chosen} if chosen else set())
    held = sorted(postings_on(today), key=lambda posting: (posting.unit_id not in own, posting.person.sort_key))
    people = {
        posting.person_id: f"{posting.person.full_name} – {posting.position or posting.unit.name}"
        for posting in held
        if posting.unit_id in near and posting.person_id != person.id
    }
    form.stand_in.choices = [SelectChoice(ident, words) for ident, words in people.items()]
    return form


def _context(person: Person, form: AbsenceForm) -> dict[str, Any]:
    units = [("", "–"), *((unit.id, unit.name) for unit in units_in_force(clock.today()))]
    return {"person": person, "form": form, "units": units, "unit": request.args.get("unit", "")}
