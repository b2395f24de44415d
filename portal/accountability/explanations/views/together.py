"""One explanation for many cases, on pages: choose them, write once, hand in for all."""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import Any

from flask import Response, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _

from portal import clock
from portal.accountability.breaches.late import late_by
from portal.accountability.explanations import batches
from portal.accountability.explanations.actions import together, writing
from portal.accountability.explanations.batches import BatchQuery
from portal.accountability.explanations.drafts import BatchState, ExplanationBatch
from portal.accountability.explanations.forms import ChosenForm, TogetherForm
from portal.accountability.explanations.likeness import Owed, likely_same
from portal.accountability.explanations.messages import STATES, said
from portal.accountability.explanations.queries import ExplanationQuery
from portal.accountability.explanations.views import typing
from portal.accountability.explanations.views.basis import WRITES, ages, bp
from portal.accountability.explanations.views.page import renew
from portal.calendars.queries import current_calendar
from portal.database import commit
from portal.documents.serving import keep_upload, send_stored
from portal.guard import Permission, permit, viewer
from portal.policy import queries as policy
from portal.policy.models import Cause
from portal.refusal import Conflict, Refused
from portal.web.carrying import carries_text
from portal.web.forms import EmptyForm
from portal.web.operations import repeatable
from portal.web.respond import done, invalid, or_404, page
from portal.web.words import sentence


@bp.get("/together")
@permit(*WRITES)
def choose() -> ResponseReturnValue:
    """Which of my cases have one cause? Those like one of them (``?like=``) are ticked already."""
    owed, like = batches.owed_by(viewer().person_ids), request.args.get("like", type=int)
    groups = likely_same(owed)
    group = next((one for one in groups if like in {duty.id for duty in one.duties}), None)
    ticked = {duty.id for duty in group.duties} if group else set()
    return page("explanations/choose.html", group=group, **_choosing(owed, ticked, ChosenForm(formdata=None)))


def _choosing(owed: Sequence[Owed], ticked: Container[int], form: ChosenForm) -> dict[str, Any]:
    return {
        "owed": sorted(owed, key=lambda one: one.id not in ticked),
        "ticked": ticked,
        "most": batches.MOST_OWED,
        "form": form,
        "age": ages(clock.today(), current_calendar()),
        "state_words": STATES,
    }


@bp.post("/batches")
@permit(*WRITES)
def begin() -> ResponseReturnValue:
    """Begin one explanation for the chosen cases; what cannot be written together stays ticked."""
    form = ChosenForm()
    found = ExplanationQuery.visible_to(viewer()).among(form.ids())
    try:
        with commit():
            batch = together.open_batch(found, by=viewer(), at=clock.now())
            batch_id = batch.id
    except Refused as refused:
        form.form_errors.append(sentence(refused))
        renew(form)
        told = _choosing(batches.owed_by(viewer().person_ids), set(form.ids()), form)
        return page("explanations/choose.html", status=409, group=None, **told)
    return done(_("Write once; it is handed in for every ticked case."), url_for(".batch", batch_id=batch_id))


@bp.get("/batches/<int:batch_id>")
@permit(Permission.READ_EXPLANATIONS)
def batch(batch_id: int) -> ResponseReturnValue:
    """The common text with its cases; handed in, what became of each."""
    return page("explanations/batch.html", **_context(_find(batch_id)))


@bp.post("/batches/<int:batch_id>/draft")
@permit(*WRITES)
@repeatable
@carries_text
def save_batch(batch_id: int) -> ResponseReturnValue:
    """Save the common draft, also while it is typed."""
    found, form, is_typing = _find(batch_id), _form(), typing.is_typing()
    if not form.validate() and not is_typing:
        return invalid("explanations/batch.html", **_context(found, form))
    answer = form.answer(half_typed=found.commitment_on)
    try:
        if not is_typing:
            _attach(found, form)
        with commit():
            together.save_batch(
                found, answer, form.remark_of(), version=form.version.data or 0, by=viewer(), at=clock.now()
            )
    except Refused as refused:
        return _not_taken(batch_id, form, refused) if is_typing else _refused(batch_id, form, refused)
    if is_typing:
        return typing.saved(_find(batch_id).version, clock.now())
    return done(_("Draft saved."), url_for(".batch", batch_id=batch_id))


@bp.post("/batches/<int:batch_id>/submit")
@permit(*WRITES)
@carries_text
def submit_batch(batch_id: int) -> ResponseReturnValue:
    """Hand in the common text for every ticked case."""
    found, form = _find(batch_id), _form()
    if not form.validate():
        return invalid("explanations/batch.html", **_context(found, form))
    try:
        _attach(found, form)
        with commit():
            count = together.submit_batch(
                found, form.answer(), form.remark_of(), form.ids(),
                version=form.version.data or 0, by=viewer(), at=clock.now(), today=clock.today(),
            )  # fmt: skip
    except Refused as refused:
        return _refused(batch_id, form, refused)
    words = ngettext("Explanation handed in for %(num)s case.", "Explanation handed in for %(num)s cases.", count)
    return done(words, url_for(".batch", batch_id=batch_id))


@bp.post("/batches/<int:batch_id>/drop")
@permit(*WRITES)
def drop_batch(batch_id: int) -> ResponseReturnValue:
    """Give the common draft up; its cases stay to be written."""
    found = _find(batch_id)
    with commit():
        together.drop_batch(found, by=viewer())
    return done(_("The common draft was given up; the cases stay on your list."), url_for(".mine"))


@bp.get("/batches/<int:batch_id>/files/<int:file_id>")
@permit(Permission.READ_EXPLANATIONS)
def batch_file(batch_id: int, file_id: int) -> Response:
    """A file beside the common text, as a download."""
    file = or_404(batches.file_of(_find(batch_id).id, file_id))
    return send_stored(file.sha256, file.name, file.media_type)


def _find(batch_id: int) -> ExplanationBatch:
    return or_404(BatchQuery.visible_to(viewer()).get(batch_id))


def _form(batch: ExplanationBatch | None = None, causes: Sequence[Cause] | None = None) -> TogetherForm:
    """The form from the request, or filled from the draft. ``causes``: where they are read already."""
    form = (
        TogetherForm()
        if batch is None
        else TogetherForm(
            formdata=None, version=batch.version, cause=batch.cause_id, details=batch.details,
            happened=batch.happened, remedy=batch.remedy, commitment=batch.commitment,
            commitment_on=batch.commitment_on,
        )
    )  # fmt: skip
    offered = policy.causes_in_force(clock.today()) if causes is None else causes
    form.offer(offered, english=str(get_locale()) == "en")
    return form


def _attach(found: ExplanationBatch, form: TogetherForm) -> None:
    """Keep the files of a form first, in a unit of work of their own: they stay whatever becomes of the rest."""
    uploads = [upload for upload in form.files.data or [] if upload and upload.filename]
    for checked, content in [keep_upload(upload) for upload in uploads]:
        with commit():
            together.attach_to_batch(found, content, checked.name, by=viewer(), at=clock.now())


def _keep_beside(batch_id: int, form: TogetherForm) -> None:
    with commit():
        writing.keep_beside(
            typing.window_key(), typing.typed(form.answer(), form.remark_of()), batch_id=batch_id, by=viewer(),
            at=clock.now(),
        )  # fmt: skip


def _not_taken(batch_id: int, form: TogetherForm, refused: Refused) -> ResponseReturnValue:
    if not isinstance(refused, Conflict):
        return typing.not_saved(refused)
    _keep_beside(batch_id, form)
    return typing.not_saved(refused, clock.now())


def _refused(batch_id: int, form: TogetherForm, refused: Refused) -> ResponseReturnValue:
    """409 with everything typed in the form again; what lost against another window is kept beside too."""
    if isinstance(refused, Conflict):
        _keep_beside(batch_id, form)
    form.form_errors.append(said(refused))
    fresh = _find(batch_id)
    form.version.raw_data, form.version.data = None, fresh.version
    renew(form)
    return page("explanations/batch.html", status=409, **_context(fresh, form))


def _context(found: ExplanationBatch, form: TogetherForm | None = None) -> dict[str, Any]:
    today, calendar, who = clock.today(), current_calendar(), viewer()
    writes = found.state == BatchState.DRAFT and found.holder_id in who.person_ids
    members = batches.members_of(found.id, who)
    causes = policy.causes_in_force(today) if writes else []
    english = str(get_locale()) == "en"
    return {
        "batch": found,
        "members": members,
        "files": batches.files_of(found.id),
        "writes": writes,
        "form": form or (_form(found, causes) if writes else None),
        "drop_form": EmptyForm(formdata=None),
        "ticked": set(form.ids()) if form else {member.explanation_id for member in members},
        "remarks": {
            **{member.explanation_id: member.remark for member in members},
            **(form.remark_of() if form else {}),
        },
        "side_drafts": batches.side_drafts_of(who.person_id, batch_id=found.id),
        "offered": {cause.id: cause for cause in causes},
        "guidance": {cause.id: cause.guidance_en if english else cause.guidance for cause in causes},
        "late_by": lambda one: late_by(one.breach, one.case, clock.local_now(), calendar),
        "state_words": STATES,
    }
