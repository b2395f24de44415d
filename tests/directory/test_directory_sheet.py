"""Reading a directory file: shapes of text and dates, and what is wrong with which row."""

from __future__ import annotations

from datetime import date

import pytest

from portal.directory.sheet import Sheet, SheetFault, day_of, read_sheet

ROLES = ["officer", "head"]
HEADER = (
    "unit_code,unit_name,reports_in,managed_by,unit_kind,unit_from,unit_to,"
    "person_code,full_name,person_kind,email,position,role,from,to"
)
TOWN = "TT,Thị trấn Đắk Mâm,KN,KN,commune,,,P1,Nguyễn Thị Ánh,công chức,,Chuyên viên,officer,01/02/2021,"
DISTRICT = "KN,Huyện Krông Nô,,,district,2019-01-01,,,,,,,,,"


def read(*rows: str, header: str = HEADER) -> Sheet:
    return read_sheet("\n".join([header, *rows]).encode(), ROLES)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_separators_marks_and_line_ends(separator: str, encoding: str, line_end: str) -> None:
    text = line_end.join([HEADER, TOWN, DISTRICT]).replace(",", separator)

    sheet = read_sheet(text.encode(encoding), ROLES)

    town, district = sheet.entries
    assert not sheet.problems
    assert town.unit and town.unit.reports_in == town.unit.managed_by == "KN"
    assert town.person and town.person.full_name == "Nguyễn Thị Ánh" and town.person.kind == "cong_chuc"
    assert town.posting and town.posting.valid_from == date(2021, 2, 1)
    assert district.person is None and district.unit and district.unit.reports_in is None


def test_an_empty_parent_is_a_root_on_its_own_line() -> None:
    [unit] = read("NHCS,Chi nhánh NHCSXH,KN,,branch,,,,,,,,,,").entries

    assert unit.unit and (unit.unit.reports_in, unit.unit.managed_by) == ("KN", None)


def test_without_the_column_both_lines_have_one_parent() -> None:
    [unit] = read("TT,Thị trấn Đắk Mâm,KN,commune", header="unit_code,unit_name,reports_in,unit_kind").entries

    assert unit.unit and (unit.unit.reports_in, unit.unit.managed_by) == ("KN", "KN")


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2023-10-16", date(2023, 10, 16)),
        ("16/10/2023", date(2023, 10, 16)),
        ("6/1/2023", date(2023, 1, 6)),
        ("16.10.2023", date(2023, 10, 16)),
        ("2023-10-16 00:00:00", date(2023, 10, 16)),
        ("31/02/2023", None),
        ("10/16/2023", None),
        ("2023", None),
        ("16/10/23", None),
        ("16/10/0023", None),
    ],
)
def test_days(text: str, day: date | None) -> None:
    assert day_of(text) == day


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"  \n ", "empty"),
        (HEADER.encode(), "no_rows"),
        (HEADER.encode("utf-16"), "not_text"),
        (b"PK\x03\x04\x00\x00", "not_text"),
        (("Đắk Nông," + HEADER).encode("cp1258", "ignore") + b"\xd0\xff", "not_text"),
        (HEADER.replace("unit_kind", "kind").encode() + b"\nx", "missing_column"),
        (HEADER.replace("unit_to", "unit_code").encode() + b"\nx", "twice_column"),
        (HEADER.encode() + b'\nKN,"Huy', "broken"),
    ],
)
def test_faults_of_the_whole_file(data: bytes, code: str) -> None:
    with pytest.raises(SheetFault) as fault:
        read_sheet(data, ROLES)

    assert fault.value.code == code


@pytest.mark.parametrize(
    ("change", "column", "code"),
    [
        (("TT,", ","), "unit_code", "needed"),
        (("commune", "city"), "unit_kind", "unit_kind"),
        (("commune", ""), "unit_kind", "needed"),
        (("officer", "boss"), "role", "role"),
        (("officer", ""), "role", "needed"),
        (("Nguyễn Thị Ánh", ""), "full_name", "needed"),
        (("01/02/2021", "2021-13-01"), "from", "not_a_day"),
        (("01/02/2021,", "01/02/2021,2020-01-01"), "to", "order"),
        (("công chức", "robot"), "person_kind", "person_kind"),
        (("Thị trấn", "Thị trấn" * 50), "unit_name", "too_long"),
    ],
)
def test_faults_of_a_row_name_row_column_and_value(change: tuple[str, str], column: str, code: str) -> None:
    sheet = read(DISTRICT, TOWN.replace(*change))

    problem = sheet.problems[0]
    assert (problem.row, problem.column, problem.code) == (3, column, code)
    assert [entry.row for entry in sheet.entries] == [2]


def test_rows_are_numbered_as_excel_does_even_after_blank_lines() -> None:
    sheet = read(DISTRICT, "", ",,,,", TOWN.replace("officer", "boss"))

    assert sheet.problems[0].row == 5


def test_a_row_that_contradicts_an_earlier_one_is_rejected() -> None:
    sheet = read(
        DISTRICT, TOWN, TOWN.replace("Đắk Mâm", "Khác"), TOWN.replace("Ánh", "Anh"), TOWN.replace("viên", "gia")
    )

    assert [(problem.row, problem.code) for problem in sheet.problems] == [
        (4, "unit_differs"),
        (5, "person_differs"),
        (6, "posting_differs"),
    ]


def test_a_row_may_only_name_its_unit() -> None:
    sheet = read(DISTRICT, "KN,,,,,,,P2,Lê Văn Bê,,,Chủ tịch,head,,")

    assert not sheet.problems
    assert sheet.entries[1].unit is None


def test_unknown_columns_and_odd_addresses_are_remarks() -> None:
    sheet = read(TOWN.replace(",,Chuyên", ",khong-phai-thu,Chuyên") + ",x", header=HEADER + ",phone")

    assert [(warning.row, warning.code) for warning in sheet.warnings] == [(1, "unknown_column"), (2, "email")]
    assert sheet.entries[0].person and sheet.entries[0].person.email is None


def test_the_clerk_column() -> None:
    sheet = read(
        TOWN + ",x", TOWN.replace("P1", "P2") + ",", TOWN.replace("P1", "P3") + ",maybe", header=HEADER + ",clerk"
    )

    assert [entry.posting.is_clerk for entry in sheet.entries if entry.posting] == [True, False]
    assert sheet.problems[0].code == "clerk"
