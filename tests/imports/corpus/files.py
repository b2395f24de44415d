"""Building blocks for the files of the corpus: text in any encoding, workbooks, and workbooks written by hand."""

from __future__ import annotations

import io
import struct
import unicodedata
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import xlsxwriter

BINARY = Path(__file__).parent / "binary"
HEAD = ["Mã hồ sơ", "Ngày tiếp nhận", "Ngày hẹn trả", "Ngày kết thúc xử lý", "Cơ quan giải quyết", "Cán bộ thụ lý"]
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
U, O = "UBND xã Ea Pô", "Hoàng Thị Mơ"  # noqa: E741 - the columns of every row
Rows = Sequence[Sequence[Any]]


def case(code: Any, received: Any = "02/10/2023", due: Any = "10/10/2023", end: Any = "", unit: Any = U) -> list[Any]:
    """A row under ``HEAD``."""
    return [code, received, due, end, unit, O]


def text(rows: Rows, delimiter: str = ",", encoding: str = "utf-8", mark: bytes = b"", line: str = "\r\n") -> bytes:
    """Rows as delimited text, nothing quoted."""
    lines = line.join(delimiter.join(str(cell) for cell in row) for row in rows) + line
    return mark + lines.encode(encoding)


def vietnamese_1258(text: str) -> str:
    """Text as Windows-1258 has it: letters whole, tones apart."""
    tones, whole = {"\u0300", "\u0301", "\u0303", "\u0309", "\u0323"}, ""
    for letter in unicodedata.normalize("NFC", text):
        parts = unicodedata.normalize("NFD", letter)
        whole += unicodedata.normalize("NFC", "".join(part for part in parts if part not in tones))
        whole += "".join(part for part in parts if part in tones)
    return whole


def xlsx(sheets: Mapping[str, Rows] | Rows, *, hidden: Sequence[str] = (), at: tuple[int, int] = (0, 0)) -> bytes:
    """A workbook; dates become date cells, text beginning with ``=`` stays text, an empty cell is not written."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    moments, days = book.add_format({"num_format": "dd/mm/yyyy hh:mm"}), book.add_format({"num_format": "dd/mm/yyyy"})
    for name, rows in (sheets if isinstance(sheets, Mapping) else {"Sheet1": sheets}).items():
        sheet = book.add_worksheet(name)
        if name in hidden:
            sheet.hide()
        else:
            sheet.activate()
            sheet.set_first_sheet()
        for line, row in enumerate(rows, start=at[0]):
            for column, cell in enumerate(row, start=at[1]):
                if isinstance(cell, datetime):
                    sheet.write_datetime(line, column, cell, moments)
                elif isinstance(cell, date):
                    sheet.write_datetime(line, column, datetime(cell.year, cell.month, cell.day), days)
                elif isinstance(cell, str) and cell:
                    sheet.write_string(line, column, cell)
                elif cell != "":
                    sheet.write(line, column, cell)
    book.close()
    return file.getvalue()


def reference(row: int, column: int) -> str:
    """A1 for (1, 0)."""
    letters, column = "", column + 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row}"


def sheet_xml(rows: Rows, *, main: str = MAIN, head: str = "", tail: str = "", addresses: bool = True) -> str:
    """A sheet by hand: text as inline strings, a cell that begins with ``<`` as raw XML of its inside."""
    lines = []
    for number, row in enumerate(rows, start=1):
        cells = ""
        for column, cell in enumerate(row):
            place = f' r="{reference(number, column)}"' if addresses else ""
            if isinstance(cell, str) and cell.startswith("<"):
                kind = ' t="e"' if "<v>#" in cell else ' t="str"' if "IF(" in cell else ""
                cells += f"<c{place}{kind}>{cell}</c>"
            elif isinstance(cell, str):
                cells += f'<c{place} t="inlineStr"><is><t>{escape(cell)}</t></is></c>'
            else:
                cells += f"<c{place}><v>{cell}</v></c>"
        lines.append(f'<row r="{number}">{cells}</row>' if addresses else f"<row>{cells}</row>")
    body = f"{head}<sheetData>{''.join(lines)}</sheetData>{tail}"
    return f'<?xml version="1.0"?><worksheet xmlns="{main}">{body}</worksheet>'


def raw(sheet: str | bytes, *, main: str = MAIN, workbook: str = "", extra: Mapping[str, bytes] | None = None) -> bytes:
    """The smallest workbook around a sheet written by hand; ``workbook`` stands before its list of sheets."""
    types = '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
    book = (
        f'<?xml version="1.0"?><workbook xmlns="{main}" xmlns:r="{RELATIONS}">{workbook}'
        '<sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>'
    )
    relations = (
        '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="rId1" Type="{RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="rId2" Type="{RELATIONS}/sharedStrings" Target="sharedStrings.xml"/></Relationships>'
    )
    root = (
        '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="rId1" Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    )
    parts = {
        "[Content_Types].xml": types.encode(),
        "_rels/.rels": root.encode(),
        "xl/workbook.xml": book.encode(),
        "xl/_rels/workbook.xml.rels": relations.encode(),
        "xl/worksheets/sheet1.xml": sheet if isinstance(sheet, bytes) else sheet.encode(),
    }
    return zipped(parts | dict(extra or {}))


def zipped(parts: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip of parts."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return file.getvalue()


def changed(data: bytes, change: Mapping[str, bytes]) -> bytes:
    """A workbook with parts changed or added."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    return zipped(parts | dict(change))


def open_document(body: str, *, kind: str = "spreadsheet", extra: Mapping[str, bytes] | None = None) -> bytes:
    """A small .ods around the XML of its tables."""
    names = {
        "office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
        "table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
        "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
    }
    spaces = " ".join(f'xmlns:{name}="{uri}"' for name, uri in names.items())
    content = (
        f'<?xml version="1.0"?><office:document-content {spaces}><office:body><office:spreadsheet>{body}'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    parts = {
        "mimetype": f"application/vnd.oasis.opendocument.{kind}".encode(),
        "content.xml": content.encode(),
        "META-INF/manifest.xml": b'<?xml version="1.0"?><manifest:manifest/>',
    }
    return zipped(parts | dict(extra or {}))


def with_record(data: bytes, kind: int) -> bytes:
    """An .xls whose second record of the workbook became one of another kind."""
    place = data.index(b"\x09\x08\x10\x00\x00\x06\x05\x00")
    (length,) = struct.unpack_from("<H", data, place + 2)
    second = place + 4 + length
    return data[:second] + struct.pack("<H", kind) + data[second + 2 :]


def lying_about_size(data: bytes, name: str, size: int) -> bytes:
    """A zip whose directory and local head say that a part inflates to another size."""
    changed = bytearray(data)
    for mark, length_at, size_at, head in ((b"PK\x01\x02", 28, 24, 46), (b"PK\x03\x04", 26, 22, 30)):
        place = changed.find(mark)
        while place >= 0:
            (length,) = struct.unpack_from("<H", changed, place + length_at)
            if changed[place + head : place + head + length] == name.encode():
                struct.pack_into("<I", changed, place + size_at, size)
            place = changed.find(mark, place + 4)
    return bytes(changed)
