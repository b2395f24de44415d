"""The pages of explanations: who sees what, nothing typed is lost, the queue goes on by itself."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import select

from portal.accountability.explanations.models import Attachment, Conclusion, Explanation, ExplanationText
from portal.database import db
from portal.directory.models import Person
from tests.accountability.conftest import Place, cause_id
from tests.factories import Make

SignIn = Callable[..., Any]
TEXT = "Chờ cơ quan thuế từ 05/10/2023, đã đôn đốc hai lần."


@pytest.fixture(autouse=True)
def _on_the_day(at: Callable[[datetime], None]) -> None:
    at(datetime(2023, 10, 16, 16, 0))


def typed(explanation: Explanation, **changes: Any) -> dict[str, Any]:
    return {
        "version": explanation.version,
        "cause": cause_id("CQ"),
        "happened": TEXT,
        "remedy": "Đã trả kết quả.",
        "commitment": "Theo dõi hằng ngày.",
        "commitment_on": "27/10/2023",
        **changes,
    }


def url(explanation: Explanation, step: str = "") -> str:
    return f"/explanations/{explanation.id}" + (f"/{step}" if step else "")


def test_the_officer_finds_the_duty_and_the_facts(explanation: Explanation, place: Place, signed_in: SignIn) -> None:
    client = signed_in(place.officer)

    mine, shown = client.get("/explanations"), client.get(url(explanation))

    assert explanation.case.code in mine.text
    assert explanation.case.code in shown.text
    assert "10/10/2023 17:00" in shown.text
    assert 'name="happened"' in shown.text


@pytest.mark.parametrize("who", ["colleague", "stranger"])
def test_nobody_else_s_explanation_exists(
    explanation: Explanation, place: Place, signed_in: SignIn, make: Make, who: str
) -> None:
    person: Person = place.colleague if who == "colleague" else make.head(make.unit())

    assert signed_in(person).get(url(explanation)).status_code == 404


def test_a_draft_is_saved_while_typing_and_says_when(explanation: Explanation, place: Place, signed_in: SignIn) -> None:
    client = signed_in(place.officer)

    answer = client.post(url(explanation, "draft"), data=typed(explanation), headers={"Accept": "application/json"})

    assert answer.json["version"] == 2
    assert len(answer.json["saved_at"]) == 8
    assert TEXT in client.get(url(explanation)).text


def test_the_plain_button_saves_too(explanation: Explanation, place: Place, signed_in: SignIn) -> None:
    answer = signed_in(place.officer).post(url(explanation, "draft"), data=typed(explanation))

    assert answer.status_code == 303
    db.session.refresh(explanation)
    assert explanation.state == "draft"


def test_an_unreadable_date_costs_nothing(explanation: Explanation, place: Place, signed_in: SignIn) -> None:
    answer = signed_in(place.officer).post(url(explanation, "submit"), data=typed(explanation, commitment_on="mai"))

    assert answer.status_code == 422
    assert TEXT in answer.text and "mai" in answer.text


def test_an_incomplete_answer_is_shown_again_with_what_is_missing(
    explanation: Explanation, place: Place, signed_in: SignIn
) -> None:
    answer = signed_in(place.officer).post(url(explanation, "submit"), data=typed(explanation, remedy=""))

    assert answer.status_code == 409
    assert TEXT in answer.text


def test_a_conflict_keeps_both_texts(explanation: Explanation, place: Place, signed_in: SignIn) -> None:
    client = signed_in(place.officer)
    first = typed(explanation)
    client.post(url(explanation, "draft"), data=first)

    answer = client.post(url(explanation, "submit"), data={**first, "happened": "Viết ở cửa sổ khác."})

    assert answer.status_code == 409
    assert "Viết ở cửa sổ khác." in answer.text
    db.session.refresh(explanation)
    assert explanation.happened == TEXT
    assert db.session.scalars(select(ExplanationText.happened)).all() == ["Viết ở cửa sổ khác."]


def test_files_stay_when_the_rest_is_refused(explanation: Explanation, place: Place, signed_in: SignIn) -> None:
    file = (io.BytesIO("Phiếu chuyển số 12".encode()), "phieu.txt")
    client = signed_in(place.officer)

    answer = client.post(url(explanation, "submit"), data={**typed(explanation, remedy=""), "files": [file]})

    assert answer.status_code == 409
    kept = db.session.scalars(select(Attachment)).one()
    got = client.get(url(explanation, f"attachments/{kept.id}"))
    assert got.data.decode() == "Phiếu chuyển số 12"
    assert "attachment" in got.headers["Content-Disposition"]


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

    assert explanation.case.code in listed.text
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


def test_already_done(explanation: Explanation, place: Place, signed_in: SignIn) -> None:
    officer = signed_in(place.officer)

    answer = officer.post(url(explanation, "already-done"), data={"version": explanation.version, "note": "Trả 09/10."})

    assert answer.status_code == 303
    db.session.refresh(explanation)
    assert explanation.said_already_done


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
