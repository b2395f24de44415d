"""Who is told of letters: to sign, not drafted, promised dates near and missed."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from portal import clock
from portal.accountability.apologies.models import Apology
from portal.accountability.apologies.telling import tell_of_apologies
from portal.calendars.queries import current_calendar
from portal.database import commit, db, transition
from portal.directory.models import Unit
from portal.documents.actions import remember_file
from portal.documents.serving import file_store
from portal.notices.kinds import Telling
from tests.factories import Make

MONDAY = date(2023, 10, 16)


def derived(day: date) -> dict[tuple[str, str], set[int]]:
    """Kinds and stages that are told on a day, and to whom."""
    db.session.rollback()
    found: list[Telling] = list(tell_of_apologies(day, current_calendar()))
    people: dict[tuple[str, str], set[int]] = {}
    for one in found:
        people.setdefault((one.kind.name.partition(".")[2], one.stage), set()).update(i.person_id for i in one.items)
    return people


@pytest.fixture
def commune(make: Make) -> Unit:
    return make.unit("Xã Thử", reports_in=make.unit("Huyện Thử", kind="district"))


def letter(make: Make, commune: Unit, *, as_of: str = "2023-10-13 08:00", **facts: Any) -> Apology:
    """A letter of an open case, opened on Monday, at any place of its road."""
    officer = make.officer(commune)
    case = make.case(unit=commune, officer=officer, due="2023-10-12 17:00", as_of=as_of)
    apology = make.apology(make.breach(case))
    db.session.rollback()
    with commit():
        transition(Apology, apology.id, where={}, to={"opened_on": MONDAY, "officer_id": officer.id, **facts})
    return apology


@pytest.mark.parametrize(
    ("day", "stages"),
    [
        (MONDAY, set()),
        (date(2023, 10, 17), {"first"}),
        (date(2023, 10, 19), {"second"}),
        (date(2023, 10, 23), {"next_head"}),
    ],
)
def test_a_letter_nobody_drafts_is_reminded_of_and_then_told_to_who_signs(
    make: Make, commune: Unit, day: date, stages: set[str]
) -> None:
    head = make.head(commune)
    officer_id = letter(make, commune).officer_id

    found = derived(day)

    assert {stage for kind, stage in found if kind == "missing"} == stages
    assert found.get(("missing_below", "")) == ({head.id} if stages == {"next_head"} else None)
    assert all(people == {officer_id} for (kind, _), people in found.items() if kind == "missing")


def test_letters_older_than_the_portal_are_nobodys_neglect(make: Make, commune: Unit) -> None:
    letter(make, commune, legacy=True)

    assert derived(date(2023, 10, 23)) == {}


def test_a_letter_handed_in_waits_for_who_signs(make: Make, commune: Unit) -> None:
    head = make.head(commune)
    letter(make, commune, state="draft", submitted_at=clock.now())

    assert [people for (kind, _), people in derived(MONDAY).items() if kind == "to_sign"] == [{head.id}]


def sent(make: Make, commune: Unit, new_date: date, **more: Any) -> Apology:
    """A letter that promised a day."""
    file = file_store().put(b"%PDF", "application/pdf")
    db.session.rollback()
    with commit():
        remember_file(file, at=clock.now())
    files = dict.fromkeys(("signed_sha256", "file_sha256", "docx_sha256"), file.sha256)
    signed = {"signer_id": make.head(commune).id, "signed_on": MONDAY, "form": "apology_2018", **files}
    numbered = {"number": 1, "issued_on": MONDAY, "is_late": False}
    out = {"sent_at": datetime(2023, 10, 17, 9, 0), "sent_channel": "paper", "new_date": new_date}
    return letter(make, commune, state="sent", **signed, **numbered, **out, **more)


@pytest.mark.parametrize(
    ("day", "near"), [(date(2023, 10, 19), False), (date(2023, 10, 20), True), (date(2023, 10, 23), True)]
)
def test_a_promised_day_is_told_of_on_the_working_day_before_and_on_the_day(
    make: Make, commune: Unit, day: date, near: bool
) -> None:
    sent(make, commune, date(2023, 10, 23))

    assert (("promise_near", "") in derived(day)) is near


@pytest.mark.parametrize(("as_of", "missed"), [("2023-10-23 08:00", False), ("2023-10-24 08:00", True)])
def test_a_missed_promise_is_told_to_both_unless_the_data_are_older(
    make: Make, commune: Unit, as_of: str, missed: bool
) -> None:
    row = sent(make, commune, date(2023, 10, 23), as_of=as_of)

    people = derived(date(2023, 10, 24)).get(("promise_missed", ""), set())

    assert people == ({row.officer_id, row.signer_id} if missed else set())


def test_a_missed_promise_left_open_goes_to_the_next_head_up(make: Make) -> None:
    """Promised for Monday 23: the third reminder, five working days later, is Monday 30."""
    district = make.unit("Huyện Thử", kind="district")
    chair = make.in_role("chair", district)
    sent(make, make.unit("Xã Thử", reports_in=district), date(2023, 10, 23), as_of="2023-10-30 08:00")

    assert ("promise_missed_below", "") not in derived(date(2023, 10, 27))
    assert derived(date(2023, 10, 30))[("promise_missed_below", "")] == {chair.id}
