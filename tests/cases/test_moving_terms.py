"""Recorded pauses and extensions move the term, and with it every verdict."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from portal import clock
from portal.calendars.actions import set_day
from portal.calendars.queries import calendar_for_terms
from portal.calendars.rules import DayKind, NamedDay
from portal.cases import actions
from portal.cases.actions import ExtensionDraft, PauseDraft
from portal.cases.models import Case, CaseChange, Pause
from portal.cases.pause_queries import pauses_of
from portal.cases.projecting import concerned, moves, project
from portal.cases.queries import CaseQuery
from portal.cases.rules import Verdict, verdict
from portal.database import commit, db
from portal.deadlines import PauseKind, TermUnit
from portal.guard import Viewer
from portal.refusal import Refused
from tests.factories import Make

MONDAY = datetime(2023, 10, 16, 16)
BY = Viewer.for_command("Bà Thủ trưởng")


def pause(started: str, ended: str | None = None, **more: Any) -> PauseDraft:
    values = {"kind": PauseKind.SUPPLEMENT, "document": "12/PBS", "document_on": date(2023, 10, 4), **more}
    moments = [datetime.fromisoformat(each) if each else None for each in (started, ended)]
    return PauseDraft(started_at=moments[0], ended_at=moments[1], **values)  # type: ignore[arg-type]


def record(case: Case, draft: PauseDraft) -> Pause:
    db.session.rollback()
    with commit():
        row = actions.record_pause(case, draft, by=BY, at=clock.now())
        ident = row.id
    found = db.session.get(Pause, ident)
    assert found is not None
    return found


def test_a_pause_moves_the_due_moment_by_the_working_days_it_took(make: Make) -> None:
    case = make.case()

    record(case, pause("2023-10-04", "2023-10-09"))

    assert case.due_at == datetime(2023, 10, 10, 17)
    assert case.ruling_due_at == datetime(2023, 10, 13, 17)
    assert case.moved_by.startswith("2023-10-10T17:00:00 P1 E0 ")


def test_an_open_pause_makes_an_overdue_case_a_paused_one_until_it_ends(make: Make) -> None:
    case = make.case()
    row = record(case, pause("2023-10-04"))
    assert verdict(case, MONDAY) is Verdict.PAUSED
    assert CaseQuery.visible_to(BY).overdue(MONDAY).count() == 0

    db.session.rollback()
    with commit():
        actions.end_pause(case, row, datetime(2023, 10, 12), "15/TB", by=BY, at=clock.now())

    assert verdict(case, MONDAY) is Verdict.WITHIN_TERM
    assert case.ruling_due_at == datetime(2023, 10, 18, 17)
    assert case.paused_since is None
    assert [(one.started_at.day, one.ended_at and one.ended_at.day) for one in pauses_of(case.id)] == [(4, 12)]


def test_a_case_finished_in_the_moved_term_is_on_time(make: Make) -> None:
    case = make.case(finished="2023-10-12 09:00")
    assert verdict(case, MONDAY) is Verdict.LATE

    record(case, pause("2023-10-04", "2023-10-09"))

    assert verdict(case, MONDAY) is Verdict.EARLY
    assert CaseQuery.visible_to(BY).late().count() == 0


def test_a_pause_that_the_printed_date_contains_is_not_added_again(make: Make) -> None:
    case = make.case()

    record(case, pause("2023-10-04", "2023-10-09", in_printed=True))
    make.pause(case, "2023-10-05", "2023-10-06", due_before=datetime(2023, 10, 9), due_after=datetime(2023, 10, 10))
    db.session.rollback()
    with commit():
        project([case.id])

    assert case.ruling_due_at == case.due_at


def test_what_was_recorded_is_never_changed_and_a_taking_back_counts(make: Make) -> None:
    case = make.case()
    row = record(case, pause("2023-10-04", "2023-10-09"))
    with pytest.raises(DBAPIError, match="append-only|may not"):
        db.session.execute(text("UPDATE pauses SET document = 'x'"))
    db.session.rollback()

    with commit():
        actions.take_back_pause(case, row, "Ghi nhầm hồ sơ", by=BY, at=clock.now())

    assert case.ruling_due_at == case.due_at
    assert case.moved_by == ""
    assert db.session.query(Pause).count() == 2
    with pytest.raises(Refused) as refused, commit():
        actions.take_back_pause(case, row, "Lần nữa", by=BY, at=clock.now())
    assert refused.value.code == "pauses.replaced"


def test_an_extension_moves_the_term_and_comes_before_its_end(make: Make) -> None:
    case = make.case()
    draft = ExtensionDraft(amount=2, unit=TermUnit.WORKING_DAYS, document="9/QĐ", document_on=date(2023, 10, 9))
    db.session.rollback()

    with commit():
        actions.record_extension(case, draft, by=BY, at=clock.now())

    assert case.ruling_due_at == datetime(2023, 10, 12, 17)
    late = ExtensionDraft(amount=2, unit=TermUnit.WORKING_DAYS, document="9/QĐ", document_on=date(2023, 10, 16))
    with pytest.raises(Refused) as refused, commit():
        actions.record_extension(case, late, by=BY, at=clock.now())
    assert refused.value.code == "extensions.after_due"


@pytest.mark.parametrize(
    ("draft", "code"),
    [
        (pause("2023-10-04", document=""), "pauses.no_document"),
        (pause("2023-10-04", document_on=None), "pauses.no_document"),
        (pause("2023-10-04", document_on=date(2030, 1, 1)), "pauses.document_later"),
        (pause("2023-10-01"), "pauses.before_receipt"),
        (pause("2030-10-04"), "pauses.in_future"),
        (pause("2023-10-06", "2023-10-05"), "pauses.ends_first"),
        (pause("2023-10-13"), "pauses.after_end"),
    ],
)
def test_a_pause_that_cannot_be_evidence_is_refused(make: Make, draft: PauseDraft, code: str) -> None:
    case = make.case(finished="2023-10-12 09:00")
    db.session.rollback()

    with pytest.raises(Refused) as refused, commit():
        actions.record_pause(case, draft, by=BY, at=clock.now())

    assert refused.value.code == code


def test_nobody_records_a_pause_of_a_case_of_his_own(make: Make) -> None:
    officer = make.officer()
    case = make.case(officer=officer)
    by = Viewer(user_id=1, person_id=officer.id, name="X", headed_units=frozenset({case.resolving_unit_id}))
    other = Viewer(user_id=2, person_id=officer.id + 99, name="Y")
    db.session.rollback()

    assert not actions.may_record(case, by)
    assert not actions.may_record(case, other)


def test_a_second_supplement_is_noted_once(make: Make) -> None:
    case = make.case()

    row = record(case, pause("2023-10-03", None))
    db.session.rollback()
    with commit():
        actions.end_pause(case, row, datetime(2023, 10, 4), "", by=BY, at=clock.now())
    record(case, pause("2023-10-05", "2023-10-06"))
    record(case, pause("2023-10-05", "2023-10-06", kind=PauseKind.PAYMENT))

    noted = db.session.scalars(select(CaseChange).where(CaseChange.kind == "supplement_again")).all()
    assert [one.new for one in noted] == ["2023-10-05T00:00:00"]


def test_projecting_again_moves_nothing(make: Make) -> None:
    case, other = make.case(), make.case()
    record(case, pause("2023-10-04", "2023-10-09"))
    db.session.rollback()

    with commit():
        assert project([case.id, other.id]) == 0
        assert concerned() == [case.id]
        assert list(moves([case.id, other.id], calendar_for_terms())) == []


def test_a_day_off_declared_within_a_pause_moves_no_ruling_moment_earlier(make: Make) -> None:
    case = make.case()
    record(case, pause("2023-10-04", "2023-10-09"))
    before = case.ruling_due_at
    db.session.rollback()
    with commit():
        day = NamedDay(date(2023, 10, 5), DayKind.OFF, "Nghỉ bù", "12/QĐ-UBND")
        set_day(day, "Công văn về muộn", by=BY, at=clock.now())

    db.session.rollback()
    with commit():
        project([case.id])

    assert case.ruling_due_at is not None and case.ruling_due_at >= before


def test_two_pauses_at_once_count_once_in_whatever_order(make: Make) -> None:
    case, twin = make.case(), make.case()

    for one in (pause("2023-10-04", "2023-10-09"), pause("2023-10-05", "2023-10-06", kind=PauseKind.PAYMENT)):
        record(case, one)
    for one in (pause("2023-10-05", "2023-10-06", kind=PauseKind.PAYMENT), pause("2023-10-04", "2023-10-09")):
        record(twin, one)

    assert case.ruling_due_at == twin.ruling_due_at == datetime(2023, 10, 13, 17)
    assert case.moved_by == twin.moved_by
