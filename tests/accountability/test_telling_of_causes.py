"""Who is told of incidents and violations: the authority, the office, whom it concerns, who concludes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from portal import clock
from portal.accountability.incidents.models import Incident
from portal.accountability.violations.models import Violation
from portal.database import db
from portal.directory.models import Person
from portal.guard import Role
from portal.jobs.telling import make_notices
from portal.notices.models import Notice
from tests.accountability.conftest import MONDAY, TUESDAY, Place
from tests.factories import Make


def tell() -> None:
    with clock.standing_at(datetime(2023, 10, 17, 6, 0)):
        db.session.rollback()
        make_notices(TUESDAY, clock.now())


def told(person: Person) -> list[str]:
    db.session.rollback()
    return [notice.kind for notice in db.session.query(Notice).filter_by(person_id=person.id).order_by(Notice.id)]


def incident(make: Make, place: Place, state: str) -> None:
    facts: dict[str, Any] = {"system": "Trục liên thông", "started_at": datetime(2023, 10, 9), "made_at": clock.now()}
    make.add(Incident(unit_id=place.commune.id, state=state, **facts))


def violation(make: Make, place: Place, state: str, **more: Any) -> None:
    facts: dict[str, Any] = {"kind": "attitude", "origin": "hotline", "found_on": MONDAY, "made_at": clock.now()}
    make.add(Violation(unit_id=place.commune.id, holder_id=place.officer.id, state=state, **facts, **more))


def test_a_declared_incident_is_told_to_the_authority_of_its_level_only(make: Make, place: Place) -> None:
    ours = make.in_role(Role.IT_AUTHORITY, place.district)
    theirs = make.in_role(Role.IT_AUTHORITY, make.unit("Huyện Khác", kind="district"))
    incident(make, place, "declared")

    tell()

    assert (told(ours), told(theirs)) == (["incidents.declared"], [])


def test_a_suspected_one_is_told_to_the_office_and_the_head(make: Make, place: Place) -> None:
    office = make.in_role(Role.MONITORING_OFFICE, place.district)
    chair = make.in_role(Role.CHAIR, place.district)
    incident(make, place, "proposed")

    tell()

    assert [told(who) for who in (office, place.head, chair, place.officer)] == [
        ["incidents.proposed"],
        ["incidents.proposed"],
        [],
        [],
    ]


def test_whom_a_violation_concerns_is_told_once_it_is_opened(make: Make, place: Place) -> None:
    violation(make, place, "waiting", due_on=TUESDAY)
    violation(make, place, "suspected")

    tell()

    assert told(place.officer) == ["violations.to_answer"]


def test_an_answered_violation_is_told_to_who_concludes(make: Make, place: Place) -> None:
    violation(make, place, "answered", decision_due_on=TUESDAY)

    tell()

    assert (told(place.head), told(place.officer)) == (["violations.to_conclude"], [])
