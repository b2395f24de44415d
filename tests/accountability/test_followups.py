"""Follow-ups: who records what about whom, on which breaches, and who never reads it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from portal import clock
from portal.accountability.breaches.models import Breach
from portal.accountability.followups.actions import Draft, cancel_followup, record_followup
from portal.accountability.followups.models import Followup
from portal.accountability.followups.queries import FollowupQuery, grounds_for, people_with_breaches
from portal.accountability.followups.rules import Measure
from portal.audit.models import AuditEvent
from portal.database import commit, db
from portal.guard import Role, Viewer
from portal.refusal import Refused
from tests.accountability.conftest import MONDAY, Place, Voices, acting
from tests.factories import Make

SignIn = Callable[..., Any]
REMINDER = Draft(measure=Measure.REMINDER, decided_on=MONDAY)


@pytest.fixture
def breach(make: Make, place: Place) -> Breach:
    return make.breach(unit=place.commune, officer=place.officer, finished="2023-10-12 09:00")


def record(place: Place, breach: Breach, by: Viewer, draft: Draft = REMINDER, **more: Any) -> Followup:
    grounds = more.pop("grounds", (breach.id,))
    person = more.pop("person", place.officer)
    db.session.rollback()
    with commit():
        return record_followup(person, draft, grounds, by=by, at=clock.now(), today=MONDAY)


def test_a_reminder_rests_on_its_breach_and_stands_in_the_trail(place: Place, voices: Voices, breach: Breach) -> None:
    made = record(place, breach, voices.head)

    assert [ground.breach_id for ground in made.grounds] == [breach.id]
    assert made.unit_id == place.commune.id
    assert db.session.scalar(select(AuditEvent.kind).where(AuditEvent.entity == "followup")) == "followup.recorded"


def test_discipline_carries_its_legal_basis(place: Place, voices: Voices, breach: Breach) -> None:
    draft = Draft(Measure.DISCIPLINE, MONDAY, form="reprimand", decision_number="12/QĐ-UBND", signer="Trần Văn Chủ")

    assert "112/2020" in record(place, breach, voices.head, draft).legal_basis


@pytest.mark.parametrize(
    ("draft", "code"),
    [
        (Draft(Measure.DISCIPLINE, MONDAY), "form_not_in_force"),
        (Draft(Measure.DISCIPLINE, MONDAY, form="reprimand"), "no_decision_number"),
        (Draft(Measure.REMINDER, MONDAY, form="reprimand"), "form_without_discipline"),
        (Draft(Measure.REMINDER, date(2023, 10, 17)), "in_future"),
    ],
)
def test_what_is_not_recorded(place: Place, voices: Voices, breach: Breach, draft: Draft, code: str) -> None:
    with pytest.raises(Refused, match=code):
        record(place, breach, voices.head, draft)


def test_no_follow_up_without_grounds(place: Place, voices: Voices, breach: Breach) -> None:
    with pytest.raises(Refused, match="no_grounds"):
        record(place, breach, voices.head, grounds=())


def test_the_grounds_are_the_person_s_own(place: Place, voices: Voices, breach: Breach) -> None:
    with pytest.raises(Refused, match="not_his_breaches"):
        record(place, breach, voices.head, person=place.colleague)


def test_a_cancelled_breach_is_no_ground(make: Make, place: Place, voices: Voices, breach: Breach) -> None:
    make.correction(breach, state="approved")

    with pytest.raises(Refused, match="not_his_breaches"):
        record(place, breach, voices.head)


def test_nobody_records_against_himself(make: Make, place: Place, voices: Voices) -> None:
    own = make.breach(unit=place.commune, officer=place.head, finished="2023-10-12 09:00")

    with pytest.raises(Refused, match="not_himself"):
        record(place, own, voices.head, person=place.head)


def test_a_head_elsewhere_has_no_such_grounds(make: Make, place: Place, breach: Breach) -> None:
    stranger = acting(make.person(), Role.HEAD, heads=(make.unit(),))

    with pytest.raises(Refused, match="not_his_breaches"):
        record(place, breach, stranger)


def test_a_cancellation_is_a_further_row(place: Place, voices: Voices, breach: Breach) -> None:
    made = record(place, breach, voices.head)
    with commit():
        cancel_followup(made, "Ghi nhầm người.", by=voices.head, at=clock.now())

    assert FollowupQuery.visible_to(voices.head).count() == 1
    assert FollowupQuery.visible_to(voices.head).standing().count() == 0
    with pytest.raises(Refused, match="cancelled_already"), commit():
        cancel_followup(db.session.get_one(Followup, made.id), "Lần nữa.", by=voices.head, at=clock.now())


def test_the_database_refuses_to_change_a_follow_up(place: Place, voices: Voices, breach: Breach) -> None:
    record(place, breach, voices.head)

    with pytest.raises(DBAPIError, match="append-only"), commit():
        db.session.execute(text("UPDATE followups SET measure = 'lesson'"))


def test_who_reads_it(make: Make, place: Place, voices: Voices, breach: Breach) -> None:
    record(place, breach, voices.head)
    scope = (place.commune, place.district)
    affairs = acting(make.person(), Role.HOME_AFFAIRS, scope=scope)
    office = acting(make.person(), Role.MONITORING_OFFICE, scope=scope)
    office_and_officer = acting(make.person(), Role.MONITORING_OFFICE, Role.OFFICER, scope=scope)

    counts = [
        FollowupQuery.visible_to(viewer).count()
        for viewer in (voices.head, voices.officer, affairs, voices.colleague, office, office_and_officer)
    ]

    assert counts == [1, 1, 1, 0, 0, 0]


def test_grounds_say_what_was_used_before(place: Place, voices: Voices, breach: Breach) -> None:
    record(place, breach, voices.head)

    assert [(ground.breach.id, ground.used) for ground in grounds_for(voices.head, place.officer.id)] == [
        (breach.id, 1)
    ]
    assert [one.person_id for one in people_with_breaches(voices.head)] == [place.officer.id]


def test_the_road_on_pages(place: Place, breach: Breach, signed_in: SignIn, at: Callable[[datetime], None]) -> None:
    at(datetime(2023, 10, 16, 16, 0))
    head = signed_in(place.head)

    assert place.officer.full_name in head.get("/follow-ups/new").text
    assert breach.case.code in head.get(f"/follow-ups/new?person={place.officer.id}").text
    filled = {"measure": "criticism", "decided_on": "16/10/2023", "decision_number": "7/TB", "note": "Phê bình."}
    refused = head.post(f"/follow-ups/people/{place.officer.id}", data=filled)
    made = head.post(f"/follow-ups/people/{place.officer.id}", data={**filled, "grounds": [str(breach.id)]})
    shown = head.get(made.location)
    lifted = head.post(made.location + "/cancel", data={"reason": "Ghi nhầm."})

    assert refused.status_code == 409 and "Phê bình." in refused.text
    assert made.status_code == 303
    assert "7/TB" in shown.text and breach.case.code in shown.text
    assert lifted.status_code == 303
    assert "7/TB" in head.get("/follow-ups").text
    assert "7/TB" in signed_in(place.officer).get(f"/follow-ups/people/{place.officer.id}").text
    assert signed_in(place.colleague).get(made.location).status_code == 404


def test_lateness_of_hours_stands_beside_each_breach(
    make: Make, place: Place, signed_in: SignIn, at: Callable[[datetime], None]
) -> None:
    at(datetime(2023, 10, 16, 16, 0))
    breach = make.breach(unit=place.commune, officer=place.officer, due="2023-10-12 08:00", finished="2023-10-12 09:30")
    head, person = signed_in(place.head), place.officer.id

    assert "trễ 1,5 giờ làm việc" in head.get(f"/follow-ups/new?person={person}").text
    filled = {"measure": "reminder", "decided_on": "16/10/2023", "grounds": [str(breach.id)]}
    made = head.post(f"/follow-ups/people/{person}", data=filled)
    assert "trễ 1,5 giờ làm việc" in head.get(made.location).text


def test_the_monitoring_office_has_no_such_page(place: Place, breach: Breach, signed_in: SignIn) -> None:
    assert signed_in("monitoring_office", place.district).get("/follow-ups").status_code == 403
