"""PURE: placed rows against the cases that are known: what is new, what changed and how, what stays as it is."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from portal.imports.checking import Checked, Draft
from portal.imports.header import key_of
from portal.imports.meanings import ASKING
from portal.imports.placing import Placement
from portal.imports.rules import Counts, Outcome, Remark

COMPARED = (
    "procedure_id", "subject", "applicant_name", "receiving_unit_id", "resolving_unit_id", "officer_id", "officer_name",
    "channel", "received_at", "received_precision", "due_at", "due_precision", "finished_at", "finished_precision",
    "finished_from", "returned_at", "returned_precision", "status_text", "meaning", "data_fault", "ended_seen_at",
    "gone_since", "result_ref", "supplement_asked_at", "supplement_done_at",
)  # fmt: skip
"""The columns in which a case can differ from what is known."""
QUIET = frozenset(
    {
        "received_precision",
        "due_precision",
        "finished_precision",
        "returned_precision",
        "finished_from",
        "ended_seen_at",
    }
)
"""Columns that move with another one; kept as a difference only where nothing else differs."""
ALONG = ("applicant_folded", "search", "source_id")
"""Columns that are written with others and never make a difference of their own."""
RESTORED = (*COMPARED, *ALONG)
"""The columns of a known case an import can write, beside its moment and its batch."""
LONGEST_LIST = 5_000
"""Changes a preview keeps one by one; the effects count all of them."""


class Change(NamedTuple):
    """A difference in one field of one known case; ids and moments as text. ``row`` and ``code``: where it was read."""

    case_id: int
    field: str
    old: str | None
    new: str | None
    kind: str
    row: int | None = None
    code: str = ""


@dataclass(frozen=True, slots=True)
class Terms:
    """What decides between two sayings about one case: the batch's source and moment, and who owns which unit.

    ``titles``: procedure to title, for what a case is found by.
    """

    source_id: int
    data_as_of: datetime
    owners: Mapping[int, int]
    titles: Mapping[int, str] = field(default_factory=dict)


@dataclass(slots=True)
class Plan:
    """What applying a file does, exactly. Before the database was asked it holds only what the file itself tells."""

    counts: Counts = field(default_factory=Counts)
    changes: list[Change] = field(default_factory=list)
    problems: list[Remark] = field(default_factory=list)
    pending: list[tuple[Draft, Remark]] = field(default_factory=list)
    warnings: list[Remark] = field(default_factory=list)
    codes: set[str] = field(default_factory=set)
    fresh: set[str] = field(default_factory=set)
    """Codes of new cases; only of short lists."""
    changed: set[str] = field(default_factory=set)
    gone: int = 0
    breaches: int | None = None
    """Breaches that opening would add; counted for previews only."""
    waiting_units: int = 0
    waiting_officers: int = 0

    def remark(self, remarks: Iterable[Remark], checked: Checked) -> None:
        """Add remarks on accepted rows."""
        self.warnings = in_order([*self.warnings, *remarks], checked)

    def effects(self) -> dict[str, Any]:
        """What a preview counts of its effects."""
        return {
            "kinds": dict(Counter(change.kind for change in self.changes)),
            "fields": dict(Counter(change.field for change in self.changes)),
            "breaches": self.breaches or 0,
            "unknown_units": self.waiting_units,
            "unknown_officers": self.waiting_officers,
            "gone": self.gone,
        }

    def fingerprint(self, *decided: Any) -> str:
        """The same for the same effect. ``decided``: what else the effect rests on."""
        changes = hashlib.sha256()
        for each in sorted(self.changes, key=lambda change: (change.case_id, change.field)):
            changes.update(f"{each.case_id}|{each.field}|{each.old!r}|{each.new!r}|{each.kind}\n".encode())
        said = {
            "counts": self.counts.as_dict(),
            "gone": self.gone,
            "changes": changes.hexdigest(),
            "problems": [[remark.row, remark.reason] for remark in self.problems],
            "decided": decided,
        }
        return hashlib.sha256(json.dumps(said, ensure_ascii=False, default=str).encode()).hexdigest()


def in_order(remarks: Iterable[Remark], checked: Checked) -> list[Remark]:
    """Remarks as their rows stand in the file."""
    order = {sheet: place for place, sheet in enumerate(dict.fromkeys(checked.sheets or ()))}
    return sorted(remarks, key=lambda remark: (order.get(remark.sheet or "", 0), remark.row or 0))


def draw_up(checked: Checked, placement: Placement) -> Plan:
    """What the file itself tells of its rows; new, changed and unchanged are still to be asked."""
    made = Plan(codes=checked.codes)
    made.warnings = in_order([*checked.warnings, *placement.warnings], checked)
    made.pending = list(placement.pending)
    made.problems = in_order([*checked.rejected, *(remark for _, remark in placement.pending)], checked)
    made.counts.add(Outcome.REJECTED, len(checked.rejected))
    made.counts.add(Outcome.PENDING, len(placement.pending))
    made.counts.add(Outcome.UNCHANGED, checked.repeated)
    made.waiting_units = sum(name.unit_id is None for name in placement.waiting.values())
    made.waiting_officers = len(placement.waiting) - made.waiting_units
    return made


def asks_again(change: Change) -> bool:
    """Whether a change asks for a supplement, so that an earlier asking makes it the second one."""
    return change.field == "status_text" and is_asking(change.new) and not is_asking(change.old)


@lru_cache(maxsize=4_096)
def is_asking(status: str | None) -> bool:
    """Whether a status asks the applicant for a supplement: the fifth of the national ones."""
    key = key_of(status or "")
    return key.partition(" ")[0] == "5" or key in ASKING
