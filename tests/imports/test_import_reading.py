"""Reading files in the guarded child: every kind of list, and all that must be refused while the process lives."""

from __future__ import annotations

import re
import unicodedata
import zipfile
from datetime import datetime
from pathlib import Path

import pytest
import xlsxwriter

from portal.imports import reading
from portal.imports.listing import Listed, list_of
from portal.imports.messages import REFUSALS
from portal.imports.moments import MARK
from portal.imports.reading import FileFault, read
from portal.imports.rules import Fact
from tests.imports.lists import HEADINGS, OFFICER, UNIT, open_row, row, text, workbook, write_rows


def listed(path: Path) -> Listed:
    return list_of(read(path, path.name))


def fault_of(path: Path, seconds: float = 60) -> str:
    with pytest.raises(FileFault) as caught:
        list_of(read(path, path.name, seconds))
    return caught.value.reason


def column(found: Listed, fact: Fact) -> list[object]:
    return list(found.columns[fact])


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1258"])
def test_text_files_of_offices(tmp_path: Path, encoding: str, delimiter: str) -> None:
    rows = [row(), open_row("0001", applicant="Nguyễn, Văn; An")]
    if encoding == "cp1258":
        rows = [[decomposed(cell) for cell in line] for line in rows]
        headings = tuple(decomposed(heading) for heading in HEADINGS)
    else:
        headings = HEADINGS
    path = text(tmp_path / "list.csv", rows, encoding=encoding, delimiter=delimiter, headings=headings)

    found = listed(path)

    assert found.header.as_mapping()["unit"] == "Cơ quan giải quyết"
    assert found.numbers == [2, 3]
    assert column(found, Fact.CODE) == ["H16.25-231002-0001", "0001"]


def decomposed(cell: str) -> str:
    """Windows-1258 has the letters of the alphabet and tones apart."""
    tones = {"\u0300", "\u0301", "\u0303", "\u0309", "\u0323"}
    whole = ""
    for letter in unicodedata.normalize("NFC", cell):
        parts = unicodedata.normalize("NFD", letter)
        tone = "".join(part for part in parts if part in tones)
        whole += unicodedata.normalize("NFC", "".join(part for part in parts if part not in tones)) + tone
    return whole


def test_excel_row_numbers_count_blank_rows_and_quoted_line_breaks(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    lines = [
        "DANH SÁCH",
        "",
        "Mã hồ sơ,Ngày nhận,Hẹn trả,Cơ quan",
        '"A\n1",02/10/2023,10/10/2023,X',
        "",
        "B2,02/10/2023,,X",
    ]
    path.write_text("\r\n".join(lines), encoding="utf-8", newline="")

    assert listed(path).numbers == [4, 6]


@pytest.mark.parametrize(
    "total",
    [
        "Tổng cộng,2,,,",
        "Tổng cộng,,2,2,",
        "TỔNG SỐ: 2 hồ sơ,,,,",
        ",Tổng cộng,2,1,",
        ",Tổng số 2 hồ sơ,,,",
        "Cộng,2,2,2,2",
    ],
)
def test_a_total_is_no_row_wherever_it_writes_its_sums(tmp_path: Path, total: str) -> None:
    path = tmp_path / "list.csv"
    lines = [
        "STT,Mã hồ sơ,Ngày nhận,Hẹn trả,Cơ quan",
        "1,A1,02/10/2023,10/10/2023,Tổng công ty Điện lực",
        ",TONG-2,02/10/2023,10/10/2023,X",
        total,
    ]
    path.write_text("\r\n".join(lines), encoding="utf-8", newline="")

    assert listed(path).numbers == [2, 3]


def test_a_hint_line_of_excel_is_no_row(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("sep=;\r\nMã hồ sơ;Ngày nhận;Hẹn trả;Cơ quan\r\nA1;02/10/2023;10/10/2023;X,Y\r\n", encoding="utf-8")

    assert listed(path).numbers == [2]


@pytest.mark.parametrize("cut", ['"A2', 'A2,"02/10/2023'])
def test_a_quote_that_is_never_closed_swallows_no_rows(tmp_path: Path, cut: str) -> None:
    path = tmp_path / "list.csv"
    lines = ["Mã hồ sơ,Ngày nhận,Hẹn trả,Cơ quan", "A1,02/10/2023,10/10/2023,X", cut, "A3,02/10/2023,10/10/2023,X"]
    path.write_text("\r\n".join(lines), encoding="utf-8", newline="")

    assert fault_of(path) == "broken_text"


def test_workbook_with_titles_groups_numbering_total_and_signatures(tmp_path: Path) -> None:
    path = tmp_path / "list.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("Sheet1")
    sheet.merge_range(0, 0, 0, 6, "DANH SÁCH HỒ SƠ")
    sheet.merge_range(2, 0, 3, 0, "STT")
    sheet.merge_range(2, 1, 3, 1, "Mã hồ sơ")
    sheet.merge_range(2, 2, 2, 4, "Thời gian")
    sheet.merge_range(2, 5, 3, 5, "Đơn vị xử lý")
    sheet.merge_range(2, 6, 3, 6, "Cán bộ thụ lý")
    sheet.write_row(3, 2, ["Tiếp nhận", "Hẹn trả", "Kết thúc"])
    sheet.write_row(4, 0, ["(1)", "(2)", "(3)", "(4)", "(5)", "(6)", "(7)"])
    sheet.write_row(5, 0, ["I. Lĩnh vực đất đai"])
    sheet.write_row(6, 0, [1, "00123", "02/10/2023", "10/10/2023", "", UNIT, OFFICER])
    sheet.write_row(8, 0, [2, "00124", "02/10/2023", "10/10/2023", "", UNIT, OFFICER])
    sheet.write_row(9, 0, ["Tổng cộng: 2", "", "", "", "", ""])
    sheet.write_row(11, 1, ["NGƯỜI LẬP BIỂU", "", "", "", "THỦ TRƯỞNG ĐƠN VỊ"])
    sheet.write_row(15, 1, ["Lê Thị Hoa", "", "", "", "Y Krông"])
    book.close()

    found = listed(path)

    assert found.numbers == [7, 9]
    assert column(found, Fact.CODE) == ["00123", "00124"]
    assert found.header.rows == (3, 4)


def test_date_cells_come_with_their_time_and_midnight_without(tmp_path: Path) -> None:
    path = workbook(tmp_path / "l.xlsx", [row(received=datetime(2023, 10, 2, 8, 5), due=datetime(2023, 10, 10))])

    found = listed(path)

    assert column(found, Fact.RECEIVED) == [f"{MARK}2023-10-02T08:05:00"]
    assert column(found, Fact.DUE) == [f"{MARK}2023-10-10"]


def test_a_list_that_does_not_begin_in_the_corner(tmp_path: Path) -> None:
    path = workbook(tmp_path / "l.xlsx", [["", "", *row()]], headings=["", "", *HEADINGS], above=[[], [], []])

    found = listed(path)

    assert found.numbers == [5]
    assert column(found, Fact.UNIT) == [UNIT]


def test_hidden_sheets_and_sheets_of_something_else_are_passed_over(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(str(tmp_path / "l.xlsx"))
    write_rows(book, book.add_worksheet("Ghi chú"), [["Xin chào"]])
    hidden = book.add_worksheet("Ẩn")
    write_rows(book, hidden, [HEADINGS, row("HIDDEN-1")])
    hidden.hide()
    write_rows(book, book.add_worksheet("Hồ sơ"), [HEADINGS, row("SEEN-1")])
    book.close()

    assert column(listed(tmp_path / "l.xlsx"), Fact.CODE) == ["SEEN-1"]


def test_two_lists_in_one_workbook_are_refused(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(str(tmp_path / "l.xlsx"))
    for name in ("Đúng hạn", "Trễ hạn"):
        write_rows(book, book.add_worksheet(name), [HEADINGS, row()])
    book.close()

    assert fault_of(tmp_path / "l.xlsx") == "several_sheets"


def test_headings_nobody_knows_are_asked_about_and_read_as_answered(tmp_path: Path) -> None:
    headings = ("Cột 1", "Cột 2", "Cột 3", "Cột 4", "Cột 5", "Cột 6", "Cột 7", "Cột 8", "Cột 9", "Cột 10")
    path = workbook(
        tmp_path / "l.xlsx", [row(f"H16.25-231002-{n:04d}") for n in range(9)], headings=headings, above=[[]]
    )

    asked = listed(path)
    chosen = {Fact.CODE: 1, Fact.RECEIVED: 4, Fact.DUE: 5, Fact.UNIT: 8}
    answered = list_of(read(path, path.name), chosen=chosen)

    assert (asked.header.is_sure, asked.header.rows, len(asked)) == (False, (2,), 0)
    assert answered.numbers == list(range(3, 12))
    assert column(answered, Fact.UNIT) == [UNIT] * 9


# --- refusals


def test_every_refusal_of_a_file_has_words() -> None:
    folder = Path(reading.__file__).parent
    texts = [(folder / name).read_text() for name in ("child.py", "reading.py", "listing.py", "actions.py")]
    codes = {code for text in texts for code in re.findall(r"Fault\(\s*\"(\w+)\"", text)}

    assert len(codes) > 20
    assert {code for code in codes if f"imports.{code}" not in REFUSALS} == set()


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.xlsx", b"", "empty_file"),
        ("a.csv", b"\xef\xbb\xbf \r\n ", "empty_file"),
        ("a.pdf", b"%PDF-1.7", "wrong_type"),
        ("a.xlsx", b"%PDF-1.7 ...", "wrong_type"),
        ("a.csv", b"\x89PNG\r\n\x1a\n....", "wrong_type"),
        ("a.csv", b"Ma,Ten\r\n\x00\x01\x02\x03bin,ary\r\n" * 9, "wrong_type"),
        ("a.xlsx", b"this is no workbook at all", "not_a_workbook"),
        ("a.xlsx", b"PK\x03\x04 cut off in the middle", "broken_zip"),
        ("a.xls", b"<html><body><table><tr><td>x</td></tr></table>", "html_table"),
        ("a.xls", b"\xef\xbb\xbf<?xml version='1.0'?><Workbook/>", "html_table"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "broken_workbook"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
        ("a.csv", b"a,b,c\r\n1,2,3\r\n", "no_header"),
        ("a.csv", ",".join(HEADINGS).encode(), "no_rows"),
        ("a.csv", b"x" * 300_000, "broken_text"),
        ("a.csv", b'a,"' + b"x" * 300_000, "broken_text"),
        ("a.csv", b"a\xd2\xff\x8d\x8e,b\r\n", "bad_encoding"),
    ],
)
def test_what_is_no_list_is_refused_with_a_reason(tmp_path: Path, name: str, content: bytes, reason: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)

    assert fault_of(path) == reason


def rewritten(path: Path, change: dict[str, bytes], extra: dict[str, bytes] | None = None) -> Path:
    """A workbook with some members changed or added."""
    target = path.with_name("changed.xlsx")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change.get(name, old.read(name)))
        for name, data in (extra or {}).items():
            new.writestr(name, data)
    return target


def sheet_xml(cells: str, dimension: str = "A1:B2") -> bytes:
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return (
        f'<?xml version="1.0"?><worksheet xmlns="{main}"><dimension ref="{dimension}"/>'
        f"<sheetData>{cells}</sheetData></worksheet>"
    ).encode()


@pytest.mark.parametrize(
    "sheet",
    [
        sheet_xml('<row r="1"><c r="A1"><v>1</v></c></row>', "A1:BDWGN1048576"),
        sheet_xml('<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'),
        sheet_xml('<row r="1"><c r="A1"><v>1</v></c><c r="BDWGN1"><v>1</v></c></row>'),
        sheet_xml('<row r="1"><c r="A1"><v>1</v></c><c r="XFD1"><v>1</v></c></row>'),
    ],
    ids=["claimed in the head", "the far corner", "a column that cannot be", "one far column"],
)
def test_a_small_sheet_that_claims_a_million_columns(tmp_path: Path, sheet: bytes) -> None:
    path = rewritten(workbook(tmp_path / "l.xlsx", [row()]), {"xl/worksheets/sheet1.xml": sheet})
    assert path.stat().st_size < 10_000

    assert fault_of(path) in ("sheet_too_large", "too_wide", "broken_workbook")


def test_a_claim_of_many_rows_alone_is_no_fault(tmp_path: Path) -> None:
    plain = workbook(tmp_path / "l.xlsx", [row()])
    with zipfile.ZipFile(plain) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
    path = rewritten(plain, {"xl/worksheets/sheet1.xml": sheet.replace(b'ref="A1:J2"', b'ref="A1:J1048576"')})

    assert len(listed(path)) == 1


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = rewritten(workbook(tmp_path / "l.xlsx", [row()]), {}, {"xl/media/a.bin": b"\0" * (40 << 20)})
    assert path.stat().st_size < 100_000

    assert fault_of(path) == "inflates_too_much"


def test_a_workbook_of_a_thousand_parts_or_with_a_macro_is_refused(tmp_path: Path) -> None:
    plain = workbook(tmp_path / "l.xlsx", [row()])

    assert fault_of(rewritten(plain, {}, {f"xl/x{n}.xml": b"x" for n in range(1_000)})) == "too_many_members"
    assert fault_of(rewritten(plain, {}, {"xl/vbaProject.bin": b"x"})) == "has_macro"


def test_a_zip_of_something_else_is_the_wrong_type(tmp_path: Path) -> None:
    path = tmp_path / "letter.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("word/document.xml", "<x/>")

    assert fault_of(path) == "wrong_type"


def test_damage_inside_a_workbook_is_a_refusal(tmp_path: Path) -> None:
    path = rewritten(
        workbook(tmp_path / "l.xlsx", [row()]), {"xl/worksheets/sheet1.xml": b"<worksheet><sheetData><row"}
    )

    assert fault_of(path) in ("broken_workbook", "no_header")


def test_a_child_that_takes_too_long_is_stopped(tmp_path: Path) -> None:
    assert fault_of(workbook(tmp_path / "l.xlsx", [row()]), seconds=0.0) == "too_slow"


def test_a_file_over_the_limit_is_not_even_opened(tmp_path: Path) -> None:
    path = tmp_path / "l.csv"
    with path.open("wb") as file:
        file.truncate((64 << 20) + 1)

    assert fault_of(path) == "too_large"
