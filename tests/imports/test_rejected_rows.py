"""Rejected rows as a workbook: whole rows with the reason, corrected and imported again as they are."""

from __future__ import annotations

import io
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
from flask.testing import FlaskClient

from portal import clock
from portal.cases.models import Case
from portal.database import commit, db
from portal.directory.models import Unit
from portal.imports.erasing import erase
from portal.imports.models import Batch
from tests.imports.bringing import bring, count, newest
from tests.imports.lists import HEADINGS, open_row, row, text, workbook


def rejects(client: FlaskClient, batch_id: int = 1) -> Any:
    """The workbook of rejected rows, opened."""
    return openpyxl.load_workbook(io.BytesIO(client.get(f"/imports/{batch_id}/problems.xlsx").data))


def lines(book: Any) -> list[dict[str, Any]]:
    """Its rows by heading."""
    first, *rest = book.active.iter_rows(values_only=True)
    return [dict(zip(first, line, strict=True)) for line in rest]


def test_whole_rows_with_the_reason(office: FlaskClient, unit: Unit, tmp_path: Path) -> None:
    rows = [row("A"), row("B", due="sai"), open_row("C", unit="Phòng Lạ"), row("", applicant="Lê Văn Không")]
    bring(office, workbook(tmp_path / "l.xlsx", rows, above=[["DANH SÁCH"], []]))

    found = lines(rejects(office))

    mapped = [heading for heading in HEADINGS if heading != "STT"]
    assert list(found[0]) == ["Dòng", "Lý do", *mapped]
    assert [line["Dòng"] for line in found] == [5, 6, 7]
    assert [line["Mã hồ sơ"] for line in found] == ["B", "C", None]
    assert found[0]["Lý do"].startswith("Ngày hẹn trả: Không phải là ngày có thể có")
    assert found[0]["Ngày hẹn trả"] == "sai"
    assert found[1]["Cơ quan giải quyết"] == "Phòng Lạ"
    assert found[2]["Chủ hồ sơ"] == "Lê Văn Không"


def test_rejected_rows_put_right_are_accepted(office: FlaskClient, unit: Unit, tmp_path: Path) -> None:
    received = datetime(2023, 10, 2, 8, 5)
    rows = [
        row("A"),
        row("B", due="sai", received=received),
        row("C", received=date(2023, 10, 20), due=date(2023, 10, 10), finished=""),
        open_row("D", unit="Phòng Lạ"),
    ]
    bring(office, workbook(tmp_path / "l.xlsx", rows), as_of="16/10/2023 08:00")
    office.post("/imports/1/apply")
    assert count(Case) == 1
    book = rejects(office)
    sheet = book.active
    place = {cell.value: cell.column for cell in sheet[1]}
    sheet.cell(2, place["Ngày hẹn trả"]).value = "10/10/2023 17:00"
    sheet.cell(3, place["Ngày tiếp nhận"]).value = datetime(2023, 10, 2)
    sheet.cell(4, place["Cơ quan giải quyết"]).value = unit.name
    fixed = tmp_path / "fixed.xlsx"
    book.save(fixed)

    bring(office, fixed, as_of="16/10/2023 08:00")

    assert newest().state == "previewed"
    assert newest().counts == {"rows": 3, "new": 3, "changed": 0, "unchanged": 0, "pending": 0, "rejected": 0}
    office.post("/imports/2/apply")
    db.session.rollback()
    kept = {case.code: case for case in db.session.query(Case)}
    assert set(kept) == {"A", "B", "C", "D"}
    assert (kept["B"].received_at, kept["B"].received_precision) == (received, "minute")
    assert (f"{kept['C'].due_at:%d/%m/%Y}", kept["C"].due_precision) == ("10/10/2023", "day")


def test_a_header_of_two_rows_goes_the_whole_way(office: FlaskClient, unit: Unit, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["STT", "Số hồ sơ", "Thời gian", None, None, "Đơn vị", None])
    sheet.append([None, None, "Ngày tiếp nhận", "Ngày hẹn trả", "Ngày kết thúc xử lý", "Cơ quan giải quyết", "Cán bộ"])
    for merged in ("A1:A2", "B1:B2", "C1:E1", "F1:G1"):
        sheet.merge_cells(merged)
    sheet.append([1, "A", "02/10/2023", "sai", None, unit.name, None])
    book.save(tmp_path / "l.xlsx")
    bring(office, tmp_path / "l.xlsx")
    again = rejects(office)
    place = next(cell.column for cell in again.active[1] if "hẹn trả" in str(cell.value))
    again.active.cell(2, place).value = "10/10/2023"
    again.save(tmp_path / "fixed.xlsx")

    bring(office, tmp_path / "fixed.xlsx")

    assert newest().counts["new"] == 1


def test_formulas_stay_text(office: FlaskClient, unit: Unit, tmp_path: Path) -> None:
    bring(office, text(tmp_path / "l.csv", [row("A", due="=1+1"), open_row("B", unit="@Phòng", applicant="=cmd|x")]))

    book = rejects(office)

    assert [line["Ngày hẹn trả"] for line in lines(book)][:1] == ["=1+1"]
    assert [line["Cơ quan giải quyết"] for line in lines(book)][1:] == ["@Phòng"]
    assert all(cell.data_type != "f" for line in book.active.iter_rows() for cell in line)


def test_after_the_source_was_erased_only_remarks_are_left(office: FlaskClient, unit: Unit, tmp_path: Path) -> None:
    bring(office, text(tmp_path / "l.csv", [row("A", due="sai")]))
    with commit():
        db.session.get_one(Batch, 1).uploaded_at = clock.now() - timedelta(days=91)
    erase(clock.today(), clock.now())

    found = [list(line) for line in rejects(office).active.iter_rows(values_only=True)]

    assert str(found[0][0]).startswith("Tệp nguồn không còn được lưu")
    assert found[3][:3] == [2, "Ngày hẹn trả", ""]
    assert str(found[3][4]).startswith("Không phải là ngày")
