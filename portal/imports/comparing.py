"""PURE: rows of a file beside the known cases they meet, column by column: what differs, and what that means.

Moments are texts of whole seconds on both sides, so that they are compared and told without being read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from itertools import compress, count
from operator import itemgetter, ne
from typing import Any

from portal.cases.rules import Meaning
from portal.imports.checking import Checked, is_unproved
from portal.imports.header import key_of
from portal.imports.meanings import meaning_of, stage_of
from portal.imports.placing import Placement, is_ended, searchable
from portal.imports.planning import ALONG, COMPARED, QUIET, RESTORED, Change, Plan, Terms
from portal.imports.rules import RESULTS, Fact, Remark
from portal.imports.texts import written_moment

RESULT_FACTS = frozenset(RESULTS)
END_COLUMNS = ("finished_at", "finished_precision", "finished_from")
KINDS = {
    "officer_id": "officer_changed",
    "resolving_unit_id": "unit_changed",
    "meaning": "meaning_changed",
    "gone_since": "back",
    "received_at": "received_changed",
}
"""What a difference in one of these columns means, whichever way it goes; elsewhere it is ``changed``."""
MOVES = ("due_at", "finished_at", "supplement_asked_at")
"""Columns in which the direction of a difference matters."""

Columns = Mapping[str, Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Group:
    """Known cases in which the same columns differ: their ids, and what they become in each of these columns."""

    ids: Sequence[int]
    columns: Columns


@dataclass(frozen=True, slots=True)
class Compared:
    """What becomes of some known cases: those that differ, and those whose newer data say the same.

    ``changes``: the differences worth telling, each with what it means, in the order of the cases.
    """

    groups: Sequence[Group]
    confirmed: Sequence[int]
    changes: list[Change]


@dataclass(slots=True)
class Comparing:
    """Compares the rows of a file with the known cases they meet, some thousands at a time."""

    plan: Plan
    checked: Checked
    placement: Placement
    columns: Columns
    terms: Terms
    kept: list[Remark] = field(default_factory=list)
    changed: int = 0

    def compare(self, places: Sequence[int], old: Columns) -> Compared:
        """What becomes of the cases ``old``, parallel to ``places``: where their rows stand in the placed columns."""
        row = self.told(places, old)
        self.whole(row, old)
        masks = _differing(row, old, COMPARED, [0] * len(places))
        as_of = written_moment(self.terms.data_as_of)
        confirmed = [
            case_id for case_id, mask, was in zip(old["id"], masks, old["data_as_of"], strict=True)
            if not mask and was < as_of
        ]  # fmt: skip
        self.keep(masks, places, row, old)
        chosen = [at for at, mask in enumerate(masks) if mask]
        if not chosen:
            return Compared((), confirmed, [])
        self.changed += len(chosen)
        row, old = _only(row, chosen), _only(old, chosen)
        masks = list(taken(masks, chosen))
        self.plan.changed.update(old["code"])
        numbers = [self.checked.numbers[self.placement.places[places[at]]] for at in chosen]
        return Compared(list(self.grouped(masks, row, old)), confirmed, list(self.told_of(masks, row, old, numbers)))

    def told(self, places: Sequence[int], old: Columns) -> dict[str, Sequence[Any]]:
        """The columns of whole cases as the file tells them. Columns it does not have take nothing away."""
        said = [name for name in RESTORED if name in self.columns]
        row = {name: old[name] for name in RESTORED}
        row |= {name: taken(self.columns[name], places) for name in said}
        facts = self.checked.facts
        if facts.isdisjoint((Fact.FINISHED, Fact.RETURNED)):
            self.told_without_ends(row, old)
        if "officer_id" in self.columns:
            row["officer_id"] = _officers(row, old)
        return row

    def told_without_ends(self, row: dict[str, Sequence[Any]], old: Columns) -> None:
        """A file without moments of an end says by its statuses alone whether cases have ended."""
        if Fact.STATUS not in self.checked.facts:
            row["meaning"], row["data_fault"] = old["meaning"], old["data_fault"]
            return
        ended = list(map(is_ended, row["meaning"]))
        row["data_fault"] = [
            was if has_ended and end is not None else fault
            for has_ended, end, was, fault in zip(
                ended, old["finished_at"], old["data_fault"], row["data_fault"], strict=True
            )
        ]
        for name in END_COLUMNS:
            row[name] = [was if has_ended else None for has_ended, was in zip(ended, old[name], strict=True)]

    def whole(self, row: dict[str, Sequence[Any]], old: Columns) -> None:
        """What the import itself knows is added."""
        n = len(old["id"])
        row["gone_since"], row["source_id"] = [None] * n, [self.terms.source_id] * n
        as_of = written_moment(self.terms.data_as_of)
        row["ended_seen_at"] = [
            (seen or as_of) if end is None and is_ended(meaning) else None
            for meaning, end, seen in zip(row["meaning"], row["finished_at"], old["ended_seen_at"], strict=True)
        ]

    def keep(self, masks: list[int], places: Sequence[int], row: Columns, old: Columns) -> None:
        """Take out of the mask the cases whose known facts stay, and say why."""
        as_of, source_id = written_moment(self.terms.data_as_of), self.terms.source_id
        doubtful = [
            at
            for at, (mask, source, was) in enumerate(zip(masks, old["source_id"], old["data_as_of"], strict=True))
            if mask and (source != source_id or was > as_of)
        ]
        for at in doubtful:
            units = old["resolving_unit_id"][at], row["resolving_unit_id"][at]
            known = datetime.fromisoformat(old["data_as_of"][at])
            reason = _kept_because(old["source_id"][at], known, units, self.terms)
            if reason is None:
                continue
            different = [name for bit, name in enumerate(COMPARED) if masks[at] >> bit & 1]
            said = {"fields": ", ".join(different), "as_of": f"{known:%d/%m/%Y %H:%M}"}
            place = self.placement.places[places[at]]
            heading, number = self.checked.headings.get(Fact.CODE), self.checked.numbers[place]
            self.kept.append(Remark(number, heading, old["code"][at], reason, said, self.checked.sheet(place)))
            masks[at] = 0

    def grouped(self, masks: Sequence[int], row: dict[str, Sequence[Any]], old: Columns) -> Iterator[Group]:
        """The cases that differ, by what is written of them."""
        titles = self.terms.titles
        row["search"] = [
            searchable(code, titles.get(procedure or 0, ""), officer or "")
            for code, procedure, officer in zip(old["code"], row["procedure_id"], row["officer_name"], strict=True)
        ]
        written = _differing(row, old, ALONG, list(masks), first=len(COMPARED))
        for mask, members in _by_mask(written).items():
            names = [name for bit, name in enumerate(RESTORED) if mask >> bit & 1]
            yield Group(taken(old["id"], members), {name: taken(row[name], members) for name in names})

    def told_of(self, masks: Sequence[int], row: Columns, old: Columns, numbers: Sequence[int]) -> Iterator[Change]:
        """The differences worth telling, each with what it means; in the order of the cases."""
        backwards = list(map(_falls_back, old["finished_at"], row["finished_at"], *_statuses(row), *_statuses(old)))
        tells_results = not RESULT_FACTS.isdisjoint(self.checked.facts)
        for at, mask in enumerate(masks):
            kinds = {name: KINDS.get(name, "changed") for name in _told_of(mask)}
            for name in MOVES:
                if name in kinds:
                    kinds[name] = _kind_of_move(name, old[name][at], row[name][at])
            if backwards[at] in kinds:
                kinds[backwards[at]] = "status_backwards"
            if tells_results and is_unproved(row["meaning"][at], row["result_ref"][at]):
                if old["meaning"][at] != Meaning.FINISHED or old["result_ref"][at] is not None:
                    kinds["result_ref"] = "premature_closure"
            case_id, number, code = old["id"][at], numbers[at], old["code"][at]
            for name, kind in kinds.items():
                was, said = as_text(name, old[name][at]), as_text(name, row[name][at])
                yield Change(case_id, name, was, said, kind, number, code)


def taken(column: Sequence[Any], places: Sequence[int]) -> Sequence[Any]:
    """The cells of a column at these places."""
    return itemgetter(*places)(column) if len(places) > 1 else [column[place] for place in places]


def _only(columns: Columns, places: Sequence[int]) -> dict[str, Sequence[Any]]:
    return {name: taken(column, places) for name, column in columns.items()}


def _differing(row: Columns, old: Columns, names: Iterable[str], masks: list[int], *, first: int = 0) -> list[int]:
    """The masks with a bit set, from bit ``first`` on, for each of these columns in which a case differs."""
    for bit, name in enumerate(names, start=first):
        said, known = row[name], old[name]
        if said is known:
            continue
        sign = 1 << bit
        for at in compress(count(), map(ne, said, known)):
            masks[at] |= sign
    return masks


def _by_mask(masks: Sequence[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for at, mask in enumerate(masks):
        found.setdefault(mask, []).append(at)
    return found


@lru_cache(maxsize=1_024)
def _told_of(mask: int) -> tuple[str, ...]:
    """The columns of a mask that are told: quiet ones only where nothing else differs."""
    different = tuple(name for bit, name in enumerate(COMPARED) if mask >> bit & 1)
    return tuple(name for name in different if name not in QUIET) or different


def _officers(row: Columns, old: Columns) -> Sequence[Any]:
    """The officers; where the file names somebody nobody knows, and the case does by the same name, the known one."""
    if None not in row["officer_id"]:
        return row["officer_id"]
    names = zip(row["officer_id"], row["officer_name"], old["officer_id"], old["officer_name"], strict=True)
    return [
        was if said is None and name and key_of(name) == key_of(known or "") else said
        for said, name, was, known in names
    ]


def _kept_because(source_id: int, data_as_of: datetime, units: Iterable[int], terms: Terms) -> str | None:
    """Why the known facts stay: they are newer, or another source rules the unit (domain rules, facts in, 1 and 8).

    ``source_id`` and ``data_as_of`` of the case; ``units``: the one that resolves it, and the one the file names.
    """
    if source_id != terms.source_id:
        owner = next((terms.owners[unit] for unit in units if terms.owners.get(unit)), None)
        if owner is not None:
            return "other_source_rules" if owner != terms.source_id else None
    return "newer_facts_kept" if data_as_of > terms.data_as_of else None


def as_text(name: str, value: Any) -> str | None:
    """The value of a column as differences keep it: moments in ISO form, ids as numbers, nothing as nothing."""
    if value is None or isinstance(value, str):
        return value.replace(" ", "T") if value and is_moment(name) else value
    return str(value)


@lru_cache(maxsize=256)
def is_moment(name: str) -> bool:
    """Whether a column of cases holds moments."""
    return name.endswith("_at") or name in ("gone_since", "data_as_of")


def _kind_of_move(name: str, old: str | None, new: str | None) -> str:
    """What a difference of moments means for the duties (domain rules, breach and duties, 5)."""
    if name == "supplement_asked_at":
        return "supplement_again" if old is not None and new is not None and new > old else "changed"
    if name == "due_at":
        if old is None or new is None:
            return "due_added" if old is None else "due_removed"
        return "due_later" if new > old else "due_earlier"
    if old is None or new is None:
        return "finished" if old is None else "reopened"
    return "finish_moved"


def _statuses(columns: Columns) -> tuple[Sequence[Any], Sequence[Any]]:
    return columns["status_text"], columns["meaning"]


def _falls_back(ended: str | None, ends: str | None, says: str, meaning: str, said: str, meant: str) -> str:
    """The column in which a status went backwards in the order of the national statuses; "" where none did.

    An end taken back with its moment is a reopening and told as one.
    """
    if (ended is not None and ends is None) or not _is_earlier(says, meaning, said, meant):
        return ""
    return "meaning" if meaning != meant else "status_text"


@lru_cache(maxsize=4_096)
def _is_earlier(says: str, meaning: str, said: str, meant: str) -> bool:
    """Whether a status stands before another one in the order; between unknown texts only meanings are compared."""
    if meaning_of(said) is None or meaning_of(says) is None:
        said = says = ""
    return stage_of(says, meaning) < stage_of(said, meant)
