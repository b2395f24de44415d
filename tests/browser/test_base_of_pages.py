"""The browser under the tests: a page loads, nothing is blocked, form tokens are demanded."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient


def test_a_page_loads_without_a_fault(page: Any) -> None:
    page.goto("/sign-in")

    assert page.locator("h1").count() == 1
    assert page.evaluate("() => window.htmx.config.allowEval") is False


def test_a_form_without_its_token_is_refused(live_server: Any, client: FlaskClient) -> None:
    answer = client.post("/sign-in", data={"username": "a", "password": "b"})

    assert answer.status_code == 400
    assert "cửa sổ khác" in answer.text
