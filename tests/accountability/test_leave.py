"""Leave stops the clock of an explanation; what opens meanwhile goes to the stand-in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from portal import clock
from portal.access import actions as access
from portal.access.models import Absence
from portal.access.rules import AbsenceReason
from portal.accountability.explanations import asking
from portal.accountability.explanations.actions import deciding, handing, supplementing, writing
from portal.accountability.explanations.actions.supplementing import Progress
from portal.accountability.explanations.leave import follow_leave
from portal.accountability.explanations.models import Explanation
from portal.accountability.explanations.queries import ExplanationQuery
from portal.accountability.explanations.rules import Blame, CauseClass, due_after_leave
from portal.accountability.explanations.supplements import Supplement
from portal.audit.models import AuditEvent
from portal.database import commit, db
from portal.deadlines import WorkingCalendar
from portal.directory.models import Person
from portal.guard import Viewer
from tests.accountability.conftest import MONDAY, NEXT_MONDAY, TUESDAY, Place, Voices, answer
from tests.accountability.road import SignIn, conclude, do, submitted
from tests.factories import Make

DUE = date(2023, 10, 19)
CALENDAR = WorkingCalendar(date(2023, 1, 1), date(2024, 12, 31))
Away = Callable[..., Absence]


@pytest.fixture(autouse=True)
def _on_the_day(at: Callable[[datetime], None]) -> None:
    at(datetime(2023, 10, 16, 16, 0))


@pytest.fixture
def away(place: Place) -> Away:
    """Leave of a person from one day to another; the colleague stands in."""

    def record(first: date, last: date, *, person: Person | None = None, stand_in: Person | None = None) -> Absence:
        ids = (person or place.officer).id, (stand_in or place.colleague).id
        db.session.rollback()
        with commit():
            who, other = (db.session.get_one(Person, ident) for ident in ids)
            absence = access.record_absence(
                who, other, AbsenceReason.LEAVE, first, last, document="QĐ 7", by=Viewer.for_command(),
                at=clock.now(), today=MONDAY,
            )  # fmt: skip
            follow_leave(by=None, at=clock.now(), person_id=ids[0])
        return absence

    return record


def back(absence: Absence, on: date) -> None:
    """The person is back early."""
    db.session.rollback()
    with commit():
        access.end_absence(absence, on, by=Viewer.for_command(), at=clock.now(), today=on)
        follow_leave(by=None, at=clock.now(), person_id=absence.person_id)


def dues() -> list[tuple[date, date | None]]:
    db.session.rollback()
    rows = select(Explanation.due_on, Explanation.base_due_on).order_by(Explanation.id)
    return [tuple(row) for row in db.session.execute(rows)]


def test_working_days_of_leave_do_not_count_and_come_back_when_it_ends_early(
    explanation: Explanation, away: Away
) -> None:
    """Due on Thursday; away from Wednesday to next Tuesday: five working days later, then two."""
    leave = away(date(2023, 10, 18), date(2023, 10, 24))
    assert dues() == [(date(2023, 10, 26), DUE)]

    back(leave, date(2023, 10, 20))
    assert dues() == [(NEXT_MONDAY, DUE)]

    back(leave, date(2023, 10, 18))
    assert dues() == [(DUE, DUE)]
    moved = select(AuditEvent.kind).where(AuditEvent.kind == "explanation.term_stood")
    assert len(db.session.scalars(moved).all()) == 3


def test_leave_after_the_term_moves_nothing(explanation: Explanation, away: Away) -> None:
    away(date(2023, 10, 20), date(2023, 10, 27))

    assert dues() == [(DUE, None)]


def test_a_delegation_is_no_leave(explanation: Explanation, place: Place) -> None:
    with commit():
        access.record_absence(
            place.officer, place.colleague, AbsenceReason.DELEGATED, TUESDAY, DUE, document="GUQ 1",
            by=Viewer.for_command(), at=clock.now(), today=MONDAY,
        )  # fmt: skip
        follow_leave(by=None, at=clock.now())

    assert dues() == [(DUE, None)]


def test_nobody_away_is_late_nor_concluded_unheard(
    explanation: Explanation, away: Away, place: Place, voices: Voices, signed_in: SignIn, at: Any
) -> None:
    away(TUESDAY, date(2023, 10, 27))
    at(datetime(2023, 10, 24, 9, 0))

    late = ExplanationQuery.visible_to(voices.head).past_term(date(2023, 10, 24)).count()
    shown = signed_in(place.head).get(f"/explanations/{explanation.id}").text

    assert late == 0 and dues() == [(date(2023, 11, 1), DUE)]
    assert "Thời hạn dừng từ 17/10/2023 đến 27/10/2023 vì nghỉ phép (Lê Thị An). Hạn nộp: 01/11/2023." in shown
    assert "QĐ 7" in shown


def test_with_somebody_named_for_the_duty_the_term_runs(
    explanation: Explanation, away: Away, place: Place, voices: Voices
) -> None:
    away(TUESDAY, date(2023, 10, 27))

    do(handing.hand_over, explanation, place.colleague.id, "Nghỉ phép.", by=voices.head, today=TUESDAY)

    assert dues() == [(date(2023, 10, 20), None)]
    do(handing.hand_over, explanation, place.officer.id, "Đã về.", by=voices.head, today=TUESDAY)
    assert dues() == [(date(2023, 11, 1), date(2023, 10, 20))]


def test_a_returned_text_waits_for_its_writer_too(
    explanation: Explanation, away: Away, voices: Voices, opened: Any
) -> None:
    """Away Wednesday to Friday; returned on Thursday: three working days from Monday on, whenever it is followed."""
    submitted(explanation, voices)
    away(date(2023, 10, 18), date(2023, 10, 20))
    thursday = date(2023, 10, 19)
    do(deciding.return_for_rework, explanation, "Rõ hơn.", version=explanation.version, by=voices.head, today=thursday)
    first = dues()

    opened(date(2023, 10, 19))

    assert first == dues() == [(date(2023, 10, 25), date(2023, 10, 24))]


def test_a_question_and_leave_on_the_same_days_count_once(explanation: Explanation, away: Away, voices: Voices) -> None:
    """Asked on Monday until next Monday; away from Thursday to next Tuesday: one working day more than the question."""
    question = asking.Question(body="Chi cục Thuế", text="Khi nào chuyển trả?")
    asked = do(asking.ask, explanation, question, by=voices.officer, today=MONDAY)
    by_question = dues()[0][0]
    away(date(2023, 10, 19), date(2023, 10, 24))

    assert dues() == [(by_question + timedelta(days=1), DUE)]
    do(asking.withdraw, asked, "", version=asked.version, by=voices.officer, today=TUESDAY)
    assert dues() == [(date(2023, 10, 26), DUE)]


def test_what_opens_during_leave_goes_to_the_stand_in(
    away: Away, make: Make, place: Place, opened: Any, signed_in: SignIn, voices: Voices
) -> None:
    away(MONDAY, date(2023, 10, 20))
    make.case(unit=place.commune, officer=place.officer, finished="2023-10-12 09:00")
    opened()
    opened()

    row = db.session.scalars(select(Explanation)).one()
    assert (row.holder_id, row.answers_for_id, row.due_on) == (place.colleague.id, place.officer.id, DUE)
    handed = select(AuditEvent.kind).where(AuditEvent.kind == "explanation.handed_over")
    assert len(db.session.scalars(handed).all()) == 1
    assert row.case.code in signed_in(place.colleague).get("/explanations").text
    do(writing.submit, row, answer(), version=row.version, by=voices.colleague, today=MONDAY)


def test_a_stand_in_who_concludes_does_not_get_the_duty(away: Away, make: Make, place: Place, opened: Any) -> None:
    away(MONDAY, date(2023, 10, 20), stand_in=place.head)
    make.case(unit=place.commune, officer=place.officer, finished="2023-10-12 09:00")
    opened()

    row = db.session.scalars(select(Explanation)).one()
    assert (row.holder_id, row.due_on, row.base_due_on) == (place.officer.id, date(2023, 10, 25), DUE)


def test_leave_is_followed_from_the_page(explanation: Explanation, place: Place, signed_in: SignIn) -> None:
    client = signed_in(place.head)
    form = {
        "stand_in": place.colleague.id, "reason": "sick", "first_day": "17/10/2023", "last_day": "18/10/2023",
        "document": "", "note": "",
    }  # fmt: skip

    assert client.post(f"/people/{place.officer.id}/absences/new", data=form).status_code == 303
    assert dues() == [(NEXT_MONDAY, DUE)]
    leave = db.session.scalars(select(Absence.id)).one()
    assert client.post(f"/absences/{leave}/end", data={"back_on": "17/10/2023"}).status_code == 303
    assert dues() == [(DUE, DUE)]


FURTHER_ON = date(2023, 10, 30)
"""Ten working days after the conclusion; the answer is due on Thursday."""


@pytest.fixture
def concluded(make: Make, place: Place, voices: Voices, opened: Any) -> Explanation:
    """An open case, explained and concluded on the first Monday: a further explanation follows."""
    make.case(unit=place.commune, officer=place.officer)
    opened()
    row = submitted(db.session.scalars(select(Explanation)).one(), voices)
    conclude(row, voices.head, CauseClass.SUBJECTIVE, Blame.FULL, "Lý do.", today=MONDAY)
    return row


def further() -> tuple[int | None, date, date | None]:
    db.session.rollback()
    row = db.session.execute(select(Supplement.holder_id, Supplement.due_on, Supplement.base_due_on)).one()
    return tuple(row)  # type: ignore[return-value]


def test_terms_of_further_explanations_stand_too(
    concluded: Explanation, away: Away, opened: Any, place: Place, voices: Voices, signed_in: SignIn, at: Any
) -> None:
    """Away on Tuesday and Wednesday; back a day early; returned on Thursday while away until Friday."""
    opened(FURTHER_ON)
    leave = away(date(2023, 10, 31), date(2023, 11, 1))
    assert further() == (place.officer.id, date(2023, 11, 6), date(2023, 11, 2))
    ident = db.session.scalars(select(Supplement.id)).one()
    at(datetime(2023, 10, 31, 9, 0))
    assert "Hạn nộp: 06/11/2023." in signed_in(place.head).get(f"/explanations/supplements/{ident}").text

    back(leave, date(2023, 11, 1))
    assert further() == (place.officer.id, date(2023, 11, 3), date(2023, 11, 2))
    row, said = db.session.get_one(Supplement, ident), Progress("Chờ thuế.", "Đôn đốc.", date(2023, 11, 10))
    do(supplementing.submit, row, said, version=row.version, by=voices.officer, today=date(2023, 11, 1))
    away(date(2023, 11, 2), date(2023, 11, 3))
    do(supplementing.send_back, row, "Rõ hơn.", version=row.version, by=voices.head, today=date(2023, 11, 2))
    assert further() == (place.officer.id, date(2023, 11, 8), date(2023, 11, 7))
    stood = select(AuditEvent.kind).where(AuditEvent.kind == "explanation.supplement_term_stood")
    assert len(db.session.scalars(stood).all()) == 2


@pytest.mark.parametrize("stand_in", ["colleague", "head"])
def test_a_further_explanation_that_opens_during_leave_goes_to_who_does_not_read_it(
    concluded: Explanation, away: Away, opened: Any, place: Place, stand_in: str
) -> None:
    away(FURTHER_ON, date(2023, 11, 3), stand_in=getattr(place, stand_in))

    opened(FURTHER_ON)

    given = (place.colleague.id, date(2023, 11, 2), None)
    assert further() == (given if stand_in == "colleague" else (place.officer.id, date(2023, 11, 8), given[1]))


@pytest.mark.parametrize("on_leave", [True, False])
def test_after_leave_the_next_further_explanation_comes_back_from_the_stand_in(
    away: Away, make: Make, place: Place, opened: Any, voices: Voices, on_leave: bool
) -> None:
    """Who stood in writes the first one only; whom the head named because of other work goes on writing."""
    if on_leave:
        away(MONDAY, date(2023, 10, 18))
    make.case(unit=place.commune, officer=place.officer)
    opened()
    row = db.session.scalars(select(Explanation)).one()
    if not on_leave:
        do(handing.hand_over, row, place.colleague.id, "Nhận việc khác.", by=voices.head, today=MONDAY)
    do(writing.submit, row, answer(), version=row.version, by=voices.colleague, today=MONDAY)
    conclude(row, voices.head, CauseClass.SUBJECTIVE, Blame.FULL, "Lý do.", today=MONDAY)

    opened(FURTHER_ON)

    assert row.answers_for_id == place.officer.id
    assert further()[0] == (place.officer if on_leave else place.colleague).id


EVERY_DAY = st.integers(0, 40).map(lambda days: MONDAY + timedelta(days=days))


@given(leaves=st.lists(st.tuples(EVERY_DAY, EVERY_DAY).map(lambda pair: (min(pair), max(pair))), max_size=4))
@settings(max_examples=150, deadline=None)
def test_there_are_as_many_working_days_at_work_as_the_term_has(leaves: list[tuple[date, date]]) -> None:
    """Counted one by one: from the notice to the due day the holder was at work on three working days."""
    due = due_after_leave(DUE, MONDAY, leaves, (), CALENDAR)

    days = [MONDAY + timedelta(days=number) for number in range(1, (due - MONDAY).days + 1)]
    at_work = [day for day in days if CALENDAR.is_working(day) and not any(a <= day <= b for a, b in leaves)]

    assert len(at_work) == 3 and CALENDAR.is_working(due)
