"""Names that wait, each with whom or what it may mean and what tells the candidates apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _
from sqlalchemy import func, select

from portal.cases.models import Case
from portal.database import db
from portal.directory.models import Person, Posting
from portal.directory.queries import load_tree, units_in_force
from portal.directory.rules import SINCE_EVER
from portal.imports.header import key_of
from portal.imports.likely import proposal, ranked
from portal.imports.models import SourceName
from portal.imports.rules import NameKind

OFFERED = 12
"""So many candidates stand beside a name in the list; the page of the name has all."""


@dataclass(frozen=True)
class Candidate:
    """A unit or person a name may mean, with what tells it from others of that name."""

    id: int
    name: str
    facts: str

    @property
    def label(self) -> str:
        """The candidate as a choice."""
        return f"{self.name} · {self.facts}" if self.facts else self.name


@dataclass(frozen=True)
class Waiting:
    """A waiting name: its candidates, the likeliest first; the one that is proposed; how many cases or rows wait."""

    name: SourceName
    candidates: Sequence[Candidate]
    proposed: int | None
    waits: int

    @property
    def offered(self) -> Sequence[Candidate]:
        """The candidates of the list."""
        return self.candidates[:OFFERED]

    @property
    def homonyms(self) -> int:
        """How many candidates bear just this name: they are asked, never guessed."""
        return sum(key_of(candidate.name) == self.name.folded for candidate in self.candidates)


def with_candidates(names: Sequence[SourceName], on: date, rows: Mapping[str, int]) -> list[Waiting]:
    """Names with whom or what they may mean. ``rows``: how many rows wait for each written unit."""
    people = _people_of({name.unit_id for name in names if name.unit_id})
    units = _units(on) if any(name.kind == NameKind.UNIT for name in names) else {}
    cases = _cases_of({name.unit_id for name in names if name.unit_id})
    heirs = _heirs(on) if units else {}
    found = []
    for name in names:
        is_unit = name.kind == NameKind.UNIT
        known = units if is_unit else people.get(name.unit_id or 0, {})
        keys = {ident: key_of(candidate.name) for ident, candidate in known.items()}
        ordered = [known[ident] for ident in ranked(name.folded, keys)]
        waits = rows.get(name.folded, 0) if is_unit else cases[name.unit_id, name.folded]
        proposed = proposal(name.folded, keys, is_unit=is_unit)
        if is_unit and name.folded in heirs:
            proposed = heirs[name.folded]
            ordered.sort(key=lambda candidate: candidate.id != heirs[name.folded])
        found.append(Waiting(name, ordered, proposed, waits))
    return found


def _heirs(on: date) -> dict[str, int]:
    """Ended units by code and name, with the unit that took over: it is proposed, people decide."""
    tree = load_tree(on, with_ended=True)
    ended = [node for node in tree.nodes.values() if node.ended and tree.heirs(node.id)]
    return {key_of(text): tree.heirs(node.id)[-1] for node in ended for text in (node.code, node.name)}


def _units(on: date) -> dict[int, Candidate]:
    return {unit.id: Candidate(unit.id, unit.name, unit.code) for unit in units_in_force(on)}


def _people_of(unit_ids: set[int]) -> dict[int, dict[int, Candidate]]:
    """Who holds or held a posting in each unit, with code, position and dates."""
    if not unit_ids:
        return {}
    columns = (Posting.unit_id, Posting.person_id, Person.full_name, Person.code, Posting.position)
    found = select(*columns, Posting.valid_from, Posting.valid_to).join(Person, Person.id == Posting.person_id)
    found = found.where(Posting.unit_id.in_(sorted(unit_ids))).order_by(Posting.valid_from, Posting.id)
    people: dict[int, dict[int, Candidate]] = {}
    for row in db.session.execute(found):
        facts = " · ".join(part for part in (row.code, row.position, _span(row.valid_from, row.valid_to)) if part)
        people.setdefault(row.unit_id, {})[row.person_id] = Candidate(row.person_id, row.full_name, facts)
    return people


def _span(first: date, last: date | None) -> str:
    """The dates of a posting in words; empty for one that is in force since ever."""
    if last is not None:
        return _("until %(day)s", day=f"{last:%d/%m/%Y}")
    return _("since %(day)s", day=f"{first:%d/%m/%Y}") if first > SINCE_EVER else ""


def _cases_of(unit_ids: set[int]) -> Counter[tuple[int | None, str]]:
    """How many cases of each unit name an officer nobody knows, by folded name."""
    if not unit_ids:
        return Counter()
    found = select(Case.resolving_unit_id, Case.officer_name, func.count().label("n")).where(
        Case.resolving_unit_id.in_(sorted(unit_ids)), Case.officer_id.is_(None), Case.officer_name.is_not(None)
    )
    counted: Counter[tuple[int | None, str]] = Counter()
    for row in db.session.execute(found.group_by(Case.resolving_unit_id, Case.officer_name)):
        counted[row.resolving_unit_id, key_of(row.officer_name)] += row.n
    return counted
