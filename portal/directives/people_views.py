"""A word to single people: who owes what, and the text to paste into a messenger."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from portal import clock
from portal.directives import people
from portal.directives.messages import SUBJECTS
from portal.directives.rules import Subject
from portal.directives.wording import text_for_person
from portal.directory.queries import person_by_id
from portal.guard import Permission, permit, viewer
from portal.web.respond import or_404, page

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
    """What one person owes, as a text of codes and dates; nothing of an applicant, and no document."""
    lines = people.lines_of_person(person_id, viewer(), clock.local_now())
    person = or_404(person_by_id(person_id) if lines else None)
    text = text_for_person(
        person.full_name,
        {subject: [(line.code, line.due_on) for line in found] for subject, found in lines.items()},
        clock.today(),
    )
    return page("urging/person.html", person=person, lines=lines, text=text, subject_words=SUBJECTS)
