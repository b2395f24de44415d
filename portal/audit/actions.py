"""Writing the trail: one function, in the transaction of the change it records."""

from __future__ import annotations

import hashlib
import secrets
from contextlib import closing
from contextvars import ContextVar
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, ClassVar

from flask import current_app
from flask_babel import LazyString
from sqlalchemy import select, text

from portal import clock
from portal.audit.models import AuditEvent, AuditPayload
from portal.audit.rules import GENESIS, canonical, commitment_of, link
from portal.database import db, dialect, is_writing
from portal.guard import Viewer

CHAIN_LOCK = 7_061_848
_label: ContextVar[str] = ContextVar("actor_label", default="máy")
_request_id: ContextVar[str] = ContextVar("request_id", default="")


@dataclass(frozen=True, kw_only=True)
class Event:
    """Parent of every event: a frozen dataclass whose fields are the facts, past tense in its name."""

    kind: ClassVar[str]
    entity: ClassVar[str]
    title: ClassVar[LazyString]


KINDS: dict[str, type[Event]] = {}


def known_event(cls: type[Event]) -> type[Event]:
    """Class decorator: make the kind known to the pages, so that its title is shown in the reader's language."""
    if cls.kind in KINDS:
        raise ValueError(f"two events of kind {cls.kind}")
    KINDS[cls.kind] = cls
    return cls


def actor_label() -> str:
    """Who acts when there is no viewer: "command line: <OS user>", or the job."""
    return _label.get()


def set_actor_label(label: str) -> None:
    """Name the actor of this context."""
    _label.set(label)


def set_request_id(request_id: str) -> None:
    """Tie the events of this context to the request id of the logs."""
    _request_id.set(request_id)


def chain_key() -> bytes:
    """The key of the chain, derived from the secret key, which is never in the database."""
    return hashlib.sha256(b"audit-chain\n" + current_app.config["SECRET_KEY"].encode()).digest()


def record(
    event: Event, *, entity_id: int | None, by: Viewer | None, at: datetime, case_id: int | None = None
) -> AuditEvent:
    """Append one event to the chain, inside the open ``commit()``.

    ``by`` None means the machine or a command (see ``actor_label``). ``at`` is an instant. Appends are serialised by
    the write lock of SQLite and an advisory lock on PostgreSQL, so the chain never forks.
    """
    if not is_writing():
        raise RuntimeError("an event is recorded in the transaction of its change")
    db.session.flush()
    if dialect() == "postgresql":
        db.session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": CHAIN_LOCK})
    last = db.session.execute(select(AuditEvent.seq, AuditEvent.hash).order_by(AuditEvent.seq.desc()).limit(1)).first()
    payload = {name: plain(value) for name, value in asdict(event).items()}
    salt = secrets.token_hex(16)
    row = AuditEvent(
        seq=last.seq + 1 if last else 1,
        at=at,
        business_at=clock.local_now(),
        user_id=by.user_id if by else None,
        actor=(by.label or by.name) if by else actor_label(),
        roles=",".join(sorted(by.roles)) if by else "",
        kind=event.kind,
        entity=event.entity,
        entity_id=entity_id,
        case_id=case_id,
        request_id=_request_id.get(),
        commitment=commitment_of(salt, payload),
        prev_hash=last.hash if last else GENESIS,
    )
    row.hash = link(chain_key(), row.prev_hash, facts_of(row))
    db.session.add(row)
    db.session.flush()
    db.session.add(AuditPayload(seq=row.seq, salt=salt, payload=payload))
    db.session.flush()
    return row


def facts_of(row: AuditEvent) -> dict[str, Any]:
    """The facts of an event that the chain protects, in canonical types."""
    return {
        "seq": row.seq,
        "at": row.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "business_at": row.business_at.isoformat(timespec="seconds"),
        "user_id": row.user_id,
        "actor": row.actor,
        "roles": row.roles,
        "kind": row.kind,
        "entity": row.entity,
        "entity_id": row.entity_id,
        "case_id": row.case_id,
        "request_id": row.request_id,
        "commitment": row.commitment,
    }


def plain(value: Any) -> Any:
    """A value in the types JSON has; dates in ISO form."""
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(item) for item in value]
    return value


def verify_chain() -> tuple[int, int | None]:
    """Walk the chain: (events read, seq of the first bad link or None)."""
    prev, expected, count = GENESIS, 1, 0
    key = chain_key()
    rows = db.session.scalars(select(AuditEvent).order_by(AuditEvent.seq).execution_options(yield_per=1000))
    with closing(rows):
        for row in rows:
            count += 1
            payload = row.payload_row
            whole = payload is None or commitment_of(payload.salt, payload.payload) == row.commitment
            sound = row.seq == expected and row.prev_hash == prev and row.hash == link(key, prev, facts_of(row))
            if not (whole and sound):
                return count, row.seq
            prev, expected = row.hash, row.seq + 1
    return count, None


def head() -> tuple[int, str]:
    """The last link: (seq, hash); (0, genesis) when empty."""
    last = db.session.execute(select(AuditEvent.seq, AuditEvent.hash).order_by(AuditEvent.seq.desc()).limit(1)).first()
    return (last.seq, last.hash) if last else (0, GENESIS)


__all__ = ["Event", "actor_label", "canonical", "known_event", "record", "set_actor_label"]
