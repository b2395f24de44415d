"""Reading an uploaded file through the guarded child: parts of a stream, or a refusal with a code. No database."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from portal.refusal import Refused

CHILD = Path(__file__).with_name("child.py")
LARGEST_FILE = 25 << 20
LONGEST_LINE = 64 << 20
SECONDS = 120
SHEET_ENDINGS = (".xlsx", ".xlsm", ".xls")
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
    """The beginning of a sheet; its chunks follow in the stream."""

    name: str
    merges: tuple[Merge, ...]


def read(path: Path, name: str, seconds: float = SECONDS) -> Iterator[Sheet | list[Row]]:
    """Stream one file: for each visible sheet a ``Sheet``, then its rows in chunks. Raises FileFault.

    ``name`` is the name the user knows the file by. The child is killed after ``seconds`` or when the reader stops.
    """
    kind = kind_of(name)
    size = path.stat().st_size
    if size == 0:
        raise FileFault("empty_file")
    if size > LARGEST_FILE:
        raise FileFault("too_large", limit=LARGEST_FILE >> 20)
    command = [sys.executable, "-I", "-X", "utf8", str(CHILD), str(path), kind]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={}) as child:
        stopped = threading.Event()
        timer = threading.Timer(seconds, _stop, (child, stopped))
        timer.start()
        try:
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


def _parts(child: subprocess.Popen[bytes], stopped: threading.Event) -> Iterator[Sheet | list[Row]]:
    """What the child says, checked as it comes: a stream that breaks off is a fault, never a shorter file."""
    if child.stdout is None:  # pragma: no cover - Popen was given a pipe
        raise FileFault("unreadable")
    while line := child.stdout.readline(LONGEST_LINE):
        try:
            said = json.loads(line)
        except ValueError as error:
            raise FileFault("unreadable") from error
        if isinstance(said, list):
            yield said
        elif "sheet" in said:
            yield Sheet(said["sheet"], tuple(tuple(merge) for merge in said["merges"]))
        elif "fault" in said:
            raise FileFault(said.pop("fault"), **said)
        else:
            return
    # The child died without a last word: out of time, or out of memory on a sheet that claims too much.
    raise FileFault("too_slow" if stopped.is_set() or child.wait() == -24 else "sheet_too_large")
