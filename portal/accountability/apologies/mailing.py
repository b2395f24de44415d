"""A letter mailed by the portal to the address the officer recorded: through the outbox, "sent" once a server took it.

Only the signed letter is mailed. What the server said stands in the outbox; until it took the mail nothing is sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy import Select, select

from portal import clock
from portal.accountability.apologies import queries, rules
from portal.accountability.apologies.events import ApologyMailed, ApologySent
from portal.accountability.apologies.models import Apology, LetterMail
from portal.accountability.apologies.rules import Channel, State
from portal.accountability.apologies.wording import mail_to_applicant
from portal.audit import record
from portal.cases.words import word
from portal.database import commit, db, transition
from portal.documents.store import FileStore
from portal.guard import Viewer
from portal.notices import outbox
from portal.notices.models import Mail
from portal.notices.rules import MailState
from portal.refusal import Refused


def queue(apology: Apology, store: FileStore, *, version: int, by: Viewer, at: datetime, on: date) -> None:
    """Put the signed letter into the outbox, in its own ``commit()``. Refused without address, server or signature."""
    if apology.state != State.NUMBERED or apology.version != version:
        raise Refused("apologies.not_now")
    if rules.Actor.CLERK not in queries.standing_of(by, apology, queries.seats_on(on)).actors():
        raise Refused("apologies.not_yours")
    if not apology.email:
        raise Refused("apologies.no_email")
    signed = next(iter(queries.copies_of(apology)), None)
    if signed is None:
        raise Refused("apologies.not_signed_yet")
    if is_waiting(apology.id):
        raise Refused("apologies.mailed_already")
    unit, number = apology.unit.name, apology.number_text or ""
    subject, plain = mail_to_applicant(apology.addressee, apology.case.code, unit, number)
    data = store.read(signed.sha256)
    with commit():
        mail_id = outbox.write_letter(
            by.person_id or 0, apology.email, subject, plain, outbox.Attached(signed.file_name, data), on=on, at=at
        )
        db.session.add(LetterMail(apology_id=apology.id, mail_id=mail_id, by_id=by.person_id, at=at))
        record(ApologyMailed(sha256=signed.sha256), entity_id=apology.id, by=by, at=at, case_id=apology.case_id)


def mail_of(apology_id: int) -> Mail | None:
    """The last mail of a letter."""
    found = select(Mail).join(LetterMail, LetterMail.mail_id == Mail.id).where(LetterMail.apology_id == apology_id)
    return db.session.scalars(found.order_by(Mail.id.desc()).limit(1)).first()


def is_waiting(apology_id: int) -> bool:
    """Whether a mail of the letter is still on its way."""
    mail = mail_of(apology_id)
    return mail is not None and mail.state == MailState.WAITING


def _taken() -> Select[int, int, datetime | None, str, int | None, int]:
    """Letters not recorded as sent whose mail a server took."""
    return (
        select(Apology.id, Apology.case_id, Mail.sent_at, Mail.message_id, LetterMail.by_id, Mail.id)
        .join(LetterMail, LetterMail.apology_id == Apology.id)
        .join(Mail, Mail.id == LetterMail.mail_id)
        .where(Apology.state == word(State.NUMBERED), Mail.state == MailState.SENT)
        .order_by(Mail.id)
    )


def a_mail_was_taken() -> bool:
    """Whether there is something to settle; asked every minute."""
    return db.session.execute(_taken().limit(1)).first() is not None


def settle_mails(today: date, at: datetime) -> Mapping[str, int]:
    """Record as sent what a server took; one commit a letter, safe to run twice."""
    settled = 0
    for ident, case_id, sent_at, message_id, by_id, _mail in db.session.execute(_taken()).all():
        wall = clock.in_vietnam(sent_at or at)
        values = {
            "state": State.SENT, "sent_channel": Channel.EMAIL, "sent_at": wall, "sent_by": by_id,
            "proof": f"Máy chủ thư đã nhận, Message-ID {message_id}",
        }  # fmt: skip
        with commit():
            transition(Apology, ident, where={"state": State.NUMBERED}, to=values)
            event = ApologySent(channel=Channel.EMAIL, sent_at=wall)
            record(event, entity_id=ident, by=None, at=at, case_id=case_id)
        settled += 1
    return {"sent": settled}
