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

from portal import clock
from portal.cases.models import Case, Source, SourceUnit
from portal.database import commit, db
from portal.directory.models import Unit
from portal.imports.actions import import_prepared
from portal.imports.models import Batch
from portal.imports.preparing import Upload, Wishes, prepare
from portal.imports.rules import Door
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
    assert "0/6" in bad.text and "ông/bà chọn" in bad.text
    twice = office.post("/imports/1/layout/check", data=answer(code=0, received=3, due=3, unit=4))
    assert "Cột này được chọn cho hai nội dung" in twice.text
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


# --- what is remembered


STRANGE = ("ref", "t0", "t1", "dept", "flag", "note")


def strange(n: int = 6, status: str = "Hồ sơ treo", day: int = 10) -> list[list[str]]:
    return [
        [f"H16.25-231002-{number:04d}", "02/10/2023 08:00", f"{day}/10/2023 17:00", UNIT, status, "ghi chú"]
        for number in range(n)
    ]


def test_headings_nobody_knows_open_the_page_with_a_proposal_by_content(office: FlaskClient, tmp_path: Path) -> None:
    asked = bring(office, tmp_path, strange(), STRANGE)

    assert asked.location.endswith("/imports/1/layout")
    page = office.get(asked.location).text
    assert "theo dữ liệu trong cột" in page and "Đã có đủ các cột bắt buộc" in page
    saved = office.post("/imports/1/layout", data=answer(code=0, received=1, due=2, unit=3, status=4))
    assert (batch().state, batch().rows_new) == ("previewed", 6)
    office.post(f"{saved.location}/apply")
    assert (batch().state, count(Case)) == ("applied", 6)


def test_a_second_file_of_the_same_layout_asks_nothing(office: FlaskClient, tmp_path: Path, portal: Any) -> None:
    bring(office, tmp_path, strange(), STRANGE)
    office.post("/imports/1/layout", data=answer(code=0, received=1, due=2, unit=3, status=4))
    office.post("/imports/1/apply")

    second = bring(office, tmp_path, strange(day=12), STRANGE, as_of="03/10/2023 16:00")

    assert second.location.endswith("/imports/2")
    assert (batch(2).state, batch(2).rows_changed, batch(2).mapping_version) == ("previewed", 6, 1)
    path = text(tmp_path / "third.csv", strange(day=13), headings=STRANGE)
    done = portal("cases", "import", str(path), "--source", "iGate", "--as-of", "2023-10-04")
    assert (done.exit_code, done.json["changed"]) == (0, 6)
    assert the_mapping().version == 1


def test_two_layouts_of_one_source_are_known_side_by_side(office: FlaskClient, tmp_path: Path) -> None:
    other = ("id", "start", "goal", "office", "state", "x")
    columns = answer(code=0, received=1, due=2, unit=3, status=4)
    for number, headings in enumerate((STRANGE, other), start=1):
        bring(office, tmp_path, strange(), headings)
        office.post(f"/imports/{number}/layout", data=columns)
        office.post(f"/imports/{number}/apply")

    for number, headings in enumerate((STRANGE, other, STRANGE), start=3):
        bring(office, tmp_path, strange(), headings)
        assert batch(number).state == "previewed"
        office.post(f"/imports/{number}/apply")

    assert the_mapping().version == 2


def test_repeated_headings_are_remembered_apart(office: FlaskClient, tmp_path: Path) -> None:
    bring(office, tmp_path, rows())
    office.post("/imports/1/layout", data=answer(code=0, received=2, due=3, unit=4))

    bring(office, tmp_path, rows(7))

    assert (batch(2).state, batch(2).mapping["received"]) == ("previewed", 2)
    assert the_mapping().columns["received"] == "Ngày nhận (2)"


def test_a_list_without_headings_is_asked_each_time(office: FlaskClient, tmp_path: Path) -> None:
    """Nothing would show that its columns have moved."""
    for number in (1, 2):
        asked = bring(office, tmp_path, strange()[1:], strange()[0])
        assert asked.location.endswith(f"/imports/{number}/layout")
        assert "(A)" in office.get(asked.location).text
        office.post(f"/imports/{number}/layout", data=answer(code=0, received=1, due=2, unit=3))
        assert (batch(number).state, batch(number).rows_total) == ("previewed", 6)
        office.post(f"/imports/{number}/apply")

    assert count(Case) == 6


def test_a_column_without_heading_can_be_chosen_and_is_remembered(office: FlaskClient, tmp_path: Path) -> None:
    headings = ("Mã hồ sơ", "Ngày tiếp nhận", "", "Cơ quan giải quyết", "Trạng thái", "")
    asked = bring(office, tmp_path, strange(), headings)
    assert "(C)" in office.get(asked.location).text
    office.post("/imports/1/layout", data=answer(code=0, received=1, due=2, unit=3, status=4))
    office.post("/imports/1/apply")
    assert count(Case) == 6

    bring(office, tmp_path, strange(7), headings)

    assert (batch(2).state, batch(2).mapping["due"]) == ("previewed", 2)


def test_a_changed_meaning_counts_from_the_next_file_on(office: FlaskClient, tmp_path: Path) -> None:
    known = ("Mã hồ sơ", "Ngày tiếp nhận", "Ngày hẹn trả", "Cơ quan giải quyết", "Trạng thái", "Ghi chú")
    bring(office, tmp_path, strange(), known)
    office.post("/imports/1/apply")
    assert set(db.session.scalars(select(Case.meaning))) == {"open"}
    assert "Hồ sơ treo" in office.get(f"/sources/{batch().source_id}").text
    said = {"reason": "Sở giải thích", "words-0-text": "Hồ sơ treo", "words-0-means": "paused"}

    office.post(f"/sources/{batch().source_id}/statuses", data=said)

    db.session.rollback()
    assert set(db.session.scalars(select(Case.meaning))) == {"open"}, "what is in stays"
    bring(office, tmp_path, strange(), known, as_of="03/10/2023 16:00")
    office.post("/imports/2/apply")
    db.session.rollback()
    assert set(db.session.scalars(select(Case.meaning))) == {"paused"}
    assert (batch(1).mapping_version, batch(2).mapping_version) == (None, 2)


def test_a_preview_read_by_an_older_meaning_is_not_applied(office: FlaskClient, tmp_path: Path) -> None:
    known = ("Mã hồ sơ", "Ngày tiếp nhận", "Ngày hẹn trả", "Cơ quan giải quyết", "Trạng thái", "Ghi chú")
    bring(office, tmp_path, strange(), known)
    said = {"reason": "Sở giải thích", "words-0-text": "Hồ sơ treo", "words-0-means": "paused"}
    office.post(f"/sources/{batch().source_id}/statuses", data=said)

    office.post("/imports/1/apply")

    assert (batch().state, count(Case)) == ("previewed", 0)
    office.post("/imports/1/apply")
    assert set(db.session.scalars(select(Case.meaning))) == {"paused"}


def test_what_a_program_sends_teaches_words_but_no_columns(app: Any, unit: Unit, tmp_path: Path) -> None:
    """Its names are those of the API; the columns of the source's files stay as people said."""
    known = ("Mã hồ sơ", "Ngày tiếp nhận", "Ngày hẹn trả", "Cơ quan giải quyết", "Trạng thái", "Ghi chú")
    upload = Upload(text(tmp_path / "api.csv", strange(), headings=known), "api.csv")
    prepared = prepare(upload, Wishes(source="iGate"), at=clock.now())
    with commit():
        import_prepared(prepared, by=None, at=clock.now(), door=Door.API)

    assert the_mapping() is None
    assert db.session.execute(db.text("SELECT text, row_count FROM source_words")).all() == [("Hồ sơ treo", 6)]


def test_a_source_out_of_use_takes_no_file(office: FlaskClient, make: Make, tmp_path: Path) -> None:
    make.source("iGate", active=False)

    refused = bring(office, tmp_path, strange(), ("Mã hồ sơ", "Ngày tiếp nhận", "Ngày hẹn trả", "Cơ quan giải quyết"))

    assert refused.status_code in (409, 422)
    assert "đã ngừng dùng" in refused.text
    assert count(Batch) == 0
