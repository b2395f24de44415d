"""The signed letter: taken in as a scan, proved when it was signed with a token, or sealed on this server.

Reading, proving and sealing come before the transaction, as slow work does. What is kept is kept by its hash and is
given out as the same bytes for ever.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from asn1crypto.x509 import Certificate

from portal.accountability.apologies import letters, queries, rules
from portal.accountability.apologies.events import ApologyCopyKept
from portal.accountability.apologies.models import Apology, SignedCopy
from portal.accountability.apologies.rules import Way
from portal.audit import record
from portal.database import commit, db
from portal.documents import actions as documents
from portal.documents.pdf import CORNER, Place, signature_place
from portal.documents.rules import MEDIA_TYPES, ending_of
from portal.documents.seals import Seals, sealed
from portal.documents.signatures import Signature, read_signatures
from portal.documents.store import Content, FileStore
from portal.guard import Viewer
from portal.refusal import Conflict, Refused
from portal.vietnamese import fold

SCANS = ("pdf", "png", "jpg")


@dataclass(frozen=True)
class Given:
    """A file as somebody uploaded it: its safe name and where it is kept."""

    name: str
    content: Content


@dataclass(frozen=True)
class Shown:
    """A kept copy with its signatures; ``foreign``: none of them names the head who signed in the portal."""

    copy: SignedCopy
    signatures: tuple[Signature, ...]
    foreign: bool


def shown(apology: Apology) -> list[Shown]:
    """The copies of the letter as it is issued now, the newest first."""
    found = []
    for copy in queries.copies_of(apology) if apology.file_sha256 else ():
        signatures = tuple(Signature.from_json(one) for one in copy.signatures or ())
        names = {fold(one.signer) for one in signatures}
        signer = fold(apology.signer.full_name) if apology.signer else ""
        found.append(Shown(copy, signatures, copy.way == Way.TOKEN and signer not in names))
    return found


def keep_scan(apology: Apology, scan: Given, *, by: Viewer, at: datetime, on: date) -> None:
    """Keep the scan of a letter that was signed on paper."""
    if ending_of(scan.name) not in SCANS:
        raise Refused("apologies.scan_kind", name=scan.name)
    _keep(apology, Way.PAPER, scan, None, by=by, at=at, on=on)


def take_back(
    apology: Apology,
    signed: Given,
    store: FileStore,
    *,
    roots: Sequence[Certificate],
    by: Viewer,
    at: datetime,
    on: date,
) -> tuple[Signature, ...]:
    """Prove and keep the issued PDF that came back signed; gives its signatures. Refused saying what does not hold.

    ``roots``: the authorities that are trusted. ``at``: the instant at which the certificates must be valid.
    """
    if ending_of(signed.name) != "pdf":
        raise Refused("apologies.signed_kind", name=signed.name)
    issued, returned = _issued(apology, store), store.read(signed.content.sha256)
    found = read_signatures(issued, returned, roots=roots, at=at)
    _keep(apology, Way.TOKEN, signed, found, by=by, at=at, on=on)
    return found


def put_seal(
    apology: Apology,
    store: FileStore,
    seals: Seals,
    *,
    roots: Sequence[Certificate],
    by: Viewer,
    at: datetime,
    now: datetime,
) -> None:
    """Seal the letter with the key of its unit on this server. ``now``: wall time, as the block shows it.

    A letter that its signer has signed with a token gets the seal beside that signature.
    """
    _check(apology, Way.SEAL, by, now.date())
    issued = _issued(apology, store)
    newest = next((copy for copy in queries.copies_of(apology) if copy.signatures), None)
    base = store.read(newest.sha256) if newest else issued
    seal = seals.open(apology.unit.code, at)
    data = sealed(base, seal, _place(apology), agency=apology.unit.name, wall=now)
    found = read_signatures(issued, data, roots=roots, at=at)
    content = store.put(data, MEDIA_TYPES["pdf"])
    given = Given(f"{apology.case.code}.pdf", content)
    _keep(apology, Way.SEAL, given, found, by=by, at=at, on=now.date())


def _issued(apology: Apology, store: FileStore) -> bytes:
    if apology.file_sha256 is None:
        raise Refused("apologies.not_issued")
    return store.read(apology.file_sha256)


def _place(apology: Apology) -> Place:
    """Where the block of the seal stands on this letter."""
    if apology.template_id is not None or apology.content is None or apology.number is None or not apology.issued_on:
        return CORNER
    return signature_place(letters.issued(apology, apology.number, apology.issued_on))


def _check(apology: Apology, way: Way, by: Viewer, on: date) -> None:
    standing = queries.standing_of(by, apology, queries.seats_on(on))
    if apology.state not in rules.SIGNED_BY[way][0]:
        raise Refused("apologies.not_now")
    if way not in rules.ways_for(apology.state, standing):
        raise Refused("apologies.not_yours")


def _keep(
    apology: Apology, way: Way, given: Given, found: Sequence[Signature] | None, *, by: Viewer, at: datetime, on: date
) -> None:
    """Write the copy with what was proved; Conflict when the letter was numbered anew since it was read."""
    base = apology.file_sha256
    with commit():
        if base is None or apology.file_sha256 != base:
            raise Conflict()
        _check(apology, way, by, on)
        documents.remember_file(given.content, at=at)
        signatures = [one.as_json() for one in found] if found is not None else None
        db.session.add(
            SignedCopy(
                apology_id=apology.id, way=way, base_sha256=base, sha256=given.content.sha256, file_name=given.name,
                signatures=signatures, by_id=by.person_id, at=at,
            )
        )  # fmt: skip
        event = ApologyCopyKept(
            way=way, base_sha256=base, sha256=given.content.sha256, signatures=len(signatures or ())
        )
        record(event, entity_id=apology.id, by=by, at=at, case_id=apology.case_id)
