"""Questions to other bodies on pages: asking from an explanation, answering as the body, recording its letter."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import clock
from portal.accountability.explanations import asking
from portal.accountability.explanations.asking import Answer, Question
from portal.accountability.explanations.clocks import Duty
from portal.accountability.explanations.models import Explanation
from portal.accountability.explanations.queries import ExplanationQuery
from portal.accountability.explanations.question_forms import BodyAnswerForm, LinkForm, QuestionForm, WithdrawForm
from portal.accountability.explanations.supplement_queries import SupplementQuery
from portal.accountability.explanations.supplements import Supplement
from portal.accountability.incidents import actions as incident_actions
from portal.accountability.incidents import queries
from portal.accountability.incidents.messages import CONFIRMS, QUESTION_STATES, STATES, STOPPED, TONES, WAYS
from portal.accountability.incidents.models import BodyQuestion, Incident
from portal.accountability.incidents.queries import IncidentQuery, QuestionQuery
from portal.accountability.incidents.rules import Confirms, QuestionState, Way, is_unanswered
from portal.audit.queries import events_of
from portal.database import commit
from portal.directory.queries import units_in_force
from portal.documents.serving import keep_upload, send_stored
from portal.guard import Permission, permit, viewer
from portal.refusal import Refused
from portal.web.forms import PortalForm
from portal.web.respond import done, invalid, or_404, page
from portal.web.words import sentence

bp = Blueprint("questions", __name__)


@bp.get("/questions")
@permit(Permission.READ_INCIDENTS)
def index() -> ResponseReturnValue:
    """Questions put to units I answer for, and those my side waits for."""
    me, show = viewer(), request.args.get("show", "")
    found = QuestionQuery.visible_to(me)
    answers = me.may(Permission.ANSWER_QUESTIONS)
    if answers and show == "put_to_me":
        put_to_me, asked = found.put_to(me).waiting().by_due(), None
    elif show == "silent":
        put_to_me, asked = None, found.kept_by(*me.person_ids).silent(clock.today()).by_due()
    else:
        show, asked = "", found.from_side_of(me).by_due()
        put_to_me = found.put_to(me).by_due() if answers else None
    return page("questions/index.html", put_to_me=put_to_me, asked=asked, show=show, **_words())


def _words() -> dict[str, Any]:
    today = clock.today()
    return {
        "question_words": QUESTION_STATES,
        "confirm_words": CONFIRMS,
        "way_words": WAYS,
        "stopped_words": STOPPED,
        "unanswered": lambda question: is_unanswered(question.state, question.due_on, today),
    }


@bp.get("/explanations/<int:explanation_id>/causes")
@permit(Permission.READ_EXPLANATIONS)
def beside(explanation_id: int) -> ResponseReturnValue:
    """What other bodies said about one explanation: questions with answers, incidents of its case."""
    return _beside(_explanation(explanation_id))


def _beside(duty: Duty) -> ResponseReturnValue:
    about = _about(duty)
    first = about["explanation"]
    return page(
        "questions/beside.html",
        fragment="questions/_beside.html",
        questions=queries.questions_about(first.breach_id),
        incidents=queries.incidents_of_case(first.case_id, viewer()),
        beside=_linkable(first),
        form=LinkForm(formdata=None),
        may_ask=asking.may_ask(duty, viewer(), clock.today()),
        state_words=STATES,
        tones=TONES,
        **about,
        **_words(),
    )


def _linkable(explanation: Explanation) -> Sequence[Incident]:
    """Incidents which the holder may say touched the case."""
    if explanation.case.officer_id not in viewer().person_ids:
        return ()
    return queries.incidents_beside(explanation.case, viewer())


@bp.post("/explanations/<int:explanation_id>/causes")
@permit(Permission.WRITE_EXPLANATIONS)
def link(explanation_id: int) -> ResponseReturnValue:
    """The holder says which incident touched the case."""
    explanation, form = _explanation(explanation_id), LinkForm()
    form.incident_id.choices = [one.id for one in _linkable(explanation)]
    incident = IncidentQuery.visible_to(viewer()).get(form.incident_id.data or 0) if form.validate() else None
    if incident is not None:
        with commit():
            incident_actions.link_own(incident, explanation.case, by=viewer(), at=clock.now())
    said = _("The case is linked to the incident.") if incident else _("Choose an incident of the list.")
    return done(said, url_for("explanations.show", explanation_id=explanation_id))


def _explanation(explanation_id: int) -> Explanation:
    return or_404(ExplanationQuery.visible_to(viewer()).get(explanation_id))


@bp.get("/explanations/supplements/<int:supplement_id>/causes")
@permit(Permission.READ_EXPLANATIONS)
def beside_further(supplement_id: int) -> ResponseReturnValue:
    """What other bodies say, beside a further explanation: all that was asked about its case."""
    return _beside(_supplement(supplement_id))


@bp.get("/explanations/<int:explanation_id>/questions/new")
@permit(Permission.WRITE_EXPLANATIONS, Permission.CONCLUDE)
def new(explanation_id: int) -> ResponseReturnValue:
    """Ask another body about its part."""
    return page("questions/new.html", **_about(_explanation(explanation_id)), form=_asked(formdata=None))


@bp.get("/explanations/supplements/<int:supplement_id>/questions/new")
@permit(Permission.WRITE_EXPLANATIONS)
def new_further(supplement_id: int) -> ResponseReturnValue:
    """Ask another body for a further explanation."""
    return page("questions/new.html", **_about(_supplement(supplement_id)), form=_asked(formdata=None))


@bp.post("/explanations/<int:explanation_id>/questions")
@permit(Permission.WRITE_EXPLANATIONS, Permission.CONCLUDE)
def create(explanation_id: int) -> ResponseReturnValue:
    """Put the question; the term of who asks stands."""
    return _put(_explanation(explanation_id), _asked())


@bp.post("/explanations/supplements/<int:supplement_id>/questions")
@permit(Permission.WRITE_EXPLANATIONS)
def create_further(supplement_id: int) -> ResponseReturnValue:
    """Put the question; the term of the further explanation stands."""
    return _put(_supplement(supplement_id), _asked())


def _supplement(supplement_id: int) -> Supplement:
    return or_404(SupplementQuery.visible_to(viewer()).get(supplement_id))


def _asked(**more: Any) -> QuestionForm:
    form = QuestionForm(**more)
    form.offer([(unit.id, unit.name) for unit in units_in_force(clock.today())])
    return form


def _put(duty: Duty, form: QuestionForm) -> ResponseReturnValue:
    if not form.validate():
        return invalid("questions/new.html", **_about(duty), form=form)
    unit_id = form.unit_id.data or None
    named = next((unit.name for unit in units_in_force(clock.today()) if unit.id == unit_id), form.body.data or "")
    question = Question(
        body=named,
        text=form.text.data or "",
        unit_id=unit_id,
        transfer_number=form.transfer_number.data or "",
        transferred_on=form.transferred_on.data,
    )
    try:
        with commit():
            made = asking.ask(duty, question, by=viewer(), at=clock.now(), today=clock.today())
            said, made_id = STOPPED[made.stops], made.id
    except Refused as refused:
        return page("questions/new.html", status=409, **_about(duty), form=_told(form, refused))
    return done(_("The question is put.") + f" {said}", url_for("questions.show", question_id=made_id))


def _about(duty: Duty) -> dict[str, Any]:
    """What a page of questions says of the duty they are about, and where its pages are."""
    if isinstance(duty, Supplement):
        number: dict[str, Any] = {"supplement_id": duty.id}
        first = duty.explanation
        ends = ("new_further", "create_further")
        back = url_for("explanations.supplement", supplement_id=duty.id)
    else:
        number, first, ends = {"explanation_id": duty.id}, duty, ("new", "create")
        back = url_for("explanations.show", explanation_id=duty.id)
    new_url, create_url = (url_for(f"questions.{end}", **number) for end in ends)
    return {"explanation": first, "back_url": back, "new_url": new_url, "create_url": create_url}


@bp.get("/questions/<int:question_id>")
@permit(Permission.READ_INCIDENTS)
def show(question_id: int) -> ResponseReturnValue:
    """One question with its answer."""
    return page("questions/show.html", **_context(_find(question_id)))


def _find(question_id: int) -> BodyQuestion:
    return or_404(QuestionQuery.visible_to(viewer()).get(question_id))


def _context(question: BodyQuestion, **forms: Any) -> dict[str, Any]:
    me, waits = viewer(), question.state == QuestionState.ASKED
    own_side = asking.may_record_letter(question, me)
    duty = asking.duty_of(question) if own_side and me.may(Permission.READ_EXPLANATIONS) else None
    return {
        "question": question,
        "explanation_url": _about(duty)["back_url"] if duty else None,
        "answers": waits and question.unit_id in queries.bodies_of(me),
        "records": waits and own_side,
        "withdraws": waits and question.keeper_id in me.person_ids,
        "answer_form": BodyAnswerForm(formdata=None, version=question.version),
        "withdraw_form": WithdrawForm(formdata=None, version=question.version),
        "events": events_of("question", question.id),
        **_words(),
        **forms,
    }


@bp.post("/questions/<int:question_id>/answer")
@permit(Permission.ANSWER_QUESTIONS)
def answer(question_id: int) -> ResponseReturnValue:
    """The unit that was asked answers in the portal."""
    return _answered(question_id, Way.PORTAL)


@bp.post("/questions/<int:question_id>/letter")
@permit(Permission.WRITE_EXPLANATIONS, Permission.CONCLUDE, Permission.OPEN_BREACHES)
def letter(question_id: int) -> ResponseReturnValue:
    """Record the letter by which the body answered."""
    question = _find(question_id)
    if not asking.may_record_letter(question, viewer()):
        return or_404(None)
    return _answered(question_id, Way.LETTER)


def _answered(question_id: int, way: Way) -> ResponseReturnValue:
    question, form = _find(question_id), BodyAnswerForm()
    if not form.validate():
        return invalid("questions/show.html", **_context(question, answer_form=form))
    try:
        said = _said(form)
        with commit():
            asking.answer(question, said, way, version=_version(form), by=viewer(), at=clock.now(), today=clock.today())
    except Refused as refused:
        context = _context(_find(question_id), answer_form=_told(form, refused))
        return page("questions/show.html", status=409, **context)
    return done(_("The answer is recorded; the term runs again."), url_for("questions.show", question_id=question_id))


def _said(form: BodyAnswerForm) -> Answer:
    kept = keep_upload(form.file.data) if form.file.data else None
    return Answer(
        confirms=Confirms(form.confirms.data),
        text=form.text.data or "",
        received_on=form.received_on.data,
        returned_on=form.returned_on.data,
        document=form.document.data or "",
        file=kept[1] if kept else None,
        file_name=kept[0].name if kept else "",
    )


@bp.post("/questions/<int:question_id>/withdraw")
@permit(Permission.WRITE_EXPLANATIONS, Permission.CONCLUDE)
def withdraw(question_id: int) -> ResponseReturnValue:
    """No answer is needed any more."""
    question, form = _find(question_id), WithdrawForm()
    if not form.validate():
        return invalid("questions/show.html", **_context(question, withdraw_form=form))
    try:
        with commit():
            asking.withdraw(
                question,
                form.reason.data or "",
                version=_version(form),
                by=viewer(),
                at=clock.now(),
                today=clock.today(),
            )
    except Refused as refused:
        context = _context(_find(question_id), withdraw_form=_told(form, refused))
        return page("questions/show.html", status=409, **context)
    return done(
        _("The question is withdrawn; the term runs again."), url_for("questions.show", question_id=question_id)
    )


@bp.get("/questions/<int:question_id>/file")
@permit(Permission.READ_INCIDENTS)
def file(question_id: int) -> ResponseReturnValue:
    """The letter by which the body answered."""
    found = _find(question_id).answer
    if found is None or found.sha256 is None:
        return or_404(None)
    return send_stored(found.sha256, found.file_name)


def _version(form: Any) -> int:
    text = str(form.version.data or "")
    return int(text) if text.isdigit() else 0


def _told(form: PortalForm, refused: Refused) -> Any:
    form.form_errors.append(sentence(refused))
    form.op_id.data = str(uuid.uuid4())
    return form
