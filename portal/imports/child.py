"""The guarded reader: a program of its own that turns one uploaded file into lines of JSON. Trusts nothing.

Run as ``python -I child.py FILE KIND`` with limits on memory, processor time and written bytes, because a sheet of 5 KB
can make a reader reserve 512 GB and abort the whole process (measured). It imports nothing of the portal.

Lines on stdout, in this order: for each visible sheet ``{"sheet": name, "merges": [[row, column, row, column], ...]}``
followed by chunks ``[[row number, [cell, ...]], ...]`` without blank rows (numbers are those Excel shows), and at the
very end ``{"end": rows}``; or at any point ``{"fault": code, ...facts}`` as the last line. A cell is "" (blank), text,
a number, or text that begins with U+0001 followed by an ISO date or moment (a date cell; midnight comes as a date).
"""

from __future__ import annotations

import codecs
import csv
import io
import json
import re
import resource
import struct
import sys
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

import python_calamine as calamine

MEMORY = 2 << 30
SECONDS = 60
INFLATED = 250 << 20
RATIO = 100
RATIO_FREE = 1 << 20
MEMBERS = 1_000
ROWS = 300_000
COLUMNS = 1_000
CELL = 32_767
CHUNK_ROWS = 500
CHUNK_SIGNS = 1 << 20
MERGES = 5_000
SNIFFED_ROWS = 60
DELIMITERS = (";", ",", "\t")
MARK = "\x01"
LAST_LINE = "\x02"

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
HTML = re.compile(rb"\s*<(!doctype|html|head|body|table|meta|\?xml|style|div)", re.IGNORECASE)
BINARY = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f]")
DIMENSION = re.compile(rb'<dimension[^>]*\bref="([A-Z]{1,7})?(\d{1,12})?(?::([A-Z]{1,7})(\d{1,12}))?"')


class Fault(Exception):
    """The file is not taken; ``facts`` hold the stable code and what the sentence needs."""

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code)
        self.facts = {"fault": code, **facts}


def confine() -> None:
    """Give up what a reader does not need."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def emit(value: Any) -> None:
    """One line of JSON."""
    sys.stdout.buffer.write(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace"))
    sys.stdout.buffer.write(b"\n")


def main(path: str, kind: str) -> None:
    """Read one file; ``kind`` is ``sheet`` or ``text``, after the ending of its name."""
    confine()
    with open(path, "rb") as file:
        data = file.read()
    sheets = sheets_of(data, kind)
    total = 0
    for name, merges, rows in sheets:
        emit({"sheet": name, "merges": merges})
        for chunk in chunked(rows):
            total += len(chunk)
            if total > ROWS:
                raise Fault("too_many_rows", limit=ROWS)
            emit(chunk)
    emit({"end": total})


def sheets_of(data: bytes, kind: str) -> Iterator[tuple[str, list[Any], Iterable[tuple[int, list[Any]]]]]:
    """The sheets of a file after its first bytes: what a file is decides its content, not its name."""
    if not data.strip(b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise Fault("empty_file")
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        inspect_zip(data)
        return workbook(data)
    if data.startswith(OLE):
        raise Fault("encrypted" if ENCRYPTED in data else "old_excel")
    if HTML.match(data.removeprefix(codecs.BOM_UTF8)[:200]):
        raise Fault("html_table")
    if data.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"{\\rtf", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b")):
        raise Fault("wrong_type")
    if kind == "sheet":
        raise Fault("not_a_workbook")
    return table(data)


# --- workbooks


def inspect_zip(data: bytes) -> None:
    """Refuse a bomb, a macro or another kind of document before anything is inflated."""
    end = data.rfind(b"PK\x05\x06", max(0, len(data) - 65_557))
    if end < 0 or len(data) < end + 22:
        raise Fault("broken_zip")
    (members,) = struct.unpack_from("<H", data, end + 10)
    if members > MEMBERS:
        raise Fault("too_many_members", limit=MEMBERS)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
            inspect_members(infos, len(data))
            inspect_dimensions(archive, infos)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, ValueError, OSError, EOFError) as error:
        raise Fault("broken_zip") from error


def inspect_members(infos: list[zipfile.ZipInfo], size: int) -> None:
    """The limits on an archive, and that it is a workbook without macro."""
    inflated = sum(info.file_size for info in infos)
    if len(infos) > MEMBERS:
        raise Fault("too_many_members", limit=MEMBERS)
    if inflated > INFLATED or (inflated > RATIO_FREE and inflated > RATIO * size):
        raise Fault("inflates_too_much", limit=INFLATED >> 20)
    names = {info.filename.lower() for info in infos}
    if any(info.flag_bits & 1 for info in infos):
        raise Fault("encrypted")
    if any(name.endswith("vbaproject.bin") for name in names):
        raise Fault("has_macro")
    if "xl/workbook.xml" not in names:
        raise Fault("wrong_type")


def inspect_dimensions(archive: zipfile.ZipFile, infos: list[zipfile.ZipInfo]) -> None:
    """Refuse a sheet that claims more columns than any list has; the claim stands in its first bytes."""
    for info in infos:
        if info.filename.lower().startswith("xl/worksheets/") and info.filename.lower().endswith(".xml"):
            with archive.open(info) as member:
                found = DIMENSION.search(member.read(8_192))
            if found and column_number(found.group(3) or found.group(1) or b"A") > 16_384:
                raise Fault("sheet_too_large")


def column_number(letters: bytes) -> int:
    """A = 1, Z = 26, AA = 27."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def workbook(data: bytes) -> Iterator[tuple[str, list[Any], Iterable[tuple[int, list[Any]]]]]:
    """The visible sheets of a workbook, in their order."""
    try:
        book = calamine.load_workbook(io.BytesIO(data))
        for meta in book.sheets_metadata:
            if meta.typ != calamine.SheetTypeEnum.WorkSheet or meta.visible != calamine.SheetVisibleEnum.Visible:
                continue
            sheet = book.get_sheet_by_name(meta.name)
            if sheet.start is None or sheet.end is None:
                continue
            if sheet.end[1] >= COLUMNS:
                raise Fault("too_wide", limit=COLUMNS)
            merges = [[*top, *bottom] for top, bottom in (sheet.merged_cell_ranges or [])[:MERGES]]
            yield meta.name, merges, sheet_rows(sheet)
    except calamine.PasswordError as error:
        raise Fault("encrypted") from error
    except calamine.CalamineError as error:
        raise Fault("broken_workbook") from error


def sheet_rows(sheet: Any) -> Iterator[tuple[int, list[Any]]]:
    """The rows of a sheet with the numbers Excel shows, cells counted from column A."""
    left = [""] * sheet.start[1]
    for number, row in enumerate(sheet.iter_rows(), start=1):
        cells = [cell(value) for value in row]
        while cells and cells[-1] == "":
            cells.pop()
        if cells:
            yield number, left + cells


def cell(value: Any) -> Any:
    """A cell as JSON can carry it."""
    if isinstance(value, str):
        return value[:CELL].lstrip(MARK)
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, (int, float)):
        return value
    if isinstance(value, datetime):
        return MARK + (value + timedelta(microseconds=500_000)).isoformat(timespec="seconds")
    if isinstance(value, date):
        return MARK + value.isoformat()
    if isinstance(value, (time, timedelta)):
        return str(value)
    return "" if value is None else str(value)[:CELL]


# --- text


def table(data: bytes) -> Iterator[tuple[str, list[Any], Iterable[tuple[int, list[Any]]]]]:
    """The one sheet of a text file."""
    text = decoded(data)
    if BINARY.search(text):
        raise Fault("wrong_type")
    yield "", [], text_rows(text)


def decoded(data: bytes) -> str:
    """UTF-8 with or without mark, UTF-16 with or without mark, else Windows-1258."""
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if data.startswith(mark):
            return decode(data[len(mark) :], encoding)
    head = data[:2_000]
    if head[1::2].count(0) > len(head) // 4:
        return decode(data, "utf-16-le")
    if head[0::2].count(0) > len(head) // 4:
        return decode(data, "utf-16-be")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return decode(data, "cp1258")


def decode(data: bytes, encoding: str) -> str:
    """The text, or a fault that names no byte of it."""
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise Fault("bad_encoding") from error


def text_rows(text: str) -> Iterator[tuple[int, list[Any]]]:
    """The rows of a text file, numbered as Excel numbers them when it opens the file.

    A quote that is never closed would swallow every row below it: a last line of our own must come out whole.
    """
    delimiter, text = delimiter_of(text)
    csv.field_size_limit(CELL * 4)
    try:
        lines = io.StringIO(f"{text}\r\n{LAST_LINE}", newline="")
        for number, row in enumerate(csv.reader(lines, delimiter=delimiter), start=1):
            if len(row) > COLUMNS:
                raise Fault("too_wide", limit=COLUMNS)
            if row == [LAST_LINE]:
                return
            cells = [value.strip(" \t\ufeff")[:CELL].lstrip(MARK) for value in row]
            while cells and not cells[-1]:
                cells.pop()
            if cells:
                yield number, cells
    except csv.Error as error:
        raise Fault("broken_text") from error
    raise Fault("broken_text")


def delimiter_of(text: str) -> tuple[str, str]:
    """The delimiter, and the text without the hint line of Excel, which shows it in no row."""
    hint = re.match(r"sep=(.)\r?\n", text, re.IGNORECASE)
    if hint:
        return hint.group(1), text[hint.end() :]
    sample = text[:200_000]
    return max(DELIMITERS, key=lambda delimiter: regularity(sample, delimiter)), text


def regularity(sample: str, delimiter: str) -> tuple[int, int]:
    """How well a delimiter fits: cells in rows of the commonest width above one."""
    widths: dict[int, int] = {}
    try:
        for number, row in enumerate(csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)):
            if number >= SNIFFED_ROWS:
                break
            if len(row) > 1:
                widths[len(row)] = widths.get(len(row), 0) + 1
    except csv.Error:
        return 0, 0
    return max(((count * width, width) for width, count in widths.items()), default=(0, 0))


def chunked(rows: Iterable[tuple[int, list[Any]]]) -> Iterator[list[tuple[int, list[Any]]]]:
    """Rows in chunks small in number and in text."""
    chunk: list[tuple[int, list[Any]]] = []
    signs = 0
    for row in rows:
        chunk.append(row)
        signs += sum(len(value) for value in row[1] if isinstance(value, str))
        if len(chunk) >= CHUNK_ROWS or signs >= CHUNK_SIGNS:
            yield chunk
            chunk, signs = [], 0
    if chunk:
        yield chunk


if __name__ == "__main__":
    try:
        main(sys.argv[1], sys.argv[2])
    except Fault as fault:
        emit(fault.facts)
    except MemoryError:
        emit({"fault": "sheet_too_large"})
    sys.stdout.buffer.flush()
