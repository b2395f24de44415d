"""Reading for imports: what the directory knows, the cases of some codes, batches, and the queue of names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Self

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select, true
from sqlalchemy.orm import aliased

from portal.accountability.apologies.models import Apology
from portal.accountability.breaches.bulk import count_missing
from portal.accountability.breaches.models import Breach, BreachCorrection, BreachEnd
from portal.cases.models import Case, CaseChange, Pause, Procedure, Source
from portal.database import db, tally
from portal.directory.models import Person, Posting, Unit, UnitLink, UnitName, UnitSuccession
from portal.directory.queries import units_in_force
from portal.directory.rules import Line, in_force
from portal.guard import Permission, Viewer
from portal.imports.header import Remembered, key_of
from portal.imports.models import BEFORES_KEPT, Batch, BatchBefore, BatchRow, PendingRow, SourceName
from portal.imports.placing import Directory
from portal.imports.planning import ALONG, COMPARED, is_asking
from portal.imports.rules import BatchState, NameKind, NameState
from portal.sources.queries import layouts_of
from portal.sources.rules import Vocabulary

CODES_AT_ONCE = 5_000
ROWS_AT_ONCE = 2_000
PAGE = 50
KNOWN = ("id", "code", *COMPARED, *ALONG, "data_as_of", "last_batch_id")
Stamp = tuple[Any, ...]


def load_directory(on: date) -> Directory:
    """Units, officers, procedures and mapped names by the keys files are compared with. ``on``: day of the data."""
    known = Directory()
    _load_units(known, on)
    _load_officers(known, on)
    for procedure in db.session.execute(select(Procedure.id, Procedure.code, Procedure.title).order_by(Procedure.id)):
        known.titles[procedure.id] = procedure.title
        known.procedure_titles.setdefault(key_of(procedure.title), procedure.id)
        if procedure.code:
            known.procedure_codes[procedure.code.casefold()] = procedure.id
    for name in db.session.scalars(select(SourceName).where(SourceName.state != NameState.WAITING.value)):
        _load_name(known, name)
    return known


def _load_units(known: Directory, on: date) -> None:
    """Units by code and name; of several with one name those in force on the day of the data."""
    ended: dict[str, set[int]] = {}
    found = select(Unit.id, Unit.code, Unit.name, Unit.valid_from, Unit.valid_to)
    for unit in db.session.execute(found):
        known.unit_codes[unit.code.casefold()] = unit.id
        names = known.unit_names if in_force(unit.valid_from, unit.valid_to, on) else ended
        names.setdefault(key_of(unit.name), set()).add(unit.id)
    for former in db.session.execute(select(UnitName.unit_id, UnitName.name, UnitName.valid_from, UnitName.valid_to)):
        names = known.unit_names if in_force(former.valid_from, former.valid_to, on) else ended
        names.setdefault(key_of(former.name), set()).add(former.unit_id)
    for key, ids in ended.items():
        known.unit_names.setdefault(key, ids)
    _load_taken_over(known)


def _load_taken_over(known: Directory) -> None:
    """Ended units another took over from, by code and name, each with the first day of its successor."""
    found = select(Unit.id, Unit.code, Unit.name, func.min(UnitSuccession.from_day).label("since"))
    found = found.join(UnitSuccession, UnitSuccession.from_id == Unit.id).where(Unit.valid_to.is_not(None))
    for row in db.session.execute(found.group_by(Unit.id, Unit.code, Unit.name)):
        for key in {key_of(row.code), key_of(row.name)}:
            if known.unit_names.get(key, {row.id}) == {row.id}:
                known.taken_over[key] = (row.id, row.since.isoformat())


def _load_officers(known: Directory, on: date) -> None:
    columns = (Posting.unit_id, Posting.person_id, Posting.valid_from, Posting.valid_to, Person.full_name)
    for posting in db.session.execute(select(*columns).join(Person, Person.id == Posting.person_id)):
        known.names[posting.person_id] = posting.full_name
        known.officers.setdefault((posting.unit_id, key_of(posting.full_name)), set()).add(posting.person_id)
        if in_force(posting.valid_from, posting.valid_to, on):
            known.present.add((posting.unit_id, posting.person_id))


def _load_name(known: Directory, name: SourceName) -> None:
    if name.state == NameState.IGNORED:
        known.ignored.add((name.kind, name.unit_id, name.folded))
    elif name.kind == NameKind.UNIT and name.unit_match is not None:
        known.mapped_units[name.folded] = name.unit_match
    elif name.unit_id is not None and name.person_match is not None:
        known.mapped_officers[name.unit_id, name.folded] = name.person_match


def supplements_pause(source_id: int) -> bool:
    """Whether the dates of a supplement in a list of this source stop the clock."""
    return bool(db.session.scalar(select(Source.supplements_pause).where(Source.id == source_id)))


def asked_before(case_ids: Sequence[int]) -> set[int]:
    """Those of these cases that had an earlier status which asked for a supplement, and left it."""
    if not case_ids:
        return set()
    found = select(CaseChange.case_id, CaseChange.old).where(CaseChange.field == "status_text")
    found = found.where(CaseChange.kind != "undone", not_undone(CaseChange.batch_id))
    asked: set[int] = set()
    for start in range(0, len(case_ids), CODES_AT_ONCE):
        some = case_ids[start : start + CODES_AT_ONCE]
        asked.update(
            row.case_id for row in db.session.execute(found.where(CaseChange.case_id.in_(some))) if is_asking(row.old)
        )
    return asked


def befores_of(batch_id: int) -> Sequence[BatchBefore]:
    """The known cases a batch changed: what they were, in the order of the cases."""
    found = select(BatchBefore).where(BatchBefore.batch_id == batch_id, BatchBefore.facts.is_not(None))
    return db.session.scalars(found.order_by(BatchBefore.case_id)).all()


def built_on(batch_id: int, applied_at: datetime) -> dict[str, int]:
    """How much of each kind rests on an applied batch."""
    new = select(Case.id).where(Case.first_batch_id == batch_id)
    known = select(BatchBefore.case_id).where(BatchBefore.batch_id == batch_id)
    gone = select(CaseChange.case_id).where(CaseChange.batch_id == batch_id, CaseChange.kind == "gone")
    later = aliased(BatchBefore)
    newest = select(func.max(CaseChange.id)).where(CaseChange.batch_id == batch_id).scalar_subquery()
    mapped = select(Case.id).where(Case.code == PendingRow.code, Case.last_batch_id == batch_id).exists()
    waited = select(func.count(PendingRow.id)).where(PendingRow.batch_id == batch_id)
    corrected = select(func.count(BreachCorrection.id)).join(Breach, Breach.id == BreachCorrection.breach_id)
    told = select(func.count(CaseChange.id)).where(
        CaseChange.kind == "mapped", CaseChange.id > func.coalesce(newest, 0)
    )
    wanted = {
        "breaches": select(func.count(Breach.id)).where(Breach.batch_id == batch_id),
        "breach_ends": select(func.count(BreachEnd.id)).where(BreachEnd.batch_id == batch_id),
        "corrections": corrected.where(Breach.case_id.in_(known), BreachCorrection.proposed_at >= applied_at),
        "apologies": select(func.count(Apology.id)).where(Apology.case_id.in_(new), Apology.breach_id.is_(None)),
        "later_batches": select(func.count()).select_from(later).where(
            later.batch_id > batch_id, or_(*(later.case_id.in_(cases) for cases in (new, known, gone)))
        ),
        "rows_replaced": select(func.count(PendingRow.id)).where(_replaced_row_of(batch_id)),
        "pending_mapped": waited.where(PendingRow.settled_at.is_not(None), mapped),
        "names_mapped": select(func.count(SourceName.id)).where(
            SourceName.batch_id == batch_id, SourceName.state != NameState.WAITING.value
        ),
        "officers_mapped": told.where(CaseChange.id > func.coalesce(newest, 0)).where(
            or_(CaseChange.case_id.in_(new), CaseChange.case_id.in_(known))
        ),
    }  # fmt: skip
    records = {key: statement.where(at.in_(new)) for key, statement, at in _records()}
    # Supplements that came with a body of a program: of the cases it only changed, too.
    records["own_pauses"] = select(func.count(Pause.id)).where(Pause.batch_id == batch_id, Pause.case_id.not_in(new))
    counts = tally(wanted | records)
    return {what: counts[what] for what in wanted} | {"records": sum(counts[each] for each in records)}


def _replaced_row_of(batch_id: int) -> ColumnElement[bool]:
    """A waiting row whose earlier saying was of this batch: a later one told of it again."""
    paths = (("before",) * level + ("batch_id",) for level in range(BEFORES_KEPT))
    return or_(*(PendingRow.before[path].as_integer() == batch_id for path in paths))


OTHERWISE_COUNTED = frozenset({"breaches", "explanations", "apologies", "computed_dues"})
"""Counted above, or derived and gone with the case."""


def _records() -> Iterator[tuple[str, Select[Any], Any]]:
    """Every further table whose rows belong to cases: (name, its count, its column of cases)."""
    for table in Case.metadata.sorted_tables:
        for key in table.foreign_keys:
            if key.column.table.name == "cases" and table.name not in OTHERWISE_COUNTED:
                yield f"{table.name}_{key.parent.name}", select(func.count()).select_from(table), key.parent


def to_open(batch_id: int, day_end: datetime) -> int:
    """The breaches that opening at the end of a day would add on the facts of a batch."""
    return count_missing(day_end, Case.last_batch_id == batch_id)


def not_undone(batch_id: Any) -> ColumnElement[bool]:
    """The batch of a row was not undone, or it had none."""
    undone = select(Batch.id).where(Batch.state == BatchState.UNDONE.value)
    return or_(batch_id.is_(None), batch_id.not_in(undone))


def stamp() -> Stamp:
    """What placing rests on, short enough to compare inside the write: the same stamp, the same places."""
    parts: list[Any] = []
    for model in (Unit, Person, Posting, SourceName):
        parts.append(select(func.max(model.id)).scalar_subquery())
        parts.append(select(func.count(model.id)).scalar_subquery())
        parts.append(select(func.sum(model.version)).scalar_subquery())
    parts += [select(func.max(Procedure.id)).scalar_subquery(), select(func.count(Procedure.id)).scalar_subquery()]
    return tuple(db.session.execute(select(*parts)).one())


def single_root() -> int | None:
    """The one unit at the top of the reports-in line, if there is just one: units made by an import stand below it."""
    has_parent = select(UnitLink.unit_id).where(UnitLink.kind == Line.REPORTS_IN.value, UnitLink.valid_to.is_(None))
    found = select(Unit.id).where(Unit.valid_to.is_(None), Unit.made_by_import.is_(False), Unit.id.not_in(has_parent))
    roots = db.session.scalars(found.limit(2)).all()
    return roots[0] if len(roots) == 1 else None


def source_by_name(name: str) -> Source | None:
    """A source by its name."""
    return db.session.scalar(select(Source).where(Source.name == name))


def unit_in_force(unit_id: int, on: date) -> Unit | None:
    """A unit, if it is in force on a day."""
    unit = db.session.get(Unit, unit_id)
    return unit if unit is not None and in_force(unit.valid_from, unit.valid_to, on) else None


def sources() -> Sequence[Source]:
    """All sources, by name."""
    return db.session.scalars(select(Source).order_by(Source.name)).all()


def newest_data(source_id: int) -> datetime | None:
    """The moment of the newest data of a source among the batches that stand."""
    found = select(func.max(Batch.data_as_of))
    return db.session.scalar(found.where(Batch.source_id == source_id, Batch.state == BatchState.APPLIED.value))


def remembered_list(source_id: int) -> Remembered:
    """The lists a source has sent: which column held which fact, the newest first."""
    return remembered_in(layouts_of(source_id))


def remembered_in(layouts: Iterable[Vocabulary]) -> Remembered:
    """The same of layouts that are known already."""
    first, *older = [Remembered(said.columns, said.headings) for said in layouts] or [Remembered()]
    return replace(first, older=tuple(older))


@dataclass(frozen=True)
class BatchQuery:
    """Batches, for those who import."""

    statement: Select[Any]

    @classmethod
    def visible_to(cls, viewer: Viewer) -> Self:
        """The batches of the viewer's scope and those of commands, for those who may import; none for others."""
        return cls(select(Batch).where(_in_reach(viewer)))

    def newest_first(self, before: int | None = None, limit: int = PAGE) -> Sequence[Batch]:
        """One page, the newest first, older than batch ``before``."""
        found = self.statement.order_by(Batch.id.desc()).limit(limit)
        return db.session.scalars(found.where(Batch.id < before) if before else found).all()

    def get(self, batch_id: int) -> Batch | None:
        """One batch."""
        found: Batch | None = db.session.scalar(self.statement.where(Batch.id == batch_id))
        return found


def reach_of(viewer: Viewer) -> list[int]:
    """The units whose imports concern the viewer."""
    return sorted(viewer.own_reach | viewer.admin_units | viewer.own_unit_ids)


def _in_reach(viewer: Viewer) -> ColumnElement[bool]:
    if not viewer.may(Permission.IMPORT_CASES):
        return false()
    return true() if viewer.sees_all else or_(Batch.unit_id.is_(None), Batch.unit_id.in_(reach_of(viewer)))


def rows_of(batch_id: int, kinds: Iterable[str], *, after: int = 0, limit: int | None = None) -> Sequence[BatchRow]:
    """What a batch says of its rows, in their order; ``after``: the id of the last row already shown."""
    found = select(BatchRow).where(BatchRow.batch_id == batch_id, BatchRow.kind.in_(list(kinds)), BatchRow.id > after)
    return db.session.scalars(found.order_by(BatchRow.id).limit(limit)).all()


@dataclass(frozen=True)
class NameQuery:
    """Names that wait for a person. Heads map the officers of their units; who imports maps all names in scope."""

    statement: Select[Any]

    @classmethod
    def visible_to(cls, viewer: Viewer) -> Self:
        """Officers' names of the viewer's units; names of units only for those who import."""
        return cls(select(SourceName).where(_may_map(viewer)))

    def waiting(self, limit: int = PAGE * 4) -> Sequence[SourceName]:
        """Names nobody has mapped, units first, since a mapped unit brings cases in."""
        found = self.statement.where(SourceName.state == NameState.WAITING.value)
        return db.session.scalars(found.order_by(SourceName.kind.desc(), SourceName.id).limit(limit)).all()

    def count_waiting(self) -> int:
        """How many names wait."""
        found = self.statement.where(SourceName.state == NameState.WAITING.value)
        return db.session.scalar(select(func.count()).select_from(found.subquery())) or 0

    def get(self, name_id: int) -> SourceName | None:
        """One name."""
        found: SourceName | None = db.session.scalar(self.statement.where(SourceName.id == name_id))
        return found


def _may_map(viewer: Viewer) -> ColumnElement[bool]:
    if viewer.sees_all:
        return true()
    answered_for = viewer.own_reach | viewer.admin_units
    officers = SourceName.unit_id.in_(sorted(answered_for))
    own = select(Batch.id).where(_in_reach(viewer))
    # A name waits once, with the batch that brought it first: whose rows wait for it later may map it as well.
    waits = select(PendingRow.id).where(
        PendingRow.unit_folded == SourceName.folded, PendingRow.settled_at.is_(None), PendingRow.batch_id.in_(own)
    )
    brought = or_(SourceName.batch_id.in_(own), waits.exists())
    return or_(officers, and_(SourceName.kind == NameKind.UNIT.value, brought))


def pending_of_unit(key: str) -> Sequence[PendingRow]:
    """The rows that wait for the unit of this name."""
    found = select(PendingRow).where(PendingRow.settled_at.is_(None), PendingRow.unit_folded == key)
    return db.session.scalars(found.order_by(PendingRow.id)).all()


def pending_count() -> int:
    """How many case codes are in no unit: every total prints it beside itself."""
    return db.session.scalar(select(func.count(PendingRow.id)).where(PendingRow.settled_at.is_(None))) or 0


def unit_names(unit_ids: Iterable[int]) -> dict[int, str]:
    """Names of units by id."""
    wanted = sorted(set(unit_ids))
    if not wanted:
        return {}
    return {row.id: row.name for row in db.session.execute(select(Unit.id, Unit.name).where(Unit.id.in_(wanted)))}


def pending_units() -> dict[str, int]:
    """How many rows wait for each written unit, by folded name."""
    found = select(PendingRow.unit_folded, func.count()).where(PendingRow.settled_at.is_(None))
    return {row[0]: row[1] for row in db.session.execute(found.group_by(PendingRow.unit_folded))}


def pending_rows(viewer: Viewer, limit: int = PAGE) -> tuple[Sequence[PendingRow], int]:
    """The rows of the viewer's batches that wait for a unit: the first of them, and how many they are."""
    brought = PendingRow.batch_id.in_(select(Batch.id).where(_in_reach(viewer)))
    found = select(PendingRow).where(PendingRow.settled_at.is_(None), brought)
    rows = db.session.scalars(found.order_by(PendingRow.id).limit(limit)).all()
    return rows, db.session.scalar(select(func.count()).select_from(found.subquery())) or 0


def people_for(name: SourceName) -> Sequence[Person]:
    """The people who hold or held a posting in the unit of an officer's name, the likeliest first."""
    found = select(Person).join(Posting, Posting.person_id == Person.id).where(Posting.unit_id == name.unit_id)
    people = {person.id: person for person in db.session.scalars(found)}
    return sorted(people.values(), key=lambda person: (_distance(name.folded, person.full_name), person.sort_key))


def units_for(name: SourceName, on: date) -> Sequence[Unit]:
    """The units in force on a day, those whose names share most words with a written one first."""
    return sorted(units_in_force(on), key=lambda unit: (_distance(name.folded, unit.name), unit.sort_key))


def _distance(folded: str, candidate: str) -> float:
    """0 for names of the same words, 1 for names without a common one."""
    said, known = set(folded.split()), set(key_of(candidate).split())
    return 1 - len(said & known) / max(len(said | known), 1)


def person_in_unit(person_id: int, unit_id: int | None) -> Person | None:
    """A person, if they hold or held a posting in the unit."""
    found = select(Person).join(Posting, Posting.person_id == Person.id)
    return db.session.scalars(found.where(Person.id == person_id, Posting.unit_id == unit_id).limit(1)).first()


def cases_without_officer(unit_id: int) -> Sequence[Any]:
    """Cases of a unit whose officer is not known but named: (id, officer_name, version)."""
    columns = (Case.id, Case.officer_name)
    found = select(*columns).where(Case.resolving_unit_id == unit_id, Case.officer_id.is_(None))
    return db.session.execute(found.where(Case.officer_name.is_not(None))).all()
