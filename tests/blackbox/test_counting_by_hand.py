"""A list of two dozen cases whose counts were worked out by hand from the rules of counting, through the commands."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Ran

Portal = Callable[..., Ran]

DIRECTORY = """unit_code,unit_name,reports_in,managed_by,unit_kind,person_code,full_name,person_kind,role,from
H,UBND huyện Krông Nô,,,district,,,,,
A,UBND xã Đắk Sôr,H,H,commune,,,,,
B,UBND xã Nam Xuân,H,H,commune,,,,,
H,UBND huyện Krông Nô,,,district,CT,Y Thông,cán bộ,chair,01/01/2020
A,UBND xã Đắk Sôr,H,H,commune,TA,Lê Văn Ba,cán bộ,head,01/01/2020
A,UBND xã Đắk Sôr,H,H,commune,AN,Nguyễn Văn An,công chức,officer,01/01/2020
A,UBND xã Đắk Sôr,H,H,commune,BI,Trần Thị Bình,công chức,officer,01/01/2020
B,UBND xã Nam Xuân,H,H,commune,CH,H'Chi Niê,công chức,officer,01/01/2020
"""
HEADINGS = "Mã hồ sơ;Tên TTHC;Ngày tiếp nhận;Hẹn trả;Ngày kết thúc;Trạng thái;Đơn vị;Cán bộ"
A, B = "UBND xã Đắk Sôr", "UBND xã Nam Xuân"
AN, BINH, CHI = "Nguyễn Văn An", "Trần Thị Bình", "H'Chi Niê"
CASES = f"""
01;Khai sinh;01/03/2023;10/03/2023;09/03/2023 16:00;9;{A};{AN}
02;Khai sinh;28/02/2023 23:59;10/03/2023 17:00;10/03/2023 17:00;9;{A};{AN}
03;Khai sinh;02/03/2023 08:00;10/03/2023 17:00;10/03/2023 17:01;9;{A};{AN}
04;Khai sinh;02/03/2023;10/03/2023;10/03/2023 23:50;10;{A};{AN}
05;Khai sinh;02/03/2023;10/03/2023 17:00;10/03/2023;9;{A};{BINH}
06;Khai sinh;02/03/2023;10/03/2023 17:00;11/03/2023;9;{A};{BINH}
07;Khai tử;05/02/2023 08:00;20/02/2023;28/02/2023 23:59;9;{A};{AN}
08;Khai tử;05/02/2023;20/02/2023 10:00;01/03/2023;9;{B};{CHI}
09;Khai tử;31/03/2023 23:59;15/04/2023 17:00;;4;{B};{CHI}
10;Khai tử;01/04/2023 00:00;04/04/2023 17:00;;4;{B};{CHI}
11;Khai tử;03/03/2023;31/03/2023;;4;{B};{CHI}
12;Khai tử;03/03/2023;31/03/2023 16:00;;4;{B};
13;Khai tử;03/03/2023;20/03/2023;02/04/2023 10:00;9;{A};{AN}
14;Khai tử;03/03/2023;;10/03/2023;9;{A};{AN}
15;Khai tử;03/03/2023;;;4;{A};{AN}
16;Khai tử;03/03/2023;30/03/2023;;5;{A};{AN}
17;Khai tử;03/03/2023;10/03/2023;;6;{A};{BINH}
18;Khai tử;03/03/2023;30/03/2023;20/03/2023;7;{A};{AN}
19;Khai tử;03/03/2023;10/03/2023;20/03/2023;7;{A};{AN}
20;Khai tử;03/03/2023;30/03/2023;10/03/2023;8;{B};{CHI}
21;Khai tử;03/03/2023;10/03/2023;15/03/2023;8;{B};{CHI}
22;Khai tử;03/03/2023;10/03/2023;;1;{A};{AN}
23;Khai tử;03/03/2023;20/03/2023;;9;{A};{AN}
24;Khai tử;03/03/2023;10/03/2023;05/03/2023;4;{B};{CHI}
""".strip()
COUNTS = (
    "received", "carried_over", "resolved", "early", "on_time", "late", "no_term", "refused", "withdrawn", "open",
    "within_term", "overdue", "paused", "open_no_term", "r1_pct", "late_pct", "r2_pct",
)  # fmt: skip
STATES = ("waiting", "draft", "submitted", "returned", "concluded", "cancelled")
LETTERS = ("waiting", "draft", "numbered", "signed", "sent", "exempt", "cancelled")


def counted(*values: float | None) -> dict[str, Any]:
    return dict(zip(COUNTS, values, strict=True))


MARCH = counted(19, 2, 10, 2, 3, 4, 1, 2, 2, 9, 2, 2, 2, 3, 55.56, 44.44, 47.62)
MARCH_UNITS = {
    "A": counted(13, 1, 7, 1, 3, 2, 1, 0, 2, 5, 0, 1, 2, 2, 66.67, 33.33, 50.0),
    "B": counted(6, 1, 3, 1, 0, 2, 0, 2, 0, 4, 2, 1, 0, 1, 33.33, 66.67, 42.86),
}
MARCH_OFFICERS = {
    "AN": counted(10, 1, 5, 1, 2, 1, 1, 0, 2, 4, 0, 1, 1, 2, 75.0, 25.0, 45.45),
    "BI": counted(3, 0, 2, 0, 1, 1, 0, 0, 0, 1, 0, 0, 1, 0, 50.0, 50.0, 66.67),
    "CH": counted(5, 1, 3, 1, 0, 2, 0, 2, 0, 3, 2, 0, 0, 1, 33.33, 66.67, 50.0),
    "": counted(1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, None, None, 0.0),
}
FEBRUARY = counted(3, 0, 1, 0, 0, 1, 0, 0, 0, 2, 1, 1, 0, 0, 0.0, 100.0, 33.33)
NOTHING = counted(*[0] * 14, None, None, None)


@pytest.fixture
def cases(portal: Portal, tmp_path: Path) -> Portal:
    directory, listed = tmp_path / "directory.csv", tmp_path / "cases.csv"
    directory.write_text(DIRECTORY, "utf-8-sig")
    listed.write_text(f"{HEADINGS}\n{CASES}\n", "utf-8")
    assert portal("directory", "import", str(directory)).json["problems"] == []
    answer = portal("cases", "import", str(listed), "--as-of", "2023-04-05 12:00").json
    assert (answer["rows"], answer["new"], answer["problems"]) == (24, 24, [])
    return portal


def summary(portal: Portal, from_: str, to: str, *more: str) -> dict[str, Any]:
    ran = portal("report", "summary", "--from", from_, "--to", to, "--on", "2023-04-05", *more)
    assert ran.exit_code == 0
    return ran.json


def rows(answer: dict[str, Any], name: str) -> dict[str, Any]:
    found = {}
    for row in answer["rows"]:
        assert all(isinstance(row.pop(key), str) for key in (name,))
        found[row.pop(f"{name}_code")] = row
    return found


def test_a_month(cases: Portal) -> None:
    assert summary(cases, "2023-03-01", "2023-03-31")["totals"] == MARCH
    assert rows(summary(cases, "2023-03-01", "2023-03-31", "--by", "unit"), "unit") == MARCH_UNITS
    assert rows(summary(cases, "2023-03-01", "2023-03-31", "--by", "officer"), "officer") == MARCH_OFFICERS
    by_procedure = summary(cases, "2023-03-01", "2023-03-31", "--by", "procedure")["rows"]
    assert {row["procedure"]: row["received"] + row["carried_over"] for row in by_procedure} == {
        "Khai sinh": 6, "Khai tử": 15,
    }  # fmt: skip


def test_the_month_before_and_a_year_without_cases(cases: Portal) -> None:
    assert summary(cases, "2023-02-01", "2023-02-28")["totals"] == FEBRUARY
    assert summary(cases, "2022-01-01", "2022-12-31")["totals"] == NOTHING
    assert summary(cases, "2022-01-01", "2022-12-31", "--by", "unit")["rows"] == []


def opened(portal: Portal, on: str) -> tuple[int, ...]:
    ran = portal("accountability", "open-breaches", "--on", on)
    assert ran.exit_code == 0
    assert list(ran.json) == ["opened", "already_open", "cases_late", "cases_overdue"]
    return tuple(ran.json.values())


def test_breaches_open_by_the_end_of_a_day_and_once(cases: Portal) -> None:
    assert opened(cases, "2023-02-20") == (1, 0, 0, 1)  # 08 is due at 10:00; 07 only by the end of that very day
    assert opened(cases, "2023-03-31") == (7, 1, 5, 2)  # 03 06 07 08 21 late, 12 13 overdue, 19 withdrawn; 11 not yet
    assert opened(cases, "2023-04-01") == (1, 8, 5, 3)
    assert opened(cases, "2023-04-05") == (1, 9, 6, 3)
    assert opened(cases, "2023-04-05") == (0, 10, 6, 3)


def test_coverage_adds_up(cases: Portal) -> None:
    before = cases("report", "coverage", "--on", "2023-04-05").json
    opened(cases, "2023-04-05")
    after = cases("report", "coverage", "--on", "2023-04-05").json

    assert before == {
        "late_or_overdue": 9, "breaches": 0, "without_breach": 9, "pending": 0, "no_term": 2, "stale": 0,
        "explanations": dict.fromkeys(STATES, 0), "apologies": dict.fromkeys(LETTERS, 0),
    }  # fmt: skip
    assert after == {
        "late_or_overdue": 9, "breaches": 10, "without_breach": 0, "pending": 0, "no_term": 2, "stale": 0,
        "explanations": {**dict.fromkeys(STATES, 0), "waiting": 10},
        "apologies": {**dict.fromkeys(LETTERS, 0), "waiting": 10},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("from_", "to", "on"), [("2023-03-02", "2023-03-01", "2023-03-02"), ("2023-03-01", "2023-03-31", "2023-03-30")]
)
def test_days_in_the_wrong_order_are_refused(cases: Portal, from_: str, to: str, on: str) -> None:
    ran = cases("report", "summary", "--from", from_, "--to", to, "--on", on)

    assert ran.exit_code == 2
    assert (ran.json["totals"], ran.json["rows"]) == (NOTHING, [])
    assert "ngày" in ran.json["problems"][0]["reason"].lower()
