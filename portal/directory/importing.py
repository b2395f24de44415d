"""Applying a directory file: what is new is added, what differs is changed, the same file twice changes nothing.

A preview is the application itself, taken back: it cannot say anything else than what applying does.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import column, select, table

from portal.audit import record
from portal.database import Base, commit, db
from portal.directory import actions, queries, reorganising
from portal.directory.events import DirectoryImported
from portal.directory.models import Person, Posting, Unit, UnitLink, UnitSuccession
from portal.directory.rules import SINCE_EVER, Line, SuccessionKind, in_force
from portal.directory.sheet import Entry, PersonFacts, PostingFacts, Problem, Sheet, SuccessionFacts, UnitFacts
from portal.guard import Role, Viewer
from portal.refusal import Refused
from portal.vietnamese import fold

COUNTS = (
    "units_new", "units_changed", "people_new", "people_changed", "postings_new", "postings_changed", "unchanged",
    "rejected",
)  # fmt: skip


OF_WHICH = ("units_renamed", "units_ended", "successions", "postings_ended", "accounts_to_make")
"""Counted within the counts above; people of the file who hold a posting and have no account get none here."""
USERS = table("users", column("person_id"))
"""Accounts stand above the directory; only who has one is read here."""


@dataclass(frozen=True, slots=True)
class Change:
    """One thing a file does. ``kind``: unit_new, unit_changed, …; ``detail``: (field, before, after)."""

    kind: str
    row: int
    name: str
    detail: tuple[tuple[str, str, str], ...] = ()


@dataclass(slots=True)
class Outcome:
    """What applying a file did: counts of things, and of rows that brought nothing or were rejected."""

    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COUNTS, 0))
    of_which: dict[str, int] = field(default_factory=lambda: dict.fromkeys(OF_WHICH, 0))
    changes: list[Change] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)

    @property
    def does_something(self) -> bool:
        """Whether anything was added or changed."""
        return any(count for name, count in self.counts.items() if name not in ("unchanged", "rejected"))

    def sha256(self) -> str:
        """The same text for the same effect: a preview is applied only while its effect is still this one."""
        facts = [
            self.counts,
            self.of_which,
            [[change.kind, change.row, change.name, change.detail] for change in self.changes],
            [[problem.row, problem.column, problem.value, problem.code] for problem in self.problems],
        ]
        return hashlib.sha256(json.dumps(facts, sort_keys=True, default=str).encode()).hexdigest()


def import_directory(
    sheet: Sheet, *, file_name: str, sha256: str, today: date, by: Viewer | None, at: datetime
) -> Outcome:
    """Apply a file that was read, inside ``commit()``. Faulty rows are rejected with reasons, the others hold."""
    run = _Run(sheet, today, by, at)
    outcome = run.apply()
    if outcome.does_something:
        event = DirectoryImported(file_name=file_name, sha256=sha256, counts=outcome.counts)
        record(event, entity_id=None, by=by, at=at)
    return outcome


class _TakenBack(Exception):
    """Ends the unit of work of a preview without a trace."""


def look(sheet: Sheet, *, file_name: str, sha256: str, today: date, by: Viewer | None, at: datetime) -> Outcome:
    """What applying a file would do; nothing is written. Not inside ``commit()``: it opens and undoes its own."""
    outcome = Outcome()
    try:
        with commit():
            outcome = import_directory(sheet, file_name=file_name, sha256=sha256, today=today, by=by, at=at)
            raise _TakenBack
    except _TakenBack:
        return outcome


class _Run:
    """One application of one file: the directory as it was, by codes, and what has been touched."""

    def __init__(self, sheet: Sheet, today: date, by: Viewer | None, at: datetime) -> None:
        self.sheet, self.today = sheet, today
        self.who: dict[str, Any] = {"by": by, "at": at}
        self.outcome = Outcome(problems=list(sheet.problems), warnings=list(sheet.warnings))
        self.units = {unit.code: unit for unit in db.session.scalars(select(Unit))}
        self.codes = {unit.id: unit.code for unit in self.units.values()}
        self.people = {person.code: person for person in db.session.scalars(select(Person)) if person.code}
        self.links = self._open_links()
        self.postings: dict[tuple[int, int], list[Posting]] = {}
        self.namesakes: dict[tuple[int, str], dict[int, Person]] = {}
        for posting, person in db.session.execute(select(Posting, Person).join(Posting.person)):
            self._know(posting, person)
        self.moved: set[int] = set()
        self.involved: set[int] = set()

    def apply(self) -> Outcome:
        """Units, then their parents, then people and postings row by row."""
        entries = self._sound_entries()
        told = {entry.unit_code: entry.unit for entry in reversed(entries) if entry.unit}
        first_row = {entry.unit_code: entry.row for entry in reversed(entries) if entry.unit}
        renamed = {entry.unit_code: entry.succession for entry in entries if entry.succession is not None}
        touched = {row for code, facts in told.items() if self._unit(row := first_row[code], facts, renamed.get(code))}
        touched |= {row for code, facts in told.items() if self._parents(row := first_row[code], facts)}
        # What ends goes first, so that a successor posting in the same file finds room.
        for entry in sorted(entries, key=lambda entry: entry.posting is None or entry.posting.valid_to is None):
            if entry.person and entry.posting and self._person_and_posting(entry, entry.person, entry.posting):
                touched.add(entry.row)
        touched |= self._successions(entries)
        self._warn_of_two_heads(entries)
        self._warn_of_people_in_ended_units(first_row)
        self.outcome.counts["units_changed"] = len(self.moved)
        self._count_accounts()
        return self._counted(entries, touched)

    def _counted(self, entries: Iterable[Entry], touched: set[int]) -> Outcome:
        rejected = {problem.row for problem in self.outcome.problems}
        kept = {entry.row for entry in entries} - rejected
        self.outcome.counts["rejected"] = len(rejected)
        self.outcome.counts["unchanged"] = len(kept - touched)
        self.outcome.problems.sort(key=lambda problem: problem.row or 0)
        return self.outcome

    # --- Which rows can hold -----------------------------------------------------------------------------------------

    def _sound_entries(self) -> list[Entry]:
        """The rows whose units exist or come with the file, under parents that do, without a circle."""
        entries = list(self.sheet.entries)
        while True:
            told = {entry.unit_code: entry.unit for entry in reversed(entries) if entry.unit}
            faults = [fault for entry in entries if (fault := self._fault_of(entry, told))]
            if not faults:
                return entries
            self.outcome.problems.extend(faults)
            rejected = {fault.row for fault in faults}
            entries = [entry for entry in entries if entry.row not in rejected]

    def _fault_of(self, entry: Entry, told: Mapping[str, UnitFacts]) -> Problem | None:
        for code in entry.succession.successors if entry.succession else ():
            if code not in told and code not in self.units:
                return Problem(entry.row, "successor", code, "successor_unknown")
        if entry.unit is None:
            known = entry.unit_code in told or entry.unit_code in self.units
            return None if known else Problem(entry.row, "unit_code", entry.unit_code, "unit_unknown")
        for line, parent in ((Line.REPORTS_IN, entry.unit.reports_in), (Line.MANAGED_BY, entry.unit.managed_by)):
            if parent is not None and parent not in told and parent not in self.units:
                return Problem(entry.row, line, parent, "parent_unknown")
            if self._circles(line, entry.unit_code, told):
                return Problem(entry.row, line, parent, "loop")
        return None

    def _circles(self, line: Line, code: str, told: Mapping[str, UnitFacts]) -> bool:
        """Whether the parents above a unit, as the file and the directory tell them, lead back to it."""
        seen: set[str] = set()
        current = self._parent_code(line, code, told)
        while current is not None and current not in seen:
            if current == code:
                return True
            seen.add(current)
            current = self._parent_code(line, current, told)
        return False

    def _parent_code(self, line: Line, code: str, told: Mapping[str, UnitFacts]) -> str | None:
        facts = told.get(code)
        if facts is not None:
            return facts.reports_in if line == Line.REPORTS_IN else facts.managed_by
        unit = self.units.get(code)
        link = self.links.get((unit.id, line)) if unit else None
        return self.codes.get(link.parent_id) if link else None

    # --- Units -------------------------------------------------------------------------------------------------------

    def _unit(self, row: int, facts: UnitFacts, succession: SuccessionFacts | None) -> bool:
        """Add the unit, or change what differs; parents follow when all units exist.

        A name that differs is a correction, unless the row says from which day on the unit is called so.
        """
        unit = self.units.get(facts.code)
        if unit is None:
            made = actions.create_unit(
                facts.code, facts.name, facts.kind, valid_from=facts.valid_from, valid_to=facts.valid_to, **self.who
            )
            self.units[facts.code], self.codes[made.id] = made, facts.code
            self.outcome.counts["units_new"] += 1
            self._tell("unit_new", row, facts.name, ("valid_from", None, _since(facts.valid_from)))
            return True
        renamed = self._rename(row, unit, facts, succession)
        changes: dict[str, Any] = {"name": facts.name, "kind": facts.kind}
        if renamed is None:
            return False
        if facts.valid_from != SINCE_EVER:
            changes["valid_from"] = facts.valid_from
        if facts.valid_to is not None:
            changes["valid_to"] = facts.valid_to
        if unit.made_by_import:
            changes["made_by_import"] = False
        before = _before(unit, changes)
        ends = changes.get("valid_to") is not None and unit.valid_to != changes["valid_to"]
        if actions.change_unit(unit, changes, **self.who):
            self.moved.add(unit.id)
            self.outcome.of_which["units_ended"] += ends
            self._tell("unit_ended" if ends else "unit_changed", row, facts.name, *_differing(before, changes))
            return True
        return renamed

    def _rename(self, row: int, unit: Unit, facts: UnitFacts, succession: SuccessionFacts | None) -> bool | None:
        """Keep the former name where the row says since when the new one holds; None when that is refused."""
        if succession is None or succession.successors or facts.name == unit.name:
            return False
        old = unit.name
        try:
            reorganising.rename_unit(
                unit, facts.name, on=succession.on, today=self.today, document=succession.document, **self.who
            )
        except Refused as refused:
            self._refuse(row, "succession_on", str(succession.on), refused)
            return None
        self.moved.add(unit.id)
        self.outcome.of_which["units_renamed"] += 1
        self._tell("unit_renamed", row, facts.name, ("name", old, facts.name), ("from", None, succession.on))
        return True

    def _successions(self, entries: Iterable[Entry]) -> set[int]:
        """Let units take over from those of the file, all that have the same successors and day together."""
        told: dict[tuple[tuple[str, ...], date], dict[str, Entry]] = {}
        for entry in entries:
            if entry.succession is not None and entry.succession.successors:
                key = (entry.succession.successors, entry.succession.on)
                told.setdefault(key, {}).setdefault(entry.unit_code, entry)
        touched: set[int] = set()
        for (codes, _on), group in told.items():
            touched |= self._succession(codes, list(group.values()))
        return touched

    def _succession(self, codes: tuple[str, ...], group: list[Entry]) -> set[int]:
        successors = [self.units[code] for code in codes]
        new = [entry for entry in group if not self._known(self.units[entry.unit_code], successors)]
        if not new:
            return set()
        former, facts = [self.units[entry.unit_code] for entry in new], new[0].succession
        assert facts is not None  # noqa: S101 - only entries with a succession are grouped
        begins = all(unit.valid_from == facts.on for unit in successors)
        alone = len(former) == 1 and len(group) == 1 and begins
        kind = SuccessionKind.SPLIT if len(codes) > 1 else SuccessionKind.RENAME if alone else SuccessionKind.MERGE
        open_ones = [unit for unit in former if unit.valid_to is None]
        try:
            ended = reorganising.succeed(
                former, successors, kind, on=facts.on, document=reorganising.Document(facts.document), keep={},
                **self.who,
            )  # fmt: skip
        except Refused as refused:
            for entry in new:
                self._refuse(entry.row, "successor", ";".join(codes), refused)
            return set()
        self.moved |= {unit.id for unit in former}
        self.outcome.of_which["units_ended"] += len(open_ones)
        self.outcome.of_which["successions"] += len(former) * len(successors)
        self.outcome.of_which["postings_ended"] += len(ended)
        self.outcome.counts["postings_changed"] += len(ended)
        names = ", ".join(unit.name for unit in successors)
        for entry, unit in zip(new, former, strict=True):
            self._tell("unit_succeeded", entry.row, unit.name, ("successor", None, names), ("from", None, facts.on))
        rows = {unit.id: entry.row for entry, unit in zip(new, former, strict=True)}
        for posting in ended:
            self._tell("posting_ended", rows[posting.unit_id], _of_posting(posting), ("to", None, posting.valid_to))
        return {entry.row for entry in new}

    def _known(self, unit: Unit, successors: Iterable[Unit]) -> bool:
        found = select(UnitSuccession.to_id).where(UnitSuccession.from_id == unit.id)
        return {successor.id for successor in successors} <= set(db.session.scalars(found))

    def _parents(self, row: int, facts: UnitFacts) -> bool:
        """Put the unit below its parents: a new unit from its first day, another from today."""
        unit, changed = self.units[facts.code], False
        for line, code in ((Line.REPORTS_IN, facts.reports_in), (Line.MANAGED_BY, facts.managed_by)):
            parent = self.units[code] if code else None
            present = self.links.get((unit.id, line))
            if (present.parent_id if present else None) == (parent.id if parent else None):
                continue
            is_new = present is None and not self._had_parent(unit, line)
            from_ = unit.valid_from if is_new else max(self.today, unit.valid_from)
            if actions.set_parent(unit, line, parent, from_=from_, check=False, **self.who):
                changed = True
                if not is_new:
                    self.moved.add(unit.id)
                    names = (self.codes.get(present.parent_id) if present else None, code)
                    self._tell("unit_changed", row, unit.name, (line, *names), ("from", None, from_))
        return changed

    def _had_parent(self, unit: Unit, line: Line) -> bool:
        past = select(UnitLink.id).where(UnitLink.unit_id == unit.id, UnitLink.kind == line)
        return db.session.scalar(past.limit(1)) is not None

    def _open_links(self) -> dict[tuple[int, Line], UnitLink]:
        found = db.session.scalars(select(UnitLink).where(UnitLink.valid_to.is_(None)))
        return {(link.unit_id, Line(link.kind)): link for link in found}

    # --- People and postings -----------------------------------------------------------------------------------------

    def _person_and_posting(self, entry: Entry, facts: PersonFacts, posting: PostingFacts) -> bool:
        unit = self.units[entry.unit_code]
        found = self._find_person(unit, facts)
        if found is None:
            self._reject(entry, "full_name", facts.full_name, "several_people")
            return False
        held = self.postings.get((found.id, unit.id), []) if isinstance(found, Person) else []
        start = posting.valid_from or unit.valid_from
        same = _matching(held, posting, start)
        if same is None and _overlapping(held, posting, start):
            self._reject(entry, "from", str(start), "posting_overlaps")
            return False
        person, changed = self._person(entry.row, found, facts)
        self.involved.add(person.id)
        if same is None:
            self._add_posting(entry.row, person, unit, posting, start)
            return True
        return self._change_posting(entry.row, same, posting) or changed

    def _find_person(self, unit: Unit, facts: PersonFacts) -> Person | bool | None:
        """The person a row means; False when they are new, None when several could be meant."""
        if facts.code and facts.code in self.people:
            return self.people[facts.code]
        candidates = list(self.namesakes.get((unit.id, fold(facts.full_name)), {}).values())
        if facts.code:
            # A person without a code, made by a case import, is who the directory now names.
            candidates = [person for person in candidates if person.code is None]
        if len(candidates) > 1:
            return None
        return candidates[0] if candidates else False

    def _person(self, row: int, found: Person | bool, facts: PersonFacts) -> tuple[Person, bool]:
        if not isinstance(found, Person):
            person = actions.create_person(
                facts.full_name, code=facts.code, kind=facts.kind, email=facts.email, **self.who
            )
            self.outcome.counts["people_new"] += 1
            self._tell("person_new", row, person.full_name, ("person_code", None, facts.code))
            if person.code:
                self.people[person.code] = person
            return person, True
        changes = {"full_name": facts.full_name, "code": facts.code, "kind": facts.kind, "email": facts.email}
        said: dict[str, Any] = {name: value for name, value in changes.items() if value is not None}
        if found.made_by_import:
            said["made_by_import"] = False
        before = _before(found, said)
        changed = actions.change_person(found, said, **self.who)
        self.outcome.counts["people_changed"] += changed
        if changed:
            self._tell("person_changed", row, found.full_name, *_differing(before, said))
        if found.code:
            self.people[found.code] = found
        return found, changed

    def _add_posting(self, row: int, person: Person, unit: Unit, facts: PostingFacts, start: date) -> None:
        made = actions.add_posting(
            person, unit, Role(facts.role), position=facts.position, is_clerk=bool(facts.is_clerk), valid_from=start,
            valid_to=facts.valid_to, **self.who,
        )  # fmt: skip
        self._know(made, person)
        self.outcome.counts["postings_new"] += 1
        self._tell("posting_new", row, _of_posting(made), ("from", None, _since(start)), ("to", None, facts.valid_to))

    def _change_posting(self, row: int, posting: Posting, facts: PostingFacts) -> bool:
        """Empty cells say nothing: an old file never opens again what was ended by hand."""
        told = {"position": facts.position or None, "is_clerk": facts.is_clerk, "valid_to": facts.valid_to}
        changes: dict[str, Any] = {name: value for name, value in told.items() if value is not None}
        if facts.valid_from is not None:
            changes["valid_from"] = facts.valid_from
        before = _before(posting, changes)
        ends = facts.valid_to is not None and posting.valid_to != facts.valid_to
        changed = actions.change_posting(posting, changes, **self.who)
        self.outcome.counts["postings_changed"] += changed
        self.outcome.of_which["postings_ended"] += ends
        if changed:
            kind = "posting_ended" if ends else "posting_changed"
            self._tell(kind, row, _of_posting(posting), *_differing(before, changes))
        return changed

    def _know(self, posting: Posting, person: Person) -> None:
        self.postings.setdefault((person.id, posting.unit_id), []).append(posting)
        self.namesakes.setdefault((posting.unit_id, person.folded), {})[person.id] = person

    def _reject(self, entry: Entry, column: str, value: str, code: str) -> None:
        self.outcome.problems.append(Problem(entry.row, column, value, code))

    def _refuse(self, row: int, column: str, value: str, refused: Refused) -> None:
        self.outcome.problems.append(Problem(row, column, value, refused.code, refused.facts))

    def _tell(self, kind: str, row: int, name: str, *detail: tuple[str, Any, Any]) -> None:
        told = tuple((what, _text(old), _text(new)) for what, old, new in detail if _text(old) or _text(new))
        self.outcome.changes.append(Change(kind, row, name, told))

    def _count_accounts(self) -> None:
        """People of the file with a posting today who cannot sign in yet."""
        held = {posting.person_id for posting in queries.postings_on(self.today)} & self.involved
        has_one = set(db.session.scalars(select(USERS.c.person_id)))
        self.outcome.of_which["accounts_to_make"] = len(held - has_one)

    def _warn_of_people_in_ended_units(self, first_row: Mapping[str, int]) -> None:
        """A remark on units that end while people stay in them."""
        staying: dict[int, int] = {}
        for (_person_id, unit_id), held in self.postings.items():
            staying[unit_id] = staying.get(unit_id, 0) + sum(posting.valid_to is None for posting in held)
        for code, row in first_row.items():
            unit = self.units.get(code)
            if unit is not None and unit.valid_to is not None and staying.get(unit.id):
                facts = {"n": staying[unit.id]}
                self.outcome.warnings.append(Problem(row, "unit_to", str(unit.valid_to), "people_in_ended", facts))

    def _warn_of_two_heads(self, entries: Iterable[Entry]) -> None:
        """A remark on rows after which a unit has two heads today."""
        heads: dict[int, int] = {}
        for (_person_id, unit_id), held in self.postings.items():
            heads[unit_id] = heads.get(unit_id, 0) + any(
                posting.role == Role.HEAD and in_force(posting.valid_from, posting.valid_to, self.today)
                for posting in held
            )
        for entry in entries:
            is_head = entry.posting is not None and entry.posting.role == Role.HEAD
            if is_head and heads.get(self.units[entry.unit_code].id, 0) > 1:
                self.outcome.warnings.append(Problem(entry.row, "role", Role.HEAD, "two_heads"))


def _matching(held: Iterable[Posting], facts: PostingFacts, start: date) -> Posting | None:
    """The posting a row speaks of: same role and first day.

    A row without a first day speaks of the latest; one with an earlier first day corrects the open posting.
    """
    same_role = [posting for posting in held if posting.role == facts.role]
    exact = [posting for posting in same_role if posting.valid_from == start]
    if exact:
        return exact[0]
    if facts.valid_from is None:
        return max(same_role, key=lambda posting: posting.valid_from, default=None)
    begun_later = [posting for posting in same_role if posting.valid_from > start and facts.valid_to is None]
    return begun_later[0] if len(same_role) == len(begun_later) == 1 else None


def _overlapping(held: Iterable[Posting], facts: PostingFacts, start: date) -> bool:
    end = facts.valid_to or date.max
    return any(
        posting.role == facts.role and posting.valid_from <= end and start <= (posting.valid_to or date.max)
        for posting in held
    )


def _before(row: Base, changes: Mapping[str, Any]) -> dict[str, Any]:
    """The present values of what is to change."""
    return {name: getattr(row, name) for name in changes}


def _differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
    """Field, old and new value where they differ."""
    return [(name, before[name], value) for name, value in after.items() if before[name] != value]


def _of_posting(posting: Posting) -> str:
    return " – ".join(part for part in (posting.person.full_name, posting.position, posting.unit.name) if part)


def _since(day: date) -> date | None:
    return None if day == SINCE_EVER else day


def _text(value: Any) -> str:
    """A value as a person reads it, the same in both languages."""
    if isinstance(value, date):
        return "" if value == SINCE_EVER else f"{value:%d/%m/%Y}"
    return "" if value is None else str(value)
