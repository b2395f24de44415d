"""A new date is promised once, is seen when it is missed, and may be given in working days."""

from datetime import date, datetime

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from portal.accountability.apologies import bulk, queries
from portal.accountability.apologies.models import Apology
from portal.accountability.apologies.queries import ApologyQuery, Desk
from portal.accountability.apologies.rules import promised_date
from portal.calendars.queries import current_calendar
from portal.cases.models import Case
from portal.database import commit, db
from portal.refusal import Refused
from tests.apologies.conftest import TEXT, TODAY

AFTER = date(2023, 10, 23)
"""A working day after the promised 20 October."""


def second_of(world, apology):
    """Another letter for the same due moment of the case: a pause was recorded since."""
    twin = Apology(
        case_id=apology.case_id, due_at=apology.due_at, due_precision=apology.due_precision, pauses_key="1:2",
        unit_id=apology.unit_id, officer_id=apology.officer_id, opened_on=TODAY, state="waiting",
    )  # fmt: skip
    return world.found(world.make.add(twin).id)


def missed(world, person, on):
    who = world.viewer(person)
    found = ApologyQuery.visible_to(who).on_desk(Desk.MISSED, queries.reach_of(who, on), on)
    return [row.apology.id for row in found.page()]


def test_a_second_new_date_for_the_same_due_moment_is_refused(world):
    second = second_of(world, world.issued())

    with pytest.raises(Refused) as error:
        world.handed_in(second)

    assert error.value.code == "apologies.second_new_date" and world.found(second.id).state == "waiting"


def test_the_database_holds_one_new_date_for_each_due_moment(world):
    first = world.issued()
    second = second_of(world, first)
    values = {
        name: getattr(first, name)
        for name in ("state", "form", "new_date", "signer_id", "signed_on", "signed_sha256", "number", "issued_on",
                     "file_sha256", "docx_sha256", "is_late")
    }  # fmt: skip

    with pytest.raises(IntegrityError), commit():
        db.session.execute(update(Apology).where(Apology.id == second.id).values(**values))


def test_a_finished_case_still_gets_its_short_letter(world):
    first = world.issued()
    second = second_of(world, first)
    case = db.session.get(Case, first.case_id)
    with commit():
        case.meaning, case.finished_at, case.finished_precision = "finished", datetime(2023, 10, 16, 15), "minute"

    assert world.handed_in(world.found(second.id)).form == "apology_short"


def test_a_missed_new_date_is_seen_by_officer_head_and_office(world):
    kept, broken = world.sent(world.issued()), world.sent(world.issued())
    case = db.session.get(Case, kept.case_id)
    with commit():
        case.meaning, case.finished_at, case.finished_precision = "finished", datetime(2023, 10, 20, 9), "minute"
    office = world.make.in_role("monitoring_office", world.district)

    for person in (world.officer, world.head, office):
        assert missed(world, person, AFTER) == [broken.id]
        assert missed(world, person, TEXT.new_date) == []
    assert missed(world, world.make.in_role("head", world.make.unit(kind="district")), AFTER) == []


def test_who_keeps_a_promise_sees_its_day_before_it_goes_by(world, signed_in):
    world.sent(world.issued())
    office = world.make.in_role("monitoring_office", world.district)

    for person in (world.officer, world.head):
        home = signed_in(person).get("/").get_data(as_text=True)
        assert "ngày hẹn lại đã hứa" in home and "hạn gần nhất 20/10/2023" in home
    assert "ngày hẹn lại đã hứa" not in signed_in(office).get("/").get_data(as_text=True)


def test_the_list_and_the_home_page_say_that_it_was_missed(world, signed_in, at):
    apology = world.sent(world.issued())
    at(datetime(2023, 10, 23, 9, 0))

    page = signed_in(world.head).get("/apologies?desk=missed").get_data(as_text=True)

    assert apology.case.code in page and "lỡ hẹn" in page
    assert "lỡ ngày hẹn lại" in signed_in(world.head).get("/").get_data(as_text=True)


def test_working_days_from_today_make_the_new_date(world, signed_in):
    calendar = current_calendar()
    assert promised_date(None, 4, TODAY, calendar) == date(2023, 10, 20)
    assert promised_date(None, 5, TODAY, calendar) == AFTER
    assert promised_date(TEXT.new_date, 9, TODAY, calendar) == TEXT.new_date
    assert promised_date(None, None, TODAY, calendar) is None

    apology, officer = world.waiting(), signed_in(world.officer)
    typed = {"addressee": "Bà Ẩn", "cause": "0", "cause_text": "xác minh", "new_date": "", "version": apology.version}
    assert officer.post(f"/apologies/{apology.id}/hand-in", data={**typed, "days": "0"}).status_code == 422
    assert officer.post(f"/apologies/{apology.id}/hand-in", data={**typed, "days": "5"}).status_code == 303
    assert world.found(apology.id).new_date == AFTER


def test_a_letter_opened_before_its_day_falls_away_when_the_term_is_moved(world):
    case = world.make.case(unit=world.unit, officer=world.officer, due="2023-10-17 17:00")
    with commit():
        assert bulk.open_before_due(datetime(2023, 10, 16), datetime(2023, 10, 17, 23, 59, 59)) == 1
        assert bulk.drop_moved_before_due() == 0
    with commit():
        db.session.execute(update(Case).where(Case.id == case.id).values(ruling_due_at=datetime(2023, 10, 24, 17)))
        assert bulk.drop_moved_before_due() == 1

    (apology,) = queries.of_case(case.id)
    assert (apology.state, apology.cancel_reason) == ("cancelled", "term_moved")


def test_every_new_date_that_was_numbered_is_a_promise(world):
    first = world.issued()

    assert [tuple(row) for row in db.session.execute(queries.promises())] == [(first.breach_id, TEXT.new_date)]
