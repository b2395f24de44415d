"""What people do with incidents. Each action asks the rules, makes one transition, and records it last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, select

from portal.accountability.incidents import bulk, queries
from portal.accountability.incidents.events import (
    CasesLinked,
    CaseUnlinked,
    IncidentDecided,
    IncidentDeclared,
    IncidentsProposed,
)
from portal.accountability.incidents.models import Incident, IncidentCase, IncidentDecision
from portal.accountability.incidents.rules import LINKING, MACHINE, Action, State, allows, fault_of_interval
from portal.audit import record
from portal.calendars.queries import current_calendar
from portal.cases.models import Case
from portal.database import db, transition
from portal.deadlines import DayOutsideCalendar, WorkingCalendar
from portal.guard import Permission, Viewer
from portal.refusal import Refused

DAYS_PROPOSED = 5
"""Working days for which the nightly job looks for unusual numbers: data of a day often come some days later."""
NAMED_IN_TRAIL = 1000


@dataclass(frozen=True)
class Draft:
    """What somebody declares. ``told``: how and when the IT authority was told (number of the ticket or letter)."""

    unit_id: int
    system: str
    description: str
    started_at: datetime
    ended_at: datetime | None = None
    source_id: int | None = None
    told: str = ""


def propose_incidents(today: date, at: datetime) -> int:
    """Propose incidents for the last working days with unusually many missed terms; how many. Safe to run twice."""
    limits, calendar = queries.unusual(today), current_calendar()
    try:
        first = _working_days_before(today, DAYS_PROPOSED, calendar)
        look_back = _working_days_before(first, limits.look_back_days, calendar)
    except DayOutsideCalendar:
        return 0
    proposed = bulk.insert_proposals(first, today, look_back, limits, at)
    if proposed:
        event = IncidentsProposed(proposed=proposed, first_on=first, last_on=today)
        record(event, entity_id=None, by=None, at=at)
    return proposed


def _working_days_before(day: date, count: int, calendar: WorkingCalendar) -> date:
    for _ in range(count):
        day = calendar.previous_working_day(day)
    return day


def declare(draft: Draft, *, by: Viewer, at: datetime, now: datetime) -> Incident:
    """Declare an incident for a unit one answers for, from when to when (open end: it still lasts).

    ``now``: wall time. Refused for intervals that end before they begin or lie in the future.
    """
    _must_declare_for(draft.unit_id, by)
    _check(draft, now)
    incident = Incident(
        **_columns(draft),
        unit_id=draft.unit_id,
        source_id=draft.source_id,
        state=State.DECLARED,
        made_at=at,
        declared_by=by.person_id,
        declared_at=at,
    )
    db.session.add(incident)
    db.session.flush()
    _record_declared(incident.id, draft, by, at)
    return incident


def declare_proposed(
    incident: Incident, draft: Draft, *, version: int, by: Viewer, at: datetime, now: datetime
) -> None:
    """Make an incident of what the portal only suspected; source and unit stay those of the signal."""
    _must_declare_for(incident.unit_id, by)
    _must_allow(incident, Action.DECLARE)
    _check(draft, now)
    _move(incident, Action.DECLARE, version, declared_by=by.person_id, declared_at=at, **_columns(draft))
    _record_declared(incident.id, draft, by, at)


def _columns(draft: Draft) -> dict[str, Any]:
    return {
        "system": draft.system.strip(),
        "description": draft.description.strip(),
        "told": draft.told.strip(),
        "started_at": draft.started_at,
        "ended_at": draft.ended_at,
    }


def _check(draft: Draft, now: datetime) -> None:
    if not draft.description.strip() or not draft.system.strip():
        raise Refused("incidents.description_missing")
    fault = fault_of_interval(draft.started_at, draft.ended_at, now)
    if fault:
        raise Refused(fault)


def _record_declared(incident_id: int, draft: Draft, by: Viewer, at: datetime) -> None:
    event = IncidentDeclared(
        system=draft.system.strip(),
        unit_id=draft.unit_id,
        started_at=draft.started_at,
        ended_at=draft.ended_at,
        description=draft.description.strip(),
        told=draft.told.strip(),
    )
    record(event, entity_id=incident_id, by=by, at=at)


def dismiss(incident: Incident, reason: str, *, version: int, by: Viewer, at: datetime) -> None:
    """Say that an unusual number was no incident, and why: it stays on the list as looked into."""
    _must_declare_for(incident.unit_id, by)
    _decide(incident, Action.DISMISS, reason, version=version, by=by, at=at)


def withdraw(incident: Incident, reason: str, *, version: int, by: Viewer, at: datetime) -> None:
    """Take a declaration back before the IT authority decided."""
    _must_declare_for(incident.unit_id, by)
    _decide(incident, Action.WITHDRAW, reason, version=version, by=by, at=at)


def confirm(
    incident: Incident,
    started_at: datetime,
    ended_at: datetime,
    reason: str,
    document: str,
    *,
    version: int,
    by: Viewer,
    at: datetime,
    now: datetime,
) -> None:
    """The IT authority confirms from when to when the system failed; a later word replaces it, and both stay.

    Who declared an incident does not confirm it himself.
    """
    _must_be_authority(incident, by)
    fault = fault_of_interval(started_at, ended_at, now)
    if fault:
        raise Refused(fault)
    interval = {"confirmed_from": started_at, "confirmed_to": ended_at}
    _decide(incident, Action.CONFIRM, reason, document, interval, version=version, by=by, at=at)


def refuse(incident: Incident, reason: str, document: str, *, version: int, by: Viewer, at: datetime) -> None:
    """The IT authority finds that the system did not fail, and says why."""
    _must_be_authority(incident, by)
    if not reason.strip():
        raise Refused("incidents.reason_missing")
    none: dict[str, datetime | None] = {"confirmed_from": None, "confirmed_to": None}
    _decide(incident, Action.REFUSE, reason, document, none, version=version, by=by, at=at)


def _decide(
    incident: Incident,
    action: Action,
    reason: str,
    document: str = "",
    interval: dict[str, Any] | None = None,
    *,
    version: int,
    by: Viewer,
    at: datetime,
) -> None:
    _must_allow(incident, action)
    if action is not Action.CONFIRM and not reason.strip():
        raise Refused("incidents.reason_missing")
    state, interval = MACHINE[action].target, interval or {}
    _move(incident, action, version, **interval)
    said: dict[str, Any] = {
        "state": state,
        "started_at": interval.get("confirmed_from"),
        "ended_at": interval.get("confirmed_to"),
        "reason": reason.strip(),
        "document": document.strip(),
    }
    label = (by.label or by.name)[:200]
    db.session.add(IncidentDecision(incident_id=incident.id, by_id=by.person_id, by_label=label, at=at, **said))
    record(IncidentDecided(**said), entity_id=incident.id, by=by, at=at)


def link_missed(incident: Incident, units: frozenset[int] | None, *, by: Viewer, at: datetime) -> int:
    """Link every breach whose case lay open while the incident lasted, of its system and units; how many were new."""
    _must_declare_for(incident.unit_id, by)
    return _link(incident, queries.missed_in(incident, units), by, at)


def link_codes(incident: Incident, codes: Sequence[str], visible: Select[int], *, by: Viewer, at: datetime) -> int:
    """Link cases by their codes, among those the viewer may read (``visible``: their ids); how many were new."""
    if not codes:
        raise Refused("incidents.no_codes")
    return _link(incident, bulk.cases_coded(codes, visible), by, at)


def _link(incident: Incident, chosen: Select[Any], by: Viewer, at: datetime) -> int:
    if incident.state not in LINKING:
        raise Refused("incidents.not_possible", state=incident.state)
    before = bulk.last_link(incident.id)
    linked = bulk.insert_links(incident.id, chosen, by.person_id, at)
    if linked:
        case_ids = tuple(bulk.linked_since(incident.id, before)[:NAMED_IN_TRAIL])
        record(CasesLinked(linked=linked, case_ids=case_ids), entity_id=incident.id, by=by, at=at)
    return linked


def unlink(incident: Incident, link: IncidentCase, reason: str, *, by: Viewer, at: datetime) -> None:
    """Take a wrongly linked case off; the link stays with who did it and why."""
    _must_declare_for(incident.unit_id, by)
    if not reason.strip():
        raise Refused("incidents.reason_missing")
    if link.removed_at is not None:
        raise Refused("incidents.taken_off_already")
    link.removed_at, link.removed_by, link.removal_reason = at, by.person_id, reason.strip()
    event = CaseUnlinked(linked_case_id=link.case_id, reason=reason.strip())
    record(event, entity_id=incident.id, by=by, at=at, case_id=link.case_id)


def link_own(incident: Incident, case: Case, *, by: Viewer, at: datetime) -> None:
    """The holder of a case says that an incident they see touched it; nothing happens where it is linked already."""
    if case.officer_id not in by.person_ids:
        raise Refused("incidents.not_your_case")
    _link(incident, select(Case.id.label("case_id")).where(Case.id == case.id), by, at)


def _must_declare_for(unit_id: int, by: Viewer) -> None:
    if not by.may(Permission.DECLARE_INCIDENTS) or not (by.sees_all or unit_id in by.own_reach):
        raise Refused("incidents.not_your_unit")


def _must_be_authority(incident: Incident, by: Viewer) -> None:
    if not by.may(Permission.CONFIRM_INCIDENTS) or incident.unit_id not in by.it_units:
        raise Refused("incidents.not_authority")
    if by.person_id is not None and by.person_id == incident.declared_by:
        raise Refused("incidents.own_declaration")


def _must_allow(incident: Incident, action: Action) -> None:
    if not allows(incident.state, action):
        raise Refused("incidents.not_possible", state=incident.state)


def _move(incident: Incident, action: Action, version: int, **to: Any) -> None:
    step = MACHINE[action]
    where = {"state": [str(state) for state in step.sources]}
    transition(Incident, incident.id, where=where, to={"state": str(step.target), **to}, version=version)
