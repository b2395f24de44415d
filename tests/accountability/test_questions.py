"""Questions to other bodies: asking stops a clock once, an answer lets it run again, silence ends by itself."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal import clock
from portal.accountability.explanations import asking
from portal.accountability.explanations.actions import writing
from portal.accountability.explanations.asking import Answer, Question
from portal.accountability.explanations.models import Explanation
from portal.accountability.incidents.models import BodyQuestion
from portal.accountability.incidents.queries import confirmations_of
from portal.accountability.incidents.rules import (
    Confirms,
    QuestionState,
    Standstill,
    Stops,
    Way,
    due_with,
    is_unanswered,
)
from portal.database import commit, db
from portal.deadlines import WorkingCalendar
from portal.guard import Viewer
from portal.refusal import Conflict, Refused
from tests.accountability.conftest import MONDAY, Place, Voices, answer
from tests.factories import Make

TAX = Question(body="Chi cục Thuế", text="Chi cục giữ hồ sơ từ ngày nào?", transfer_number="15/PC")
YES = Answer(Confirms.YES, "Nhận 03/10, trả 12/10.", document="88/CCT ngày 18/10/2023")
THURSDAY_12, TUESDAY, WEDNESDAY, THURSDAY = (date(2023, 10, day) for day in (12, 17, 18, 19))
CALENDAR = WorkingCalendar(date(2023, 1, 1), date(2024, 12, 31))


def ask(explanation: Explanation, by: Viewer, question: Question = TAX, on: date = TUESDAY) -> BodyQuestion:
    db.session.rollback()
    with commit():
        made = asking.ask(explanation, question, by=by, at=clock.now(), today=on).id
    return db.session.get_one(BodyQuestion, made)


def reply(question: BodyQuestion, by: Viewer, on: date, way: Way = Way.LETTER, said: Answer = YES) -> None:
    db.session.rollback()
    with commit():
        asking.answer(question, said, way, version=question.version, by=by, at=clock.now(), today=on)


def test_asking_moves_the_term_by_the_term_of_the_question(explanation: Explanation, voices: Voices) -> None:
    """Noticed Monday 16, due Thursday 19; asked on Tuesday 17, five working days: up to Tuesday 24, due Thursday 26."""
    question = ask(explanation, voices.officer)

    assert (question.due_on, question.stops) == (date(2023, 10, 24), Stops.ANSWER)
    assert explanation.due_on == date(2023, 10, 26)


def test_an_early_answer_lets_the_clock_run_again_from_its_day(explanation: Explanation, voices: Voices) -> None:
    question = ask(explanation, voices.officer)

    reply(question, voices.officer, WEDNESDAY)

    assert explanation.due_on == date(2023, 10, 20)


def test_a_silent_body_stops_the_clock_no_longer_than_its_term(explanation: Explanation, voices: Voices) -> None:
    question = ask(explanation, voices.officer)

    reply(question, voices.officer, date(2023, 10, 30))

    assert is_unanswered(QuestionState.ASKED, question.due_on, date(2023, 10, 25))
    assert explanation.due_on == date(2023, 10, 26)


def test_two_bodies_at_once_stop_the_clock_once(explanation: Explanation, voices: Voices) -> None:
    first = ask(explanation, voices.officer)
    second = ask(explanation, voices.officer, Question(body="Kho bạc", text="Đã thu chưa?"), WEDNESDAY)

    reply(first, voices.officer, WEDNESDAY)
    reply(second, voices.officer, THURSDAY)

    assert explanation.due_on == date(2023, 10, 23)


def test_the_same_body_is_waited_for_once(explanation: Explanation, voices: Voices) -> None:
    reply(ask(explanation, voices.officer), voices.officer, WEDNESDAY)

    again = ask(explanation, voices.officer, on=WEDNESDAY)

    assert again.stops == Stops.NONE
    assert explanation.due_on == date(2023, 10, 20)


def test_a_body_that_has_not_answered_is_not_asked_again(explanation: Explanation, voices: Voices) -> None:
    ask(explanation, voices.officer)

    with pytest.raises(Refused, match="asked_already"):
        ask(explanation, voices.officer, on=WEDNESDAY)


def test_withdrawing_lets_the_clock_run_again(explanation: Explanation, voices: Voices) -> None:
    question = ask(explanation, voices.officer)

    with commit():
        asking.withdraw(
            question, "Đã tìm thấy phiếu", version=question.version, by=voices.officer, at=clock.now(), today=TUESDAY
        )

    assert (question.state, explanation.due_on) == (QuestionState.WITHDRAWN, THURSDAY)


def test_a_duty_answered_meanwhile_keeps_its_own_term(explanation: Explanation, voices: Voices) -> None:
    question = ask(explanation, voices.officer)
    with commit():
        writing.submit(
            explanation, answer(), version=explanation.version, by=voices.officer, at=clock.now(), today=WEDNESDAY
        )
    due = (explanation.due_on, explanation.decision_due_on)

    reply(question, voices.officer, THURSDAY)

    assert (explanation.due_on, explanation.decision_due_on) == due


def test_the_decider_s_question_stops_the_term_of_the_conclusion(explanation: Explanation, voices: Voices) -> None:
    """Submitted on Tuesday 17: conclusion due on Friday 20; asked that day, up to Tuesday 24: Friday 27."""
    with commit():
        writing.submit(
            explanation, answer(), version=explanation.version, by=voices.officer, at=clock.now(), today=TUESDAY
        )

    question = ask(explanation, voices.head)

    assert question.stops == Stops.DECISION
    assert (explanation.due_on, explanation.decision_due_on) == (THURSDAY, date(2023, 10, 27))


@pytest.mark.parametrize("who", ["colleague", "head", "district_head"])
def test_nobody_else_asks(explanation: Explanation, voices: Voices, who: str) -> None:
    with pytest.raises(Refused, match="not_yours"):
        ask(explanation, getattr(voices, who))


@pytest.mark.parametrize(
    ("question", "code"),
    [
        (Question(body=" ", text="Gì?"), "body_missing"),
        (Question(body="Thuế", text=" "), "text_missing"),
    ],
)
def test_what_a_question_needs(explanation: Explanation, voices: Voices, question: Question, code: str) -> None:
    with pytest.raises(Refused, match=code):
        ask(explanation, voices.officer, question)


def test_a_unit_does_not_ask_itself(explanation: Explanation, place: Place, voices: Voices) -> None:
    with pytest.raises(Refused, match="own_unit"):
        ask(explanation, voices.officer, Question(body="Xã Thử", text="Gì?", unit_id=place.commune.id))


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (Answer(Confirms.YES, "Đúng"), "letter_missing"),
        (Answer(Confirms.YES, " ", document="1/CV"), "answer_missing"),
        (Answer(Confirms.YES, "Đúng", received_on=date(2023, 10, 30), document="1/CV"), "day_in_future"),
        (
            Answer(Confirms.YES, "Đúng", received_on=THURSDAY_12, returned_on=date(2023, 10, 11), document="1/CV"),
            "returned_before_received",
        ),
    ],
)
def test_what_an_answer_needs(explanation: Explanation, voices: Voices, said: Answer, code: str) -> None:
    question = ask(explanation, voices.officer)

    with pytest.raises(Refused, match=code):
        reply(question, voices.officer, WEDNESDAY, said=said)


def test_two_answers_have_one_effect(explanation: Explanation, voices: Voices) -> None:
    question = ask(explanation, voices.officer)
    seen = question.version
    reply(question, voices.officer, WEDNESDAY)

    with pytest.raises((Refused, Conflict)), commit():
        asking.answer(question, YES, Way.LETTER, version=seen, by=voices.officer, at=clock.now(), today=WEDNESDAY)


def test_the_unit_that_was_asked_answers_in_the_portal(
    explanation: Explanation, make: Make, voices: Voices, signed_in: Callable[..., Any], at: Callable[[datetime], None]
) -> None:
    at(datetime(2023, 10, 18, 9, 0))
    land = make.unit("Chi nhánh Văn phòng Đăng ký đất đai", kind="office")
    question = ask(explanation, voices.officer, Question(body=land.name, text="Giữ từ ngày nào?", unit_id=land.id))
    head = signed_in("head", land)

    listed = head.get("/questions").get_data(as_text=True)
    shown = head.get(f"/questions/{question.id}").get_data(as_text=True)
    done = head.post(
        f"/questions/{question.id}/answer",
        data={"confirms": "partly", "text": "Nhận ngày 05/10.", "received_on": "05/10/2023", "version": 1},
    )

    assert explanation.case.code in listed
    assert explanation.case.applicant_name not in shown
    assert done.status_code == 303
    assert db.session.get_one(BodyQuestion, question.id).answer.way == Way.PORTAL


def test_a_question_to_another_unit_does_not_exist(
    explanation: Explanation, make: Make, voices: Voices, signed_in: Callable[..., Any]
) -> None:
    question = ask(explanation, voices.officer)

    assert signed_in("head", make.unit()).get(f"/questions/{question.id}").status_code == 404


def test_the_letter_of_a_body_is_kept_with_its_answer(
    explanation: Explanation,
    place: Place,
    voices: Voices,
    signed_in: Callable[..., Any],
    at: Callable[[datetime], None],
) -> None:
    at(datetime(2023, 10, 18, 9, 0))
    question, officer = ask(explanation, voices.officer), signed_in(place.officer)

    officer.post(
        f"/questions/{question.id}/letter",
        data={
            "confirms": "yes",
            "text": "Đúng",
            "document": "88/CCT",
            "version": 1,
            "file": (io.BytesIO(b"%PDF-1.4\n%%EOF\n"), "tra-loi.pdf"),
        },
    )

    assert officer.get(f"/questions/{question.id}/file").data.startswith(b"%PDF")


def test_asking_on_the_page_says_that_the_term_stands(
    explanation: Explanation, place: Place, signed_in: Callable[..., Any], at: Callable[[datetime], None]
) -> None:
    at(datetime(2023, 10, 17, 9, 0))
    officer = signed_in(place.officer)

    refused = officer.post(
        f"/explanations/{explanation.id}/questions", data={"unit_id": 0, "body": "", "text": "Hỏi gì"}
    )
    asked = officer.post(
        f"/explanations/{explanation.id}/questions", data={"unit_id": 0, "body": "Chi cục Thuế", "text": "Hỏi gì"}
    )

    assert refused.status_code == 409
    assert "Hỏi gì" in refused.get_data(as_text=True)
    assert asked.status_code == 303
    assert "Chi cục Thuế" in officer.get(f"/explanations/{explanation.id}/causes").get_data(as_text=True)


def test_a_confirming_answer_is_a_confirmation_and_a_refusing_one_none(
    explanation: Explanation, voices: Voices
) -> None:
    reply(ask(explanation, voices.officer), voices.officer, WEDNESDAY)
    other = ask(explanation, voices.officer, Question(body="Kho bạc", text="Đã thu chưa?"), WEDNESDAY)
    reply(other, voices.officer, WEDNESDAY, said=Answer(Confirms.NO, "Chưa nhận.", document="9/KB"))

    found = confirmations_of(explanation.breach)

    assert [(one.cause_class, one.body, one.document) for one in found] == [
        ("other_body", "Chi cục Thuế", "88/CCT ngày 18/10/2023")
    ]


def test_the_head_finds_the_confirmation_of_the_stated_cause_in_the_form(
    explanation: Explanation,
    make: Make,
    place: Place,
    voices: Voices,
    signed_in: Callable[..., Any],
    at: Callable[[datetime], None],
) -> None:
    at(datetime(2023, 10, 18, 9, 0))
    reply(ask(explanation, voices.officer), voices.officer, WEDNESDAY)
    make.attachment(explanation.breach)
    sent = {"LT-PH.body": "Chi cục Thuế", "LT-PH.letter_no": "15/PC", "LT-PH.sent_on": "2023-10-03"}
    db.session.rollback()
    with commit():
        writing.submit(
            explanation,
            answer("LT-PH", details=sent),
            version=explanation.version,
            by=voices.officer,
            at=clock.now(),
            today=WEDNESDAY,
        )

    page = signed_in(place.head).get(f"/explanations/{explanation.id}").get_data(as_text=True)

    assert "Chi cục Thuế: 88/CCT ngày 18/10/2023, 18/10/2023" in page


SPANS = st.lists(
    st.tuples(st.integers(0, 40), st.integers(0, 10)).map(
        lambda pair: Standstill(
            date.fromordinal(MONDAY.toordinal() + pair[0]), date.fromordinal(MONDAY.toordinal() + sum(pair))
        )
    ),
    max_size=5,
)


@given(SPANS, st.randoms())
def test_standing_clocks_never_shorten_a_term_and_their_order_does_not_matter(
    spans: list[Standstill], random: Any
) -> None:
    mixed = random.sample(spans, len(spans))

    due = due_with(MONDAY, spans, CALENDAR)

    assert due >= MONDAY
    assert due == due_with(MONDAY, mixed, CALENDAR)


@given(SPANS)
def test_days_in_two_spans_count_once(spans: list[Standstill]) -> None:
    """Against counting each day by itself."""
    stood = {
        day
        for span in spans
        for day in range(span.begun_on.toordinal() + 1, span.until.toordinal() + 1)
        if date.fromordinal(day).weekday() < 5
    }

    assert CALENDAR.working_days_between(MONDAY, due_with(MONDAY, spans, CALENDAR)) == len(stood)
