"""Explanations on pages: what I owe, one explanation with its facts, and the head's queue."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Self

from flask import Blueprint, Response, jsonify, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _

from portal import clock
from portal.accountability.explanations import actions, queries
from portal.accountability.explanations.forms import (
    AlreadyDoneForm,
    AnswerForm,
    BulkForm,
    ConcludeForm,
    NotMineForm,
    ReassignForm,
    ReturnForm,
)
from portal.accountability.explanations.messages import BLAMES, CLASSES, CONCLUSIONS, SEATS, STATES, said
from portal.accountability.explanations.models import Explanation
from portal.accountability.explanations.queries import Deciders, ExplanationQuery, Queue, Road
from portal.accountability.explanations.rules import WRITABLE, Seat, State, bulk_conclusion, may_return
from portal.audit.queries import events_of
from portal.calendars.queries import current_calendar
from portal.cases.lines import shown_applicant
from portal.cases.rules import verdict
from portal.database import commit
from portal.deadlines import WorkingCalendar
from portal.deadlines.calendar import days
from portal.directory.queries import load_tree
from portal.documents.serving import keep_upload, send_stored
from portal.guard import Permission, permit, viewer
from portal.policy import queries as policy
from portal.policy.models import Cause
from portal.policy.rules import EvaluationYear
from portal.refusal import Conflict, Refused
from portal.web.forms import PortalForm
from portal.web.operations import repeatable
from portal.web.respond import done, invalid, or_404, page

bp = Blueprint("explanations", __name__, url_prefix="/explanations")
WRITES = (Permission.WRITE_EXPLANATIONS,)
DECIDES = (Permission.CONCLUDE, Permission.OPEN_BREACHES)
PARTS = ("submitted", "redirected", "unanswered", "bulk")
SHOWN = 200
LONGEST_DRAWING = timedelta(days=800)


@dataclass(frozen=True)
class Basis:
    """What every part of a page rests on: the day, its calendar, and who decides on it; read once for each page."""

    today: date
    calendar: WorkingCalendar
    deciders: Deciders

    @classmethod
    def read(cls) -> Self:
        """As of today."""
        today = clock.today()
        return cls(today, current_calendar(), Deciders.on(today))


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
    return page("explanations/show.html", **_context(_find(explanation_id)))


@bp.post("/<int:explanation_id>/draft")
@permit(*WRITES)
@repeatable
def save(explanation_id: int) -> ResponseReturnValue:
    """Save the draft, also while it is typed; a date that cannot be read never costs the text."""
    explanation, form = _find(explanation_id), _answer_form()
    typing = request.accept_mimetypes.best == "application/json"
    if not form.validate() and not typing:
        return invalid("explanations/show.html", **_context(explanation, answer_form=form))
    answer = form.answer()
    if form.commitment_on.errors:  # half-typed: the date that was saved before stays
        answer = replace(answer, commitment_on=explanation.commitment_on)
    try:
        if not typing:
            _attach(explanation, form)
        with commit():
            actions.save_draft(
                explanation,
                answer,
                version=form.version.data or 0,
                by=viewer(),
                at=clock.now(),
                quietly=typing,
            )
    except Refused as refused:
        if typing:
            return jsonify(error=said(refused)), 409
        return _refused(explanation, form, "answer_form", refused)
    if typing:
        saved_at = f"{clock.now().astimezone(clock.VIETNAM):%H:%M:%S}"
        return jsonify(version=_find(explanation_id).version, saved_at=saved_at)
    return done(_("Draft saved."), url_for(".show", explanation_id=explanation_id))


@bp.post("/<int:explanation_id>/submit")
@permit(*WRITES)
def submit(explanation_id: int) -> ResponseReturnValue:
    """Hand the explanation to who concludes it."""
    explanation, form = _find(explanation_id), _answer_form()

    def act() -> None:
        _attach(explanation, form)
        with commit():
            actions.submit(
                explanation,
                form.answer(),
                version=form.version.data or 0,
                by=viewer(),
                at=clock.now(),
                today=clock.today(),
            )

    return _step(explanation, form, "answer_form", act, _("Explanation submitted."))


@bp.post("/<int:explanation_id>/already-done")
@permit(*WRITES)
def already_done(explanation_id: int) -> ResponseReturnValue:
    """Done in fact; the software was not updated."""
    explanation, form = _find(explanation_id), AlreadyDoneForm()

    def act() -> None:
        _attach(explanation, form)
        with commit():
            actions.say_already_done(
                explanation,
                form.note.data or "",
                version=form.version.data or 0,
                by=viewer(),
                at=clock.now(),
                today=clock.today(),
            )

    return _step(explanation, form, "done_form", act, _("Submitted as done; the head checks the evidence."))


@bp.post("/<int:explanation_id>/not-mine")
@permit(*WRITES)
def not_mine(explanation_id: int) -> ResponseReturnValue:
    """Name who or what the delay belongs to; the clock stops."""
    explanation, form = _find(explanation_id), _not_mine_form(explanation_id)

    def act() -> None:
        with commit():
            actions.say_not_mine(
                explanation,
                named_id=form.named.data or None,
                step=form.step.data or "",
                reason=form.reason.data or "",
                by=viewer(),
                at=clock.now(),
            )

    return _step(explanation, form, "not_mine_form", act, _("Your term stands until the head has answered."))


@bp.get("/<int:explanation_id>/attachments/<int:attachment_id>")
@permit(Permission.READ_EXPLANATIONS)
def attachment(explanation_id: int, attachment_id: int) -> Response:
    """A file beside the explanation, as a download."""
    file = or_404(queries.attachment_of(_find(explanation_id).id, attachment_id))
    return send_stored(file.sha256, file.name, file.media_type)


@bp.get("/queue")
@permit(Permission.CONCLUDE)
def queue() -> ResponseReturnValue:
    """What waits for my decision: a list, and one of them open beside it."""
    return page("explanations/queue.html", fragment="explanations/_queue.html", **_queue_context())


@bp.post("/<int:explanation_id>/conclude")
@permit(*DECIDES)
def conclude(explanation_id: int) -> ResponseReturnValue:
    """Conclude on class and blame."""
    explanation, form = _find(explanation_id), ConcludeForm()

    def act() -> None:
        cause_class, blame = form.chosen
        with commit():
            actions.conclude(
                explanation,
                cause_class,
                blame,
                form.reason.data or "",
                version=form.version.data or 0,
                by=viewer(),
                at=clock.now(),
                today=clock.today(),
                confirmation=form.confirmation.data or "",
                letter=form.letter.data or "",
            )

    return _step(explanation, form, "conclude_form", act, _("Concluded."), in_queue=True)


@bp.post("/<int:explanation_id>/return")
@permit(*DECIDES)
def send_back(explanation_id: int) -> ResponseReturnValue:
    """Return with a comment."""
    explanation, form = _find(explanation_id), ReturnForm()

    def act() -> None:
        with commit():
            actions.return_for_rework(
                explanation,
                form.comment.data or "",
                version=form.version.data or 0,
                by=viewer(),
                at=clock.now(),
                today=clock.today(),
            )

    return _step(explanation, form, "return_form", act, _("Returned to the officer."), in_queue=True)


@bp.post("/<int:explanation_id>/reassign")
@permit(*DECIDES)
def reassign(explanation_id: int) -> ResponseReturnValue:
    """Answer "not mine": give it to another person, or keep the holder."""
    explanation, form = _find(explanation_id), _reassign_form(explanation_id)
    keeps = "keep" in request.form

    def act() -> None:
        reason = form.reason.data or ""
        with commit():
            if keeps:
                actions.keep_holder(explanation, reason, by=viewer(), at=clock.now(), today=clock.today())
            else:
                actions.reassign(
                    explanation, form.holder.data, reason, by=viewer(), at=clock.now(), today=clock.today()
                )

    words = _("The holder stays; the term starts anew.") if keeps else _("Reassigned; a new term runs.")
    return _step(explanation, form, "reassign_form", act, words, in_queue=True)


@bp.post("/queue/conclude")
@permit(Permission.CONCLUDE)
def conclude_many() -> ResponseReturnValue:
    """Conclude several with the class each officer himself stated."""
    form = BulkForm()
    found = ((ExplanationQuery.visible_to(viewer()).get(ident), version) for ident, version in form.pairs())
    chosen = [(explanation, version) for explanation, version in found if explanation is not None]
    try:
        with commit():
            count = actions.conclude_many(chosen, by=viewer(), at=clock.now(), today=clock.today())
    except Refused as refused:
        form.form_errors.append(said(refused))
        _renew(form)
        return page("explanations/queue.html", status=409, **_queue_context("bulk", bulk_form=form))
    words = ngettext("%(num)s explanation concluded.", "%(num)s explanations concluded.", count)
    return done(words, url_for(".queue"))


def _find(explanation_id: int) -> Explanation:
    """The explanation within the viewer's scope; out of scope does not exist."""
    return or_404(ExplanationQuery.visible_to(viewer()).get(explanation_id))


def _answer_form(explanation: Explanation | None = None, causes: Sequence[Cause] | None = None) -> AnswerForm:
    """The officer's form: from the request, or filled from the row. ``causes``: where they are read already."""
    form = (
        AnswerForm()
        if explanation is None
        else AnswerForm(
            formdata=None,
            version=explanation.version,
            cause=explanation.cause_id,
            happened=explanation.happened,
            remedy=explanation.remedy,
            commitment=explanation.commitment,
            commitment_on=explanation.commitment_on,
        )
    )
    offered = policy.causes_in_force(clock.today()) if causes is None else causes
    form.offer(offered, english=str(get_locale()) == "en")
    return form


def _not_mine_form(explanation_id: int) -> NotMineForm:
    form, today = NotMineForm(), clock.today()
    people = queries.colleagues_of(_find(explanation_id).unit_id, today, load_tree(today, with_ended=True))
    form.offer([person for person in people if person[0] != viewer().person_id])
    return form


def _reassign_form(explanation_id: int) -> ReassignForm:
    form, today = ReassignForm(), clock.today()
    form.offer(queries.colleagues_of(_find(explanation_id).unit_id, today, load_tree(today, with_ended=True)))
    return form


def _attach(explanation: Explanation, form: AnswerForm | AlreadyDoneForm) -> None:
    """Keep the files of a form first, in a unit of work of their own: they stay whatever becomes of the rest."""
    uploads = [upload for upload in form.files.data or [] if upload and upload.filename]
    kept = [keep_upload(upload) for upload in uploads]
    for checked, content in kept:
        with commit():
            actions.attach(explanation, content, checked.name, by=viewer(), at=clock.now())


def _step(
    explanation: Explanation,
    form: PortalForm,
    name: str,
    act: Callable[[], None],
    words: str,
    *,
    in_queue: bool = False,
) -> ResponseReturnValue:
    """One step: shape, action, answer. What was typed stands on the page again when a rule says no."""
    if not form.validate():
        return invalid("explanations/show.html", **_context(explanation, **{name: form}))
    try:
        act()
    except Refused as refused:
        return _refused(explanation, form, name, refused)
    more = in_queue and viewer().may(Permission.CONCLUDE)
    return done(words, url_for(".queue") if more else url_for(".show", explanation_id=explanation.id))


def _refused(explanation: Explanation, form: PortalForm, name: str, refused: Refused) -> ResponseReturnValue:
    """409 with the text kept in the form; a text that lost against another window is kept in the database too."""
    ident = explanation.id
    if isinstance(refused, Conflict) and isinstance(form, AnswerForm) and explanation.holder_id in viewer().person_ids:
        with commit():
            actions.keep_conflicting_text(explanation, form.answer(), by=viewer(), at=clock.now())
    form.form_errors.append(said(refused))
    fresh = _find(ident)
    if "version" in form:
        form.version.raw_data, form.version.data = None, fresh.version
    _renew(form)
    return page("explanations/show.html", status=409, **_context(fresh, **{name: form}))


def _renew(form: PortalForm) -> None:
    """A new key: the form was refused, so sending it again is another operation."""
    form.op_id.data = str(uuid.uuid4())


def _facts(explanation: Explanation, calendar: WorkingCalendar, road: Road) -> dict[str, Any]:
    """What happened to the case, as the left side shows it."""
    case, breach, now = explanation.case, explanation.breach, clock.local_now()
    end = case.finished_at or now
    span_end = max(end, breach.due_at)
    off: list[Any] = []
    if span_end - case.received_at < LONGEST_DRAWING:
        span = days(case.received_at.date(), span_end.date() + timedelta(days=1))
        off = [day for day in span if calendar.covers(day) and not calendar.is_working(day)]
    covered = calendar.covers(breach.due_at.date()) and calendar.covers(end.date())
    return {
        "case": case,
        "breach": breach,
        "procedure": case.procedure.title if case.procedure else "",
        "applicant": shown_applicant(case.applicant_name, viewer()),
        "verdict": verdict(case, now),
        "days_late": calendar.working_days_between(breach.due_at.date(), end.date()) if covered else None,
        "pauses": [(pause.started_at, pause.ended_at, pause.reason) for pause in road.pauses],
        "days_off": off,
        "now": now,
    }


def _context(explanation: Explanation, basis: Basis | None = None, **forms: PortalForm) -> dict[str, Any]:
    """Everything the page of one explanation shows; forms given keep what was typed."""
    basis, who, road = basis or Basis.read(), viewer(), queries.road_of(explanation)
    today, deciders = basis.today, basis.deciders
    excluded = queries.excluded_by(explanation, [row.named_id for row in road.redirections])
    decider = deciders.of(explanation.unit_id, excluded)
    writes = explanation.holder_id in who.person_ids and explanation.state in WRITABLE
    above = decider.seat is Seat.ABOVE and who.person_id is not None and who.person_id != explanation.holder_id
    decides = any(who.may(permission) for permission in DECIDES) and (queries.decides(who, decider, excluded) or above)
    late = queries.is_late(explanation, today)
    context: dict[str, Any] = {
        **_facts(explanation, basis.calendar, road),
        "explanation": explanation,
        "writes": writes,
        "decides": decides,
        "above": above,
        "late": late,
        "decider": decider,
        "decider_name": deciders.name_of(decider),
        "decides_for": deciders.name_of(decider) if decider.person_id != who.person_id and not above else "",
        "attachments": road.attachments,
        "returns": road.returns,
        "redirections": road.redirections,
        "texts": road.texts,
        "stands_in_for": {one.person_id: one.name for one in who.acting_for},
        "events": events_of("explanation", explanation.id),
        "state_words": STATES,
        "class_words": CLASSES,
        "blame_words": BLAMES,
        "seat_words": SEATS,
    }
    if writes:
        context |= _writing_forms(explanation, basis)
    if decides:
        context |= _deciding_forms(explanation, basis, road)
    return context | forms


def _writing_forms(explanation: Explanation, basis: Basis) -> dict[str, Any]:
    english = str(get_locale()) == "en"
    causes = policy.causes_in_force(basis.today)
    not_mine_form = NotMineForm(formdata=None)
    people = queries.colleagues_of(explanation.unit_id, basis.today, basis.deciders.tree)
    not_mine_form.offer([person for person in people if person[0] != viewer().person_id])
    return {
        "answer_form": _answer_form(explanation, causes),
        "done_form": AlreadyDoneForm(formdata=None, version=explanation.version),
        "not_mine_form": not_mine_form,
        "guidance": {cause.id: cause.guidance_en if english else cause.guidance for cause in causes},
        "needs_evidence": {cause.id for cause in causes if cause.needs_evidence},
    }


def _deciding_forms(explanation: Explanation, basis: Basis, road: Road) -> dict[str, Any]:
    today, version = basis.today, explanation.version
    forms: dict[str, Any] = {"causes": CONCLUSIONS}
    if explanation.state == State.SUBMITTED or queries.may_conclude_unanswered(explanation, today):
        due_on = explanation.breach.due_at.date()
        now, then = policy.rule_sets(today, due_on)
        stated = bulk_conclusion(explanation.cause.default_class if explanation.cause else None)
        chosen = f"{stated[0]}-{stated[1]}" if stated and explanation.state == State.SUBMITTED else None
        forms["conclude_form"] = ConcludeForm(formdata=None, version=version, conclusion=chosen)
        forms["before"] = _weight_before(explanation, due_on, then.evaluation_year)
        if explanation.state == State.SUBMITTED and may_return(explanation.returned_times, now.return_max):
            forms["return_form"] = ReturnForm(formdata=None, version=version)
            forms["returns_left"] = now.return_max - explanation.returned_times
    if explanation.state in WRITABLE and (explanation.stopped_at is not None or explanation.holder_id is None):
        reassign_form = ReassignForm(formdata=None)
        reassign_form.offer(queries.colleagues_of(explanation.unit_id, today, basis.deciders.tree))
        named = [row.named_id for row in road.redirections if row.answer is None]
        if named and named[-1]:
            reassign_form.holder.data = named[-1]
        forms["reassign_form"] = reassign_form
    return forms


def _weight_before(explanation: Explanation, due_on: date, span: EvaluationYear) -> dict[str, Any] | None:
    """What already stands against the officer in the evaluation year of this term."""
    if explanation.holder_id is None:
        return None
    year = next(year for year in (due_on.year, due_on.year + 1) if span.span(year)[0] <= due_on <= span.span(year)[1])
    full, shared = queries.subjective_weight(explanation.holder_id, *span.span(year))
    return {"year": year, "full": full, "shared": shared}


def _queue_context(part: str = "", **more: Any) -> dict[str, Any]:
    """The list of one part of the queue, and the explanation that is open beside it."""
    basis = Basis.read()
    found = queries.queue_of(viewer(), basis.today, basis.deciders)
    part = part or request.args.get("part", "") or _first_part(found)
    part = part if part in PARTS else PARTS[0]
    in_bulk = [row for row in found.submitted if bulk_conclusion(row.cause.default_class if row.cause else None)]
    rows = in_bulk if part == "bulk" else getattr(found, part)
    wanted = request.args.get("id", type=int)
    place = next((index for index, row in enumerate(rows) if row.id == wanted), 0)
    context: dict[str, Any] = {
        "part": part,
        "counts": {
            "submitted": len(found.submitted),
            "redirected": len(found.redirected),
            "unanswered": len(found.unanswered),
            "bulk": len(in_bulk),
        },
        "rows": rows[:SHOWN],
        "place": place,
        "total": len(rows),
        "following": rows[place + 1].id if place + 1 < len(rows) else None,
        "class_words": CLASSES,
        "age": lambda day: basis.calendar.working_days_between(day, basis.today),
        "bulk_form": BulkForm(formdata=None),
        "stated": lambda row: bulk_conclusion(row.cause.default_class if row.cause else None),
        "conclusion_words": CONCLUSIONS,
    }
    if rows and part != "bulk":
        context |= _context(rows[place], basis)
    return context | more


def _first_part(found: Queue) -> str:
    """The part on which something waits."""
    return next((part for part in PARTS[:3] if getattr(found, part)), PARTS[0])
