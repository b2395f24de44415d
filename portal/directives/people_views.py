"""A word to single people: who owes what, the text to paste into a messenger, and a numbered note."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue
from flask_babel import ngettext

from portal import clock
from portal.directives import issuing, people, queries
from portal.directives.messages import SUBJECTS
from portal.directives.rules import Subject
from portal.directives.wording import text_for_person
from portal.directory.queries import person_by_id
from portal.documents.serving import document_mark, file_store
from portal.guard import Permission, permit, viewer
from portal.refusal import Refused
from portal.web.forms import EmptyForm
from portal.web.respond import done, invalid, or_404, page
from portal.web.words import sentence

bp = Blueprint("urging_people", __name__, url_prefix="/urging/people")
URGES = (Permission.URGE_UNITS, Permission.ANSWER_URGING)


@bp.get("")
@permit(*URGES)
def index() -> ResponseReturnValue:
    """People of my units who owe something, those who owe most first."""
    found = people.people_owing(viewer(), clock.local_now())
    return page("urging/people.html", people=found, subjects=list(Subject), subject_words=SUBJECTS)


@bp.get("/<int:person_id>")
@permit(*URGES)
def show(person_id: int) -> ResponseReturnValue:
    """What one person owes, as a text of codes and dates, and the notes that can be made of it; no applicant."""
    return page("urging/person.html", **_context(person_id, EmptyForm(formdata=None)))


@bp.post("/<int:person_id>/note/<any(overdue, explanations, apologies):subject>")
@permit(*URGES)
def issue(person_id: int, subject: str) -> ResponseReturnValue:
    """A numbered note to the person, one for each unit for which they owe something of the kind.

    By the office, or by the head in the name of the unit.
    """
    about, form = Subject(subject), EmptyForm()
    context = _context(person_id, form)
    if not form.validate():
        return invalid("urging/person.html", **context)
    issued = 0
    try:
        for unit_id in queries.units_where(about, person_id, viewer(), clock.local_now()):
            issuing.urge(
                about, unit_id, file_store(), person_id=person_id, mark=document_mark(), by=viewer(), at=clock.now(),
                now=clock.local_now(),
            )  # fmt: skip
            issued += 1
        if not issued:
            raise Refused("urging.nothing_owed")
    except Refused as refused:
        form.form_errors.append(sentence(refused))
        form.op_id.data = str(uuid.uuid4())
        return page("urging/person.html", status=409, **context)
    words = ngettext("%(num)s urging note issued.", "%(num)s urging notes issued.", issued)
    return done(words, url_for("urging.index"))


def _context(person_id: int, form: EmptyForm) -> dict[str, Any]:
    lines = people.lines_of_person(person_id, viewer(), clock.local_now())
    person = or_404(person_by_id(person_id) if lines else None)
    text = text_for_person(
        person.full_name,
        {subject: [(line.code, line.due_on) for line in found] for subject, found in lines.items()},
        clock.today(),
        issuing.lateness_in_words(lines.get(Subject.OVERDUE, ()), clock.local_now()),
    )
    return {
        "person": person, "lines": lines, "text": text, "subject_words": SUBJECTS, "form": form,
        "issues": person_id != viewer().person_id,
    }  # fmt: skip
