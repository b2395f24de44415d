"""The ground under the tests themselves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from portal.database import commit, copy_columns, db, dialect
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


@pytest.mark.parametrize("at_once", [1, 3, 100])
def test_columns_become_rows_however_many_a_statement_has(app: Flask, at_once: int) -> None:
    numbers, texts = list(range(8)), [None if n % 3 == 0 else f"{n}'" for n in range(8)]
    columns = {"first": numbers, "said": texts, "second": numbers, "never": [None] * 8}
    with commit():
        db.session.execute(text("CREATE TEMP TABLE told (first int, said text, second int, never text, kind text)"))
        copy_columns("told", columns, {"kind": "'all'"}, at_once=at_once)
        rows = db.session.execute(text("SELECT * FROM told ORDER BY first")).all()
        db.session.execute(text("DROP TABLE told"))

    assert rows == [(n, said, n, None, "'all'") for n, said in zip(numbers, texts, strict=True)]
