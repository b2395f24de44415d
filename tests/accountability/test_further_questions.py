"""A question to another body stops the clock of a further explanation as it does that of the first (§3.10, §3.11)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import select

from portal import clock
from portal.access import actions as access
from portal.access.rules import AbsenceReason
from portal.accountability.explanations import asking
from portal.accountability.explanations.actions import handing, supplementing
from portal.accountability.explanations.actions.supplementing import Progress
from portal.accountability.explanations.asking import Answer, Question
from portal.accountability.explanations.leave import follow_leave
from portal.accountability.explanations.models import Explanation
from portal.accountability.explanations.queries import ExplanationQuery
from portal.accountability.explanations.rules import Blame, CauseClass
from portal.accountability.explanations.supplements import Supplement
from portal.accountability.incidents.models import BodyQuestion
from portal.accountability.incidents.rules import Confirms, Stops, Way
from portal.accountability.ledger.queries import handover_of
from portal.database import commit, db
from portal.directory.models import Person
from portal.guard import Viewer
from portal.refusal import Refused
from tests.accountability.conftest import MONDAY, Place, Voices
from tests.accountability.road import SignIn, conclude, do, submitted
from tests.factories import Make

FURTHER_ON = date(2023, 10, 30)
"""A Monday, ten working days after the conclusion; the further explanation is due on Thursday 2 November."""
TUESDAY, WEDNESDAY = date(2023, 10, 31), date(2023, 11, 1)
TAX = Question(body="Chi cục Thuế", text="Chi cục giữ hồ sơ từ ngày nào?")
YES = Answer(Confirms.YES, "Vẫn chờ định giá.", document="88/CCT ngày 01/11/2023")
SAID = Progress("Vẫn chờ cơ quan thuế.", "Đôn đốc hằng tuần.", date(2023, 11, 10))


@pytest.fixture
def first(make: Make, place: Place, voices: Voices, opened: Callable[..., Any]) -> Explanation:
    """The explanation of an open case: concluded on Monday the 16th, the tax office having answered before."""
    make.case(unit=place.commune, officer=place.officer)
    opened()
    row = ExplanationQuery.visible_to(voices.officer).by_due()[0]
    asked = do(asking.ask, row, TAX, by=voices.officer, today=MONDAY)
    do(asking.answer, asked, YES, Way.LETTER, version=1, by=voices.officer, today=MONDAY)
    submitted(row, voices)
    conclude(row, voices.head, CauseClass.SUBJECTIVE, Blame.FULL, "Lý do.", today=MONDAY)
    return row


@pytest.fixture
def further(first: Explanation, opened: Callable[..., Any]) -> Supplement:
    """The further explanation, opened on the Monday two weeks later."""
    opened(FURTHER_ON)
    return db.session.scalars(select(Supplement)).one()


def ask(further: Supplement, by: Viewer, on: date = TUESDAY, question: Question = TAX) -> BodyQuestion:
    made: BodyQuestion = do(asking.ask, further, question, by=by, today=on)
    return made


def due() -> date:
    db.session.rollback()
    return db.session.scalars(select(Supplement.due_on)).one()


def test_asking_stops_it_once_and_the_answer_lets_it_run_again(further: Supplement, voices: Voices) -> None:
    """Asked on Tuesday, five working days, up to Tuesday the 7th: Thursday the 9th. Answered on Wednesday: Friday."""
    question = ask(further, voices.officer)
    assert (question.stops, question.due_on, due()) == (Stops.ANSWER, date(2023, 11, 7), date(2023, 11, 9))

    do(asking.answer, question, YES, Way.LETTER, version=1, by=voices.officer, today=WEDNESDAY)
    assert due() == date(2023, 11, 3)

    assert ask(further, voices.officer, WEDNESDAY).stops == Stops.NONE
    assert due() == date(2023, 11, 3)


def test_a_silent_body_stops_it_no_longer_than_its_term(further: Supplement, voices: Voices, opened: Any) -> None:
    """The term runs again by itself; who reads it sees that the body gave no answer, and takes note all the same."""
    question = ask(further, voices.officer)
    opened(date(2023, 11, 8))
    do(supplementing.submit, further, SAID, version=further.version, by=voices.officer, today=date(2023, 11, 9))

    do(asking.answer, question, YES, Way.LETTER, version=1, by=voices.officer, today=date(2023, 11, 20))
    do(supplementing.take_note, further, version=further.version, by=voices.head, today=date(2023, 11, 20))

    assert due() == date(2023, 11, 9)
    assert further.state == "noted"


def test_leave_and_a_question_on_the_same_days_count_once(further: Supplement, place: Place, voices: Voices) -> None:
    """Asked up to Tuesday the 7th, away from Monday to Wednesday: one working day more; kept when it is withdrawn."""
    question = ask(further, voices.officer)
    db.session.rollback()
    with commit():
        who, other = (db.session.get_one(Person, one.id) for one in (place.officer, place.colleague))
        access.record_absence(
            who, other, AbsenceReason.LEAVE, date(2023, 11, 6), date(2023, 11, 8), document="",
            by=Viewer.for_command(), at=clock.now(), today=TUESDAY,
        )  # fmt: skip
        follow_leave(by=None, at=clock.now())
    assert due() == date(2023, 11, 10)

    do(asking.withdraw, question, "", version=1, by=voices.officer, today=TUESDAY)
    assert due() == date(2023, 11, 2)


def test_who_takes_it_over_follows_the_question_up(further: Supplement, place: Place, voices: Voices) -> None:
    question = ask(further, voices.officer)
    do(handing.hand_over_supplement, further, place.colleague.id, "Chuyển việc.", by=voices.head, today=TUESDAY)

    do(asking.answer, question, YES, Way.LETTER, version=question.version, by=voices.colleague, today=WEDNESDAY)

    assert question.keeper_id == place.colleague.id
    assert due() == date(2023, 11, 3)
    counts = handover_of(place.officer.id, Viewer.for_command(), WEDNESDAY, datetime(2023, 11, 1, 9)).counts
    assert (counts["supplements"], counts["questions"]) == (0, 0)


def test_only_its_writer_asks_and_only_while_it_is_written(further: Supplement, voices: Voices) -> None:
    with pytest.raises(Refused, match="not_yours"):
        ask(further, voices.head)
    do(supplementing.submit, further, SAID, version=further.version, by=voices.officer, today=TUESDAY)
    with pytest.raises(Refused, match="further_not_open"):
        ask(further, voices.officer)


def test_it_is_asked_on_the_page_of_the_further_explanation(
    further: Supplement, place: Place, signed_in: SignIn, at: Callable[[datetime], None]
) -> None:
    at(datetime(2023, 10, 31, 9, 0))
    officer, url = signed_in(place.officer), f"/explanations/supplements/{further.id}"

    offered, form = officer.get(f"{url}/causes").text, officer.get(f"{url}/questions/new").text
    refused = officer.post(f"{url}/questions", data={"unit_id": 0, "body": "", "text": "Hỏi gì"})
    asked = officer.post(f"{url}/questions", data={"unit_id": 0, "body": "Kho bạc", "text": "Hỏi gì"})

    assert f"{url}/questions/new" in offered and f'action="{url}/questions"' in form
    assert (refused.status_code, asked.status_code) == (409, 303)
    assert "Hỏi gì" in refused.text
    assert url in officer.get(asked.location).text
    assert "Kho bạc" in signed_in(place.head).get(f"{url}/causes").text
    assert signed_in(place.colleague).get(f"{url}/questions/new").status_code == 404
    assert due() == date(2023, 11, 9)


def test_a_body_that_the_decider_waited_for_once_moves_his_term_no_more(
    explanation: Explanation, voices: Voices
) -> None:
    submitted(explanation, voices)
    asked = do(asking.ask, explanation, TAX, by=voices.head, today=MONDAY)
    do(asking.answer, asked, YES, Way.LETTER, version=1, by=voices.head, today=MONDAY)
    before = explanation.decision_due_on

    again = do(asking.ask, explanation, TAX, by=voices.head, today=MONDAY)

    assert (again.stops, explanation.decision_due_on) == (Stops.NONE, before)
