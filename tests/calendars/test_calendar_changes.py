"""Swaps, hours, exceptions and files on pages: shown first, then applied as one version."""

from __future__ import annotations

import io
import json
from datetime import date, datetime, time
from typing import Any

import pytest
from flask import Flask

from portal import clock
from portal.audit.queries import latest
from portal.calendars import actions, queries
from portal.calendars.changes import AddException, RemoveDay, SetDay
from portal.calendars.hours import ExceptionKind, UnitException
from portal.calendars.rules import DayKind, NamedDay
from portal.database import commit
from portal.deadlines.hours import Interval
from portal.guard import Viewer
from portal.refusal import Refused
from tests.factories import Make

MACHINE = Viewer.for_command()
SWAP = NamedDay(date(2023, 10, 13), DayKind.SWAP, "Hoán đổi", "Thông báo", worked_on=date(2023, 10, 14))


def apply(*changes: Any, reason: str = "thử") -> None:
    with commit():
        actions.apply(changes, reason, by=MACHINE, at=clock.now())


def swap_form(**more: str) -> dict[str, str]:
    facts = {"day": "13/10/2023", "kind": "swap", "worked_on": "14/10/2023", "name": "Hoán đổi", "status": "confirmed"}
    return {**facts, "document_number": "12/TB-UBND", "document_on": "01/10/2023", "reason": "công văn", **more}


def test_a_swap_is_one_row_with_two_dates(signed_in: Any) -> None:
    administrator = signed_in("administrator")

    shown = administrator.post("/calendar/2023/days", data=swap_form())
    page = administrator.get(shown.location).text
    administrator.post(f"{shown.location}/apply", data={"reason": "công văn"})
    calendar = queries.current_calendar()

    assert "Làm việc" not in page and page.count("13/10/2023") >= 1 and "14/10/2023" in page
    assert (calendar.is_working(date(2023, 10, 13)), calendar.is_working(date(2023, 10, 14))) == (False, True)
    assert calendar.day_off(date(2023, 10, 13)).document == "12/TB-UBND ngày 01/10/2023"
    assert queries.faults() == []


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"worked_on": ""}, "Hoán đổi gồm hai ngày"),
        ({"worked_on": "16/10/2023"}, "thứ Bảy hoặc Chủ nhật"),
        ({"worked_on": "02/01/2027"}, "nằm ngoài các năm đã mở"),
        ({"day": "14/10/2023", "worked_on": "15/10/2023"}, "phải là ngày trong tuần"),
        ({"kind": "off"}, "Hoán đổi gồm hai ngày"),
        ({"document_number": "", "document_on": ""}, "Hãy ghi văn bản"),
    ],
)
def test_a_swap_that_cannot_stand_is_shown_again(signed_in: Any, wrong: dict[str, str], said: str) -> None:
    response = signed_in("administrator").post("/calendar/2023/days", data=swap_form(**wrong))

    assert response.status_code == 422
    assert said in response.text and "Hoán đổi" in response.text


def test_two_rows_do_not_speak_of_one_date(app: Flask) -> None:
    apply(SetDay(SWAP))

    with pytest.raises(Refused, match=r"calendars\.day_taken"):
        apply(SetDay(NamedDay(date(2023, 10, 14), DayKind.MAKE_UP, "x", "y")))


def test_a_change_shown_before_another_is_shown_again(signed_in: Any) -> None:
    administrator = signed_in("administrator")
    shown = administrator.post("/calendar/2023/days", data=swap_form())
    apply(RemoveDay(date(2023, 9, 4)))

    first = administrator.post(f"{shown.location}/apply", data={"reason": "công văn"})
    second = administrator.post(f"{shown.location}/apply", data={"reason": "công văn"})

    assert (first.status_code, second.status_code) == (409, 303)
    assert "xem lại rồi áp dụng" in first.text


def test_a_change_is_decided_once_and_seen_only_by_who_made_it(signed_in: Any) -> None:
    administrator = signed_in("administrator")
    shown = administrator.post("/calendar/2023/days", data=swap_form())
    discarded = administrator.post(f"{shown.location}/discard")

    again = administrator.post(f"{shown.location}/apply", data={"reason": "x"})

    assert (discarded.status_code, again.status_code) == (303, 409)
    assert signed_in("administrator").get(shown.location).status_code == 404
    assert queries.current_calendar().is_working(date(2023, 10, 13))


def test_the_page_of_a_year_joins_the_days_of_a_swap(signed_in: Any) -> None:
    page = signed_in("officer").get("/calendar/2024").text

    assert page.count("<sup>a</sup>") == 3  # the day off, the worked day, the list
    assert "29/04/2024 ● ↔ 04/05/2024 +" in page
    assert "2450/VPCP-KGVX" in page


def test_hours_hold_from_a_day_on(signed_in: Any) -> None:
    administrator = signed_in("administrator")
    week = {f"day_{n}": "07:30-11:30, 13:00-17:00" for n in range(5)}
    form = {**week, "valid_from": "01/06/2026", "document": "QĐ 5", "reason": "mùa hè"}

    shown = administrator.post("/calendar/hours", data=form)
    administrator.post(f"{shown.location}/apply", data={"reason": "mùa hè"})
    page = administrator.get("/calendar/hours").text

    assert page.index("07:30-11:30, 13:00-17:00") < page.index("07:00-11:30, 13:30-17:00")
    assert latest()[0].kind == "calendar.hours.set"


@pytest.mark.parametrize("wrong", [{"day_2": ""}, {"day_2": "7-11"}, {"day_2": "11:00-07:00"}, {"valid_from": ""}])
def test_hours_that_cannot_be_read_are_shown_again(signed_in: Any, wrong: dict[str, str]) -> None:
    week = {f"day_{n}": "7h00-11h30; 13:30-17:00" for n in range(5)}
    form = {**week, "valid_from": "01/06/2026", "document": "QĐ 5", "reason": "mùa hè", **wrong}

    response = signed_in("administrator").post("/calendar/hours", data=form)

    assert response.status_code == 422
    assert "mùa hè" in response.text


def test_only_units_with_exceptions_have_a_calendar_of_their_own(make: Make) -> None:
    desk, other = make.unit("Một cửa"), make.unit("Khác")
    saturday, storm = date(2026, 6, 6), date(2026, 6, 8)
    open_saturdays = UnitException(
        desk.id, ExceptionKind.OPEN, date(2026, 6, 1), None, "Mở sáng thứ Bảy", weekday=5, document_number="12/QĐ-UBND"
    )
    receiving = UnitException(
        desk.id, ExceptionKind.DESK, date(2026, 5, 1), date(2026, 5, 31), "Nhận hồ sơ sáng thứ Bảy", weekday=5,
        hours=(Interval(time(7, 30), time(11, 30)),), document="QĐ 11",
    )  # fmt: skip
    closed = UnitException(desk.id, ExceptionKind.CLOSED, storm, storm, "Nghỉ phòng bão", document="Công điện 3")

    apply(AddException(open_saturdays), AddException(receiving), AddException(closed))
    own, national = queries.current_calendar(desk.id), queries.current_calendar()

    assert queries.current_calendar(other.id) is national is queries.current_calendar()
    assert own is queries.current_calendar(desk.id)
    assert (own.is_working(saturday), national.is_working(saturday)) == (True, False)
    assert (own.is_working(storm), national.is_working(storm)) == (False, True)
    assert (own.is_working(date(2026, 5, 9)), own.open_desk(date(2026, 5, 9)).name) == (
        False, "Nhận hồ sơ sáng thứ Bảy",
    )  # fmt: skip
    assert own.closes_at(saturday) == datetime(2026, 6, 6, 17, 0)
    assert own.day_off(storm).name == "Nghỉ phòng bão"
    assert queries.faults() == []


def test_an_exception_is_set_and_ended_on_the_page(signed_in: Any, make: Make) -> None:
    unit = make.unit("Trung tâm hành chính công")
    administrator = signed_in("administrator")
    form = {"unit": unit.id, "kind": "desk", "weekday": "5", "valid_from": "01/01/2026", "hours": "07:30-11:30"}
    form |= {"name": "Mở sáng thứ Bảy", "document_number": "12/QĐ-UBND", "reason": "theo quyết định"}

    shown = administrator.post("/calendar/exceptions", data=form)
    preview = administrator.get(shown.location).text
    administrator.post(f"{shown.location}/apply", data={"reason": "theo quyết định"})
    row = queries.exceptions()[0]
    year = administrator.get("/calendar/2026").text
    end = administrator.post(
        f"/calendar/exceptions/{row.id}/end", data={"last": "30/06/2026", "reason": "hết thí điểm"}
    )
    administrator.post(f"{end.location}/apply", data={"reason": "hết thí điểm"})

    assert "Trung tâm hành chính công: Mở sáng thứ Bảy" in preview
    assert "12/QĐ-UBND" in year
    assert [one.valid_to for one in queries.exceptions()] == [date(2026, 6, 30)]


WRONG_EXCEPTIONS = [
    {"weekday": ""},
    {"valid_to": "01/01/2025"},
    {"document_number": ""},
    {"hours": "sáng"},
    {"kind": "desk"},
    {"unit": "9999"},
]


@pytest.mark.parametrize("wrong", WRONG_EXCEPTIONS)
def test_an_exception_that_cannot_stand_is_shown_again(signed_in: Any, make: Make, wrong: dict[str, str]) -> None:
    form = {"unit": make.unit().id, "kind": "closed", "weekday": "5", "valid_from": "01/01/2026"}
    form |= {"name": "Nghỉ riêng", "document_number": "12/QĐ", "reason": "theo quyết định"}

    response = signed_in("administrator").post("/calendar/exceptions", data={**form, **wrong})

    assert response.status_code == 422
    assert "Nghỉ riêng" in response.text


def test_a_version_tells_what_it_changed(signed_in: Any) -> None:
    first = queries.current_version_id()
    apply(SetDay(SWAP), reason="công văn 1")
    apply(RemoveDay(date(2023, 9, 4)), reason="nhầm")
    last = queries.current_version_id()
    officer = signed_in("officer")

    before = officer.get(f"/calendar/versions/{last}").text
    since_first = officer.get(f"/calendar/versions/{last}?against={first}").text

    assert "04/09/2023" in before and "13/10/2023" not in before
    assert all(day in since_first for day in ("04/09/2023", "13/10/2023", "14/10/2023"))
    assert "công văn 1" in officer.get("/calendar/versions").text
    assert officer.get("/calendar/versions/999").status_code == 404


FILE = """Ngày,Hoán đổi với,Tên gọi,Số văn bản,Ngày văn bản,Văn bản
13/10/2023,14/10/2023,Hoán đổi,12/TB,01/10/2023,
2/9/2023,,Quốc khánh,,,Bộ luật Lao động
16/10/2023,,Không có văn bản,,,
32/10/2023,,Sai ngày,,,x
30/06/2023,,Ngày nghỉ cũ,,,QĐ 1
"""


def upload(client: Any, data: str | bytes, name: str = "lich.csv", **more: str) -> Any:
    content = data.encode() if isinstance(data, str) else data
    return client.post("/calendar/files/new", data={"file": (io.BytesIO(content), name), "reason": "nạp", **more})


def test_a_file_is_shown_row_by_row_before_it_is_applied(signed_in: Any) -> None:
    administrator = signed_in("administrator")
    apply(SetDay(NamedDay(date(2023, 6, 30), DayKind.OFF, "Ngày nghỉ cũ", "QĐ 1")))
    before = queries.current_version_id()

    shown = upload(administrator, FILE)
    page = administrator.get(shown.location).text
    untouched = queries.current_version_id()
    administrator.post(f"{shown.location}/apply", data={"reason": "nạp"})

    assert untouched == before
    assert "Hãy ghi văn bản" in page and "32/10/2023" in page
    assert not queries.current_calendar().is_working(date(2023, 10, 13))
    applied = next(event for event in latest() if event.kind == "calendar.file.applied")
    counts = {name: applied.payload[name] for name in ("new", "changed", "unchanged", "rejected")}
    assert counts == {"new": 2, "changed": 0, "unchanged": 1, "rejected": 2}


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("", "Tệp trống"),
        ("a,b\n1,2\n", "day"),
        ("Ngày,Tên gọi\n", "không có dòng"),
        ('{"days": 3}', "JSON"),
        ("[[", "JSON"),
        (b"\xff\xfe\x00", "UTF-8"),
        (b"PK\x03\x04 broken", "Excel"),
        ("<html><table></table></html>", "Excel"),
        ("Ngày,Tên gọi,Ngày\n1/1/2023,x,y\n", "hai lần"),
    ],
)
def test_a_file_with_a_fault_writes_nothing(signed_in: Any, data: str | bytes, said: str) -> None:
    response = upload(signed_in("administrator"), data)

    assert response.status_code == 422
    assert said in response.text


def test_what_the_list_prints_the_import_takes_back(portal: Any, tmp_path: Any) -> None:
    listed = portal("calendar", "list", "2024")
    path = tmp_path / "2024.json"
    path.write_text(json.dumps(listed.json), encoding="utf-8")

    done = portal("calendar", "import", str(path))

    swap = {row["day"]: row["swap_with"] for row in listed.json["days"] if row["swap_with"]}
    assert swap == {"2024-04-29": "2024-05-04", "2024-05-04": "2024-04-29"}
    assert {name: done.json[name] for name in ("new", "changed", "rejected", "version")} == {
        "new": 0, "changed": 0, "rejected": 0, "version": None,
    }  # fmt: skip
    assert done.json["rows"] == done.json["unchanged"] == len(listed.json["days"])


def test_the_command_imports_once_and_says_why_rows_are_rejected(portal: Any, tmp_path: Any) -> None:
    path = tmp_path / "lich.csv"
    path.write_text(FILE, encoding="utf-8")

    strict = portal("calendar", "import", str(path), "--strict")
    tried = portal("calendar", "import", str(path), "--dry-run")
    first = portal("calendar", "import", str(path), "--reason", "nạp")
    second = portal("calendar", "import", str(path))

    assert (strict.exit_code, strict.json["new"], tried.json["version"]) == (2, 0, None)
    assert (first.exit_code, first.json["new"], first.json["rejected"]) == (0, 3, 2)
    assert [(one["row"], one["column"]) for one in first.json["problems"]] == [(4, "day"), (5, "day")]
    assert (second.json["version"], second.json["unchanged"]) == (None, 3)


def test_a_file_may_open_the_next_year(portal: Any, tmp_path: Any) -> None:
    path = tmp_path / "2027.json"
    path.write_text(json.dumps([{"day": "2027-01-01", "name": "Tết Dương lịch", "document": "BLLĐ"}]), encoding="utf-8")

    refused = portal("calendar", "import", str(path))
    opened = portal("calendar", "import", str(path), "--open-year")

    assert (refused.json["rejected"], opened.json["new"]) == (1, 1)
    assert portal("calendar", "list", "2027").json["open"]


def test_halves_of_a_swap_that_disagree_are_rejected(portal: Any, tmp_path: Any) -> None:
    rows = [
        {"day": "2023-10-13", "name": "Nghỉ", "document": "TB", "swap_with": "2023-10-14"},
        {"day": "2023-10-14", "kind": "make_up", "name": "Bù", "document": "TB", "swap_with": "2023-10-13"},
        {"day": "2023-10-13", "kind": "off", "name": "Nghỉ hẳn", "document": "TB"},
    ]
    path = tmp_path / "x.json"
    path.write_text(json.dumps(rows), encoding="utf-8")

    done = portal("calendar", "import", str(path))

    assert [done.json[name] for name in ("new", "unchanged", "rejected")] == [1, 1, 1]
    assert "Dòng 1" in done.json["problems"][0]["reason"]
