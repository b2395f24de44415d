"""Property: a list of cases reads back exactly from any layout, encoding, separator and style of dates."""

from __future__ import annotations

import csv
import io
import string
import tempfile
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from typing import Any

import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.imports.checking import check
from portal.imports.listing import list_of
from portal.imports.reading import read
from portal.imports.rules import Fact
from tests.imports.corpus.files import vietnamese_1258

NOW = datetime(2026, 11, 21, 8, 0)
HEADINGS = {
    Fact.CODE: ("Mã hồ sơ", "Số hồ sơ", "SỐ BIÊN NHẬN", "Mã số hồ sơ (*)"),
    Fact.RECEIVED: ("Ngày tiếp nhận", "Ngày nhận", "Thời gian tiếp nhận"),
    Fact.DUE: ("Ngày hẹn trả", "Hạn trả kết quả", "Hẹn trả"),
    Fact.FINISHED: ("Ngày kết thúc xử lý", "Ngày có kết quả"),
    Fact.UNIT: ("Cơ quan giải quyết", "Đơn vị xử lý"),
    Fact.OFFICER: ("Cán bộ thụ lý", "Người xử lý"),
    Fact.APPLICANT: ("Chủ hồ sơ", "Người nộp hồ sơ"),
}
EXTRA = ("STT", "Ghi chú", "Số điện thoại", "Mức độ")
UNITS = ("UBND xã Nâm N'Đir", "UBND xã Ea Pô", "Chi nhánh Văn phòng đăng ký đất đai", "Phòng Tư pháp; Hộ tịch")
NAMES = ("Hoàng Thị Mơ", "Y Krông Niê", 'Nguyễn "Tí" Văn', "H'Blŭk, Ê Ban", "Đỗ Ngọc Ánh|Lê")


@dataclass(frozen=True)
class Moment:
    """A moment of a case, with or without a time of day."""

    at: datetime
    has_clock: bool


def moments(first: datetime, last: datetime) -> st.SearchStrategy[Moment]:
    def shaped(at: datetime, has_clock: bool) -> Moment:
        has_clock = has_clock and at.time().replace(second=0, microsecond=0) != time.min
        return Moment(at.replace(second=0, microsecond=0) if has_clock else datetime.combine(at, time.min), has_clock)

    return st.builds(shaped, st.datetimes(first, last), st.booleans())


codes = st.text(string.ascii_uppercase + string.digits + ".-/", min_size=1, max_size=16).map(lambda text: f"H{text}1")
cases = st.lists(
    st.fixed_dictionaries(
        {
            Fact.CODE: codes,
            Fact.RECEIVED: moments(datetime(2023, 1, 1), datetime(2023, 3, 31)),
            Fact.DUE: moments(datetime(2023, 4, 2), datetime(2024, 12, 30)),
            Fact.FINISHED: st.none() | moments(datetime(2023, 4, 2), datetime(2025, 12, 30)),
            Fact.UNIT: st.sampled_from(UNITS),
            Fact.OFFICER: st.sampled_from(NAMES) | st.just(""),
            Fact.APPLICANT: st.sampled_from(NAMES),
        }
    ),
    min_size=1,
    max_size=25,
    unique_by=lambda case: case[Fact.CODE],
)
STYLES = {
    "point": ("%d.%m.%Y", "%d.%m.%Y %H:%M"),
    "stroke": ("%d/%m/%Y", "%d/%m/%Y %H:%M:%S"),
    "iso": ("%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"),
    "office": ("%d/%m/%Y", "%Hh%M ngày %d/%m/%Y"),
    "compact": ("%Y%m%d", "%Y%m%d%H%M%S"),
    "cell": ("", ""),
    "serial": ("", ""),
}
layouts = st.fixed_dictionaries(
    {
        "order": st.permutations([*Fact.__members__.values()]),
        "headings": st.integers(0, 1_000),
        "titles": st.integers(0, 5),
        "extra": st.sets(st.sampled_from(EXTRA)),
        "numbering": st.booleans(),
        "total": st.booleans(),
        "blank_every": st.integers(0, 4),
        "repeat_every": st.integers(0, 9),
        "style": st.sampled_from(list(STYLES)),
        "kind": st.sampled_from(("xlsx", "csv")),
        "delimiter": st.sampled_from((",", ";", "\t", "|")),
        "encoding": st.sampled_from(("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be")),
        "corner": st.tuples(st.integers(0, 3), st.integers(0, 3)),
    }
)


def cell_of(moment: Moment | None, style: str, kind: str) -> Any:
    """A moment as this file writes it."""
    if moment is None:
        return ""
    if style == "serial":
        days = (moment.at - datetime(1899, 12, 30)).total_seconds() / 86_400
        return days if kind == "xlsx" else f"{days:.6f}" if moment.has_clock else f"{days:.0f}"
    if style == "cell" and kind == "xlsx":
        return moment.at
    return moment.at.strftime(STYLES["stroke" if style == "cell" else style][moment.has_clock])


def table_of(found: list[dict[Fact, Any]], layout: dict[str, Any]) -> tuple[list[list[Any]], dict[str, int]]:
    """The rows of the file, and where each code stands among them."""
    facts = [fact for fact in layout["order"] if fact in HEADINGS]
    columns: list[Any] = [*facts, *sorted(layout["extra"])]
    names = {fact: HEADINGS[fact][layout["headings"] % len(HEADINGS[fact])] for fact in facts}
    header = [names.get(column, column) for column in columns]
    rows: list[list[Any]] = [[f"DANH SÁCH {n}"] for n in range(layout["titles"])]
    rows.append(header)
    if layout["numbering"]:
        rows.append([f"({n})" for n in range(1, len(columns) + 1)])
    places = {}
    for n, case in enumerate(found, start=1):
        if layout["blank_every"] and n % layout["blank_every"] == 0:
            rows.append([])
        if layout["repeat_every"] and n % layout["repeat_every"] == 0:
            rows.append(header)
        cells = {
            fact: cell_of(value, layout["style"], layout["kind"])
            if isinstance(value, Moment) or value is None
            else value
            for fact, value in case.items()
        }
        rows.append([cells.get(column, str(n)) for column in columns])
        places[case[Fact.CODE]] = len(rows)
    if layout["total"]:
        rows.append(["Tổng cộng", str(len(found))])
    return rows, places


def write(path: Path, rows: list[list[Any]], layout: dict[str, Any]) -> tuple[Path, int]:
    """The file, and how many rows stand above its first."""
    if layout["kind"] == "csv":
        written = io.StringIO()
        csv.writer(written, delimiter=layout["delimiter"], lineterminator="\r\n").writerows(rows)
        path = path / "list.csv"
        path.write_bytes(written.getvalue().encode(layout["encoding"]))
        return path, 0
    top, left = layout["corner"]
    book = xlsxwriter.Workbook(str(path / "list.xlsx"), {"strings_to_formulas": False})
    sheet = book.add_worksheet()
    shown = book.add_format({"num_format": "dd/mm/yyyy hh:mm"})
    for line, row in enumerate(rows, start=top):
        for column, cell in enumerate(row, start=left):
            if isinstance(cell, datetime):
                sheet.write_datetime(line, column, cell, shown)
            elif cell != "":
                sheet.write(line, column, cell)
    book.close()
    return path / "list.xlsx", top


@given(found=cases, layout=layouts)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_list_reads_back_exactly_from_any_layout(found: list[dict[Fact, Any]], layout: dict[str, Any]) -> None:
    rows, places = table_of(found, layout)
    with tempfile.TemporaryDirectory() as folder:
        path, above = write(Path(folder), rows, layout)
        checked = check(list_of(read(path, path.name)), now=NOW)

    assert checked.rejected == []
    back = {draft.code: draft for draft in checked.drafts}
    assert {code: draft.row - above for code, draft in back.items()} == places
    for case in found:
        draft = back[case[Fact.CODE]]
        for fact in (Fact.UNIT, Fact.OFFICER, Fact.APPLICANT):
            assert draft.text(fact) == case[fact]
        for fact in (Fact.RECEIVED, Fact.DUE, Fact.FINISHED):
            moment = draft.moments.get(fact)
            expected = case[fact]
            assert (moment and (moment.at, moment.has_clock)) == (expected and (expected.at, expected.has_clock))


@given(found=cases)
@settings(max_examples=8, deadline=None)
def test_a_list_in_windows_1258_reads_back_composed(found: list[dict[Fact, Any]]) -> None:
    found = [{**case, Fact.APPLICANT: "Đỗ Ngọc Ánh", Fact.OFFICER: ""} for case in found]
    layout = {"order": list(HEADINGS), "headings": 0, "titles": 0, "extra": (), "numbering": False, "total": False,
              "blank_every": 0, "repeat_every": 0, "style": "stroke", "kind": "csv"}  # fmt: skip
    rows, _ = table_of(found, layout)
    written = "\r\n".join(";".join(f'"{vietnamese_1258(str(cell))}"' for cell in row) for row in rows)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "list.csv"
        path.write_bytes(written.encode("cp1258"))
        checked = check(list_of(read(path, path.name)), now=NOW)

    assert [(draft.code, draft.text(Fact.UNIT)) for draft in checked.drafts] == [
        (case[Fact.CODE], case[Fact.UNIT]) for case in found
    ]
    assert {draft.text(Fact.APPLICANT) for draft in checked.drafts} == {"Đỗ Ngọc Ánh"}
