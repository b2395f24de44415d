"""What the door for programs does: make and revoke tokens, take cases and steps. Inside the caller's ``commit()``
unless it says otherwise."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from portal import clock
from portal.api import bulk, queries
from portal.api.events import StepsReceived, TokenMade, TokenRevoked
from portal.api.listing import Told, listed_of, outcomes_of
from portal.api.models import ApiToken
from portal.api.national import Pauses, Step
from portal.api.rules import PREFIX_LENGTH, REMEMBERED, TOKEN_START, expiry_fault, hash_of
from portal.api.shapes import CaseIn
from portal.audit import record
from portal.cases import bulk as case_bulk
from portal.cases.projecting import project
from portal.database import db
from portal.guard import Scope, Viewer
from portal.imports.actions import ensure_source, import_prepared, look
from portal.imports.preparing import Prepared, Upload, Wishes, prepare
from portal.imports.rules import Counts, Door, Outcome, Remark
from portal.refusal import Refused
from portal.vietnamese import clean

LONGEST_NAME = 100
NOT_OURS = "other_source_rules"
"""The importer's remark on a case that another source rules."""


# --- Tokens


@dataclass(frozen=True)
class Caller:
    """Who calls with a token: what the request may do, and for which source."""

    token_id: int
    name: str
    prefix: str
    source_id: int
    source: str
    scopes: frozenset[Scope]

    @property
    def viewer(self) -> Viewer:
        """The caller as the trail and the batches name it: nobody of the directory, with no right of a person."""
        words = f"API: {self.name} ({self.prefix}…)"
        return Viewer(user_id=None, person_id=None, name=words, label=words)


@dataclass(frozen=True)
class NewToken:
    """A token that was just made, with the secret that is never seen again."""

    token: ApiToken
    secret: str


def make_token(
    name: str, source: str, scopes: Iterable[Scope], expires_on: date, *, by: Viewer | None, at: datetime
) -> NewToken:
    """Make a token for a source, good to the end of a real day. The secret is in the answer only; kept is its hash."""
    fault = expiry_fault(expires_on, clock.in_vietnam(at).date())
    if fault is not None:
        raise Refused(f"api.expiry_{fault}", day=f"{expires_on:%d/%m/%Y}")
    wanted = [scope for scope in Scope if scope in frozenset(scopes)]
    if not wanted:
        raise Refused("api.no_scope")
    owner = ensure_source(source)
    secret = TOKEN_START + secrets.token_hex(4) + "_" + secrets.token_urlsafe(32)
    token = ApiToken(
        name=clean(name)[:LONGEST_NAME] or owner.name[:LONGEST_NAME],
        source_id=owner.id,
        scopes=" ".join(wanted),
        token_hash=hash_of(secret),
        prefix=secret[:PREFIX_LENGTH],
        expires_on=expires_on,
        made_by=(by.label or by.name)[:200] if by else "portal api token",
        made_at=at,
    )
    db.session.add(token)
    db.session.flush()
    event = TokenMade(
        name=token.name, source=owner.name, scopes=token.scopes, prefix=token.prefix, expires_on=expires_on
    )
    record(event, entity_id=token.id, by=by, at=at)
    return NewToken(token, secret)


def revoke_token(token: ApiToken, *, by: Viewer, at: datetime) -> None:
    """Take a token back; its next call is refused."""
    if token.revoked_at is not None:
        raise Refused("api.revoked_already", name=token.name)
    token.revoked_at = at
    db.session.flush()
    event = TokenRevoked(name=token.name, source=token.source.name, prefix=token.prefix)
    record(event, entity_id=token.id, by=by, at=at)


# --- Cases


@dataclass(slots=True)
class Taken:
    """What came of a body."""

    applied: bool
    data_as_of: datetime | None
    counts: Counts
    told: list[Told]
    batch_id: int | None = None
    remarks: list[Remark] = field(default_factory=list)


def prepare_cases(
    caller: Caller,
    upload: Upload,
    cases: Sequence[CaseIn],
    *,
    as_of: datetime,
    headings: Mapping[str, str],
    at: datetime,
) -> Prepared:
    """Check and plan the cases of a body as if they were the rows of a file; writes nothing, and comes before
    ``commit()``. ``as_of``: wall moment of the data."""
    wishes = Wishes(source=caller.source, as_of=as_of)
    return prepare(upload, wishes, at=at, listed=listed_of(cases, headings))


def looked_at(prepared: Prepared, cases: Sequence[CaseIn]) -> Taken:
    """What a body would do; nothing is written. Not inside ``commit()``."""
    made = look(prepared)
    told = outcomes_of(made, (case.code for case in cases))
    return Taken(False, prepared.checked.data_as_of, made.counts, told)


def take_cases(
    caller: Caller, prepared: Prepared, cases: Sequence[CaseIn], pauses: Pauses | None, *, at: datetime
) -> Taken:
    """Apply a prepared body as a new batch, with the pauses its cases carry, in the same transaction."""
    done = import_prepared(prepared, by=caller.viewer, at=at, door=Door.API)
    told = outcomes_of(done.plan, (case.code for case in cases))
    taken = Taken(True, done.batch.data_as_of, done.plan.counts, told, batch_id=done.batch.id)
    if pauses is not None:
        _take_pauses(pauses, taken, caller.source_id)
    return taken


def _take_pauses(pauses: Pauses, taken: Taken, source_id: int) -> None:
    """Write the pauses of the cases that were taken; the others are said, never dropped in silence."""
    ids = queries.case_ids(code for _, code, _ in pauses.rows)
    theirs = queries.ruled_elsewhere(ids, source_id)
    rows: dict[tuple[int, str], dict[str, object]] = {}
    for remark in pauses.remarks:
        taken.told[(remark.row or 1) - 1].warnings.append(remark)
    for row, code, values in pauses.rows:
        told = taken.told[row - 1]
        ruled_by_another = code in theirs or any(remark.reason == NOT_OURS for remark in told.warnings)
        if told.outcome in (Outcome.PENDING, Outcome.REJECTED) or code not in ids or ruled_by_another:
            name = f"DanhSachHoSoBoSung/{values['source_ref']}"
            told.warnings.append(Remark(row, name, str(values["source_ref"]), "supplement_without_case"))
            continue
        case_id = ids[code]
        rows[case_id, str(values["source_ref"])] = {"case_id": case_id, "batch_id": taken.batch_id, **values}
    case_bulk.write_pauses(list(rows.values()))
    case_bulk.note_repeated_supplements({case_id for case_id, _ in rows}, taken.batch_id)
    project({case_id for case_id, _ in rows})


# --- Steps


def take_steps(caller: Caller, steps: Sequence[Step], *, at: datetime) -> Taken:
    """Write the steps of cases of the caller's source; each step says what became of it."""
    ids = queries.case_ids((step.code for step in steps if step.remark is None), caller.source_id)
    rows: dict[tuple[int, str], dict[str, object]] = {}
    first: dict[tuple[int, str], int] = {}
    told: list[Told] = []
    for step in steps:
        one = Told(step.row, step.code, Outcome.UNCHANGED)
        told.append(one)
        remark = step.remark
        if remark is None and step.code not in ids:
            remark = Remark(step.row, "MaHoSo", step.code, "case_unknown")
        if remark is not None:
            one.outcome = Outcome.REJECTED
            one.problems.append(remark)
            continue
        key = ids[step.code], str(step.values["digest"])
        rows[key] = {"case_id": key[0], "source_id": caller.source_id, **step.values}
        first.setdefault(key, step.row)
    for key in case_bulk.write_steps(list(rows.values())):
        told[first[key] - 1].outcome = Outcome.NEW
    counts = Counts()
    for one in told:
        counts.add(one.outcome)
    event = StepsReceived(
        source=caller.source, rows=counts.rows, new=counts.new, unchanged=counts.unchanged, rejected=counts.rejected
    )
    record(event, entity_id=caller.token_id, by=caller.viewer, at=at)
    return Taken(True, None, counts, told)


# --- One effect for one key


@dataclass(frozen=True)
class Key:
    """An idempotency key with what it stands for."""

    text: str
    address: str
    body_sha256: str


def claim(caller: Caller, key: Key | None, *, at: datetime) -> None:
    """Take the key at the start of the work, so that of two requests with one key only one does it."""
    if key is not None:
        bulk.forget_answers_before(at - REMEMBERED)
        bulk.claim_key(caller.token_id, key.text, key.address, key.body_sha256, at)


def keep(caller: Caller, key: Key | None, answer: str) -> None:
    """Keep what is answered, in the transaction of what was done."""
    if key is not None:
        bulk.keep_answer(caller.token_id, key.text, answer)
