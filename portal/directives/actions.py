"""Issuing an urging note under its number, and recording the reply; always inside the caller's ``commit()``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from portal.audit import record
from portal.database import db, transition
from portal.directives import queries
from portal.directives.events import UrgingNoteAnswered, UrgingNoteIssued
from portal.directives.models import UrgedCase, UrgingNote
from portal.directives.queries import Line
from portal.directives.rules import REGISTER_FORM, State, Subject, is_late_reply
from portal.directives.wording import number_text
from portal.documents import actions as registers
from portal.documents.store import Content
from portal.guard import Viewer
from portal.refusal import Refused


@dataclass(frozen=True)
class Draft:
    """A note that is about to be issued, its files drawn already under the proposed number."""

    issuer_id: int
    unit_id: int
    subject: Subject
    round: int
    number: int
    lines: Sequence[Line]
    reply_due_on: date
    pdf: Content
    docx: Content
    before_id: int | None
    person_id: int | None = None


def issue(draft: Draft, *, by: Viewer, at: datetime, on: date) -> UrgingNote:
    """Take the number and issue the note; the round before lapses. Refused where the number is taken meanwhile.

    Two who urge the same unit about the same at once: one wins, the other reads that it was urged just now.
    """
    _let_lapse(draft)
    registers.take_number(draft.issuer_id, REGISTER_FORM, on.year, draft.number, used_for="urging note", at=at)
    for content in (draft.pdf, draft.docx):
        registers.remember_file(content, at=at)
    note = UrgingNote(
        issuer_id=draft.issuer_id, unit_id=draft.unit_id, subject=draft.subject, round=draft.round, year=on.year,
        number=draft.number, issued_on=on, issued_at=at, issued_by=by.person_id, reply_due_on=draft.reply_due_on,
        total=len(draft.lines), pdf_sha256=draft.pdf.sha256, docx_sha256=draft.docx.sha256,
        person_id=draft.person_id,
    )  # fmt: skip
    db.session.add(note)
    db.session.flush()
    db.session.add_all(
        UrgedCase(note_id=note.id, place=place, case_id=line.case_id, code=line.code, due_on=line.due_on)
        for place, line in enumerate(draft.lines, start=1)
    )
    event = UrgingNoteIssued(
        unit_id=draft.unit_id, subject=draft.subject, round=draft.round, number=number_text(draft.number),
        total=len(draft.lines), reply_due_on=draft.reply_due_on, person_id=draft.person_id,
    )  # fmt: skip
    record(event, entity_id=note.id, by=by, at=at)
    return note


def _let_lapse(draft: Draft) -> None:
    issuer_id = None if draft.person_id is None else draft.issuer_id
    latest = queries.latest_notes(draft.subject, [draft.unit_id], draft.person_id, issuer_id).get(draft.unit_id)
    if (latest.id if latest else None) != draft.before_id:
        raise Refused("urging.urged_meanwhile")
    if latest is not None and latest.state == State.ISSUED:
        transition(UrgingNote, latest.id, where={"state": State.ISSUED}, to={"state": State.LAPSED})


@dataclass(frozen=True)
class Reply:
    """What the unit says; ``document``: number and date of its letter."""

    text: str
    document: str
    replied_on: date
    file: Content | None = None
    file_name: str = ""


def answer(note: UrgingNote, reply: Reply, *, version: int, by: Viewer, at: datetime, on: date) -> None:
    """Record the reply of the unit, also a late one to a note that has lapsed. Refused when there is nothing in it."""
    if not queries.may_answer(by, note):
        raise Refused("urging.not_yours" if note.state != State.ANSWERED else "urging.answered")
    if not reply.text.strip() and reply.file is None:
        raise Refused("urging.empty_reply")
    if not note.issued_on <= reply.replied_on <= on:
        raise Refused("urging.impossible_day", issued=f"{note.issued_on:%d/%m/%Y}")
    if reply.file is not None:
        registers.remember_file(reply.file, at=at)
    to = {
        "state": State.ANSWERED,
        "reply": reply.text.strip(),
        "reply_document": reply.document.strip(),
        "reply_sha256": reply.file.sha256 if reply.file else None,
        "reply_file": reply.file_name,
        "replied_on": reply.replied_on,
        "replied_by": by.person_id,
    }
    late = is_late_reply(note.reply_due_on, reply.replied_on)
    ident = note.id
    transition(UrgingNote, ident, where={"state": (State.ISSUED, State.LAPSED)}, to=to, version=version)
    event = UrgingNoteAnswered(reply=reply.text.strip(), document=reply.document.strip(), late=late)
    record(event, entity_id=ident, by=by, at=at)
