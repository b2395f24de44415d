"""Reading cases. The only way in names the viewer: what is out of their scope does not exist.

Lists stand on the partial indexes of ``models``; a test holds the plans of every default list and every single filter
free of table scans on both databases.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Self

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    and_,
    cast,
    false,
    func,
    literal,
    null,
    or_,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, aliased

from portal import clock
from portal.calendars.queries import current_calendar, working_days_between
from portal.cases import words
from portal.cases.filters import BY_DUE, BY_FINISH, SINGLE, CaseFilters, Show, Sort, number_from
from portal.cases.models import Case, CaseChange, CaseExtension, ComputedDue, Pause, Procedure, Source
from portal.cases.moving import moment_of
from portal.cases.rules import AGE_BOUNDS, OPEN_MEANINGS, Verdict, late_until, search_words
from portal.database import db
from portal.deadlines import AgeBucket, DayOutsideCalendar, Moment, WorkingCalendar, lateness
from portal.directory.models import Person, Posting, Unit
from portal.guard import Viewer
from portal.policy.queries import due_soon_days, question_days
from portal.refusal import Refused

RowSelect = Select[Case, str, str, str, str]
PAGE = 50
CHOICES = 300
SUPPLEMENT_FIELD = "supplement_asked"
AT_ONCE = 500
"""Cases asked for in one statement."""
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
class Names:
    """What an exported list names beside the line: procedure to code, unit to name."""

    procedure_codes: Mapping[int, str]
    units: Mapping[int, str]


def names_for_export() -> Names:
    """All codes of procedures and names of units, in two queries."""
    codes = db.session.execute(select(Procedure.id, Procedure.code).where(Procedure.code.is_not(None)))
    units = db.session.execute(select(Unit.id, Unit.name))
    return Names({row.id: row.code for row in codes}, {row.id: row.name for row in units})


@dataclass(frozen=True)
class CasePage:
    """One page of a list: its rows, the exact count of the whole list, and the cursors of its neighbours."""

    rows: Sequence[CaseRow]
    total: int
    previous: str
    next: str


@dataclass(frozen=True)
class Now:
    """The business moment a list is read at, and the calendar that ages it."""

    at: datetime
    calendar: WorkingCalendar
    soon_days: int = 2

    @property
    def soon_until(self) -> datetime:
        """The last moment at which a due date is still "soon".

        Plain days where the calendar ends before it: the word accuses nobody, and a list must open on New Year's Eve.
        """
        today = self.at.date()
        try:
            return clock.end_of(self.calendar.add_working_days(today, self.soon_days))
        except DayOutsideCalendar:
            return clock.end_of(today + timedelta(days=self.soon_days))

    def working_days_past_due(self, case: Case) -> int | None:
        """Working days a case is late or overdue; None for any other, and where no calendar reaches."""
        span = late_until(case, self.at)
        if span is None or not (self.calendar.covers(span[0]) and self.calendar.covers(span[1])):
            return None
        return self.calendar.working_days_between(*span)


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


def now_at(at: datetime) -> Now:
    """The calendar in force and the policy of the day, for lists read at wall moment ``at``."""
    return Now(at, current_calendar(), due_soon_days(at.date()))


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
        return self.where(*_shown(show, now))

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
        return self.where(words.is_running(at), *_between(Case.ruling_due_at, first, last))

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
        return self.where(or_(_overdue_aged(bucket, now), _late_aged(bucket)))

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
            query = query.where(*_between(_period_column(filters.show), filters.from_, filters.to))
        return query.matching(filters.q) if filters.q else query

    def _of_kind(self, filters: CaseFilters, now: Now) -> Self:
        if filters.age is None:
            return self.shown(filters.show, now)
        if filters.show is Show.OVERDUE:
            return self.where(_overdue_aged(filters.age, now))
        if filters.show is Show.LATE:
            return self.where(_late_aged(filters.age))
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


def _shown(show: Show, now: Now) -> tuple[ColumnElement[bool], ...]:
    if show in SINGLE:
        return (words.verdict_is(SINGLE[show], now.at, now.soon_until),)
    return GROUPS[show](now)


GROUPS: dict[Show, Callable[[Now], tuple[ColumnElement[bool], ...]]] = {
    Show.ALL: lambda _now: (),
    Show.OPEN: lambda _now: (words.is_open(),),
    Show.DUE: lambda now: (
        words.is_running(now.at),
        Case.ruling_due_at >= now.at,
        Case.ruling_due_at <= now.soon_until,
    ),
    Show.MISSING_TERM: lambda now: (
        _any_of(words.verdict_is(Verdict.OPEN_NO_TERM, now.at), words.verdict_is(Verdict.NO_TERM, now.at)),
    ),
    Show.STALE: lambda now: (words.is_overdue(now.at), words.is_stale()),
    Show.FAULT: lambda now: (_any_of(Case.data_fault.is_not(None), words.verdict_is(Verdict.UNKNOWN_END, now.at)),),
    Show.GONE: lambda _now: (Case.gone_since.is_not(None),),
    Show.MOVED: lambda _now: (Case.id.in_(_recorded()), Case.ruling_due_at > Case.due_at),
    Show.SUPPLEMENT_AGAIN: lambda _now: (Case.id.in_(_asked_again()),),
    Show.BODY_WAITS: lambda now: paused_for_a_body(
        waiting_since(now.calendar, now.at.date(), question_days(now.at.date()))
    ),
    Show.DUE_TOO_SHORT: lambda _now: (Case.id.in_(_different("too_short")),),
    Show.DUE_TOO_LONG: lambda _now: (Case.id.in_(_different("too_long")),),
    Show.DUE_CHANGED: lambda _now: (Case.id.in_(_changed("due_later", "due_earlier")),),
}
"""The lists of more than one word."""


def _recorded() -> Any:
    return union_all(select(Pause.case_id), select(CaseExtension.case_id))


def _asked_again() -> Any:
    """Cases with more than one standing request for a supplement, told as pauses or as statuses of their source."""
    later = aliased(Pause)
    replaced = select(later.id).where(later.replaces_id == Pause.id).correlate(Pause).exists()
    asked = select(Pause.case_id).where(Pause.kind == words.word("supplement"), Pause.voided.is_(False), ~replaced)
    told = _changed("supplement_again").where(CaseChange.field != SUPPLEMENT_FIELD)
    return union_all(asked.group_by(Pause.case_id).having(func.count() > 1), told)


def waiting_since(calendar: WorkingCalendar, today: date, days: int) -> date:
    """The last day on which a body may have been asked, so that its term of so many working days is over today."""
    return days_back(calendar, today, days + 1) if calendar.covers(today) else today - timedelta(days=2 * days)


def paused_for_a_body(since: date) -> tuple[ColumnElement[bool], ...]:
    """Open cases with a recorded pause for another body that began by ``since`` and that nobody has ended (§3.11)."""
    later = aliased(Pause)
    replaced = select(later.id).where(later.replaces_id == Pause.id).correlate(Pause).exists()
    began = Pause.started_at <= clock.end_of(since)
    standing = (Pause.kind == words.word("other_body"), Pause.ended_at.is_(None), Pause.voided.is_(False), ~replaced)
    return (words.is_open(), Case.id.in_(select(Pause.case_id).where(*standing, began)))


def _different(kind: str) -> Any:
    return select(ComputedDue.case_id).where(ComputedDue.difference == words.word(kind))


def _changed(*kinds: str) -> Select[int]:
    return select(CaseChange.case_id).where(CaseChange.kind.in_([words.word(kind) for kind in kinds]))


def _any_of(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """One of several conditions, each found by its own partial index; SQLite reads the whole table for a plain OR."""
    parts = [select(Case.id).where(condition).correlate(None) for condition in conditions]
    return Case.id.in_(union_all(*parts))


def _period_column(show: Show) -> InstrumentedAttribute[Any]:
    """What a period means in a list: the end for answered cases, the due moment for open ones, else the receipt."""
    if show in BY_FINISH:
        return Case.finished_at
    return Case.ruling_due_at if show in BY_DUE else Case.received_at


def _between(
    column: InstrumentedAttribute[Any], first: date | None, last: date | None
) -> Iterator[ColumnElement[bool]]:
    if first is not None:
        yield column >= datetime.combine(first, datetime.min.time())
    if last is not None:
        yield column <= clock.end_of(last)


def _overdue_aged(bucket: AgeBucket, now: Now) -> ColumnElement[bool]:
    """Overdue by so many working days: a span of due days, so that the index on the due moment serves it."""
    least, most = AGE_BOUNDS[bucket]
    today = now.at.date()
    if not now.calendar.covers(today):
        raise Refused(
            "calendars.year_missing",
            year=today.year,
            first=f"{now.calendar.first:%d/%m/%Y}",
            last=f"{now.calendar.last:%d/%m/%Y}",
        )
    last = days_back(now.calendar, today, least)
    first = days_back(now.calendar, today, most + 1) + timedelta(days=1) if most is not None else None
    return and_(words.is_overdue(now.at), *_between(Case.ruling_due_at, first, last))


def days_back(calendar: WorkingCalendar, today: date, working_days: int) -> date:
    """The latest day from which at least so many working days have passed by ``today``."""
    day = today
    number = calendar.number(today)
    while day > calendar.first and number - calendar.number(day) < working_days:
        day -= timedelta(days=1)
    return day


def _late_aged(bucket: AgeBucket) -> ColumnElement[bool]:
    least, most = AGE_BOUNDS[bucket]
    days = working_days_between(Case.ruling_due_at, Case.finished_at)
    return and_(words.is_late(), days >= least, *((days <= most,) if most is not None else ()))


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


@dataclass(frozen=True)
class Freshness:
    """Until when a source has told of its cases."""

    source: str
    data_as_of: datetime


def freshness() -> Sequence[Freshness]:
    """Each source with the newest data it gave, newest first."""
    return newest_first(Freshness(row.name, row.newest) for row in db.session.execute(freshness_statement()))


def newest_first(rows: Iterable[Freshness]) -> Sequence[Freshness]:
    """The sources that have told of anything, the newest first."""
    return sorted((row for row in rows if row.data_as_of is not None), key=lambda row: row.data_as_of, reverse=True)


def freshness_statement() -> Select[str, datetime | None]:
    """What ``freshness`` reads, to be read along with something else: ``name`` and ``newest``."""
    return select(Source.name.label("name"), Source.data_as_of.label("newest"))


def standing_pauses(case_ids: Sequence[int]) -> Sequence[Pause]:
    """The recorded pauses of some cases that stand (none replaces them, none takes them back), oldest first."""
    return _standing(Pause, case_ids, Pause.started_at, Pause.id)


def standing_extensions(case_ids: Sequence[int]) -> Sequence[CaseExtension]:
    """The recorded extensions of some cases that stand, oldest first."""
    return _standing(CaseExtension, case_ids, CaseExtension.document_on, CaseExtension.id)


def standing_between(model: Any, first_id: int, last_id: int) -> Sequence[Any]:
    """The same of all cases whose numbers lie between two, both included; of pauses or extensions."""
    later = aliased(model)
    replaced = select(later.id).where(later.replaces_id == model.id).correlate(model).exists()
    wanted = select(model).where(model.case_id.between(first_id, last_id), model.voided.is_(False), ~replaced)
    return db.session.scalars(wanted.order_by(model.case_id, model.id)).all()


def standing_pauses_within(case_ids: Select[int]) -> Sequence[Pause]:
    """The recorded pauses that stand of the cases a statement gives."""
    later = aliased(Pause)
    replaced = select(later.id).where(later.replaces_id == Pause.id).correlate(Pause).exists()
    wanted = select(Pause).where(Pause.case_id.in_(case_ids), Pause.voided.is_(False), ~replaced)
    return db.session.scalars(wanted).all()


def _standing(model: Any, case_ids: Sequence[int], *order: Any) -> list[Any]:
    later = aliased(model)
    replaced = select(later.id).where(later.replaces_id == model.id).correlate(model).exists()
    found: list[Any] = []
    for start in range(0, len(case_ids), AT_ONCE):
        wanted = select(model).where(model.case_id.in_(case_ids[start : start + AT_ONCE]))
        found += db.session.scalars(wanted.where(model.voided.is_(False), ~replaced).order_by(*order))
    return found


def standing_pause(case_id: int, pause_id: int) -> Pause | None:
    """One pause of a case that stands."""
    return next((row for row in standing_pauses([case_id]) if row.id == pause_id), None)


def standing_extension(case_id: int, extension_id: int) -> CaseExtension | None:
    """One extension of a case that stands."""
    return next((row for row in standing_extensions([case_id]) if row.id == extension_id), None)


def pauses_of(case_id: int) -> Sequence[Pause]:
    """The recorded pauses of a case that stand, oldest first."""
    return standing_pauses([case_id])


def pause_history(case_id: int) -> Sequence[Pause]:
    """Every row that was ever recorded of the pauses of a case, replaced and taken back ones too, as recorded."""
    return db.session.scalars(select(Pause).where(Pause.case_id == case_id).order_by(Pause.id)).all()


NAMED: dict[str, tuple[InstrumentedAttribute[int], InstrumentedAttribute[str]]] = {
    "receiving_unit_id": (Unit.id, Unit.name),
    "resolving_unit_id": (Unit.id, Unit.name),
    "officer_id": (Person.id, Person.full_name),
    "procedure_id": (Procedure.id, Procedure.title),
}
"""Fields that hold the number of a row with a name."""


def names_of(field: str, numbers: set[int]) -> dict[int, str]:
    """The names behind the numbers of a field; none asked, none given."""
    if not numbers:
        return {}
    ident, name = NAMED[field]
    return {number: text for number, text in db.session.execute(select(ident, name).where(ident.in_(numbers)))}


def names_of_all(numbers: Mapping[str, set[int]]) -> dict[str, dict[int, str]]:
    """The same for several fields, in one statement."""
    asked = {field: NAMED[field] for field, found in numbers.items() if found}
    said = [
        select(literal(field).label("field"), ident.label("id"), name.label("name")).where(ident.in_(numbers[field]))
        for field, (ident, name) in asked.items()
    ]
    names: dict[str, dict[int, str]] = {field: {} for field in numbers}
    for row in db.session.execute(union_all(*said)) if said else ():
        names[row.field][row.id] = row.name
    return names


def source_name(source_id: int) -> str:
    """The name of a source."""
    return db.session.scalar(select(Source.name).where(Source.id == source_id)) or ""


def officer_choices(unit_ids: frozenset[int] | set[int], chosen: int | None) -> Sequence[tuple[int, str]]:
    """People ever posted in some units, and the one already chosen; by given name."""
    posted = select(Posting.person_id).where(Posting.unit_id.in_(sorted(unit_ids)))
    wanted = or_(Person.id.in_(posted), Person.id == chosen) if chosen else Person.id.in_(posted)
    found = select(Person.id, Person.full_name).where(wanted).order_by(Person.sort_key).limit(CHOICES)
    return [(row.id, row.full_name) for row in db.session.execute(found)]


def procedure_choices(field: str, chosen: int | None) -> tuple[Sequence[str], Sequence[tuple[int, str]]]:
    """All fields of procedures, and the procedures of one field with the one already chosen; one query for both."""
    fields = select(
        cast(null(), Integer).label("id"), Procedure.field.label("text"), Procedure.field_folded.label("folded")
    )
    wanted = or_(Procedure.field == field, Procedure.id == chosen) if field or chosen else false()
    procedures = select(Procedure.id, Procedure.title, Procedure.folded).where(wanted)
    both = union_all(fields.where(Procedure.field != "").distinct(), procedures).subquery()
    rows = db.session.execute(select(both.c.id, both.c.text).order_by(both.c.folded)).all()
    return [text for ident, text in rows if ident is None], [(ident, text) for ident, text in rows if ident is not None]
