"""The officer's pages: what he owes, and one explanation with its facts."""

from __future__ import annotations

from dataclasses import replace

from flask import Response, jsonify, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import clock
from portal.accountability.explanations import queries
from portal.accountability.explanations.actions import writing
from portal.accountability.explanations.forms import AlreadyDoneForm, AnswerForm
from portal.accountability.explanations.messages import STATES, said
from portal.accountability.explanations.models import Explanation
from portal.accountability.explanations.queries import ExplanationQuery
from portal.accountability.explanations.rules import WRITABLE, State
from portal.accountability.explanations.views.basis import SHOWN, WRITES, bp, find
from portal.accountability.explanations.views.page import context_of, refused_page, step
from portal.accountability.explanations.views.writing_forms import answer_form, not_mine_form
from portal.calendars.queries import current_calendar
from portal.database import commit
from portal.documents.serving import keep_upload, send_stored
from portal.guard import Permission, permit, viewer
from portal.refusal import Refused
from portal.web.operations import repeatable
from portal.web.respond import done, invalid, or_404, page


@bp.get("")
@permit(Permission.WRITE_EXPLANATIONS, Permission.READ_EXPLANATIONS)
def mine() -> ResponseReturnValue:
    """What I owe, in the order in which it falls due; then what I have answered."""
    owed = ExplanationQuery.visible_to(viewer()).held_by(*viewer().person_ids)
    today, calendar = clock.today(), current_calendar()
    return page(
        "explanations/mine.html",
        fragment="explanations/_mine.html",
        open_ones=owed.in_states(*WRITABLE).by_due(),
        answered=owed.in_states(State.SUBMITTED, State.CONCLUDED, State.CANCELLED).by_due(SHOWN),
        age=lambda due_on: calendar.working_days_between(due_on, today),
        state_words=STATES,
    )


@bp.get("/<int:explanation_id>")
@permit(Permission.READ_EXPLANATIONS)
def show(explanation_id: int) -> ResponseReturnValue:
    """One explanation: the facts, the writing, and afterwards the road it went."""
    return page("explanations/show.html", **context_of(find(explanation_id)))


@bp.post("/<int:explanation_id>/draft")
@permit(*WRITES)
@repeatable
def save(explanation_id: int) -> ResponseReturnValue:
    """Save the draft, also while it is typed; a date that cannot be read never costs the text."""
    explanation, form = find(explanation_id), answer_form()
    typing = request.accept_mimetypes.best == "application/json"
    if not form.validate() and not typing:
        return invalid("explanations/show.html", **context_of(explanation, answer_form=form))
    answer = form.answer()
    if form.commitment_on.errors:  # half-typed: the date that was saved before stays
        answer = replace(answer, commitment_on=explanation.commitment_on)
    try:
        if not typing:
            _attach(explanation, form)
        with commit():
            writing.save_draft(
                explanation, answer, version=form.version.data or 0, by=viewer(), at=clock.now(), quietly=typing
            )
    except Refused as refused:
        if typing:
            return jsonify(error=said(refused)), 409
        return refused_page(explanation, form, "answer_form", refused)
    if typing:
        saved_at = f"{clock.now().astimezone(clock.VIETNAM):%H:%M:%S}"
        return jsonify(version=find(explanation_id).version, saved_at=saved_at)
    return done(_("Draft saved."), url_for(".show", explanation_id=explanation_id))


@bp.post("/<int:explanation_id>/submit")
@permit(*WRITES)
def submit(explanation_id: int) -> ResponseReturnValue:
    """Hand the explanation to who concludes it."""
    explanation, form = find(explanation_id), answer_form()

    def act() -> None:
        _attach(explanation, form)
        with commit():
            writing.submit(
                explanation,
                form.answer(),
                version=form.version.data or 0,
                by=viewer(),
                at=clock.now(),
                today=clock.today(),
            )

    return step(explanation, form, "answer_form", act, _("Explanation submitted."))


@bp.post("/<int:explanation_id>/already-done")
@permit(*WRITES)
def already_done(explanation_id: int) -> ResponseReturnValue:
    """Done in fact; the software was not updated."""
    explanation, form = find(explanation_id), AlreadyDoneForm()

    def act() -> None:
        _attach(explanation, form)
        with commit():
            writing.say_already_done(
                explanation,
                form.note.data or "",
                version=form.version.data or 0,
                by=viewer(),
                at=clock.now(),
                today=clock.today(),
            )

    return step(explanation, form, "done_form", act, _("Submitted as done; the head checks the evidence."))


@bp.post("/<int:explanation_id>/not-mine")
@permit(*WRITES)
def not_mine(explanation_id: int) -> ResponseReturnValue:
    """Name who or what the delay belongs to; the clock stops."""
    explanation, form = find(explanation_id), not_mine_form(explanation_id)

    def act() -> None:
        with commit():
            writing.say_not_mine(
                explanation,
                named_id=form.named.data or None,
                step=form.step.data or "",
                reason=form.reason.data or "",
                by=viewer(),
                at=clock.now(),
            )

    return step(explanation, form, "not_mine_form", act, _("Your term stands until the head has answered."))


@bp.get("/<int:explanation_id>/attachments/<int:attachment_id>")
@permit(Permission.READ_EXPLANATIONS)
def attachment(explanation_id: int, attachment_id: int) -> Response:
    """A file beside the explanation, as a download."""
    file = or_404(queries.attachment_of(find(explanation_id).id, attachment_id))
    return send_stored(file.sha256, file.name, file.media_type)


def _attach(explanation: Explanation, form: AnswerForm | AlreadyDoneForm) -> None:
    """Keep the files of a form first, in a unit of work of their own: they stay whatever becomes of the rest."""
    uploads = [upload for upload in form.files.data or [] if upload and upload.filename]
    kept = [keep_upload(upload) for upload in uploads]
    for checked, content in kept:
        with commit():
            writing.attach(explanation, content, checked.name, by=viewer(), at=clock.now())
