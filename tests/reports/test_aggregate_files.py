"""Files of counts that no case list carries: the page and the command read them alike and name every row not taken."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from sqlalchemy import select

from portal.database import db
from portal.figures.models import Aggregate
from portal.reports.aggregate_import import month_in
from tests.factories import Make

ADDRESS = "/figures/aggregates/files"
HEADINGS = ["STT", "Mã đơn vị", "Đơn vị", "Tháng", "Lĩnh vực", "Tiếp nhận ngoài hệ thống", "Thanh toán",
            "Trong đó thanh toán trực tuyến", "Hồ sơ số hoá"]  # fmt: skip
GOOD = [1, "X1", "UBND xã Đắk Drô", "09/2023", "dat dai", "1.234", 50, 20, ""]
ROWS: list[list[object]] = [
    ["SỐ LIỆU THÁNG 9"],
    HEADINGS,
    GOOD,
    [2, "", "UBND xã Đắk Drô", "Tháng 9/2023", "", 5, "", "", 7],
    [3, "", "Xã lạ", "09/2023", "", 5, "", "", ""],
    [4, "X1", "", "hôm qua", "", 5, "", "", ""],
    [5, "X1", "", "12/2099", "", 5, "", "", ""],
    [6, "X1", "", "09/2023", "", "năm", "", "", ""],
    [7, "X1", "", "09/2023", "Hộ tịch", "", 3, 4, ""],
    [8, "X1", "", "08/2023", "", 5, "", "", ""],
    [9, "X1", "", "08/2023", "", 6, "", "", ""],
    ["", "", "Tổng cộng", "", "", 1255, 53, 24, 7],
]


@pytest.fixture(autouse=True)
def _on_the_day(at: Callable[[datetime], None]) -> None:
    at(datetime(2023, 10, 16, 16, 0))


def workbook(rows: list[list[object]]) -> bytes:
    """A file as somebody keeps it."""
    book, written = openpyxl.Workbook(), BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(written)
    return written.getvalue()


def kept() -> set[tuple[str, str, str, int | None]]:
    """What was kept: field, month, quantity, value."""
    db.session.rollback()
    return {(row.field, f"{row.month:%m/%Y}", row.quantity, row.value) for row in db.session.scalars(select(Aggregate))}


WANTED = {
    ("Đất đai", "09/2023", "received_outside", 1234), ("Đất đai", "09/2023", "payments", 50),
    ("Đất đai", "09/2023", "payments_online", 20), ("", "09/2023", "received_outside", 5),
    ("", "09/2023", "digitised", 7),
}  # fmt: skip


def test_the_command_takes_what_it_can_and_names_every_other_row(make: Make, portal: Any, tmp_path: Path) -> None:
    make.unit("UBND xã Đắk Drô", code="X1")
    make.procedure(field="Đất đai")
    path = tmp_path / "so-lieu.xlsx"
    path.write_bytes(workbook(ROWS))

    first = portal("figures", "import-aggregates", str(path), "--source", "Sổ của xã")
    again = portal("figures", "import-aggregates", str(path), "--source", "Sổ của xã")

    assert first.exit_code == 0 and kept() == WANTED
    said = first.json
    assert {name: said[name] for name in ("rows", "new", "changed", "unchanged", "rejected", "values")} == {
        "rows": 9, "new": 2, "changed": 0, "unchanged": 0, "rejected": 7, "values": 5,
    }  # fmt: skip
    assert said["rows"] == said["new"] + said["changed"] + said["unchanged"] + said["rejected"]
    assert [(problem["row"], problem["column"]) for problem in said["problems"]] == [
        (5, "Đơn vị"), (6, "Tháng"), (7, "Tháng"), (8, "Tiếp nhận ngoài hệ thống"),
        (9, "Trong đó thanh toán trực tuyến"), (10, "Đơn vị"), (11, "Đơn vị"),
    ]  # fmt: skip
    assert all(problem["reason"] for problem in said["problems"])
    assert again.json["unchanged"] == 2 and again.json["values"] == 0


def test_strict_writes_nothing_where_a_row_is_not_taken(make: Make, portal: Any, tmp_path: Path) -> None:
    make.unit("UBND xã Đắk Drô", code="X1")
    path = tmp_path / "so-lieu.xlsx"
    path.write_bytes(workbook(ROWS))

    done = portal("figures", "import-aggregates", str(path), "--strict")

    assert done.exit_code == 2 and kept() == set() and done.json["values"] == 0 and len(done.json["problems"]) == 7


def test_a_changed_count_is_a_new_saying(make: Make, portal: Any, tmp_path: Path) -> None:
    make.unit("UBND xã Đắk Drô", code="X1")
    path = tmp_path / "so-lieu.csv"
    for value in ("5", "6"):
        path.write_text(f"Mã đơn vị;Tháng;Hồ sơ số hoá\nX1;09/2023;{value}\n", encoding="utf-8")
        done = portal("figures", "import-aggregates", str(path))

    assert done.json["changed"] == 1
    assert kept() == {("", "09/2023", "digitised", 5), ("", "09/2023", "digitised", 6)}


def test_a_month_may_be_said_once_for_all_rows(make: Make, portal: Any, tmp_path: Path) -> None:
    make.unit(code="X1")
    path = tmp_path / "so-lieu.csv"
    path.write_text("Mã đơn vị;Hồ sơ số hoá\nX1;5\n", encoding="utf-8")

    without = portal("figures", "import-aggregates", str(path))
    done = portal("figures", "import-aggregates", str(path), "--month", "09/2023")

    assert without.json["rejected"] == 1
    assert done.json["new"] == 1 and kept() == {("", "09/2023", "digitised", 5)}


@pytest.mark.parametrize("text", ["Mã hồ sơ;Chủ hồ sơ\nH1;An\n", "Đơn vị;Tháng\nX1;09/2023\n"])
def test_a_file_without_counts_is_refused(text: str, make: Make, portal: Any, tmp_path: Path) -> None:
    path = tmp_path / "so-lieu.csv"
    path.write_text(text, encoding="utf-8")

    done = portal("figures", "import-aggregates", str(path))

    assert done.exit_code == 2 and "Không tìm thấy bảng số liệu" in done.json["problems"][0]["reason"]


def test_the_page_shows_first_and_keeps_the_same_as_the_command(make: Make, signed_in: Any) -> None:
    unit = make.unit("UBND xã Đắk Drô", code="X1")
    make.procedure(field="Đất đai")
    client = signed_in("monitoring_office", unit)

    shown = client.post(
        f"{ADDRESS}/read", data={"file": (BytesIO(workbook(ROWS)), "sl.xlsx"), "month": "", "source": "Sổ"}
    )
    assert "9 dòng: 2 mới, 0 thay đổi, 0 không đổi, 7 bị từ chối" in shown.text and "Xã lạ" in shown.text
    assert kept() == set()
    sha = shown.text.split('name="sha256"')[1].split('value="')[1].split('"')[0]
    data = {"file_name": "sl.xlsx", "sha256": sha, "month": "", "source": "Sổ"}
    answer = client.post(ADDRESS, data=data)

    assert answer.status_code == 303 and kept() == WANTED
    assert client.post(ADDRESS, data=data).status_code == 409
    assert client.post(ADDRESS, data={**data, "sha256": "../../etc/passwd"}).status_code == 409


def test_units_out_of_reach_are_unknown(make: Make, signed_in: Any) -> None:
    mine = make.unit("UBND xã Nâm Nung")
    make.unit("UBND xã Đắk Drô", code="X1")
    client = signed_in("monitoring_office", mine)

    shown = client.post(f"{ADDRESS}/read", data={"file": (BytesIO(workbook([HEADINGS, GOOD])), "sl.xlsx")})

    assert "1 bị từ chối" in shown.text


def test_the_export_of_the_page_is_read_back(make: Make, signed_in: Any, portal: Any, tmp_path: Path) -> None:
    unit = make.unit("UBND xã Đắk Drô", code="X1")
    path = tmp_path / "so-lieu.xlsx"
    path.write_bytes(workbook([HEADINGS, GOOD]))
    portal("figures", "import-aggregates", str(path))
    client = signed_in("monitoring_office", unit)

    for ending in ("xlsx", "csv"):
        exported = tmp_path / f"xuat.{ending}"
        exported.write_bytes(client.get(f"/figures/aggregates/export.{ending}?month=09/2023").data)
        again = portal("figures", "import-aggregates", str(exported)).json
        assert (again["rows"], again["unchanged"], again["problems"]) == (1, 1, [])


@pytest.mark.parametrize(
    ("cell", "month"),
    [("09/2023", date(2023, 9, 1)), ("Tháng 9/2023", date(2023, 9, 1)), ("2023-09", date(2023, 9, 1)),
     ("\x012023-09-15", date(2023, 9, 1)), ("15/09/2023", date(2023, 9, 1)), ("9.2023", date(2023, 9, 1)),
     ("13/2023", None), ("quý 3", None), ("", None)],
)  # fmt: skip
def test_months_as_people_write_them(cell: str, month: date | None) -> None:
    assert month_in(cell) == month
