"""Making accounts, letting people in and out. Hashing is done before; nothing here is slow."""

from __future__ import annotations

import hashlib
import secrets
from datetime import date, datetime, timedelta

from portal.access import bulk, queries
from portal.access.events import (
    AbsenceEnded,
    AbsenceRecorded,
    AccountCreated,
    AccountDisabled,
    AccountEnabled,
    PasswordChanged,
    SessionEnded,
    SignedIn,
    SignedOut,
    SignInLocked,
    SlipIssued,
)
from portal.access.models import Absence, AccountSession, User
from portal.access.rules import LONGEST_ABSENCE, SLIP_LASTS, AbsenceReason, is_locked, is_username
from portal.audit import record
from portal.database import db
from portal.directory.models import Person
from portal.directory.queries import postings_on
from portal.guard import Viewer
from portal.refusal import Refused
from portal.vietnamese import clean, clean_text, fold

TOKEN_BYTES = 32
ADDRESS_FACTOR = 10
"""Many people sit behind one address: it may fail this many times as often as one account."""
KEEP_ATTEMPTS = timedelta(days=1)


def suggested_username(full_name: str) -> str:
    """A free user name: given name, dot, initials (``an.nv``), with a number where it is taken."""
    words = "".join(c if c.isalnum() and c.isascii() else " " for c in fold(full_name)).split() or ["user"]
    stem = words[-1] + ("." + "".join(word[0] for word in words[:-1]) if words[1:] else "")
    taken = queries.usernames_like(stem)
    return next(
        name for number in range(1, len(taken) + 2) if (name := f"{stem}{number if number > 1 else ''}") not in taken
    )


def create_account(person: Person, username: str, slip_hash: str, *, by: Viewer | None, at: datetime) -> User:
    """Give a person an account with a one-time password. Raises Refused when either has one already."""
    if not is_username(username):
        raise Refused("access.username_form", username=username)
    if queries.user_of_person(person.id) is not None:
        raise Refused("access.has_account", person=person.full_name)
    if queries.user_named(username) is not None:
        raise Refused("access.username_taken", username=username)
    user = User(
        person_id=person.id, username=username, password_hash=slip_hash, must_change=True,
        slip_expires_at=at + SLIP_LASTS, made_at=at,
    )  # fmt: skip
    db.session.add(user)
    db.session.flush()
    record(AccountCreated(username=username, person=person.full_name), entity_id=user.id, by=by, at=at)
    return user


def issue_slip(user: User, slip_hash: str, *, by: Viewer | None, at: datetime) -> None:
    """Replace a forgotten password by a one-time one. Every session ends, the lock on the name too."""
    user.password_hash, user.must_change, user.slip_expires_at = slip_hash, True, at + SLIP_LASTS
    _end_all(user)
    bulk.forget_attempts(subject_of_name(user.username))
    record(SlipIssued(username=user.username), entity_id=user.id, by=by, at=at)


def change_password(user: User, password_hash: str, *, by: Viewer, at: datetime) -> None:
    """Store the password a person chose. Every session ends; the caller opens a new one."""
    user.password_hash, user.must_change, user.slip_expires_at = password_hash, False, None
    _end_all(user)
    record(PasswordChanged(username=user.username), entity_id=user.id, by=by, at=at)


def disable_account(user: User, *, by: Viewer, at: datetime) -> None:
    """Close an account; its sessions end at once. Raises Refused for one's own and for a closed one."""
    if by.user_id == user.id:
        raise Refused("access.own_account")
    if user.disabled_at is not None:
        raise Refused("access.disabled_already", username=user.username)
    user.disabled_at = at
    _end_all(user)
    record(AccountDisabled(username=user.username), entity_id=user.id, by=by, at=at)


def enable_account(user: User, *, by: Viewer, at: datetime) -> None:
    """Open a closed account again. Raises Refused when it is open."""
    if user.disabled_at is None:
        raise Refused("access.not_disabled", username=user.username)
    user.disabled_at = None
    record(AccountEnabled(username=user.username), entity_id=user.id, by=by, at=at)


def end_session(session: AccountSession, *, by: Viewer, at: datetime) -> None:
    """End one session of anybody."""
    bulk.end_session(session.id)
    record(SessionEnded(username=session.user.username), entity_id=session.user_id, by=by, at=at)


def subject_of_name(username: str) -> str:
    """What failures of a user name are counted under."""
    return hashlib.sha256(f"name:{username}".encode()).hexdigest()


def subject_of_address(ip: str) -> str:
    """What failures of an address are counted under."""
    return hashlib.sha256(f"address:{ip}".encode()).hexdigest()


def count_attempt(username: str, ip: str, *, limit: int, window: timedelta, at: datetime) -> bool:
    """Count an attempt before the password is looked at; says whether it may be looked at.

    Counted first, so that attempts sent at the same moment cannot slip through together.
    """
    of_name = bulk.count_attempt(subject_of_name(username), at, window)
    of_address = bulk.count_attempt(subject_of_address(ip), at, window)
    if of_name == limit + 1:
        user = queries.user_named(username)
        record(SignInLocked(ip=ip), entity_id=user.id if user else None, by=None, at=at)
    return not (is_locked(of_name, limit) or is_locked(of_address, limit * ADDRESS_FACTOR))


def sign_in_as(
    user: User, *, ip: str, agent: str, on: date, at: datetime, absolute: timedelta, way: str = "password"
) -> str:
    """Open a session for an account and give its token, which only the cookie will hold.

    The caller has made sure who it is. ``on`` is the business day whose postings give the rights.
    """
    if user.disabled_at is not None:
        raise Refused("access.sign_in_failed")
    rights = queries.rights_of(user.id, user.person_id, user.person.full_name, on)
    bulk.make_room_for_session(user.id, at - absolute)
    bulk.forget_attempts(subject_of_name(user.username))
    bulk.take_back_attempt(subject_of_address(ip))
    bulk.forget_attempts_before(at - KEEP_ATTEMPTS)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    session = AccountSession(
        token_hash=queries.digest(token), user_id=user.id, epoch=user.epoch, rights=rights.fingerprint,
        created_at=at, authenticated_at=at, last_seen_at=at, ip=ip[:64], agent=agent[:200],
    )  # fmt: skip
    db.session.add(session)
    record(SignedIn(username=user.username, way=way), entity_id=user.id, by=rights.viewer, at=at)
    return token


def sign_out(session_id: int, username: str, *, by: Viewer, at: datetime) -> None:
    """End one's own session."""
    bulk.end_session(session_id)
    record(SignedOut(username=username), entity_id=by.user_id, by=by, at=at)


def record_absence(
    person: Person,
    stand_in: Person,
    reason: AbsenceReason,
    first_day: date,
    last_day: date,
    *,
    document: str = "",
    note: str = "",
    by: Viewer,
    at: datetime,
    today: date,
) -> Absence:
    """Let somebody act for an absent person from one day to another, both included; no chain, never backwards.

    Raises Refused when the days are out of order, over or too many, when the person is absent then already, when the
    stand-in is the person, absent on one of the days, or without a posting, or is who records it for another (four
    eyes); and when a delegation names no document.
    """
    if last_day < first_day or last_day < today or last_day - first_day > LONGEST_ABSENCE:
        raise Refused("access.absence_days", most=LONGEST_ABSENCE.days)
    if person.id == stand_in.id:
        raise Refused("access.stands_in_himself")
    if by.person_id == stand_in.id:
        raise Refused("access.names_himself")
    if reason is AbsenceReason.DELEGATED and not clean(document):
        raise Refused("access.delegation_document")
    if queries.overlapping(person.id, first_day, last_day):
        raise Refused("access.absent_already", person=person.full_name)
    if any(row.reason != AbsenceReason.DELEGATED for row in queries.overlapping(stand_in.id, first_day, last_day)):
        raise Refused("access.stand_in_absent", person=stand_in.full_name)
    if not postings_on(max(first_day, today), person_id=stand_in.id):
        raise Refused("access.stand_in_without_posting", person=stand_in.full_name)
    absence = Absence(
        person_id=person.id, stand_in_id=stand_in.id, reason=reason, first_day=first_day, last_day=last_day,
        document=clean(document), note=clean_text(note), made_by=by.label or by.name, made_at=at,
    )  # fmt: skip
    db.session.add(absence)
    db.session.flush()
    event = AbsenceRecorded(
        stand_in_id=stand_in.id, reason=reason, first_day=first_day, last_day=last_day, document=absence.document
    )
    record(event, entity_id=person.id, by=by, at=at)
    return absence


def end_absence(absence: Absence, back_on: date, *, by: Viewer, at: datetime, today: date) -> None:
    """The person is back on a day, today or later: the stand-in acts until the day before, or never did.

    Raises Refused when the day lies behind today, or the absence is over by then.
    """
    if back_on < today or absence.cancelled or back_on > absence.last_day:
        raise Refused("access.absence_over")
    if back_on <= absence.first_day:
        absence.cancelled = True
    else:
        absence.last_day = back_on - timedelta(days=1)
    record(AbsenceEnded(stand_in_id=absence.stand_in_id, back_on=back_on), entity_id=absence.person_id, by=by, at=at)


def _end_all(user: User) -> None:
    """End every session of an account, also those another worker is opening with the epoch of before."""
    user.epoch += 1
    bulk.end_sessions_of(user.id)
