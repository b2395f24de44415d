"""Set-based writing of incidents: proposals from unusual days, and links of many cases."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time

from sqlalchemy import Integer, Select, exists, func, literal, select

from portal import clock
from portal.accountability.breaches.bulk import insert_once
from portal.accountability.breaches.models import Breach
from portal.accountability.breaches.words import is_cancelled
from portal.accountability.incidents.models import Incident, IncidentCase
from portal.accountability.incidents.rules import State, Unusual
from portal.cases.models import Case, Source
from portal.cases.words import day_of
from portal.database import Instant, db


def insert_proposals(first: date, last: date, look_back_from: date, limits: Unusual, at: datetime) -> int:
    """Propose an incident for each source, unit and day of ``first`` … ``last`` with unusually many missed terms.

    The usual number is what the same source and unit missed from ``look_back_from`` to the day before ``first``. Gives
    how many were proposed; a day is proposed once.
    """
    due_on = day_of(Breach.due_at)
    missed = (
        select(Case.source_id, Breach.unit_id, due_on.label("due_on"), func.count().label("missed"))
        .join(Case, Case.id == Breach.case_id)
        .where(Breach.due_at >= clock.start_of(first), Breach.due_at <= clock.end_of(last))
        .where(~is_cancelled(), Breach.legacy.is_(False))
        .group_by(Case.source_id, Breach.unit_id, due_on)
        .having(func.count() >= limits.least)
        .subquery("missed")
    )
    earlier = (
        select(func.count())
        .select_from(Breach)
        .join(Case, Case.id == Breach.case_id)
        .where(Breach.unit_id == missed.c.unit_id, Case.source_id == missed.c.source_id)
        .where(Breach.due_at >= clock.start_of(look_back_from), Breach.due_at < clock.start_of(first), ~is_cancelled())
        .correlate(missed)
        .scalar_subquery()
    )
    named = select(missed, earlier.label("earlier"), Source.name).join(Source, Source.id == missed.c.source_id)
    known = select(Incident.source_id, Incident.unit_id, Incident.signal_on)
    seen = {tuple(row) for row in db.session.execute(known.where(Incident.signal_on >= first))}
    proposals = [
        Incident(
            source_id=row.source_id,
            unit_id=row.unit_id,
            system=row.name,
            started_at=datetime.combine(row.due_on, time()),
            ended_at=clock.end_of(row.due_on),
            state=State.PROPOSED,
            signal_on=row.due_on,
            signal_count=row.missed,
            usual_count=row.earlier,
            made_at=at,
        )
        for row in db.session.execute(named)
        if limits.is_met(row.missed, row.earlier) and (row.source_id, row.unit_id, row.due_on) not in seen
    ]
    db.session.add_all(proposals)
    db.session.flush()
    for incident in proposals:
        insert_links(incident.id, _missed_on(incident), None, at)
    return len(proposals)


def _missed_on(incident: Incident) -> Select[int]:
    """The cases for which an incident was proposed."""
    day = incident.started_at.date()
    return (
        select(Breach.case_id)
        .join(Case, Case.id == Breach.case_id)
        .where(Breach.unit_id == incident.unit_id, Case.source_id == incident.source_id, ~is_cancelled())
        .where(Breach.due_at >= clock.start_of(day), Breach.due_at <= clock.end_of(day))
        .distinct()
    )


def insert_links(incident_id: int, case_ids: Select[int], linked_by: int | None, at: datetime) -> int:
    """Link the cases a statement names to an incident, each once; how many were new."""
    chosen = case_ids.subquery("chosen")
    rows = select(
        literal(incident_id, Integer),
        chosen.c.case_id,
        literal(linked_by, Integer),
        literal(at, Instant()),
        literal(""),
    ).where(~exists().where(IncidentCase.incident_id == incident_id, IncidentCase.case_id == chosen.c.case_id))
    columns = ("incident_id", "case_id", "linked_by", "linked_at", "removal_reason")
    return insert_once(IncidentCase, columns, rows.order_by(chosen.c.case_id))


def linked_since(incident_id: int, last_id: int) -> Sequence[int]:
    """The cases linked to an incident after a link, for the trail."""
    found = select(IncidentCase.case_id).where(IncidentCase.incident_id == incident_id, IncidentCase.id > last_id)
    return db.session.scalars(found.order_by(IncidentCase.id)).all()


def last_link(incident_id: int) -> int:
    """The number of the newest link of an incident, 0 where there is none."""
    return db.session.scalar(select(func.max(IncidentCase.id)).where(IncidentCase.incident_id == incident_id)) or 0


def cases_coded(codes: Sequence[str], visible: Select[int]) -> Select[int]:
    """The cases of some codes among those a viewer may read."""
    return select(Case.id.label("case_id")).where(Case.code.in_(codes), Case.id.in_(visible))
