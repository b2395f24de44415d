"""PURE: placed rows against the cases that are known: what is new, what changed and how, what stays as it is."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from portal.cases.rules import Meaning
from portal.imports.checking import Checked, Draft, is_unproved
from portal.imports.header import key_of
from portal.imports.meanings import ASKING, meaning_of, stage_of
from portal.imports.placing import Placement, is_ended, searchable
from portal.imports.rules import RESULTS, Counts, Fact, Outcome, Remark

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
RESULT_FACTS = frozenset(RESULTS)
END_COLUMNS = ("finished_at", "finished_precision", "finished_from")
ALONG = ("applicant_folded", "search", "source_id")
"""Columns that are written with others and never make a difference of their own."""
RESTORED = (*COMPARED, *ALONG)
"""The columns of a known case an import can write, beside its moment and its batch."""
LONGEST_LIST = 5_000
"""Changes a preview keeps one by one; the effects count all of them."""


@dataclass(slots=True)
class Change:
    """A difference in one field of one known case; ids and moments as text. ``row`` and ``code``: where it was read."""

    case_id: int
    field: str
    old: str | None
    new: str | None
    kind: str
    row: int | None = None
    code: str = ""


@dataclass(slots=True)
class Update:
    """What a known case becomes: the columns that differ, and what they were."""

    case_id: int
    new: Mapping[str, Any]
    old: Mapping[str, Any]
    data_as_of: datetime
    last_batch_id: int | None


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
    updates: list[Update] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    confirmed: list[int] = field(default_factory=list)
    """Cases that seemed to differ and do not, in newer data."""
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


@dataclass(slots=True)
class Comparing:
    """Compares the rows of a file with the known cases they meet, one at a time."""

    plan: Plan
    checked: Checked
    placement: Placement
    columns: Mapping[str, list[Any]]
    terms: Terms
    kept: list[Remark] = field(default_factory=list)
    moments: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self.moments = tuple(name for name in self.columns if name.endswith("_at"))

    def told(self, at: int) -> dict[str, Any]:
        """What row ``at`` of the placed columns says, moments as moments."""
        told = {name: column[at] for name, column in self.columns.items()}
        for name in self.moments:
            if told[name]:
                told[name] = datetime.fromisoformat(told[name])
        return told

    def compare(self, at: int, old: Mapping[str, Any]) -> Outcome:
        """Plan what becomes of a known case; ``old`` are its columns, with ``id``."""
        terms, facts = self.terms, self.checked.facts
        told = _told(self.told(at), old, facts)
        row = _whole({**old, **told}, terms, old)
        different = [name for name in COMPARED if row[name] != old[name]]
        if not different:
            if old["data_as_of"] < terms.data_as_of:
                self.plan.confirmed.append(old["id"])
            return Outcome.UNCHANGED
        place = self.placement.places[at]
        reason = _kept_because(row, old, terms)
        if reason:
            said = {"fields": ", ".join(different), "as_of": f"{old['data_as_of']:%d/%m/%Y %H:%M}"}
            heading, number = self.checked.headings.get(Fact.CODE), self.checked.numbers[place]
            self.kept.append(Remark(number, heading, old["code"], reason, said, self.checked.sheet(place)))
            return Outcome.UNCHANGED
        title = terms.titles.get(row["procedure_id"] or 0, "")
        row["search"] = searchable(old["code"], title, row["officer_name"] or "")
        written = [*different, *(name for name in ALONG if row[name] != old[name])]
        update = Update(
            old["id"],
            {name: row[name] for name in written},
            {name: old[name] for name in written},
            old["data_as_of"],
            old["last_batch_id"],
        )
        self.plan.updates.append(update)
        self.plan.changed.add(old["code"])
        self.plan.changes.extend(self.changes(old, row, different, self.checked.numbers[place]))
        return Outcome.CHANGED

    def changes(
        self, old: Mapping[str, Any], row: Mapping[str, Any], different: Sequence[str], number: int
    ) -> Iterable[Change]:
        """The differences worth telling, each with what it means."""
        told = [name for name in different if name not in QUIET] or different
        kinds = {name: kind_of_change(name, old.get(name), row.get(name)) for name in told}
        backwards = falls_back(old, row)
        if backwards in kinds:
            kinds[backwards] = "status_backwards"
        if not RESULT_FACTS.isdisjoint(self.checked.facts) and is_unproved(row["meaning"], row["result_ref"]):
            if old["meaning"] != Meaning.FINISHED or old["result_ref"] is not None:
                kinds["result_ref"] = "premature_closure"
        for name, kind in kinds.items():
            yield Change(old["id"], name, as_text(old[name]), as_text(row[name]), kind, number, old["code"])


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
    if "officer_id" in told and told["officer_id"] is None and told["officer_name"]:
        if key_of(told["officer_name"]) == key_of(old["officer_name"] or ""):
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
        "received_at": "received_changed",
        "result_ref": "changed",
    }
    if name == "supplement_asked_at" and old is not None and new is not None and new > old:
        return "supplement_again"
    return kinds.get(name, "changed")


def falls_back(old: Mapping[str, Any], row: Mapping[str, Any]) -> str | None:
    """The column in which a status went backwards in the order of the national statuses, if one did.

    An end taken back with its moment is a reopening and told as one.
    """
    if old["finished_at"] is not None and row["finished_at"] is None:
        return None
    if not _is_earlier(row["status_text"], row["meaning"], old["status_text"], old["meaning"]):
        return None
    return "meaning" if row["meaning"] != old["meaning"] else "status_text"


@lru_cache(maxsize=4_096)
def _is_earlier(says: str, meaning: str, said: str, meant: str) -> bool:
    """Whether a status stands before another one in the order; between unknown texts only meanings are compared."""
    if meaning_of(said) is None or meaning_of(says) is None:
        said = says = ""
    return stage_of(says, meaning) < stage_of(said, meant)


def asks_again(change: Change) -> bool:
    """Whether a change asks for a supplement, so that an earlier asking makes it the second one."""
    return change.field == "status_text" and is_asking(change.new) and not is_asking(change.old)


@lru_cache(maxsize=4_096)
def is_asking(status: str | None) -> bool:
    """Whether a status asks the applicant for a supplement: the fifth of the national ones."""
    key = key_of(status or "")
    return key.partition(" ")[0] == "5" or key in ASKING


def _kind_of_move(name: str, old: datetime | None, new: datetime | None) -> str:
    if name == "due_at":
        if old is None or new is None:
            return "due_added" if old is None else "due_removed"
        return "due_later" if new > old else "due_earlier"
    if old is None or new is None:
        return "finished" if old is None else "reopened"
    return "finish_moved"
