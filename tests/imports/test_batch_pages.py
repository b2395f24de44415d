"""The page of a batch: differences in words, filters and pages with exact totals, sheets, faults, and what it costs."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from flask.testing import FlaskClient
from sqlalchemy import event

from portal.accountability.breaches.models import Breach
from portal.cases.models import Case
from portal.database import db
from portal.directory.models import Unit
from tests.imports.bringing import bring, count, newest
from tests.imports.lists import HEADINGS, open_row, row, text, workbook, write_rows

NOW = datetime(2023, 10, 16, 9, 0)


def words(page: str) -> str:
    """The text of a page without its tags, in single spaces."""
    return " ".join(re.sub(r"<[^>]+>", " ", page.split("<main")[1].split("</main>")[0]).split())


@pytest.fixture
def changed(office: FlaskClient, unit: Unit, tmp_path: Path, at: Callable[[datetime], None]) -> FlaskClient:
    """A batch applied, and a second one brought that moves what the first one told."""
    at(NOW)
    before = [open_row("A"), open_row("B"), open_row("C", due="20/10/2023 17:00")]
    before.append(row("D", finished="06/10/2023 09:00"))
    bring(office, text(tmp_path / "a.csv", before), as_of="09/10/2023 08:00")
    office.post("/imports/1/apply")
    after = [
        open_row("A", due="17/10/2023 17:00"),
        row("B", finished="12/10/2023 09:00"),
        open_row("C", due="18/10/2023 17:00"),
        open_row("D"),
        open_row("E", officer="Người Lạ", unit="UBND xã Lạ"),
        open_row("F", due="12/10/2023"),
    ]
    bring(office, text(tmp_path / "b.csv", after), as_of="16/10/2023 08:00")
    return office


def test_a_preview_tells_every_difference_with_direction_and_distance(changed: FlaskClient) -> None:
    page = words(changed.get("/imports/2").text)

    assert "A Hẹn trả 10/10/2023 17:00 17/10/2023 17:00 hạn trả dời muộn muộn hơn 5 ngày làm việc" in page
    assert "C Hẹn trả 20/10/2023 17:00 18/10/2023 17:00 hạn trả dời sớm sớm hơn 2 ngày làm việc" in page
    assert "1 hạn trả dời muộn" in page and "2 Hẹn trả" in page
    assert "bỏ kết thúc, mở lại" in page
    assert re.search(r"vi phạm sẽ mở 3", page)
    assert count(Breach) == 0 and count(Case) == 4


def test_what_it_would_open_is_what_it_opens(changed: FlaskClient) -> None:
    foretold = newest().effects["breaches"]

    changed.post("/imports/2/apply", data={"shown": newest().state_hash})

    assert count(Breach) == foretold == 3
    page = words(changed.get("/imports/2").text)
    assert "vi phạm đã mở 3" in page
    assert "Tên chưa ai biết: 1 đơn vị" in page and "Gán các tên này" in page
    assert "hạn trả dời muộn muộn hơn 5 ngày làm việc" in page


def test_differences_are_filtered(changed: FlaskClient) -> None:
    later = words(changed.get("/imports/2/changes?kind=due_later").text)

    assert "hạn trả dời muộn muộn hơn" in later and "hạn trả dời sớm sớm hơn" not in later
    assert "1 / 1 dòng" in later
    asked = changed.get("/imports/2/changes?field=due_at", headers={"HX-Request": "true"}).text
    assert asked.count("<tr>") == 3 and "<html" not in asked


def test_remarks_are_paged_and_never_cut_in_silence(office: FlaskClient, unit: Unit, tmp_path: Path) -> None:
    rows = [row(f"A{n}", due="sai") for n in range(432)] + [row("B", due="")]
    bring(office, text(tmp_path / "l.csv", rows))

    assert "30 / 433 dòng" in words(office.get("/imports/1").text)
    first = office.get("/imports/1/rows?what=rejected").text
    assert "200 / 432 dòng" in words(first)
    after = re.findall(r"after=(\d+)", first)[0]
    third = office.get(f"/imports/1/rows?what=rejected&after={after}").text
    assert "400 / 432 dòng" in words(third) and "Trước" in words(third)
    assert "1 / 1 dòng" in words(office.get("/imports/1/rows?what=warning").text)


@pytest.mark.parametrize("query", ["after=-1", "after=x", "kind=%3Cb%3E", "what=%27", "after=99999999999"])
def test_nonsense_in_the_address_is_harmless(changed: FlaskClient, query: str) -> None:
    assert changed.get(f"/imports/2/changes?{query}").status_code == 200
    assert changed.get(f"/imports/2/rows?{query}").status_code == 200


def test_the_word_to_apply_is_bound_to_the_preview_on_the_screen(
    office: FlaskClient, unit: Unit, tmp_path: Path
) -> None:
    bring(office, text(tmp_path / "l.csv", [open_row("A", received="02/03/2023", due="04/10/2023")]))
    shown = re.findall(r'name="shown"[^>]*value="(\w+)"', office.get("/imports/1").text)[0]
    columns = {f"column_{fact}": column for fact, column in newest().mapping.items()}
    office.post("/imports/1/columns", data={**columns, "order": "month_first"})

    office.post("/imports/1/apply", data={"shown": shown})

    assert (newest().state, count(Case)) == ("previewed", 0)
    assert "Từ lúc xem trước đã có thay đổi" in office.get("/imports/1").text


def test_a_preview_that_changes_nothing_says_so(office: FlaskClient, unit: Unit, tmp_path: Path) -> None:
    same = text(tmp_path / "l.csv", [open_row("A")])
    bring(office, same)
    office.post("/imports/1/apply")

    bring(office, same)

    page = words(office.get("/imports/2").text)
    assert "Áp dụng không làm thay đổi hồ sơ nào" in page and "Áp dụng sẽ ghi" not in page


# --- several sheets


def sheets(path: Path, lists: dict[str, list[Any]]) -> Path:
    """A workbook with a list in each sheet."""
    book = xlsxwriter.Workbook(str(path))
    for name, rows in lists.items():
        write_rows(book, book.add_worksheet(name), [HEADINGS, *rows])
    book.close()
    return path


@pytest.mark.parametrize(("answer", "cases"), [("Tháng 9", 1), ("Tháng 10", 2), ("*", 3)])
def test_which_sheet_is_asked(office: FlaskClient, unit: Unit, tmp_path: Path, answer: str, cases: int) -> None:
    path = sheets(tmp_path / "l.xlsx", {"Tháng 9": [row("A")], "Tháng 10": [row("B"), row("C")]})

    asked = bring(office, path)

    page = words(office.get(asked.location).text)
    assert "Trang tính nào của lô 1 chứa danh sách?" in page and "Gộp cả 2 trang tính" in page
    assert office.post("/imports/1/sheet", data={"sheet": "Tháng 11"}).status_code == 422
    office.post("/imports/1/sheet", data={"sheet": answer})
    assert (newest().state, newest().rows_new, newest().sheet) == ("previewed", cases, answer)
    office.post("/imports/1/apply")
    assert (newest().state, count(Case)) == ("applied", cases)
    assert office.post("/imports/1/sheet", data={"sheet": answer}).status_code == 409


def test_rejected_rows_of_several_sheets_name_their_sheet(office: FlaskClient, unit: Unit, tmp_path: Path) -> None:
    lists = {"Tháng 9": [row("A", due="sai"), row("D")], "Tháng 10": [row("B"), row("C", received="sai")]}
    bring(office, sheets(tmp_path / "l.xlsx", lists))
    office.post("/imports/1/sheet", data={"sheet": "*"})

    page = words(office.get("/imports/1").text)

    assert "2 Tháng 9: Ngày hẹn trả sai" in page and "3 Tháng 10: Ngày tiếp nhận sai" in page
    book = openpyxl.load_workbook(io.BytesIO(office.get("/imports/1/problems.xlsx").data))
    found = [[cell.value for cell in line][:3] for line in book.active.iter_rows(min_row=2)]
    assert [(line[0], line[1].split(":")[0], line[2]) for line in found] == [(2, "Tháng 9", "A"), (3, "Tháng 10", "C")]


# --- faults


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("bang.docx", b"x", "bang.docx"),
        ("trang.xls", b"<html><table><tr><td>a</td></tr></table></html>", "trang web"),
        ("rong.csv", b"", "rỗng"),
        ("hong.xlsx", b"PK\x03\x04...", "hỏng"),
    ],
)
def test_a_file_fault_names_the_file_and_what_to_do(
    office: FlaskClient, tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    (tmp_path / name).write_bytes(content)

    answer = bring(office, tmp_path / name)

    assert answer.status_code == 422
    page = words(answer.text)
    assert name in page and said in page and "Chưa ghi gì" in page


def test_the_upload_page_says_its_limits(office: FlaskClient) -> None:
    page = office.get("/imports/new").text

    assert all(said in page for said in (".ods", ".tsv", "25 MiB", "300.000 dòng", "5.000 dòng"))
    assert 'accept=".xlsx,.xls,.ods,.csv,.tsv,.txt"' in page


# --- what pages cost


PAGES = ("/imports/2", "/imports/2/changes", "/imports/2/rows", "/imports", "/imports/new")


@pytest.mark.parametrize("applied", [False, True])
def test_a_page_asks_little_of_the_database(changed: FlaskClient, applied: bool) -> None:
    if applied:
        assert changed.post("/imports/2/apply").status_code == 303
    said: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *seen: said.append(seen[2]))

    for address in PAGES:
        changed.get(address)
        said.clear()
        assert changed.get(address).status_code == 200
        asked = [text for text in said if text.startswith(("SELECT", "WITH", "INSERT", "UPDATE"))]
        assert len(asked) <= 12, "\n".join(asked)


def test_a_table_of_a_workbook_reads_like_its_text(office: FlaskClient, unit: Unit, tmp_path: Path) -> None:
    rows = [row("A"), row("B", due="sai"), open_row("C", unit="Phòng Lạ")]
    bring(office, text(tmp_path / "l.tsv", rows, delimiter="\t", encoding="utf-16"))
    told = newest().counts
    bring(office, workbook(tmp_path / "l.xlsx", rows))

    assert newest().counts == told
