"""The page of a list whose columns nobody knows: the proposal, the live check, and what is remembered of the answer."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, func, select

from portal.cases.models import Case, Source, SourceUnit
from portal.database import db
from portal.directory.models import Unit
from portal.imports.models import Batch
from portal.sources.models import SourceMapping
from portal.sources.queries import current_mapping
from tests.factories import Make
from tests.imports.lists import OFFICER, PROCEDURE, UNIT, text

SignIn = Callable[..., FlaskClient]
ASKED = ("Mã hồ sơ", "Ngày nhận", "Ngày nhận", "Ngày hẹn trả", "Cơ quan giải quyết", "Ghi chú")
MOST = 12


@pytest.fixture
def district(make: Make) -> Unit:
    return make.unit("Huyện Krông Nô", kind="district")


@pytest.fixture
def unit(make: Make, district: Unit) -> Unit:
    found = make.unit(UNIT, code="H16.25.01", reports_in=district)
    make.officer(found, OFFICER)
    make.procedure(PROCEDURE)
    return found


@pytest.fixture
def office(signed_in: SignIn, district: Unit, unit: Unit) -> FlaskClient:
    return signed_in("monitoring_office", district)


def rows(n: int = 6, status: str = "Đang xử lý") -> list[list[str]]:
    return [
        [f"H16.25-231002-{number:04d}", f"0{number % 9 + 1}/09/2023", "02/10/2023", "10/10/2023", UNIT, status]
        for number in range(n)
    ]


def bring(client: FlaskClient, tmp_path: Path, lines: list[list[Any]], headings: Any = ASKED, **more: str) -> Any:
    path = text(tmp_path / "upload.csv", lines, headings=headings)
    data = {"file": (io.BytesIO(path.read_bytes()), "ds.csv"), "source": "iGate", "order": "day_first", **more}
    return client.post("/imports", data=data, content_type="multipart/form-data")


def answer(**columns: int) -> dict[str, str]:
    return {"order": "day_first", **{f"column_{fact}": str(place) for fact, place in columns.items()}}


def batch(number: int = 1) -> Batch:
    db.session.rollback()
    return db.session.get_one(Batch, number)


def count(model: Any) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def the_mapping() -> Any:
    db.session.rollback()
    return current_mapping(db.session.scalars(select(Source.id)).one())


def test_the_proposal_says_why_and_shows_what_stands_in_the_columns(office: FlaskClient, tmp_path: Path) -> None:
    bring(office, tmp_path, rows())

    page = office.get("/imports/1/layout").text

    assert "đúng tiêu đề đã biết" in page
    assert "H16.25-231002-0000" in page and "02/10/2023" in page
    assert "Còn thiếu cột cho: Ngày tiếp nhận" in page
    assert "cần chọn" in page and "Ngày nhận" in page
    assert "không lấy" in page


def test_the_check_reads_the_sample_with_the_columns_chosen_so_far(office: FlaskClient, tmp_path: Path) -> None:
    bring(office, tmp_path, rows())

    good = office.post("/imports/1/layout/check", data=answer(code=0, received=2, due=3, unit=4))
    bad = office.post("/imports/1/layout/check", data=answer(code=0, received=5, due=3, unit=4))

    assert "Còn thiếu cột" not in good.text and "6/6" in good.text and "0/6" not in good.text
    assert "0/6" in bad.text and "bạn chọn" in bad.text
    assert (batch().state, count(SourceMapping)) == ("uploaded", 0)


def test_the_answer_is_remembered_and_the_preview_follows(office: FlaskClient, tmp_path: Path) -> None:
    bring(office, tmp_path, rows())

    saved = office.post("/imports/1/layout", data=answer(code=0, received=2, due=3, unit=4))

    assert saved.location.endswith("/imports/1")
    assert (batch().state, batch().rows_new) == ("previewed", 6)
    assert the_mapping().version == 1
    assert the_mapping().columns["due"] == "Ngày hẹn trả"
    row = db.session.scalars(select(SourceMapping)).one()
    assert (row.batch_id, row.reason) == (1, "Các cột của tệp ds.csv")
    office.post("/imports/1/apply")
    assert count(Case) == 6


def test_each_column_is_chosen_but_once_and_required_ones_always(office: FlaskClient, tmp_path: Path) -> None:
    bring(office, tmp_path, rows())

    twice = office.post("/imports/1/layout", data=answer(code=0, received=3, due=3, unit=4))
    missing = office.post("/imports/1/layout", data=answer(code=0, due=3, unit=4))

    assert (twice.status_code, missing.status_code) == (422, 422)
    assert "Cột này được chọn cho hai nội dung" in twice.text
    assert (batch().state, count(SourceMapping)) == ("uploaded", 0)


def test_who_does_not_answer_for_all_units_of_a_source_answers_for_the_file_only(
    office: FlaskClient, make: Make, tmp_path: Path
) -> None:
    bring(office, tmp_path, rows())
    make.add(SourceUnit(unit_id=make.unit("Xã của huyện khác").id, source_id=batch().source_id))

    page = office.get("/imports/1/layout").text
    office.post("/imports/1/layout", data=answer(code=0, received=2, due=3, unit=4))

    assert "chỉ dùng cho tệp này" in page
    assert (batch().state, count(SourceMapping)) == ("previewed", 0)


def test_a_decided_batch_asks_nothing_any_more(office: FlaskClient, tmp_path: Path) -> None:
    bring(office, tmp_path, rows())
    office.post("/imports/1/discard")

    assert office.get("/imports/1/layout").status_code == 409


@contextmanager
def counted() -> Iterator[list[str]]:
    said: list[str] = []

    def hear(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if not statement.startswith("BEGIN"):
            said.append(statement)

    event.listen(db.engine, "before_cursor_execute", hear)
    try:
        yield said
    finally:
        event.remove(db.engine, "before_cursor_execute", hear)


def test_the_page_costs_few_statements(office: FlaskClient, tmp_path: Path) -> None:
    bring(office, tmp_path, rows(150))

    with counted() as said:
        assert office.get("/imports/1/layout").status_code == 200

    assert len(said) <= MOST, said
