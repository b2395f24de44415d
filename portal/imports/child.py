"""The guarded reader: a program of its own that turns one uploaded file into lines of JSON. Trusts nothing.

Run as ``python -I child.py FILE KIND`` with limits on memory, processor time and written bytes, because a sheet of 5 KB
can make a reader reserve 512 GB and abort the whole process (measured). It imports nothing of the portal.

Lines on stdout, in this order: for each visible sheet ``{"sheet": name, "merges": [[row, column, row, column], ...],
"from_1904": bool}`` followed by chunks without blank rows; at the very end ``{"end": rows}``; or at any point
``{"fault": code, ...facts}`` as the last line. A chunk is ``{"rows": [row number, ...], "columns": n}`` (numbers are
those Excel shows) followed by n lines, one for each column from A on: who reads them need not look into all of them.

A column is null (all blank), a list of cells parallel to the row numbers, ``{"moments": [...]}`` where nothing but date
cells stands in it (ISO dates and moments, "" is blank), or, where few different values stand in it, ``{"of": [cell,
...], "at": text}``: the n-th sign of the text less ``FIRST_SIGN`` is the place of the n-th row's cell in ``of``. A cell
is "" (blank), text, a number, or text that begins with U+0001 followed by an ISO date or moment (a date cell; midnight
comes as a date). A cell without a value to show comes as the text that stands for it: ``#REF!`` and its like, or ``=?``
for a formula whose result was never stored.
"""

from __future__ import annotations

import codecs
import csv
import gc
import html
import io
import re
import resource
import struct
import sys
import threading
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import chain, islice, zip_longest
from math import isfinite
from operator import attrgetter
from typing import Any, NamedTuple
from xml.parsers import expat

import orjson
import python_calamine as calamine

MEMORY = 300 << 20
"""Address space for a small file; what a file says it inflates to is added ``MEMORY_PER_BYTE`` times beyond 96 MiB."""
MEMORY_FREE = 96 << 20
MEMORY_PER_BYTE = 2
SECONDS = 10
SECONDS_PER_MIB = 2
INFLATED = 250 << 20
RATIO = 100
RATIO_FREE = 1 << 20
MEMBERS = 1_000
DIRECTORY = 1 << 20
ROWS = 300_000
COLUMNS = 1_000
CELL = 32_767
CHUNK_ROWS = 2_000
MERGES = 5_000
SNIFFED_ROWS = 250
SNIFFED_BYTES = 400_000
HEAD = 8_192
SLICE = 1 << 20
PATCHES = 100_000
RECORDS = 5_000_000
LONGEST_CELL = 9_000
DELIMITERS = (";", ",", "\t", "|")
MARK = "\x01"
LAST_LINE = "\x02"
FIRST_SIGN = 48
SAMPLE = 64
"""How many cells show whether few different values stand in a column."""
MICROSECONDS = attrgetter("microsecond")
UNSAVED = "=?"
ERROR_IN_OPEN = b'calcext:value-type="error"'

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
VBA = "_VBA_PROJECT".encode("utf-16-le")
SPREADSHEET = b"application/vnd.oasis.opendocument.spreadsheet"
HTML = re.compile(r"\s*(<(!doctype|!--|html|head|body|table|meta|\?xml|style|div)|mime-version:)", re.IGNORECASE)
BINARY = bytes(sign for sign in range(32) if sign not in (9, 10, 11, 12, 13, 27))
DIMENSION = re.compile(rb'<(?:\w+:)?dimension[^>]*\bref="([A-Z]{1,7})?(\d{1,12})?(?::([A-Z]{1,7})(\d{1,12}))?"')
DATE_1904 = re.compile(rb'<(?:\w+:)?workbookPr\b[^>]*\bdate1904="(?:1|true|on)"')
NULL_DATE_1904 = re.compile(rb'null-date[^>]*date-value="1904')
WITHOUT_VALUE = re.compile(
    rb"(?:</(?:\w+:)?f>|<(?:\w+:)?f(?:\s[^<>]*)?/>)\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
ERROR_CELL = re.compile(
    rb'<(?:\w+:)?c\s([^<>]*\bt="e"[^<>]*)>\s*(?:<(?:\w+:)?f[^<>]*/>|<(?:\w+:)?f[^<>]*>[^<]*</(?:\w+:)?f>)?\s*'
    rb"(?:<(?:\w+:)?v>([^<]{0,20})</(?:\w+:)?v>)?"
)
REFERENCE = re.compile(rb'\br="([A-Z]{1,3})(\d{1,7})"')


class Part(NamedTuple):
    """One sheet: its name, its merges, whether its serial numbers count from 1904, and its rows in chunks."""

    name: str
    merges: list[Any]
    from_1904: bool
    chunks: Iterable[tuple[list[int], list[Any]]]


class Fault(Exception):
    """The file is not taken; ``facts`` hold the stable code and what the sentence needs."""

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code)
        self.facts = {"fault": code, **facts}


def confine(size: int) -> None:
    """Give up what a reader of a file of this many bytes does not need."""
    seconds = SECONDS + SECONDS_PER_MIB * (size >> 20)
    allow(MEMORY)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def allow(memory: int) -> None:
    """Reserve at most so many bytes of memory from here on."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, resource.RLIM_INFINITY))


def emit(*values: Any) -> None:
    """Lines of JSON."""
    sys.stdout.buffer.writelines(orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE) for value in values)
    sys.stdout.buffer.flush()


def main(path: str, kind: str) -> None:
    """Read one file; ``kind`` is ``sheet`` or ``text``, after the ending of its name."""
    gc.disable()  # rows and columns hold no circles, and looking for some costs a fifth of the time
    with open(path, "rb") as file:
        data = file.read()
    confine(len(data))
    total, sheets = 0, sheets_of(data, kind)
    del data  # the reader has its own copy: only who still needs the file keeps it
    for sheet in sheets:
        emit({"sheet": sheet.name, "merges": sheet.merges, "from_1904": sheet.from_1904})
        for numbers, columns in sheet.chunks:
            total += len(numbers)
            if total > ROWS:
                raise Fault("too_many_rows", limit=ROWS)
            emit({"rows": numbers, "columns": len(columns)}, *map(packed, columns))
    emit({"end": total})


def sheets_of(data: bytes, kind: str) -> Iterator[Part]:
    """The sheets of a file after its first bytes: what a file is decides its content, not its name."""
    if not data.strip(b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise Fault("empty_file")
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return zipped(data)
    if data.startswith(OLE):
        return old_workbook(data)
    if HTML.match(beginning(data)):
        raise Fault("html_table")
    if data.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"{\\rtf", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b")):
        raise Fault("wrong_type")
    if kind == "sheet":
        raise Fault("not_a_workbook")
    return table(data)


def beginning(data: bytes) -> str:
    """The first signs of a file, as far as they are plain letters."""
    return data[:400].replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe").decode("ascii", "replace")


# --- cells: from what the reader gives to what JSON carries


def packed(cells: Sequence[Any]) -> Any:
    """A column as JSON can carry it; the kinds of its cells decide how much has to be looked at."""
    kinds = set(map(type, cells))
    if kinds == {float} and isfinite(sum(cells)):
        return cells
    if are_moments(cells, kinds):
        return {"moments": cells}
    if bool in kinds or float in kinds:
        return [cell(value) for value in cells]  # in a set TRUE and 1 would be one value, and NaN many
    sample = cells[:SAMPLE]
    if len(set(sample)) * 2 > len(sample) > 1:
        return plain(cells, kinds)
    distinct = set(cells)
    if distinct == {""}:
        return None
    if len(distinct) * 2 <= len(cells):
        signs = {value: chr(FIRST_SIGN + place) for place, value in enumerate(distinct)}
        return {"of": plain(list(distinct), kinds), "at": "".join(map(signs.__getitem__, cells))}
    return plain(cells, kinds)


def are_moments(cells: Sequence[Any], kinds: set[type]) -> bool:
    """Whether a column holds nothing but date cells of whole seconds, and blanks."""
    if kinds == {datetime}:
        return not any(map(MICROSECONDS, cells))
    if kinds.isdisjoint((datetime, date)) or not kinds <= {datetime, date, str}:
        return False
    return not any(value if type(value) is str else type(value) is datetime and value.microsecond for value in cells)


def plain(cells: Sequence[Any], kinds: set[type]) -> Sequence[Any]:
    """Cells made plain, quickly where all are short text without a mark of ours."""
    if kinds == {str} and MARK not in "".join(cells) and len(max(cells, key=len)) <= CELL:
        return list(map(str.strip, cells))
    return [cell(value) for value in cells]


def cell(value: Any) -> Any:
    """One cell as JSON can carry it."""
    if isinstance(value, str):
        return value[:CELL].lstrip(MARK).strip()
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, (int, float)):
        return value if isfinite(value) else str(value)
    if isinstance(value, datetime):
        rounded = value + timedelta(microseconds=500_000) if value.microsecond else value
        return MARK + rounded.isoformat(timespec="seconds")
    if isinstance(value, date):
        return MARK + value.isoformat()
    if isinstance(value, (time, timedelta)):
        return str(value)
    return "" if value is None else str(value)[:CELL]


# --- workbooks of today: a zip of XML


def zipped(data: bytes) -> Iterator[Part]:
    """The sheets of an .xlsx or .ods. A bomb, a macro or another document is refused before anything is inflated."""
    end = data.rfind(b"PK\x05\x06", max(0, len(data) - 65_557))
    if end < 0 or len(data) < end + 22:
        raise Fault("broken_zip")
    members, directory = struct.unpack_from("<H", data, end + 10)[0], struct.unpack_from("<I", data, end + 12)[0]
    if members > MEMBERS or directory > DIRECTORY:
        raise Fault("too_many_members", limit=MEMBERS)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
            inspect_members(infos, len(data))
            inspect_heads(archive, infos)
            is_excel = inspect_kind(archive)
            from_1904 = counts_from_1904(archive, is_excel)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, ValueError, OSError, EOFError) as error:
        raise Fault("broken_zip") from error
    inflated = sum(info.file_size for info in infos)
    allow(MEMORY + MEMORY_PER_BYTE * max(0, inflated - MEMORY_FREE))
    looking: Valueless = ValuelessXml(data) if is_excel else ValuelessOpen(data)
    looking.start()
    return workbook(data, from_1904, looking)


def inspect_members(infos: list[zipfile.ZipInfo], size: int) -> None:
    """The limits on an archive, and that it has no macro and no password."""
    inflated = sum(info.file_size for info in infos)
    if len(infos) > MEMBERS:
        raise Fault("too_many_members", limit=MEMBERS)
    if inflated > INFLATED or (inflated > RATIO_FREE and inflated > RATIO * size):
        raise Fault("inflates_too_much", limit=INFLATED >> 20)
    names = [info.filename.lower() for info in infos]
    if any(info.flag_bits & 1 for info in infos):
        raise Fault("encrypted")
    if any(name.endswith("vbaproject.bin") or name.startswith(("basic/", "scripts/")) for name in names):
        raise Fault("has_macro")
    if len(set(names)) < len(names):
        raise Fault("broken_zip")  # two members of one name: which of them is read depends on the reader


def inspect_kind(archive: zipfile.ZipFile) -> bool:
    """Whether a zip is a workbook of Excel; otherwise it is one of OpenDocument, or refused."""
    names = {name.lower(): name for name in archive.namelist()}
    if "xl/workbook.xml" in names:
        return True
    if "content.xml" in names and "mimetype" in names and head_of(archive, names["mimetype"]).strip() == SPREADSHEET:
        if b"encryption-data" in head_of(archive, names.get("meta-inf/manifest.xml", "")):
            raise Fault("encrypted")
        return False
    raise Fault("wrong_type")


def inspect_heads(archive: zipfile.ZipFile, infos: list[zipfile.ZipInfo]) -> None:
    """Refuse a part that declares entities, and a sheet that claims more columns than any has: both stand first."""
    for info in infos:
        name = info.filename.lower()
        if not name.endswith((".xml", ".rels")):
            continue
        head = head_of(archive, info.filename)
        if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
            raise Fault("declares_entities")
        if name.startswith("xl/worksheets/"):
            found = DIMENSION.search(head)
            if found and column_number(found.group(3) or found.group(1) or b"A") > 16_384:
                raise Fault("sheet_too_large")


def head_of(archive: zipfile.ZipFile, name: str) -> bytes:
    """The first bytes of a member; none where it does not exist."""
    if not name:
        return b""
    with archive.open(name) as member:
        return member.read(HEAD)


def counts_from_1904(archive: zipfile.ZipFile, is_excel: bool) -> bool:
    """Whether the serial numbers of a workbook count from 1904, as old Macintosh ones do."""
    if is_excel:
        return bool(DATE_1904.search(head_of(archive, "xl/workbook.xml")))
    seen = b""
    with archive.open("content.xml") as member:
        while len(seen) < 4 * SLICE and b"<table:table " not in seen and (more := member.read(SLICE)):
            seen += more
    return bool(NULL_DATE_1904.search(seen))


def column_number(letters: bytes) -> int:
    """A = 1, Z = 26, AA = 27."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def workbook(data: bytes, from_1904: bool, looking: Valueless) -> Iterator[Part]:
    """The visible sheets of a workbook, in their order."""
    try:
        book = calamine.load_workbook(io.BytesIO(data))
        del data
        for meta in book.sheets_metadata:
            if meta.typ != calamine.SheetTypeEnum.WorkSheet or meta.visible != calamine.SheetVisibleEnum.Visible:
                continue
            sheet = book.get_sheet_by_name(meta.name)
            if sheet.start is None or sheet.end is None:
                continue
            if sheet.end[1] >= COLUMNS:
                raise Fault("too_wide", limit=COLUMNS)
            merges = [[*top, *bottom] for top, bottom in (sheet.merged_cell_ranges or [])[:MERGES]]
            yield Part(meta.name, merges, from_1904, sheet_chunks(sheet, looking.of(meta.name)))
    except calamine.PasswordError as error:
        raise Fault("encrypted") from error
    except calamine.CalamineError as error:
        raise Fault("broken_workbook") from error


def sheet_chunks(sheet: Any, patches: dict[int, dict[int, str]]) -> Iterator[tuple[list[int], list[Any]]]:
    """The rows of a sheet, column by column, with the numbers Excel shows and columns counted from A."""
    left, width = sheet.start[1], sheet.end[1] + 1 - sheet.start[1]
    rows, first = sheet.iter_rows(), 1
    at_once = max(50, min(CHUNK_ROWS, 100_000 // width))
    while taken := list(islice(rows, at_once)):
        if patches:
            patch(taken, first, left, patches)
        kept = [place for place, row in enumerate(taken) if any(row) or any(value != "" for value in row)]
        if kept:
            numbers = [first + place for place in kept]
            whole = taken if len(kept) == len(taken) else [taken[place] for place in kept]
            yield numbers, [[""] * len(kept)] * left + list(zip(*whole, strict=True))
        first += len(taken)


# --- cells that hold no value: errors, and formulas that nobody calculated


class Valueless(threading.Thread):
    """Looks for such cells beside the reader, which passes them as blank: a blank finish would be an open case."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.found: dict[str, dict[int, dict[int, str]]] = {}
        self.count = 0
        self.fault: Fault | None = None

    def run(self) -> None:
        try:
            self.look()
        except Fault as fault:
            self.fault = fault
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, EOFError, KeyError, struct.error):
            self.fault = Fault("broken_workbook")
        except MemoryError:
            self.fault = Fault("sheet_too_large")

    def look(self) -> None:
        """Fill ``found``."""

    def note(self, sheet: str, row: int, column: int, text: str) -> None:
        """Keep what a cell shows in place of a value; row as Excel shows it, column from 0."""
        self.count += 1
        if self.count > PATCHES:
            raise Fault("unsaved_formulas")
        self.found.setdefault(sheet, {}).setdefault(row, {})[column] = text

    def of(self, sheet: str) -> dict[int, dict[int, str]]:
        """What was found in a sheet; waits until the search has ended."""
        self.join()
        if self.fault is not None:
            raise self.fault
        return self.found.get(sheet, {})


def patch(rows: list[list[Any]], first: int, left: int, patches: dict[int, dict[int, str]]) -> None:
    """Write into blank cells what they show."""
    for number in patches.keys() & set(range(first, first + len(rows))):
        row = rows[number - first]
        for column, text in patches[number].items():
            if left <= column < left + len(row) and row[column - left] == "":
                row[column - left] = text


class ValuelessXml(Valueless):
    """In the sheets of an .xlsx."""

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self.data = data

    def look(self) -> None:
        with zipfile.ZipFile(io.BytesIO(self.data)) as archive:
            for name, member in members_of_sheets(archive).items():
                with archive.open(member) as stream:
                    rest = b""
                    while more := stream.read(SLICE):
                        rest = self.look_in(name, rest + more)
        self.data = b""

    def look_in(self, sheet: str, text: bytes) -> bytes:
        """Search whole cells; the beginning of the last one is given back."""
        cut = max(text.rfind(b"</c>"), text.rfind(b":c>"))
        if cut < 0:
            return text[-SLICE:]
        text, rest = text[: cut + 4], text[cut + 4 :]
        if b't="e"' in text:
            for found in ERROR_CELL.finditer(text):
                self.place(sheet, found.group(1), (found.group(2) or b"").decode("ascii", "replace") or UNSAVED)
        if b"f>" in text or b"<f " in text or b":f " in text:
            for found in WITHOUT_VALUE.finditer(text):
                attributes = cell_before(text, found.start())
                if b't="str"' not in attributes and b't="e"' not in attributes:
                    self.place(sheet, attributes, UNSAVED)
        return rest

    def place(self, sheet: str, attributes: bytes, text: str) -> None:
        found = REFERENCE.search(attributes)
        if not found:
            raise Fault("unsaved_formulas")
        self.note(sheet, int(found.group(2)), column_number(found.group(1)) - 1, text)


class ValuelessOpen(Valueless):
    """In the sheets of an .ods, where cells have no address: they are counted, but only if any cell shows an error."""

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self.data = data
        self.sheet, self.row, self.column, self.below, self.shown = "", 0, 0, 0, ""
        self.is_error = False

    def look(self) -> None:
        with zipfile.ZipFile(io.BytesIO(self.data)) as archive:
            with archive.open("content.xml") as stream:
                last = b""
                while (more := stream.read(SLICE)) and ERROR_IN_OPEN not in last + more:
                    last = more[-len(ERROR_IN_OPEN) :]
                if not more:
                    return
            parser = expat.ParserCreate()
            parser.StartElementHandler, parser.EndElementHandler = self.begin, self.end
            parser.CharacterDataHandler = self.say
            with archive.open("content.xml") as stream:
                try:
                    parser.ParseFile(stream)
                except expat.ExpatError as error:
                    raise Fault("broken_workbook") from error

    def begin(self, tag: str, said: dict[str, str]) -> None:
        if tag == "table:table":
            self.sheet, self.row, self.below = said.get("table:name", ""), 0, 0
        elif tag == "table:table-row":
            self.row += self.below + 1
            self.column, self.below = 0, int(said.get("table:number-rows-repeated", "1")) - 1
        elif tag in ("table:table-cell", "table:covered-table-cell"):
            self.is_error, self.shown = said.get("calcext:value-type") == "error", ""
            self.column += int(said.get("table:number-columns-repeated", "1"))

    def say(self, text: str) -> None:
        if self.is_error:
            self.shown += text

    def end(self, tag: str) -> None:
        if tag == "table:table-cell" and self.is_error:
            self.note(self.sheet, self.row, self.column - 1, self.shown.strip() or UNSAVED)
            self.is_error = False


def cell_before(text: bytes, place: int) -> bytes:
    """The attributes of the cell that holds what stands at a place."""
    low = max(0, place - LONGEST_CELL)
    start = max(text.rfind(mark, low, place) for mark in (b"<c ", b":c ", b"<c>", b":c>"))
    return text[start:place].partition(b">")[0] if start >= 0 else b""


def members_of_sheets(archive: zipfile.ZipFile) -> dict[str, str]:
    """The names of the sheets and the parts that hold them."""
    names = {name.lower(): name for name in archive.namelist()}
    relations = archive.read(names["xl/_rels/workbook.xml.rels"]).decode("utf-8", "replace")
    targets = {}
    for tag in re.findall(r"<(?:\w+:)?Relationship\b[^<>]*>", relations):
        said = dict(re.findall(r'\b(Id|Target)="([^"]*)"', tag))
        target = said.get("Target", "")
        targets[said.get("Id", "")] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    sheets = {}
    for tag in re.findall(
        r"<(?:\w+:)?sheet\b[^<>]*>", archive.read(names["xl/workbook.xml"]).decode("utf-8", "replace")
    ):
        name, relation = re.search(r'\bname="([^"]*)"', tag), re.search(r'\b\w{1,20}:id="([^"]*)"', tag)
        member = names.get(targets.get(relation.group(1), "").lower()) if relation else None
        if name and member:
            sheets[html.unescape(name.group(1))] = member
    if len(set(sheets.values())) < len(sheets):
        raise Fault("broken_workbook")  # a sheet told many times would be read as often
    return sheets


# --- workbooks of Excel 97 to 2003: a file system of sectors, in it a stream of records


ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}
END_OF_CHAIN = 0xFFFFFFF0


def old_workbook(data: bytes) -> Iterator[Part]:
    """The sheets of an .xls."""
    if ENCRYPTED in data:
        raise Fault("encrypted")
    if VBA in data:
        raise Fault("has_macro")
    try:
        stream = workbook_stream(data)
        from_1904 = inspect_globals(stream)
    except (struct.error, IndexError, ValueError) as error:
        raise Fault("broken_workbook") from error
    allow(MEMORY + 6 * len(stream))
    looking = ValuelessRecords(stream)
    looking.start()
    return workbook(data, from_1904, looking)


def workbook_stream(data: bytes) -> bytes:
    """The stream of records in an OLE file."""
    shift, mini_shift = struct.unpack_from("<HH", data, 30)
    if shift not in (9, 12) or mini_shift != 6:
        raise ValueError(shift)
    size = 1 << shift
    (first_directory,) = struct.unpack_from("<I", data, 48)
    cutoff, first_mini = struct.unpack_from("<II", data, 56)
    heads = list(struct.unpack_from("<109I", data, 76))
    (more,) = struct.unpack_from("<I", data, 68)
    while more < END_OF_CHAIN and len(heads) < len(data) // size + 109:
        said = struct.unpack_from(f"<{size // 4}I", data, (more + 1) * size)
        heads += said[:-1]
        more = said[-1]
    table: list[int] = []
    for head in heads:
        if head < END_OF_CHAIN:
            table += struct.unpack_from(f"<{size // 4}I", data, (head + 1) * size)

    def follow(start: int, chain_of: Sequence[int], length: int, source: bytes, offset: int) -> bytes:
        parts: list[bytes] = []
        while start < END_OF_CHAIN and len(parts) <= len(chain_of):
            parts.append(source[start * length + offset : (start + 1) * length + offset])
            start = chain_of[start]
        return b"".join(parts)

    directory = follow(first_directory, table, size, data, size)
    entries: dict[str, tuple[int, int]] = {}
    for place in range(0, len(directory) - 127, 128):
        (length,) = struct.unpack_from("<H", directory, place + 64)
        name = directory[place : place + max(0, min(length, 64) - 2)].decode("utf-16-le", "replace")
        entries.setdefault(name, struct.unpack_from("<II", directory, place + 116))
    if "Root Entry" not in entries:
        raise ValueError("cut off")
    for name in ("Workbook", "Book", "WORKBOOK", "BOOK"):
        if name not in entries:
            continue
        start, length = entries[name]
        if length >= cutoff:
            return follow(start, table, size, data, size)[:length]
        small = follow(entries["Root Entry"][0], table, size, data, size)
        chains = follow(first_mini, table, size, data, size)
        return follow(start, struct.unpack(f"<{len(chains) // 4}I", chains), 64, small, 0)[:length]
    raise Fault("wrong_type")


def records(stream: bytes, place: int = 0) -> Iterator[tuple[int, int, int]]:
    """The records from a place on: kind, where their content begins, its length."""
    end = len(stream) - 4
    unpack = struct.Struct("<HH").unpack_from
    for _ in range(RECORDS):
        if place > end:
            return
        kind, length = unpack(stream, place)
        yield kind, place + 4, length
        place += 4 + length
    raise Fault("sheet_too_large")


def inspect_globals(stream: bytes) -> bool:
    """Whether the dates of an .xls count from 1904; a password is refused."""
    from_1904 = False
    starts = set()
    for kind, at, _ in records(stream):
        if kind == 0x85:
            start = stream[at : at + 4]
            if start in starts:
                raise Fault("broken_workbook")  # a sheet told many times would be read as often
            starts.add(start)
        if kind == 0x2F:
            raise Fault("encrypted")
        if kind == 0x22:
            from_1904 = stream[at] == 1
        if kind == 0x0A:
            break
    return from_1904


class ValuelessRecords(Valueless):
    """In the sheets of an .xls."""

    def __init__(self, stream: bytes) -> None:
        super().__init__()
        self.stream = stream

    def look(self) -> None:
        for name, start in self.sheets():
            depth = 0
            for kind, at, length in records(self.stream, start):
                if kind == 0x06 and length >= 14:
                    row, column, _, what, _, code, _, _, mark = struct.unpack_from("<HHHBBBBHH", self.stream, at)
                    if mark == 0xFFFF and what == 2:
                        self.note(name, row + 1, column, ERRORS.get(code, UNSAVED))
                elif kind == 0x205 and length >= 8 and self.stream[at + 7] == 1:
                    row, column = struct.unpack_from("<HH", self.stream, at)
                    self.note(name, row + 1, column, ERRORS.get(self.stream[at + 6], UNSAVED))
                elif kind in (0x809, 0x0A):
                    depth += 1 if kind == 0x809 else -1
                    if depth <= 0:
                        break

    def sheets(self) -> Iterator[tuple[str, int]]:
        """The names of the sheets and where their records begin."""
        for kind, at, _ in records(self.stream):
            if kind == 0x85:
                start, _, _, length, wide = struct.unpack_from("<IBBBB", self.stream, at)
                text = self.stream[at + 8 : at + 8 + length * (2 if wide & 1 else 1)]
                yield text.decode("utf-16-le" if wide & 1 else "latin-1", "replace"), start
            if kind == 0x0A:
                return


# --- text


def table(data: bytes) -> Iterator[Part]:
    """The one sheet of a text file."""
    encoding, data = encoding_of(data)
    if holds_binary(data, encoding):
        raise Fault("wrong_type")
    yield Part("", [], False, text_chunks(data, encoding))


def encoding_of(data: bytes) -> tuple[str, bytes]:
    """UTF-8 with or without mark, UTF-16 with or without mark, else Windows-1258; and the text without its mark."""
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if data.startswith(mark):
            return demand(data[len(mark) :], encoding)
    head = data[:2_000]
    if head[1::2].count(0) > len(head) // 4:
        return demand(data, "utf-16-le")
    if head[0::2].count(0) > len(head) // 4:
        return demand(data, "utf-16-be")
    return ("utf-8", data) if is_encoded(data, "utf-8") else demand(data, "cp1258")


def demand(data: bytes, encoding: str) -> tuple[str, bytes]:
    """The encoding, or a fault that names no byte of the text."""
    if not is_encoded(data, encoding):
        raise Fault("bad_encoding")
    return encoding, data


def is_encoded(data: bytes, encoding: str) -> bool:
    """Whether all of a text is in an encoding; looked at in slices, to hold it once only."""
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for place in range(0, len(data), SLICE):
            decoder.decode(data[place : place + SLICE])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def holds_binary(data: bytes, encoding: str) -> bool:
    """Whether signs stand in it that no text has."""
    if encoding.startswith("utf-16"):
        data = data.decode(encoding).encode("utf-8")
    return len(data.translate(None, BINARY)) != len(data)


def text_chunks(data: bytes, encoding: str) -> Iterator[tuple[list[int], list[Any]]]:
    """The rows of a text file, column by column, numbered as Excel numbers them when it opens the file.

    A quote that is never closed would swallow every row below it: a last line of our own must come out whole.
    """
    delimiter, skipped = delimiter_of(data, encoding)
    csv.field_size_limit(CELL * 4)
    lines = io.TextIOWrapper(io.BytesIO(data), encoding, newline="")
    for _ in range(skipped):
        lines.readline()
    reader, first, is_whole = csv.reader(chain(lines, [LAST_LINE]), delimiter=delimiter), 1, False
    try:
        while rows := list(islice(reader, CHUNK_ROWS)):
            if rows[-1] == [LAST_LINE]:
                rows.pop()
                is_whole = True
            kept = [place for place, row in enumerate(rows) if any(row)]
            if kept:
                whole = rows if len(kept) == len(rows) else [rows[place] for place in kept]
                yield [first + place for place in kept], upright(whole)
            first += len(rows)
    except csv.Error as error:
        raise Fault("broken_text") from error
    if not is_whole:
        raise Fault("broken_text", row=first - 1)  # the last row began with the quote and swallowed the rest


def upright(rows: list[list[str]]) -> list[Any]:
    """Rows of any length as columns of one length."""
    widest = max(map(len, rows))
    if widest > COLUMNS:
        raise Fault("too_wide", limit=COLUMNS)
    if len(set(map(len, rows))) == 1:
        return list(zip(*rows, strict=True))
    return list(zip_longest(*rows, fillvalue=""))


def delimiter_of(data: bytes, encoding: str) -> tuple[str, int]:
    """The delimiter, and how many lines at the top only say it: a hint to Excel, which shows it in no row."""
    sample = data[:SNIFFED_BYTES].decode(encoding, "ignore")
    hint = re.match(r'"?sep=(.)"?\r?\n', sample, re.IGNORECASE)
    if hint:
        return hint.group(1), 1
    sample = sample[:200_000]
    return max(DELIMITERS, key=lambda delimiter: regularity(sample, delimiter)), 0


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


def run() -> None:
    """Read the file the command line names; the last line says how it ended."""
    try:
        main(sys.argv[1], sys.argv[2])
    except Fault as fault:
        emit(fault.facts)
    except MemoryError:
        emit({"fault": "sheet_too_large"})
    except BrokenPipeError:
        sys.stderr.close()
    except BaseException:  # a panic of the reader's library is no Exception
        emit({"fault": "broken_workbook"})


if __name__ == "__main__":
    run()
