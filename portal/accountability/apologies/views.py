"""Letters of apology on pages: what waits for me, one letter with its facts, and its steps."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from flask import Blueprint, Response, jsonify, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage

from portal import clock
from portal.accountability.apologies import actions, copies, issuing, letters, mailing, queries, sending
from portal.accountability.apologies.copies import Given
from portal.accountability.apologies.forms import (
    BatchDraftForm,
    DraftForm,
    ExemptForm,
    NumberForm,
    PdfForm,
    ProofForm,
    ScanForm,
    SendBackForm,
    SendForm,
    SignedForm,
    VersionForm,
)
from portal.accountability.apologies.messages import (
    CANCEL_REASONS,
    CHANNELS,
    DESKS,
    EXEMPT_REASONS,
    FORMS,
    STATES,
    WAYS,
)
from portal.accountability.apologies.models import Apology
from portal.accountability.apologies.queries import ApologyQuery, Desk, OnDesk
from portal.accountability.apologies.rules import (
    OPEN,
    REGISTER_FORM,
    Action,
    Actor,
    Channel,
    ExemptReason,
    Standing,
    State,
    Way,
    actions_for,
    promise_kept,
    promised_date,
    ways_for,
)
from portal.audit.queries import events_of
from portal.calendars.queries import current_calendar
from portal.cases.late import how_late, late_words
from portal.cases.moving import moment_of
from portal.cases.rules import verdict
from portal.database import commit
from portal.deadlines import DayOutsideCalendar, Moment
from portal.documents import queries as registers
from portal.documents.letter import Letter
from portal.documents.rules import ending_of
from portal.documents.serving import document_mark, file_store, keep_upload, seals, send_bytes, send_stored
from portal.guard import Permission, permit, viewer
from portal.notices import outbox
from portal.notices.messages import STATES as MAIL_STATES
from portal.policy.queries import causes_in_force
from portal.refusal import Refused
from portal.web.forms import PortalForm
from portal.web.operations import repeatable
from portal.web.respond import done, invalid, or_404, page
from portal.web.words import sentence

bp = Blueprint("apologies", __name__, url_prefix="/apologies")
WRITES = (Permission.DRAFT_LETTERS,)
SENDS_BACK = (Permission.SIGN_LETTERS, Permission.NUMBER_LETTERS)
NUMBERS = (Permission.NUMBER_LETTERS, Permission.SIGN_LETTERS)


@bp.get("")
@permit(Permission.READ_LETTERS)
def index() -> ResponseReturnValue:
    """The letters that wait for me, by step, and all of my scope."""
    who, today = viewer(), clock.today()
    reach = queries.reach_of(who, today)
    counts = queries.desk_counts(who, reach, today)
    desk = _desk(request.args.get("desk", ""), counts)
    state, text = request.args.get("state", ""), request.args.get("q", "").strip()
    found = ApologyQuery.visible_to(who).on_desk(desk, reach, today).matching(text)
    if state in list(State):
        found = found.in_state(state)
    total = counts[desk].count if not (text or state) else found.count()
    rows = list(_after(found, request.args.get("after", "")).page())
    shown, more = rows[: queries.PAGE], len(rows) > queries.PAGE
    last = shown[-1].apology if more else None
    following = (
        {"desk": desk, "state": state, "q": text, "after": f"{last.due_at.isoformat()}_{last.id}"} if last else None
    )
    return page(
        "apologies/index.html", fragment="apologies/_rows.html", desks=DESKS, desk=desk, counts=counts, rows=shown,
        step=STEP_OF.get(desk), total=total, state=state, state_words=STATES, states=list(State), q=text,
        following=following, today=today, promise_kept=promise_kept, keeps_forms=who.may(Permission.SIGN_LETTERS),
    )  # fmt: skip


STEP_OF = {Desk.TO_DRAFT: "hand-in", Desk.TO_SIGN: "sign", Desk.TO_NUMBER: "number", Desk.TO_SEND: "send"}
"""The step that the letters of a list wait for, as the address of the batch names it."""


def _desk(wanted: str, counts: dict[Desk, OnDesk]) -> Desk:
    """The list asked for, else the first on which something waits, else everything."""
    if wanted in list(Desk):
        return Desk(wanted)
    return next((desk for desk in Desk if counts[desk].count), Desk.ALL)


def _after(found: ApologyQuery, mark: str) -> ApologyQuery:
    """The page after a row, as its link says it; a broken mark starts at the top."""
    due_at, _mark, ident = mark.partition("_")
    try:
        return found.after(datetime.fromisoformat(due_at).replace(tzinfo=None), int(ident))
    except ValueError:
        return found


@bp.get("/<int:apology_id>")
@permit(Permission.READ_LETTERS)
def show(apology_id: int) -> ResponseReturnValue:
    """One letter: facts, text, and the steps this viewer may take."""
    return page("apologies/show.html", **context_of(find(apology_id)))


@bp.post("/<int:apology_id>/draft")
@permit(*WRITES)
@repeatable
def save(apology_id: int) -> ResponseReturnValue:
    """Save the draft, also while it is typed; an unreadable date never costs the text."""
    apology, form = find(apology_id), _draft_form()
    typing = request.accept_mimetypes.best == "application/json"
    readable = form.validate()
    if not typing and not readable:
        return invalid("apologies/show.html", **context_of(apology, draft_form=form))
    try:
        with commit():
            draft = _draft_of(form, fallback=None if readable else apology.new_date)
            version = actions.save_draft(
                apology,
                draft,
                version=form.version.data or 0,
                by=viewer(),
                at=clock.now(),
                on=clock.today(),
                told=not typing,
            )
    except Refused as refused:
        if typing:
            return jsonify(error=sentence(refused)), 409
        return _refused(apology, form, refused, "draft_form")
    if typing:
        return jsonify(version=version, saved_at=f"{clock.now().astimezone(clock.VIETNAM):%H:%M:%S}")
    return done(_("Draft saved."), url_for(".show", apology_id=apology_id))


@bp.post("/<int:apology_id>/preview")
@permit(*WRITES)
@repeatable
def preview(apology_id: int) -> ResponseReturnValue:
    """The letter with the words that stand in the form; writes nothing. ``propose``: with the sentence of the cause."""
    apology, form = find(apology_id), _draft_form()
    form.validate()
    if request.form.get("propose"):
        chosen = next((cause for cause in causes_in_force(clock.today()) if cause.id == form.cause.data), None)
        form.cause_text.data = chosen.citizen_text if chosen else form.cause_text.data
        return page("apologies/show.html", fragment="apologies/_write.html", **context_of(apology, draft_form=form))
    return page("apologies/show.html", fragment="apologies/_preview.html", **context_of(apology, draft_form=form))


@bp.post("/<int:apology_id>/hand-in")
@permit(*WRITES)
def hand_in(apology_id: int) -> ResponseReturnValue:
    """Give the complete letter to the head for signature."""
    apology, form = find(apology_id), _draft_form()

    def act() -> None:
        with commit():
            draft = _draft_of(form)
            actions.hand_in(apology, draft, version=form.version.data, by=viewer(), at=clock.now(), on=clock.today())

    return _step(apology, form, "draft_form", act, lambda: _("Handed in for signature."))


@bp.post("/<int:apology_id>/sign")
@permit(Permission.SIGN_LETTERS)
def sign(apology_id: int) -> ResponseReturnValue:
    """Sign the letter as it stands on the screen."""
    apology, form = find(apology_id), VersionForm()

    def act() -> None:
        issuing.sign(
            apology, file_store(), mark=document_mark(), version=form.version.data, by=viewer(), at=clock.now(),
            on=clock.today(),
        )  # fmt: skip

    return _step(apology, form, "sign_form", act, lambda: _("Signed. The clerk numbers and sends it."))


@bp.post("/<int:apology_id>/send-back")
@permit(*SENDS_BACK)
def send_back(apology_id: int) -> ResponseReturnValue:
    """Back to the drafter with a comment."""
    apology, form = find(apology_id), SendBackForm()

    def act() -> None:
        with commit():
            actions.send_back(
                apology, form.comment.data, version=form.version.data, by=viewer(), at=clock.now(), on=clock.today()
            )

    return _step(apology, form, "back_form", act, lambda: _("Sent back to its drafter."))


@bp.post("/<int:apology_id>/number")
@permit(*NUMBERS)
def number(apology_id: int) -> ResponseReturnValue:
    """Number and date the signed letter."""
    apology, form = find(apology_id), NumberForm()
    given: list[int] = []

    def act() -> None:
        given.append(
            issuing.number(
                apology,
                form.number.data,
                file_store(),
                issued_on=form.issued_on.data,
                version=form.version.data,
                by=viewer(),
                at=clock.now(),
                on=clock.today(),
            )  # fmt: skip
        )

    return _step(apology, form, "number_form", act, lambda: _("The letter has number %(number)s.", number=given[0]))


@bp.post("/<int:apology_id>/pdf")
@permit(*NUMBERS)
def bring_pdf(apology_id: int) -> ResponseReturnValue:
    """Take in the PDF that was saved from the unit's own Word file."""
    apology, form = find(apology_id), PdfForm()

    def act() -> None:
        checked, content = keep_upload(form.pdf.data)
        if ending_of(checked.name) != "pdf":
            raise Refused("apologies.signed_kind", name=checked.name)
        version = form.version.data
        issuing.bring_pdf(
            apology, content, file_store(), version=version, by=viewer(), at=clock.now(), on=clock.today()
        )

    return _step(apology, form, "pdf_form", act, lambda: _("The PDF is kept."))


@bp.post("/<int:apology_id>/send")
@permit(*NUMBERS)
def send(apology_id: int) -> ResponseReturnValue:
    """Record that the letter was sent."""
    apology, form = find(apology_id), SendForm()

    def act() -> None:
        file = given(form.file.data) if form.file.data else None
        with commit():
            sending.send(
                apology, Channel(form.channel.data), form.sent_at.data, form.proof.data, file,
                version=form.version.data, by=viewer(), at=clock.now(), now=clock.local_now(),
            )  # fmt: skip

    return _step(apology, form, "send_form", act, lambda: _("Recorded as sent."))


@bp.post("/<int:apology_id>/exempt")
@permit(Permission.EXEMPT_LETTERS)
def exempt(apology_id: int) -> ResponseReturnValue:
    """Approve that no apology is due."""
    apology, form = find(apology_id), ExemptForm()

    def act() -> None:
        checked, content = keep_upload(form.file.data) if form.file.data else (None, None)
        exemption = actions.Exemption(
            ExemptReason(form.reason.data), form.note.data or "", form.evidence.data or "", content,
            checked.name if checked else "",
        )  # fmt: skip
        with commit():
            actions.exempt(apology, exemption, version=form.version.data, by=viewer(), at=clock.now(), on=clock.today())

    return _step(
        apology, form, "exempt_form", act, lambda: _("Exempted; the reason and its evidence stand on this page.")
    )


@bp.get("/<int:apology_id>/letter/<any(pdf, docx):kind>")
@permit(Permission.READ_LETTERS)
def letter(apology_id: int, kind: str) -> ResponseReturnValue:
    """The letter as a file: what was signed or issued from the store, a draft drawn now and marked as one."""
    apology = find(apology_id)
    data = issuing.file_of(apology, kind, file_store(), mark=document_mark(), on=clock.today())
    return send_bytes(or_404(data), f"Thư xin lỗi {apology.case.code}.{kind}")


@bp.get("/<int:apology_id>/evidence")
@permit(Permission.READ_LETTERS)
def evidence(apology_id: int) -> Response:
    """The file that proves an exemption."""
    apology = find(apology_id)
    return send_stored(or_404(apology.exempt_sha256), apology.exempt_file_name or "minh-chung.pdf")


def given(upload: FileStorage) -> Given:
    """An uploaded file, checked and kept."""
    checked, content = keep_upload(upload)
    return Given(checked.name, content)


def find(apology_id: int) -> Apology:
    """The letter within the viewer's scope; out of scope does not exist."""
    return or_404(ApologyQuery.visible_to(viewer()).get(apology_id))


def _draft_form(apology: Apology | None = None) -> DraftForm:
    """The officer's form: from the request, or filled from the row and the stated cause."""
    if apology is None:
        form = DraftForm()
    else:
        cause_id = apology.cause_id or queries.stated_cause_id(apology)
        saved = {"addressee": apology.addressee or apology.case.applicant_name, "cause_text": apology.cause_text}
        saved["email"] = apology.email
        form = DraftForm(
            formdata=None, version=apology.version, cause=cause_id or 0, new_date=apology.new_date, **saved
        )
    causes = causes_in_force(clock.today())
    form.offer(causes, english=str(get_locale()) == "en")
    if apology is not None and not apology.cause_text and apology.state == State.WAITING:
        form.cause_text.data = next((cause.citizen_text for cause in causes if cause.id == form.cause.data), "")
    return form


def _draft_of(form: DraftForm, fallback: date | None = None) -> actions.Draft:
    """The words of the form; ``fallback`` stands for a date that could not be read."""
    return actions.Draft(
        addressee=form.addressee.data or "",
        email=form.email.data or "",
        cause_id=form.cause.data or None,
        cause_text=form.cause_text.data or "",
        new_date=new_date_of(form) or fallback,
    )


def new_date_of(form: DraftForm | BatchDraftForm) -> date | None:
    """The promised day: typed, or so many working days from today as far as the calendar reaches."""
    try:
        return promised_date(form.new_date.data, form.days.data, clock.today(), current_calendar())
    except DayOutsideCalendar:
        return None


def _step(
    apology: Apology, form: PortalForm, name: str, act: Callable[[], None], said: Callable[[], str]
) -> ResponseReturnValue:
    """One step: shape, action, answer. What was typed stands on the page again when a rule says no."""
    if not form.validate():
        return invalid("apologies/show.html", **context_of(apology, **{name: form}))
    try:
        act()
    except Refused as refused:
        return _refused(apology, form, refused, name)
    return done(said(), url_for(".show", apology_id=apology.id))


def _refused(apology: Apology, form: PortalForm, refused: Refused, name: str) -> ResponseReturnValue:
    form.form_errors.append(sentence(refused))
    fresh = find(apology.id)
    if "version" in form:
        form.version.data = form.version.raw_data = None
        form.version.data = fresh.version
    return page("apologies/show.html", status=409, **context_of(fresh, **{name: form}))


def context_of(apology: Apology, **forms: PortalForm) -> dict[str, Any]:
    """Everything the page of one letter shows; forms given keep what was typed."""
    today, case = clock.today(), apology.case
    seats = queries.seats_on(today, viewer())
    standing = queries.standing_of(viewer(), apology, seats)
    possible = actions_for(apology.state, standing, handed_in=apology.handed_in)
    end = moment_of(case.finished_at, case.finished_precision) if case.finished_at else Moment(clock.local_now())
    late = how_late(moment_of(apology.due_at, apology.due_precision), end, current_calendar())
    context: dict[str, Any] = {
        "apology": apology,
        "case": case,
        "procedure": queries.procedure_title(case),
        "verdict": verdict(case, clock.local_now()),
        "late_by": late_words(late, ended=case.finished_at is not None),
        "finished": letters.is_finished(apology),
        "promise": promise_kept(apology.new_date, case.finished_at, today),
        "possible": possible,
        "Action": Action,
        "returns": queries.returns_of(apology),
        "copies": copies.shown(apology),
        "mail": mailing.mail_of(apology.id) if apology.email else None,
        "mail_words": MAIL_STATES,
        "proofs": sending.proofs_of(apology.id) if apology.sent_at else (),
        "way_words": WAYS,
        "in_vietnam": clock.in_vietnam,
        "explanation_id": queries.explanation_id(apology),
        "events": events_of("apology", apology.id),
        "form_names": FORMS,
        "state_words": STATES,
        "channels": CHANNELS,
        "exempt_reasons": EXEMPT_REASONS,
        "cancel_reasons": CANCEL_REASONS,
        "overdue_letter": apology.state in OPEN and apology.is_late is None and actions.is_late(apology, today),
    }
    shown = {**_forms(apology, possible, today), **_copy_forms(apology, standing), **forms}
    return {**context, **shown, "letter": _letter_shown(apology, shown.get("draft_form"), today, seats)}


def _letter_shown(apology: Apology, form: PortalForm | None, today: date, seats: queries.Seats) -> Letter | None:
    if isinstance(form, DraftForm) and apology.state in (State.WAITING, State.DRAFT):
        draft = _draft_of(form, apology.new_date)
        return letters.draft_of(
            apology, today, seats, mark=document_mark(), cause_text=draft.cause_text, new_date=draft.new_date,
            addressee=draft.addressee,
        )  # fmt: skip
    return letters.present(apology, today, seats, mark=document_mark())


def _forms(apology: Apology, possible: tuple[Action, ...], today: date) -> dict[str, PortalForm]:
    """The forms of the steps that are possible now, filled."""
    version = apology.version
    makers: dict[Action, tuple[str, Callable[[], PortalForm]]] = {
        Action.SAVE: ("draft_form", lambda: _draft_form(apology)),
        Action.SIGN: ("sign_form", lambda: VersionForm(formdata=None, version=version)),
        Action.SEND_BACK: ("back_form", lambda: SendBackForm(formdata=None, version=version)),
        Action.NUMBER: ("number_form", lambda: _number_form(apology, today)),
        Action.SEND: ("send_form", lambda: SendForm(formdata=None, version=version, sent_at=clock.local_now())),
        Action.EXEMPT: ("exempt_form", lambda: ExemptForm(formdata=None, version=version)),
    }
    return {name: make() for action, (name, make) in makers.items() if action in possible}


def _copy_forms(apology: Apology, standing: Standing) -> dict[str, PortalForm]:
    """The forms by which the signed letter may come in now; that of the seal only where this server keeps one."""
    ways = ways_for(apology.state, standing)
    makers: dict[Way, tuple[str, Callable[[], PortalForm]]] = {
        Way.PAPER: ("scan_form", lambda: ScanForm(formdata=None)),
        Way.TOKEN: ("signed_form", lambda: SignedForm(formdata=None)),
    }
    is_sent = apology.state == State.SENT and Actor.CLERK in standing.actors()
    proof: dict[str, PortalForm] = {"proof_form": ProofForm(formdata=None)} if is_sent else {}
    if apology.state == State.NUMBERED and apology.email and outbox.is_on() and Actor.CLERK in standing.actors():
        proof["mail_form"] = VersionForm(formdata=None, version=apology.version)
    if apology.file_sha256 is None:
        lacks_pdf = apology.state == State.NUMBERED and Actor.CLERK in standing.actors()
        return {"pdf_form": PdfForm(formdata=None, version=apology.version)} if lacks_pdf else {}
    forms: dict[str, PortalForm] = {**proof, **{name: make() for way, (name, make) in makers.items() if way in ways}}
    if Way.SEAL in ways and seals().has(apology.unit.code):
        forms["seal_form"] = VersionForm(formdata=None, version=apology.version)
    return forms


def _number_form(apology: Apology, today: date) -> NumberForm:
    form = NumberForm(formdata=None, version=apology.version, issued_on=today)
    following = registers.next_number(apology.unit_id, REGISTER_FORM, today.year)
    form.number.render_kw = {"placeholder": str(following), "inputmode": "numeric"}
    return form
