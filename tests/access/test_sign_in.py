"""Coming in: one sentence for every failure, a count that no race escapes, and where one lands."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from portal import clock
from portal.access import actions, bulk, passwords
from portal.access.models import AccountSession, DemoCard, SignInAttempt, User
from portal.access.passwords import new_slip
from portal.audit.models import AuditEvent
from portal.database import commit, db
from portal.guard import Role
from tests.databases import application
from tests.factories import Make

PASSWORD = "bốn con voi qua sông"
HASH = passwords.hash_of(PASSWORD)
Account = Callable[..., User]


@pytest.fixture
def account(make: Make) -> Account:
    """An account whose password is known."""

    def create(username: str = "an.nv", **more: object) -> User:
        facts = {"password_hash": HASH, "must_change": False, "made_at": clock.now(), **more}
        return make.add(User(person_id=make.officer().id, username=username, **facts))

    return create


def attempt(client: FlaskClient, username: str = "an.nv", password: str = PASSWORD, **more: str):
    return client.post("/sign-in", data={"username": username, "password": password, **more})


def said(html: str) -> str:
    """The page without what differs in every answer: tokens, keys and the name that was typed."""
    html = re.sub(r'name="(csrf_token|op_id)"[^>]*', "", html)
    return re.sub(r'value="[^"]*"', "", html)


def test_the_right_password_opens_the_door(account: Account, client: FlaskClient) -> None:
    user = account()

    response = attempt(client, " AN.NV ")

    cookie = response.headers["Set-Cookie"]
    session = db.session.scalars(select(AccountSession)).one()
    assert response.status_code == 303 and response.location == "/"
    assert re.match(r"sid=[\w-]{43}; HttpOnly; Path=/; SameSite=Lax", cookie)
    assert session.user_id == user.id and len(session.token_hash) == 64 and session.token_hash not in cookie
    assert client.get("/account").status_code == 200


def test_every_failure_says_the_same(account: Account, client: FlaskClient) -> None:
    account()
    account("closed", disabled_at=clock.now())
    account("late", slip_expires_at=clock.now() - timedelta(minutes=1), must_change=True)
    account("locked")
    for _ in range(10):
        attempt(client, "locked", "wrong")

    failures = [
        attempt(client, "an.nv", "wrong"),
        attempt(client, "nobody", PASSWORD),
        attempt(client, "closed"),
        attempt(client, "late"),
        attempt(client, "locked"),
    ]

    assert {response.status_code for response in failures} == {422}
    assert len({said(response.text) for response in failures}) == 1
    assert all("sid=" not in response.headers.get("Set-Cookie", "") for response in failures)


def test_a_stranger_cannot_tell_by_the_time_it_takes(account: Account, client: FlaskClient, monkeypatch) -> None:
    account()
    checked: list[str | None] = []
    real = passwords.matches
    monkeypatch.setattr(passwords, "matches", lambda stored, typed: checked.append(stored) or real(stored, typed))

    attempt(client, "an.nv", "wrong")
    attempt(client, "nobody", "wrong")

    assert checked == [HASH, None]


def test_ten_failures_lock_the_name_for_five_minutes(account: Account, client: FlaskClient) -> None:
    account()
    for _ in range(10):
        attempt(client, password="wrong")

    assert attempt(client).status_code == 422
    with commit():
        for row in db.session.scalars(select(SignInAttempt)):
            row.window_start -= timedelta(minutes=5)
    assert attempt(client).status_code == 303
    assert db.session.scalar(select(AuditEvent).where(AuditEvent.kind == "account.locked")) is not None


def test_old_counters_are_forgotten(account: Account, client: FlaskClient) -> None:
    account()
    attempt(client, "nobody", "wrong")
    with commit():
        for row in db.session.scalars(select(SignInAttempt)):
            row.window_start -= timedelta(days=2)

    attempt(client)

    left = db.session.scalars(select(SignInAttempt.subject)).all()
    assert left == [actions.subject_of_address("127.0.0.1")]


def test_success_begins_a_new_count(account: Account, client: FlaskClient) -> None:
    account()
    for _ in range(9):
        attempt(client, password="wrong")
    attempt(client)
    for _ in range(9):
        attempt(client, password="wrong")

    assert attempt(client).status_code == 303


def test_attempts_sent_together_are_all_counted(app: Flask, account: Account, monkeypatch) -> None:
    account()
    looked_at: list[str] = []
    monkeypatch.setattr(passwords, "matches", lambda stored, typed: bool(looked_at.append(typed)))

    def try_five_times() -> None:
        client = app.test_client()
        for _ in range(5):
            attempt(client, password="wrong")

    threads = [threading.Thread(target=try_five_times) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    counted = db.session.get(SignInAttempt, actions.subject_of_name("an.nv"))
    assert len(looked_at) == 10
    assert counted is not None and counted.failures == 30


@pytest.mark.parametrize(("wanted", "given"), [("/cases?q=a", "/cases?q=a"), ("//evil.example", "/"), ("/\\evil", "/")])
def test_one_lands_where_one_wanted_to_go(account: Account, client: FlaskClient, wanted: str, given: str) -> None:
    account()

    assert attempt(client, next=wanted).location == given


def test_a_stranger_is_sent_to_sign_in_and_back(client: FlaskClient) -> None:
    response = client.get("/account?x=1")

    assert (response.status_code, response.location) == (302, "/sign-in?next=/account?x%3D1")


def test_htmx_is_told_to_load_the_sign_in_page_whole(client: FlaskClient) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://localhost/directory/people?q=a"}

    response = client.get("/directory/people?q=ab", headers=headers)

    assert response.status_code == 401
    assert response.headers["HX-Redirect"] == "/sign-in?next=/directory/people?q%3Da"


def test_a_form_without_its_token_changes_nothing(app: Flask, account: Account, client: FlaskClient) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    account()

    response = attempt(client)

    assert response.status_code == 400
    assert db.session.scalar(select(AccountSession)) is None


def test_a_one_time_password_opens_nothing_but_the_choice_of_ones_own(account: Account, client: FlaskClient) -> None:
    slip = new_slip()
    account(password_hash=slip.hash, must_change=True, slip_expires_at=clock.now() + timedelta(hours=1))
    attempt(client, password=slip.password)
    token = client.get_cookie("sid")

    assert client.get("/account").location == "/password"
    assert client.get("/directory/units", headers={"HX-Request": "true"}).headers["HX-Redirect"] == "/password"

    new = {"current": slip.password, "password": PASSWORD, "again": PASSWORD}
    assert client.post("/password", data=new).status_code == 303
    assert client.get_cookie("sid").value != token.value
    assert "Mật khẩu mới có hiệu lực" in client.get("/account").text
    assert attempt(client, password=slip.password).status_code == 422


@pytest.mark.parametrize(
    "wrong",
    [
        {"current": "wrong"},
        {"password": "short", "again": "short"},
        {"again": "something else"},
        {"password": PASSWORD, "again": PASSWORD},
    ],
)
def test_a_bad_new_password_is_refused(account: Account, client: FlaskClient, wrong: dict[str, str]) -> None:
    account()
    attempt(client)
    good = {"current": PASSWORD, "password": "năm con gà trong vườn", "again": "năm con gà trong vườn"}

    assert client.post("/password", data={**good, **wrong}).status_code == 422


def test_cards_exist_only_in_a_demonstration(app: Flask, make: Make, account: Account, client: FlaskClient) -> None:
    user = account()
    make.add(DemoCard(person_id=user.person_id, role=Role.OFFICER, title="Công chức", blurb="Việc của tôi", position=1))
    other = account("other")

    assert client.post("/sign-in/demo", data={"user_id": user.id}).status_code == 404
    app.extensions["demo_clock"] = clock.local_now()
    app.config["DEMO"] = True
    assert "Việc của tôi" in client.get("/sign-in").text
    assert client.post("/sign-in/demo", data={"user_id": other.id}).status_code == 404
    assert client.post("/sign-in/demo", data={"user_id": user.id}).status_code == 303
    assert client.get("/account").status_code == 200


def test_over_tls_the_cookie_is_bound_to_the_host(database_url: str, tmp_path: Path) -> None:
    with application(database_url, tmp_path, base_url="https://dunghan.example") as app, app.app_context():
        app.config["WTF_CSRF_ENABLED"] = False
        person = Make().officer()
        Make().add(
            User(person_id=person.id, username="an.nv", password_hash=HASH, must_change=False, made_at=clock.now())
        )
        db.session.remove()

        response = attempt(app.test_client())

    cookies = response.headers.getlist("Set-Cookie")
    assert any(re.match(r"__Host-sid=[\w-]{43}; Secure; HttpOnly; Path=/; SameSite=Lax$", cookie) for cookie in cookies)
    assert all("Domain" not in cookie for cookie in cookies)


def test_a_database_that_cannot_count_lets_nobody_in(account: Account, client: FlaskClient, monkeypatch) -> None:
    account()

    def fail(*_: object) -> int:
        raise OperationalError("INSERT", {}, Exception("database is locked"))

    monkeypatch.setattr(bulk, "count_attempt", fail)

    assert attempt(client).status_code == 503
    assert db.session.scalar(select(AccountSession)) is None


def test_a_password_checked_during_a_reset_opens_nothing(account: Account, client: FlaskClient, monkeypatch) -> None:
    """The slip is issued after the old password was found right and before the session is opened."""
    user_id = account().id

    def reset_meanwhile(_stored: str, _typed: str) -> bool:
        with commit():
            actions.issue_slip(db.session.get(User, user_id), "another hash", by=None, at=clock.now())
        return True

    monkeypatch.setattr(passwords, "matches", reset_meanwhile)

    assert attempt(client).status_code == 422
    assert db.session.scalar(select(AccountSession)) is None
