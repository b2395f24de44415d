"""The rule set on a page, and from the command line."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from click.testing import CliRunner

from portal.cli import main
from portal.policy import queries
from tests.databases import SECRET

VALUE = {"key": "ontime.floor_pct", "text": "97", "valid_from": "01/01/2024", "basis": "Công văn 12"}


def test_anybody_signed_in_reads_the_rules(signed_in: Any) -> None:
    response = signed_in("officer").get("/policy")

    assert response.status_code == 200
    assert "Chờ cơ quan thuế xác định nghĩa vụ tài chính" in response.text
    assert "Thông tư 03/2025/TT-VPCP" in response.text
    assert "policy-edit" not in response.text


def test_the_rules_of_another_day(signed_in: Any) -> None:
    assert "16/10/2023" in signed_in("officer").get("/policy?on=16/10/2023").text
    assert signed_in("officer").get("/policy?on=nonsense").status_code == 200


def test_strangers_do_not_read_them(client: Any) -> None:
    assert client.get("/policy").status_code in (302, 303, 401)


def test_an_administrator_sets_a_value(signed_in: Any) -> None:
    response = signed_in("administrator").post("/policy/values", data=VALUE)

    assert response.status_code == 303
    assert queries.floor_pct(date(2024, 1, 1)) == 97


@pytest.mark.parametrize(("field", "value"), [("text", "ninety"), ("text", "120"), ("basis", ""), ("valid_from", "?")])
def test_bad_input_is_shown_again(signed_in: Any, field: str, value: str) -> None:
    response = signed_in("administrator").post("/policy/values", data={**VALUE, field: value})

    assert response.status_code == 422
    assert queries.floor_pct(date(2024, 1, 1)) == 95


def test_only_administrators_set_values(signed_in: Any) -> None:
    assert signed_in("chair").post("/policy/values", data=VALUE).status_code == 403


def run(*arguments: str, url: str) -> tuple[int, dict[str, Any]]:
    environment = {"PORTAL_SECRET_KEY": SECRET, "PORTAL_DATABASE_URL": url}
    result = CliRunner().invoke(main, [*arguments, "--json"], env=environment)
    return result.exit_code, json.loads(result.stdout)


def test_commands_list_and_set(database_url: str) -> None:
    done, answer = run(
        "policy", "set", "ontime.floor_pct", "96", "--from", "01/01/2024", "--basis", "CV 3", url=database_url
    )
    _, listed = run("policy", "list", "--on", "2024-01-02", url=database_url)

    assert (done, answer["value"]) == (0, 96)
    assert listed["values"]["ontime.floor_pct"] == 96


def test_a_command_refuses_with_one_object(database_url: str) -> None:
    refused, answer = run(
        "policy", "set", "ontime.floor_pct", "much", "--from", "01/01/2024", "--basis", "CV 3", url=database_url
    )

    assert refused == 2
    assert answer["problems"]


def test_the_calendar_command_lists_a_year(database_url: str) -> None:
    code, answer = run("calendar", "list", "2024", url=database_url)

    assert code == 0 and answer["open"]
    assert {"2024-05-04"} == {row["day"] for row in answer["days"] if row["kind"] == "make_up"}
