"""A directory file of any kind as records: text is read here, workbooks by the guarded child process."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from portal.directory.sheet import (
    HEADER_WITHIN,
    LIMIT_MIB,
    Record,
    Sheet,
    SheetFault,
    is_header,
    read_records,
    text_records,
)

CHILD = Path(__file__).with_name("child.py")
PATIENCE = 30
"""Seconds after which the child process is given up."""
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
HTML = (b"<!doctype", b"<html", b"<table", b"<head", b"<meta")


def read_directory(data: bytes, roles: Sequence[str]) -> Sheet:
    """Read a directory file: .xlsx, .xls, .ods, or text in UTF-8. What it is decides its content, not its name.

    ``roles`` are the words allowed in the column role. Raises SheetFault for the whole file.
    """
    if not data.strip():
        raise SheetFault("empty")
    if len(data) > LIMIT_MIB * 1024 * 1024:
        raise SheetFault("too_large", limit=LIMIT_MIB)
    if data.startswith(WORKBOOKS):
        return read_records(_of_workbook(data), roles)
    if data.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(HTML):
        raise SheetFault("html_table")
    return read_records(text_records(data), roles)


def _of_workbook(data: bytes) -> Iterator[Record]:
    """The rows of the first sheet that carries the header; of the first sheet where none does."""
    sheets = workbook_sheets(data)
    chosen = next(
        (rows for rows in sheets if any(is_header(cells) for _number, cells in rows[:HEADER_WITHIN])), sheets[0]
    )
    yield from chosen


def workbook_sheets(data: bytes) -> list[list[Record]]:
    """The rows of every visible sheet that has some, read by the guarded child. Raises SheetFault."""
    try:
        run = subprocess.run(
            [sys.executable, "-I", str(CHILD)], input=data, capture_output=True, timeout=PATIENCE, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise SheetFault("broken_workbook") from error
    if run.returncode != 0:
        raise SheetFault("broken_workbook")
    answer = json.loads(run.stdout)
    if "fault" in answer:
        raise SheetFault(answer.pop("fault"), **answer)
    sheets = [[(number, cells) for number, cells in rows] for _name, rows in answer["sheets"] if rows]
    if not sheets:
        raise SheetFault("empty")
    return sheets
