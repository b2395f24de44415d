"""One cause, many cases: one text for all, a remark on each; every case keeps its own copy and goes its own road."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from portal.accountability.explanations import batches, bulk, queries
from portal.accountability.explanations.actions.moves import columns_of, record_step
from portal.accountability.explanations.actions.sections import SectionTerm
from portal.accountability.explanations.actions.writing import check_cause, must_be_whole, must_not_decide_it
from portal.accountability.explanations.drafts import BatchFile, BatchMember, BatchState, ExplanationBatch
from portal.accountability.explanations.events import BatchSubmitted, ExplanationSubmitted
from portal.accountability.explanations.models import Explanation
from portal.accountability.explanations.queries import Deciders
from portal.accountability.explanations.rules import WRITABLE, Answer, State, counts_as_late_answer
from portal.audit import record
from portal.database import db, transition
from portal.documents.actions import remember_file
from portal.documents.store import Content
from portal.guard import Viewer
from portal.refusal import Refused

MOST = 500
"""Cases explained together; more than anybody reads through, fewer than a statement may carry."""
NAMED = 5
Waits = tuple[int | None, SectionTerm]
"""Who concludes, and by when the head of a section reads it first."""
Groups = dict[Waits, list[Explanation]]


def open_batch(chosen: Sequence[Explanation], *, by: Viewer, at: datetime) -> ExplanationBatch:
    """Begin one explanation for many cases; a draft of the same cases is taken up again.

    Refused for cases of several holders, and for what cannot be written now.
    """
    if not chosen:
        raise Refused("explanations.nothing_chosen")
    if len(chosen) > MOST:
        raise Refused("explanations.too_many", most=MOST)
    holders = {explanation.holder_id for explanation in chosen}
    holder_id = chosen[0].holder_id
    if len(holders) > 1 or holder_id is None or holder_id not in by.person_ids:
        raise Refused("explanations.nobody_in_common")
    _must_be_writable(chosen, holder_id)
    ids = sorted(explanation.id for explanation in chosen)
    draft = batches.draft_with(ids, holder_id)
    if draft is not None:
        return draft
    batch = ExplanationBatch(holder_id=holder_id, state=BatchState.DRAFT, opened_at=at)
    db.session.add(batch)
    db.session.flush()
    bulk.choose_members(batch.id, ids)
    return batch


def save_batch(
    batch: ExplanationBatch, answer: Answer, remarks: Mapping[int, str], *, version: int, by: Viewer, at: datetime
) -> None:
    """Keep what was written so far to all and to each. Raises Conflict when another window saved since ``version``."""
    _must_be_writer(batch, by)
    check_cause(answer)
    changed = _changed_remarks(batches.members_of(batch.id), remarks)
    if not changed and _same(batch, answer):
        return
    bulk.remark_members(changed)
    to = {**_common(answer), "saved_at": at, "by_id": by.person_id}
    transition(ExplanationBatch, batch.id, where={"state": BatchState.DRAFT.value}, to=to, version=version)


def submit_batch(
    batch: ExplanationBatch,
    answer: Answer,
    remarks: Mapping[int, str],
    chosen: Collection[int],
    *,
    version: int,
    by: Viewer,
    at: datetime,
    today: date,
) -> int:
    """Hand in the common text for every chosen case, all of them or none; gives how many.

    Each case keeps its own text, remark, files and history, and waits for its own decider. A case that cannot be
    handed in is named, so that it can be left out; what is not chosen leaves the batch and stays to be written.
    """
    holder = _must_be_writer(batch, by)
    cause = check_cause(answer)
    members = [member for member in batches.members_of(batch.id) if member.explanation_id in set(chosen)]
    if not members:
        raise Refused("explanations.nothing_chosen")
    rows = [member.explanation for member in members]
    _must_be_writable(rows, batch.holder_id)
    ids = [row.id for row in rows]
    has_evidence = bool(batches.files_of(batch.id)) or not batches.without_evidence(ids)
    must_be_whole(answer, cause, has_evidence=has_evidence, still_open=any(row.breach.end is None for row in rows))
    groups = _by_decider(rows, holder, today)
    handed_in = {"submitted_at": at, "submitted_on": today, "saved_at": at, **_common(answer)}
    to = {**handed_in, "state": BatchState.SUBMITTED.value, "by_id": by.person_id}
    transition(ExplanationBatch, batch.id, where={"state": BatchState.DRAFT.value}, to=to, version=version)
    bulk.keep_members(batch.id, ids)
    bulk.remark_members(_changed_remarks(members, remarks))
    bulk.keep_own_drafts(batch.id, at)
    values = {**handed_in, "state": State.SUBMITTED.value}
    _hand_in(batch, groups, {**values, "said_already_done": False})
    bulk.keep_submitted(batch.id, holder.person_id, at)
    bulk.attach_to_members(batch.id)
    said = {member.explanation_id: remarks.get(member.explanation_id, member.remark) for member in members}
    event = ExplanationSubmitted(
        cause=cause.code if cause else "", happened=answer.happened, remedy=answer.remedy,
        commitment=answer.commitment, commitment_on=answer.commitment_on, said_already_done=False, late=False,
        decider_id=None, decision_due_on=today, details=dict(answer.details), batch_id=batch.id,
    )  # fmt: skip
    for (decider_id, first), row in ((key, row) for key, group in groups.items() for row in group):
        late = counts_as_late_answer(row.due_on, today, legacy=row.breach.legacy)
        due_on, remark = first.decision_due_on, said[row.id]
        told = replace(event, late=late, decider_id=decider_id, decision_due_on=due_on, remark=remark)
        record_step(told, row, holder, at)
    record(BatchSubmitted(cases=len(rows), cause=event.cause), entity_id=batch.id, by=holder, at=at)
    db.session.expire_all()
    return len(rows)


def _by_decider(rows: Sequence[Explanation], holder: Viewer, today: date) -> Groups:
    """The cases by who concludes them today, and who reads them first; refused where that is who writes them (§3.8)."""
    deciders, excluded = Deciders.on(today), queries.excluded_from_deciding(rows)
    terms, groups = SectionTerm.of(rows, today, deciders), defaultdict[Waits, list[Explanation]](list)
    for row in rows:
        decider = deciders.of(row.unit_id, excluded[row.id])
        must_not_decide_it(row, decider, holder)
        groups[decider.person_id, terms[row.id]].append(row)
    return groups


def _hand_in(
    batch: ExplanationBatch, groups: Mapping[Waits, Sequence[Explanation]], values: Mapping[str, object]
) -> None:
    """Every case of the groups, or none: one that has moved on meanwhile refuses the whole."""
    for (decider_id, first), group in groups.items():
        done = bulk.submit_members(batch, decider_id, [row.id for row in group], {**values, **first.columns})
        if done != len(group):
            raise Refused("explanations.not_together", cases=_named(group))


def drop_batch(batch: ExplanationBatch, *, by: Viewer) -> None:
    """Give a draft up; its cases stay to be written, and its text stays with it."""
    _must_be_writer(batch, by)
    transition(
        ExplanationBatch, batch.id, where={"state": BatchState.DRAFT.value}, to={"state": BatchState.DROPPED.value}
    )


def attach_to_batch(batch: ExplanationBatch, stored: Content, name: str, *, by: Viewer, at: datetime) -> None:
    """Put a stored file beside the common text."""
    _must_be_writer(batch, by)
    remember_file(stored, at=at)
    db.session.add(
        BatchFile(
            batch_id=batch.id, sha256=stored.sha256, name=name, size=stored.size, media_type=stored.media_type, at=at,
            by_id=by.person_id,
        )
    )  # fmt: skip


def _must_be_writer(batch: ExplanationBatch, by: Viewer) -> Viewer:
    if batch.holder_id not in by.person_ids:
        raise Refused("explanations.not_holder")
    if batch.state != BatchState.DRAFT:
        raise Refused("explanations.batch_over")
    return by.standing_in(batch.holder_id)


def _must_be_writable(rows: Sequence[Explanation], holder_id: int) -> None:
    barred = [
        row for row in rows if row.state not in WRITABLE or row.stopped_at is not None or row.holder_id != holder_id
    ]
    if barred:
        raise Refused("explanations.not_together", cases=_named(barred))


def _named(rows: Sequence[Explanation]) -> str:
    codes = [row.case.code for row in rows]
    return ", ".join(codes[:NAMED]) + (f" … ({len(codes)})" if len(codes) > NAMED else "")


def _common(answer: Answer) -> dict[str, object]:
    """The columns of the common text; the remark belongs to each case."""
    columns = columns_of(answer)
    del columns["remark"]
    return columns


def _same(batch: ExplanationBatch, answer: Answer) -> bool:
    return all(getattr(batch, name) == value for name, value in _common(answer).items())


def _changed_remarks(members: Sequence[BatchMember], remarks: Mapping[int, str]) -> dict[int, str]:
    said = ((member, remarks.get(member.explanation_id, member.remark)) for member in members)
    return {member.id: words for member, words in said if words != member.remark}
