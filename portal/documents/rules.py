"""PURE: what a file may be, and how documents are numbered."""

from __future__ import annotations

import unicodedata
from enum import StrEnum

MIB = 1024 * 1024
LARGEST_FILE = 25 * MIB
LARGEST_INFLATED = 250 * MIB
LARGEST_RATIO = 100
MOST_MEMBERS = 1000
LONGEST_NAME = 120
HIGHEST_NUMBER = 999_999

MEDIA_TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "png": "image/png",
    "jpg": "image/jpeg",
    "csv": "text/csv",
    "txt": "text/plain",
}
"""The kinds of files the portal keeps, by their ending."""

SAME_KIND = {"jpeg": "jpg"}
FORBIDDEN_IN_NAMES = frozenset('/\\:*?"<>|')


class NumberState(StrEnum):
    """What became of a number; a cancelled one is never given again."""

    RESERVED = "reserved"
    USED = "used"
    CANCELLED = "cancelled"


def ending_of(file_name: str) -> str:
    """The ending of a file name in the portal's own spelling, empty when there is none."""
    _, dot, ending = file_name.rpartition(".")
    ending = ending.strip().lower()
    return SAME_KIND.get(ending, ending) if dot else ""


def safe_name(file_name: str) -> str:
    """A file name without folders, control characters and direction tricks, at most 120 characters, never empty."""
    name = unicodedata.normalize("NFC", file_name).replace("\\", "/").rpartition("/")[2]
    kept = "".join(
        letter
        for letter in name
        if letter not in FORBIDDEN_IN_NAMES and not unicodedata.category(letter).startswith("C")
    ).strip(" .")
    if len(kept) > LONGEST_NAME:
        stem, dot, ending = kept.rpartition(".")
        kept = f"{stem[: LONGEST_NAME - len(ending) - 1]}{dot}{ending}" if dot else kept[:LONGEST_NAME]
    return kept or "tep"


def is_possible_number(number: int) -> bool:
    """Whether a register can hold this number."""
    return 0 < number <= HIGHEST_NUMBER
