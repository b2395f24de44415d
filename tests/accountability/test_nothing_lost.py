"""Nothing typed is lost: the session ends, the token grows old, another window was first."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from portal import clock
from portal.access.models import AccountSession, User
from portal.access.passwords import hash_of
from portal.accountability.explanations.drafts import SideDraft
from portal.accountability.explanations.models import Explanation
from portal.database import commit, db
from tests.accountability.conftest import Place
from tests.accountability.road import TEXT, SignIn, state, typed, url
from tests.factories import Make

PASSWORD = "bốn từ dễ nhớ của riêng tôi"
JSON = {"Accept": "application/json", "HX-Request": "true"}


@pytest.fixture(autouse=True)
def _on_the_day(at: Callable[[datetime], None]) -> None:
    at(datetime(2023, 10, 16, 16, 0))


def account(make: Make, place: Place) -> User:
    """The account of the officer, with a password that is known."""
    user = make.user(place.officer)
    stored = hash_of(PASSWORD)
    with commit():
        db.session.execute(update(User).where(User.id == user.id).values(password_hash=stored))
    return user


def end_sessions() -> None:
    """Every session has stood idle for too long."""
    long_ago = clock.now() - timedelta(hours=5)
    with commit():
        db.session.execute(update(AccountSession).values(last_seen_at=long_ago))


def hidden(page: str) -> dict[str, str]:
    """The hidden fields of the first form that carries something."""
    form = re.search(r"<form[^>]*>(?:(?!</form>).)*name=\"(?:carried|happened)\".*?</form>", page, re.DOTALL)
    assert form, page[:400]
    fields = re.findall(r'<input[^>]*type="hidden"[^>]*>', form[0])
    pairs = [(re.search(r'name="([^"]*)"', one), re.search(r'value="([^"]*)"', one)) for one in fields]
    return {name[1]: unescape(value[1]) for name, value in pairs if name and value}


@pytest.mark.parametrize(("step", "ends_in"), [("submit", "submitted"), ("draft", "draft")])
def test_a_text_sent_after_the_session_ended_survives_signing_in(
    app: Flask, make: Make, explanation: Explanation, place: Place, signed_in: SignIn, step: str, ends_in: str
) -> None:
    user = account(make, place)
    client = signed_in(place.officer)
    app.config["WTF_CSRF_ENABLED"] = True
    token = hidden(client.get(url(explanation)).text)["csrf_token"]
    end_sessions()

    asked = client.post(url(explanation, step), data={**typed(explanation), "csrf_token": token})
    assert (asked.status_code, TEXT in unescape(asked.text)) == (401, True)
    wrong = client.post("/sign-in", data={**hidden(asked.text), "username": user.username, "password": "sai"})
    assert TEXT in unescape(wrong.text)
    back = client.post("/sign-in", data={**hidden(wrong.text), "username": user.username, "password": PASSWORD})
    assert (back.status_code, TEXT in unescape(back.text)) == (200, True)
    done = client.post(url(explanation, step), data=hidden(back.text))

    assert done.status_code == 303
    assert state(explanation) == ends_in
    assert explanation.happened == TEXT


def test_nothing_is_carried_to_another_site_and_nothing_by_other_forms(
    explanation: Explanation, place: Place, signed_in: SignIn, client: Any
) -> None:
    foreign = client.post(url(explanation, "draft"), data=typed(explanation), headers={"Sec-Fetch-Site": "cross-site"})
    other = client.post("/sign-out", data={"happened": TEXT})

    assert (foreign.status_code, other.status_code) == (403, 302)
    assert TEXT not in foreign.text + other.text


def test_a_carried_form_goes_to_no_other_address(make: Make, place: Place, client: Any) -> None:
    user = account(make, place)
    sent = {"carried": '[["happened", "x"]]', "carry_to": "https://example.invalid/", "next": ""}

    answered = client.post("/sign-in", data={**sent, "username": user.username, "password": PASSWORD})

    assert (answered.status_code, answered.location) == (303, "/")


def test_a_page_of_an_older_session_keeps_its_text(
    app: Flask, explanation: Explanation, place: Place, signed_in: SignIn
) -> None:
    """Signed in again in another tab: the token of this page is of no session any more."""
    client, form = signed_in(place.officer), typed(explanation)
    app.config["WTF_CSRF_ENABLED"] = True

    typing = client.post(url(explanation, "draft"), data={**form, "csrf_token": "old"}, headers=JSON)
    shown = client.post(url(explanation, "draft"), data={**form, "csrf_token": "old"})
    carried_on = client.post(url(explanation, "draft"), data=hidden(shown.text))
    saved = client.post(
        url(explanation, "draft"),
        data={**form, "version": 2, "happened": TEXT + "!", "csrf_token": typing.json["csrf_token"]},
        headers=JSON,
    )

    assert (typing.status_code, shown.status_code, TEXT in unescape(shown.text)) == (400, 400, True)
    assert (carried_on.status_code, saved.status_code) == (303, 200)
    assert state(explanation) == "draft"
    assert explanation.happened == TEXT + "!"


def test_while_typing_the_page_is_told_that_the_session_ended(
    explanation: Explanation, place: Place, signed_in: SignIn
) -> None:
    client = signed_in(place.officer)
    end_sessions()

    told = client.post(url(explanation, "draft"), data=typed(explanation), headers=JSON)

    assert told.status_code == 401


def test_two_windows_both_texts_stand_on_the_page(explanation: Explanation, place: Place, signed_in: SignIn) -> None:
    client = signed_in(place.officer)
    client.post(url(explanation, "draft"), data=typed(explanation, happened="Cửa sổ một."), headers=JSON)

    told = [
        client.post(
            url(explanation, "draft"),
            data=typed(explanation, version=1, happened=words, window="hai"),
            headers=JSON,
        )
        for words in ("Cửa", "Cửa sổ hai.")
    ]

    assert [(one.status_code, bool(one.json["kept_at"])) for one in told] == [(409, True)] * 2
    assert [row.typed["happened"] for row in db.session.scalars(select(SideDraft))] == ["Cửa sổ hai."]
    shown = client.get(url(explanation)).text
    assert "Cửa sổ một." in shown
    assert "Cửa sổ hai." in shown
    assert "Cửa sổ hai." not in signed_in(place.head).get(url(explanation)).text
