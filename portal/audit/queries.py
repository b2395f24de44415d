"""Reading the trail."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from portal.audit.models import AuditEvent
from portal.database import db

PAGE = 100


def events_of(entity: str, entity_id: int) -> Sequence[AuditEvent]:
    """The trail of one thing, oldest first by the moments it shows.

    The caller has already checked that the viewer may see the thing.
    """
    found = select(AuditEvent).where(AuditEvent.entity == entity, AuditEvent.entity_id == entity_id)
    return db.session.scalars(found.order_by(AuditEvent.business_at, AuditEvent.seq)).all()


def events_of_case(case_id: int) -> Sequence[AuditEvent]:
    """The trail of a case and of every duty tied to it, oldest first by the moments it shows."""
    found = select(AuditEvent).where(AuditEvent.case_id == case_id)
    return db.session.scalars(found.order_by(AuditEvent.business_at, AuditEvent.seq)).all()


def newest_events(most: int) -> Sequence[tuple[str, datetime]]:
    """Of the newest links of the chain, what each is about and its instant, the newest first."""
    found = select(AuditEvent.entity, AuditEvent.at).order_by(AuditEvent.seq.desc()).limit(most)
    return [(entity, at) for entity, at in db.session.execute(found)]


def latest(before_seq: int | None = None, kind: str = "", actor: str = "") -> Sequence[AuditEvent]:
    """One page of the whole trail, newest first, optionally older than ``before_seq``."""
    found = select(AuditEvent).order_by(AuditEvent.seq.desc()).limit(PAGE)
    if before_seq:
        found = found.where(AuditEvent.seq < before_seq)
    if kind:
        found = found.where(AuditEvent.kind == kind)
    if actor:
        found = found.where(AuditEvent.actor == actor)
    return db.session.scalars(found).all()
