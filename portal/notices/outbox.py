"""The outbox at work: writing the mails of a day, and handing them to the server one by one."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from email.utils import parseaddr

from flask import current_app
from markupsafe import escape

from portal import clock
from portal.audit import record
from portal.config import Settings
from portal.database import commit, db, transition
from portal.guard import Viewer
from portal.logs import logger
from portal.notices import bulk, queries
from portal.notices.events import TestMailAsked
from portal.notices.models import Mail, Notice
from portal.notices.rules import LEASE, LINES_SHOWN, MAIL_MAX_AGE, SERVER_AWAY, MailState, What, wait_after
from portal.notices.smtp import Envelope, NotSent, Post, open_post
from portal.notices.wording import Digest, digest_of, test_mail, worded
from portal.refusal import Conflict, Refused

AT_ONCE = 200
"""Mails handed over in one run; the rest waits for the next minute, and other jobs get their turn."""
log = logger(__name__)


def settings() -> Settings:
    """The settings of this application."""
    found: Settings = current_app.config["SETTINGS"]
    return found


def is_on() -> bool:
    """Whether mail leaves this portal at all: a server is set, and it is no demonstration."""
    return settings().sends_mail and not current_app.config.get("DEMO")


def write_digests(on: date, at: datetime) -> Mapping[str, int]:
    """One mail for each person who has unread notices that no mail carried yet; safe to run twice.

    One commit for each person: a fault with one keeps no other waiting. Without a mail server nothing is written.
    """
    counts = {"mails": 0, "no_address": 0}
    if not is_on():
        return counts
    for person_id, notices in queries.to_mail(on - MAIL_MAX_AGE).items():
        address = queries.address_of(person_id, on)
        if address is None:
            counts["no_address"] += 1
        elif not queries.has_digest(person_id, on):
            counts["mails"] += _write_digest(person_id, address, [notice.id for notice in notices], on, at)
    return counts


def _write_digest(person_id: int, address: str, notice_ids: list[int], on: date, at: datetime) -> int:
    with commit():
        notices = [notice for number in notice_ids if (notice := db.session.get(Notice, number)) is not None]
        items = queries.first_items(notice_ids, LINES_SHOWN + 1)
        words = [one for notice in notices if (one := worded(notice, items.get(notice.id, []))) is not None]
        if not words:
            return 0
        mail = _add(What.DIGEST, person_id, address, digest_of(words, on), on, at)
        bulk.carry(mail.id, notice_ids)
    return 1


def _add(what: What, person_id: int, address: str, digest: Digest, on: date, at: datetime) -> Mail:
    host = parseaddr(settings().mail_from)[1].rpartition("@")[2] or "localhost"
    mail = Mail(
        what=what,
        person_id=person_id,
        day=on,
        address=address,
        subject=digest.subject,
        plain=digest.plain,
        html=digest.html,
        message_id=f"<{what}.{on:%Y%m%d}.{secrets.token_hex(12)}@{host}>",
        next_at=at,
        made_at=at,
    )
    db.session.add(mail)
    db.session.flush()
    return mail


def write_test_mail(person_id: int, *, by: Viewer, at: datetime, on: date) -> int:
    """Put a test mail to a person into the outbox; its number. Refused without server or address."""
    if not is_on():
        raise Refused("notices.mail_is_off")
    address = queries.address_of(person_id, on)
    if address is None:
        raise Refused("notices.no_address")
    mail = _add(What.TEST, person_id, address, test_mail(on), on, at)
    record(TestMailAsked(), entity_id=mail.id, by=by, at=at)
    return mail.id


@dataclass(frozen=True)
class Attached:
    """A file that goes with a mail."""

    name: str
    data: bytes


def write_letter(
    sender_id: int, address: str, subject: str, plain: str, file: Attached, *, on: date, at: datetime
) -> int:
    """Put a letter to an applicant into the outbox; its number. Refused where no mail leaves this portal."""
    if not is_on():
        raise Refused("notices.mail_is_off")
    html = "".join(f"<p>{escape(part)}</p>" for part in plain.strip().split("\n\n"))
    mail = _add(What.LETTER, sender_id, address, Digest(subject=subject, plain=plain, html=html), on, at)
    mail.attachment, mail.attachment_name = file.data, file.name[:200]
    db.session.flush()
    return mail.id


def send_due(at: datetime, on: date) -> Mapping[str, int]:
    """Hand the waiting mails to the server over one connection. Opens its own ``commit()`` for each.

    A server that cannot be reached, or goes away, ends the run: what was not tried is left for a later one.
    """
    counts = {"sent": 0, "put_off": 0, "not_sent": 0, "dropped": 0}
    numbers = queries.mails_due(at, AT_ONCE) if is_on() else []
    if not numbers:
        return counts
    db.session.rollback()
    try:
        with open_post(settings()) as post:
            for number in numbers:
                outcome = hand_over(number, post, on)
                if outcome:
                    counts[outcome] += 1
                if post.is_lost:
                    break
    except NotSent as error:
        log.warning("mail server", error=error.words)
        with commit():
            counts["put_off"] = bulk.put_off(numbers, clock.now() + SERVER_AWAY, error.words)
    return counts


def hand_over(mail_id: int, post: Post, on: date) -> str:
    """Claim one mail, send it, write how it went; empty where somebody else has it.

    Killed between the server's yes and our mark, the mail is sent again after the lease, under the same Message-ID.
    """
    envelope = _claim(mail_id, on)
    if envelope is None:
        mail = queries.mail_by_id(mail_id)
        return "dropped" if mail is not None and mail.state == MailState.DROPPED else ""
    try:
        post.send(envelope)
    except NotSent as error:
        return _not_sent(mail_id, error)
    with commit():
        transition(Mail, mail_id, where={"state": MailState.WAITING}, to={"state": MailState.SENT, **_sent_now()})
    return "sent"


def _sent_now() -> dict[str, object]:
    return {"sent_at": clock.now(), "error": ""}


def _claim(mail_id: int, on: date) -> Envelope | None:
    """Take a mail for the time of a lease. Whom it is for is asked now: who left gets none."""
    now = clock.now()
    try:
        with commit():
            mail = queries.mail_by_id(mail_id)
            if mail is None or mail.state != MailState.WAITING or mail.next_at > now:
                return None
            waiting = {"state": MailState.WAITING}
            if mail.what != What.LETTER and queries.address_of(mail.person_id, on) != mail.address:
                transition(Mail, mail_id, where=waiting, to={"state": MailState.DROPPED}, version=mail.version)
                return None
            envelope = Envelope(
                to=mail.address, subject=mail.subject, plain=mail.plain, html=mail.html,
                message_id=mail.message_id, written_at=mail.made_at,
                attachment=mail.attachment, attachment_name=mail.attachment_name,
            )  # fmt: skip
            to = {"attempts": mail.attempts + 1, "next_at": now + LEASE}
            transition(Mail, mail_id, where=waiting, to=to, version=mail.version)
            return envelope
    except Conflict:
        return None


def _not_sent(mail_id: int, error: NotSent) -> str:
    with commit():
        mail = queries.mail_by_id(mail_id)
        if mail is None or mail.state != MailState.WAITING:
            return ""
        wait = None if error.for_good else wait_after(mail.attempts)
        to: dict[str, object] = {"error": error.words}
        to |= {"state": MailState.FAILED} if wait is None else {"next_at": clock.now() + wait}
        transition(Mail, mail_id, where={"state": MailState.WAITING}, to=to)
    return "not_sent" if wait is None else "put_off"
