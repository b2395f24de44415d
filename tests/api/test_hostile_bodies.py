"""Bodies made to hurt: a clean problem, nothing written, the server goes on."""

from __future__ import annotations

import json
import tracemalloc
from typing import Any

import pytest
from sqlalchemy import func, select

from portal.api.rules import LARGEST_BODY, MOST_CASES
from portal.cases.models import Case
from portal.database import db
from portal.directory.models import Unit
from portal.imports.models import Batch
from tests.api.conftest import Programs, case, open_case

PROBLEM = "application/problem+json"
ONE = json.dumps(case("A"))


def count(model: Any) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model)) or 0


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "bad_json"),
        (b"{", 400, "bad_json"),
        (b"\xff\xfe{}", 400, "bad_json"),
        (b'{"cases": "\xc3("}', 400, "bad_json"),
        (b'{"cases": ["\\ud800"]}', 400, "bad_json"),
        (b"[" * 100_000, 400, "bad_json"),
        (b'{"a":' * 50_000, 400, "bad_json"),
        (b'{"cases": ' + b"9" * 10_000 + b"}", 400, "bad_json"),
        (b"[]", 422, "bad_body"),
        (b"null", 422, "bad_body"),
        (b"{}", 422, "bad_body"),
        (b'{"cases": []}', 422, "bad_body"),
        (b'{"cases": {}}', 422, "bad_body"),
        (b'{"cases": [1e400]}', 422, "bad_body"),
        (b'{"cases": [NaN]}', 422, "bad_body"),
        (b'{"cases": [{}]}', 422, "bad_body"),
        (b'{"cases": [%s], "cases": [%s]}' % (ONE.encode(), ONE.encode()), 400, "duplicate_key"),
        (b'{"cases": [{"code": "B", %s]}' % ONE[1:].encode(), 400, "duplicate_key"),
        (b'{"cases": [%s], "strict": "true"}' % ONE.encode(), 422, "bad_body"),
        (b'{"cases": [%s], "data_as_of": 1697446800}' % ONE.encode(), 422, "bad_body"),
        (b'{"cases": [%s], "data_as_of": "2023-10-16T16:00:00"}' % ONE.encode(), 422, "bad_body"),
        (b'{"cases": [%s], "source": "khac"}' % ONE.encode(), 422, "bad_body"),
        (json.dumps({"cases": [case("A", due=1)]}).encode(), 422, "bad_body"),
        (json.dumps({"cases": [{**case("A"), "code": 7}]}).encode(), 422, "bad_body"),
        (json.dumps({"cases": [case("A", subject="x" * 2001)]}).encode(), 422, "bad_body"),
        (json.dumps({"cases": [case("A")] * (MOST_CASES + 1)}).encode(), 422, "bad_body"),
        (b" " * (LARGEST_BODY + 1), 413, "too_large"),
    ],
)  # fmt: skip
def test_a_body_that_is_not_the_described_one(
    program: Programs, unit: Unit, body: bytes, status: int, code: str
) -> None:
    answer = program().post("cases:batch", body)

    assert (answer.status_code, answer.mimetype, answer.json["code"]) == (status, PROBLEM, code)
    assert count(Batch) == 0


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/xml", "multipart/form-data; boundary=x", "application/json; charset=utf-16"]
)
def test_a_body_of_another_kind(program: Programs, kind: str) -> None:
    answer = program().post("cases:batch", {"cases": [case("A")]}, **{"Content-Type": kind})

    assert (answer.status_code, answer.json["code"]) == (415, "wrong_type")


def test_what_is_wrong_is_named_by_its_place(program: Programs, unit: Unit) -> None:
    answer = program().post("cases:batch", {"cases": [case("A"), {**case("B"), "code": 7, "ma_ho_so": "x"}]})

    errors = {(one["pointer"], one["reason"]) for one in answer.json["errors"]}
    assert errors == {("/cases/1/code", "string_type"), ("/cases/1/ma_ho_so", "extra_forbidden")}
    assert all(one["vi"] != one["en"] for one in answer.json["errors"])


def test_signs_that_mean_something_to_readers_of_files_are_only_signs(program: Programs, unit: Unit) -> None:
    """A date cell of a workbook is marked by a control character; NUL is in no text of PostgreSQL."""
    answer = program().send(
        [
            open_case("A\x00B", subject="\x00\x01=1+1"),
            open_case("C", due_at="\x012023-13-45T99"),
            open_case("D", officer="\ufeff\u202eHoàng\u200b Thị Mơ"),
            open_case("E", received_at="0001-01-01T00:00:00-11:00"),
            open_case("F", received_at="9999-12-31T23:59:59-11:00"),
        ]
    )

    assert answer.status_code == 200
    assert [item["outcome"] for item in answer.json["items"]] == ["new", "rejected", "new", "rejected", "rejected"]
    assert set(db.session.scalars(select(Case.code))) == {"AB", "D"}
    assert db.session.scalars(select(Case.subject).where(Case.code == "AB")).one() == "=1+1"


def test_every_problem_is_said_but_not_a_million_of_them(program: Programs, unit: Unit) -> None:
    answer = program().post("cases:batch", {"cases": [{}] * MOST_CASES})

    assert (answer.status_code, len(answer.json["errors"])) == (422, 100)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"cases":[' + b"[]," * 3_000_000 + b"1]}", 413),
        (b'{"cases":[' + b"[]," * 250_000 + b"1]}", 422),
        (b'{"x":[' + b"0," * 5_000_000 + b"0]}", 413),
        (b'{"cases":[{' + b'"":0,' * 550_000 + b'"":0}]}', 422),
        (b'{"cases":[' + b"{}," * 280_000 + b"{}]}", 422),
    ],
    ids=["empty lists", "fewer empty lists", "zeros", "one name", "empty cases"],
)
def test_a_body_of_millions_of_nothings_costs_little(program: Programs, unit: Unit, body: bytes, status: int) -> None:
    sender = program()
    tracemalloc.start()
    answer = sender.post("cases:batch", body)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert answer.status_code == status
    assert peak < 100 * 2**20, peak


def test_the_largest_batch_is_taken(program: Programs, unit: Unit) -> None:
    answer = program().send([case(f"H{n:05}", subject="Cấp giấy chứng nhận " * 10) for n in range(MOST_CASES)])

    assert answer.json["counts"]["new"] == MOST_CASES
