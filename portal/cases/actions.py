"""Recording what lawfully moves a term: pauses and extensions, each with its document. Nothing recorded is changed: an
end, a correction and a taking back are further rows. The ruling moment follows in the same transaction.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from portal import clock
from portal.audit import record
from portal.cases import bulk
from portal.cases.events import ExtensionRecorded, ExtensionTakenBack, PauseEnded, PauseRecorded, PauseTakenBack
from portal.cases.models import Case, CaseExtension, Pause
from portal.cases.pause_queries import standing_pauses
from portal.cases.projecting import project
from portal.database import db
from portal.deadlines import PauseKind, TermUnit
from portal.guard import Viewer
from portal.refusal import Refused

BY_PERSON = "person"
LONGEST_LABEL = 200


@dataclass(frozen=True, kw_only=True)
class PauseDraft:
    """A pause as a person says it. Moments are Vietnam wall time; 00:00 has no time of day."""

    kind: PauseKind
    started_at: datetime
    ended_at: datetime | None
    document: str
    document_on: date | None
    reason: str = ""
    in_printed: bool = False


@dataclass(frozen=True, kw_only=True)
class ExtensionDraft:
    """An extension as a person says it."""

    amount: int
    unit: TermUnit
    document: str
    document_on: date
    reason: str = ""
    in_printed: bool = False


def may_record(case: Case, by: Viewer) -> bool:
    """Whether a viewer records pauses of this case: a head of its unit, or an office with it in scope, and nobody for a
    case of his own."""
    return _refusal(case, by) is None


def _refusal(case: Case, by: Viewer) -> str | None:
    if case.officer_id is not None and case.officer_id in by.person_ids:
        return "pauses.own_case"
    if by.sees_all or case.resolving_unit_id in by.own_reach:
        return None
    return "pauses.not_yours"


def _demand(case: Case, by: Viewer) -> None:
    code = _refusal(case, by)
    if code:
        raise Refused(code)


def record_pause(case: Case, draft: PauseDraft, *, by: Viewer, at: datetime) -> Pause:
    """Record a lawful pause, open or over. Refused without number and day of its document, before the receipt, in the
    future, after the end of the case, and where the same stands already."""
    _demand(case, by)
    demand_pause(case, draft)
    row = _row(case, draft, by, at)
    was = case.ruling_due_at
    _keep(row, case.id)
    bulk.note_repeated_supplements([case.id], None)
    _told(PauseRecorded, row, was, case, by, at)
    return row


def demand_pause(case: Case, draft: PauseDraft) -> None:
    """Refuse what cannot be recorded whoever says it: without its document, impossible, or standing already."""
    if not draft.document or draft.document_on is None:
        raise Refused("pauses.no_document")
    _demand_possible(case, draft)
    standing = standing_pauses([case.id])
    if any(each.kind == draft.kind and each.started_at == draft.started_at for each in standing):
        raise Refused("pauses.known")


def _demand_possible(case: Case, draft: PauseDraft) -> None:
    now = clock.local_now()
    if case.due_at is None:
        raise Refused("pauses.no_due")
    if draft.document_on is not None and draft.document_on > now.date():
        raise Refused("pauses.document_later")
    if draft.started_at.date() < case.received_at.date():
        raise Refused("pauses.before_receipt", received=f"{case.received_at:%d/%m/%Y}")
    if draft.started_at > now or (draft.ended_at is not None and draft.ended_at > now):
        raise Refused("pauses.in_future")
    if draft.ended_at is not None and draft.ended_at < draft.started_at:
        raise Refused("pauses.ends_first")
    if case.finished_at is not None and draft.started_at.date() > case.finished_at.date():
        raise Refused("pauses.after_end", ended=f"{case.finished_at:%d/%m/%Y}")


def _row(case: Case, draft: PauseDraft, by: Viewer, at: datetime, replaces_id: int | None = None) -> Pause:
    return Pause(
        case_id=case.id,
        kind=draft.kind.value,
        started_at=draft.started_at,
        ended_at=draft.ended_at,
        document=draft.document,
        document_on=draft.document_on,
        reason=draft.reason,
        in_printed=draft.in_printed,
        source=BY_PERSON,
        author=_author(by),
        recorded_at=at,
        replaces_id=replaces_id,
    )


def _author(by: Viewer) -> str:
    return (by.label or by.name)[:LONGEST_LABEL]


def _keep(row: Any, case_id: int) -> None:
    db.session.add(row)
    db.session.flush()
    project([case_id])


def end_pause(case: Case, pause: Pause, ended_at: datetime, document: str, *, by: Viewer, at: datetime) -> Pause:
    """Record the end of a pause that stands open: the term runs on from there, with the time that was left."""
    _demand(case, by)
    _demand_standing(pause)
    if pause.ended_at is not None:
        raise Refused("pauses.not_open")
    documents = "; ".join(part for part in (pause.document, document) if part)
    row = _after(pause, by, at, ended_at=ended_at, document=documents)
    draft = PauseDraft(
        kind=PauseKind(row.kind), started_at=row.started_at, ended_at=ended_at, document=documents,
        document_on=row.document_on,
    )  # fmt: skip
    _demand_possible(case, draft)
    was = case.ruling_due_at
    _keep(row, case.id)
    _told(PauseEnded, row, was, case, by, at)
    return row


def take_back_pause(case: Case, pause: Pause, reason: str, *, by: Viewer, at: datetime) -> Pause:
    """Take a pause back that was recorded wrongly, also one a source told; the row stays and counts no more."""
    _demand(case, by)
    _demand_standing(pause)
    if not reason:
        raise Refused("pauses.no_reason")
    row = _after(pause, by, at, voided=True, reason=reason)
    was = case.ruling_due_at
    _keep(row, case.id)
    _told(PauseTakenBack, row, was, case, by, at)
    return row


def _after(pause: Pause, by: Viewer, at: datetime, **changes: Any) -> Pause:
    """A further row in place of another one, with what is different."""
    names = ("case_id", "kind", "started_at", "ended_at", "document", "document_on", "reason", "in_printed")
    said = {name: getattr(pause, name) for name in (*names, "due_before", "due_after")}
    more = {"source": BY_PERSON, "author": _author(by), "recorded_at": at, "replaces_id": pause.id}
    return Pause(**{**said, **more, **changes})


def _demand_standing(row: Pause | CaseExtension) -> None:
    model: Any = type(row)
    replaced = db.session.scalar(select(model.id).where(model.replaces_id == row.id))
    if replaced is not None or row.voided:
        raise Refused("pauses.replaced")


def _told(event: type[Any], row: Pause, was: datetime | None, case: Case, by: Viewer, at: datetime) -> None:
    told = event(
        pause_kind=row.kind, started_at=row.started_at, ended_at=row.ended_at, document=row.document,
        document_on=row.document_on, reason=row.reason, due_was=was, due_is=case.ruling_due_at,
    )  # fmt: skip
    record(told, entity_id=row.id, by=by, at=at, case_id=case.id)


def record_extension(case: Case, draft: ExtensionDraft, *, by: Viewer, at: datetime) -> CaseExtension:
    """Record a lawful extension. Refused where its document is younger than the due moment: a term that is over cannot
    be extended, and no later paper makes a late case on time (domain rules, breach and duties, 1)."""
    _demand(case, by)
    if case.ruling_due_at is None:
        raise Refused("pauses.no_due")
    if draft.document_on > clock.today():
        raise Refused("pauses.document_later")
    if draft.document_on > case.ruling_due_at.date():
        raise Refused(
            "extensions.after_due", document=f"{draft.document_on:%d/%m/%Y}", due=f"{case.ruling_due_at:%d/%m/%Y}"
        )
    row = CaseExtension(
        case_id=case.id, amount=draft.amount, unit=draft.unit.value, document=draft.document,
        document_on=draft.document_on, reason=draft.reason, in_printed=draft.in_printed, author=_author(by),
        recorded_at=at,
    )  # fmt: skip
    was = case.ruling_due_at
    _keep(row, case.id)
    _extension_told(ExtensionRecorded, row, was, case, by, at)
    return row


def take_back_extension(case: Case, row: CaseExtension, reason: str, *, by: Viewer, at: datetime) -> CaseExtension:
    """Take an extension back that was recorded wrongly; the row stays and counts no more."""
    _demand(case, by)
    _demand_standing(row)
    if not reason:
        raise Refused("pauses.no_reason")
    names = ("case_id", "amount", "unit", "document", "document_on", "in_printed")
    said = {name: getattr(row, name) for name in names}
    voiding = CaseExtension(**said, reason=reason, author=_author(by), recorded_at=at, replaces_id=row.id, voided=True)
    was = case.ruling_due_at
    _keep(voiding, case.id)
    _extension_told(ExtensionTakenBack, voiding, was, case, by, at)
    return voiding


def _extension_told(
    event: type[Any], row: CaseExtension, was: datetime | None, case: Case, by: Viewer, at: datetime
) -> None:
    told = event(
        amount=row.amount, unit=row.unit, document=row.document, document_on=row.document_on, reason=row.reason,
        due_was=was, due_is=case.ruling_due_at,
    )  # fmt: skip
    record(told, entity_id=row.id, by=by, at=at, case_id=case.id)
