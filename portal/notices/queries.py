"""Reading notices and the outbox. A notice is read by whom it was made for, and by nobody else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import joinedload

from portal.access.models import Absence, User
from portal.access.queries import absence_holds
from portal.database import db
from portal.directory.models import Person, Posting
from portal.guard import Role
from portal.notices.models import Mail, MutedKind, Notice, NoticeItem
from portal.notices.rules import LINES_SHOWN, MailState, What

PAGE = 30
MOST_COUNTED = 99
"""The bell says "99+" beyond this, so that counting stays a short look into an index."""


@dataclass(frozen=True)
class Told:
    """A notice with the first things it speaks of."""

    notice: Notice
    items: Sequence[NoticeItem]

    @property
    def more(self) -> int:
        """How many things are not among ``items``."""
        return self.notice.things - len(self.items)


def unread_statement(person_id: int) -> Select[int]:
    """How many notices a person has not read, counted up to a hundred; to be read along with something else."""
    mine = select(Notice.id).where(Notice.person_id == person_id, Notice.read_at.is_(None)).limit(MOST_COUNTED + 1)
    return select(func.count()).select_from(mine.subquery())


def unread_of(person_id: int | None) -> int:
    """How many notices a person has not read, at most a hundred."""
    return 0 if person_id is None else db.session.scalar(unread_statement(person_id)) or 0


def notices_of(person_id: int, *, unread: bool = False, before: int | None = None, size: int = PAGE) -> list[Told]:
    """The notices of a person, the newest first, and one more where there is another page; two statements."""
    found = select(Notice).where(Notice.person_id == person_id).options(joinedload(Notice.absent))
    if unread:
        found = found.where(Notice.read_at.is_(None))
    if before is not None:
        found = found.where(Notice.id < before)
    notices = db.session.scalars(found.order_by(Notice.id.desc()).limit(size + 1)).all()
    items = first_items([notice.id for notice in notices])
    return [Told(notice, items.get(notice.id, [])) for notice in notices]


def notice_of(person_id: int, notice_id: int) -> Notice | None:
    """One notice of a person."""
    return db.session.scalar(select(Notice).where(Notice.id == notice_id, Notice.person_id == person_id))


def first_items(notice_ids: Sequence[int], most: int = LINES_SHOWN + 1) -> Mapping[int, list[NoticeItem]]:
    """The first things of some notices, those that fall due first before all others."""
    place = func.row_number().over(
        partition_by=NoticeItem.notice_id, order_by=(NoticeItem.due_on, NoticeItem.label, NoticeItem.id)
    )
    ranked = select(NoticeItem.id, place.label("place")).where(NoticeItem.notice_id.in_(notice_ids)).subquery()
    found = select(NoticeItem).join(ranked, ranked.c.id == NoticeItem.id).where(ranked.c.place <= most)
    items: dict[int, list[NoticeItem]] = {}
    for item in db.session.scalars(found.order_by(NoticeItem.notice_id, ranked.c.place)):
        items.setdefault(item.notice_id, []).append(item)
    return items


def open_notice(person_id: int, for_id: int | None, kind: str, stage: str, on: date) -> Notice | None:
    """The notice of the same day, kind and stage that was neither read nor mailed yet: more is added to it."""
    same = (Notice.kind == kind, Notice.stage == stage, Notice.made_on == on)
    alone = Notice.for_id.is_(None) if for_id is None else Notice.for_id == for_id
    found = select(Notice).where(Notice.person_id == person_id, Notice.read_at.is_(None), Notice.mail_id.is_(None))
    return db.session.scalar(found.where(*same, alone).order_by(Notice.id.desc()).limit(1))


def stand_ins_on(day: date) -> Mapping[int, frozenset[int]]:
    """Who stands in for whom on a day, by the absent person."""
    found: dict[int, set[int]] = {}
    rows = select(Absence.person_id, Absence.stand_in_id).where(absence_holds(day))
    for absent, stand_in in db.session.execute(rows):
        found.setdefault(absent, set()).add(stand_in)
    return {absent: frozenset(people) for absent, people in found.items()}


def who_muted(kind: str) -> frozenset[int]:
    """Who does without a kind of notice."""
    return frozenset(db.session.scalars(select(MutedKind.person_id).where(MutedKind.kind == kind)))


def muted_by(person_id: int) -> frozenset[str]:
    """The kinds a person does without."""
    return frozenset(db.session.scalars(select(MutedKind.kind).where(MutedKind.person_id == person_id)))


def holders_of(role: Role, on: date) -> Sequence[int]:
    """Everybody who holds a role on a day."""
    found = select(Posting.person_id).where(Posting.role == role, _in_force(on)).distinct()
    return db.session.scalars(found.order_by(Posting.person_id)).all()


def _in_force(on: date) -> ColumnElement[bool]:
    return and_(Posting.valid_from <= on, or_(Posting.valid_to.is_(None), Posting.valid_to >= on))


def address_of(person_id: int, on: date) -> str | None:
    """Where mail to a person goes today: none to who left every post, or whose account was disabled."""
    serves = select(Posting.id).where(Posting.person_id == person_id, _in_force(on)).exists()
    barred = select(User.id).where(User.person_id == person_id, User.disabled_at.is_not(None)).exists()
    found = select(Person.email).where(Person.id == person_id, serves, ~barred)
    return (db.session.scalar(found) or "").strip() or None


def to_mail(since: date) -> Mapping[int, list[Notice]]:
    """Unread notices that no mail carried yet, by person, the oldest first; none made before ``since``."""
    found = (
        select(Notice)
        .where(Notice.read_at.is_(None), Notice.mail_id.is_(None), Notice.made_on >= since)
        .options(joinedload(Notice.absent))
        .order_by(Notice.person_id, Notice.id)
    )
    people: dict[int, list[Notice]] = {}
    for notice in db.session.scalars(found):
        people.setdefault(notice.person_id, []).append(notice)
    return people


def has_digest(person_id: int, day: date) -> bool:
    """Whether a person's digest of a day was written."""
    found = select(Mail.id).where(Mail.what == What.DIGEST, Mail.person_id == person_id, Mail.day == day)
    return db.session.scalar(found) is not None


def mails_due(at: datetime, most: int) -> Sequence[int]:
    """The numbers of mails that may leave at an instant, the longest waiting first."""
    due = select(Mail.id).where(Mail.state == MailState.WAITING, Mail.next_at <= at)
    return db.session.scalars(due.order_by(Mail.next_at, Mail.id).limit(most)).all()


def mail_by_id(mail_id: int) -> Mail | None:
    """One mail."""
    return db.session.get(Mail, mail_id)


def mails_in(state: str, before: int | None = None, size: int = PAGE) -> Sequence[Mail]:
    """Mails in a state, the newest first, and one more where there is another page."""
    found = select(Mail).where(Mail.state == state).options(joinedload(Mail.person))
    if before is not None:
        found = found.where(Mail.id < before)
    return db.session.scalars(found.order_by(Mail.id.desc()).limit(size + 1)).all()


def mails_by_state() -> Mapping[str, int]:
    """How many mails stand in each state."""
    return {state: count for state, count in db.session.execute(select(Mail.state, func.count()).group_by(Mail.state))}


def people_without_address(on: date) -> Sequence[str]:
    """People with an account and a post who get no mail because no address is known; by name."""
    found = (
        select(Person.full_name)
        .join(User, and_(User.person_id == Person.id, User.disabled_at.is_(None)))
        .join(Posting, and_(Posting.person_id == Person.id, _in_force(on)))
        .where(or_(Person.email.is_(None), Person.email == ""))
        .group_by(Person.id, Person.full_name, Person.sort_key)
        .order_by(Person.sort_key)
    )
    return db.session.scalars(found).all()
