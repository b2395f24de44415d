"""Recording what was done about a person, and cancelling it by a further row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from portal.accountability.followups import queries
from portal.accountability.followups.events import FollowupCancelled, FollowupRecorded
from portal.accountability.followups.models import (
    Followup,
    FollowupCancellation,
    FollowupGround,
    FollowupViolation,
)
from portal.accountability.followups.rules import Measure, basis_of, problems
from portal.audit import record
from portal.database import db
from portal.directory.models import Person
from portal.guard import Viewer
from portal.refusal import Refused


@dataclass(frozen=True)
class Draft:
    """What is to be recorded. ``form`` stands only with discipline."""

    measure: Measure
    decided_on: date
    form: str | None = None
    decision_number: str = ""
    signer: str = ""
    note: str = ""


def record_followup(
    person: Person,
    draft: Draft,
    breach_ids: Sequence[int],
    violation_ids: Sequence[int] = (),
    *,
    by: Viewer,
    at: datetime,
    today: date,
) -> Followup:
    """Record a measure against a person with the breaches and violations it rests on.

    All of them are his, stand (not cancelled; found at least in part), and lie in the viewer's reach.
    """
    if by.person_id == person.id:
        raise Refused("followups.not_himself")
    found = problems(
        draft.measure,
        draft.form,
        draft.decision_number,
        draft.signer,
        draft.decided_on,
        today,
        (*breach_ids, *violation_ids),
    )
    if found:
        raise Refused(f"followups.{found[0]}")
    grounds = queries.breaches_among(by, person.id, breach_ids)
    violations = queries.violations_among(by, person.id, violation_ids)
    if len(grounds) != len(set(breach_ids)) or len(violations) != len(set(violation_ids)):
        raise Refused("followups.not_his_breaches")
    followup = Followup(
        person_id=person.id,
        unit_id=grounds[-1].unit_id if grounds else violations[-1].unit_id,
        measure=draft.measure,
        form=draft.form or None,
        decision_number=draft.decision_number.strip(),
        decided_on=draft.decided_on,
        signer=draft.signer.strip(),
        note=draft.note.strip(),
        legal_basis=(basis_of(draft.form, draft.decided_on) or "") if draft.form else "",
        recorded_by=by.person_id,
        recorded_label=by.name,
        at=at,
    )
    db.session.add(followup)
    db.session.flush()
    db.session.add_all([FollowupGround(followup_id=followup.id, breach_id=breach.id) for breach in grounds])
    db.session.add_all([FollowupViolation(followup_id=followup.id, violation_id=one.id) for one in violations])
    event = FollowupRecorded(
        person_id=person.id,
        measure=draft.measure,
        form=draft.form or None,
        decision_number=followup.decision_number,
        decided_on=draft.decided_on,
        signer=followup.signer,
        note=followup.note,
        breach_ids=tuple(breach.id for breach in grounds),
        violation_ids=tuple(one.id for one in violations),
    )
    record(event, entity_id=followup.id, by=by, at=at)
    return followup


def cancel_followup(followup: Followup, reason: str, *, by: Viewer, at: datetime) -> None:
    """Say that a follow-up was recorded wrongly or lifted; the follow-up itself stays."""
    if not reason.strip():
        raise Refused("followups.reason_missing")
    if by.person_id == followup.person_id:
        raise Refused("followups.not_himself")
    if followup.cancellation is not None:
        raise Refused("followups.cancelled_already")
    db.session.add(FollowupCancellation(followup_id=followup.id, reason=reason.strip(), by_id=by.person_id, at=at))
    record(FollowupCancelled(reason=reason.strip()), entity_id=followup.id, by=by, at=at)
