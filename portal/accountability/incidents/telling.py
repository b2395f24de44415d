"""What is to be told about incidents at the start of a working day, derived from their states. Reads only."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from flask_babel import LazyString, ngettext
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from portal.access.reach import Held, reach_of
from portal.accountability.incidents.models import Incident
from portal.accountability.incidents.rules import State
from portal.cases.words import word
from portal.database import db
from portal.deadlines import WorkingCalendar
from portal.directory.queries import load_tree, postings_on
from portal.guard import Role
from portal.notices.kinds import Item, Kind, Telling, Words, known_kind


def _kind(name: str, label: LazyString, says: Words) -> Kind:
    return known_kind(
        Kind(
            name=f"incidents.{name}",
            label=label,
            says=says,
            listed="incidents.index",
            endpoint="incidents.show",
            argument="incident_id",
        )
    )


DECLARED = _kind(
    "declared",
    _l("An incident waits for the IT authority"),
    lambda count, _stage: ngettext(
        "%(num)s technical incident waits for your confirmation",
        "%(num)s technical incidents wait for your confirmation",
        count,
    ),
)
PROPOSED = _kind(
    "proposed",
    _l("Unusually many terms missed on one day"),
    lambda count, _stage: ngettext(
        "%(num)s day with unusually many missed terms: was it an incident?",
        "%(num)s days with unusually many missed terms: were they incidents?",
        count,
    ),
)


def tell_of_incidents(today: date, _calendar: WorkingCalendar) -> Iterator[Telling]:
    """Declared ones to the IT authority of their level, suspected ones to the monitoring office and the unit's head."""
    found = select(Incident.id, Incident.unit_id, Incident.system, Incident.state)
    rows = db.session.execute(found.where(Incident.state.in_([word(State.PROPOSED), word(State.DECLARED)]))).all()
    if not rows:
        return
    tree = load_tree(today, with_ended=True)
    held = [(one.person_id, Held(one.id, one.unit_id, Role(one.role))) for one in postings_on(today)]
    reaches = [(person, posting.role, reach_of([posting], tree)) for person, posting in held]
    for kind, state in ((DECLARED, State.DECLARED), (PROPOSED, State.PROPOSED)):
        items = tuple(
            Item(entity_id=row.id, person_id=person, label=row.system)
            for row in rows
            if row.state == state
            for person, role, reach in reaches
            if row.unit_id in (reach.it if state is State.DECLARED else reach.headed | _watched(role, reach.scope))
        )
        yield Telling(kind, "", items)


def _watched(role: Role, scope: frozenset[int]) -> frozenset[int]:
    """Of the wider roles only the monitoring office declares incidents."""
    return scope if role is Role.MONITORING_OFFICE else frozenset()
