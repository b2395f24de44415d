"""Set-based writing of the door for programs: counters that are exact under races, and answers that are kept."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import case, delete, insert, or_, update
from sqlalchemy.dialects import postgresql, sqlite

from portal.api.models import ApiAnswer, ApiCall, ApiToken
from portal.api.rules import WINDOW
from portal.database import db, dialect

TOUCH_EVERY = timedelta(minutes=1)
_AS_IT_IS = {"synchronize_session": False}


def count_call(token_id: int, at: datetime) -> tuple[int, datetime]:
    """Count one call in the window of its token, in one statement; gives the count with it, and the window's start."""
    table = ApiCall.__table__
    statement = postgresql.insert(ApiCall) if dialect() == "postgresql" else sqlite.insert(ApiCall)
    over = table.c.window_start <= at - WINDOW
    counted = statement.values(token_id=token_id, window_start=at, calls=1).on_conflict_do_update(
        index_elements=[table.c.token_id],
        set_={
            "calls": case((over, 1), else_=table.c.calls + 1),
            "window_start": case((over, at), else_=table.c.window_start),
        },
    )
    row = db.session.execute(counted.returning(table.c.calls, table.c.window_start)).one()
    return int(row.calls), row.window_start


def touch_token(token_id: int, at: datetime) -> None:
    """Remember that the token was used, at most once a minute."""
    stale = or_(ApiToken.last_used_at.is_(None), ApiToken.last_used_at <= at - TOUCH_EVERY)
    touched = update(ApiToken).where(ApiToken.id == token_id, stale)
    # The version says that people changed a token; being used is no such change.
    db.session.execute(touched.values(last_used_at=at), execution_options=_AS_IT_IS)


def claim_key(token_id: int, key: str, address: str, body_sha256: str, at: datetime) -> None:
    """Take an idempotency key. Raises IntegrityError where it was taken before."""
    values = {"token_id": token_id, "key": key, "address": address, "body_sha256": body_sha256, "at": at}
    db.session.execute(insert(ApiAnswer).values(answer="", **values))


def keep_answer(token_id: int, key: str, answer: str) -> None:
    """Write down what was answered to a key."""
    mine = (ApiAnswer.token_id == token_id, ApiAnswer.key == key)
    db.session.execute(update(ApiAnswer).where(*mine).values(answer=answer), execution_options=_AS_IT_IS)


def forget_answers_before(moment: datetime) -> int:
    """Forget answers older than a moment, which serve nobody; how many."""
    gone = delete(ApiAnswer).where(ApiAnswer.at < moment).returning(ApiAnswer.id)
    return len(db.session.execute(gone, execution_options=_AS_IT_IS).all())
