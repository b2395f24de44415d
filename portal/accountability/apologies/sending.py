"""Sending a letter with the file that proves it; further proofs may come later, as the receipt of the post does."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from portal.accountability.apologies import actions, queries, rules
from portal.accountability.apologies.copies import SCANS, Given
from portal.accountability.apologies.events import SendingProved
from portal.accountability.apologies.models import Apology, SendingProof
from portal.accountability.apologies.rules import Channel, State
from portal.audit import record
from portal.database import db
from portal.documents import actions as documents
from portal.documents.rules import ending_of
from portal.guard import Viewer
from portal.refusal import Refused


def send(
    apology: Apology, channel: Channel, sent_at: datetime, proof: str, file: Given | None, *, version: int, by: Viewer,
    at: datetime, now: datetime,
) -> None:  # fmt: skip
    """Record that the letter was sent, as ``actions.send`` does; keep the file that proves it, where there is one."""
    _check_kind(file)
    actions.send(apology, channel, sent_at, proof, version=version, by=by, at=at, now=now)
    if file is not None:
        _keep(apology, file, channel, by=by, at=at)


def add_proof(apology: Apology, file: Given, *, by: Viewer, at: datetime, on: date) -> None:
    """Keep a further proof of a letter that was sent; who numbers and sends brings it."""
    if apology.state != State.SENT or apology.sent_channel is None:
        raise Refused("apologies.not_sent_yet")
    if rules.Actor.CLERK not in queries.standing_of(by, apology, queries.seats_on(on)).actors():
        raise Refused("apologies.not_yours")
    _check_kind(file)
    _keep(apology, file, Channel(apology.sent_channel), by=by, at=at)


def proofs_of(apology_id: int) -> Sequence[SendingProof]:
    """The files that prove the sending of a letter, the oldest first."""
    found = select(SendingProof).where(SendingProof.apology_id == apology_id).options(joinedload(SendingProof.by))
    return db.session.scalars(found.order_by(SendingProof.id)).all()


def proof_of(apology: Apology, proof_id: int) -> SendingProof | None:
    """One of them."""
    proof = db.session.get(SendingProof, proof_id)
    return proof if proof is not None and proof.apology_id == apology.id else None


def _check_kind(file: Given | None) -> None:
    if file is not None and ending_of(file.name) not in SCANS:
        raise Refused("apologies.proof_kind", name=file.name)


def _keep(apology: Apology, file: Given, channel: Channel, *, by: Viewer, at: datetime) -> None:
    documents.remember_file(file.content, at=at)
    kept = SendingProof(
        apology_id=apology.id, sha256=file.content.sha256, file_name=file.name[:200], by_id=by.person_id, at=at
    )
    db.session.add(kept)
    event = SendingProved(channel=channel, sha256=file.content.sha256)
    record(event, entity_id=apology.id, by=by, at=at, case_id=apology.case_id)
