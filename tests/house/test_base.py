"""The ground under the tests themselves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from portal.database import db, dialect
from tests.factories import Make


def test_the_application_answers(client: FlaskClient) -> None:
    assert client.get("/healthz").json == {"status": "ok"}


def test_each_test_has_a_database_of_its_own(make: Make) -> None:
    unit = make.unit(code="ONLY")

    assert unit.id == 1


def test_both_databases_take_their_turn(app: Flask, request) -> None:
    assert dialect() == request.node.callspec.params["databases"]


def test_rows_can_be_made(make: Make) -> None:
    parent = make.unit(kind="district")
    unit = make.unit(reports_in=parent)

    case = make.case(unit=unit, officer=make.officer(unit), finished="2023-10-12")

    assert case.finished_at > case.due_at


def test_somebody_can_be_signed_in(signed_in: Callable[..., Any], make: Make) -> None:
    head = signed_in("head", make.unit())

    assert head.get("/calendar/2023").status_code == 200


def test_a_fault_of_the_database_names_no_value(app: Flask) -> None:
    """What stands in a statement may be an applicant's name, and the log keeps what a fault says."""
    with pytest.raises(DBAPIError) as fault:
        db.session.execute(text("SELECT * FROM nowhere WHERE name = :name"), {"name": "Trần Văn Bình"})

    assert "Trần Văn Bình" not in str(fault.value)
    db.session.rollback()
