"""Applying a directory file: what is new is added, what differs is changed, the same file twice changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from portal.audit import record
from portal.database import db
from portal.directory import actions
from portal.directory.events import DirectoryImported
from portal.directory.models import Person, Posting, Unit, UnitLink
from portal.directory.rules import SINCE_EVER, Line, in_force
from portal.directory.sheet import Entry, PersonFacts, PostingFacts, Problem, Sheet, UnitFacts
from portal.guard import Role, Viewer
from portal.vietnamese import fold

COUNTS = (
    "units_new", "units_changed", "people_new", "people_changed", "postings_new", "postings_changed", "unchanged",
    "rejected",
)  # fmt: skip


@dataclass(slots=True)
class Outcome:
    """What applying a file did: counts of things, and of rows that brought nothing or were rejected."""

    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COUNTS, 0))
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)


def import_directory(
    sheet: Sheet, *, file_name: str, sha256: str, today: date, by: Viewer | None, at: datetime
) -> Outcome:
    """Apply a file that was read, inside ``commit()``. Faulty rows are rejected with reasons, the others hold."""
    run = _Run(sheet, today, by, at)
    outcome = run.apply()
    changed = any(count for name, count in outcome.counts.items() if name not in ("unchanged", "rejected"))
    if changed:
        event = DirectoryImported(file_name=file_name, sha256=sha256, counts=outcome.counts)
        record(event, entity_id=None, by=by, at=at)
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

    def apply(self) -> Outcome:
        """Units, then their parents, then people and postings row by row."""
        entries = self._sound_entries()
        told = {entry.unit_code: entry.unit for entry in reversed(entries) if entry.unit}
        first_row = {entry.unit_code: entry.row for entry in reversed(entries) if entry.unit}
        touched = {first_row[code] for code, facts in told.items() if self._unit(facts)}
        touched |= {first_row[code] for code, facts in told.items() if self._parents(facts)}
        self.outcome.counts["units_changed"] += len(self.moved)
        # What ends goes first, so that a successor posting in the same file finds room.
        for entry in sorted(entries, key=lambda entry: entry.posting is None or entry.posting.valid_to is None):
            if entry.person and entry.posting and self._person_and_posting(entry, entry.person, entry.posting):
                touched.add(entry.row)
        self._warn_of_two_heads(entries)
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

    def _unit(self, facts: UnitFacts) -> bool:
        """Add the unit, or change what differs; parents follow when all units exist."""
        unit = self.units.get(facts.code)
        if unit is None:
            made = actions.create_unit(
                facts.code, facts.name, facts.kind, valid_from=facts.valid_from, valid_to=facts.valid_to, **self.who
            )
            self.units[facts.code], self.codes[made.id] = made, facts.code
            self.outcome.counts["units_new"] += 1
            return True
        changes: dict[str, Any] = {"name": facts.name, "kind": facts.kind}
        if facts.valid_from != SINCE_EVER:
            changes["valid_from"] = facts.valid_from
        if facts.valid_to is not None:
            changes["valid_to"] = facts.valid_to
        if unit.made_by_import:
            changes["made_by_import"] = False
        if actions.change_unit(unit, changes, **self.who):
            self.moved.add(unit.id)
            return True
        return False

    def _parents(self, facts: UnitFacts) -> bool:
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
        person, changed = self._person(found, facts)
        if same is None:
            self._add_posting(person, unit, posting, start)
            return True
        return self._change_posting(same, posting) or changed

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

    def _person(self, found: Person | bool, facts: PersonFacts) -> tuple[Person, bool]:
        if not isinstance(found, Person):
            person = actions.create_person(
                facts.full_name, code=facts.code, kind=facts.kind, email=facts.email, **self.who
            )
            self.outcome.counts["people_new"] += 1
            if person.code:
                self.people[person.code] = person
            return person, True
        changes = {"full_name": facts.full_name, "code": facts.code, "kind": facts.kind, "email": facts.email}
        said: dict[str, Any] = {name: value for name, value in changes.items() if value is not None}
        if found.made_by_import:
            said["made_by_import"] = False
        changed = actions.change_person(found, said, **self.who)
        self.outcome.counts["people_changed"] += changed
        if found.code:
            self.people[found.code] = found
        return found, changed

    def _add_posting(self, person: Person, unit: Unit, facts: PostingFacts, start: date) -> None:
        made = actions.add_posting(
            person, unit, Role(facts.role), position=facts.position, is_clerk=bool(facts.is_clerk), valid_from=start,
            valid_to=facts.valid_to, **self.who,
        )  # fmt: skip
        self._know(made, person)
        self.outcome.counts["postings_new"] += 1

    def _change_posting(self, posting: Posting, facts: PostingFacts) -> bool:
        """Empty cells say nothing: an old file never opens again what was ended by hand."""
        told = {"position": facts.position or None, "is_clerk": facts.is_clerk, "valid_to": facts.valid_to}
        changes: dict[str, Any] = {name: value for name, value in told.items() if value is not None}
        if facts.valid_from is not None:
            changes["valid_from"] = facts.valid_from
        changed = actions.change_posting(posting, changes, **self.who)
        self.outcome.counts["postings_changed"] += changed
        return changed

    def _know(self, posting: Posting, person: Person) -> None:
        self.postings.setdefault((person.id, posting.unit_id), []).append(posting)
        self.namesakes.setdefault((posting.unit_id, person.folded), {})[person.id] = person

    def _reject(self, entry: Entry, column: str, value: str, code: str) -> None:
        self.outcome.problems.append(Problem(entry.row, column, value, code))

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
