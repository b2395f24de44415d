"""The description is made from the code, and the running server does what it says: Schemathesis finds nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from portal.api.operations import OPERATIONS, document
from portal.api.rules import FIELDS
from portal.api.shapes import CaseIn
from portal.database import commit, db
from portal.directory.models import Unit
from portal.guard.rights import permitted
from portal.imports.rules import Fact
from portal.policy.models import PolicyValue
from tests.api.conftest import Programs
from tests.house.sources import ROOT

SEED = "20261121"
WITHOUT_TOKEN = "status_code_conformance,content_type_conformance,response_headers_conformance,response_schema_conformance,not_a_server_error,unsupported_method,allow_header_conformance"  # noqa: E501


@pytest.fixture
def described(app: Flask) -> dict[str, Any]:
    return document("vi")


def test_the_description_says_what_the_routes_say(app: Flask, described: dict[str, Any]) -> None:
    routes = {
        (str(rule).replace("<int:", "{").replace(">", "}"), method.lower())
        for rule in app.url_map.iter_rules()
        if str(rule).startswith("/api/v1/")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }

    assert routes == {(path, method) for path, said in described["paths"].items() for method in said}


def test_who_may_call_is_described_as_the_guard_asks(app: Flask, described: dict[str, Any]) -> None:
    for one in OPERATIONS:
        said = described["paths"]["/api/v1" + one.path][one.method.lower()]
        demanded = permitted(app.view_functions[f"api_v1.{one.name}"])
        assert {said["x-scope"]} == demanded if one.scope else (demanded, said["security"]) == (frozenset(), [])


def test_every_fact_of_the_importer_has_a_name_in_the_body() -> None:
    assert set(CaseIn.model_fields) == set(FIELDS)
    assert sorted(FIELDS.values()) == sorted(Fact)


def test_every_status_has_a_body_and_headers(described: dict[str, Any]) -> None:
    for said in described["paths"].values():
        for one in said.values():
            assert {"200", "405", "500", "503"} <= one["responses"].keys()
            assert all(answer["content"] and answer["headers"] for answer in one["responses"].values())


def test_the_description_is_in_the_readers_language(client: Any) -> None:
    assert client.get("/api/v1/openapi.json").json["info"]["title"] == "Đúng Hạn: giao tiếp dành cho chương trình"
    client.set_cookie("lang", "en")
    assert client.get("/api/v1/openapi.json").json["info"]["title"] == "Đúng Hạn: the door for programs"


def test_the_page_shows_every_address_and_loads_nothing_from_outside(client: Any, described: dict[str, Any]) -> None:
    answer = client.get("/api/docs")

    assert answer.status_code == 200
    assert all(path in answer.text for path in described["paths"])
    assert "//" not in "".join(line for line in answer.text.splitlines() if "src=" in line or "<link" in line)
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_the_command_prints_the_description(portal: Callable[..., Any], described: dict[str, Any]) -> None:
    assert portal("api", "openapi").json == json.loads(json.dumps(described))


def run(url: str, tmp_path: Path, *more: str) -> subprocess.CompletedProcess[str]:
    """Run Schemathesis as whoever tries the door would."""
    program = Path(sys.executable).with_name("st")
    command = [
        str(program), "run", f"{url}/api/v1/openapi.json", "--phases", "examples,coverage,fuzzing", "--seed", SEED,
        "--generation-database", "none", "--no-color", "--request-timeout", "30", "--warnings", "off", *more,
    ]  # fmt: skip
    environment = {**os.environ, "SCHEMATHESIS_HOOKS": "tests.api.hooks", "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, timeout=600, check=False, env=environment
    )


@pytest.mark.slow
def test_schemathesis_finds_nothing(live_server: Any, program: Programs, unit: Unit, tmp_path: Path) -> None:
    sender = program()
    db.session.rollback()
    with commit():
        for row in db.session.query(PolicyValue).filter_by(key="api.calls_per_minute"):
            row.value = 100_000

    (tmp_path / "schemathesis.toml").write_text(f'[auth.openapi.token]\nbearer = "{sender.token}"\n')

    ran = run(live_server.url, tmp_path, "--checks", "all", "-n", "25")

    assert ran.returncode == 0, ran.stdout[:6000] + ran.stdout[-2000:] + ran.stderr[-2000:]


@pytest.mark.slow
@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)  # who is refused at the door comes to no database
def test_schemathesis_finds_nothing_without_a_token(live_server: Any, tmp_path: Path) -> None:
    ran = run(live_server.url, tmp_path, "--checks", WITHOUT_TOKEN, "-n", "10")

    assert ran.returncode == 0, ran.stdout[:6000] + ran.stdout[-2000:] + ran.stderr[-2000:]
