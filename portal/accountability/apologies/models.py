"""The letter of apology that a missed term asks for, with every step of its road."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, relationship

from portal.accountability.apologies.rules import Channel, ExemptReason, Form, State, Way
from portal.accountability.breaches.models import Breach
from portal.cases.models import Case
from portal.database import Base, Instant, WallTime, col
from portal.directory.models import Person, Unit
from portal.policy.models import Cause

PROMISED = text("new_date IS NOT NULL AND state IN ('signed','numbered','sent')")
"""The condition of the index that lets one due moment of a case have one re-appointment at most (§3.13)."""
OPEN = text("state IN ('waiting','draft','signed','numbered')")
"""The condition of the indexes over letters that somebody still owes a step."""


def _one_of(column: str, words: type[State | Channel | ExemptReason | Form | Way]) -> str:
    return f"{column} in ({', '.join(repr(str(word)) for word in words)})"


class Apology(Base):
    """The duty to apologise for one missed term of a case, and the letter that fulfils it (§3.13).

    Belongs to the case and term (``due_at``, ``pauses_key``); ``breach_id`` joins it to the breach once one is open.
    A draft with ``submitted_at`` is handed in for signature. ``content`` holds the letter word for word as it was
    signed; ``signed_sha256`` is the PDF that was signed, ``file_sha256`` and ``docx_sha256`` the numbered letter.
    """

    __tablename__ = "apologies"
    __table_args__ = (
        UniqueConstraint("case_id", "due_at", "pauses_key"),
        CheckConstraint(_one_of("state", State), name="state"),
        CheckConstraint("due_precision in ('day','minute')", name="due_precision"),
        CheckConstraint(f"form is null or {_one_of('form', Form)}", name="form"),
        CheckConstraint(f"sent_channel is null or {_one_of('sent_channel', Channel)}", name="sent_channel"),
        CheckConstraint(f"exempt_reason is null or {_one_of('exempt_reason', ExemptReason)}", name="exempt_reason"),
        CheckConstraint("form is null or form <> 'apology_short' or new_date is null", name="no_date_when_finished"),
        CheckConstraint("(state = 'exempt') = (exempt_reason is not null)", name="exempt"),
        CheckConstraint(
            "state not in ('signed','numbered','sent') or (signer_id is not null and signed_on is not null "
            "and signed_sha256 is not null and form is not null)",
            name="signed",
        ),
        CheckConstraint(
            "state not in ('numbered','sent') or (number is not null and issued_on is not null "
            "and docx_sha256 is not null and is_late is not null "
            "and (file_sha256 is not null or (state = 'numbered' and template_id is not null)))",
            name="numbered",
        ),
        CheckConstraint("(state = 'sent') = (sent_at is not null)", name="sent_at"),
        CheckConstraint("(state = 'sent') = (sent_channel is not null)", name="sent_by"),
        CheckConstraint("(state = 'cancelled') = (cancel_reason <> '')", name="cancelled"),
        Index("ix_apologies_open_unit", "unit_id", "state", "due_at", sqlite_where=OPEN, postgresql_where=OPEN),
        Index("ix_apologies_open_officer", "officer_id", "state", "due_at", sqlite_where=OPEN, postgresql_where=OPEN),
        Index(
            "uq_apologies_promise", "case_id", "due_at", unique=True, sqlite_where=PROMISED, postgresql_where=PROMISED
        ),
        Index("ix_apologies_unit", "unit_id", "due_at", "id"),
        Index("ix_apologies_officer", "officer_id", "due_at", "id"),
        Index("ix_apologies_due", "due_at", "id"),
        Index("ix_apologies_state", "state", "due_at", "id"),
    )

    id: Mapped[int] = col(Integer, primary_key=True)
    case_id: Mapped[int] = col(ForeignKey("cases.id"), nullable=False)
    due_at: Mapped[datetime] = col(WallTime(), nullable=False)
    due_precision: Mapped[str] = col(String(8), nullable=False)
    pauses_key: Mapped[str] = col(String(200), nullable=False, default="", server_default="")
    breach_id: Mapped[int | None] = col(ForeignKey("breaches.id"), unique=True)
    unit_id: Mapped[int] = col(ForeignKey("units.id"), nullable=False)
    officer_id: Mapped[int | None] = col(ForeignKey("people.id"), personal="officer")
    opened_on: Mapped[date] = col(Date, nullable=False)
    legacy: Mapped[bool] = col(Boolean, nullable=False, default=False)
    state: Mapped[str] = col(String(16), nullable=False, default=State.WAITING)
    form: Mapped[str | None] = col(String(32))
    cause_id: Mapped[int | None] = col(ForeignKey("causes.id"))
    cause_text: Mapped[str] = col(Text, nullable=False, default="", server_default="", personal="applicant")
    new_date: Mapped[date | None] = col(Date)
    addressee: Mapped[str] = col(String(300), nullable=False, default="", server_default="", personal="applicant")
    drafted_by: Mapped[int | None] = col(ForeignKey("people.id"), personal="officer")
    drafted_at: Mapped[datetime | None] = col(Instant())
    submitted_at: Mapped[datetime | None] = col(Instant())
    signer_id: Mapped[int | None] = col(ForeignKey("people.id"), personal="officer")
    signed_at: Mapped[datetime | None] = col(Instant())
    signed_on: Mapped[date | None] = col(Date)
    signed_sha256: Mapped[str | None] = col(ForeignKey("stored_files.sha256"))
    content: Mapped[dict[str, Any] | None] = col(JSON(none_as_null=True), personal="applicant")
    number: Mapped[int | None] = col(Integer)
    number_text: Mapped[str | None] = col(String(40))
    numbered_by: Mapped[int | None] = col(ForeignKey("people.id"), personal="officer")
    numbered_at: Mapped[datetime | None] = col(Instant())
    issued_on: Mapped[date | None] = col(Date)
    is_late: Mapped[bool | None] = col(Boolean)
    file_sha256: Mapped[str | None] = col(ForeignKey("stored_files.sha256"))
    docx_sha256: Mapped[str | None] = col(ForeignKey("stored_files.sha256"))
    sent_at: Mapped[datetime | None] = col(WallTime())
    sent_channel: Mapped[str | None] = col(String(16))
    proof: Mapped[str] = col(Text, nullable=False, default="", server_default="", personal="applicant")
    sent_by: Mapped[int | None] = col(ForeignKey("people.id"), personal="officer")
    exempt_reason: Mapped[str | None] = col(String(32))
    exempt_note: Mapped[str] = col(Text, nullable=False, default="", server_default="", personal="applicant")
    exempt_evidence: Mapped[str] = col(Text, nullable=False, default="", server_default="", personal="applicant")
    exempt_sha256: Mapped[str | None] = col(ForeignKey("stored_files.sha256"))
    exempt_file_name: Mapped[str] = col(
        String(200), nullable=False, default="", server_default="", personal="applicant"
    )
    exempted_by: Mapped[int | None] = col(ForeignKey("people.id"), personal="officer")
    exempted_at: Mapped[datetime | None] = col(Instant())
    cancel_reason: Mapped[str] = col(Text, nullable=False, default="", server_default="")
    version: Mapped[int] = col(Integer, nullable=False, default=1, server_default="1")
    signed_for: Mapped[int | None] = col(Integer, personal="officer")
    """The absent head for whom a stand-in signed."""
    template_id: Mapped[int | None] = col(ForeignKey("letter_templates.id"))
    """The unit's own Word file from which the numbered letter was made; its PDF may still have to be brought."""
    email: Mapped[str] = col(String(200), nullable=False, default="", server_default="", personal="applicant")
    """Where the applicant wants mail, as the officer recorded it; no source tells it."""

    case: Mapped[Case] = relationship(viewonly=True)
    unit: Mapped[Unit] = relationship(viewonly=True)
    breach: Mapped[Breach | None] = relationship(viewonly=True)
    officer: Mapped[Person | None] = relationship(foreign_keys=[officer_id], viewonly=True)
    drafter: Mapped[Person | None] = relationship(foreign_keys=[drafted_by], viewonly=True)
    signer: Mapped[Person | None] = relationship(foreign_keys=[signer_id], viewonly=True)
    absent: Mapped[Person | None] = relationship(
        primaryjoin=lambda: Apology.signed_for == Person.id, foreign_keys=[signed_for], viewonly=True
    )
    cause: Mapped[Cause | None] = relationship(viewonly=True)

    __mapper_args__ = {"version_id_col": version}

    @property
    def handed_in(self) -> bool:
        """Whether the letter left the drafter's desk."""
        return self.submitted_at is not None


class ApologyReturn(Base):
    """A letter was sent back to its drafter: the text as it then was, and why."""

    __tablename__ = "apology_returns"

    id: Mapped[int] = col(Integer, primary_key=True)
    apology_id: Mapped[int] = col(ForeignKey("apologies.id"), nullable=False, index=True)
    cause_text: Mapped[str] = col(Text, nullable=False, personal="applicant")
    new_date: Mapped[date | None] = col(Date)
    comment: Mapped[str] = col(Text, nullable=False, personal="officer")
    by_id: Mapped[int | None] = col(ForeignKey("people.id"), personal="officer")
    at: Mapped[datetime] = col(Instant(), nullable=False)

    by: Mapped[Person | None] = relationship(viewonly=True)


class SignedCopy(Base):
    """The numbered letter as it was signed: a scan, or the PDF with its electronic signatures.

    ``base_sha256`` is the issued PDF it belongs to: a letter that was sent back and numbered anew needs new copies.
    ``signatures`` holds who signed with which certificate, as it was proved when the copy came in. The newest counts.
    """

    __tablename__ = "signed_copies"
    __table_args__ = (
        CheckConstraint(_one_of("way", Way), name="way"),
        CheckConstraint("(way = 'paper') = (signatures is null)", name="signatures"),
    )

    id: Mapped[int] = col(Integer, primary_key=True)
    apology_id: Mapped[int] = col(ForeignKey("apologies.id"), nullable=False, index=True)
    way: Mapped[str] = col(String(16), nullable=False)
    base_sha256: Mapped[str] = col(ForeignKey("stored_files.sha256"), nullable=False)
    sha256: Mapped[str] = col(ForeignKey("stored_files.sha256"), nullable=False)
    file_name: Mapped[str] = col(String(200), nullable=False, personal="applicant")
    signatures: Mapped[list[dict[str, Any]] | None] = col(JSON(none_as_null=True), personal="officer")
    by_id: Mapped[int | None] = col(ForeignKey("people.id"), personal="officer")
    at: Mapped[datetime] = col(Instant(), nullable=False)

    by: Mapped[Person | None] = relationship(viewonly=True)


class SendingProof(Base):
    """A file that proves a sending: the receipt of the post, the applicant's signature, a picture of the message."""

    __tablename__ = "sending_proofs"

    id: Mapped[int] = col(Integer, primary_key=True)
    apology_id: Mapped[int] = col(ForeignKey("apologies.id"), nullable=False, index=True)
    sha256: Mapped[str] = col(ForeignKey("stored_files.sha256"), nullable=False)
    file_name: Mapped[str] = col(String(200), nullable=False, personal="applicant")
    by_id: Mapped[int | None] = col(ForeignKey("people.id"), personal="officer")
    at: Mapped[datetime] = col(Instant(), nullable=False)

    by: Mapped[Person | None] = relationship(viewonly=True)


class LetterMail(Base):
    """A mail of the outbox that carries a letter to the applicant; the newest counts."""

    __tablename__ = "letter_mails"

    id: Mapped[int] = col(Integer, primary_key=True)
    apology_id: Mapped[int] = col(ForeignKey("apologies.id"), nullable=False, index=True)
    mail_id: Mapped[int] = col(ForeignKey("mails.id"), nullable=False, unique=True)
    by_id: Mapped[int | None] = col(ForeignKey("people.id"), personal="officer")
    at: Mapped[datetime] = col(Instant(), nullable=False)


class LetterTemplate(Base):
    """A unit's own Word file for its letters. It is tried with a sample before it is used from a day on.

    ``kind``: for letters with a new date, or for the short ones. Letters keep the file they were made from, so a
    template is never changed; a newer one takes its place.
    """

    __tablename__ = "letter_templates"
    __table_args__ = (
        CheckConstraint("kind in ('reappointment', 'short')", name="kind"),
        CheckConstraint("valid_from is null or tried_at is not null", name="tried"),
    )

    id: Mapped[int] = col(Integer, primary_key=True)
    unit_id: Mapped[int] = col(ForeignKey("units.id"), nullable=False, index=True)
    kind: Mapped[str] = col(String(32), nullable=False)
    sha256: Mapped[str] = col(ForeignKey("stored_files.sha256"), nullable=False)
    file_name: Mapped[str] = col(String(200), nullable=False)
    uploaded_by: Mapped[int | None] = col(ForeignKey("people.id"), personal="officer")
    uploaded_at: Mapped[datetime] = col(Instant(), nullable=False)
    tried_at: Mapped[datetime | None] = col(Instant())
    valid_from: Mapped[date | None] = col(Date)
    withdrawn_on: Mapped[date | None] = col(Date)
    version: Mapped[int] = col(Integer, nullable=False, default=1, server_default="1")

    unit: Mapped[Unit] = relationship(viewonly=True)

    __mapper_args__ = {"version_id_col": version}


APPEND_ONLY = ("apology_returns", "signed_copies", "sending_proofs", "letter_mails")
