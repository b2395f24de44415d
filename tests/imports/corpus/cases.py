"""The corpus: files as they come, nasty ones among them, each with what must become of it, written by hand.

``rows`` says for each accepted row of the file (its number as Excel shows it) what was read: code, receipt, due, finish,
the resolving unit where it is not ``U``. ``rejected`` names row, column as headed, the value as it stands and the code
of the reason. ``refused`` is the code of a file that is not taken, ``where`` what the refusal must say besides.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from tests.imports.corpus.files import (
    BINARY,
    HEAD,
    MAIN,
    RELATIONS,
    STRICT,
    O,
    U,
    case,
    changed,
    lying_about_size,
    open_document,
    raw,
    sheet_xml,
    text,
    vietnamese_1258,
    with_record,
    xlsx,
    zipped,
)


@dataclass(frozen=True)
class Expected:
    """One file of the corpus."""

    name: str
    build: Callable[[], bytes]
    rows: Mapping[int, str] = field(default_factory=dict)
    rejected: Mapping[int, tuple[str, str, str]] = field(default_factory=dict)
    refused: str | tuple[str, ...] = ""
    where: Mapping[str, Any] = field(default_factory=dict)
    sheet: str | None = None


def kept(name: str) -> Callable[[], bytes]:
    """A file that LibreOffice wrote."""
    return (BINARY / name).read_bytes


TWO = [HEAD, case("A-1"), case("A-2", "03/10/2023 08:05", "11/10/2023 17:00", "09/10/2023 15:30")]
READ = {2: "A-1 | 02/10/2023 | 10/10/2023 | –", 3: "A-2 | 03/10/2023 08:05 | 11/10/2023 17:00 | 09/10/2023 15:30"}
ONE = {2: "A-1 | 02/10/2023 | 10/10/2023 | –"}
RECEIVED, DUE, END = HEAD[1], HEAD[2], HEAD[3]


def received(*cells: Any) -> bytes:
    """A text file whose rows differ in the receipt only."""
    return text([HEAD, *[case(f"A-{n}", cell, "") for n, cell in enumerate(cells, start=2)]], ";")


def headed(*rows: list[Any], **more: Any) -> Callable[[], bytes]:
    """A text file under the usual header."""
    return lambda: text([HEAD, *rows], **more)


# fmt: off
TEXT = (
    Expected("utf8-comma.csv", lambda: text(TWO), READ),
    Expected("utf8-mark-semicolon.csv", lambda: text(TWO, ";", mark=b"\xef\xbb\xbf"), READ),
    Expected("utf16le-mark-tab.txt", lambda: text(TWO, "\t", "utf-16-le", b"\xff\xfe"), READ),
    Expected("utf16be-mark.csv", lambda: text(TWO, ",", "utf-16-be", b"\xfe\xff"), READ),
    Expected("utf16le-bare.csv", lambda: text(TWO, ";", "utf-16-le"), READ),
    Expected("utf16be-bare.tsv", lambda: text(TWO, "\t", "utf-16-be"), READ),
    Expected("pipe.csv", lambda: text(TWO, "|"), READ),
    Expected(
        "windows-1258.csv",
        lambda: text([[vietnamese_1258(str(cell)) for cell in row] for row in TWO], ";", "cp1258"),
        READ,
    ),
    Expected("decomposed.csv", lambda: text([HEAD, case("A-1", unit="UBND xa\u0303 Ea Po\u0302")]), ONE),
    Expected("hint.csv", lambda: b"sep=;\r\n" + text(TWO, ";"), READ),
    Expected("hint-quoted.csv", lambda: b'"sep=|"\r\n' + text(TWO, "|"), READ),
    Expected("old-macintosh.csv", lambda: text(TWO, line="\r"), READ),
    Expected("unix.csv", lambda: text(TWO, line="\n"), READ),
    Expected("blank-lines.csv", lambda: text([TWO[0], [], TWO[1], [",,,"], ["   "], TWO[2]]), {3: READ[2], 6: READ[3]}),
    Expected("ragged.csv", lambda: text([[*HEAD, "", ""], case("A-1")[:5], [*case("A-2"), "", "", "lạc"]]),
             {**ONE, 3: "A-2 | 02/10/2023 | 10/10/2023 | –"}),
    Expected("quoted-break.csv", headed(case('"A-1"', unit='"UBND xã\r\nEa Pô"'), case("A-2")),
             {**ONE, 3: "A-2 | 02/10/2023 | 10/10/2023 | –"}),
    Expected("quote-never-closed.csv", headed(case("A-1"), case('"A-2'), case("A-3")), refused="broken_text", where={"row": 3}),
    Expected("spaces-of-all-kinds.csv", headed(case("\u00a0A-1\u200b "), case("A\u200d-2\u00a0\ufeff")),
             {**ONE, 3: "A-2 | 02/10/2023 | 10/10/2023 | –"}),
    Expected("codes-stay-text.csv", headed(case("1.234"), case("000123"), case("'0045"), case("H16.25.08-231002-0001")),
             {2: "1.234 | 02/10/2023 | 10/10/2023 | –", 3: "000123 | 02/10/2023 | 10/10/2023 | –",
              4: "'0045 | 02/10/2023 | 10/10/2023 | –", 5: "H16.25.08-231002-0001 | 02/10/2023 | 10/10/2023 | –"}),
    Expected("code-mangled.csv", headed(case("1.23457E+15"), case("A-1")), {3: ONE[2]},
             {2: ("Mã hồ sơ", "1.23457E+15", "code_mangled")}),
    Expected("formula-texts.csv", headed(case("A-1", unit="=cmd|' /C calc'!A0"), case("A-2", unit="@SUM(1)")),
             {2: "A-1 | 02/10/2023 | 10/10/2023 | – | =cmd|' /C calc'!A0", 3: "A-2 | 02/10/2023 | 10/10/2023 | – | @SUM(1)"}),
    Expected("header-in-row-71.csv", lambda: text([*[[f"Dòng giới thiệu {n}"] for n in range(70)], *TWO]),
             {72: READ[2], 73: READ[3]}),
    Expected("header-in-row-251.csv", lambda: text([*[[f"Dòng giới thiệu {n}"] for n in range(250)], *TWO]),
             refused="no_header"),
    Expected("header-on-each-page.csv", headed(case("A-1"), HEAD, case("A-2")),
             {2: ONE[2], 4: "A-2 | 02/10/2023 | 10/10/2023 | –"}),
    Expected("printed-list.csv", lambda: text([
        ["UBND HUYỆN KRÔNG NÔ"], [], ["DANH SÁCH HỒ SƠ"], HEAD, ["(1)", "(2)", "(3)", "(4)", "(5)", "(6)"],
        ["I. Lĩnh vực đất đai"], case("A-1"), ["II. Lĩnh vực hộ tịch"], case("A-2"), ["Tổng cộng: 2 hồ sơ"], [],
        ["", "NGƯỜI LẬP BIỂU", "", "", "THỦ TRƯỞNG ĐƠN VỊ"], ["", "Lê Hoa", "", "", "Y Krông"]]),
        {7: ONE[2], 9: "A-2 | 02/10/2023 | 10/10/2023 | –"}),
    Expected("header-of-two-rows.csv", lambda: text([
        ["Mã hồ sơ", "Thời gian", "", "", "Cơ quan giải quyết", "Cán bộ thụ lý"], ["", "Tiếp nhận", "Hẹn trả", "Kết thúc"],
        case("A-1")]), {3: ONE[2]}),
    Expected("header-of-three-rows.csv", lambda: text([
        ["Mã hồ sơ", "Quá trình", "", "", "Cơ quan giải quyết", "Cán bộ thụ lý"], ["", "Thời gian"],
        ["", "Tiếp nhận", "Hẹn trả", "Kết thúc"], case("A-1")]), {4: ONE[2]}),
    Expected("exotic-moments.csv", lambda: received(
        "16h30 02/10/2023", "16:30 ngày 02/10/2023", "02/10/2023 4:30 CH", "02/10/2023 16:30 CH", "02/10/2023 12:15 SA",
        "16 giờ 30 phút ngày 2 tháng 10 năm 2023", "20231002163000", "2023-10-02T16:30:00+07:00", "2023-10-02T09:30:00Z",
        "02-Oct-2023", "Thứ hai, 02/10/2023", "2.10.2023", "45201.6875", "02/10/23"),
        {2: "A-2 | 02/10/2023 16:30 | – | –", 3: "A-3 | 02/10/2023 16:30 | – | –", 4: "A-4 | 02/10/2023 16:30 | – | –",
         5: "A-5 | 02/10/2023 16:30 | – | –", 6: "A-6 | 02/10/2023 00:15 | – | –", 7: "A-7 | 02/10/2023 16:30 | – | –",
         8: "A-8 | 02/10/2023 16:30 | – | –", 9: "A-9 | 02/10/2023 16:30 | – | –", 10: "A-10 | 02/10/2023 16:30 | – | –",
         11: "A-11 | 02/10/2023 | – | –", 12: "A-12 | 02/10/2023 | – | –", 13: "A-13 | 02/10/2023 | – | –",
         14: "A-14 | 02/10/2023 16:30 | – | –", 15: "A-15 | 02/10/2023 | – | –"}),
    Expected("impossible-moments.csv", lambda: received(
        "31/02/2023", "02/10/2566", "02/10/2023 16:30 SA", "02/10/2023 25:00", "02-10-23", "02/10-2023", "2/10", "1.5",
        "hôm qua", "13102023"),
        rejected={n: (RECEIVED, cell, "bad_date") for n, cell in enumerate((
            "31/02/2023", "02/10/2566", "02/10/2023 16:30 SA", "02/10/2023 25:00", "02-10-23", "02/10-2023", "2/10", "1.5",
            "hôm qua", "13102023"), start=2)}),
    Expected("end-of-day.csv", headed(case("A-1", due="10/10/2023 24:00"), case("A-2", end="0001-01-01T00:00:00")),
             {2: "A-1 | 02/10/2023 | 10/10/2023 23:59 | –", 3: "A-2 | 02/10/2023 | 10/10/2023 | –"}),
    Expected("month-first.csv", headed(case("A-1", "10/02/2023", "11/10/2023", "10/09/2023"),
                                       case("A-2", "09/28/2023", "11/15/2023", "09/29/2023")),
             {2: "A-1 | 10/02/2023 | 11/10/2023 | 10/09/2023"}, {3: (RECEIVED, "09/28/2023", "doubtful_date_order")}),
    Expected("out-of-order.csv", headed(case("A-1", "12/10/2023", "10/10/2023"), case("A-2", end="01/10/2023"),
                                        case("A-3", "02/10/2027"), case("A-4", ""), case(""), case("A-6", "25/10/2023", "30/10/2023")),
             {7: "A-6 | 25/10/2023 | 30/10/2023 | –"},
             {2: (DUE, "10/10/2023", "due_before_received"), 3: (END, "01/10/2023", "finished_before_received"),
              4: (RECEIVED, "02/10/2027", "future"), 5: (RECEIVED, "", "received_missing"), 6: ("Mã hồ sơ", "", "empty_code")}),
    Expected("same-code.csv", headed(case("A-1"), case("A-1"), case("B-1"), case("B-1", due="12/10/2023")), {2: ONE[2]},
             {4: ("Mã hồ sơ", "B-1", "code_differs"), 5: ("Mã hồ sơ", "B-1", "code_differs")}),
    Expected("only-a-header.csv", lambda: text([HEAD]), refused="no_rows", where={"row": 1}),
    Expected("no-list.csv", lambda: text([["Họ tên", "Quê quán"], ["An", "Huế"]]), refused="no_header"),
    Expected("no-due.csv", lambda: text([[*HEAD[:2], *HEAD[3:]], ["A-1", "02/10/2023", "", U, O]]),
             refused="missing_column", where={"row": 1, "missing": ["due"]}),
    Expected("two-due-columns.csv", lambda: text([["Mã hồ sơ", "Ngày tiếp nhận", "Hẹn trả", "Hẹn trả", "Cơ quan giải quyết"],
                                                  ["A-1", "02/10/2023", "10/10/2023", "11/10/2023", U]]),
             refused="unclear_column", where={"row": 1, "fact": "due"}),
    Expected("tcvn3.csv", lambda: text([["M· hå s¬", "Ngµy tiÕp nhËn", "Ngµy hÑn tr¶", "C¬ quan gi¶i quyÕt"],
                                        ["A-1", "02/10/2023", "10/10/2023", "UBND x· Ea P«"]], encoding="latin-1"),
             refused="old_font", where={"row": 1, "font": "TCVN3"}),
    Expected("tcvn3-names-only.xlsx", lambda: xlsx([HEAD, *[case(f"A-{n}", unit="UBND x· §¾k S«r") for n in range(9)]]),
             refused="old_font", where={"font": "TCVN3"}),
    Expected("vni.xlsx", lambda: xlsx([["DANH SAÙCH"], ["Maõ hoà sô", "Ngaøy tieáp nhaän", "Ngaøy heïn traû", "Cô quan giaûi quyeát"],
                                       ["A-1", "02/10/2023", "10/10/2023", "UBND xaõ Ea Poâ"]]),
             refused="old_font", where={"row": 2, "font": "VNI"}),
    Expected("encoded-twice.csv", lambda: text(TWO).decode("cp1252", "replace").encode(), refused="old_font", where={"font": "UTF-8"}),
    Expected("encoded-twice-latin.csv", lambda: text(TWO).decode("latin-1").encode(), refused="old_font", where={"font": "UTF-8"}),
    Expected("bytes-of-no-alphabet.csv", lambda: text(TWO) + b"\xd2\xff\x8d\x8e,\r\n", refused="bad_encoding"),
    Expected("with-nul.csv", lambda: text(TWO) + b"a\x00\x01b", refused="wrong_type"),
    Expected("nothing.csv", lambda: b"\xef\xbb\xbf \r\n\r\n", refused="empty_file"),
    Expected("letter.csv", lambda: b"%PDF-1.7 ...", refused="wrong_type"),
)

FIRST, LAST = datetime(2023, 10, 2, 8, 5), datetime(2023, 10, 9, 15, 30)
CELLS = [HEAD, case("A-1", FIRST, date(2023, 10, 10), LAST), case("A-2", date(2023, 10, 2), datetime(2023, 10, 10, 17), "")]
CELLS_READ = {
    2: "A-1 | 02/10/2023 08:05 | 10/10/2023 | 09/10/2023 15:30", 3: "A-2 | 02/10/2023 | 10/10/2023 17:00 | –",
}
LISTS = {"Đúng hạn": [HEAD, case("A-1")], "Trễ hạn": [HEAD, case("B-1"), case("B-2")]}
TURNED = [HEAD[5], HEAD[4], *HEAD[:4]]

WORKBOOKS = (
    Expected("dates.xlsx", lambda: xlsx(CELLS), CELLS_READ),
    Expected("workbook-called-text.csv", lambda: xlsx(CELLS), CELLS_READ),
    Expected("macro-free.xlsm", lambda: xlsx(CELLS), CELLS_READ),
    Expected("far-from-the-corner.xlsx", lambda: xlsx(CELLS, at=(40, 7)), {42: CELLS_READ[2], 43: CELLS_READ[3]}),
    Expected("serial-numbers.xlsx", lambda: xlsx([HEAD, case("A-1", 45201.5, 45209), case("A-2", 20231002, 20231010)]),
             {2: "A-1 | 02/10/2023 12:00 | 10/10/2023 | –", 3: ONE[2].replace("A-1", "A-2")}),
    Expected("numbers-that-are-no-moments.xlsx", lambda: xlsx([HEAD, case("A-1", 12.5), case("A-2", 2023), case("A-3", 99999)]),
             rejected={2: (RECEIVED, "12.5", "bad_date"), 3: (RECEIVED, "2023", "bad_date"), 4: (RECEIVED, "99999", "bad_date")}),
    Expected("from-1904.xlsx", lambda: raw(sheet_xml([HEAD, case("A-1", 43739.5, 43747)]), workbook='<workbookPr date1904="1"/>'),
             {2: "A-1 | 02/10/2023 12:00 | 10/10/2023 | –"}),
    Expected("codes-as-numbers.xlsx", lambda: xlsx([HEAD, case(12345), case(231002000123), case(1234567890123456789)]),
             {2: "12345 | 02/10/2023 | 10/10/2023 | –", 3: "231002000123 | 02/10/2023 | 10/10/2023 | –"},
             {4: ("Mã hồ sơ", "1234567890123457024", "code_mangled")}),
    Expected("code-became-a-date.xlsx", lambda: xlsx([HEAD, case(date(2023, 10, 1)), case("A-1")]), {3: ONE[2]},
             {2: ("Mã hồ sơ", "01/10/2023", "code_mangled")}),
    Expected("errors.xlsx", lambda: raw(sheet_xml([HEAD, case("A-1"), case("A-2", end="<f>NA()</f><v>#N/A</v>"),
                                                   case("<f>B9</f><v>#REF!</v>")])), ONE,
             {3: (END, "#N/A", "bad_date"), 4: ("Mã hồ sơ", "#REF!", "cell_error")}),
    Expected("formula-nobody-calculated.xlsx", lambda: raw(sheet_xml([HEAD, case("A-1"), case("A-2", end="<f>TODAY()</f>"),
                                                                      case("A-3", end="<f>TODAY()</f><v></v>"),
                                                                      case("<f>B1&amp;B2</f><v/>")])), ONE,
             {3: (END, "=?", "bad_date"), 4: (END, "=?", "bad_date"), 5: ("Mã hồ sơ", "=?", "cell_error")}),
    Expected("formula-that-is-blank.xlsx", lambda: raw(sheet_xml([HEAD, case("A-1", end='<f>IF(A1="","","")</f><v></v>')])), ONE),
    Expected("formula-with-value.xlsx", lambda: raw(sheet_xml([HEAD, case("A-1", "<f>45200+1</f><v>45201</v>")])), ONE),
    Expected("no-addresses.xlsx", lambda: raw(sheet_xml([HEAD, case("A-1")], addresses=False)), ONE),
    Expected("other-prefix.xlsx", lambda: raw(sheet_xml([HEAD, case("A-1", end="<f>TODAY()</f>")]).replace("<", "<x:").replace("<x:/", "</x:")
             .replace("<x:?", "<?").replace("xmlns=", "xmlns:x=")), rejected={2: (END, "=?", "bad_date")}),
    Expected("strict.xlsx", lambda: raw(sheet_xml([HEAD, case("A-1")], main=STRICT), main=STRICT), ONE),
    Expected("claims-a-million-rows.xlsx", lambda: raw(sheet_xml([HEAD, case("A-1")], head='<dimension ref="A1:F1048576"/>')), ONE),
    Expected("filtered-rows-count.xlsx", lambda: raw(sheet_xml([HEAD, case("A-1")]).replace('<row r="2">', '<row r="2" hidden="1">')), ONE),
    Expected("hidden-sheet.xlsx", lambda: xlsx({"Cũ": [HEAD, case("Z-9")], "Mới": [HEAD, case("A-1")]}, hidden=["Cũ"]), ONE),
    Expected("with-instructions.xlsx", lambda: xlsx({"Hướng dẫn": [["Mã hồ sơ", "viết đủ"], ["Ghi chú", "x"]], "DS": [HEAD, case("A-1")]}), ONE),
    Expected("two-lists.xlsx", lambda: xlsx(LISTS), refused="several_sheets", where={"sheets": ["Đúng hạn", "Trễ hạn"]}),
    Expected("two-lists.xlsx", lambda: xlsx(LISTS), {2: ONE[2].replace("A-1", "B-1"), 3: ONE[2].replace("A-1", "B-2")}, sheet="Trễ hạn"),
    Expected("two-lists.xlsx", lambda: xlsx(LISTS), refused="no_such_sheet", sheet="Sắp đến hạn", where={"sheet": "Sắp đến hạn"}),
    Expected("all-lists.xlsx", lambda: xlsx({"A": [HEAD, case("A-1")], "B": [[], TURNED, [O, U, "B-1", "03/10/2023", "11/10/2023", ""]]}),
             {2: ONE[2], 3: "B-1 | 03/10/2023 | 11/10/2023 | –"}, sheet="*"),
    Expected("code-on-two-sheets.xlsx", lambda: xlsx({"A": [HEAD, case("A-1")], "B": [HEAD, [], case("A-1", due="12/10/2023")]}),
             rejected={2: ("Mã hồ sơ", "A-1", "code_differs"), 3: ("Mã hồ sơ", "A-1", "code_differs")}, sheet="*"),
    Expected("lists-that-differ.xlsx", lambda: xlsx({"A": [HEAD, case("A-1")], "B": [HEAD[:5], case("B-1")[:5]]}),
             refused="sheets_differ", where={"sheet": "B", "missing": ["officer"]}, sheet="*"),
    Expected("plain.xls", kept("plain.xls"),
             {6: "X-1 | 02/10/2023 08:05 | 10/10/2023 | 09/10/2023 15:30 | UBND xã Nâm N'Đir",
              7: "X-2 | 02/10/2023 12:00 | 12/10/2023 | – | UBND xã Nâm N'Đir",
              8: "20231003 | 03/10/2023 23:59 | 13/10/2023 | – | UBND xã Nâm N'Đir"}),
    Expected("plain.ods", kept("plain.ods"),
             {6: "X-1 | 02/10/2023 08:05 | 10/10/2023 | 09/10/2023 15:30 | UBND xã Nâm N'Đir",
              7: "X-2 | 02/10/2023 12:00 | 12/10/2023 | – | UBND xã Nâm N'Đir",
              8: "20231003 | 03/10/2023 23:59 | 13/10/2023 | – | UBND xã Nâm N'Đir"}),
    Expected("from_1904.xls", kept("from_1904.xls"),
             {2: "M-1 | 02/10/2023 08:05 | 10/10/2023 | 09/10/2023 15:30 | UBND xã Nâm N'Đir",
              3: "M-2 | 02/10/2023 12:00 | 12/10/2023 | – | UBND xã Nâm N'Đir",
              4: "20231003 | 03/10/2023 23:59 | 13/10/2023 | – | UBND xã Nâm N'Đir"}),
    Expected("from_1904.ods", kept("from_1904.ods"),
             {2: "M-1 | 02/10/2023 08:05 | 10/10/2023 | 09/10/2023 15:30 | UBND xã Nâm N'Đir",
              3: "M-2 | 02/10/2023 12:00 | 12/10/2023 | – | UBND xã Nâm N'Đir",
              4: "20231003 | 03/10/2023 23:59 | 13/10/2023 | – | UBND xã Nâm N'Đir"}),
    Expected("errors.xls", kept("errors.xls"), {4: "E-3 | 02/10/2023 | 10/10/2023 | 09/10/2023 | UBND xã Nâm N'Đir"},
             {2: (END, "#N/A", "bad_date"), 3: (DUE, "#DIV/0!", "bad_date")}),
    Expected("errors.ods", kept("errors.ods"), {4: "E-3 | 02/10/2023 | 10/10/2023 | 09/10/2023 | UBND xã Nâm N'Đir"},
             {2: (END, "#N/A", "bad_date"), 3: (DUE, "#DIV/0!", "bad_date")}),
    Expected("two_sheets.xls", kept("two_sheets.xls"), refused="several_sheets", where={"sheets": ["Đúng hạn", "Trễ hạn"]}),
    Expected("two_sheets.ods", kept("two_sheets.ods"), {2: "T-1 | 02/10/2023 08:05 | 10/10/2023 | 09/10/2023 15:30 | UBND xã Nâm N'Đir"}, sheet="Trễ hạn"),
    Expected("password.xls", lambda: with_record(kept("plain.xls")(), 0x2F), refused="encrypted"),
    Expected("cut-in-half.xls", lambda: kept("plain.xls")()[:3_000], refused="broken_workbook"),
    Expected("letter.xls", lambda: kept("plain.xls")().replace("Workbook".encode("utf-16-le"), "Document".encode("utf-16-le")), refused="wrong_type"),
    Expected("letter.ods", lambda: open_document("", kind="text"), refused="wrong_type"),
    Expected("html.xls", lambda: b"<html><head><meta charset=utf-8></head><body><table><tr><td>x</table>", refused="html_table"),
    Expected("html-utf16.xls", lambda: "\ufeff<HTML><table>".encode("utf-16-le"), refused="html_table"),
    Expected("single-file-page.xls", lambda: b"MIME-Version: 1.0\r\nContent-Type: multipart/related\r\n", refused="html_table"),
    Expected("xml-of-2003.xls", lambda: b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>', refused="html_table"),
    Expected("text-called-workbook.xls", lambda: text(TWO, "\t"), refused="not_a_workbook"),
    Expected("letter.xlsx", lambda: zipped({"word/document.xml": b"<x/>"}), refused="wrong_type"),
)

SMALL = xlsx([HEAD, case("A-1")])
HUGE = "x" * 40_000_000
ENTITIES = '<!DOCTYPE w [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY x SYSTEM "file:///etc/passwd">]>'


def strings(items: str, claim: str = "") -> dict[str, bytes]:
    """A table of shared strings."""
    return {"xl/sharedStrings.xml": f'<?xml version="1.0"?><sst xmlns="{MAIN}"{claim}>{items}</sst>'.encode()}


def far(*cells: str) -> bytes:
    """A sheet of single numbers in far corners."""
    rows = "".join(f'<row r="{cell.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")}"><c r="{cell}"><v>1</v></c></row>' for cell in cells)
    return raw(f'<?xml version="1.0"?><worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>')


def noise(signs: int, unit: str) -> str:
    """Many short parts that do not compress to nothing."""
    return "".join(f"{unit}{n * 2654435761 % 4294967296:x}" for n in range(signs // 10))


def sheets_of_one(count: int) -> bytes:
    """A workbook whose list of sheets names the same part again and again."""
    told = "".join(f'<sheet name="S{n}" sheetId="{n}" r:id="rId1"/>' for n in range(1, count + 1))
    plain = raw(sheet_xml([HEAD, *[case(f"A-{n}") for n in range(9_000)]]))
    book = f'<?xml version="1.0"?><workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets>{told}</sheets></workbook>'
    return changed(plain, {"xl/workbook.xml": book.encode()})


def numbered(count: int) -> str:
    """Empty formatted rows below a list."""
    rows = "".join(f'<row r="{n}" s="3"><c r="A{n}" s="3"/><c r="F{n}" s="3"/></row>' for n in range(3, count + 3))
    return sheet_xml([HEAD, case("A-1")]).replace("</sheetData>", f"{rows}</sheetData>")


def repeated(rows: int, columns: int) -> bytes:
    """A table of OpenDocument in which one cell stands for very many."""
    cell = f'<table:table-cell office:value-type="string" table:number-columns-repeated="{columns}"><text:p>x</text:p></table:table-cell>'
    return open_document(f'<table:table table:name="S"><table:table-row table:number-rows-repeated="{rows}">{cell}'
                         "</table:table-row></table:table>")


TOO_MUCH = ("sheet_too_large", "too_wide", "broken_workbook")
HOSTILE = (
    Expected("bomb.xlsx", lambda: changed(SMALL, {"xl/media/a.bin": bytes(200 << 20)}), refused="inflates_too_much"),
    Expected("bomb-in-the-sheet.xlsx", lambda: raw(sheet_xml([HEAD, case(HUGE)])), refused="inflates_too_much"),
    Expected("bomb-in-a-bomb.xlsx", lambda: changed(SMALL, {"xl/a.zip": zipped({"b": bytes(100 << 20)})}), ONE),
    Expected("bomb-that-lies.xlsx",
             lambda: lying_about_size(changed(SMALL, {"xl/worksheets/sheet1.xml": bytes(200 << 20)}), "xl/worksheets/sheet1.xml", 900),
             refused=("broken_zip", "broken_workbook", "no_header")),
    Expected("ten-thousand-parts.xlsx", lambda: changed(SMALL, {f"xl/{n}.xml": b"" for n in range(10_000)}), refused="too_many_members"),
    Expected("macro.xlsm", lambda: changed(SMALL, {"xl/vbaProject.bin": b"x"}), refused="has_macro"),
    Expected("macro.xls", lambda: kept("plain.xls")() + "_VBA_PROJECT".encode("utf-16-le"), refused="has_macro"),
    Expected("macro.ods", lambda: open_document("", extra={"Basic/Standard/Module1.xml": b"<x/>"}), refused="has_macro"),
    Expected("password.xlsx", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500) + "EncryptedPackage".encode("utf-16-le"), refused="encrypted"),
    Expected("password.ods", lambda: open_document("", extra={"META-INF/manifest.xml": b"<manifest:encryption-data/>"}), refused="encrypted"),
    Expected("cut.xlsx", lambda: SMALL[: len(SMALL) // 2], refused="broken_zip"),
    Expected("entities.xlsx", lambda: raw(sheet_xml([HEAD, case("A-1")]).replace("<worksheet", f"{ENTITIES}<worksheet")), refused="declares_entities"),
    Expected("entities-in-strings.xlsx", lambda: raw(sheet_xml([HEAD, case("A-1")]), extra={"xl/sharedStrings.xml": f"{ENTITIES}<sst>&x;</sst>".encode()}),
             refused="declares_entities"),
    Expected("entities-far-down.xlsx", lambda: raw(sheet_xml([HEAD, case("A-1")]).replace("<worksheet", f"<!--{'x' * 9_000}-->{ENTITIES}<worksheet")
             .replace("A-1", "&x;")), refused=("broken_workbook", "declares_entities")),
    Expected("two-corners.xlsx", lambda: far("A1", "XFD1048576"), refused=TOO_MUCH),
    Expected("thousand-columns-million-rows.xlsx", lambda: far("A1", "ALK1048576"), refused=TOO_MUCH),
    Expected("columns-that-cannot-be.xlsx", lambda: far("A1", "BDWGN1"), refused=TOO_MUCH),
    Expected("16384-columns.xlsx", lambda: raw(sheet_xml([[*HEAD, *["x"] * 16_378], case("A-1")])), refused="too_wide"),
    Expected("million-formatted-rows.xlsx", lambda: raw(numbered(1_000_000)), ONE),
    Expected("strings-that-are-not-there.xlsx", lambda: raw(sheet_xml([HEAD, case("A-1")]).replace("</sheetData>", '<row r="3"><c r="A3" t="s"><v>9999</v></c></row></sheetData>'),
             extra=strings("<si><t>a</t></si>", ' count="4294967295" uniqueCount="4294967295"')), refused=("broken_workbook", "sheet_too_large")),
    Expected("two-million-strings.xlsx", lambda: raw(sheet_xml([HEAD, case("A-1")]), extra=strings("".join(f"<si><t>{n:x}</t></si>" for n in range(2_000_000)))), ONE),
    Expected("long-string-everywhere.xlsx", lambda: raw(sheet_xml([HEAD, case("A-1")]).replace("</sheetData>", "".join(
                 f'<row r="{r}">' + "".join('<c t="s"><v>0</v></c>' for _ in range(300)) + "</row>" for r in range(3, 303)) + "</sheetData>"),
             extra=strings(f"<si><t>{'x' * 32_000}</t></si>")), refused=("sheet_too_large", "inflates_too_much")),
    Expected("million-merges.xlsx", lambda: raw(sheet_xml([HEAD, case("A-1")], tail="<mergeCells>" + "".join(f'<mergeCell ref="A{n}:B{n}"/>' for n in range(4, 400_004)) + "</mergeCells>")), ONE),
    Expected("deep.xlsx", lambda: raw(sheet_xml([HEAD, case("A-1")], tail="<a>" * 150_000 + "</a>" * 150_000)), refused=("broken_workbook", "inflates_too_much")),
    Expected("million-open-tags.xlsx", lambda: raw(sheet_xml([HEAD, case("A-1")], tail=noise(3_000_000, "<c ") + '<c t="e"></c>')), refused=("broken_workbook", "unsaved_formulas")),
    Expected("errors-without-end.xlsx", lambda: raw(sheet_xml([HEAD, case("A-1")], tail="".join(f'<c t="e" x="{n:x}">' for n in range(200_000)) + "</c>")), refused=("broken_workbook", "unsaved_formulas")),
    Expected("formulas-without-end.xlsx", lambda: raw(sheet_xml([HEAD, *[["<f>NOW()</f>"] * 6 for _ in range(30_000)]])), refused=("unsaved_formulas", "inflates_too_much")),
    Expected("one-sheet-told-500-times.xlsx", lambda: sheets_of_one(500), refused="broken_workbook"),
    Expected("repeated-rows.ods", lambda: repeated(1_048_576, 1), refused=("sheet_too_large", "too_many_rows", "no_header")),
    Expected("repeated-everything.ods", lambda: repeated(1_048_576, 1_024), refused=TOO_MUCH),
    Expected("repeated-beyond-reason.ods", lambda: repeated(4_000_000_000, 4_000_000_000), refused=TOO_MUCH),
    Expected("million-columns.csv", lambda: text([HEAD, ["x"] * 1_000_000]), refused="too_wide"),
    Expected("one-endless-line.csv", lambda: b"x" * 60_000_000, refused="broken_text"),
    Expected("one-endless-quote.csv", lambda: text(TWO) + b'"' + b"x,\n" * 10_000_000, refused="broken_text"),
    Expected("a-million-empty-lines.csv", lambda: text(TWO) + b"\r\n" * 5_000_000, READ),
    Expected("chain-in-a-circle.xls", lambda: kept("plain.xls")()[:512] + bytes(512) * 9, refused=("broken_workbook", "wrong_type")),
)
# fmt: on
