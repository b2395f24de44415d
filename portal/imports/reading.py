"""Reading an uploaded file through the guarded child: parts of a stream, or a refusal with a code. No database."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from typing import Any, cast

import orjson

from portal.imports.moments import MARK
from portal.refusal import Refused

CHILD = Path(__file__).with_name("child.py")
LARGEST_FILE = 64 << 20
LONGEST_LINE = 64 << 20
PIPE = 1 << 20
SECONDS = 120
FIRST_SIGN = 48
"""The sign that stands for place 0 in a shortened column of a chunk (see ``child.py``)."""
SHEET_ENDINGS = (".xlsx", ".xlsm", ".xls", ".ods")
TEXT_ENDINGS = (".csv", ".txt", ".tsv")

Cell = str | int | float
"""A cell: "" for blank, text, a number, or U+0001 and an ISO date or moment for a date cell."""
Row = tuple[int, list[Cell]]
"""The number Excel shows, and the cells from column A on."""
Merge = tuple[int, int, int, int]
"""First row, first column, last row, last column of merged cells, counted from 0."""


class FileFault(Refused):
    """The whole file is not taken; nothing is written. ``facts`` may hold ``row`` and ``column``."""

    def __init__(self, reason: str, **facts: Any) -> None:
        super().__init__(f"imports.{reason}", **facts)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Sheet:
    """The beginning of a sheet; its chunks follow in the stream. ``from_1904``: how its serial numbers count."""

    name: str
    merges: tuple[Merge, ...] = ()
    from_1904: bool = False


@dataclass(slots=True)
class Chunk:
    """Some rows of a sheet, column by column: the numbers Excel shows, and the columns as the child wrote them.

    A column is not looked into before somebody asks for it.
    """

    numbers: list[int]
    written: list[bytes]
    open: dict[int, list[Cell]] = field(default_factory=dict)

    @classmethod
    def of_rows(cls, rows: Sequence[Row]) -> Chunk:
        """A chunk of rows of any length."""
        columns = zip_longest(*(cells for _, cells in rows), fillvalue="")
        open_columns = {place: list(column) for place, column in enumerate(columns)}
        return cls([number for number, _ in rows], [b""] * len(open_columns), open_columns)

    def __len__(self) -> int:
        return len(self.numbers)

    def __iter__(self) -> Iterator[Row]:
        """Row by row. Slow; for short lists."""
        return iter(self.rows())

    def column(self, place: int, known: dict[Cell, Cell] | None = None) -> list[Cell]:
        """The cells of a column, counted from 0. Equal texts are one object where ``known`` keeps them.

        Raises FileFault where the child wrote something else than a column of this length.
        """
        found = self.open.get(place)
        if found is None:
            written = self.written[place] if place < len(self.written) else b"null"
            found = self.open[place] = _unpacked(_said(written), len(self.numbers), {} if known is None else known)
            if len(found) != len(self.numbers):
                raise FileFault("unreadable")
        return found

    def cells(self, at: int) -> list[Cell]:
        """All cells of one row, from column A on."""
        return [self.column(place)[at] for place in range(len(self.written))]

    def rows(self, upto: int | None = None) -> list[Row]:
        """The first rows."""
        return [(number, self.cells(at)) for at, number in enumerate(self.numbers[:upto])]


def _unpacked(said: Any, length: int, known: dict[Cell, Cell]) -> list[Cell]:
    if said is None:
        return [""] * length
    if isinstance(said, list):
        return said
    if "moments" in said:
        return [iso and MARK + iso for iso in said["moments"]]
    values = {chr(FIRST_SIGN + place): known.setdefault(value, value) for place, value in enumerate(said["of"])}
    return list(map(values.__getitem__, said["at"]))


def _said(line: bytes) -> Any:
    """What a line of the child says. Raises FileFault."""
    try:
        return orjson.loads(line)
    except ValueError as error:
        raise FileFault("unreadable") from error


def read(path: Path, name: str, seconds: float = SECONDS) -> Iterator[Sheet | Chunk]:
    """Stream one file: for each visible sheet a ``Sheet``, then its rows in chunks. Raises FileFault.

    ``name`` is the name the user knows the file by. The child starts at once, and reads while the caller does other
    work; it is killed after ``seconds`` or when the reader stops.
    """
    kind = kind_of(name)
    size = path.stat().st_size
    if size == 0:
        raise FileFault("empty_file")
    if size > LARGEST_FILE:
        raise FileFault("too_large", limit=LARGEST_FILE >> 20)
    stream = _stream(path, kind, seconds)
    next(stream)
    return cast(Iterator[Sheet | Chunk], stream)


def _stream(path: Path, kind: str, seconds: float) -> Iterator[Sheet | Chunk | None]:
    """None once the child runs, then what it says."""
    command = [sys.executable, "-I", "-X", "utf8", str(CHILD), str(path), kind]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        bufsize=PIPE,
        pipesize=PIPE,
        env={"MALLOC_ARENA_MAX": "1"},
    ) as child:
        stopped = threading.Event()
        timer = threading.Timer(seconds, _stop, (child, stopped))
        timer.start()
        try:
            yield None
            yield from _parts(child, stopped)
        finally:
            timer.cancel()
            child.kill()


def _stop(child: subprocess.Popen[bytes], stopped: threading.Event) -> None:
    stopped.set()
    child.kill()


def kind_of(name: str) -> str:
    """``sheet`` or ``text`` after the ending of the name; other endings are refused."""
    lowered = name.lower()
    if lowered.endswith(SHEET_ENDINGS):
        return "sheet"
    if lowered.endswith(TEXT_ENDINGS):
        return "text"
    raise FileFault("wrong_type")


def _parts(child: subprocess.Popen[bytes], stopped: threading.Event) -> Iterator[Sheet | Chunk]:
    """What the child says, checked as it comes: a stream that breaks off is a fault, never a shorter file."""
    if child.stdout is None:  # pragma: no cover - Popen was given a pipe
        raise FileFault("unreadable")
    while line := child.stdout.readline(LONGEST_LINE):
        said = _said(line)
        if "rows" in said:
            columns = [child.stdout.readline(LONGEST_LINE) for _ in range(said["columns"])]
            yield Chunk(said["rows"], columns)
        elif "sheet" in said:
            yield Sheet(said["sheet"], tuple(tuple(merge) for merge in said["merges"]), said["from_1904"])
        elif "fault" in said:
            raise FileFault(said.pop("fault"), **said)
        else:
            return
    # The child died without a last word: out of time, or out of memory on a sheet that claims too much.
    raise FileFault("too_slow" if stopped.is_set() or child.wait() == -24 else "sheet_too_large")
