"""Where the days of many cases went: each number adds up steps of cases in reach, and opens their list."""

from __future__ import annotations

import io
import re
from datetime import datetime
from html import unescape
from itertools import count
from typing import Any

from openpyxl import load_workbook

from portal.cases.models import Case, CaseStep
from portal.database import commit, db
from portal.directory.models import Unit
from portal.figures import days_queries
from tests.cases.test_list_plans import statements
from tests.factories import Make

DIGESTS = count()
PERIOD = "from=01/10/2023&to=16/10/2023"


def step(case: Case, at: str, due: str | None, unit: str, title: str, officer: str) -> None:
    moments = {"at": datetime.fromisoformat(at), "due_at": datetime.fromisoformat(due) if due else None}
    facts = {"unit": unit, "title": title, "officer": officer, "digest": f"{next(DIGESTS):064}"}
    db.session.rollback()
    with commit():
        db.session.add(CaseStep(case_id=case.id, source_id=case.source_id, **moments, **facts))


def two_cases(make: Make, unit: Unit) -> tuple[Case, Case]:
    """One late, one in time; in both the appraisal took longer than allowed, in the second reception did not."""
    facts = {"procedure": make.procedure(), "unit": unit, "received": "2023-10-02 07:00"}
    late = make.case(**facts, due="2023-10-05 17:00", finished="2023-10-11 17:00")
    step(late, "2023-10-11 17:00", "2023-10-05 17:00", "Phòng TNMT", "Thẩm định", "Hoàng Thị Mơ")
    timely = make.case(unit=unit, received="2023-10-02 07:00", due="2023-10-12 17:00", finished="2023-10-06 17:00")
    step(timely, "2023-10-03 17:00", "2023-10-03 17:00", "Một cửa", "Tiếp nhận", "Y Bkrông")
    step(timely, "2023-10-05 17:00", "2023-10-04 17:00", "Phòng TNMT", "Thẩm định", "Hoàng Thị Mơ")
    make.pause(timely, "2023-10-04 07:00", "2023-10-04 11:30")
    db.session.rollback()
    return late, timely


def cells(text: str) -> list[list[str]]:
    found = re.search(r'<div id="figures-days">.*?</div>\s*</div>', text, re.S)
    assert found is not None
    rows = re.findall(r"<tr.*?</tr>", found[0].split("<tbody>")[1], re.S)
    return [[re.sub(r"<.*?>", "", cell).strip() for cell in re.findall(r"<td.*?</td>", row, re.S)] for row in rows]


def test_steps_are_added_up_by_unit_also_of_cases_in_time(make: Make, signed_in: Any) -> None:
    unit = make.unit("Xã Đắk Drô")
    late, timely = two_cases(make, unit)
    make.case(unit=unit, finished="2023-10-06 09:00")

    head = signed_in("head", unit)
    page = head.get(f"/figures/days?{PERIOD}").text
    over = re.search(r'href="(/figures/days/cases\?[^"]*behind=over_in_time[^"]*)"', page)
    behind = head.get(over[1].replace("&amp;", "&")).text if over else ""

    assert "có dữ liệu từng bước của 2 trong 3 hồ sơ" in page
    assert cells(page) == [
        ["Phòng TNMT", "2", "5", "9,44", "2", "1", "4,44", "9,44", "0,56"],
        ["Một cửa", "1", "2", "2", "0", "0", "–", "2", "–"],
        ["sau bước cuối cùng mà nguồn cho biết", "1", "–", "–", "0", "0", "–", "1", "–"],
        ["Tổng cộng", "4", "7", "11,44", "2", "1", "4,44", "12,44", "0,56"],
    ]
    assert timely.code in behind and late.code not in behind and "0,44" in behind


def test_more_than_is_added_up_says_where_to_go_on(make: Make, signed_in: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(days_queries, "MOST_CASES", 1)
    district = make.unit(kind="district")
    unit = make.unit("Xã Đắk Drô", reports_in=district)
    two_cases(make, unit)
    office = signed_in("monitoring_office", district)

    page = unescape(office.get("/figures/days?from=01/09/2023&to=16/10/2023&by=officer").text)
    links = re.findall(r'href="([^"]+)"', page.split('id="figures-narrower"')[1])

    assert links[:2] == [
        "/figures/days?by=officer&from=01/09/2023&to=30/09/2023",
        "/figures/days?by=officer&from=01/10/2023&to=16/10/2023",
    ]
    assert links[2] == f"/figures/days?by=officer&unit={unit.id}&from=01/09/2023&to=16/10/2023" and ">2</td>" in page
    assert office.get("/figures/days/export.xlsx?from=01/09/2023&to=16/10/2023").status_code == 409


def test_scope_axis_procedure_and_files(make: Make, signed_in: Any) -> None:
    unit, other = make.unit("Xã Đắk Drô"), make.unit("Xã Nâm Nung")
    late, _timely = two_cases(make, unit)
    code, procedure = late.code, late.procedure_id

    head, stranger, officer = signed_in("head", unit), signed_in("head", other), signed_in("officer", unit)
    url = f"/figures/days?{PERIOD}&by=officer&procedure={procedure}"
    head.get(url)
    with statements() as heard:
        by_officer = head.get(url).text
    book = load_workbook(io.BytesIO(head.get(f"/figures/days/export.xlsx?{PERIOD}&by=step").data)).active
    text = head.get(f"/figures/days/export.csv?{PERIOD}&by=step").data.decode("utf-8-sig")

    sent = [said for said, _ in heard if not said.startswith("BEGIN")]
    assert "Hoàng Thị Mơ" in by_officer and len(sent) <= 12, "\n".join(sent)
    assert ["Thẩm định", 2, 2, 5, 9.44, 2, 1, 4.44] in [[cell.value for cell in row][:8] for row in book.iter_rows()]
    assert "Thẩm định;2;2;5;9,44;2;1;4,44;9,44;0,56" in text
    assert "Chưa có dữ liệu từng bước" in stranger.get(f"/figures/days?{PERIOD}").text
    assert code not in stranger.get(f"/figures/days/cases?{PERIOD}&behind=all").text
    assert head.get("/figures/days/cases?behind=nonsense").status_code == 404
    assert officer.get("/figures/days").status_code == 403
