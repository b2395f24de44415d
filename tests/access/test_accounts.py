"""The administrator's page of accounts: slips shown once, closing, scope; and ``portal init``."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text

from portal import clock
from portal.access.actions import suggested_username
from portal.access.models import AccountSession, User
from portal.access.queries import user_of_person, viewer_of
from portal.cli import main
from portal.database import db
from portal.directory.models import Unit
from portal.directory.rules import UnitKind
from portal.guard import Permission, Role
from tests.databases import SECRET
from tests.factories import Make

SignIn = Callable[..., FlaskClient]


@pytest.fixture
def commune(make: Make) -> Unit:
    return make.unit("Xã Nam Đà")


@pytest.fixture
def admin(signed_in: SignIn, commune: Unit) -> FlaskClient:
    return signed_in("administrator", commune)


def slip_of(html: str) -> str:
    found = re.search(r'id="one-time-password">([\w-]+)<', html)
    assert found
    return found[1]


def test_a_new_account_comes_with_a_slip_that_opens_the_door(
    admin: FlaskClient, client: FlaskClient, make: Make, commune: Unit
) -> None:
    person = make.officer(commune, "Nguyễn Văn An")

    proposed = admin.get(f"/people/{person.id}/account")
    made = admin.post(f"/people/{person.id}/account", data={"username": "an.nv"})

    user = user_of_person(person.id)
    slip = slip_of(made.text)
    assert 'value="an.nv"' in proposed.text and made.status_code == 201
    assert user and user.must_change and slip not in user.password_hash
    assert client.post("/sign-in", data={"username": "an.nv", "password": slip}).status_code == 303
    assert slip not in admin.get(f"/accounts/{user.id}").text


def test_a_one_time_password_stands_nowhere_in_the_database(admin: FlaskClient, make: Make, commune: Unit) -> None:
    made = admin.post(f"/people/{make.officer(commune).id}/account", data={"username": "an.nv"})

    slip = slip_of(made.text)
    for table in ("users", "audit_payloads", "operations", "sessions"):
        assert slip not in str(db.session.execute(text(f"SELECT * FROM {table}")).all())


@pytest.mark.parametrize("username", ["", "An NV", "án", "a" * 65])
def test_a_bad_user_name_is_refused(admin: FlaskClient, make: Make, commune: Unit, username: str) -> None:
    person = make.officer(commune)

    assert admin.post(f"/people/{person.id}/account", data={"username": username}).status_code == 422
    assert user_of_person(person.id) is None


def test_a_taken_user_name_is_refused_in_words(admin: FlaskClient, make: Make, commune: Unit) -> None:
    taken = make.user(make.officer(commune)).username

    response = admin.post(f"/people/{make.officer(commune).id}/account", data={"username": taken})

    assert response.status_code == 409 and taken in response.text


def test_a_slip_for_a_forgotten_password_ends_the_old_one(
    admin: FlaskClient, signed_in: SignIn, make: Make, commune: Unit
) -> None:
    visitor = signed_in(make.officer(commune))
    user = user_of_person(visitor.person.id)

    response = admin.post(f"/accounts/{user.id}/slip")

    assert response.status_code == 201 and slip_of(response.text)
    assert visitor.get("/account").status_code == 302


def test_an_account_is_closed_and_opened_again(
    admin: FlaskClient, signed_in: SignIn, make: Make, commune: Unit
) -> None:
    visitor = signed_in(make.officer(commune))
    user_id = user_of_person(visitor.person.id).id

    assert admin.post(f"/accounts/{user_id}/disable").status_code == 303
    assert visitor.get("/account").status_code == 302
    assert admin.post(f"/accounts/{user_id}/disable").status_code == 409
    assert admin.post(f"/accounts/{user_id}/enable").status_code == 303
    assert db.session.get(User, user_id).disabled_at is None


def test_nobody_closes_their_own_account(admin: FlaskClient) -> None:
    user = user_of_person(admin.person.id)

    assert admin.post(f"/accounts/{user.id}/disable").status_code == 409
    assert admin.get("/account").status_code == 200


def test_a_session_is_ended_by_the_administrator_and_by_its_owner(
    admin: FlaskClient, signed_in: SignIn, make: Make, commune: Unit
) -> None:
    person = make.officer(commune)
    first, second, third = (signed_in(person) for _ in range(3))
    user_id = user_of_person(person.id).id
    sessions = db.session.scalars(select(AccountSession.id).where(AccountSession.user_id == user_id)).all()

    assert admin.post(f"/accounts/{user_id}/sessions/{sessions[0]}/end").status_code == 303
    assert second.post(f"/account/sessions/{sessions[2]}/end").status_code == 303

    assert [visitor.get("/account").status_code for visitor in (first, second, third)] == [302, 200, 302]


def test_nobody_ends_the_session_of_another(signed_in: SignIn, make: Make) -> None:
    mine, other = signed_in("officer"), signed_in("officer")
    session = db.session.scalars(select(AccountSession.id).order_by(AccountSession.id.desc())).first()

    assert mine.post(f"/account/sessions/{session}/end").status_code == 404
    assert other.get("/account").status_code == 200


def test_people_above_are_out_of_reach(admin: FlaskClient, make: Make, commune: Unit) -> None:
    """An administrator of a commune cannot make himself the chair by resetting a password."""
    outsider = make.in_role("chair", make.unit(kind=UnitKind.PROVINCE))
    both = make.posting(make.officer(commune), make.unit(kind=UnitKind.PROVINCE), Role.CHAIR).person
    user = make.user(outsider)

    assert admin.get(f"/accounts/{user.id}").status_code == 404
    assert admin.post(f"/accounts/{user.id}/slip").status_code == 404
    assert admin.post(f"/people/{both.id}/account", data={"username": "x"}).status_code == 404
    assert outsider.full_name not in admin.get("/accounts").text


def test_people_are_found_without_marks_a_page_at_a_time(admin: FlaskClient, make: Make, commune: Unit) -> None:
    for number in range(52):
        make.officer(commune, f"Lê Thị Đào {number:02}")
    make.officer(commune, "Phạm Văn Quý")

    found = admin.get("/accounts?q=quy", headers={"HX-Request": "true"}).text
    page = admin.get("/accounts").text
    after = re.search(r"after=(\d+)", page)

    assert "Phạm Văn Quý" in found and "Đào" not in found and "<html" not in found
    assert after and "Lê Thị Đào 51" in page + admin.get(f"/accounts?after={after[1]}").text


def test_user_names_are_proposed_free(app: Flask, make: Make) -> None:
    assert suggested_username("Nguyễn Văn Ân") == "an.nv"
    make.add(User(person_id=make.person().id, username="an.nv", password_hash="-", made_at=clock.now()))
    assert suggested_username("Ngô Văn An") == "an.nv2"
    assert suggested_username("Đỗ") == "do"
    assert suggested_username("???") == "user"


# --- portal init -----------------------------------------------------------------------------------------------------


@pytest.fixture
def init(app: Flask, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    monkeypatch.setenv("PORTAL_SECRET_KEY", SECRET)

    def run(*options: str) -> Any:
        db.session.rollback()
        return CliRunner().invoke(main, ["init", "--db", database_url, *options])

    return run


def test_init_makes_the_first_administrator_once(init: Callable[..., Any], client: FlaskClient) -> None:
    first, second = init("--json", "--username", "qt"), init("--json")

    slip = json.loads(first.stdout)["one_time_password"]
    refused = json.loads(second.stdout)
    assert (first.exit_code, second.exit_code) == (0, 2)
    assert refused["problems"][0]["reason"]
    assert client.post("/sign-in", data={"username": "qt", "password": slip}).status_code == 303
    assert client.get("/accounts").location == "/password"


def test_init_before_the_directory_reaches_all_that_comes_later(init: Callable[..., Any], make: Make) -> None:
    init()
    later = make.unit(kind=UnitKind.PROVINCE)

    viewer = viewer_of(db.session.scalars(select(User)).one(), clock.today())

    assert later.id in viewer.admin_units and viewer.may(Permission.MANAGE_DIRECTORY)
    assert not viewer.sees_all and not viewer.readable_units


def test_init_stands_on_the_root_of_a_directory(init: Callable[..., Any], make: Make) -> None:
    root = make.unit(kind=UnitKind.DISTRICT)
    make.unit(reports_in=root)

    result = init("--json")

    assert json.loads(result.stdout)["unit_code"] == root.code


def test_init_prints_the_password_once(init: Callable[..., Any]) -> None:
    result = init()

    assert len(re.findall(r"[a-z2-9]{5}(?:-[a-z2-9]{5}){3}", result.output)) == 1
