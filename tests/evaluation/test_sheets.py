"""The yearly sheets from real rows, on both databases."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from portal import clock
from portal.accountability.explanations.models import Conclusion, Explanation
from portal.accountability.ledger.actions import open_breaches
from portal.database import commit, db, transition
from portal.evaluation.queries import Sheets, breach_lines
from portal.evaluation.rules import Year
from portal.guard import Viewer
from tests.cases.test_list_plans import statements
from tests.factories import Make

NOON = datetime(2023, 10, 16, 12, 0)
YEAR = Year(2023, date(2022, 12, 1), date(2023, 11, 30), NOON.date())
UTF8_CSV = "csv:Text - txt - csv (StarCalc):44,34,76"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture
def world(make: Make) -> dict[str, Any]:
    """A commune with a head and an officer: one case late, one early, one overdue; two breaches opened."""
    commune = make.unit("UBND xã Đắk Sôr", code="X1")
    officer, head = make.officer(commune, "Đặng Thị Ước"), make.head(commune, "Hồ Công Thịnh")
    procedure = make.procedure("=HYPERLINK(1)")
    common = {"unit": commune, "officer": officer, "procedure": procedure}
    make.case(code="000.01-0001", finished="2023-10-12 09:00", **common)
    make.case(finished="2023-10-06 09:00", **common)
    make.case(**common)
    with clock.standing_at(NOON), commit():
        open_breaches(NOON.date(), clock.now())
    return {"commune": commune, "officer": officer, "head": head}


def test_an_officers_sheet_counts_cases_and_breaches(world: dict[str, Any]) -> None:
    sheet = Sheets(YEAR, Viewer.for_command()).officer(world["officer"].id)

    assert sheet is not None
    assert (sheet.counts.resolved, sheet.counts.early, sheet.counts.late, sheet.counts.overdue) == (2, 1, 1, 1)
    assert sheet.tally.breaches == 2
    assert sheet.tally.by_class == {"not_concluded": 2}
    assert sum(sheet.tally.explanations.values()) == sum(sheet.tally.apologies.values()) == 2
    assert sheet.blame == Decimal(0)
    assert (sheet.months.judged, sheet.months.at_100) == (1, 0)
    assert sheet.few_cases


def test_a_heads_sheet_sums_the_units_he_manages(world: dict[str, Any]) -> None:
    (sheet,) = Sheets(YEAR, Viewer.for_command()).heads

    assert sheet.name == "Hồ Công Thịnh"
    assert (sheet.counts.late, sheet.counts.overdue, sheet.tally.breaches) == (1, 1, 2)


def test_a_unit_counts_its_own_cases_only(world: dict[str, Any], make: Make) -> None:
    make.case(unit=make.unit(), finished="2023-10-12 09:00")

    units = {sheet.code: sheet for sheet in Sheets(YEAR, Viewer.for_command()).units}

    assert units["X1"].counts.late == 1


def test_a_breach_belongs_to_the_year_of_its_due_moment(world: dict[str, Any]) -> None:
    next_year = Year(2024, date(2023, 12, 1), date(2024, 11, 30), date(2024, 1, 5))

    assert len(breach_lines(YEAR, Viewer.for_command())) == 2
    assert breach_lines(next_year, Viewer.for_command()) == []


def test_home_affairs_downloads_a_workbook_with_texts_that_are_no_formulas(
    world: dict[str, Any], signed_in: Callable[..., Any]
) -> None:
    with clock.standing_at(NOON):
        response = signed_in("home_affairs", world["commune"]).get("/evaluation/2023/workbook.xlsx")

    assert response.mimetype == XLSX
    book = load_workbook(BytesIO(response.data))
    assert book.sheetnames == [
        "Tổng hợp", "Công chức", "Người đứng đầu", "Đơn vị", "Vi phạm thời hạn", "Định nghĩa",
    ]  # fmt: skip
    lines = book["Vi phạm thời hạn"]
    codes = [cell.value for cell in lines["A"]]
    assert "000.01-0001" in codes
    assert all(cell.data_type != "f" for sheet in book for row in sheet.iter_rows() for cell in row)
    officers = book["Công chức"]
    assert officers.auto_filter.ref and officers.freeze_panes and officers.print_title_rows
    assert "tạm tính đến 16/10/2023" in book["Tổng hợp"]["A1"].value


def test_the_same_facts_give_the_same_bytes(world: dict[str, Any], signed_in: Callable[..., Any]) -> None:
    with clock.standing_at(NOON):
        client = signed_in("home_affairs", world["commune"])
        first = client.get("/evaluation/2023/workbook.xlsx").data
        second = client.get("/evaluation/2023/workbook.xlsx").data

    assert first == second


def test_the_command_writes_a_file_that_libreoffice_opens(
    world: dict[str, Any], portal: Callable[..., Any], tmp_path: Path
) -> None:
    out = tmp_path / "danh-gia.xlsx"

    ran = portal("evaluation", "export", "2023", "--out", str(out), "--json")

    assert ran.exit_code == 0
    assert ran.json["breaches"] == 2
    command = ["soffice", "--headless", f"-env:UserInstallation=file://{tmp_path}/office", "--convert-to", UTF8_CSV]
    subprocess.run([*command, "--outdir", str(tmp_path), str(out)], check=True, capture_output=True, timeout=120)
    assert "Trễ hạn,1" in (tmp_path / "danh-gia.csv").read_text(encoding="utf-8")


def test_pages_show_the_sheets_of_the_scope_only(
    world: dict[str, Any], signed_in: Callable[..., Any], make: Make
) -> None:
    elsewhere = make.unit("UBND xã Nam Đà")
    stranger = make.officer(elsewhere, "Vũ Văn Ẩn")
    make.case(unit=elsewhere, officer=stranger, finished="2023-10-12 09:00")

    with clock.standing_at(NOON):
        client = signed_in(world["head"])
        index = client.get("/evaluation/2023")
        heads = client.get("/evaluation/2023?group=head")
        own = client.get(f"/evaluation/2023/officers/{world['officer'].id}")
        foreign = client.get(f"/evaluation/2023/officers/{stranger.id}")

    assert index.status_code == 200
    assert "Đặng Thị Ước" in index.text and "Vũ Văn Ẩn" not in index.text
    assert "Hồ Công Thịnh" in heads.text
    assert own.status_code == 200 and "tạm tính đến 16/10/2023" in own.text
    assert foreign.status_code == 404


def test_a_year_that_has_not_begun_does_not_exist(world: dict[str, Any], signed_in: Callable[..., Any]) -> None:
    with clock.standing_at(NOON):
        client = signed_in("home_affairs", world["commune"])

        assert client.get("/evaluation/2025").status_code == 404


@pytest.mark.parametrize("path", ["", "?group=head", "?group=unit", "/officers/{officer}"])
def test_a_page_of_sheets_costs_at_most_twelve_statements(
    world: dict[str, Any], signed_in: Callable[..., Any], make: Make, path: str
) -> None:
    for _ in range(3):
        unit = make.unit()
        make.case(unit=unit, officer=make.officer(unit), finished="2023-10-12 09:00")
    with clock.standing_at(NOON):
        client = signed_in("home_affairs", make.unit(kind="district"))
        chosen = signed_in("home_affairs", world["commune"]) if path.startswith("/officers") else client
        address = "/evaluation/2023" + path.format(officer=world["officer"].id)
        chosen.get(address)
        with statements() as sent:
            response = chosen.get(address)

    assert response.status_code == 200
    asked = [text for text, _ in sent if text != "BEGIN"]
    assert len(asked) <= 12, "\n".join(asked)


def test_another_bodys_cause_counts_apart_until_it_is_confirmed(world: dict[str, Any], make: Make) -> None:
    first, second = db.session.scalars(select(Explanation).order_by(Explanation.id)).all()
    common = {"cause_class": "other_body", "blame": "none", "seat": "head", "at": clock.now()}
    for explanation, confirmation in ((first, "Công văn 12/CCT"), (second, "")):
        ident = explanation.id
        row = Conclusion(explanation_id=ident, confirmation=confirmation, decided_on=NOON.date(), reason="", **common)
        conclusion_id = make.add(row).id
        with commit():
            transition(Explanation, ident, where={}, to={"conclusion_id": conclusion_id})

    sheet = Sheets(YEAR, Viewer.for_command()).officer(world["officer"].id)

    assert sheet is not None
    assert sheet.tally.by_class == {"other_body": 1, "unconfirmed": 1}
