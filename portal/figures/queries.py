"""The counts of a period from the facts of the cases: one grouped statement, the same on both databases.

Source: the rules of counting in a period. Every page, report and sheet takes its numbers from here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import and_, case, column, exists, func, literal_column, or_, select, table
from sqlalchemy.orm import InstrumentedAttribute

from portal import clock
from portal.cases.models import Case, Procedure, ProcedureLevel
from portal.cases.queries import CaseQuery
from portal.cases.rules import Meaning, State
from portal.cases.words import day_of, is_counted, state_word, word
from portal.database import db
from portal.directory.models import Person, Posting, Unit
from portal.directory.queries import load_tree
from portal.directory.rules import UnitTree
from portal.figures.rules import Cell, Counts, Online, counts_of
from portal.guard import Viewer
from portal.refusal import Refused

PENDING = table("pending_rows", column("settled_at"))
"""Rows that wait for a unit. The imports stand above the figures; only their number is read here."""


class By(StrEnum):
    """What the rows of a summary are."""

    UNIT = "unit"
    RECEIVING_UNIT = "receiving_unit"
    OFFICER = "officer"
    PROCEDURE = "procedure"


KEYS: Mapping[By, InstrumentedAttribute[Any]] = {
    By.UNIT: Case.resolving_unit_id,
    By.RECEIVING_UNIT: Case.receiving_unit_id,
    By.OFFICER: Case.officer_id,
    By.PROCEDURE: Case.procedure_id,
}


OF_UNITS = frozenset({By.UNIT, By.RECEIVING_UNIT})
"""The summaries whose rows can be rolled up to the units that took over."""


@dataclass(frozen=True)
class Row:
    """One row of a summary: who or what it is about, and its counts. ``id`` None: the cases without officer.

    ``of_day``: in a summary rolled up to successors, the units of their day whose cases the row holds, by name.
    """

    id: int | None
    name: str
    code: str
    counts: Counts
    sort_key: str = ""
    of_day: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True)
class Summary:
    """A period, its totals and its rows; ``pending``: rows of imports that wait for a unit and are in no count."""

    from_: date
    to: date
    on: date
    totals: Counts
    rows: Sequence[Row]
    pending: int


def counts_by_key(
    by: By | str,
    from_: date,
    to: date,
    viewer: Viewer,
    at: datetime | None = None,
    unit_ids: frozenset[int] | None = None,
    source_id: int | None = None,
) -> dict[int | None, Counts]:
    """Counts of [from_, to], both days included, state at the end of ``to``, by unit, officer or procedure id.

    ``at``: the state at this wall moment of ``to`` instead. A page of today passes its clock: what falls due this
    afternoon is not overdue in the morning. ``unit_ids``: only cases that these units resolve; ``source_id``: only
    cases that this source told.
    """
    key = KEYS[By(by)]
    start, end = clock.start_of(from_), at or clock.end_of(to)
    state = state_word(end)
    received = case((Case.received_at >= start, literal_column("1")), else_=literal_column("0"))
    refusal = case((Case.meaning == word(Meaning.REFUSED), literal_column("1")), else_=literal_column("0"))
    scoped = CaseQuery.visible_to(viewer).where(is_counted(start, end))
    if unit_ids is not None:
        scoped = scoped.of_units(unit_ids)
    if source_id is not None:
        scoped = scoped.where(Case.source_id == source_id)
    statement = (
        select(
            key.label("key"), state.label("state"), received.label("received"), refusal.label("refusal"), func.count()
        )
        .where(*scoped.conditions)
        .group_by("key", "state", "received", "refusal")
    )
    cells: dict[int | None, list[Cell]] = {}
    for ident, name, is_received, is_refusal, count in db.session.execute(statement):
        cells.setdefault(ident, []).append(Cell(State(name), bool(is_received), bool(is_refusal), count))
    return {ident: counts_of(group) for ident, group in cells.items()}


def summary(
    from_: date,
    to: date,
    on: date,
    by: By | str | None,
    viewer: Viewer,
    at: datetime | None = None,
    unit_ids: frozenset[int] | None = None,
    *,
    successors: bool = False,
) -> Summary:
    """The counts of a period as known on day ``on``, which may not be before ``to``. Raises Refused on bad dates.

    History stays with the unit of its day; ``successors`` adds the rows of ended units to the unit that took over
    from them by day ``on``. No total changes by it. A unit that was split keeps its row.
    """
    if from_ > to:
        raise Refused("figures.from_after_to")
    if on < to:
        raise Refused("figures.on_before_to")
    chosen = By(by or By.UNIT)
    counted = counts_by_key(chosen, from_, to, viewer, at, unit_ids)
    totals = sum(counted.values(), Counts())
    if not by:
        return Summary(from_, to, on, totals, (), pending_count())
    rows = _named(chosen, counted)
    if successors and chosen in OF_UNITS:
        rows = _rolled_up(rows, load_tree(on, with_ended=True))
    return Summary(from_, to, on, totals, rows, pending_count())


def _rolled_up(rows: Sequence[Row], tree: UnitTree) -> list[Row]:
    """Each row under the unit that took over last; rows of units nobody took over from stay as they are."""
    groups: dict[int | None, list[Row]] = {}
    for row in rows:
        groups.setdefault(row.id if row.id is None else tree.heir(row.id), []).append(row)
    found = [_merged(ident, group, tree) for ident, group in groups.items()]
    return sorted(found, key=lambda row: (row.sort_key, row.code))


def _merged(ident: int | None, group: Sequence[Row], tree: UnitTree) -> Row:
    heir = tree.node(ident) if ident is not None else None
    if heir is None or [row.id for row in group] == [ident]:
        return group[0]
    counts = sum((row.counts for row in group), Counts())
    of_day = tuple((row.id, row.name) for row in group if row.id is not None)
    return Row(heir.id, heir.name, heir.code, counts, heir.sort_key, of_day)


def online_counts(
    from_: date, to: date, viewer: Viewer, unit_ids: frozenset[int] | None = None, at: datetime | None = None
) -> dict[int, Online]:
    """Cases received in [from_, to] by channel, by resolving unit; of accepted cases only."""
    day = day_of(Case.received_at)
    in_force = and_(
        ProcedureLevel.procedure_id == Case.procedure_id,
        ProcedureLevel.valid_from <= day,
        or_(ProcedureLevel.valid_to.is_(None), ProcedureLevel.valid_to >= day),
    )
    is_online = Case.channel == word("online")
    eligible = exists().where(in_force)
    sums = [func.sum(case((condition, 1), else_=0)) for condition in (is_online, eligible, and_(is_online, eligible))]
    scoped = CaseQuery.visible_to(viewer).where(
        Case.meaning != word(Meaning.NOT_COUNTED),
        Case.received_at >= clock.start_of(from_),
        Case.received_at <= (at or clock.end_of(to)),
    )
    if unit_ids is not None:
        scoped = scoped.of_units(unit_ids)
    statement = select(Case.resolving_unit_id, func.count(), *sums).where(*scoped.conditions)
    rows = db.session.execute(statement.group_by(Case.resolving_unit_id))
    return {unit_id: Online(*(int(number) for number in numbers)) for unit_id, *numbers in rows}


def pending_count() -> int:
    """Rows of imports that wait for a unit; printed with every total as "chưa gán đơn vị: n"."""
    return db.session.scalar(select(func.count()).select_from(PENDING).where(PENDING.c.settled_at.is_(None))) or 0


def units_of_people(people: set[int], on: date) -> dict[int, str]:
    """The unit each person is posted in on a day, by name; of several, the last one taken up."""
    in_force = and_(Posting.valid_from <= on, or_(Posting.valid_to.is_(None), Posting.valid_to >= on))
    found = select(Posting.person_id, Unit.name).join(Unit, Unit.id == Posting.unit_id).where(in_force)
    found = found.where(Posting.person_id.in_(sorted(people))).order_by(Posting.valid_from, Posting.id)
    return {person: unit for person, unit in db.session.execute(found)}


def _named(by: By, counted: Mapping[int | None, Counts]) -> list[Row]:
    """Give the rows their names and codes, in the order of the directory; nameless last."""
    idents = sorted(ident for ident in counted if ident is not None)
    columns: dict[By, tuple[Any, Any, Any, Any]] = {
        By.UNIT: (Unit.id, Unit.name, Unit.code, Unit.sort_key),
        By.RECEIVING_UNIT: (Unit.id, Unit.name, Unit.code, Unit.sort_key),
        By.OFFICER: (Person.id, Person.full_name, Person.code, Person.sort_key),
        By.PROCEDURE: (Procedure.id, Procedure.title, Procedure.code, Procedure.folded),
    }
    chosen = columns[by]
    names = {row[0]: row for row in db.session.execute(select(*chosen).where(chosen[0].in_(idents)))}
    rows = [
        Row(ident, names[ident][1], names[ident][2] or "", counts, names[ident][3] or "")
        if ident in names
        else Row(None, "", "", counts, "\uffff")
        for ident, counts in counted.items()
    ]
    return sorted(rows, key=lambda row: (row.sort_key, row.code))
