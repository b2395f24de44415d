"""One effect per form: a key sent twice answers with what the first sending did."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from flask import Flask, Response, current_app, g, redirect, request
from flask_login import current_user
from sqlalchemy import Delete, String, UniqueConstraint, Update, delete, insert, select, update
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Mapped

from portal import clock
from portal.database import Base, Instant, before_write, col, commit, db
from portal.logs import logger

FAILED = 400
log = logger(__name__)


class Operation(Base):
    """A form that was carried out: who, which key, where it led."""

    __tablename__ = "operations"
    __table_args__ = (UniqueConstraint("user_id", "op_id"),)

    id: Mapped[int] = col(primary_key=True)
    user_id: Mapped[int] = col(nullable=False)
    op_id: Mapped[str] = col(String(64), nullable=False)
    endpoint: Mapped[str] = col(String(80), nullable=False)
    location: Mapped[str | None] = col(String(500))
    at: Mapped[datetime] = col(Instant(), nullable=False)


View = TypeVar("View", bound=Callable[..., Any])


def repeatable(view: View) -> View:
    """Mark a view whose form is rightly sent many times with one key: the autosave of a draft."""
    view.__dict__["repeatable"] = True
    return view


class AlreadyDone(Exception):
    """The same form was sent before and has had its effect."""


def watch() -> Any:
    """Before an unsafe request with a key: answer at once if it was done, else write the key with the change."""
    key = request.form.get("op_id", "") if request.method == "POST" else ""
    if not key or len(key) > 64 or not current_user.is_authenticated:
        return None
    if getattr(current_app.view_functions[request.endpoint or "static"], "repeatable", False):
        return None
    g.operation = (int(current_user.id), key)
    before = _find(*g.operation)
    if before is not None:
        return _replay(before.location)
    before_write(_claim)
    return None


def _claim() -> None:
    user_id, key = g.operation
    values = {"user_id": user_id, "op_id": key, "endpoint": request.endpoint or "", "at": clock.now()}
    try:
        db.session.execute(insert(Operation).values(values))
    except IntegrityError as error:
        raise AlreadyDone from error
    g.operation_claimed = True


def _find(user_id: int, key: str) -> Operation | None:
    return db.session.scalar(select(Operation).where(Operation.user_id == user_id, Operation.op_id == key))


def _replay(location: str | None) -> Any:
    target = location or "/"
    if request.headers.get("HX-Request") == "true":
        return Response("", 204, {"HX-Redirect": target})
    return redirect(target, 303)


def remember(response: Response) -> Response:
    """After a claimed operation: keep where it led, for the second click; forget one that failed half-way.

    A database too busy for this note is no reason to call a thing that was done a failure.
    """
    if not g.pop("operation_claimed", False):
        return response
    user_id, key = g.operation
    location = response.headers.get("Location") or response.headers.get("HX-Redirect")
    mine = (Operation.user_id == user_id, Operation.op_id == key)
    note: Update | Delete | None = None
    if response.status_code >= FAILED:
        note = delete(Operation).where(*mine, Operation.location.is_(None))
    elif location:
        note = update(Operation).where(*mine).values(location=location[:500])
    if note is not None:
        try:
            with commit():
                db.session.execute(note)
        except OperationalError as error:
            log.warning("operation not noted", error=type(error.orig).__name__)
    return response


def forget_operations_before(moment: datetime) -> int:
    """Forget keys of forms carried out before an instant, inside ``commit()``; how many."""
    gone = delete(Operation).where(Operation.at < moment).returning(Operation.id)
    return len(db.session.execute(gone, execution_options={"synchronize_session": False}).all())


def register(app: Flask) -> None:
    """Bind the watch to the requests of an application; after the guard."""
    app.before_request(watch)
    app.after_request(remember)

    @app.errorhandler(AlreadyDone)
    def _done_before(_error: AlreadyDone) -> Any:
        before = _find(*g.operation)
        return _replay(before.location if before else None)
