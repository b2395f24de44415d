"""The first data rows of a kept file, whole: what people look at when they say which column holds what. No database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from portal.imports.header import DEEPEST, SEARCHED_ROWS, Cell, Header, Row, is_numbering
from portal.imports.proposing import SAMPLED, header_in
from portal.imports.reading import Sheet, read

LOOKED_AT = SEARCHED_ROWS + DEEPEST + SAMPLED
"""Rows of a sheet that are looked at: those a header is searched in, and the sample below it."""


@dataclass(frozen=True, slots=True)
class Sample:
    """The header of a list and the cells of its first data rows. ``sheet`` is empty for text files."""

    sheet: str
    header: Header
    rows: list[list[Cell]]


def sample_of(path: Path, name: str, headings: Mapping[str, str]) -> Sample | None:
    """The sheet with these headings and its first rows; None where no sheet has them any more. Raises FileFault."""
    wanted = {int(place): text for place, text in headings.items()}
    with closing(read(path, name)) as parts:  # type: ignore[type-var]
        for sheet, rows in _beginnings(parts):
            header = header_in(rows[: SEARCHED_ROWS + DEEPEST], sheet.merges)
            if header is not None and dict(header.headings) == wanted:
                return Sample(sheet.name, header, list(_below(header, rows)))
    return None


def _beginnings(parts: Iterable[Any]) -> Iterator[tuple[Sheet, list[Row]]]:
    """Each sheet with its first rows, given as soon as enough of them have come."""
    sheet: Sheet | None = None
    rows: list[Row] = []
    is_given = False
    for part in parts:
        if isinstance(part, Sheet):
            if sheet is not None and not is_given:
                yield sheet, rows
            sheet, rows, is_given = part, [], False
        elif sheet is not None and not is_given:
            rows += part.rows(LOOKED_AT)
            if len(rows) >= LOOKED_AT:
                is_given = True
                yield sheet, rows[:LOOKED_AT]
    if sheet is not None and not is_given:
        yield sheet, rows


def _below(header: Header, rows: Iterable[Row]) -> Iterator[list[Cell]]:
    """The first rows below the header that hold something, without those that only number its columns."""
    taken = 0
    for number, cells in rows:
        is_blank = all(cell == "" for cell in cells)
        if number <= header.rows[-1] or is_blank or (not taken and is_numbering(cells)):
            continue
        taken += 1
        if taken > SAMPLED:
            return
        yield list(cells)
