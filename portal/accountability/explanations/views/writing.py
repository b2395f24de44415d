"""The officer's pages: what he owes, and one explanation with its facts."""

from __future__ import annotations

from flask import Response, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import clock
from portal.accountability.explanations import batches, queries
from portal.accountability.explanations.actions import writing
from portal.accountability.explanations.batches import BatchQuery
from portal.accountability.explanations.forms import AlreadyDoneForm, AnswerForm
from portal.accountability.explanations.likeness import likely_same
from portal.accountability.explanations.messages import STATES
from portal.accountability.explanations.models import Explanation
from portal.accountability.explanations.queries import ExplanationQuery
from portal.accountability.explanations.rules import State
from portal.accountability.explanations.supplement_queries import SupplementQuery
from portal.accountability.explanations.views import typing
from portal.accountability.explanations.views.basis import SHOWN, WRITES, ages, bp, find
from portal.accountability.explanations.views.narrowing import listed
from portal.accountability.explanations.views.page import context_of, refused_page, step
from portal.accountability.explanations.views.writing_forms import answer_form, not_mine_form
from portal.calendars.queries import current_calendar
from portal.database import commit
from portal.documents.serving import keep_upload, send_stored
from portal.guard import Permission, permit, viewer
from portal.refusal import Conflict, Refused
from portal.web.carrying import carries_text
from portal.web.operations import repeatable
from portal.web.respond import done, invalid, or_404, page

GROUPS_SHOWN = 3


@bp.get("")
@permit(Permission.WRITE_EXPLANATIONS, Permission.READ_EXPLANATIONS)
def mine() -> ResponseReturnValue:
    """What I owe, in the order in which it falls due, or what one number counts of it; then what I have answered."""
    wanted = listed(viewer(), request.args, clock.today())
    owed = ExplanationQuery.visible_to(viewer()).held_by(*viewer().person_ids)
    return page(
        "explanations/mine.html",
        fragment="explanations/_mine.html",
        open_ones=wanted.query.by_due(),
        only=wanted.only,
        answered=[] if wanted.only else owed.in_states(State.SUBMITTED, State.CONCLUDED, State.CANCELLED).by_due(SHOWN),
        age=ages(clock.today(), current_calendar()),
        state_words=STATES,
        drafts=BatchQuery.visible_to(viewer()).drafts_of(viewer().person_ids).with_sizes(),
        supplements_owed=SupplementQuery.visible_to(viewer()).owed_by(viewer().person_ids).count(),
        groups=likely_same(batches.owed_by(viewer().person_ids))[:GROUPS_SHOWN],
    )


@bp.get("/<int:explanation_id>")
@permit(Permission.READ_EXPLANATIONS)
def show(explanation_id: int) -> ResponseReturnValue:
    """One explanation: the facts, the writing, and afterwards the road it went."""
    return page("explanations/show.html", **context_of(find(explanation_id)))


@bp.post("/<int:explanation_id>/draft")
@permit(*WRITES)
@repeatable
@carries_text
def save(explanation_id: int) -> ResponseReturnValue:
    """Save the draft, also while it is typed; a date that cannot be read never costs the text."""
    explanation, form, is_typing = find(explanation_id), answer_form(), typing.is_typing()
    if not form.validate() and not is_typing:
        return invalid("explanations/show.html", **context_of(explanation, answer_form=form))
    answer = form.answer(half_typed=explanation.commitment_on)
    try:
        if not is_typing:
            _attach(explanation, form)
        with commit():
            version = form.version.data or 0
            writing.save_draft(explanation, answer, version=version, by=viewer(), at=clock.now(), quietly=is_typing)
    except Refused as refused:
        return _not_taken(explanation_id, form, refused) if is_typing else _refused(explanation, form, refused)
    if is_typing:
        return typing.saved(find(explanation_id).version, clock.now())
    return done(_("Draft saved."), url_for(".show", explanation_id=explanation_id))


def _refused(explanation: Explanation, form: AnswerForm, refused: Refused) -> ResponseReturnValue:
    return refused_page(explanation, form, "answer_form", refused)


def _not_taken(explanation_id: int, form: AnswerForm, refused: Refused) -> ResponseReturnValue:
    """What lost against another window while it was typed is kept beside, one row for each window."""
    if not isinstance(refused, Conflict):
        return typing.not_saved(refused)
    with commit():
        writing.keep_beside(
            typing.window_key(), typing.typed(form.answer()), explanation_id=explanation_id, by=viewer(), at=clock.now()
        )
    return typing.not_saved(refused, clock.now())


@bp.post("/<int:explanation_id>/submit")
@permit(*WRITES)
@carries_text
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
@carries_text
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
@carries_text
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
