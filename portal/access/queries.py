"""Reading accounts and sessions, and building the Viewer from the postings in force."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, literal, or_, select
from sqlalchemy.orm import joinedload, lazyload

from portal.access.models import Absence, AccountSession, DemoCard, User
from portal.access.reach import READS_CASES, Held, Reach, fingerprint, needs_tree, reach_of
from portal.access.rules import AbsenceReason
from portal.database import db
from portal.directory.models import Person, Posting, Unit
from portal.directory.queries import load_tree
from portal.directory.rules import UnitTree
from portal.guard import Role, Viewer, grants_of
from portal.guard.viewer import STAND_IN_GRANTS, STAND_IN_ROLES, ActingFor
from portal.vietnamese import fold

LABEL_LENGTH = 200
PAGE = 50


@dataclass(frozen=True, slots=True)
class LiveSession:
    """What one query tells about a session and its account."""

    id: int
    user_id: int
    username: str
    person_id: int
    name: str
    must_change: bool
    rights: str
    created_at: datetime
    authenticated_at: datetime
    last_seen_at: datetime


@dataclass(frozen=True, slots=True)
class Rights:
    """A viewer, and the fingerprint of the postings that made it."""

    viewer: Viewer
    fingerprint: str


def digest(token: str) -> str:
    """What is stored of a session token."""
    return hashlib.sha256(token.encode()).hexdigest()


def session_of(token: str) -> LiveSession | None:
    """The session of a token, unless its account is disabled or its epoch has passed. Limits of time are not asked."""
    columns = (
        AccountSession.id,
        AccountSession.user_id,
        User.username,
        User.person_id,
        Person.full_name.label("name"),
        User.must_change,
        AccountSession.rights,
        AccountSession.created_at,
        AccountSession.authenticated_at,
        AccountSession.last_seen_at,
    )
    found = select(*columns).join(User, User.id == AccountSession.user_id).join(Person, Person.id == User.person_id)
    alive = and_(User.disabled_at.is_(None), User.epoch == AccountSession.epoch)
    row = db.session.execute(found.where(AccountSession.token_hash == digest(token), alive)).first()
    return LiveSession(**dict(row._mapping)) if row else None


def viewer_of(user: User, on: date) -> Viewer:
    """The viewer an account is on a business day."""
    return rights_of(user.id, user.person_id, user.person.full_name, on).viewer


def rights_of(user_id: int, person_id: int, name: str, on: date) -> Rights:
    """Build the viewer from all postings in force on a day, in at most two queries.

    The postings of those the person stands in for on the day come along; their own stand-ins do not: no chain. Fails
    closed: without postings of one's own there are no permissions, no units and nobody to stand in for.
    """
    covers = and_(Posting.valid_from <= on, or_(Posting.valid_to.is_(None), Posting.valid_to >= on))
    columns = (Posting.id, Posting.unit_id, Posting.role, Posting.is_clerk, Posting.position, Unit.name)
    absent = select(Absence.person_id).where(Absence.stand_in_id == person_id, absence_holds(on))
    whose = or_(Posting.person_id == person_id, Posting.person_id.in_(absent))
    rows = db.session.execute(
        select(*columns, Posting.person_id, Person.full_name)
        .join(Unit, Unit.id == Posting.unit_id)
        .join(Person, Person.id == Posting.person_id)
        .where(whose, covers)
        .order_by(Posting.id)
    ).all()
    mine = [row for row in rows if row.person_id == person_id]
    held = [Held(row.id, row.unit_id, Role(row.role), row.is_clerk) for row in mine]
    theirs = _held_by_absent(row for row in rows if row.person_id != person_id) if held else {}
    every = [*held, *(posting for postings in theirs.values() for posting in postings)]
    tree = load_tree(on, with_ended=True) if needs_tree(every) else None
    acting = tuple(_acting(*who, postings, tree) for who, postings in theirs.items())
    posts = [", ".join(part for part in (row.position, row.name) if part) for row in mine]
    viewer = _viewer(user_id, person_id, name, held, _reach(held, tree), posts, acting)
    return Rights(viewer, fingerprint(held))


def absence_holds(on: date) -> ColumnElement[bool]:
    """Absences in force on a day."""
    return and_(Absence.cancelled.is_(False), Absence.first_day <= on, Absence.last_day >= on)


def _held_by_absent(rows: Iterable[Any]) -> dict[tuple[int, str], list[Held]]:
    """The postings that can be stood in for, by person; a stamp is never handed on."""
    found: dict[tuple[int, str], list[Held]] = {}
    for row in rows:
        if row.role in STAND_IN_ROLES:
            held = Held(row.id, row.unit_id, Role(row.role))
            found.setdefault((row.person_id, row.full_name), []).append(held)
    return found


def _reach(held: Sequence[Held], tree: UnitTree | None) -> Reach:
    return _own(held) if tree is None else reach_of(held, tree)


def _acting(person_id: int, name: str, held: Sequence[Held], tree: UnitTree | None) -> ActingFor:
    reach = _reach(held, tree)
    return ActingFor(
        person_id=person_id,
        name=name,
        roles=frozenset(posting.role for posting in held),
        headed_units=reach.headed,
        scope_units=reach.scope,
    )


def absences_of(person_ids: Iterable[int], since: date) -> Sequence[Absence]:
    """Absences of some people, or in which they stand in, that last until a day or longer; the first to begin first."""
    people = list(person_ids)
    whose = or_(Absence.person_id.in_(people), Absence.stand_in_id.in_(people))
    found = select(Absence).where(whose, Absence.cancelled.is_(False), Absence.last_day >= since)
    found = found.options(joinedload(Absence.person), joinedload(Absence.stand_in))
    return db.session.scalars(found.order_by(Absence.first_day, Absence.id)).all()


def leaves_of(person_ids: Iterable[int], since: date) -> Sequence[Absence]:
    """The leaves of some people that last until a day or longer; a delegation is none, because the person is there."""
    away = (Absence.cancelled.is_(False), Absence.reason != AbsenceReason.DELEGATED.value)
    found = select(Absence).where(Absence.person_id.in_(list(person_ids)), Absence.last_day >= since, *away)
    return db.session.scalars(found.order_by(Absence.first_day, Absence.id)).all()


def leaves_on(on: date) -> Sequence[Absence]:
    """Who is on leave on a day, each with the stand-in."""
    found = select(Absence).where(absence_holds(on), Absence.reason != AbsenceReason.DELEGATED.value)
    return db.session.scalars(found.order_by(Absence.id)).all()


def absence_by_id(absence_id: int) -> Absence | None:
    """One absence with both people."""
    people = (joinedload(Absence.person), joinedload(Absence.stand_in))
    return db.session.get(Absence, absence_id, options=people)


def overlapping(person_id: int, first: date, last: date) -> Sequence[Absence]:
    """Absences of a person that share a day with a span."""
    found = select(Absence).where(Absence.person_id == person_id, Absence.cancelled.is_(False))
    return db.session.scalars(found.where(Absence.first_day <= last, Absence.last_day >= first)).all()


def user_named(username: str) -> User | None:
    """The account of a user name."""
    return db.session.scalar(select(User).where(User.username == username))


def user_by_id(user_id: int) -> User | None:
    """The account of a number."""
    return db.session.get(User, user_id)


def user_of_person(person_id: int) -> User | None:
    """The account of a person."""
    return db.session.scalar(select(User).where(User.person_id == person_id))


def usernames_like(stem: str) -> frozenset[str]:
    """User names that begin with a stem."""
    return frozenset(db.session.scalars(select(User.username).where(User.username.startswith(stem, autoescape=True))))


def there_is_an_administrator() -> bool:
    """Whether any account belongs to a person who holds, held or will hold the administrator's role."""
    found = select(User.id).join(Posting, Posting.person_id == User.person_id)
    return db.session.scalar(found.where(Posting.role == Role.ADMINISTRATOR).limit(1)) is not None


def sessions_of(user_id: int) -> Sequence[AccountSession]:
    """The sessions of an account, the latest seen first."""
    found = select(AccountSession).where(AccountSession.user_id == user_id)
    return db.session.scalars(found.order_by(AccountSession.last_seen_at.desc())).all()


def session_by_id(session_id: int) -> AccountSession | None:
    """One session with its account."""
    return db.session.get(AccountSession, session_id, options=(joinedload(AccountSession.user),))


def accounts_page(
    text: str, admin_units: frozenset[int], on: date, after: tuple[str, int] | None = None
) -> list[tuple[Person, User | None]]:
    """People whose accounts an administrator manages, by name; one more than a page when there is another page."""
    found = select(Person, User).outerjoin(User, User.person_id == Person.id).where(_managed(admin_units, on))
    # The account's own inner join to its person would drop the people without an account.
    found = found.options(lazyload(User.person))
    if fold(text):
        named = or_(Person.folded.contains(fold(text), autoescape=True), User.username.startswith(fold(text)))
        found = found.where(named)
    if after is not None:
        key, person_id = after
        found = found.where(or_(Person.sort_key > key, and_(Person.sort_key == key, Person.id > person_id)))
    rows = db.session.execute(found.order_by(Person.sort_key, Person.id).limit(PAGE + 1))
    return [(person, user) for person, user in rows]


def person_managed_by(admin_units: frozenset[int], person_id: int, on: date) -> Person | None:
    """A person whose account an administrator of these units manages; None for anybody else."""
    return db.session.scalar(select(Person).where(Person.id == person_id, _managed(admin_units, on)))


def _managed(admin_units: frozenset[int], on: date) -> ColumnElement[bool]:
    """No posting in force outside the administrator's units: one cannot reset the password of one's superiors."""
    covers = and_(Posting.valid_from <= on, or_(Posting.valid_to.is_(None), Posting.valid_to >= on))
    outside = select(Posting.person_id).where(covers, Posting.unit_id.not_in(admin_units))
    return and_(literal(bool(admin_units)), Person.id.not_in(outside))


def demo_cards(on: date) -> list[tuple[DemoCard, User, str]]:
    """The cards of the demonstration: card, account, and the unit of the person on that day."""
    found = select(DemoCard, User, Unit.name).join(User, User.person_id == DemoCard.person_id)
    covers = and_(Posting.valid_from <= on, or_(Posting.valid_to.is_(None), Posting.valid_to >= on))
    held = and_(Posting.person_id == DemoCard.person_id, covers)
    rows = db.session.execute(
        found.outerjoin(Posting, held)
        .outerjoin(Unit, Unit.id == Posting.unit_id)
        .order_by(DemoCard.position, Posting.id)
    )
    cards: dict[int, tuple[DemoCard, User, str]] = {}
    for card, user, unit in rows:
        cards.setdefault(card.person_id, (card, user, unit or ""))
    return list(cards.values())


def demo_account(user_id: int) -> User | None:
    """The account of a card of the demonstration; nobody else can be entered without a password."""
    found = select(User).join(DemoCard, DemoCard.person_id == User.person_id)
    return db.session.scalar(found.where(User.id == user_id))


def _own(held: Sequence[Held]) -> Reach:
    return Reach(own=frozenset(posting.unit_id for posting in held))


def _viewer(
    user_id: int,
    person_id: int,
    name: str,
    held: Sequence[Held],
    reach: Reach,
    posts: Sequence[str],
    acting: tuple[ActingFor, ...],
) -> Viewer:
    roles = frozenset(posting.role for posting in held)
    delegated = grants_of(frozenset().union(*(one.roles for one in acting)), is_clerk=False) & STAND_IN_GRANTS
    reads = bool((roles | frozenset().union(*(one.roles for one in acting))) & READS_CASES)
    return Viewer(
        user_id=user_id,
        person_id=person_id,
        name=name,
        roles=roles,
        permissions=grants_of(roles, is_clerk=any(posting.is_clerk for posting in held)) | delegated,
        headed_units=reach.headed,
        scope_units=reach.scope,
        admin_units=reach.admin,
        clerk_units=reach.clerk,
        it_units=reach.it,
        own_unit_ids=reach.own,
        sees_all=reach.sees_all,
        masks_applicant=not reads,
        masks_names=Role.AUDITOR in roles and not roles & READS_CASES,
        label=f"{name} ({'; '.join(dict.fromkeys(posts))})"[:LABEL_LENGTH] if posts else name,
        acting_for=acting,
    )
