"""Notices as people read them, what they rest on, who switched what off, and the outbox of mails."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, relationship

from portal.database import Base, Instant, col
from portal.directory.models import Person
from portal.notices.rules import MailState, What

APPEND_ONLY = ("notice_items",)
UNREAD = text("read_at IS NULL")
WAITING = text("state = 'waiting'")
DIGEST = text("what = 'digest'")


def _one_of(column: str, words: type[MailState | What]) -> str:
    return f"{column} in ({', '.join(repr(str(word)) for word in words)})"


class Mail(Base):
    """One mail of the outbox. ``message_id`` is made with the row: a mail that is sent twice can be told by it.

    ``next_at``: not before this instant; while a sender is at it, when it may be taken up again should he die.
    The bodies go with time, and the address of an applicant; who got what kind of mail on which day stays.
    ``person_id`` of a letter is who mailed it.
    """

    __tablename__ = "mails"
    __table_args__ = (
        CheckConstraint(_one_of("what", What), name="what"),
        CheckConstraint(_one_of("state", MailState), name="state"),
        CheckConstraint("(state = 'sent') = (sent_at is not null)", name="sent"),
        Index("uq_mails_digest", "person_id", "day", unique=True, sqlite_where=DIGEST, postgresql_where=DIGEST),
        Index("ix_mails_waiting", "next_at", sqlite_where=WAITING, postgresql_where=WAITING),
        Index("ix_mails_state", "state", "id"),
    )

    id: Mapped[int] = col(Integer, primary_key=True)
    what: Mapped[str] = col(String(16), nullable=False)
    person_id: Mapped[int] = col(ForeignKey("people.id"), nullable=False)
    day: Mapped[date] = col(Date, nullable=False)
    address: Mapped[str] = col(String(200), nullable=False, personal="officer")
    subject: Mapped[str] = col(String(200), nullable=False)
    plain: Mapped[str] = col(Text, nullable=False, personal="officer")
    html: Mapped[str] = col(Text, nullable=False, personal="officer")
    message_id: Mapped[str] = col(String(200), nullable=False, unique=True)
    state: Mapped[str] = col(String(16), nullable=False, default=MailState.WAITING)
    attempts: Mapped[int] = col(Integer, nullable=False, default=0)
    next_at: Mapped[datetime] = col(Instant(), nullable=False)
    made_at: Mapped[datetime] = col(Instant(), nullable=False)
    sent_at: Mapped[datetime | None] = col(Instant())
    error: Mapped[str] = col(String(300), nullable=False, default="", server_default="", personal="officer")
    version: Mapped[int] = col(Integer, nullable=False, default=1)
    attachment: Mapped[bytes | None] = col(LargeBinary, personal="applicant", deferred=True)
    attachment_name: Mapped[str] = col(String(200), nullable=False, default="", server_default="", personal="applicant")

    person: Mapped[Person] = relationship(viewonly=True)

    __mapper_args__ = {"version_id_col": version}


class Notice(Base):
    """What one person is told at once about things of one kind: "5 explanations are past their term".

    ``for_id``: the absent person in whose place the reader stands. ``mail_id``: the mail that carried it.
    """

    __tablename__ = "notices"
    __table_args__ = (
        CheckConstraint("things > 0", name="things"),
        Index("ix_notices_unread", "person_id", "id", sqlite_where=UNREAD, postgresql_where=UNREAD),
        Index("ix_notices_person", "person_id", "id"),
        Index("ix_notices_mail", "mail_id"),
    )

    id: Mapped[int] = col(Integer, primary_key=True)
    person_id: Mapped[int] = col(ForeignKey("people.id"), nullable=False)
    for_id: Mapped[int | None] = col(ForeignKey("people.id"), personal="officer")
    kind: Mapped[str] = col(String(48), nullable=False)
    stage: Mapped[str] = col(String(16), nullable=False, default="", server_default="")
    things: Mapped[int] = col(Integer, nullable=False)
    made_on: Mapped[date] = col(Date, nullable=False)
    made_at: Mapped[datetime] = col(Instant(), nullable=False)
    read_at: Mapped[datetime | None] = col(Instant())
    mail_id: Mapped[int | None] = col(ForeignKey("mails.id"))

    absent: Mapped[Person | None] = relationship(foreign_keys=[for_id], viewonly=True)


class NoticeItem(Base):
    """One thing one person was told at one stage. The unique row is the permission to tell, and the proof of it."""

    __tablename__ = "notice_items"
    __table_args__ = (
        UniqueConstraint("kind", "entity_id", "stage", "person_id"),
        Index("ix_notice_items_notice", "notice_id", "id"),
    )

    id: Mapped[int] = col(Integer, primary_key=True)
    notice_id: Mapped[int] = col(ForeignKey("notices.id"), nullable=False)
    kind: Mapped[str] = col(String(48), nullable=False)
    entity_id: Mapped[int] = col(Integer, nullable=False)
    stage: Mapped[str] = col(String(16), nullable=False, default="", server_default="")
    person_id: Mapped[int] = col(ForeignKey("people.id"), nullable=False)
    label: Mapped[str] = col(String(100), nullable=False)
    due_on: Mapped[date | None] = col(Date)

    notice: Mapped[Notice] = relationship(viewonly=True)
    person: Mapped[Person] = relationship(viewonly=True)


class MutedKind(Base):
    """A kind of notice a person does without; only kinds that are no duty."""

    __tablename__ = "muted_kinds"

    person_id: Mapped[int] = col(ForeignKey("people.id"), primary_key=True, autoincrement=False)
    kind: Mapped[str] = col(String(48), primary_key=True)
