"""Further explanations on pages: what I owe or am to read, and one of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import clock
from portal.access.messages import ABSENCE_REASONS
from portal.accountability.explanations.actions import supplementing, writing
from portal.accountability.explanations.forms import ReturnForm, SupplementForm, VersionForm
from portal.accountability.explanations.messages import REASONS, SUPPLEMENT_STATES, said
from portal.accountability.explanations.supplement_queries import SupplementQuery, leaves_during
from portal.accountability.explanations.supplements import TO_WRITE, Supplement, SupplementState
from portal.accountability.explanations.views import typing
from portal.accountability.explanations.views.basis import WRITES, ages, bp
from portal.accountability.explanations.views.page import renew
from portal.calendars.queries import current_calendar
from portal.database import commit
from portal.guard import Permission, permit, viewer
from portal.refusal import Conflict, Refused
from portal.web.carrying import carries_text
from portal.web.forms import PortalForm
from portal.web.operations import repeatable
from portal.web.respond import done, invalid, or_404, page


@bp.get("/supplements")
@permit(Permission.WRITE_EXPLANATIONS, Permission.CONCLUDE)
def supplements() -> ResponseReturnValue:
    """Further explanations that I am to write, and those that wait for me to take note."""
    seen, today, calendar = SupplementQuery.visible_to(viewer()), clock.today(), current_calendar()
    return page(
        "explanations/supplements.html",
        owed=seen.owed_by(viewer().person_ids).by_due(),
        unread=seen.unread(viewer()).by_due() if viewer().may(Permission.CONCLUDE) else (),
        age=ages(today, calendar),
        state_words=SUPPLEMENT_STATES,
        reason_words=REASONS,
    )


@bp.get("/supplements/<int:supplement_id>")
@permit(Permission.READ_EXPLANATIONS)
def supplement(supplement_id: int) -> ResponseReturnValue:
    """One further explanation: written by its holder, read by whoever decides."""
    return page("explanations/supplement.html", **_context(_find(supplement_id)))


@bp.post("/supplements/<int:supplement_id>/draft")
@permit(*WRITES)
@repeatable
@carries_text
def save_supplement(supplement_id: int) -> ResponseReturnValue:
    """Save the draft, also while it is typed."""
    found, form, is_typing = _find(supplement_id), SupplementForm(), typing.is_typing()
    if not form.validate() and not is_typing:
        return invalid("explanations/supplement.html", **_context(found, form=form))
    try:
        with commit():
            supplementing.save(
                found, form.said(found.promised_on), version=form.version.data or 0, by=viewer(), at=clock.now()
            )
    except Refused as refused:
        return _not_taken(found, form, refused) if is_typing else _refused(supplement_id, "form", form, refused)
    if is_typing:
        return typing.saved(_find(supplement_id).version, clock.now())
    return done(_("Draft saved."), url_for(".supplement", supplement_id=supplement_id))


@bp.post("/supplements/<int:supplement_id>/submit")
@permit(*WRITES)
@carries_text
def submit_supplement(supplement_id: int) -> ResponseReturnValue:
    """Hand the further explanation in."""
    found, form = _find(supplement_id), SupplementForm()

    def act() -> None:
        supplementing.submit(
            found, form.said(None), version=form.version.data or 0, by=viewer(), at=clock.now(), today=clock.today()
        )

    return _step(found, "form", form, act, _("Supplementary explanation handed in."))


@bp.post("/supplements/<int:supplement_id>/note")
@permit(Permission.CONCLUDE)
def note_supplement(supplement_id: int) -> ResponseReturnValue:
    """Take note of it."""
    found, form = _find(supplement_id), VersionForm()

    def act() -> None:
        supplementing.take_note(found, version=form.version.data or 0, by=viewer(), at=clock.now(), today=clock.today())

    return _step(found, "note_form", form, act, _("Noted."))


@bp.post("/supplements/<int:supplement_id>/return")
@permit(Permission.CONCLUDE)
@carries_text
def return_supplement(supplement_id: int) -> ResponseReturnValue:
    """Ask for more, with a comment."""
    found, form = _find(supplement_id), ReturnForm()

    def act() -> None:
        supplementing.send_back(
            found, form.comment.data or "", version=form.version.data or 0, by=viewer(), at=clock.now(),
            today=clock.today(),
        )  # fmt: skip

    return _step(found, "return_form", form, act, _("Returned to the officer."))


def _find(supplement_id: int) -> Supplement:
    return or_404(SupplementQuery.visible_to(viewer()).get(supplement_id))


def _step(found: Supplement, name: str, form: PortalForm, act: Callable[[], None], words: str) -> ResponseReturnValue:
    """One step: shape, action, answer; what was typed stands on the page again when a rule says no."""
    if not form.validate():
        return invalid("explanations/supplement.html", **_context(found, **{name: form}))
    ident = found.id
    try:
        with commit():
            act()
    except Refused as refused:
        return _refused(ident, name, form, refused)
    return done(words, url_for(".supplement", supplement_id=ident))


def _not_taken(found: Supplement, form: SupplementForm, refused: Refused) -> ResponseReturnValue:
    """What lost against another window while it was typed is kept beside the first explanation."""
    if not isinstance(refused, Conflict):
        return typing.not_saved(refused)
    _keep_beside(found.explanation_id, form)
    return typing.not_saved(refused, clock.now())


def _keep_beside(explanation_id: int, form: SupplementForm) -> None:
    typed = {"happened": form.happened.data or "", "remedy": form.remedy.data or ""}
    with commit():
        writing.keep_beside(typing.window_key(), typed, explanation_id=explanation_id, by=viewer(), at=clock.now())


def _refused(supplement_id: int, name: str, form: PortalForm, refused: Refused) -> ResponseReturnValue:
    if isinstance(refused, Conflict) and isinstance(form, SupplementForm):
        _keep_beside(_find(supplement_id).explanation_id, form)
    form.form_errors.append(said(refused))
    fresh = _find(supplement_id)
    if "version" in form:
        form.version.raw_data, form.version.data = None, fresh.version
    renew(form)
    return page("explanations/supplement.html", status=409, **_context(fresh, **{name: form}))


def _context(found: Supplement, **forms: PortalForm) -> dict[str, Any]:
    who, today = viewer(), clock.today()
    first = found.explanation
    writes = found.holder_id in who.person_ids and found.state in TO_WRITE
    context: dict[str, Any] = {
        "supplement": found,
        "first": first,
        "case": first.case,
        "writes": writes,
        "late": found.state in TO_WRITE and today > found.due_on,
        "others": SupplementQuery.visible_to(who).of_explanation(first.id).by_due(),
        "state_words": SUPPLEMENT_STATES,
        "reason_words": REASONS,
        "leaves": leaves_during(found),
        "leave_words": ABSENCE_REASONS,
    }
    if writes:
        context["form"] = SupplementForm(
            formdata=None, version=found.version, happened=found.happened, remedy=found.remedy,
            promised_on=found.promised_on,
        )  # fmt: skip
    elif found.state == SupplementState.SUBMITTED and supplementing.decides(found, who, today):
        context["note_form"] = VersionForm(formdata=None, version=found.version)
        context["return_form"] = ReturnForm(formdata=None, version=found.version)
    return context | forms
