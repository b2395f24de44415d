"""Reading what imports changed of cases: only cases the viewer may read, newest first, counted by kind and by unit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self

from sqlalchemy import ColumnElement, Select, and_, column, exists, func, literal_column, or_, select, table

from portal import clock
from portal.cases.change_filters import ChangeFilters, ChangeKind
from portal.cases.models import Case, CaseChange, Pause, Source
from portal.cases.name_queries import NAMED, names_of_all
from portal.cases.queries import CaseQuery
from portal.cases.words import word
from portal.database import WallTime, db
from portal.directory.models import Person, Unit
from portal.guard import Permission, Viewer

PAGE = 50
BATCHES = table(
    "batches", column("id"), column("source_id"), column("unit_id"), column("state"), column("data_as_of", WallTime())
)
"""The imports stand above the cases; only where a change came from is read here."""


@dataclass(frozen=True)
class ChangeRow:
    """A change with its case and where it came from. ``pauses``: how many pauses are recorded for the case.

    ``is_undone``: its batch was taken back since; the case page still shows it.
    """

    change: CaseChange
    code: str
    unit_id: int
    unit: str
    officer: str
    pauses: int
    as_of: datetime | None
    source: str
    batch_unit: int | None
    is_undone: bool


@dataclass(frozen=True)
class ChangePage:
    """One page of the list and the places of its neighbours."""

    rows: Sequence[ChangeRow]
    previous: int | None
    next: int | None


@dataclass(frozen=True)
class ChangeCounts:
    """How many changes of each kind, and of the kinds shown in each unit."""

    by_kind: Mapping[str, int]
    by_unit: Mapping[int, int]
    total: int


@dataclass(frozen=True)
class ChangeQuery:
    """Changes of the cases a viewer may read."""

    cases: CaseQuery
    conditions: tuple[ColumnElement[bool], ...] = ()
    asks_batch: bool = False
    is_wide: bool = True

    @classmethod
    def visible_to(cls, viewer: Viewer) -> Self:
        """All changes of the viewer's cases."""
        return cls(CaseQuery.visible_to(viewer))

    def where(self, *conditions: ColumnElement[bool]) -> Self:
        """Narrow by further conditions."""
        return replace(self, conditions=(*self.conditions, *conditions))

    def of_case(self, case_id: int) -> Self:
        """The changes of one case."""
        return self.where(CaseChange.case_id == case_id)

    def of_kinds(self, kinds: Iterable[ChangeKind] | None) -> Self:
        """Only these kinds; None: all. One kind is found by its index; several are met often by walking back."""
        chosen = None if kinds is None else [word(kind) for kind in kinds]
        if chosen is None:
            return self
        if len(chosen) == 1:
            return self.where(CaseChange.kind == chosen[0])
        return self.where(func.coalesce(CaseChange.kind, literal_column("''")).in_(chosen))

    def narrowed(self, filters: ChangeFilters, unit_ids: frozenset[int] | None = None) -> Self:
        """What the URL asks for except the kind. ``unit_ids``: the chosen unit with what stands below it."""
        is_wide = not (filters.unit or filters.officer or filters.batch)
        query = replace(self, asks_batch=bool(filters.source or filters.from_ or filters.to), is_wide=is_wide)
        if filters.batch is None:
            query = query.where(_still_holds())
        if filters.unit is not None:
            wanted = unit_ids or frozenset({filters.unit})
            query = query.where(Case.resolving_unit_id.in_(sorted(wanted)))
        if filters.officer is not None:
            query = query.where(_concerns(filters.officer))
        if filters.batch is not None:
            query = query.where(CaseChange.batch_id == filters.batch)
        if filters.source is not None:
            query = query.where(func.coalesce(BATCHES.c.source_id, Case.source_id) == filters.source)
        if filters.from_ is not None:
            query = query.where(BATCHES.c.data_as_of >= clock.start_of(filters.from_))
        return query if filters.to is None else query.where(BATCHES.c.data_as_of <= clock.end_of(filters.to))

    def statement(self) -> Select[Any]:
        """Changes with their cases, in no order."""
        pauses = select(func.count()).where(Pause.case_id == CaseChange.case_id).scalar_subquery()
        columns = (CaseChange, Case.code, Case.resolving_unit_id, Unit.name, Person.full_name, pauses)
        found = select(*columns, BATCHES.c.data_as_of, Source.name, BATCHES.c.unit_id, BATCHES.c.state).select_from(
            CaseChange
        )
        found = found.join(Case, Case.id == CaseChange.case_id).join(Unit, Unit.id == Case.resolving_unit_id)
        found = found.outerjoin(Person, Person.id == Case.officer_id)
        found = found.outerjoin(BATCHES, BATCHES.c.id == CaseChange.batch_id)
        found = found.outerjoin(Source, Source.id == func.coalesce(BATCHES.c.source_id, Case.source_id))
        return found.where(*self.cases.conditions, *self.conditions)

    def _places(self) -> Select[Any]:
        """The numbers of the changes. A wide list walks the changes from the newest and looks each case up."""
        found = select(CaseChange.id)
        if self.asks_batch:
            found = found.outerjoin(BATCHES, BATCHES.c.id == CaseChange.batch_id)
        if not self.is_wide or self.asks_batch:
            found = found.join(Case, Case.id == CaseChange.case_id)
            return found.where(*self.cases.conditions, *self.conditions)
        if self.cases.conditions:
            found = found.where(exists().where(Case.id == CaseChange.case_id, *self.cases.conditions))
        return found.where(*self.conditions)

    def page(self, filters: ChangeFilters, size: int = PAGE) -> ChangePage:
        """One page, newest first: older than change ``after``, or newer than change ``before``."""
        backwards = filters.before is not None
        order = CaseChange.id if backwards else CaseChange.id.desc()
        places = self._places()
        if filters.before is not None:
            places = places.where(CaseChange.id > filters.before)
        elif filters.after is not None:
            places = places.where(CaseChange.id < filters.after)
        wanted = places.order_by(order).limit(size + 1)
        found = replace(self, conditions=(CaseChange.id.in_(wanted),)).statement().order_by(order)
        read = [_row(row) for row in db.session.execute(found)]
        more, rows = len(read) > size, read[:size]
        if backwards:
            rows.reverse()
        has_previous = more if backwards else filters.after is not None
        has_next = True if backwards else more
        return ChangePage(
            rows,
            rows[0].change.id if rows and has_previous else None,
            rows[-1].change.id if rows and has_next else None,
        )

    def oldest_first(self) -> Sequence[ChangeRow]:
        """All of them, for the page of one case."""
        return [_row(row) for row in db.session.execute(self.statement().order_by(CaseChange.id))]

    def every(self) -> Iterator[ChangeRow]:
        """All of them, newest first, streamed; for the export."""
        found = self.statement().order_by(CaseChange.id.desc()).execution_options(yield_per=1000)
        for row in db.session.execute(found):
            yield _row(row)

    def count(self, kinds: Iterable[ChangeKind] | None, family: Iterable[ChangeKind] | None = None) -> ChangeCounts:
        """Counts in one statement: of every kind of the family, and of the kinds asked for in each unit."""
        found = select(CaseChange.kind, Case.resolving_unit_id, func.count()).select_from(CaseChange)
        found = found.join(Case, Case.id == CaseChange.case_id)
        if self.asks_batch:
            found = found.outerjoin(BATCHES, BATCHES.c.id == CaseChange.batch_id)
        found = found.where(*self.cases.conditions, *self.conditions)
        if family is not None:
            found = found.where(CaseChange.kind.in_([word(kind) for kind in family]))
        wanted = None if kinds is None else frozenset(map(str, kinds))
        by_kind: dict[str, int] = {}
        by_unit: dict[int, int] = {}
        for kind, unit_id, count in db.session.execute(found.group_by(CaseChange.kind, Case.resolving_unit_id)):
            by_kind[kind] = by_kind.get(kind, 0) + count
            if wanted is None or kind in wanted:
                by_unit[unit_id] = by_unit.get(unit_id, 0) + count
        return ChangeCounts(by_kind, by_unit, sum(by_unit.values()))


def _row(row: Any) -> ChangeRow:
    change, code, unit_id, unit, officer, pauses, as_of, source, batch_unit, state = row
    return ChangeRow(
        change, code, unit_id, unit, officer or "", pauses, as_of, source or "", batch_unit, state == "undone"
    )


def _still_holds() -> ColumnElement[bool]:
    """The batch of a change was not undone; that it was undone is a change of its own."""
    undone = select(BATCHES.c.id).where(BATCHES.c.state == word("undone")).correlate(None)
    told = CaseChange.kind == word("undone")
    return or_(CaseChange.batch_id.is_(None), told, CaseChange.batch_id.not_in(undone))


def _concerns(person_id: int) -> ColumnElement[bool]:
    """The officer of the case now, or before or after the change."""
    text = str(person_id)
    named = and_(CaseChange.field == "officer_id", or_(CaseChange.old == text, CaseChange.new == text))
    return or_(Case.officer_id == person_id, named)


def names_in(rows: Iterable[ChangeRow], units: Mapping[int, str] | None = None) -> dict[str, Mapping[int, str]]:
    """The names of rows that changes mention by number, by field; ``units``: names already read."""
    numbers: dict[str, set[int]] = {}
    for row in rows:
        if row.change.field in NAMED:
            values = (value for value in (row.change.old, row.change.new) if value and value.isdigit())
            numbers.setdefault(row.change.field, set()).update(int(value) for value in values)
    known = dict.fromkeys(("receiving_unit_id", "resolving_unit_id"), units) if units else {}
    asked = {field: found for field, found in numbers.items() if field not in known}
    return {field: known[field] for field in numbers if field in known} | names_of_all(asked)


def may_open_batch(row: ChangeRow, viewer: Viewer) -> bool:
    """Whether the page of a change's batch opens for the viewer: the scope of those who import."""
    if row.change.batch_id is None or not viewer.may(Permission.IMPORT_CASES):
        return False
    reach = viewer.own_reach | viewer.admin_units | viewer.own_unit_ids
    return viewer.sees_all or row.batch_unit is None or row.batch_unit in reach


def source_choices() -> Sequence[tuple[int, str]]:
    """All sources by name."""
    return [(row.id, row.name) for row in db.session.execute(select(Source.id, Source.name).order_by(Source.name))]
