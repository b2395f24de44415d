"""A calendar file of any kind as rows: workbooks by the guarded child process, text and JSON here."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from portal.calendars.sheet import HEADER_WITHIN, Line, column_of, is_header, read_facts, read_records
from portal.directory.reading import HTML, WORKBOOKS, workbook_sheets
from portal.directory.sheet import LIMIT_MIB, SheetFault, text_of

Scalar = (str, int, float, bool, type(None))


def read_calendar(data: bytes) -> list[Line]:
    """Read a file of days: .xlsx, .xls, .ods, .json, or text in UTF-8. What it is decides its content, not its name.

    Raises SheetFault for the whole file.
    """
    if len(data) > LIMIT_MIB * 1024 * 1024:
        raise SheetFault("too_large", limit=LIMIT_MIB)
    if data.startswith(WORKBOOKS):
        sheets = workbook_sheets(data)
        with_header = (rows for rows in sheets if any(is_header(cells) for _n, cells in rows[:HEADER_WITHIN]))
        return read_records(next(with_header, sheets[0]))
    text = text_of(data)
    start = text.lstrip()
    if start.lower().startswith(tuple(sign.decode() for sign in HTML)):
        raise SheetFault("html_table")
    return _of_json(text) if start.startswith(("{", "[")) else _of_text(text)


def _of_text(text: str) -> list[Line]:
    first = "\n".join(text.split("\n", HEADER_WITHIN)[:HEADER_WITHIN])
    separator = max(",;\t", key=lambda sign: sum(bool(column_of(cell)) for cell in _cells(first, sign)))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        return read_records(enumerate(reader, start=1))
    except csv.Error as error:
        raise SheetFault("broken") from error


def _cells(text: str, separator: str) -> list[str]:
    return text.replace("\n", separator).split(separator)


def _of_json(text: str) -> list[Line]:
    """A list of objects, or an object with such a list as ``days``: what ``portal calendar list --json`` prints."""
    try:
        value: Any = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SheetFault("broken_json") from error
    rows = value.get("days") if isinstance(value, dict) else value
    if not isinstance(rows, list) or not all(_is_plain(row) for row in rows):
        raise SheetFault("broken_json")
    named = [{column_of(key): "" if cell is None else str(cell) for key, cell in row.items()} for row in rows]
    return read_facts(enumerate(named, start=1))


def _is_plain(row: Any) -> bool:
    return isinstance(row, dict) and all(isinstance(cell, Scalar) for cell in row.values())
