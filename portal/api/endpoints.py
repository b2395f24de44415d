"""The addresses for programs: cases and steps come in, what became of a batch goes out."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, g, request
from sqlalchemy.exc import IntegrityError

from portal import clock
from portal.accountability.ledger.actions import open_breaches
from portal.api import actions, bulk, operations, queries
from portal.api.actions import Caller, Key, Taken
from portal.api.messages import spoken, spoken_rows
from portal.api.models import ApiToken
from portal.api.national import (
    NAMES,
    NationalCases,
    NationalOut,
    NationalSteps,
    Pauses,
    canonical,
    pauses_in,
    steps_in,
)
from portal.api.operations import JSON, operation
from portal.api.reading import body_bytes, problem_of, read_as, refuse
from portal.api.rules import LARGEST_BODY, VIETNAM, hash_of, is_key, seconds_left
from portal.api.shapes import BatchIn, BatchOut, BatchState, CaseIn, Counts, Item, Remark
from portal.database import commit, db
from portal.guard import Scope, token_door
from portal.imports.keeping import keep
from portal.imports.rules import BatchState as State
from portal.logs import logger
from portal.policy.queries import calls_per_minute
from portal.refusal import Refused
from portal.web.problems import PREFIX
from portal.web.words import N_, chosen_language

bp = Blueprint("api_v1", __name__, url_prefix=PREFIX.rstrip("/"))
log = logger(__name__)
BEARER = "bearer "
LONGEST_TOKEN = 200
CHALLENGE = {"WWW-Authenticate": 'Bearer realm="dung-han"'}


# --- The door


@token_door
def ask_for_token(scope: Scope) -> Response | None:
    """Before every request of this door: a good token, not called too often, with the scope the address demands."""
    # Before anything looks at the body.
    request.max_content_length = LARGEST_BODY
    token = _token_sent()
    if token is None:
        return problem_of("no_token" if not request.authorization else "bad_token", headers=CHALLENGE)
    caller = Caller(
        token_id=token.id,
        name=token.name,
        prefix=token.prefix,
        source_id=token.source_id,
        source=token.source.name,
        scopes=frozenset(Scope(word) for word in token.scopes.split()),
    )
    wait = _count(caller)
    if wait:
        return problem_of("rate_limited", headers={"Retry-After": str(wait)})
    if scope not in caller.scopes:
        return problem_of("wrong_scope")
    g.api_caller = caller
    return None


def _token_sent() -> ApiToken | None:
    """The token of the request, if it is one of ours and still good."""
    sent = request.headers.get("Authorization", "")
    if not sent.lower().startswith(BEARER) or len(sent) > LONGEST_TOKEN:
        return None
    token = queries.token_by_hash(hash_of(sent[len(BEARER) :].strip()))
    if token is None or token.revoked_at is not None or token.expires_on < clock.real_today():
        return None
    return token


def _count(caller: Caller) -> int:
    """Count the call; the seconds to wait where it is one too many, else 0."""
    most, at = calls_per_minute(clock.today()), clock.now()
    with commit():
        calls, window_start = bulk.count_call(caller.token_id, at)
        bulk.touch_token(caller.token_id, at)
    return seconds_left(window_start, at) if calls > most else 0


# --- Cases


@operation(
    bp,
    method="POST",
    path="/cases:batch",
    summary=N_("Send cases, at most 5,000 at once"),
    scope=Scope.CASES_WRITE,
    body=BatchIn,
    answer=BatchOut,
    key=True,
)
def send_cases() -> Response:
    """Take cases through the same checks as a file."""
    data = body_bytes()
    key = _key(data, needed=True)
    body = read_as(BatchIn, data)

    def work() -> Taken:
        as_of = clock.local_now() if body.data_as_of is None else _wall(body.data_as_of)
        return _take(body.cases, data, as_of, {}, key, strict=body.strict)

    return _once(key, work, BatchOut)


@operation(
    bp,
    method="GET",
    path="/batches/{batch_id}",
    summary=N_("What came of a batch"),
    scope=Scope.BATCHES_READ,
    answer=BatchState,
    also=(404,),
    tag="batches",
)
def show_batch(batch_id: int) -> Response:
    """A batch of the token's source."""
    batch = queries.batch_of_source(_caller().source_id, batch_id)
    if batch is None:
        refuse("no_batch")
    rows = queries.remarks_of(batch.id)
    answer = BatchState(
        batch=batch.id,
        source=batch.source.name,
        door=batch.door,
        state=batch.state,
        applied=batch.state == State.APPLIED,
        data_as_of=_instant(batch.data_as_of),
        received_at=batch.uploaded_at,
        applied_at=batch.applied_at,
        counts=Counts(**batch.counts),
        problems=spoken_rows(row for row in rows if row.kind != "warning"),
        warnings=spoken_rows(row for row in rows if row.kind == "warning"),
    )
    return _answer(answer.model_dump_json())


@operation(
    bp,
    method="POST",
    path="/national/DongBoHoSoMC",
    summary=N_("Send cases in the national shape"),
    scope=Scope.CASES_WRITE,
    body=NationalCases,
    answer=NationalOut,
    key=False,
    tag="national",
)
def send_national_cases() -> Response:
    """The national shape of cases, on the door for cases; requests for supplements become pauses."""
    data = body_bytes()
    key = _key(data, needed=False)
    body = read_as(NationalCases, data)
    cases = canonical(body.data)
    # What is kept is the reduced body: identity numbers and telephones are in no file of ours either.
    kept = BatchIn.model_construct(cases=cases).model_dump_json(exclude_unset=True).encode()

    def work() -> Taken:
        return _take(cases, kept, clock.local_now(), NAMES, key, pauses=pauses_in(body.data))

    return _once(key, work, NationalOut)


@operation(
    bp,
    method="POST",
    path="/national/CapNhatTienDoHoSoMC",
    summary=N_("Send steps of cases in the national shape"),
    scope=Scope.STEPS_WRITE,
    body=NationalSteps,
    answer=NationalOut,
    key=False,
    tag="national",
)
def send_national_steps() -> Response:
    """Steps of cases the source has sent before."""
    data = body_bytes()
    key = _key(data, needed=False)
    steps = list(steps_in(read_as(NationalSteps, data).data))
    caller = _caller()

    def work() -> Taken:
        with commit():
            actions.claim(caller, key, at=clock.now())
            taken = actions.take_steps(caller, steps, at=clock.now())
            actions.keep(caller, key, _said(taken, NationalOut))
        return taken

    return _once(key, work, NationalOut)


@operation(bp, method="GET", path="/openapi.json", summary=N_("This description"), answer=None, tag="description")
def openapi() -> Response:
    """The description of this door, in the reader's language; it holds no data."""
    return _answer(operations.as_text(chosen_language()))


# --- Parts


def _caller() -> Caller:
    found: Caller = g.api_caller
    return found


def _key(data: bytes, *, needed: bool) -> Key | None:
    """The idempotency key of the request."""
    text = request.headers.get("Idempotency-Key")
    if text is None and not needed:
        return None
    if text is None or not is_key(text):
        refuse("bad_key")
    return Key(text, request.endpoint or "", hashlib.sha256(data).hexdigest())


def _take(
    cases: Sequence[CaseIn],
    kept: bytes,
    as_of: datetime,
    headings: Mapping[str, str],
    key: Key | None,
    *,
    strict: bool = False,
    pauses: Pauses | None = None,
) -> Taken:
    """Take cases: the slow part first, then one transaction."""
    caller = _caller()
    upload = keep(kept, f"api-{caller.prefix}-{clock.now():%Y%m%d%H%M%S}.json")
    prepared = actions.prepare_cases(caller, upload, cases, as_of=as_of, headings=headings, at=clock.now())
    answer = BatchOut if pauses is None else NationalOut
    if strict and prepared.plan.problems:
        taken = actions.looked_at(prepared, cases)
        with commit():
            actions.claim(caller, key, at=clock.now())
            actions.keep(caller, key, _said(taken, answer))
        return taken
    with commit():
        actions.claim(caller, key, at=clock.now())
        taken = actions.take_cases(caller, prepared, cases, pauses, at=clock.now())
        actions.keep(caller, key, _said(taken, answer))
    _open_duties(caller)
    return taken


def _open_duties(caller: Caller) -> None:
    """What the new data show late gets its duties at once; where that cannot be, the night job opens the same."""
    try:
        with commit():
            open_breaches(clock.today(), clock.now(), caller.viewer)
    except Refused as refused:
        log.warning("breaches not opened", code=refused.code)


def _once(key: Key | None, work: Callable[[], Taken], answer: type[BatchOut]) -> Response:
    """Do the work, or give the answer that was given to its key before."""
    if key is None:
        return _answer(_said(work(), answer))
    known = _replayed(key)
    if known is not None:
        return known
    try:
        return _answer(_said(work(), answer))
    except IntegrityError:
        # Two requests with one key at once: the other one came first.
        db.session.rollback()
        known = _replayed(key)
        if known is None:
            raise
        return known


def _replayed(key: Key) -> Response | None:
    before = queries.answer_to(_caller().token_id, key.text)
    if before is None:
        return None
    if (before.address, before.body_sha256) != (key.address, key.body_sha256):
        return problem_of("key_reused")
    return _answer(before.answer, {"Idempotent-Replayed": "true"})


def _said(taken: Taken, answer: type[BatchOut]) -> str:
    """The answer as text."""
    problems = _by_row(remark for one in taken.told for remark in one.problems)
    warnings = _by_row(remark for one in taken.told for remark in one.warnings)
    said = answer(
        batch=taken.batch_id,
        applied=taken.applied,
        data_as_of=_instant(taken.data_as_of),
        counts=Counts(**taken.counts.as_dict()),
        items=[
            Item(
                row=one.row,
                code=one.code,
                outcome=one.outcome,
                problems=problems.get(one.row, []),
                warnings=warnings.get(one.row, []),
            )
            for one in taken.told
        ],
    )
    return said.model_dump_json()


def _by_row(remarks: Any) -> dict[int, list[Remark]]:
    found: dict[int, list[Remark]] = {}
    for remark in spoken(remarks):
        found.setdefault(remark.row or 1, []).append(remark)
    return found


def _answer(text: str, headers: Mapping[str, str] | None = None) -> Response:
    response = Response(text, mimetype=JSON)
    response.headers.update(headers or {})
    return response


def _instant(wall: datetime | None) -> datetime | None:
    """A wall moment with Vietnam's offset, so that no program has to guess."""
    return None if wall is None else wall.replace(tzinfo=VIETNAM)


def _wall(instant: datetime) -> datetime:
    """An instant on Vietnam's wall; the ends of the calendar are no moments of data."""
    try:
        return instant.astimezone(VIETNAM).replace(tzinfo=None, microsecond=0)
    except OverflowError:
        raise Refused("imports.as_of_in_future", as_of=f"{instant:%d/%m/%Y}") from None
