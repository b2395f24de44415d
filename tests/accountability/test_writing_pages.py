"""The officer's pages of explanations: who sees what, nothing typed is lost."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import datetime

import pytest
from sqlalchemy import select

from portal.accountability.explanations.models import Attachment, Explanation, ExplanationText
from portal.database import db
from portal.directory.models import Person
from tests.accountability.conftest import Place
from tests.accountability.road import TEXT, SignIn, typed, url
from tests.factories import Make


@pytest.fixture(autouse=True)
def _on_the_day(at: Callable[[datetime], None]) -> None:
    at(datetime(2023, 10, 16, 16, 0))


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


def test_already_done(explanation: Explanation, place: Place, signed_in: SignIn) -> None:
    officer = signed_in(place.officer)

    answer = officer.post(url(explanation, "already-done"), data={"version": explanation.version, "note": "Trả 09/10."})

    assert answer.status_code == 303
    db.session.refresh(explanation)
    assert explanation.said_already_done
