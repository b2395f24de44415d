"""The steps of a letter. Each checks who, state and content, changes by one conditional update, and records last.

``at`` is an instant, ``on`` the business day, wall moments are Vietnam time. The caller renders and stores files
before ``commit()``; see ``issuing``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from portal.accountability.apologies import letters, queries, rules
from portal.accountability.apologies.events import (
    ApologyCancelled,
    ApologyDrafted,
    ApologyExempted,
    ApologyHandedIn,
    ApologyNumbered,
    ApologyPdfBrought,
    ApologySent,
    ApologySentBack,
    ApologySigned,
)
from portal.accountability.apologies.models import Apology, ApologyReturn
from portal.accountability.apologies.rules import REGISTER_FORM, Action, Channel, ExemptReason, State
from portal.accountability.apologies.wording import number_text
from portal.audit import record
from portal.calendars.queries import current_calendar
from portal.database import db, transition
from portal.deadlines import WorkingCalendar
from portal.directory.models import Posting
from portal.documents import actions as documents
from portal.documents.store import Content
from portal.guard import Viewer
from portal.policy import queries as policy
from portal.refusal import Conflict, Refused
from portal.vietnamese import clean, clean_text

AT_BREACH = "breach"


@dataclass(frozen=True)
class Draft:
    """What the officer writes."""

    addressee: str
    cause_id: int | None
    cause_text: str
    new_date: date | None
    email: str = ""


@dataclass(frozen=True)
class Files:
    """The numbered letter in the store, as PDF and as Word file.

    ``template_id``: it was made from the unit's own Word file; then the PDF may be missing until somebody brings it.
    """

    pdf: Content | None
    docx: Content
    template_id: int | None = None


@dataclass(frozen=True)
class Exemption:
    """Why no apology is due, and what proves it."""

    reason: ExemptReason
    note: str
    evidence: str
    file: Content | None = None
    file_name: str = ""


def save_draft(
    apology: Apology, draft: Draft, *, version: int, by: Viewer, at: datetime, on: date, told: bool = True
) -> int:
    """Save the text as it is, however incomplete; gives the new version. ``told`` False: saved while typing."""
    _check(Action.SAVE, apology, by, queries.seats_on(on))
    began = apology.state == State.WAITING
    _change(apology, version, {**_written(apology, draft, by), "state": State.DRAFT, "drafted_at": at})
    if began or told:
        _record(ApologyDrafted(new_date=draft.new_date), apology, by.standing_in(apology.officer_id), at)
    return version + 1


def hand_in(apology: Apology, draft: Draft, *, version: int, by: Viewer, at: datetime, on: date) -> None:
    """Save a complete letter and give it to the head for signature."""
    _check(Action.HAND_IN, apology, by, queries.seats_on(on))
    written = _written(apology, draft, by)
    _check_complete(apology, written["addressee"], written["cause_text"], written["new_date"], on)
    form = letters.form_in_force(apology, on)
    now = {"state": State.DRAFT, "drafted_at": at, "submitted_at": at, "form": form}
    _change(apology, version, {**written, **now})
    event = ApologyHandedIn(form=form, new_date=written["new_date"])
    _record(event, apology, by.standing_in(apology.officer_id), at)


def sign(
    apology: Apology, signed: letters.Signed, pdf: Content, *, version: int, by: Viewer, at: datetime, on: date
) -> None:
    """Sign what was on the screen: ``signed`` as rendered into ``pdf``. Refused when the case has moved since.

    Signs who heads the resolving unit today, or the next head upward where the post is vacant. A head may sign what
    he drafted himself.
    """
    seats = queries.seats_on(on, by)
    signer = _check_signer(apology, by, seats)
    _check(Action.SIGN, apology, by, seats)
    _check_complete(apology, apology.addressee, apology.cause_text, apology.new_date, on)
    form = letters.form_in_force(apology, on)
    if form != apology.form:
        raise Refused("apologies.form_changed")
    if letters.for_signing(apology, on, seats, mark=signed.letter.mark) != signed:
        raise Conflict()
    documents.remember_file(pdf, at=at)
    values = {
        "state": State.SIGNED,
        "signer_id": by.person_id,
        "signed_for": None if signer.person_id == by.person_id else signer.person_id,
        "signed_at": at,
        "signed_on": on,
        "signed_sha256": pdf.sha256,
        "content": signed.as_json(),
    }
    _change(apology, version, values)
    _record(
        ApologySigned(form=form, new_date=apology.new_date, sha256=pdf.sha256),
        apology,
        by.standing_in(signer.person_id),
        at,
    )


def number(
    apology: Apology,
    wanted: int,
    files: Files,
    *,
    issued_on: date,
    drawn: bool,
    version: int,
    by: Viewer,
    at: datetime,
    on: date,
) -> None:
    """Give the signed letter its number and day; ``files`` carry both. Refused when the number was given before.

    ``drawn``: the number was proposed by the register. Late when the day lies after the moment that policy sets.
    """
    _check(Action.NUMBER, apology, by, queries.seats_on(on))
    first = apology.signed_on or on
    if not first <= issued_on <= on:
        raise Refused("apologies.issued_out_of_order", first=f"{first:%d/%m/%Y}", last=f"{on:%d/%m/%Y}")
    documents.take_number(
        apology.unit_id, REGISTER_FORM, issued_on.year, wanted, used_for=f"apology:{apology.id}", at=at
    )
    for file in (files.docx, files.pdf):
        if file is not None:
            documents.remember_file(file, at=at)
    sha256 = files.pdf.sha256 if files.pdf else None
    late = is_late(apology, issued_on)
    values = {
        "state": State.NUMBERED,
        "number": wanted,
        "number_text": number_text(wanted),
        "numbered_by": by.person_id,
        "numbered_at": at,
        "issued_on": issued_on,
        "is_late": late,
        "file_sha256": sha256,
        "docx_sha256": files.docx.sha256,
        "template_id": files.template_id,
    }
    _change(apology, version, values)
    event = ApologyNumbered(
        number=wanted, issued_on=issued_on, drawn=drawn, is_late=late, sha256=sha256 or files.docx.sha256
    )
    _record(event, apology, _as_signer(apology, by, on), at)


def send(
    apology: Apology,
    channel: Channel,
    sent_at: datetime,
    proof: str,
    *,
    version: int,
    by: Viewer,
    at: datetime,
    now: datetime,
) -> None:
    """Record that the letter was sent: how, when (wall time) and by what it can be proved. ``now``: business time."""
    _check(Action.SEND, apology, by, queries.seats_on(now.date()))
    words = clean_text(proof)
    if not words:
        raise Refused("apologies.proof_missing")
    if apology.file_sha256 is None:
        raise Refused("apologies.pdf_missing")
    if apology.issued_on is None or sent_at.date() < apology.issued_on or sent_at > now:
        first = apology.issued_on or now.date()
        raise Refused("apologies.sent_out_of_order", first=f"{first:%d/%m/%Y}", last=f"{now:%d/%m/%Y %H:%M}")
    values = {"state": State.SENT, "sent_channel": channel, "sent_at": sent_at, "proof": words, "sent_by": by.person_id}
    _change(apology, version, values)
    _record(ApologySent(channel=channel, sent_at=sent_at), apology, _as_signer(apology, by, now.date()), at)


def bring_pdf(
    apology: Apology, pdf: Content, missing: Sequence[str], *, version: int, by: Viewer, at: datetime, on: date
) -> None:
    """Keep the PDF that was saved from the numbered Word file. ``missing``: what of the letter is not read in it."""
    standing = queries.standing_of(by, apology, queries.seats_on(on))
    if apology.state != State.NUMBERED or apology.file_sha256 is not None:
        raise Refused("apologies.not_now")
    if rules.Actor.CLERK not in standing.actors():
        raise Refused("apologies.not_yours")
    if missing:
        raise Refused("apologies.pdf_differs", missing="; ".join(missing))
    documents.remember_file(pdf, at=at)
    _change(apology, version, {"file_sha256": pdf.sha256})
    _record(ApologyPdfBrought(sha256=pdf.sha256), apology, _as_signer(apology, by, on), at)


def send_back(apology: Apology, comment: str, *, version: int, by: Viewer, at: datetime, on: date) -> None:
    """Give the letter back to its drafter with a comment; text and comment are kept, a number it had is cancelled."""
    _check(Action.SEND_BACK, apology, by, queries.seats_on(on))
    words = clean_text(comment)
    if not words:
        raise Refused("apologies.comment_missing")
    kept = ApologyReturn(
        apology_id=apology.id, cause_text=apology.cause_text, new_date=apology.new_date, comment=words,
        by_id=by.person_id, at=at,
    )  # fmt: skip
    db.session.add(kept)
    was, cancelled = apology.state, _cancel_number(apology, words, at)
    _change(apology, version, {**UNSIGNED, "state": State.DRAFT, "submitted_at": None, "form": None})
    event = ApologySentBack(was=was, comment=words, cancelled_number=cancelled)
    _record(event, apology, _as_signer(apology, by, on), at)


def exempt(apology: Apology, exemption: Exemption, *, version: int, by: Viewer, at: datetime, on: date) -> None:
    """Approve that no apology is due. Only for the three grounds, with words and evidence, never for oneself."""
    if by.person_id is not None and by.person_id == apology.officer_id:
        raise Refused("apologies.own_exemption")
    _check(Action.EXEMPT, apology, by, queries.seats_on(on))
    note, evidence = clean_text(exemption.note), clean_text(exemption.evidence)
    if not note or not (evidence or exemption.file):
        raise Refused("apologies.exempt_needs_evidence")
    if exemption.file is not None:
        documents.remember_file(exemption.file, at=at)
    values = {
        "state": State.EXEMPT,
        "exempt_reason": exemption.reason,
        "exempt_note": note,
        "exempt_evidence": evidence,
        "exempt_sha256": exemption.file.sha256 if exemption.file else None,
        "exempt_file_name": exemption.file_name,
        "exempted_by": by.person_id,
        "exempted_at": at,
    }
    _change(apology, version, values)
    event = ApologyExempted(reason=exemption.reason, has_file=exemption.file is not None)
    _record(event, apology, by, at)


def cancel_with_breach(apology: Apology, reason: str, *, by: Viewer | None, at: datetime) -> bool:
    """Cancel the letter of a cancelled breach; a sent or exempted one stays (§3.5). Gives whether it was cancelled."""
    if not rules.allows(apology.state, Action.CANCEL, handed_in=apology.handed_in):
        return False
    was, cancelled = apology.state, _cancel_number(apology, reason, at)
    _change(apology, apology.version, {**UNSIGNED, "state": State.CANCELLED, "cancel_reason": reason})
    event = ApologyCancelled(was=was, reason=reason, cancelled_number=cancelled)
    record(event, entity_id=apology.id, by=by, at=at, case_id=apology.case_id)
    return True


def is_late(apology: Apology, issued_on: date) -> bool:
    """Whether a letter issued on a day comes after the moment that policy sets for it (§3.9, §3.13)."""
    opens_at_breach = policy.apology_at(apology.opened_on) == AT_BREACH
    term = rules.term_of(apology.opened_on, apology.due_at.date(), current_calendar(), opens_at_breach=opens_at_breach)
    return rules.is_late(issued_on, term, legacy=apology.legacy)


def term_of_letters(waiting: queries.OnDesk, opens_at: str) -> date | None:
    """The last day on which the oldest of some letters is in time; None where none of them has a term.

    ``opens_at``: when the duty is opened by the policy of today, as ``policy.apology_at`` says it.
    """
    if waiting.opened is None or waiting.due_at is None:
        return None
    opens_at_breach, due_on = opens_at == AT_BREACH, waiting.due_at.date()
    return rules.term_of(waiting.opened, due_on, current_calendar(), opens_at_breach=opens_at_breach)


UNSIGNED: Mapping[str, Any] = dict.fromkeys(
    (
        "signer_id", "signed_for", "signed_at", "signed_on", "signed_sha256", "content", "number", "number_text",
        "numbered_by", "numbered_at", "issued_on", "is_late", "file_sha256", "docx_sha256", "template_id",
    )
)  # fmt: skip
"""What a letter loses when it goes back before its signature."""


def _written(apology: Apology, draft: Draft, by: Viewer) -> dict[str, Any]:
    """The officer's words, cleaned; a finished case gets no new date."""
    return {
        "addressee": clean(draft.addressee)[:300],
        "email": clean(draft.email)[:200],
        "cause_id": draft.cause_id,
        "cause_text": clean_text(draft.cause_text)[: rules.LONGEST_CAUSE],
        "new_date": None if letters.is_finished(apology) else draft.new_date,
        "drafted_by": by.person_id,
    }


def _check(action: Action, apology: Apology, by: Viewer, seats: queries.Seats) -> None:
    """Whether this person may take this step now; raises Refused naming which of both it is."""
    standing = queries.standing_of(by, apology, seats)
    if not rules.allows(apology.state, action, handed_in=apology.handed_in):
        raise Refused("apologies.not_now")
    if action not in rules.actions_for(apology.state, standing, handed_in=apology.handed_in):
        raise Refused("apologies.not_yours")


def _check_signer(apology: Apology, by: Viewer, seats: queries.Seats) -> Posting:
    posting = seats.signer(apology.unit_id)
    if posting is None:
        raise Refused("apologies.no_signer")
    if posting.person_id not in by.person_ids:
        raise Refused("apologies.not_the_signer", name=posting.person.full_name)
    return posting


def _as_signer(apology: Apology, by: Viewer, on: date) -> Viewer:
    """How the trail names who acts for the signer; a clerk acts in his own right."""
    if not by.acting_for or apology.unit_id in by.clerk_units:
        return by
    signer = queries.signer_posting(apology.unit_id, on)
    return by.standing_in(signer.person_id) if signer else by


def _check_complete(apology: Apology, addressee: str, cause_text: str, new_date: date | None, on: date) -> None:
    finished = letters.is_finished(apology)
    missing = rules.missing_parts(addressee=addressee, cause_text=cause_text, new_date=new_date, is_finished=finished)
    if missing:
        raise Refused(f"apologies.missing_{missing[0]}")
    if not finished and new_date is not None:
        if queries.promised_before(apology) is not None:
            raise Refused("apologies.second_new_date", due=f"{apology.due_at:%d/%m/%Y}")
        check_new_date(new_date, on, current_calendar())


def check_new_date(new_date: date, on: date, calendar: WorkingCalendar) -> None:
    """Raises Refused unless the new date is a working day after ``on``."""
    fault = rules.fault_of_new_date(new_date, on, calendar)
    if fault is None:
        return
    facts: dict[str, str] = {"day": f"{new_date:%d/%m/%Y}", "today": f"{on:%d/%m/%Y}"}
    if fault == "day_off":
        facts["next"] = f"{calendar.next_working_day(new_date):%d/%m/%Y}"
    raise Refused(f"apologies.new_date_{fault}", **facts)


def _cancel_number(apology: Apology, reason: str, at: datetime) -> int | None:
    """Cancel the number a letter had; it stays in the register with the reason."""
    if apology.number is None or apology.issued_on is None:
        return None
    documents.cancel_number(apology.unit_id, REGISTER_FORM, apology.issued_on.year, apology.number, reason, at=at)
    return apology.number


def _change(apology: Apology, version: int, values: Mapping[str, Any]) -> None:
    """One conditional update from the state the caller has seen; two at once: one wins, the other reads why."""
    transition(Apology, apology.id, where={"state": apology.state}, to=values, version=version)


def _record(event: Any, apology: Apology, by: Viewer, at: datetime) -> None:
    record(event, entity_id=apology.id, by=by, at=at, case_id=apology.case_id)
