"""The head of a section reads what their officers wrote, before the head of the unit."""

from __future__ import annotations

from collections.abc import Callable

from flask import url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import clock
from portal.accountability.explanations.actions import sections
from portal.accountability.explanations.forms import PassOnForm, ReturnForm, VersionForm
from portal.accountability.explanations.models import Explanation
from portal.accountability.explanations.queries import ExplanationQuery
from portal.accountability.explanations.views.basis import Basis, ages, bp, find
from portal.accountability.explanations.views.page import context_of, refused_page
from portal.database import commit
from portal.guard import Permission, permit, viewer
from portal.refusal import Refused
from portal.web.carrying import carries_text
from portal.web.respond import done, invalid, page


@bp.get("/sections")
@permit(Permission.CONCLUDE)
def with_section() -> ResponseReturnValue:
    """What I read before the head of the unit."""
    basis, who = Basis.read(), viewer()
    rows = ExplanationQuery.visible_to(who).read_first_by(who, basis.deciders.heads, basis.today).by_due()
    return page("explanations/sections.html", rows=rows, age=ages(basis.today, basis.calendar))


@bp.post("/<int:explanation_id>/pass-on")
@permit(Permission.CONCLUDE)
@carries_text
def pass_on(explanation_id: int) -> ResponseReturnValue:
    """Say what I think and give it to the head."""
    explanation, form = find(explanation_id), PassOnForm()
    opinion, version = form.opinion.data or "", form.version.data or 0

    def act() -> None:
        sections.pass_on(explanation, opinion, version=version, by=viewer(), at=clock.now(), today=clock.today())

    words = _("%(code)s is passed on to the head of the unit.", code=explanation.case.code)
    return _step(explanation, form, "section_form", act, words)


@bp.post("/<int:explanation_id>/section-return")
@permit(Permission.CONCLUDE)
@carries_text
def return_from_section(explanation_id: int) -> ResponseReturnValue:
    """Ask the officer for a rework before the head reads it."""
    explanation, form = find(explanation_id), ReturnForm()
    comment, version = form.comment.data or "", form.version.data or 0

    def act() -> None:
        sections.return_from_section(
            explanation, comment, version=version, by=viewer(), at=clock.now(), today=clock.today()
        )

    words = _("%(code)s is returned to the officer.", code=explanation.case.code)
    return _step(explanation, form, "section_return_form", act, words)


def _step(
    explanation: Explanation, form: VersionForm, name: str, act: Callable[[], None], words: str
) -> ResponseReturnValue:
    """One step of the section, then its list: what was passed on or returned is no longer theirs to look at."""
    if not form.validate():
        return invalid("explanations/show.html", **context_of(explanation, **{name: form}))
    try:
        with commit():
            act()
    except Refused as refused:
        return refused_page(explanation, form, name, refused)
    return done(words, url_for(".with_section"))
