"""The pages of imports: bring, answer, preview, apply; names and waiting rows; who may."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from portal.accountability.breaches.models import Breach
from portal.cases.models import Case
from portal.database import db
from portal.directory.models import Unit
from portal.imports.models import Batch, BatchRow, PendingRow, SourceName
from tests.factories import Make
from tests.imports.lists import OFFICER, PROCEDURE, UNIT, open_row, row, text

SignIn = Callable[..., FlaskClient]
PAGES = ("/imports", "/imports/new", "/imports/names", "/imports/pending")


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
def office(signed_in: SignIn, district: Unit) -> FlaskClient:
    """The monitoring office of the district."""
    return signed_in("monitoring_office", district)


def bring(client: FlaskClient, tmp_path: Path, rows: list[Any], name: str = "ds.csv", **more: Any) -> Any:
    path = text(tmp_path / "upload.csv", rows, **{key: more.pop(key) for key in ("headings",) if key in more})
    data = {"file": (io.BytesIO(path.read_bytes()), name), "source": "iGate", "order": "day_first", **more}
    return client.post("/imports", data=data, content_type="multipart/form-data")


def count(model: Any) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def batch() -> Batch:
    db.session.rollback()
    return db.session.scalars(select(Batch).order_by(Batch.id.desc()).limit(1)).one()


def test_a_preview_says_what_would_happen_and_writes_no_case(office: FlaskClient, unit: Unit, tmp_path: Path) -> None:
    answer = bring(office, tmp_path, [row("A"), open_row("B", unit="Phòng Lạ"), row("C", due="sai")])

    assert answer.status_code == 303
    page = office.get(answer.location).text
    assert "Lô 1 sẽ làm gì?" in page
    assert "Phòng Lạ" in page and "Không phải là ngày có thể có" in page
    assert (count(Case), count(PendingRow), batch().state) == (0, 0, "previewed")
    assert batch().counts == {"rows": 3, "new": 1, "changed": 0, "unchanged": 0, "pending": 1, "rejected": 1}


def test_applying_writes_what_was_shown_and_opens_what_is_late(office: FlaskClient, unit: Unit, tmp_path: Path) -> None:
    bring(office, tmp_path, [row("A", finished="12/10/2023 09:00"), open_row("B", unit="Phòng Lạ")])

    answer = office.post("/imports/1/apply")

    assert answer.status_code == 303
    assert (count(Case), count(PendingRow), batch().state) == (1, 1, "applied")
    assert count(Breach) == 1
    assert office.post("/imports/1/apply").status_code == 409


def test_a_preview_that_no_longer_holds_is_shown_again(office: FlaskClient, unit: Unit, tmp_path: Path) -> None:
    bring(office, tmp_path, [open_row("A")], as_of="05/10/2023 08:00")
    bring(office, tmp_path, [row("A")], as_of="12/10/2023 08:00")
    office.post("/imports/2/apply")

    answer = office.post("/imports/1/apply")

    assert answer.location.endswith("/imports/1")
    assert "Từ lúc xem trước đã có thay đổi" in office.get(answer.location).text
    first = db.session.get_one(Batch, 1)
    assert (first.state, first.rows_new, first.rows_unchanged) == ("previewed", 0, 1)
    assert db.session.scalars(select(Case.meaning)).one() == "finished"


def test_columns_that_are_not_sure_are_asked(office: FlaskClient, unit: Unit, tmp_path: Path) -> None:
    headings = ("Mã hồ sơ", "Ngày nhận", "Ngày nhận", "Ngày hẹn trả", "Cơ quan giải quyết")
    line = ["A", "01/09/2023", "02/10/2023", "10/10/2023", UNIT]
    asked = bring(office, tmp_path, [line], headings=headings)
    assert batch().state == "uploaded"
    assert "Cột nào chứa gì" in office.get(asked.location).text

    chosen = {"column_code": "0", "column_received": "2", "column_due": "3", "column_unit": "4", "order": "day_first"}
    office.post("/imports/1/columns", data=chosen)
    office.post("/imports/1/apply")

    assert f"{db.session.scalars(select(Case.received_at)).one():%d/%m/%Y}" == "02/10/2023"


def test_columns_must_be_answered_and_each_but_once(office: FlaskClient, unit: Unit, tmp_path: Path) -> None:
    bring(office, tmp_path, [row("A")])
    twice = {"column_code": "1", "column_received": "4", "column_due": "4", "column_unit": "8", "order": "day_first"}

    assert office.post("/imports/1/columns", data={"order": "day_first"}).status_code == 422
    assert office.post("/imports/1/columns", data=twice).status_code == 409


def test_a_file_may_be_read_month_first(office: FlaskClient, unit: Unit, tmp_path: Path) -> None:
    bring(office, tmp_path, [open_row("A", received="10/02/2023", due="10/16/2023")])
    assert batch().rows_rejected == 1

    columns = {"column_code": "1", "column_received": "4", "column_due": "5", "column_unit": "8"}
    office.post("/imports/1/columns", data={**columns, "order": "month_first"})

    assert (batch().rows_rejected, batch().rows_new) == (0, 1)


def test_a_bad_file_is_refused_beside_its_field(office: FlaskClient, tmp_path: Path) -> None:
    data = {"file": (io.BytesIO(b"%PDF-1.4"), "a.xlsx"), "source": "iGate", "order": "day_first"}

    answer = office.post("/imports", data=data, content_type="multipart/form-data")

    assert answer.status_code == 422
    assert "Tệp không phải danh sách hồ sơ" in answer.text
    assert count(Batch) == 0


def test_a_file_and_a_readable_moment_are_needed(office: FlaskClient, tmp_path: Path) -> None:
    assert office.post("/imports", data={"source": "iGate", "order": "day_first"}).status_code == 422
    assert bring(office, tmp_path, [row("A")], as_of="hôm qua").status_code == 422


def test_discarding(office: FlaskClient, unit: Unit, tmp_path: Path) -> None:
    bring(office, tmp_path, [row("A")])

    office.post("/imports/1/discard")

    assert (batch().state, count(Case)) == ("discarded", 0)
    assert office.post("/imports/1/apply").status_code == 409


def test_mapping_a_unit_on_the_page(office: FlaskClient, unit: Unit, tmp_path: Path) -> None:
    bring(office, tmp_path, [open_row("A", unit="Nâm Nđir"), open_row("B", unit="Nâm Nđir")])
    office.post("/imports/1/apply")
    assert "Nâm Nđir" in office.get("/imports/names").text
    assert "A" in office.get("/imports/pending").text

    answer = office.post("/imports/names/1", data={"target": unit.id})

    assert answer.status_code == 303
    assert (count(Case), count(PendingRow)) == (2, 2)
    assert "Nâm Nđir" not in office.get("/imports/names").text.split("Đã gán")[-1].split("<main")[-1]
    assert office.post("/imports/names/1", data={"target": unit.id}).status_code == 409
    assert office.post("/imports/names/1", data={"target": 999}).status_code == 422


def test_waiting_rows_are_counted_as_they_are_listed(
    signed_in: SignIn, office: FlaskClient, unit: Unit, make: Make, tmp_path: Path
) -> None:
    bring(office, tmp_path, [open_row("A", unit="Nâm Nđir")])
    office.post("/imports/1/apply")
    elsewhere = signed_in("monitoring_office", make.unit("Huyện khác", kind="district"))
    bring(elsewhere, tmp_path, [open_row("B", unit="Đâu đó"), open_row("C", unit="Đâu đó")], name="khac.csv")
    elsewhere.post("/imports/2/apply")

    page = office.get("/imports/pending").text

    assert count(PendingRow) == 3
    assert "Nâm Nđir" in page and "Đâu đó" not in page
    assert "3" not in re.sub(r"<[^>]+>", " ", page.split("</table>")[1].split("</main>")[0])


def test_a_head_maps_the_officers_of_their_unit_only(
    signed_in: SignIn, office: FlaskClient, unit: Unit, make: Make, tmp_path: Path
) -> None:
    bring(office, tmp_path, [open_row("A", officer="Mơ H."), open_row("B", officer="Không rõ")])
    office.post("/imports/1/apply")
    db.session.rollback()
    ids = {name.text: name.id for name in db.session.scalars(select(SourceName))}
    officer_id = db.session.scalars(select(Case.officer_id).where(Case.officer_id.is_not(None))).all()
    assert officer_id == []
    head = signed_in("head", unit)
    stranger = signed_in("head", make.unit())

    assert "Mơ H." in head.get("/imports/names").text
    assert "Mơ H." not in stranger.get("/imports/names").text
    assert stranger.get(f"/imports/names/{ids['Mơ H.']}").status_code == 404
    assert head.get(f"/imports/names/{ids['Mơ H.']}").status_code == 200
    person = make.officer(unit, "Hoàng Thị Mơ Anh")
    head.post(f"/imports/names/{ids['Mơ H.']}", data={"target": person.id})
    head.post(f"/imports/names/{ids['Không rõ']}/ignore")

    db.session.rollback()
    assert db.session.scalars(select(Case.officer_id).where(Case.code == "A")).one() == person.id
    assert {name.text: name.state for name in db.session.scalars(select(SourceName))} == {
        "Mơ H.": "mapped",
        "Không rõ": "ignored",
    }


def test_what_a_batch_said_is_replaced_by_its_next_preview(office: FlaskClient, unit: Unit, tmp_path: Path) -> None:
    bring(office, tmp_path, [row("A", due="sai")])
    columns = {"column_code": "1", "column_received": "4", "column_due": "5", "column_unit": "8", "order": "day_first"}

    office.post("/imports/1/columns", data=columns)

    assert count(BatchRow) == 1


def test_the_mapping_of_a_source_is_remembered(office: FlaskClient, unit: Unit, tmp_path: Path) -> None:
    headings = ("Mã hồ sơ", "Ngày nhận", "Ngày nhận hồ sơ gốc", "Ngày trả kết quả", "Cơ quan giải quyết")
    line = ["A", "02/10/2023", "01/09/2023", "10/10/2023", UNIT]
    bring(office, tmp_path, [line], headings=headings)
    chosen = {"column_code": "0", "column_received": "1", "column_due": "3", "column_unit": "4", "order": "day_first"}
    office.post("/imports/1/columns", data=chosen)
    office.post("/imports/1/apply")

    bring(office, tmp_path, [line], headings=headings)

    assert batch().state == "previewed"


@pytest.mark.parametrize("address", PAGES)
def test_who_may_not_import(signed_in: SignIn, unit: Unit, address: str) -> None:
    assert signed_in("officer", unit).get(address).status_code == 403
    assert signed_in("home_affairs", unit).get(address).status_code == 403


@pytest.mark.parametrize("address", PAGES)
def test_a_stranger_is_sent_to_sign_in(client: FlaskClient, address: str) -> None:
    assert client.get(address).status_code in (302, 303, 401)


@pytest.mark.parametrize(
    "address",
    ["", "/1/columns", "/1/apply", "/1/discard", "/names/1", "/names/1/ignore"],
)
def test_an_officer_may_post_nothing(signed_in: SignIn, unit: Unit, address: str) -> None:
    assert signed_in("officer", unit).post(f"/imports{address}").status_code == 403


@pytest.mark.parametrize("address", ["/imports/7", "/imports/7/problems.xlsx", "/imports/names/7"])
def test_what_is_not_there(office: FlaskClient, address: str) -> None:
    assert office.get(address).status_code == 404
    for role_address in ("/imports/7/apply", "/imports/7/discard", "/imports/names/7/ignore"):
        assert office.post(role_address).status_code == 404


@pytest.mark.parametrize("address", ["/imports/1", "/imports/1/problems.xlsx", "/imports/names/1"])
def test_reading_a_batch_or_a_name_needs_the_role(signed_in: SignIn, unit: Unit, address: str) -> None:
    assert signed_in("officer", unit).get(address).status_code == 403
