"""The decider's pages of explanations: the queue goes on by itself, nothing typed is lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import select

from portal.accountability.explanations.models import Conclusion, Explanation
from portal.database import db
from tests.accountability.conftest import Place
from tests.accountability.road import TEXT, SignIn, typed, url
from tests.factories import Make


@pytest.fixture(autouse=True)
def _on_the_day(at: Callable[[datetime], None]) -> None:
    at(datetime(2023, 10, 16, 16, 0))


def test_submit_return_submit_conclude(explanation: Explanation, place: Place, signed_in: SignIn) -> None:
    officer, head = signed_in(place.officer), signed_in(place.head)
    assert officer.post(url(explanation, "submit"), data=typed(explanation)).status_code == 303
    db.session.refresh(explanation)

    queue = head.get("/explanations/queue")
    assert explanation.case.code in queue.text and TEXT in queue.text

    back = head.post(url(explanation, "return"), data={"version": explanation.version, "comment": "Nêu ngày chuyển."})
    assert back.status_code == 303
    assert "Nêu ngày chuyển." in officer.get(url(explanation)).text

    db.session.refresh(explanation)
    officer.post(url(explanation, "submit"), data=typed(explanation))
    db.session.refresh(explanation)
    said = {"version": explanation.version, "conclusion": "subjective-full", "reason": ""}
    answer = head.post(url(explanation, "conclude"), data=said)

    assert (answer.status_code, answer.location) == (303, "/explanations/queue")
    assert db.session.scalars(select(Conclusion.blame)).one() == "full"
    afterwards = officer.get(url(explanation)).text
    assert TEXT in afterwards and 'name="happened"' not in afterwards


def test_a_refused_conclusion_keeps_the_reason(explanation: Explanation, place: Place, signed_in: SignIn) -> None:
    signed_in(place.officer).post(url(explanation, "submit"), data=typed(explanation))
    stale = {"version": explanation.version, "conclusion": "objective-none", "reason": "Lý do rất dài của tôi."}

    answer = signed_in(place.head).post(url(explanation, "conclude"), data={**stale, "version": 1})

    assert answer.status_code == 409
    assert "Lý do rất dài của tôi." in answer.text


def test_several_at_once(explanation: Explanation, place: Place, signed_in: SignIn) -> None:
    signed_in(place.officer).post(url(explanation, "submit"), data=typed(explanation))
    db.session.refresh(explanation)
    head = signed_in(place.head)

    listed = head.get("/explanations/queue?part=bulk")
    answer = head.post("/explanations/queue/conclude", data={"chosen": [f"{explanation.id}:{explanation.version}"]})

    assert "Kết luận các hồ sơ đã chọn" in listed.text.split(explanation.case.code)[0], "a long list hides its button"
    assert answer.status_code == 303
    assert db.session.scalars(select(Conclusion.in_bulk)).one() is True


def test_not_mine_and_the_head_s_answer(explanation: Explanation, place: Place, signed_in: SignIn) -> None:
    officer, head = signed_in(place.officer), signed_in(place.head)
    officer.post(url(explanation, "not-mine"), data={"named": place.colleague.id, "reason": "Đã bàn giao."})

    queue = head.get("/explanations/queue?part=redirected")
    answer = head.post(url(explanation, "reassign"), data={"holder": place.colleague.id, "reason": "Đúng."})

    assert place.colleague.full_name in queue.text
    assert answer.status_code == 303
    assert signed_in(place.colleague).get(url(explanation)).status_code == 200
    assert officer.get(url(explanation)).status_code == 404


def test_a_head_sees_no_decision_on_his_own_case(
    make: Make, place: Place, opened: Callable[..., Any], signed_in: SignIn
) -> None:
    make.case(unit=place.commune, officer=place.head, finished="2023-10-12 09:00")
    opened(date(2023, 10, 16))
    explanation = db.session.scalars(select(Explanation)).one()

    head = signed_in(place.head)
    head.post(url(explanation, "submit"), data=typed(explanation))

    assert explanation.case.code not in head.get("/explanations/queue").text
    assert explanation.case.code in signed_in(place.district_head).get("/explanations/queue").text
