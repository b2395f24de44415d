"""Set-based writing for sign-in: counters that are exact under races, and sessions that end at once."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import case, delete, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from portal.access.models import AccountSession, SignInAttempt
from portal.database import db, dialect

TOUCH_EVERY = timedelta(minutes=1)
SESSIONS_AT_MOST = 3
OLD_ATTEMPTS_AT_ONCE = 1000


def count_attempt(subject: str, at: datetime, window: timedelta) -> int:
    """Count one attempt in the window of its subject, in one statement; gives the count with this attempt in it."""
    table = SignInAttempt.__table__
    insert = postgresql.insert(SignInAttempt) if dialect() == "postgresql" else sqlite.insert(SignInAttempt)
    over = table.c.window_start <= at - window
    counted = insert.values(subject=subject, window_start=at, failures=1).on_conflict_do_update(
        index_elements=[table.c.subject],
        set_={
            "failures": case((over, 1), else_=table.c.failures + 1),
            "window_start": case((over, at), else_=table.c.window_start),
        },
    )
    return int(db.session.execute(counted.returning(table.c.failures)).scalar_one())


def take_back_attempt(subject: str) -> None:
    """An attempt that succeeded was no failure."""
    counted = SignInAttempt.subject == subject
    lowered = update(SignInAttempt).where(counted, SignInAttempt.failures > 0)
    db.session.execute(lowered.values(failures=SignInAttempt.failures - 1), execution_options=_AS_IT_IS)


def forget_attempts(subject: str) -> None:
    """Begin a new window for a subject."""
    db.session.execute(delete(SignInAttempt).where(SignInAttempt.subject == subject), execution_options=_AS_IT_IS)


def forget_attempts_before(moment: datetime) -> None:
    """Counters of windows long closed serve nobody. Those in use by another sign-in are left to the next time."""
    old = select(SignInAttempt.subject).where(SignInAttempt.window_start < moment).limit(OLD_ATTEMPTS_AT_ONCE)
    gone = delete(SignInAttempt).where(SignInAttempt.subject.in_(old.with_for_update(skip_locked=True)))
    db.session.execute(gone, execution_options=_AS_IT_IS)


def touch_session(session_id: int, at: datetime) -> None:
    """Remember that the session was used, at most once a minute."""
    stale = AccountSession.last_seen_at <= at - TOUCH_EVERY
    touched = update(AccountSession).where(AccountSession.id == session_id, stale)
    db.session.execute(touched.values(last_seen_at=at), execution_options=_AS_IT_IS)


def end_sessions_of(user_id: int, *, keep: int | None = None) -> None:
    """End the sessions of an account, all or all but one."""
    ended = delete(AccountSession).where(AccountSession.user_id == user_id)
    if keep is not None:
        ended = ended.where(AccountSession.id != keep)
    db.session.execute(ended, execution_options=_AS_IT_IS)


def end_session(session_id: int) -> None:
    """End one session."""
    db.session.execute(delete(AccountSession).where(AccountSession.id == session_id), execution_options=_AS_IT_IS)


def end_sessions_before(*, seen: datetime, created: datetime) -> int:
    """End the sessions last seen, or created, before these instants; how many."""
    over = or_(AccountSession.last_seen_at < seen, AccountSession.created_at < created)
    ended = delete(AccountSession).where(over).returning(AccountSession.id)
    return len(db.session.execute(ended, execution_options=_AS_IT_IS).all())


def make_room_for_session(user_id: int, created_before: datetime) -> None:
    """Before a new session: end what has lasted too long, and the oldest beyond the number one person may have."""
    mine = AccountSession.user_id == user_id
    kept = (
        select(AccountSession.id)
        .where(mine, AccountSession.created_at > created_before)
        .order_by(AccountSession.last_seen_at.desc(), AccountSession.id.desc())
        .limit(SESSIONS_AT_MOST - 1)
    )
    db.session.execute(delete(AccountSession).where(mine, AccountSession.id.not_in(kept)), execution_options=_AS_IT_IS)


_AS_IT_IS = {"synchronize_session": False}
