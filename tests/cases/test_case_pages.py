"""Lists and the case page: scope, masks, filters, paging, counts, export, number of queries."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from io import BytesIO
from typing import Any

import openpyxl
import pytest

from portal.cases.models import CaseChange
from tests.cases.test_list_plans import statements
from tests.factories import Make

NOW = datetime(2023, 10, 16, 16, 0)
MOST_QUERIES = 12


@pytest.fixture(autouse=True)
def _on_the_day(at: Callable[[datetime], None]) -> None:
    at(NOW)


def test_the_list_starts_with_what_is_overdue_longest(make: Make, signed_in: Any) -> None:
    unit = make.unit()
    make.case(unit=unit, code="SECOND", due="2023-10-11 17:00")
    make.case(unit=unit, code="FIRST", due="2023-10-09 17:00")
    make.case(unit=unit, code="FINISHED", finished="2023-10-12 08:00")
    make.case(unit=unit, code="WITHIN", due="2023-10-30 17:00")

    text = signed_in("head", unit).get("/cases").text

    assert text.index("FIRST") < text.index("SECOND")
    assert "FINISHED" not in text and "WITHIN" not in text
    assert "quá hạn 5 ngày làm việc" in text
    assert "Số liệu đến 16:00 16/10/2023" in text


def test_an_officer_sees_their_own_and_nothing_else(make: Make, signed_in: Any) -> None:
    unit = make.unit()
    officer = make.officer(unit)
    mine = make.case(unit=unit, officer=officer, code="MINE")
    other = make.case(unit=unit, code="OTHER")
    client = signed_in(officer)

    assert "MINE" in client.get("/cases").text
    assert "OTHER" not in client.get("/cases?show=all").text
    assert client.get(f"/cases/{mine.id}").status_code == 200
    assert client.get(f"/cases/{other.id}").status_code == 404


def test_who_reads_no_cases_is_refused(make: Make, signed_in: Any) -> None:
    client = signed_in("administrator", make.unit())

    assert client.get("/cases").status_code == 403
    assert client.get("/cases/export.xlsx").status_code == 403


def test_pages_go_forth_and_back_and_the_count_is_exact(make: Make, signed_in: Any) -> None:
    unit, procedure, source = make.unit(), make.procedure(), make.source()
    for number in range(103):
        make.case(unit=unit, procedure=procedure, source=source, code=f"C-{number:03d}", due="2023-10-10 17:00")
    client = signed_in("head", unit)

    first = client.get("/cases").text
    second = client.get(link(first, "next")).text
    third = client.get(link(second, "next")).text
    back = client.get(link(third, "prev")).text

    assert "50 / 103" in first.replace("trên", "/") or "103" in first
    assert [codes(page) for page in (first, second, third)] == [
        [f"C-{n:03d}" for n in range(50)],
        [f"C-{n:03d}" for n in range(50, 100)],
        [f"C-{n:03d}" for n in range(100, 103)],
    ]
    assert codes(back) == codes(second)
    assert 'rel="next"' not in third and 'rel="prev"' not in first


def codes(text: str) -> list[str]:
    """The codes of a list, in order."""
    return [part.split("</a>")[0] for part in text.split('<td class="code">')[1:] for part in [part.split(">", 1)[1]]]


def link(text: str, rel: str) -> str:
    """The address of the next or previous page."""
    return text.split(f'rel="{rel}"')[1].split('href="')[1].split('"')[0].replace("&amp;", "&")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=bien dong dat", {"A"}),
        ("q=TRAN THI", {"A", "B"}),
        ("q=B", {"B", "A"}),
        ("age=1_3", {"B"}),
        ("age=4_10", {"A"}),
        ("from=10/10/2023", {"B"}),
        ("to=10/10/2023", {"A"}),
        ("show=late", {"L"}),
        ("show=late&age=under_1", set()),
        ("show=late&from=01/10/2023&to=04/10/2023", {"L"}),
        ("show=late&from=05/10/2023", set()),
        ("show=all", {"A", "B", "L"}),
        ("field=Hộ tịch", {"B"}),
        ("show=nonsense&unit=x&sort=?&after=~", {"A", "B"}),
    ],
)
def test_each_filter_finds_its_cases(make: Make, signed_in: Any, query: str, found: set[str]) -> None:
    unit = make.unit()
    land, birth = make.procedure("Đăng ký biến động đất"), make.procedure("Khai sinh", field="Hộ tịch")
    make.case(unit=unit, code="A", due="2023-10-09 17:00", procedure=land)
    make.case(unit=unit, code="B", due="2023-10-12 17:00", procedure=birth)
    make.case(
        unit=unit, code="L", due="2023-10-02 17:00", finished="2023-10-04 08:00", applicant="Lê An", procedure=land
    )

    shown = codes(signed_in("head", unit).get(f"/cases?{query}").text)

    assert set(shown) == found and len(shown) == len(found)


def test_a_list_page_asks_few_queries_whatever_its_rows(make: Make, signed_in: Any) -> None:
    unit = make.unit()
    for _ in range(12):
        make.case(unit=unit)
    client = signed_in("head", unit)
    address = f"/cases?unit={unit.id}&below=1&field=Đất đai&q=a"
    client.get(address)

    with statements() as sent:
        client.get(address)

    reads = [sql for sql, _ in sent if not sql.startswith(("PRAGMA", "BEGIN", "SET", "SELECT 1"))]
    assert len(reads) <= MOST_QUERIES, "\n".join(sql[:120] for sql in reads)


def test_htmx_gets_only_the_rows(make: Make, signed_in: Any) -> None:
    unit = make.unit()
    client = signed_in("head", unit)
    make.case(unit=unit, code="H77")

    text = client.get("/cases?q=h77", headers={"HX-Request": "true"}).text

    assert text.strip().startswith('<div id="cases-rows">')
    assert "/cases/export.xlsx?show=overdue&amp;q=h77" in text


def test_an_empty_list_says_why(make: Make, signed_in: Any) -> None:
    unit = make.unit()
    client = signed_in("head", unit)
    assert "Chưa có hồ sơ nào được nhập" in client.get("/cases").text

    make.case(unit=unit, due="2023-10-30 17:00")

    assert "Không có" in client.get("/cases").text
    assert "không khớp" in client.get("/cases?q=zzz").text.lower() or "bộ lọc" in client.get("/cases?q=zzz").text


def test_the_sheet_holds_what_the_screen_shows(make: Make, signed_in: Any) -> None:
    unit = make.unit("Xã Đắk Drô")
    make.case(unit=unit, code="007", applicant="=1+1", due="2023-10-09 17:00")
    make.case(unit=unit, code="LATE", finished="2023-10-13 08:00")
    client = signed_in("head", unit)

    response = client.get("/cases/export.xlsx?q=0")

    sheet = openpyxl.load_workbook(BytesIO(response.data)).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    head = next(number for number, row in enumerate(rows) if row[0] == "Mã hồ sơ")
    assert rows[head + 1][:3] == ["007", rows[head + 1][1], "=1+1"]
    assert sheet.cell(head + 2, 3).data_type == "s"
    assert rows[head + 1][6] == datetime(2023, 10, 9, 17, 0)
    assert rows[head + 1][8] == 5
    assert len(rows) == head + 2
    words = [str(row[0]) for row in rows[:head]]
    assert any("Số liệu đến" in word for word in words)
    assert any(word.endswith(": 0") for word in words)
    assert any(word.endswith(": 1") for word in words)


def test_the_case_page_tells_facts_changes_and_way(make: Make, signed_in: Any) -> None:
    unit = make.unit()
    case = make.case(unit=unit, code="H01", applicant="Trần Thị Bình")
    make.pause(case, "2023-10-03 08:00", "2023-10-04 08:00", reason="chờ bổ sung")
    make.add(
        CaseChange(case_id=case.id, batch_id=2, field="due_at", old="2023-10-09 17:00:00", new="2023-10-10 17:00:00")
    )
    make.add(CaseChange(case_id=case.id, batch_id=2, field="resolving_unit_id", old=None, new=str(unit.id)))

    text = signed_in("head", unit).get(f"/cases/{case.id}").text

    assert "H01" in text and "Trần Thị Bình" in text and "chờ bổ sung" in text
    assert "quá hạn 4 ngày làm việc" in text
    assert "2023-10-09" not in text and "09/10/2023 17:00" in text
    assert f"Đơn vị giải quyết: – → {unit.name}" in text


def test_a_case_out_of_scope_does_not_exist(make: Make, signed_in: Any) -> None:
    case = make.case()

    assert signed_in("head", make.unit()).get(f"/cases/{case.id}").status_code == 404


@pytest.mark.parametrize("query", ["field=%00", "q=%00", "after=%00~1&sort=code", "age=1_3&unit=999999999", "after=~9"])
def test_nonsense_in_the_address_is_no_fault_of_ours(make: Make, signed_in: Any, query: str) -> None:
    unit = make.unit()
    make.case(unit=unit)

    assert signed_in("head", unit).get(f"/cases?{query}").status_code == 200


def test_a_list_opens_where_the_calendar_ends(make: Make, signed_in: Any, at: Callable[[datetime], None]) -> None:
    unit = make.unit()
    make.case(unit=unit)
    at(datetime(2030, 1, 2, 8, 0))
    client = signed_in("head", unit)

    assert client.get("/cases").status_code == 200
    assert client.get("/cases?show=due").status_code == 200
    assert client.get("/cases?age=1_3").status_code == 409
