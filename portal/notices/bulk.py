"""Set-based writing of notices: what was told already is told nobody twice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import case, insert, select, text, update

from portal.database import db, dialect
from portal.notices.models import Mail, Notice, NoticeItem
from portal.notices.rules import MailState, What

TELLING_LOCK = 7_061_850
CHUNK = 500
_AS_IT_IS = {"synchronize_session": False}


def one_at_a_time() -> None:
    """Two who tell at once would both find a thing untold; the second waits. SQLite has one writer anyway."""
    if dialect() == "postgresql":
        db.session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": TELLING_LOCK})


def told(kind: str, stage: str, entity_ids: Iterable[int]) -> set[tuple[int, int]]:
    """Of some things, which were told to whom at this stage: (thing, person)."""
    numbers = sorted(set(entity_ids))
    found: set[tuple[int, int]] = set()
    for start in range(0, len(numbers), CHUNK):
        rows = select(NoticeItem.entity_id, NoticeItem.person_id).where(
            NoticeItem.kind == kind,
            NoticeItem.stage == stage,
            NoticeItem.entity_id.in_(numbers[start : start + CHUNK]),
        )
        found.update((row.entity_id, row.person_id) for row in db.session.execute(rows))
    return found


def add_items(rows: Sequence[dict[str, Any]]) -> None:
    """Write what is told now."""
    db.session.execute(insert(NoticeItem), rows)


def grow(notice_id: int, by: int) -> None:
    """A notice that is neither read nor mailed yet speaks of more things."""
    grown = update(Notice).where(Notice.id == notice_id).values(things=Notice.things + by)
    db.session.execute(grown, execution_options=_AS_IT_IS)


def mark_read(person_id: int, at: datetime, notice_id: int | None = None) -> int:
    """Mark one notice of a person, or all of them, as read; how many were unread."""
    mine = update(Notice).where(Notice.person_id == person_id, Notice.read_at.is_(None))
    if notice_id is not None:
        mine = mine.where(Notice.id == notice_id)
    done = db.session.execute(mine.values(read_at=at).returning(Notice.id), execution_options=_AS_IT_IS)
    return len(done.all())


def carry(mail_id: int, notice_ids: Sequence[int]) -> None:
    """Say which mail carries some notices."""
    carried = update(Notice).where(Notice.id.in_(notice_ids)).values(mail_id=mail_id)
    db.session.execute(carried, execution_options=_AS_IT_IS)


def put_off(mail_ids: Sequence[int], until: datetime, error: str) -> int:
    """Let waiting mails wait longer, because their server is away; how many."""
    waiting = update(Mail).where(Mail.id.in_(mail_ids), Mail.state == MailState.WAITING)
    later = waiting.values(next_at=until, error=error, version=Mail.version + 1).returning(Mail.id)
    return len(db.session.execute(later, execution_options=_AS_IT_IS).all())


def forget_bodies(made_before: datetime) -> int:
    """Empty the bodies of old mails that left or never will; how many."""
    old = update(Mail).where(Mail.made_at < made_before, Mail.state != MailState.WAITING, Mail.plain != "")
    of_applicant = Mail.what == What.LETTER
    emptied = old.values(
        plain="", html="", attachment=None, attachment_name="", version=Mail.version + 1,
        address=case((of_applicant, ""), else_=Mail.address),
    ).returning(Mail.id)  # fmt: skip
    return len(db.session.execute(emptied, execution_options=_AS_IT_IS).all())
