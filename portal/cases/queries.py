"""Reading cases. The only way in names the viewer: what is out of their scope does not exist.

Lists stand on the partial indexes of ``models``; a test holds the plans of every default list and every single filter
free of table scans on both databases.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Self

from sqlalchemy import (
    ColumnElement,
    Select,
    false,
    func,
    literal,
    or_,
    select,
    tuple_,
)
from sqlalchemy.orm import InstrumentedAttribute

from portal.cases import words
from portal.cases.filters import BY_DUE, BY_FINISH, CaseFilters, Show, Sort, number_from
from portal.cases.models import Case, Procedure
from portal.cases.moving import moment_of
from portal.cases.narrowing import Now, between, late_aged, overdue_aged, period_column, shown
from portal.cases.rules import OPEN_MEANINGS, Verdict, late_until, search_words
from portal.database import db
from portal.deadlines import AgeBucket, Moment, lateness
from portal.directory.models import Person, Unit
from portal.guard import Viewer

RowSelect = Select[Case, str, str, str, str]
PAGE = 50
FAR = datetime(9999, 12, 31)
"""Stands for a missing moment in an order: behind everything."""


@dataclass(frozen=True)
class CaseRow:
    """A case with the names a list shows."""

    case: Case
    procedure: str
    field: str
    unit: str
    officer: str


@dataclass(frozen=True)
class CasePage:
    """One page of a list: its rows, the exact count of the whole list, and the cursors of its neighbours."""

    rows: Sequence[CaseRow]
    total: int
    previous: str
    next: str


def hours_past_due(case: Case, now: Now) -> Decimal | None:
    """Working hours a case is late or overdue, in quarters; None where a moment is not known to the minute."""
    span = late_until(case, now.at)
    if (
        span is None
        or case.ruling_due_at is None
        or not (now.calendar.covers(span[0]) and now.calendar.covers(span[1]))
    ):
        return None
    due = moment_of(case.ruling_due_at, case.ruling_due_precision or "minute")
    ended = case.finished_at is not None and case.meaning not in OPEN_MEANINGS
    end = moment_of(case.finished_at, case.finished_precision) if ended and case.finished_at else Moment(now.at)
    late = lateness(due, end, now.calendar)
    return late.working_hours if late else None


@dataclass(frozen=True)
class CaseQuery:
    """Cases a viewer may read, narrowed step by step; then counted, paged or read whole."""

    viewer: Viewer
    conditions: tuple[ColumnElement[bool], ...] = ()

    @classmethod
    def visible_to(cls, viewer: Viewer) -> Self:
        """All cases of the viewer's scope: their own, and those of the units their roles read."""
        return cls(viewer).where(*_scope(viewer))

    def where(self, *conditions: ColumnElement[bool]) -> Self:
        """Narrow by further conditions."""
        return replace(self, conditions=(*self.conditions, *conditions))

    def shown(self, show: Show, now: Now) -> Self:
        """One of the lists by its kind."""
        return self.where(*shown(show, now))

    def with_verdict(self, verdict: Verdict, at: datetime, soon_until: datetime | None = None) -> Self:
        """Cases that carry one word at wall moment ``at``."""
        return self.where(words.verdict_is(verdict, at, soon_until))

    def overdue(self, at: datetime) -> Self:
        """Open, not paused, past due at wall moment ``at``."""
        return self.where(words.is_overdue(at))

    def late(self) -> Self:
        """Answered after the due moment."""
        return self.where(words.is_late())

    def open(self) -> Self:
        """Open or paused."""
        return self.where(words.is_open())

    def due_between(self, first: date, last: date, at: datetime) -> Self:
        """Cases running at wall moment ``at`` that are due on one of these days, both included."""
        return self.where(words.is_running(at), *between(Case.ruling_due_at, first, last))

    def of_units(self, unit_ids: frozenset[int] | set[int]) -> Self:
        """Cases resolved by one of these units."""
        return self.where(_one_of(Case.resolving_unit_id, unit_ids))

    def of_officer(self, person_id: int | None) -> Self:
        """Cases of one officer; None: of nobody known."""
        return self.where(Case.officer_id == person_id if person_id is not None else Case.officer_id.is_(None))

    def of_procedure(self, procedure_id: int) -> Self:
        """Cases of one procedure."""
        return self.where(Case.procedure_id == procedure_id)

    def in_field(self, field: str) -> Self:
        """Cases of one field of procedures."""
        procedures = select(Procedure.id).where(Procedure.field == field)
        return self.where(Case.procedure_id.in_(procedures))

    def aged(self, bucket: AgeBucket, now: Now) -> Self:
        """Cases so many working days late or overdue."""
        return self.where(or_(overdue_aged(bucket, now), late_aged(bucket)))

    def matching(self, text: str) -> Self:
        """Cases whose code, procedure or officer holds every word typed, with or without marks.

        The applicant is searched only for viewers who may read the name.
        """
        return self.where(*(self._holds(word) for word in search_words(text)))

    def _holds(self, word: str) -> ColumnElement[bool]:
        found = Case.search.contains(word, autoescape=True)
        if self.viewer.masks_applicant:
            return found
        return or_(found, Case.applicant_folded.contains(word, autoescape=True))

    def filtered(self, filters: CaseFilters, now: Now, unit_ids: frozenset[int] | None = None) -> Self:
        """The list a URL describes. ``unit_ids``: the chosen unit with what stands below it, when that is wanted."""
        query = self._of_kind(filters, now)
        if filters.unit is not None:
            query = query.of_units(unit_ids or frozenset({filters.unit}))
        if filters.officer is not None or filters.no_officer:
            query = query.of_officer(filters.officer)
        if filters.procedure is not None:
            query = query.of_procedure(filters.procedure)
        if filters.field:
            query = query.in_field(filters.field)
        if filters.from_ or filters.to:
            query = query.where(*between(period_column(filters.show), filters.from_, filters.to))
        return query.matching(filters.q) if filters.q else query

    def _of_kind(self, filters: CaseFilters, now: Now) -> Self:
        if filters.age is None:
            return self.shown(filters.show, now)
        if filters.show is Show.OVERDUE:
            return self.where(overdue_aged(filters.age, now))
        if filters.show is Show.LATE:
            return self.where(late_aged(filters.age))
        return self.shown(filters.show, now).aged(filters.age, now)

    def statement(self) -> RowSelect:
        """Cases with the names a list shows, in no order."""
        return (
            select(Case, Procedure.title, Procedure.field, Unit.name, Person.full_name)
            .outerjoin(Procedure, Procedure.id == Case.procedure_id)
            .join(Unit, Unit.id == Case.resolving_unit_id)
            .outerjoin(Person, Person.id == Case.officer_id)
            .where(*self.conditions)
        )

    def count(self) -> int:
        """How many, exactly."""
        return db.session.scalar(self.count_statement()) or 0

    def count_statement(self) -> Select[int]:
        """The statement of the exact count."""
        return select(func.count()).select_from(Case).where(*self.conditions)

    def ids(self) -> Select[int]:
        """The numbers of the cases, for a sub-select."""
        return select(Case.id).where(*self.conditions)

    def get(self, case_id: int) -> CaseRow | None:
        """One case with its names; None where it is out of scope or does not exist."""
        found = db.session.execute(self.statement().where(Case.id == case_id)).first()
        return _row(found) if found else None

    def first(self, count: int, sort: Sort = Sort.DUE, *, descending: bool = False) -> Sequence[CaseRow]:
        """The first rows in an order, for a short list on another page."""
        return [_row(row) for row in db.session.execute(self._ordered(sort, descending, nullable=False).limit(count))]

    def page(self, filters: CaseFilters, size: int = PAGE) -> CasePage:
        """One page of the list: forwards from ``filters.after`` or backwards from ``filters.before``."""
        backwards = bool(filters.before)
        found = [_row(row) for row in db.session.execute(self.page_statement(filters, size))]
        more = len(found) > size
        rows = found[:size]
        if backwards:
            rows.reverse()
        sort, _ = filters.order
        has_previous = more if backwards else bool(filters.after)
        has_next = True if backwards else more
        return CasePage(
            rows=rows,
            total=self.count(),
            previous=cursor(rows[0].case, sort) if rows and has_previous else "",
            next=cursor(rows[-1].case, sort) if rows and has_next else "",
        )

    def page_statement(self, filters: CaseFilters, size: int = PAGE) -> RowSelect:
        """The statement of one page, one row longer than the page so that "next" is known."""
        sort, descending = filters.order
        nullable = _may_lack(sort, filters.show)
        backwards = bool(filters.before)
        place = _place(filters.before or filters.after, sort)
        statement = self._ordered(sort, descending != backwards, nullable=nullable)
        if place is not None:
            here = tuple_(_sort_column(sort, nullable), Case.id)
            kind = Case.ruling_due_at.type if sort is not Sort.CODE else None
            there = tuple_(literal(place[0], kind), literal(place[1]))
            statement = statement.where(here < there if descending != backwards else here > there)
        return statement.limit(size + 1)

    def every(self, filters: CaseFilters) -> Iterator[CaseRow]:
        """All rows of the list in its order, streamed; for exports."""
        sort, descending = filters.order
        statement = self._ordered(sort, descending, nullable=_may_lack(sort, filters.show))
        for row in db.session.execute(statement.execution_options(yield_per=1000)):
            yield _row(row)

    def _ordered(self, sort: Sort, descending: bool, *, nullable: bool) -> RowSelect:
        columns = (_sort_column(sort, nullable), Case.id)
        return self.statement().order_by(*(column.desc() if descending else column.asc() for column in columns))


def _row(row: Any) -> CaseRow:
    case, procedure, field, unit, officer = row
    return CaseRow(case, procedure or "", field or "", unit, officer or "")


def _scope(viewer: Viewer) -> tuple[ColumnElement[bool], ...]:
    """Which cases: all; those of the readable units; one's own. Nobody sees nothing."""
    if viewer.sees_all:
        return ()
    allowed: list[ColumnElement[bool]] = []
    if viewer.readable_units:
        allowed.append(_one_of(Case.resolving_unit_id, viewer.readable_units))
    if viewer.person_id is not None:
        allowed.append(_one_of(Case.officer_id, viewer.person_ids))
    return (or_(*allowed),) if allowed else (false(),)


def _one_of(column: InstrumentedAttribute[Any], numbers: frozenset[int] | set[int]) -> ColumnElement[bool]:
    if len(numbers) == 1:
        return column == next(iter(numbers))
    return column.in_(sorted(numbers)) if numbers else false()


SORT_COLUMNS: dict[Sort, InstrumentedAttribute[Any]] = {
    Sort.DUE: Case.ruling_due_at,
    Sort.FINISHED: Case.finished_at,
    Sort.RECEIVED: Case.received_at,
    Sort.CODE: Case.code,
}
ALWAYS_DUE = BY_DUE - {Show.OPEN}


def _may_lack(sort: Sort, show: Show) -> bool:
    """Whether a list holds rows without the moment it is ordered by."""
    if sort is Sort.DUE:
        return show not in ALWAYS_DUE and show not in {Show.LATE, Show.EARLY, Show.ON_TIME}
    return sort is Sort.FINISHED and show not in BY_FINISH


def _sort_column(sort: Sort, nullable: bool) -> ColumnElement[Any]:
    column = SORT_COLUMNS[sort]
    return func.coalesce(column, literal(FAR, column.type)) if nullable else column.expression


def cursor(case: Case, sort: Sort) -> str:
    """The place of a case in an order, as text for a URL."""
    value = getattr(case, SORT_COLUMNS[sort].key)
    if sort is not Sort.CODE:
        value = (value or FAR).isoformat()
    return f"{value}~{case.id}"


def _place(text: str, sort: Sort) -> tuple[Any, int] | None:
    """The place a cursor names; None for an empty or broken one, which shows the first page."""
    value, _, written = text.rpartition("~")
    number = number_from(written)
    if not value or number is None:
        return None
    if sort is Sort.CODE:
        return value, number
    try:
        return datetime.fromisoformat(value).replace(tzinfo=None), number
    except ValueError:
        return None
