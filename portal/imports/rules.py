"""PURE: the words of an import: which facts a file can carry, what becomes of a row, what may be wrong with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum, auto
from typing import Any


class Fact(StrEnum):
    """What a column of a case list can hold."""

    CODE = auto()
    PROCEDURE_CODE = auto()
    PROCEDURE = auto()
    PROCEDURE_FIELD = auto()
    APPLICANT = auto()
    SUBJECT = auto()
    CHANNEL = auto()
    RECEIVED = auto()
    DUE = auto()
    FINISHED = auto()
    RETURNED = auto()
    STATUS = auto()
    RECEIVING_UNIT = auto()
    UNIT = auto()
    OFFICER = auto()
    RESULT_NUMBER = auto()
    RESULT_FILE = auto()
    SUPPLEMENT_ASKED = auto()
    SUPPLEMENT_DONE = auto()


REQUIRED = (Fact.CODE, Fact.RECEIVED, Fact.DUE, Fact.UNIT)
"""Without these columns a file is refused (domain rules, facts in, 6)."""
MOMENTS = (Fact.RECEIVED, Fact.DUE, Fact.FINISHED, Fact.RETURNED)
DONE_MOMENTS = (Fact.RECEIVED, Fact.FINISHED, Fact.RETURNED)
"""Moments that lie in the past of the data; the newest of them is the default ``data_as_of``. A due moment never is."""
SUPPLEMENTS = (Fact.SUPPLEMENT_ASKED, Fact.SUPPLEMENT_DONE)
"""Moments beside the term: one that cannot be read is left out and never rejects its row."""
RESULTS = (Fact.RESULT_NUMBER, Fact.RESULT_FILE)
"""What proves a result; where a source has such a column, a finish without it may be a premature closure."""


class BatchState(StrEnum):
    """The life of a batch.

    ``waiting`` and ``to_apply`` are queues for the job that works on large files; ``reading`` and ``applying`` are
    under its hands. ``uploaded`` waits for an answer about its columns, ``previewed`` for the word to apply.
    """

    WAITING = auto()
    READING = auto()
    UPLOADED = auto()
    PREVIEWED = auto()
    TO_APPLY = auto()
    APPLYING = auto()
    APPLIED = auto()
    FAILED = auto()
    DISCARDED = auto()
    UNDONE = auto()


class Door(StrEnum):
    """How a batch came in."""

    PAGE = auto()
    COMMAND = auto()
    API = auto()
    DROP = auto()


class Outcome(StrEnum):
    """What becomes of a data row; every row is exactly one of these."""

    NEW = auto()
    CHANGED = auto()
    UNCHANGED = auto()
    PENDING = auto()
    REJECTED = auto()


class DateOrder(StrEnum):
    """How ``03/04/2023`` is read; a whole file is read in one order."""

    DAY_FIRST = auto()
    MONTH_FIRST = auto()


class NameKind(StrEnum):
    """Names of a source that a person maps to the directory."""

    UNIT = auto()
    OFFICER = auto()


class NameState(StrEnum):
    """Where a name of the queue stands."""

    WAITING = auto()
    MAPPED = auto()
    IGNORED = auto()


@dataclass(frozen=True, slots=True)
class Remark:
    """Something to say about one row. ``reason`` is a stable code, worded at the edge with ``facts``.

    ``column`` is the heading as it stands in the file, ``value`` the cell as it stands there; ``sheet`` names the row's
    sheet where several were read.
    """

    row: int | None
    column: str | None
    value: str | None
    reason: str
    facts: dict[str, Any] = field(default_factory=dict)
    sheet: str | None = None


@dataclass(slots=True)
class Counts:
    """``rows = new + changed + unchanged + pending + rejected``; data rows only."""

    rows: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    pending: int = 0
    rejected: int = 0

    def add(self, outcome: Outcome, n: int = 1) -> None:
        """Count rows of one outcome."""
        self.rows += n
        setattr(self, outcome.value, getattr(self, outcome.value) + n)

    def as_dict(self) -> dict[str, int]:
        """The counts under the names of the command's answer."""
        return {
            "rows": self.rows,
            "new": self.new,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "pending": self.pending,
            "rejected": self.rejected,
        }
