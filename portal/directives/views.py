"""Urging notes on pages: who did not answer, urging units from the lists, one note with its reply."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from wtforms.fields import SelectChoice

from portal import clock
from portal.audit.queries import events_of
from portal.database import commit
from portal.directives import actions, issuing, queries
from portal.directives.actions import Reply
from portal.directives.forms import ReplyForm, UrgeForm
from portal.directives.messages import STATES, SUBJECTS
from portal.directives.models import UrgingNote
from portal.directives.queries import PAGE, NoteQuery
from portal.directives.rules import Subject, is_late_reply, is_past_term, next_round
from portal.directives.wording import messenger_text, number_text
from portal.documents.serving import document_mark, file_store, keep_upload, send_stored
from portal.guard import Permission, permit, viewer
from portal.refusal import Refused
from portal.web.respond import done, invalid, or_404, page
from portal.web.words import sentence

bp = Blueprint("urging", __name__, url_prefix="/urging")
SHOWS = ("waiting", "late", "last", "all")


@bp.get("")
@permit(Permission.READ_URGING)
def index() -> ResponseReturnValue:
    """The notes of my reach: those that wait, who did not answer, the third rounds, all."""
    visible, today = NoteQuery.visible_to(viewer()), clock.today()
    parts = {
        "waiting": visible.unanswered(), "late": visible.past_term(today), "last": visible.of_last_round(),
        "all": visible,
    }  # fmt: skip
    show = request.args.get("show", "")
    show = show if show in SHOWS else "waiting"
    before = request.args.get("before", type=int)
    found = (parts[show].before(before) if before else parts[show]).page()
    shown, more = found[:PAGE], len(found) > PAGE
    return page(
        "urging/index.html", notes=shown, show=show, late=parts["late"].count(),
        next_url=url_for(".index", show=show, before=shown[-1].id) if more else None, **_words(),
    )  # fmt: skip


def _words() -> dict[str, Any]:
    today = clock.today()
    return {
        "subject_words": SUBJECTS,
        "state_words": STATES,
        "number_text": number_text,
        "past_term": lambda note: is_past_term(note.state, note.reply_due_on, today),
        "late_reply": lambda note: is_late_reply(note.reply_due_on, note.replied_on),
    }


@bp.get("/new")
@permit(Permission.URGE_UNITS)
def new() -> ResponseReturnValue:
    """Units that owe something of one kind, to be urged together."""
    return page("urging/new.html", **_new_context(_subject(request.args.get("subject", ""))))


def _subject(word: str) -> Subject:
    return Subject(word) if word in list(Subject) else Subject.OVERDUE


def _new_context(subject: Subject, form: UrgeForm | None = None) -> dict[str, Any]:
    units = queries.units_to_urge(subject, viewer(), clock.local_now())
    latest = queries.latest_notes(subject, [unit.id for unit, _count, _oldest in units])
    return {
        "subject": subject, "units": units, "latest": latest, "form": form or UrgeForm(formdata=None),
        "round_of": lambda note: next_round(note.round if note else None, note.state if note else None),
        **_words(),
    }  # fmt: skip


@bp.post("/new/<any(overdue, explanations, apologies):subject>")
@permit(Permission.URGE_UNITS)
def create(subject: str) -> ResponseReturnValue:
    """Issue a note to each chosen unit; what was issued stays when a later one is refused."""
    about, form = Subject(subject), UrgeForm()
    context = _new_context(about, form)
    form.units.choices = [SelectChoice(unit.id, unit.name) for unit, _count, _oldest in context["units"]]
    if not form.validate():
        return invalid("urging/new.html", **context)
    issued = 0
    for unit_id in form.units.data:
        try:
            issuing.urge(
                about, unit_id, file_store(), mark=document_mark(), by=viewer(), at=clock.now(), now=clock.local_now()
            )
        except Refused as refused:
            form.form_errors.append(sentence(refused))
            form.op_id.data = str(uuid.uuid4())
            return page("urging/new.html", status=409, **_new_context(about, form), issued=issued)
        issued += 1
    words = ngettext("%(num)s urging note issued.", "%(num)s urging notes issued.", issued)
    return done(words, url_for(".index"))


@bp.get("/<int:note_id>")
@permit(Permission.READ_URGING)
def show(note_id: int) -> ResponseReturnValue:
    """One note: what it lists, its text for a messenger, its reply."""
    return page("urging/show.html", **_context(_find(note_id)))


def _find(note_id: int) -> UrgingNote:
    return or_404(NoteQuery.visible_to(viewer()).get(note_id))


def _context(note: UrgingNote, form: ReplyForm | None = None) -> dict[str, Any]:
    blank = ReplyForm(formdata=None, version=str(note.version), replied_on=clock.today())
    return {
        "note": note,
        "cases": queries.cases_of(note.id),
        "text": messenger_text(issuing.facts_of(note)),
        "answers": queries.may_answer(viewer(), note),
        "form": form or blank,
        "events": events_of("urging_note", note.id),
        **_words(),
    }


@bp.post("/<int:note_id>/reply")
@permit(Permission.ANSWER_URGING, Permission.URGE_UNITS)
def reply(note_id: int) -> ResponseReturnValue:
    """The unit answers, or the office records its letter."""
    note, form = _find(note_id), ReplyForm()
    if not form.validate():
        return invalid("urging/show.html", **_context(note, form))
    try:
        kept = keep_upload(form.file.data) if form.file.data else None
        said = Reply(
            text=form.reply.data or "",
            document=form.document.data or "",
            replied_on=form.replied_on.data,
            file=kept[1] if kept else None,
            file_name=kept[0].name if kept else "",
        )
        version = int(form.version.data) if str(form.version.data).isdigit() else 0
        with commit():
            actions.answer(note, said, version=version, by=viewer(), at=clock.now(), on=clock.today())
    except Refused as refused:
        form.form_errors.append(sentence(refused))
        form.op_id.data = str(uuid.uuid4())
        return page("urging/show.html", status=409, **_context(_find(note_id), form))
    return done(_("The reply is recorded."), url_for(".show", note_id=note_id))


@bp.get("/<int:note_id>/note.<any(pdf, docx):kind>")
@permit(Permission.READ_URGING)
def letter(note_id: int, kind: str) -> ResponseReturnValue:
    """The note as it was issued."""
    note = _find(note_id)
    name = f"phieu-don-doc-{note.number}-{note.year}.{kind}"
    return send_stored(note.pdf_sha256 if kind == "pdf" else note.docx_sha256, name)


@bp.get("/<int:note_id>/reply-file")
@permit(Permission.READ_URGING)
def reply_file(note_id: int) -> ResponseReturnValue:
    """The letter with which the unit answered."""
    note = _find(note_id)
    if note.reply_sha256 is None:
        return or_404(None)
    return send_stored(note.reply_sha256, note.reply_file)
