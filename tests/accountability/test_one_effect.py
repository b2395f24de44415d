"""A form has one effect: once it was carried out, not once it was tried."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from portal.accountability.explanations.actions import writing
from portal.accountability.explanations.models import Explanation, ExplanationText
from portal.database import db
from tests.accountability.conftest import Place, cause_id

KEY = "6a1f0d0e-one-form"


@pytest.fixture(autouse=True)
def _on_the_day(at: Callable[[datetime], None]) -> None:
    at(datetime(2023, 10, 16, 16, 0))


def typed(explanation: Explanation) -> dict[str, Any]:
    return {
        "op_id": KEY, "version": explanation.version, "cause": cause_id("CQ"), "happened": "Chờ cơ quan thuế.",
        "remedy": "Đã trả.", "commitment": "", "commitment_on": "27/10/2023",
        "files": (io.BytesIO(b"%PDF-1.4\n"), "phieu.pdf"),
    }  # fmt: skip


def state_of(explanation_id: int) -> str | None:
    db.session.rollback()
    return db.session.scalar(select(Explanation.state).where(Explanation.id == explanation_id))


def test_a_form_that_failed_half_way_is_carried_out_when_sent_again(
    explanation: Explanation, place: Place, signed_in: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file is kept in a first unit of work; the database was busy for the second."""

    def busy(*_args: Any, **_more: Any) -> None:
        raise OperationalError("UPDATE", {}, Exception("database is locked"))

    client, ident = signed_in(place.officer), explanation.id
    with monkeypatch.context() as patched:
        patched.setattr(writing, "submit", busy)
        assert client.post(f"/explanations/{ident}/submit", data=typed(explanation)).status_code == 503
    assert state_of(ident) == "waiting"

    answer = client.post(f"/explanations/{ident}/submit", data=typed(explanation))

    assert (answer.status_code, answer.location) == (303, f"/explanations/{ident}")
    assert state_of(ident) == "submitted"


def test_a_form_that_was_carried_out_is_not_carried_out_again(
    explanation: Explanation, place: Place, signed_in: Callable[..., Any]
) -> None:
    client, ident = signed_in(place.officer), explanation.id

    answers = [client.post(f"/explanations/{ident}/submit", data=typed(explanation)) for _ in range(2)]

    assert [answer.location for answer in answers] == [f"/explanations/{ident}"] * 2
    kept = select(func.count()).select_from(ExplanationText).where(ExplanationText.explanation_id == ident)
    assert db.session.scalar(kept) == 1
