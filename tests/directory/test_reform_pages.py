"""The administrator's pages: a directory file with its preview, mergers, renames, transfers."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import openpyxl
import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, select

from portal.audit.models import AuditEvent
from portal.database import db
from portal.directory import queries
from portal.directory.models import DirectoryFile, Person, Posting, Unit, UnitSuccession
from tests.directory.test_reform_of_2025 import AFTER, BEFORE, workbook
from tests.factories import Make

SignIn = Callable[..., FlaskClient]


@pytest.fixture(autouse=True)
def _after_the_reform(at: Callable[[datetime], None]) -> None:
    at(datetime(2025, 7, 14, 9, 0))


@pytest.fixture
def admin(signed_in: SignIn, make: Make) -> FlaskClient:
    """The first administrator, outside every level: of all units."""
    return signed_in("administrator", make.unit("Quản trị", code="QT", kind="office"))


def bring(admin: FlaskClient, rows: Any) -> str:
    """Upload a workbook; gives the address of its preview."""
    file = (io.BytesIO(workbook(rows)), "danh-ba.xlsx")
    answer = admin.post("/directory/files/new", data={"file": file}, content_type="multipart/form-data")
    assert answer.status_code == 303, answer.text
    return str(answer.location)


def test_the_preview_says_it_all_and_writes_nothing(admin: FlaskClient) -> None:
    url = bring(admin, BEFORE)

    shown = admin.get(url).text

    assert queries.unit_by_code("DM") is None
    assert "Thị trấn Đắk Mâm" in shown and "đơn vị mới thêm" in shown and "người chưa có tài khoản" in shown


def test_applying_does_what_was_shown_and_erases_the_content(admin: FlaskClient) -> None:
    admin.post(bring(admin, BEFORE) + "/apply")
    url = bring(admin, AFTER)

    assert admin.post(url + "/apply").status_code == 303

    kept = db.session.scalars(select(DirectoryFile).order_by(DirectoryFile.id.desc())).first()
    assert kept is not None and kept.state == "applied" and kept.content is None
    assert len(db.session.scalars(select(UnitSuccession)).all()) == 3
    assert "Sáp nhập" not in admin.get(url).text and "có đơn vị kế thừa" in admin.get(url).text


def test_page_and_command_count_alike(admin: FlaskClient) -> None:
    bring(admin, BEFORE)

    told = db.session.scalars(select(DirectoryFile)).one().outcome

    assert told["counts"] == {
        "units_new": 5, "units_changed": 0, "people_new": 3, "people_changed": 0, "postings_new": 3,
        "postings_changed": 0, "unchanged": 0, "rejected": 0,
    }  # fmt: skip


def test_a_changed_directory_is_shown_again_instead(admin: FlaskClient) -> None:
    url = bring(admin, BEFORE)
    admin.post(bring(admin, BEFORE[:1]) + "/apply")

    refused = admin.post(url + "/apply")

    assert refused.status_code == 409 and "Danh bạ đã thay đổi" in refused.text
    assert queries.unit_by_code("DM") is None
    assert admin.post(url + "/apply").status_code == 303 and queries.unit_by_code("DM") is not None


def test_a_file_is_applied_once(admin: FlaskClient) -> None:
    url = bring(admin, BEFORE)
    admin.post(url + "/apply")

    assert admin.post(url + "/apply").status_code == 404


def test_a_discarded_file_leaves_nothing(admin: FlaskClient) -> None:
    url = bring(admin, BEFORE)

    assert admin.post(url + "/discard").status_code == 303

    kept = db.session.scalars(select(DirectoryFile)).one()
    assert (kept.state, kept.content) == ("discarded", None) and queries.unit_by_code("DM") is None


def test_rejected_rows_come_back_with_their_reasons_and_can_be_corrected(admin: FlaskClient) -> None:
    wrong = [*BEFORE, ("XX", "Xã Sai", "KHONG", "commune", *[""] * 11), ("YY", "+1 Xã Kỳ", "DN", "kind", *[""] * 11)]
    url = bring(admin, wrong)

    page, book = admin.get(url), admin.get(url + "/rejected")

    assert "KHONG" in page.text and "Tải các dòng bị loại" in page.text
    [header, *rows] = openpyxl.load_workbook(io.BytesIO(book.data)).active.values
    assert header[-2:] == ("ly_do", "reason") and {row[0] for row in rows} == {"XX", "YY"}
    assert all(row[-2] and row[-1] for row in rows) and "+1 Xã Kỳ" in {row[1] for row in rows}


def test_a_file_that_is_none_is_refused_in_words(admin: FlaskClient) -> None:
    for data in (b"", b"PK\x03\x04 nothing", b"<html><table></table></html>", b"a,b\n1,2"):
        file = (io.BytesIO(data), "x.xlsx")
        answer = admin.post("/directory/files/new", data={"file": file}, content_type="multipart/form-data")
        assert answer.status_code == 422 and "field-error" in answer.text


def test_another_administrator_does_not_see_the_file(admin: FlaskClient, signed_in: SignIn, make: Make) -> None:
    url = bring(admin, BEFORE)

    assert signed_in("administrator", make.unit()).get(url).status_code == 404


def test_three_communes_become_one_by_clicks(admin: FlaskClient, make: Make) -> None:
    province = make.unit("Tỉnh Đắk Nông", kind="province")
    old = [make.unit(name, reports_in=province) for name in ("Xã Nam Đà", "Xã Tân Thành", "Thị trấn Đắk Mâm")]
    officer = make.posting(make.person("Lê Thị An"), old[0])
    head = make.posting(make.person("Trần Văn Chủ"), old[1], "head")
    ids = [unit.id for unit in old]
    choose = admin.get("/directory/successions/new").text
    form = admin.get("/directory/successions/new?" + "&".join(f"from={ident}" for ident in ids)).text
    assert "Xã Nam Đà" in choose and f"keep-{officer.id}" in form and f"keep-{head.id}" in form

    answer = admin.post(
        "/directory/successions/new",
        data={
            "from": ids, "kind": "merge", "on": "01/07/2025", "document": "NQ 1671/NQ-UBTVQH15", "code": "KNM",
            "name": "Xã Krông Nô", "unit_kind": "commune", "reports_in": province.id, "managed_by": province.id,
            f"keep-{officer.id}": "same", f"keep-{head.id}": "officer",
        },
    )  # fmt: skip

    assert answer.status_code == 303, answer.text
    new = queries.unit_by_code("KNM")
    assert new is not None
    held = queries.postings_on(date(2025, 7, 1), unit_id=new.id)
    assert {(posting.person.full_name, posting.role) for posting in held} == {
        ("Lê Thị An", "officer"), ("Trần Văn Chủ", "officer"),
    }  # fmt: skip
    assert "NQ 1671" in admin.get(f"/directory/units/{ids[0]}").text
    assert "Kế thừa" in admin.get(f"/directory/units/{new.id}").text


def test_what_cannot_be_is_said_and_nothing_happens(admin: FlaskClient, make: Make) -> None:
    old, new = make.unit("Xã Cũ"), make.unit("Xã Sau", valid_from=date(2025, 8, 1))
    data = {"from": old.id, "kind": "merge", "on": "01/07/2025", "document": "NQ", "successors": new.id}
    data |= {"unit_kind": "commune", "reports_in": 0, "managed_by": 0}

    without = admin.post("/directory/successions/new", data={**data, "successors": []})
    early = admin.post("/directory/successions/new", data=data)

    assert without.status_code == 409 and early.status_code in (409, 422)
    assert db.session.scalars(select(UnitSuccession)).all() == []


def test_a_renamed_unit_shows_its_former_name(admin: FlaskClient, make: Make) -> None:
    unit = make.unit("Xã Cũ")
    form = {"name": "Xã Mới", "on": "01/07/2025", "document": "NQ 5"}

    assert admin.get(f"/directory/units/{unit.id}/rename").status_code == 200
    assert admin.post(f"/directory/units/{unit.id}/rename", data=form).status_code == 303
    again = admin.post(f"/directory/units/{unit.id}/rename", data=form)

    shown = admin.get(f"/directory/units/{unit.id}").text
    assert "Trước đây là Xã Cũ" in shown and "30/06/2025" in shown and again.status_code == 409


def test_an_officer_is_transferred_in_one_step(admin: FlaskClient, make: Make) -> None:
    posting, elsewhere = make.posting(make.person("Lê Thị An")), make.unit("Xã Đích")
    person_id = posting.person_id
    form = {
        "unit": elsewhere.id, "role": "officer", "position": "Chuyên viên", "on": "10/07/2025",
        "reason": "Điều động", "document": "QĐ 12/QĐ-UBND",
    }  # fmt: skip

    shown = admin.get(f"/directory/postings/{posting.id}/transfer").text
    answer = admin.post(f"/directory/postings/{posting.id}/transfer", data=form)

    assert "và đơn vị cũ kết luận" in shown and answer.status_code == 303
    assert [held.unit_id for held in queries.postings_on(date(2025, 7, 10), person_id=person_id)] == [elsewhere.id]
    payload = db.session.scalars(select(AuditEvent).where(AuditEvent.kind == "person.transferred")).one().payload_row
    assert payload is not None and payload.payload["document"] == "QĐ 12/QĐ-UBND"


def test_units_elsewhere_are_not_there(signed_in: SignIn, make: Make) -> None:
    here, there = make.unit(kind="district"), make.unit(kind="district")
    posting = make.posting(make.person(), there)
    admin = signed_in("administrator", here)

    assert admin.get(f"/directory/successions/new?from={there.id}").status_code == 404
    assert admin.get(f"/directory/units/{there.id}/rename").status_code == 404
    assert admin.get(f"/directory/postings/{posting.id}/transfer").status_code == 404


@pytest.mark.parametrize("path", ["/directory/files/{file}", "/directory/successions/new?from={unit}", "/absences"])
def test_pages_ask_little(admin: FlaskClient, make: Make, path: str) -> None:
    unit = make.unit("Xã Cũ")
    for _number in range(5):
        make.posting(make.person(), unit)
    url = bring(admin, BEFORE)
    address = path.format(file=url.rsplit("/", 1)[1], unit=unit.id)
    asked: list[str] = []

    def count(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        asked.append(statement)

    event.listen(db.engine, "before_cursor_execute", count)
    try:
        assert admin.get(address).status_code == 200
    finally:
        event.remove(db.engine, "before_cursor_execute", count)

    assert len([statement for statement in asked if statement.lstrip().upper().startswith("SELECT")]) <= 12, asked


def test_nothing_here_is_for_others(signed_in: SignIn, make: Make) -> None:
    unit = make.unit()
    for role in ("officer", "head", "chair", "auditor"):
        client = signed_in(role, unit)
        assert client.get("/directory/files/new").status_code == 403
        assert client.get("/directory/successions/new").status_code == 403
    assert db.session.scalars(select(Person.id)).all() and db.session.scalars(select(Posting.id)).all()
    assert db.session.scalars(select(Unit.id)).all()
