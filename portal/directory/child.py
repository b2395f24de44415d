"""The guarded reader of a directory workbook: a program of its own, ``python -I child.py``. Trusts nothing.

The workbook comes on stdin; one JSON object goes out: ``{"sheets": [[name, [[row number, [cell, …]], …]], …]}`` of the
visible sheets, numbers as Excel shows them, every cell as text; or ``{"fault": code}``. It imports nothing of the
portal, and gives up memory, processor time and the right to write files before it reads a byte: a sheet of 5 KB can
make a reader reserve hundreds of gigabytes.
"""

from __future__ import annotations

import io
import json
import resource
import sys
from datetime import date, datetime
from typing import Any

import python_calamine as calamine

MEMORY = 1 << 30
SECONDS = 20
ROWS = 20_000
COLUMNS = 64
CELL = 1_000
SIGNS = 16 << 20


def confine() -> None:
    """Give up what a reader does not need."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def main() -> None:
    """Read one workbook."""
    confine()
    try:
        answer: dict[str, Any] = {"sheets": sheets_of(sys.stdin.buffer.read())}
    except calamine.PasswordError:
        answer = {"fault": "encrypted"}
    except calamine.CalamineError:
        answer = {"fault": "broken_workbook"}
    except OverflowError:
        answer = {"fault": "too_many_rows", "limit": ROWS}
    sys.stdout.buffer.write(json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace"))


def sheets_of(data: bytes) -> list[tuple[str, list[tuple[int, list[str]]]]]:
    """The rows with any text, sheet by sheet. Raises OverflowError beyond the limits."""
    book = calamine.load_workbook(io.BytesIO(data))
    found, rows, signs = [], 0, 0
    for meta in book.sheets_metadata:
        if meta.typ != calamine.SheetTypeEnum.WorkSheet or meta.visible != calamine.SheetVisibleEnum.Visible:
            continue
        sheet = book.get_sheet_by_name(meta.name)
        if sheet.start is None:
            continue
        left = [""] * min(sheet.start[1], COLUMNS)
        kept: list[tuple[int, list[str]]] = []
        for number, row in enumerate(sheet.iter_rows(), start=1):
            cells = (left + [text_of(value) for value in row[:COLUMNS]])[:COLUMNS]
            if any(cells):
                kept.append((number, cells))
                rows, signs = rows + 1, signs + sum(map(len, cells))
            if rows > ROWS or signs > SIGNS:
                raise OverflowError
        found.append((meta.name, kept))
    return found


def text_of(value: Any) -> str:
    """A cell as somebody would type it: days in ISO form, whole numbers without a point."""
    if isinstance(value, bool):
        return "TRUE" if value else ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time().isoformat() == "00:00:00" else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)[:CELL]


if __name__ == "__main__":
    main()
