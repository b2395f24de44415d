"""Technical incidents: proposed by numbers, declared by office or head, confirmed by the IT authority, with cases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from portal import clock
from portal.accountability.incidents import actions, queries
from portal.accountability.incidents.actions import Draft
from portal.accountability.incidents.models import Incident, IncidentCase, IncidentDecision
from portal.accountability.incidents.queries import IncidentQuery
from portal.accountability.incidents.rules import (
    MACHINE,
    Action,
    Overlap,
    State,
    Touched,
    Unusual,
    allows,
    fault_of_interval,
    touched,
    typed_codes,
)
from portal.calendars.queries import current_calendar
from portal.cases.queries import CaseQuery
from portal.database import commit, db
from portal.directory.models import Unit
from portal.guard import Role, Viewer
from portal.refusal import Conflict, Refused
from tests.accountability.conftest import MONDAY, Place, Voices, acting
from tests.factories import Make

NOW = datetime(2023, 10, 16, 16, 0)
BEGAN, ENDED = datetime(2023, 10, 9, 8, 0), datetime(2023, 10, 10, 11, 0)


@pytest.fixture
def authority(make: Make, place: Place) -> Viewer:
    person = make.in_role(Role.IT_AUTHORITY, place.district, "Vũ Văn Giang")
    viewer = acting(person, Role.IT_AUTHORITY)
    return Viewer(**{**viewer.__dict__, "it_units": frozenset({place.district.id, place.commune.id})})


def declared(place: Place, by: Viewer, **changes: Any) -> Incident:
    parts: dict[str, Any] = {
        "unit_id": place.commune.id,
        "system": "Trục liên thông",
        "description": "Không chuyển được hồ sơ",
        "started_at": BEGAN,
        "ended_at": ENDED,
        **changes,
    }
    db.session.rollback()
    with commit():
        made = actions.declare(Draft(**parts), by=by, at=clock.now(), now=NOW).id
    return db.session.get_one(Incident, made)


def confirm(incident: Incident, by: Viewer, **changes: Any) -> None:
    started_at, ended_at = changes.get("interval", (BEGAN, ENDED))
    version = changes.get("version", incident.version)
    with commit():
        actions.confirm(
            incident,
            started_at,
            ended_at,
            "Nhật ký máy chủ",
            "12/SKHCN",
            version=version,
            by=by,
            at=clock.now(),
            now=NOW,
        )


def test_the_it_authority_confirms_another_interval_and_both_stand(
    place: Place, voices: Voices, authority: Viewer
) -> None:
    incident = declared(place, voices.head)

    confirm(incident, authority, interval=(BEGAN, datetime(2023, 10, 9, 17, 0)))

    assert incident.state == State.CONFIRMED
    assert (incident.ended_at, incident.confirmed_to) == (ENDED, datetime(2023, 10, 9, 17, 0))


def test_a_later_word_of_the_authority_replaces_the_first_and_both_stay(
    place: Place, voices: Voices, authority: Viewer
) -> None:
    incident = declared(place, voices.head)
    confirm(incident, authority)

    with commit():
        actions.refuse(incident, "Nhật ký ghi nhầm máy", "", version=incident.version, by=authority, at=clock.now())

    assert (incident.state, incident.confirmed_from) == (State.REFUSED, None)
    assert db.session.scalars(select(IncidentDecision.state).order_by(IncidentDecision.id)).all() == [
        State.CONFIRMED,
        State.REFUSED,
    ]


def test_two_decisions_on_one_screen_have_one_effect(place: Place, voices: Voices, authority: Viewer) -> None:
    incident = declared(place, voices.head)
    seen = incident.version
    confirm(incident, authority)

    with pytest.raises(Conflict):
        confirm(incident, authority, version=seen)


def test_who_declared_does_not_confirm(place: Place, voices: Voices, authority: Viewer) -> None:
    incident = declared(place, voices.head)
    both = Viewer(**{**authority.__dict__, "person_id": voices.head.person_id})

    with pytest.raises(Refused, match="own_declaration"):
        confirm(incident, both)


@pytest.mark.parametrize("who", ["officer", "district_head"])
def test_only_the_authority_of_the_level_confirms(place: Place, voices: Voices, who: str) -> None:
    incident = declared(place, voices.head)

    with pytest.raises(Refused, match="not_authority"):
        confirm(incident, getattr(voices, who))


def test_a_head_declares_for_units_he_answers_for_only(make: Make, place: Place, voices: Voices) -> None:
    elsewhere = make.unit()

    with pytest.raises(Refused, match="not_your_unit"):
        declared(place, voices.head, unit_id=elsewhere.id)


@pytest.mark.parametrize(
    ("began", "ended", "fault"),
    [
        (NOW + timedelta(minutes=1), None, "incidents.begins_in_future"),
        (BEGAN, BEGAN - timedelta(minutes=1), "incidents.ends_before_begin"),
        (BEGAN, NOW + timedelta(minutes=1), "incidents.ends_in_future"),
        (BEGAN, None, None),
        (BEGAN, BEGAN, None),
    ],
)
def test_the_interval_lies_in_the_past_and_runs_forwards(
    began: datetime, ended: datetime | None, fault: str | None
) -> None:
    assert fault_of_interval(began, ended, NOW) == fault


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("action", Action)
def test_every_action_is_possible_in_its_states_only(state: State, action: Action) -> None:
    assert allows(state, action) == (state in MACHINE[action].sources)


@pytest.mark.parametrize(
    ("interval", "term", "ended", "expected"),
    [
        # Monday 9 to Tuesday 10 October lies in the term from the 2nd to the 12th: two working days touched.
        ((BEGAN, ENDED), ("2023-10-02 08:00", "2023-10-12 17:00"), None, Touched(Overlap.TERM, 2)),
        # Received on the 10th only: one day of the incident fell into the term.
        ((BEGAN, ENDED), ("2023-10-10 08:00", "2023-10-12 17:00"), None, Touched(Overlap.TERM, 1)),
        # Due on the 6th: the incident touched only the lateness, which it did not begin.
        ((BEGAN, ENDED), ("2023-10-02 08:00", "2023-10-06 17:00"), None, Touched(Overlap.AFTER_DUE)),
        # Finished before it began.
        ((BEGAN, ENDED), ("2023-09-25 08:00", "2023-09-29 17:00"), "2023-10-02 09:00", Touched(Overlap.NONE)),
        # Received after it was over.
        ((BEGAN, ENDED), ("2023-10-11 08:00", "2023-10-16 17:00"), None, Touched(Overlap.NONE)),
        # Still lasting: counted up to now, a weekend inside counts no day.
        (
            (datetime(2023, 10, 13, 8, 0), None),
            ("2023-10-02 08:00", "2023-10-17 17:00"),
            None,
            Touched(Overlap.TERM, 2),
        ),
        # Without a due date nothing can be said.
        ((BEGAN, ENDED), ("2023-10-02 08:00", None), None, Touched(Overlap.NONE)),
    ],
)
def test_what_an_incident_touched_of_a_case(
    app: Any,
    interval: tuple[datetime, datetime | None],
    term: tuple[str, str | None],
    ended: str | None,
    expected: Touched,
) -> None:
    received, due = datetime.fromisoformat(term[0]), datetime.fromisoformat(term[1]) if term[1] else None
    end = datetime.fromisoformat(ended) if ended else None

    assert touched(interval, (received, due), end, NOW, current_calendar()) == expected


def test_linking_what_was_missed_takes_only_cases_open_in_its_time_of_its_system_and_units(
    make: Make, place: Place, voices: Voices, opened: Callable[..., Any]
) -> None:
    source = make.source()
    hit = make.case(unit=place.commune, officer=place.officer, source=source)
    make.case(unit=place.commune, officer=place.officer, source=source, received="2023-10-11 08:00", due="2023-10-12")
    make.case(unit=place.commune, officer=place.officer)
    make.case(unit=place.district, source=source)
    opened()
    incident = declared(place, voices.head, source_id=source.id)

    with commit():
        linked = actions.link_missed(incident, frozenset({place.commune.id}), by=voices.head, at=clock.now())

    assert linked == 1
    assert db.session.scalars(select(IncidentCase.case_id)).all() == [hit.id]


def test_linking_twice_links_once(make: Make, place: Place, voices: Voices) -> None:
    case = make.case(unit=place.commune, officer=place.officer)
    incident, visible = declared(place, voices.head), CaseQuery.visible_to(voices.head).ids()

    def link() -> int:
        db.session.rollback()
        with commit():
            return actions.link_codes(incident, (case.code,), visible, by=voices.head, at=clock.now())

    assert (link(), link()) == (1, 0)


def test_a_code_out_of_reach_links_nothing(make: Make, place: Place, voices: Voices) -> None:
    foreign, incident = make.case(), declared(place, voices.head)
    visible = CaseQuery.visible_to(voices.head).ids()

    with commit():
        linked = actions.link_codes(incident, (foreign.code,), visible, by=voices.head, at=clock.now())

    assert linked == 0


def test_a_link_taken_off_stays_with_its_reason_and_counts_no_more(make: Make, place: Place, voices: Voices) -> None:
    case, incident = make.case(unit=place.commune, officer=place.officer), declared(place, voices.head)
    visible = CaseQuery.visible_to(voices.head).ids()
    with commit():
        actions.link_codes(incident, (case.code,), visible, by=voices.head, at=clock.now())
    link = db.session.scalars(select(IncidentCase)).one()

    with commit():
        actions.unlink(incident, link, "Hồ sơ giấy, không qua trục", by=voices.head, at=clock.now())

    assert queries.standing_links([incident.id]) == {}
    assert link.removal_reason == "Hồ sơ giấy, không qua trục"


def many_missed(make: Make, unit: Unit, count: int, due: str) -> None:
    source = make.source()
    for _ in range(count):
        make.case(unit=unit, source=source, due=due)


def test_an_unusual_day_is_proposed_once_with_its_cases(make: Make, place: Place, opened: Callable[..., Any]) -> None:
    many_missed(make, place.commune, 10, "2023-10-12 17:00")
    many_missed(make, place.district, 3, "2023-10-12 17:00")
    opened()

    db.session.rollback()
    with commit():
        first = actions.propose_incidents(MONDAY, clock.now())
    db.session.rollback()
    with commit():
        second = actions.propose_incidents(MONDAY, clock.now())

    incident = db.session.scalars(select(Incident)).one()
    assert (first, second) == (1, 0)
    assert (incident.state, incident.unit_id, incident.signal_on) == (
        State.PROPOSED,
        place.commune.id,
        date(2023, 10, 12),
    )
    assert queries.standing_links([incident.id]) == {incident.id: 10}


@pytest.mark.parametrize(
    ("count", "before", "met"), [(10, 0, True), (9, 0, False), (10, 67, False), (10, 66, True), (30, 200, True)]
)
def test_unusual_is_many_and_several_times_the_usual(count: int, before: int, met: bool) -> None:
    """Three times the usual of twenty days: 66 / 20 × 3 = 9.9, 67 / 20 × 3 = 10.05."""
    assert Unusual(least=10, times=3, look_back_days=20).is_met(count, before) is met


def test_codes_are_read_as_they_are_pasted() -> None:
    assert typed_codes("H20-1, H20-2;H20-1\n\tH20-3 ") == ("H20-1", "H20-2", "H20-3")


def test_the_authority_reads_codes_and_system_facts_but_no_applicant(
    make: Make, place: Place, voices: Voices, signed_in: Callable[..., Any], at: Callable[[datetime], None]
) -> None:
    at(NOW)
    case = make.case(unit=place.commune, officer=place.officer, applicant="Đàm Thị Khuyên")
    incident, visible = declared(place, voices.head), CaseQuery.visible_to(voices.head).ids()
    with commit():
        actions.link_codes(incident, (case.code,), visible, by=voices.head, at=clock.now())

    text = signed_in(Role.IT_AUTHORITY, place.district).get(f"/incidents/{incident.id}").get_data(as_text=True)

    assert case.code in text
    assert "Khuyên" not in text


def test_an_incident_of_another_level_does_not_exist(
    make: Make, place: Place, voices: Voices, signed_in: Callable[..., Any]
) -> None:
    elsewhere = make.unit("Huyện Khác", kind="district")
    incident = declared(place, voices.head)

    assert signed_in(Role.IT_AUTHORITY, elsewhere).get(f"/incidents/{incident.id}").status_code == 404


def test_an_officer_sees_the_incident_his_case_is_linked_to(make: Make, place: Place, voices: Voices) -> None:
    case = make.case(unit=place.commune, officer=place.officer)
    incident = declared(place, voices.district_head, unit_id=place.district.id)
    make.add(IncidentCase(incident_id=incident.id, case_id=case.id, linked_at=clock.now()))

    assert IncidentQuery.visible_to(voices.officer).get(incident.id) is not None
    assert IncidentQuery.visible_to(voices.colleague).get(incident.id) is None


def test_declaring_and_confirming_on_the_pages(
    make: Make, place: Place, signed_in: Callable[..., Any], at: Callable[[datetime], None]
) -> None:
    at(NOW)
    head, authority = signed_in(place.head), signed_in(Role.IT_AUTHORITY, place.district)
    typed = {
        "unit_id": place.commune.id,
        "source_id": 0,
        "system": "Trục liên thông",
        "started_at": "09/10/2023 08:00",
        "description": "Không chuyển được hồ sơ",
    }

    made = head.post("/incidents", data=typed).headers["Location"]
    missing_end = authority.post(f"{made}/confirm", data={"started_at": "09/10/2023 08:00", "version": 1})
    confirmed = authority.post(
        f"{made}/confirm", data={"started_at": "09/10/2023 08:00", "ended_at": "10/10/2023 11:00", "version": 1}
    )

    assert missing_end.status_code == 422
    assert confirmed.status_code == 303
    assert db.session.scalars(select(Incident)).one().confirmed_to == ENDED


def test_a_refused_declaration_keeps_what_was_typed(
    place: Place, signed_in: Callable[..., Any], at: Callable[[datetime], None]
) -> None:
    at(NOW)
    typed = {
        "unit_id": place.commune.id,
        "source_id": 0,
        "system": "Trục liên thông",
        "started_at": "10/10/2023 08:00",
        "ended_at": "09/10/2023 08:00",
        "description": "Mất điện cả xã",
    }

    answer = signed_in(place.head).post("/incidents", data=typed)

    assert answer.status_code == 409
    assert "Mất điện cả xã" in answer.get_data(as_text=True)


def test_the_holder_links_his_case_and_nobody_else_does(make: Make, place: Place, voices: Voices) -> None:
    case, incident = make.case(unit=place.commune, officer=place.officer), declared(place, voices.head)

    with pytest.raises(Refused, match="not_your_case"), commit():
        actions.link_own(incident, case, by=voices.colleague, at=clock.now())
    with commit():
        actions.link_own(incident, case, by=voices.officer, at=clock.now())

    assert [found.id for found in queries.incidents_of_case(case.id, voices.officer)] == [incident.id]
