"""The ground under the tests themselves."""

from __future__ import annotations

from flask import Flask
from flask.testing import FlaskClient

from portal.database import dialect
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
