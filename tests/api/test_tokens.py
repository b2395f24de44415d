"""Tokens: shown once, kept as hashes, ended by day or by hand, limited; and the problems that refuse."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from portal import clock
from portal.api.models import ApiCall, ApiToken
from portal.audit.models import AuditEvent
from portal.database import commit, db
from portal.directory.models import Unit
from portal.guard import Scope
from portal.policy.models import PolicyValue
from tests.api.conftest import SOURCE, Program, Programs, case
from tests.cases.test_list_plans import statements
from tests.factories import Make

PROBLEM = "application/problem+json"
LONG_AGO, FAR = timedelta(days=-1), timedelta(days=800)


def token() -> ApiToken:
    db.session.rollback()
    return db.session.scalars(select(ApiToken)).one()


def set_limit(calls: int) -> None:
    db.session.rollback()
    with commit():
        for row in db.session.scalars(select(PolicyValue).where(PolicyValue.key == "api.calls_per_minute")):
            row.value = calls


def everything() -> str:
    """All rows of all tables, as text."""
    db.session.rollback()
    names = db.metadatas[None].tables
    return "\n".join(str(db.session.execute(text(f'SELECT * FROM "{name}"')).all()) for name in names)


def test_only_the_hash_of_a_token_is_kept(program: Programs) -> None:
    sender = program()

    assert re.fullmatch(r"dh_[0-9a-f]{8}_[A-Za-z0-9_-]{43}", sender.token)
    assert sender.token not in everything() and sender.token[12:] not in everything()
    assert token().prefix == sender.token[:11]


@pytest.mark.parametrize("sent", [None, "Bearer", "Bearer x", "Basic YTpi", "Bearer " + "x" * 500, "Bearer ă"])
def test_without_a_good_token_nothing_is_said(client: Any, sent: str | None) -> None:
    headers = {"Authorization": sent.encode().decode("latin-1")} if sent else {}

    answer = client.get("/api/v1/batches/1", headers=headers)

    assert (answer.status_code, answer.mimetype) == (401, PROBLEM)
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.json["code"] in ("no_token", "bad_token")


def test_a_token_ends_with_its_last_day(program: Programs, unit: Unit) -> None:
    sender = program(expires=clock.today())
    assert sender.send([case("A")]).status_code == 200

    db.session.rollback()
    with commit():
        token().expires_on = clock.today() + LONG_AGO

    assert sender.send([case("A")]).status_code == 401


def test_a_scope_that_is_lacking_is_said(program: Programs) -> None:
    sender = program(scopes=[Scope.BATCHES_READ])

    answer = sender.send([case("A")])

    assert (answer.status_code, answer.json["code"]) == (403, "wrong_scope")
    assert sender.get("batches/1").status_code == 404


def test_a_token_is_limited_and_told_when_to_come_again(program: Programs) -> None:
    set_limit(3)
    sender, other = program(), program("Nguồn khác")

    statuses = [sender.get("batches/1").status_code for _ in range(5)]
    last = sender.get("batches/1")

    assert statuses == [404, 404, 404, 429, 429]
    assert (last.json["code"], 1 <= int(last.headers["Retry-After"]) <= 60) == ("rate_limited", True)
    assert other.get("batches/1").status_code == 404


def test_the_window_of_calls_moves_on(program: Programs) -> None:
    set_limit(1)
    sender = program()
    assert [sender.get("batches/1").status_code for _ in range(2)] == [404, 429]

    db.session.rollback()
    with commit():
        db.session.scalars(select(ApiCall)).one().window_start = clock.now() - timedelta(seconds=61)

    assert sender.get("batches/1").status_code == 404


def test_using_a_token_is_remembered(program: Programs) -> None:
    sender = program()
    assert token().last_used_at is None

    sender.get("batches/1")

    assert token().last_used_at is not None


def test_no_cookie_comes_and_none_is_needed(app: Flask, program: Programs, unit: Unit) -> None:
    app.config["WTF_CSRF_ENABLED"] = True

    answer = program().send([case("A")])

    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers


def test_who_is_signed_in_is_no_program(make: Make, signed_in: Callable[..., Any], unit: Unit) -> None:
    answer = signed_in("administrator", unit).post("/api/v1/cases:batch", json={"cases": [case("A")]})

    assert (answer.status_code, answer.mimetype) == (401, PROBLEM)


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [
        ("GET", "/api/v1/nothing", 404),
        ("GET", "/api/v1/batches/x", 404),
        ("GET", "/api/v1/cases:batch", 405),
        ("DELETE", "/api/v1/cases:batch", 405),
        ("POST", "/api/v1/batches/1", 405),
    ],
)
def test_every_refusal_is_a_problem(client: Any, method: str, address: str, status: int) -> None:
    answer = client.open(address, method=method)

    assert (answer.status_code, answer.mimetype, answer.json["status"]) == (status, PROBLEM, status)
    assert answer.json["detail"] != answer.json["detail_en"] and answer.json["request_id"]
    assert status != 405 or "OPTIONS" in answer.headers["Allow"]


# --- The pages


@pytest.fixture
def administrator(signed_in: Callable[..., Any], unit: Unit) -> Any:
    return signed_in("administrator", unit)


def form(**more: Any) -> dict[str, Any]:
    last = clock.today() + timedelta(days=30)
    told = {"name": "Trục LGSP", "source": SOURCE, "scopes": ["cases:write"], "expires_on": f"{last:%d/%m/%Y}"}
    return {**told, **more}


def test_the_administrator_makes_a_token_that_is_shown_once(app: Flask, administrator: Any, unit: Unit) -> None:
    made = administrator.post("/api/tokens", data=form())

    secret = re.search(r"dh_[0-9a-f]{8}_[A-Za-z0-9_-]{43}", made.text)
    assert made.status_code == 201 and secret
    assert Program(app.test_client(use_cookies=False), secret[0]).send([case("A")]).status_code == 200
    pages = administrator.get("/api/tokens").text + administrator.get(f"/api/tokens/{token().id}").text
    assert secret[0] not in pages and token().prefix in pages and "gửi hồ sơ" in pages


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"scopes": []}, "ít nhất một việc"),
        ({"expires_on": f"{clock.today() + LONG_AGO:%d/%m/%Y}"}, "đã hết hạn"),
        ({"expires_on": f"{clock.today() + FAR:%d/%m/%Y}"}, "nhiều nhất hai năm"),
        ({"source": ""}, "nguồn nào"),
    ],
)
def test_a_token_that_cannot_be_is_said_beside_its_field(administrator: Any, more: dict[str, Any], said: str) -> None:
    answer = administrator.post("/api/tokens", data=form(**more))

    assert answer.status_code == 422 and said in answer.text
    assert db.session.scalars(select(ApiToken)).all() == []


def test_a_revoked_token_is_refused_from_its_next_call_on(administrator: Any, program: Programs) -> None:
    sender = program()
    assert sender.get("batches/1").status_code == 404

    administrator.post(f"/api/tokens/{token().id}/revoke")

    assert sender.get("batches/1").status_code == 401
    assert administrator.post(f"/api/tokens/{token().id}/revoke").status_code == 409
    kinds = db.session.scalars(select(AuditEvent.kind).where(AuditEvent.entity == "api_token")).all()
    assert kinds == ["api_token.made", "api_token.revoked"]
    assert "thu hồi" in administrator.get("/api/tokens").text


def test_the_empty_page_says_what_to_do(administrator: Any) -> None:
    assert "Chưa có mã nào" in administrator.get("/api/tokens").text


def test_the_pages_cost_few_statements(administrator: Any, client: Any, program: Programs) -> None:
    for number in range(5):
        program(f"Nguồn {number}")
    costs = {}
    for reader, url in ((administrator, "/api/tokens"), (administrator, "/api/tokens/1"), (client, "/api/docs")):
        reader.get(url)
        with statements() as sent:
            assert reader.get(url).status_code == 200
        costs[url] = len([sql for sql, _ in sent if not sql.startswith(("PRAGMA", "BEGIN", "SET", "SELECT 1"))])

    assert max(costs.values()) <= 12 and costs["/api/docs"] == 0, costs


# --- The command


def test_the_command_prints_a_token_once(app: Flask, portal: Callable[..., Any], unit: Unit) -> None:
    last = clock.today() + timedelta(days=10)

    ran = portal("api", "token", "--source", SOURCE, "--expires", last.isoformat(), "--scope", "cases:write")

    assert ran.exit_code == 0 and ran.json["scopes"] == ["cases:write"]
    assert Program(app.test_client(use_cookies=False), ran.json["token"]).send([case("A")]).status_code == 200
    assert ran.json["token"] not in everything()


def test_a_token_ends_by_the_real_clock_where_another_is_set(portal: Callable[..., Any], unit: Unit) -> None:
    """The demonstration stands in 2023; the programs that try it do not."""
    last = clock.real_today() + timedelta(days=700)
    with clock.standing_at(datetime(2023, 10, 16, 17)):
        assert portal("api", "token", "--source", SOURCE, "--expires", last.isoformat()).exit_code == 0


def test_the_command_refuses_a_day_that_is_over(portal: Callable[..., Any]) -> None:
    assert portal("api", "token", "--source", SOURCE, "--expires", "2020-01-01").exit_code == 2
