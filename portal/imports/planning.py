"""PURE: placed rows against the cases that are known: what is new, what changed and how, what stays as it is."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from portal.imports.checking import Checked, Draft
from portal.imports.header import key_of
from portal.imports.placing import Placed, Placement, is_ended
from portal.imports.rules import Counts, Fact, Outcome, Remark

COMPARED = (
    "procedure_id", "subject", "applicant_name", "receiving_unit_id", "resolving_unit_id", "officer_id", "officer_name",
    "channel", "received_at", "received_precision", "due_at", "due_precision", "finished_at", "finished_precision",
    "finished_from", "returned_at", "returned_precision", "status_text", "meaning", "data_fault", "ended_seen_at",
    "gone_since",
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
END_COLUMNS = ("finished_at", "finished_precision", "finished_from")
WRITTEN = (
    "code", *COMPARED, "applicant_folded", "search", "data_as_of", "source_id", "first_batch_id", "last_batch_id",
)  # fmt: skip
"""The columns an import writes."""
DEFAULTS: dict[str, Any] = {"channel": "unknown", "status_text": "", "search": ""}


@dataclass(frozen=True, slots=True)
class Change:
    """A difference in one field of one known case; ids and moments as text."""

    case_id: int
    field: str
    old: str | None
    new: str | None
    kind: str


@dataclass(frozen=True, slots=True)
class Terms:
    """What decides between two sayings about one case: the batch's source and moment, and who owns which unit."""

    source_id: int
    data_as_of: datetime
    owners: Mapping[int, int]


@dataclass(slots=True)
class Plan:
    """What applying a file will do, exactly."""

    counts: Counts = field(default_factory=Counts)
    rows: list[dict[str, Any]] = field(default_factory=list)
    """Whole rows of new and changed cases."""
    changes: list[Change] = field(default_factory=list)
    confirmed: list[int] = field(default_factory=list)
    """Known cases that say the same in newer data."""
    problems: list[Remark] = field(default_factory=list)
    pending: list[tuple[Draft, Remark]] = field(default_factory=list)
    warnings: list[Remark] = field(default_factory=list)
    codes: set[str] = field(default_factory=set)
    accepted: set[str] = field(default_factory=set)

    def fingerprint(self) -> str:
        """The same for the same effect; ids of rows still to be made are negative and stable."""
        said = {
            "counts": self.counts.as_dict(),
            "rows": [[str(row.get(name)) for name in ("code", *COMPARED, "data_as_of")] for row in self.rows],
            "problems": [[remark.row, remark.reason] for remark in self.problems],
        }
        return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()


def plan(checked: Checked, placement: Placement, known: Mapping[str, Mapping[str, Any]], terms: Terms) -> Plan:
    """Compare a file with the cases of its codes (``known``: code to the columns of the case, with ``id``)."""
    made = Plan(codes=set(checked.codes))
    made.warnings = [*checked.warnings, *placement.warnings]
    made.pending = list(placement.pending)
    made.problems = sorted(
        [*checked.rejected, *(remark for _, remark in placement.pending)], key=lambda remark: remark.row or 0
    )
    made.counts.add(Outcome.REJECTED, len(checked.rejected))
    made.counts.add(Outcome.PENDING, len(placement.pending))
    made.counts.add(Outcome.UNCHANGED, checked.repeated)
    for placed in placement.placed:
        made.accepted.add(placed.draft.code)
        made.counts.add(_add(made, placed, known.get(placed.draft.code), checked, terms))
    made.warnings.sort(key=lambda remark: remark.row or 0)
    return made


def _add(made: Plan, placed: Placed, old: Mapping[str, Any] | None, checked: Checked, terms: Terms) -> Outcome:
    if old is None:
        made.rows.append(_whole({**DEFAULTS, **placed.values}, terms, None))
        return Outcome.NEW
    row = _whole({**old, **_told(placed.values, old, checked.facts)}, terms, old)
    different = [name for name in COMPARED if row.get(name) != old.get(name)]
    if not different:
        if old["data_as_of"] < terms.data_as_of:
            made.confirmed.append(old["id"])
        return Outcome.UNCHANGED
    reason = _kept_because(row, old, terms)
    if reason:
        facts = {"fields": ", ".join(different), "as_of": f"{old['data_as_of']:%d/%m/%Y %H:%M}"}
        heading = checked.headings.get(Fact.CODE)
        made.warnings.append(Remark(placed.draft.row, heading, placed.draft.code, reason, facts))
        return Outcome.UNCHANGED
    made.rows.append(row)
    told = [name for name in different if name not in QUIET] or different
    made.changes.extend(change_of(old["id"], name, old.get(name), row.get(name)) for name in told)
    return Outcome.CHANGED


def _kept_because(row: Mapping[str, Any], old: Mapping[str, Any], terms: Terms) -> str | None:
    """Why the known facts stay: they are newer, or another source rules the unit (domain rules, facts in, 1 and 8)."""
    if old["source_id"] != terms.source_id:
        owner = terms.owners.get(old["resolving_unit_id"]) or terms.owners.get(row["resolving_unit_id"])
        if owner is not None and owner != terms.source_id:
            return "other_source_rules"
        if owner is not None:
            return None
    return "newer_facts_kept" if old["data_as_of"] > terms.data_as_of else None


def _told(values: Mapping[str, Any], old: Mapping[str, Any], facts: Iterable[Fact]) -> dict[str, Any]:
    """What the file says of a known case. Columns it does not have take nothing away."""
    told = dict(values)
    has_end = not frozenset((Fact.FINISHED, Fact.RETURNED)).isdisjoint(facts)
    if not has_end and Fact.STATUS not in facts:
        told.pop("meaning")
        told.pop("data_fault")
    elif not has_end and is_ended(told["meaning"]) and old["finished_at"] is not None:
        told["data_fault"] = old["data_fault"]
    elif not has_end and not is_ended(told["meaning"]):
        told.update(dict.fromkeys(END_COLUMNS))
    same_name = key_of(told.get("officer_name") or "") == key_of(old["officer_name"] or "")
    if "officer_id" in told and told["officer_id"] is None and same_name and told["officer_name"]:
        told["officer_id"] = old["officer_id"]
    return told


def _whole(row: dict[str, Any], terms: Terms, old: Mapping[str, Any] | None) -> dict[str, Any]:
    """A whole row: what the import itself knows is added."""
    row["gone_since"] = None
    row["data_as_of"], row["source_id"] = terms.data_as_of, terms.source_id
    row["ended_seen_at"] = None
    if is_ended(row["meaning"]) and row.get("finished_at") is None:
        row["ended_seen_at"] = (old and old["ended_seen_at"]) or terms.data_as_of
    return row


def change_of(case_id: int, name: str, old: Any, new: Any) -> Change:
    """A difference as it is kept."""
    return Change(case_id, name, as_text(old), as_text(new), kind_of_change(name, old, new))


def as_text(value: Any) -> str | None:
    """Moments in ISO form, ids as numbers, nothing as nothing."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return None if value is None else str(value)


def kind_of_change(name: str, old: Any, new: Any) -> str:
    """What a difference means for the duties (domain rules, breach and duties, 5)."""
    if name in ("due_at", "finished_at"):
        return _kind_of_move(name, old, new)
    kinds = {
        "officer_id": "officer_changed",
        "resolving_unit_id": "unit_changed",
        "meaning": "meaning_changed",
        "gone_since": "back",
    }
    return kinds.get(name, "changed")


def _kind_of_move(name: str, old: datetime | None, new: datetime | None) -> str:
    if name == "due_at":
        if old is None or new is None:
            return "due_added" if old is None else "due_removed"
        return "due_later" if new > old else "due_earlier"
    if old is None or new is None:
        return "finished" if old is None else "reopened"
    return "finish_moved"
