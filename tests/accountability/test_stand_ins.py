"""Leave and stand-ins: the stand-in does the absent one's duties on those days, in their own name, and no more."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from sqlalchemy import select

from portal import clock
from portal.access import actions as access
from portal.access.models import Absence
from portal.access.queries import viewer_of
from portal.access.rules import AbsenceReason
from portal.accountability.explanations import queries
from portal.accountability.explanations.actions import deciding, writing
from portal.accountability.explanations.models import Conclusion, Explanation, ExplanationText
from portal.accountability.explanations.rules import Blame, CauseClass
from portal.audit.models import AuditEvent
from portal.database import commit, db
from portal.directory.models import Person
from portal.guard import Permission, Role, Viewer
from portal.refusal import Refused
from tests.accountability.conftest import MONDAY, NEXT_MONDAY, Place, answer
from tests.factories import Make

Away = Callable[..., Absence]


@pytest.fixture(autouse=True)
def _on_the_day(at: Callable[[datetime], None]) -> None:
    at(datetime(2023, 10, 16, 16, 0))


@pytest.fixture
def away(make: Make) -> Away:
    """Let a person be away from Monday to Friday, with a stand-in."""

    def record(person: Person, stand_in: Person, first: date = MONDAY, last: date | None = None) -> Absence:
        ids = (person.id, stand_in.id)
        db.session.rollback()
        with commit():
            people = [db.session.get(Person, ident) for ident in ids]
            return access.record_absence(
                people[0], people[1], AbsenceReason.LEAVE, first, last or first + timedelta(days=4),  # type: ignore[arg-type]
                by=Viewer.for_command(), at=clock.now(), today=min(first, MONDAY),
            )  # fmt: skip

    return record


def rights(make: Make, person: Person, on: date = MONDAY) -> Viewer:
    return viewer_of(make.user(person), on)


def submitted(explanation: Explanation, by: Viewer) -> None:
    db.session.rollback()
    with commit():
        writing.submit(explanation, answer(), version=explanation.version, by=by, at=clock.now(), today=MONDAY)


def concluded(explanation: Explanation, by: Viewer) -> None:
    db.session.rollback()
    with commit():
        deciding.conclude(
            explanation, CauseClass.SUBJECTIVE, Blame.FULL, "Để lâu.", version=explanation.version, by=by,
            at=clock.now(), today=MONDAY,
        )  # fmt: skip


def actors(kind: str) -> list[str]:
    return list(db.session.scalars(select(AuditEvent.actor).where(AuditEvent.kind == kind).order_by(AuditEvent.seq)))


def test_an_officer_s_stand_in_writes_and_the_trail_names_both(
    explanation: Explanation, place: Place, make: Make, away: Away
) -> None:
    away(place.officer, place.colleague)

    submitted(explanation, rights(make, place.colleague))

    text = db.session.scalars(select(ExplanationText)).one()
    assert text.by_id == place.colleague.id
    assert actors("explanation.submitted")[-1].startswith("Phạm Văn Bảo thay Lê Thị An")


def test_cases_of_two_people_are_not_written_together_and_stay_ticked(
    explanation: Explanation, place: Place, make: Make, away: Away, signed_in: Any
) -> None:
    both = [explanation.id, make.explanation(unit=place.commune, officer=place.colleague).id]
    away(place.officer, place.colleague)

    refused = signed_in(place.colleague).post("/explanations/batches", data={"chosen": both})

    assert refused.status_code == 409 and "do cùng một người phải giải trình" in refused.text
    ticked = re.findall(r'name="chosen" value="(\d+)"[^>]* checked', refused.text)
    assert sorted(map(int, ticked)) == sorted(both) and "thay Lê Thị An" in refused.text


def test_without_an_absence_a_colleague_sees_nothing(
    explanation: Explanation, place: Place, make: Make, signed_in: Any
) -> None:
    with pytest.raises(Refused, match="not_holder"):
        submitted(explanation, rights(make, place.colleague))

    assert signed_in(place.colleague).get(f"/explanations/{explanation.id}").status_code == 404


def test_what_is_carried_away_is_not_delegated(place: Place, make: Make, away: Away, signed_in: Any) -> None:
    make.case(code="CUA-XA", unit=place.commune)
    colleague = make.officer(make.unit(), "Đỗ Thị Hà")
    away(place.head, colleague)
    client = signed_in(colleague)

    listed = client.get("/cases?show=all").text
    book = openpyxl.load_workbook(BytesIO(client.get("/cases/export.xlsx?show=all").data)).active
    cells = [str(cell) for row in book.iter_rows(values_only=True) for cell in row if cell]
    changes = client.get("/cases/changes/export.xlsx")

    assert "CUA-XA" in listed and "CUA-XA" not in cells
    assert any("Trần Văn Chủ" in cell for cell in cells), "the workbook says what it leaves out"
    assert changes.status_code == 200


def test_an_auditor_who_stands_in_still_reads_initials(place: Place, make: Make, away: Away) -> None:
    auditor = make.in_role(Role.AUDITOR, place.district)
    away(place.officer, auditor)

    who = rights(make, auditor)

    assert who.acting_for and who.masks_names


def test_a_head_hands_on_only_posts_of_his_own_units(place: Place, make: Make, signed_in: Any) -> None:
    """Who also heads another unit would hand that one on as well, to whomever this head names."""
    make.posting(place.officer, make.unit("Xã Khác"), Role.HEAD)
    client = signed_in(place.head)

    assert client.get(f"/people/{place.colleague.id}/absences/new").status_code == 200
    assert client.get(f"/people/{place.officer.id}/absences/new").status_code == 404


@pytest.mark.parametrize("day", [MONDAY - timedelta(days=1), MONDAY + timedelta(days=5)])
def test_nothing_holds_beyond_the_days(place: Place, make: Make, away: Away, day: date) -> None:
    away(place.head, place.officer)

    outside, within = rights(make, place.officer, day), rights(make, place.officer)

    assert outside.acting_for == () and not outside.may(Permission.CONCLUDE)
    assert within.may(Permission.CONCLUDE) and within.readable_units == {place.commune.id}
    assert within.own_reach == frozenset()


def test_a_head_s_stand_in_concludes_in_their_own_name(
    explanation: Explanation, place: Place, make: Make, away: Away
) -> None:
    submitted(explanation, rights(make, place.officer))
    away(place.head, place.colleague)

    concluded(explanation, rights(make, place.colleague))

    row = db.session.scalars(select(Conclusion)).one()
    assert (row.decided_by, row.decided_for) == (place.colleague.id, place.head.id)
    assert actors("explanation.concluded")[-1].startswith("Phạm Văn Bảo thay Trần Văn Chủ")


def test_a_stand_in_never_decides_on_his_own_explanation(
    explanation: Explanation, place: Place, make: Make, away: Away
) -> None:
    submitted(explanation, rights(make, place.officer))
    away(place.head, place.officer)

    stand_in = rights(make, place.officer)

    with pytest.raises(Refused, match="not_decider"):
        concluded(explanation, stand_in)
    assert len(queries.queue_of(stand_in, MONDAY)) == 0
    assert len(queries.queue_of(rights(make, place.head), MONDAY)) == 1


def test_who_wrote_for_an_officer_does_not_decide_for_the_head(
    explanation: Explanation, place: Place, make: Make, away: Away
) -> None:
    away(place.officer, place.colleague)
    submitted(explanation, rights(make, place.colleague))
    away(place.head, place.colleague)

    with pytest.raises(Refused, match="stand_in_decides"):
        concluded(explanation, rights(make, place.colleague))


def test_the_head_does_not_write_what_he_decides(
    explanation: Explanation, place: Place, make: Make, away: Away
) -> None:
    away(place.officer, place.head)

    with pytest.raises(Refused, match="stand_in_decides"):
        submitted(explanation, rights(make, place.head))


def test_there_is_no_chain_of_stand_ins(place: Place, make: Make, away: Away) -> None:
    away(place.head, place.colleague)
    away(place.colleague, place.officer)

    viewer = rights(make, place.officer)

    assert {one.person_id for one in viewer.acting_for} == {place.colleague.id}
    assert not viewer.may(Permission.CONCLUDE)


def test_an_absent_person_is_no_stand_in(place: Place, away: Away) -> None:
    away(place.colleague, place.officer)

    with pytest.raises(Refused, match="stand_in_absent"):
        away(place.head, place.colleague)


@pytest.mark.parametrize(("who", "why"), [("officer", "stands_in_himself"), ("stranger", "stand_in_without_posting")])
def test_who_cannot_stand_in(place: Place, make: Make, away: Away, who: str, why: str) -> None:
    stand_in = place.officer if who == "officer" else make.person()

    with pytest.raises(Refused, match=why):
        away(place.officer, stand_in)


def test_only_reading_writing_concluding_and_signing_are_delegated(place: Place, make: Make, away: Away) -> None:
    away(place.head, place.colleague)
    administrator = make.in_role(Role.ADMINISTRATOR, place.district)
    away(administrator, place.officer)

    head_s, administrator_s = rights(make, place.colleague), rights(make, place.officer)

    withheld = {
        Permission.EXEMPT_LETTERS, Permission.RECORD_FOLLOWUPS, Permission.READ_EVALUATION, Permission.MAP_NAMES,
    }  # fmt: skip
    assert not head_s.permissions & withheld
    assert not administrator_s.may(Permission.MANAGE_DIRECTORY) and not administrator_s.admin_units


def test_a_person_without_a_posting_gets_nothing_by_standing_in(place: Place, make: Make, away: Away) -> None:
    leaver = make.posting(make.person(), place.commune, valid_to=MONDAY)
    away(place.head, leaver.person)

    assert rights(make, leaver.person, MONDAY + timedelta(days=1)).permissions == frozenset()


# --- Pages


def test_leave_is_recorded_by_oneself_and_ended_early(place: Place, signed_in: Any, make: Make) -> None:
    client = signed_in(place.officer)
    form = {
        "stand_in": place.colleague.id, "reason": "leave", "first_day": "16/10/2023", "last_day": "20/10/2023",
        "document": "QĐ 7", "note": "Chờ xác nhận thuế",
    }  # fmt: skip

    assert "Phạm Văn Bảo" in client.get(f"/people/{place.officer.id}/absences/new").text
    assert client.post(f"/people/{place.officer.id}/absences/new", data=form).status_code == 303
    listed = signed_in(place.colleague).get("/absences").text
    absence = db.session.scalars(select(Absence)).one()
    assert "Lê Thị An" in listed and "Chờ xác nhận thuế" in listed
    assert rights(make, place.colleague).person_ids == {place.colleague.id, place.officer.id}

    assert client.post(f"/absences/{absence.id}/end", data={"back_on": "16/10/2023"}).status_code == 303
    assert rights(make, place.colleague).person_ids == {place.colleague.id}


def test_the_head_and_the_administrator_record_it_for_their_people(place: Place, signed_in: Any) -> None:
    admin = signed_in("administrator", place.district)
    for client in (signed_in(place.head), admin):
        assert client.get(f"/people/{place.officer.id}/absences/new").status_code == 200
    assert signed_in(place.colleague).get(f"/people/{place.officer.id}/absences/new").status_code == 404


def test_a_stand_in_ends_no_absence_of_others(place: Place, signed_in: Any, away: Away) -> None:
    absence = away(place.officer, place.colleague)

    answer = signed_in(place.colleague).post(f"/absences/{absence.id}/end", data={"back_on": "17/10/2023"})

    assert answer.status_code == 404


def test_the_stand_in_finds_the_duty_and_says_for_whom(
    explanation: Explanation, place: Place, signed_in: Any, away: Away
) -> None:
    away(place.officer, place.colleague)
    client = signed_in(place.colleague)

    mine, shown = client.get("/explanations").text, client.get(f"/explanations/{explanation.id}").text
    handover = client.get(f"/coverage/people/{place.officer.id}").text

    assert "Lê Thị An" in mine and explanation.case.code in mine
    assert 'name="happened"' in shown
    assert explanation.case.code in handover


def test_what_waits_for_strangers_is_nobody_s_business(place: Place, signed_in: Any, make: Make) -> None:
    stranger = signed_in(make.officer())

    assert stranger.get(f"/coverage/people/{place.officer.id}").status_code == 404
    assert signed_in(place.colleague).get(f"/coverage/people/{place.officer.id}").status_code == 404


def test_the_next_week_is_another_week(explanation: Explanation, place: Place, make: Make, away: Away) -> None:
    away(place.officer, place.colleague, NEXT_MONDAY)

    with pytest.raises(Refused, match="not_holder"):
        submitted(explanation, rights(make, place.colleague))
