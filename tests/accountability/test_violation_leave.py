"""Who must answer to a violation or complaint is on leave: their term stands, or the stand-in answers from the file."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

import pytest
from sqlalchemy import select

from portal import clock
from portal.access import actions as access
from portal.access.models import Absence
from portal.access.rules import AbsenceReason
from portal.accountability.violations import actions
from portal.accountability.violations.actions import Draft, Said
from portal.accountability.violations.models import Violation
from portal.accountability.violations.rules import Blame, Finding, Kind, Origin
from portal.audit.models import AuditEvent
from portal.database import commit, db
from portal.directory.models import Person
from portal.guard import Role, Viewer
from portal.refusal import Refused
from tests.accountability.conftest import MONDAY, TUESDAY, Place, Voices, acting
from tests.accountability.road import SignIn
from tests.factories import Make

DUE = date(2023, 10, 19)
"""Found on Monday: three working days."""
FOUND = Said(Finding.FOUNDED, Blame.FULL, "Để lâu.", ("settle_by_date",))


@pytest.fixture(autouse=True)
def _on_the_day(at: Callable[[datetime], None]) -> None:
    at(datetime(2023, 10, 16, 16, 0))


@pytest.fixture
def office(make: Make, place: Place) -> Viewer:
    person = make.in_role(Role.HOME_AFFAIRS, place.district, "Cao Thị Hạnh")
    return acting(person, Role.HOME_AFFAIRS, scope=(place.commune, place.district))


def away(place: Place, first: date, last: date, stand_in: Person | None = None) -> None:
    ids = place.officer.id, (stand_in or place.colleague).id
    db.session.rollback()
    with commit():
        who, other = (db.session.get_one(Person, ident) for ident in ids)
        access.record_absence(
            who, other, AbsenceReason.LEAVE, first, last, document="QĐ 7", by=Viewer.for_command(), at=clock.now(),
            today=MONDAY,
        )  # fmt: skip


def registered(place: Place, by: Viewer, kind: Kind = Kind.STALLED) -> Violation:
    said = Draft(kind, Origin.PERSON, place.commune.id, "Tiếp nhận rồi để đó.", MONDAY, place.officer.id)
    db.session.rollback()
    with commit():
        made = actions.register(said, by=by, at=clock.now(), today=MONDAY).id
    return db.session.get_one(Violation, made)


def do(action: Callable[..., object], violation: Violation, *said: object, by: Viewer, on: date) -> None:
    db.session.rollback()
    with commit():
        action(violation, *said, version=violation.version, by=by, at=clock.now(), today=on)


def term(violation: Violation) -> tuple[int | None, date | None, date | None]:
    db.session.rollback()
    return violation.writer_id, violation.due_on, violation.base_due_on


def test_the_term_follows_leave_from_the_page_and_the_nightly_run(
    place: Place, office: Viewer, voices: Voices, signed_in: SignIn, opened: Callable[..., object]
) -> None:
    """Away on Wednesday and Thursday: due on Monday; back a day early: Friday. Nobody is concluded upon meanwhile."""
    violation, client = registered(place, office), signed_in(place.head)
    leave = {
        "stand_in": place.colleague.id, "reason": "sick", "first_day": "18/10/2023", "last_day": "19/10/2023",
        "document": "", "note": "",
    }  # fmt: skip

    client.post(f"/people/{place.officer.id}/absences/new", data=leave)
    assert term(violation) == (None, date(2023, 10, 23), DUE)
    assert "Thời hạn dừng từ 18/10/2023 đến 19/10/2023" in client.get(f"/violations/{violation.id}").text
    with pytest.raises(Refused, match="term_runs"):
        do(actions.conclude, violation, FOUND, by=voices.head, on=date(2023, 10, 20))

    client.post(f"/absences/{db.session.scalars(select(Absence.id)).one()}/end", data={"back_on": "19/10/2023"})
    assert term(violation) == (None, date(2023, 10, 20), DUE)
    away(place, date(2023, 10, 20), date(2023, 10, 20))
    for _ in range(2):
        opened(TUESDAY)
    assert term(violation) == (None, date(2023, 10, 23), DUE)
    stood = select(AuditEvent.kind).where(AuditEvent.kind == "violation.term_stood")
    assert len(db.session.scalars(stood).all()) == 3


@pytest.mark.parametrize(
    ("kind", "stand_in", "goes"),
    [(Kind.STALLED, "colleague", True), (Kind.STALLED, "head", False), (Kind.ATTITUDE, "colleague", False)],
)
def test_what_comes_up_during_leave_goes_to_who_may_tell_it_from_the_file(
    place: Place, office: Viewer, kind: Kind, stand_in: str, goes: bool
) -> None:
    """Away until Wednesday: the stand-in's term runs, else it stands for the two days; never to who concludes."""
    away(place, MONDAY, date(2023, 10, 18), getattr(place, stand_in))

    violation = registered(place, office, kind)

    assert term(violation) == ((place.colleague.id, DUE, None) if goes else (None, date(2023, 10, 23), DUE))


def test_the_stand_in_answers_and_the_conclusion_concerns_the_person(
    place: Place, office: Viewer, voices: Voices
) -> None:
    away(place, MONDAY, date(2023, 10, 18))
    violation = registered(place, office)

    said = ("waits_for_body", "Hồ sơ cho thấy chờ cơ quan thuế.")
    do(actions.answer, violation, *said, by=voices.colleague, on=MONDAY)
    do(actions.send_back, violation, "Rõ hơn.", by=voices.head, on=TUESDAY)
    assert term(violation) == (place.colleague.id, date(2023, 10, 20), None)
    do(actions.answer, violation, *said, by=voices.colleague, on=TUESDAY)
    do(actions.conclude, violation, FOUND, by=voices.head, on=TUESDAY)

    assert violation.holder_id == place.officer.id and violation.state == "concluded"
