"""Set-based writing: opening the duty to explain, safe to run twice, and one explanation for many cases."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    Integer,
    Text,
    and_,
    bindparam,
    case,
    delete,
    exists,
    false,
    func,
    insert,
    literal,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from portal.access.models import Absence
from portal.access.rules import AbsenceReason
from portal.accountability.breaches.bulk import insert_once
from portal.accountability.breaches.models import Breach
from portal.accountability.breaches.words import is_cancelled
from portal.accountability.explanations.drafts import BatchFile, BatchMember, ExplanationBatch, SideDraft
from portal.accountability.explanations.models import Attachment, Conclusion, Explanation, ExplanationText
from portal.accountability.explanations.rules import WRITABLE, State
from portal.accountability.explanations.supplements import TO_WRITE, Reason, Supplement, SupplementState
from portal.cases.models import Case
from portal.cases.words import is_open, word
from portal.database import Base, Instant, db, dialect
from portal.directory.models import Posting

APART = {"synchronize_session": False}


def insert_missing_explanations(noticed_on: date, due_on: date, legacy_due_on: date) -> int:
    """Open a waiting explanation for each breach that has none; the number opened.

    The term runs from the notice; breaches older than the cut-over have one common term (§3.9). The holder is the
    responsible officer, else the head; NULL where the directory names neither: such a duty waits for the decider to
    give it to somebody.
    """
    missing = ~exists().where(Explanation.breach_id == Breach.id).correlate(Breach)
    rows: dict[str, Any] = {
        "breach_id": Breach.id,
        "case_id": Breach.case_id,
        "state": literal(State.WAITING.value, Text),
        "holder_id": func.coalesce(Breach.officer_id, Breach.head_id),
        "unit_id": Breach.unit_id,
        "noticed_on": literal(noticed_on),
        "due_on": case((Breach.legacy.is_(True), literal(legacy_due_on)), else_=literal(due_on)),
        "happened": literal("", Text),
        "remedy": literal("", Text),
        "commitment": literal("", Text),
        "said_not_mine": _no(),
        "said_already_done": _no(),
        "returned_times": literal_column("0", Integer),
        "version": literal_column("1", Integer),
    }
    return insert_once(Explanation, tuple(rows), select(*rows.values()).where(missing).order_by(Breach.id))


def _no() -> Any:
    return false() if dialect() == "postgresql" else literal_column("0", Integer)


def choose_members(batch_id: int, explanation_ids: Sequence[int]) -> None:
    """Put explanations into a batch; those that are in it stay as they are."""
    rows = [{"batch_id": batch_id, "explanation_id": ident, "remark": ""} for ident in explanation_ids]
    db.session.execute(insert(_table(BatchMember)), rows)


def keep_members(batch_id: int, explanation_ids: Iterable[int]) -> None:
    """Take out of a batch what is not among these."""
    others = BatchMember.explanation_id.not_in(list(explanation_ids))
    db.session.execute(delete(BatchMember).where(BatchMember.batch_id == batch_id, others), execution_options=APART)


def remark_members(remarks: Mapping[int, str]) -> None:
    """Set what is to be said of single members: number of the member to its remark."""
    table = _table(BatchMember)
    statement = update(table).where(table.c.id == bindparam("member")).values(remark=bindparam("words"))
    if remarks:
        rows = [{"member": member, "words": words} for member, words in remarks.items()]
        db.session.connection().execute(statement, rows)


def keep_own_drafts(batch_id: int, at: datetime) -> None:
    """What was written to single cases before the common text takes its place stays beside, append-only."""
    written = or_(*(column != "" for column in (Explanation.happened, Explanation.remedy, Explanation.commitment)))
    since = or_(Explanation.submitted_at.is_(None), Explanation.saved_at > Explanation.submitted_at)
    _copy_texts("conflicting", Explanation.holder_id, at, _members(batch_id), written, since)


def submit_members(batch: ExplanationBatch, decider_id: int | None, ids: Sequence[int], to: Mapping[str, Any]) -> int:
    """Hand in members of a batch that one person decides, each with the common text and its own remark; how many.

    Only such as are still to be written by the holder of the batch, the clock running. Raises their versions.
    """
    table = _table(Explanation)
    remark = select(BatchMember.remark).where(
        BatchMember.batch_id == batch.id, BatchMember.explanation_id == table.c.id
    )
    writable = table.c.state.in_([str(state) for state in WRITABLE])
    statement = (
        update(table)
        .where(table.c.id.in_(ids), writable, table.c.stopped_at.is_(None), table.c.holder_id == batch.holder_id)
        .values(**to, decider_id=decider_id, remark=remark.scalar_subquery(), version=table.c.version + 1)
    )
    return int(db.session.execute(statement, execution_options=APART).rowcount)  # type: ignore[attr-defined]


def keep_submitted(batch_id: int, by_id: int | None, at: datetime) -> None:
    """Keep what was handed in for each member, append-only, as for an explanation that was written singly."""
    _copy_texts("submitted", literal(by_id, Integer), at, _members(batch_id))


def attach_to_members(batch_id: int) -> None:
    """Give each member the files of the batch as its own."""
    files = select(
        BatchMember.explanation_id, BatchFile.sha256, BatchFile.name, BatchFile.size, BatchFile.media_type,
        BatchFile.at, BatchFile.by_id,
    ).join(BatchFile, BatchFile.batch_id == BatchMember.batch_id)  # fmt: skip
    columns = ("explanation_id", "sha256", "name", "size", "media_type", "at", "by_id")
    chosen = files.where(BatchMember.batch_id == batch_id).order_by(BatchMember.id, BatchFile.id)
    db.session.execute(insert(_table(Attachment)).from_select(columns, chosen))


def keep_side_draft(values: Mapping[str, Any]) -> None:
    """Keep the newest state of a window that lost against another: one row for each window."""
    make: Any = postgresql.insert if dialect() == "postgresql" else sqlite.insert
    statement = make(_table(SideDraft)).values(**values)
    renewed = {name: statement.excluded[name] for name in ("typed", "saved_at")}
    db.session.execute(
        statement.on_conflict_do_update(index_elements=["person_id", "window"], set_=renewed), execution_options=APART
    )


def insert_missing_supplements(on: date, due_on: date, answered_by: date, promises: Any) -> int:
    """Open a further explanation where one is due and none is active (§3.10); the number opened. Safe to run twice.

    Due while the case stays open and its first explanation was concluded, once the last answer was given by
    ``answered_by`` (so many working days before ``on``) or a promised day has passed since. ``promises``: a select of
    breach and day, of the new dates that were promised to applicants. What is still to be answered or decided is the
    one active explanation of its breach, and no further one stands beside it.

    Whom the breach is about writes it, or who writes for them; who only stood in during their leave does not go on.
    """
    promised = promises.subquery("promised")
    last = _last_answer_on()
    missed = exists().where(
        promised.c.breach_id == Breach.id, promised.c.promised_on < literal(on), promised.c.promised_on >= last
    )
    active = exists().where(Supplement.breach_id == Breach.id, Supplement.state.in_(_active())).correlate(Breach)
    number = select(func.coalesce(func.max(Supplement.number), 0) + 1).where(Supplement.breach_id == Breach.id)
    rows: dict[str, Any] = {
        "breach_id": Breach.id,
        "explanation_id": Explanation.id,
        "number": number.correlate(Breach).scalar_subquery(),
        "reason": case((missed, literal(Reason.DATE_MISSED.value, Text)), else_=literal(Reason.STILL_OPEN.value, Text)),
        "state": literal(SupplementState.WAITING.value, Text),
        "holder_id": case((_was_on_leave(on), Explanation.answers_for_id), else_=Explanation.holder_id),
        "unit_id": Explanation.unit_id,
        "noticed_on": literal(on),
        "due_on": literal(due_on),
    }
    chosen = (
        select(*rows.values())
        .select_from(Explanation)
        .join(Breach, Breach.id == Explanation.breach_id)
        .join(Case, Case.id == Breach.case_id)
        .where(Explanation.state == word(State.CONCLUDED), is_open(), ~is_cancelled(), ~active)
        .where(or_(last <= literal(answered_by), missed))
        .order_by(Breach.id)
    )
    return insert_once(Supplement, tuple(rows), chosen)


def _was_on_leave(on: date) -> Any:
    """The first one was written for somebody who was on leave when the writer got it, and who has a post on a day.

    ``noticed_on`` of an explanation is the day on which it opened, or was handed over.
    """
    leave = exists().where(
        Absence.person_id == Explanation.answers_for_id, Absence.cancelled.is_(False),
        Absence.reason != word(AbsenceReason.DELEGATED),
        Absence.first_day <= Explanation.noticed_on, Absence.last_day >= Explanation.noticed_on,
    )  # fmt: skip
    posted = exists().where(
        Posting.person_id == Explanation.answers_for_id, Posting.valid_from <= on,
        or_(Posting.valid_to.is_(None), Posting.valid_to >= on),
    )  # fmt: skip
    return and_(Explanation.answers_for_id.is_not(None), leave, posted)


def end_supplements() -> int:
    """What is still to be written when the case has ended, or its breach was cancelled, is owed no more; how many."""
    table = _table(Supplement)
    still = (
        select(Breach.id)
        .join(Case, Case.id == Breach.case_id)
        .where(Breach.id == table.c.breach_id, is_open(), ~is_cancelled())
        .exists()
    )
    to_write = table.c.state.in_([state.value for state in TO_WRITE])
    ended = {"state": SupplementState.OVER.value, "version": table.c.version + 1}
    statement = update(table).where(to_write, ~still).values(ended)
    return int(db.session.execute(statement, execution_options=APART).rowcount)  # type: ignore[attr-defined]


def _active() -> list[Any]:
    return [word(state) for state in (*TO_WRITE, SupplementState.SUBMITTED)]


def _last_answer_on() -> Any:
    """The day of the last further explanation of a breach, else of the first, else of its conclusion."""
    further = select(func.max(func.coalesce(Supplement.submitted_on, Supplement.noticed_on))).where(
        Supplement.breach_id == Breach.id
    )
    concluded = select(Conclusion.decided_on).where(Conclusion.id == Explanation.conclusion_id)
    return func.coalesce(
        further.correlate(Breach).scalar_subquery(),
        Explanation.submitted_on,
        concluded.correlate(Explanation).scalar_subquery(),
    )


def _table(model: type[Base]) -> Any:
    return model.__table__


def _members(batch_id: int) -> Any:
    return Explanation.id.in_(select(BatchMember.explanation_id).where(BatchMember.batch_id == batch_id))


def _copy_texts(kind: str, by_id: Any, at: datetime, *conditions: Any) -> None:
    copied = ("cause_id", "happened", "remedy", "commitment", "commitment_on", "details", "remark")
    chosen = select(
        Explanation.id,
        literal(kind, Text),
        by_id,
        literal(at, Instant()),
        *(getattr(Explanation, name) for name in copied),
    ).where(*conditions)
    columns = ("explanation_id", "kind", "by_id", "at", *copied)
    db.session.execute(insert(_table(ExplanationText)).from_select(columns, chosen.order_by(Explanation.id)))
