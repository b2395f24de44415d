"""PURE: what a backup says about itself, and what the doctor finds."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from enum import StrEnum, auto
from typing import Any

FORMAT = "dung-han-backup"
FORMAT_VERSION = 1
SAFE_SQLITE = (3, 51, 3)
"""Before this version a checkpoint that overlaps a commit may, very rarely, corrupt a WAL database (the WAL-reset
fault). The portal never lets them overlap (``database.shorten_log``); another program that writes would."""
KEY_MARK = b"key fingerprint\n"


class ArchiveFault(Exception):
    """An archive, or the place it should go to, is not as it must be; the text says what is wrong."""


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What a backup contains, so that a restore can prove that it is whole.

    ``counts`` are rows of each table, ``audit_seq`` and ``audit_hash`` the head of the trail, ``key`` a fingerprint of
    the secret that made the trail. ``files`` maps the hash of each stored file to its size.
    """

    made_at: str
    database: str
    server: str
    revision: str
    counts: dict[str, int]
    audit_seq: int
    audit_hash: str
    key: str
    database_sha256: str
    files: dict[str, int] = field(default_factory=dict)
    format: str = FORMAT
    version: int = FORMAT_VERSION

    def to_bytes(self) -> bytes:
        """The text that is stored."""
        return json.dumps(asdict(self), indent=1, sort_keys=True).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> Manifest:
        """Read a manifest back. Raises ArchiveFault when it is not one, or of a later format."""
        try:
            facts: dict[str, Any] = json.loads(data)
            if facts["format"] != FORMAT:
                raise ArchiveFault("đây không phải bản sao lưu của cổng")
            if facts["version"] > FORMAT_VERSION:
                raise ArchiveFault("bản sao lưu do phiên bản mới hơn của cổng tạo ra")
            return cls(**facts)
        except (ValueError, KeyError, TypeError) as error:
            raise ArchiveFault("không đọc được bản kê nội dung") from error


def key_fingerprint(secret: str) -> str:
    """Names a secret without giving it away: the trail of a backup verifies only with the secret that made it."""
    return hashlib.sha256(KEY_MARK + secret.encode()).hexdigest()[:16]


def first_difference(expected: dict[str, int], found: dict[str, int]) -> str | None:
    """The first table whose rows differ, in words; None when all agree."""
    for table in sorted(expected.keys() | found.keys()):
        if expected.get(table) != found.get(table):
            return f"bảng {table} có {found.get(table, 0)} dòng, bản sao lưu ghi {expected.get(table, 0)}"
    return None


class State(StrEnum):
    """How the doctor judges one point."""

    GOOD = auto()
    WARNING = auto()
    BAD = auto()


@dataclass(frozen=True)
class Finding:
    """One point the doctor looked at."""

    name: str
    state: State
    detail: str


def worst(findings: list[Finding]) -> State:
    """The judgement of the whole."""
    states = {finding.state for finding in findings}
    return State.BAD if State.BAD in states else State.WARNING if State.WARNING in states else State.GOOD
