"""Counting many cases at once: those of which nothing is recorded are counted by what they have in common.

A term in days rests on the day that counts as that of receipt, so a million cases rest on a few thousand pairs of such
a day and a term. Each pair is counted once, by the one arithmetic of ``deadlines``; the database joins it to its cases.
Only cases with pauses or extensions are counted one by one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Date,
    Integer,
    Select,
    String,
    Subquery,
    and_,
    case,
    func,
    literal,
    or_,
    select,
)

from portal.cases import bulk
from portal.cases.counting import Counted, Rules, counted, plain_due, rows_of
from portal.cases.models import Case, CaseExtension, ComputedDue, Pause, ProcedureTerm
from portal.cases.terms import in_force
from portal.cases.words import Condition
from portal.database import WallTime, db
from portal.deadlines import (
    DayOutsideCalendar,
    Moment,
    Precision,
    Term,
    TermPolicy,
    TermUnit,
    receipt_day,
    takes_in_until,
)
from portal.deadlines.calendar import days

ONE_DAY = timedelta(days=1)
DAY_END = time(23, 59, 59)
FOREVER = date(9999, 12, 30)

receipt_days = bulk.scratch_table(
    "receipt_days",
    Column("day", Date, primary_key=True),
    Column("until", WallTime()),
    Column("early", WallTime()),
    Column("late", WallTime()),
    Column("last_hour", Boolean, nullable=False),
)
"""For each day: up to when a receipt counts as of it, and the beginning of the day that counts as that of receipt for
what came in before and after; NULL beyond the calendar."""
spans = bulk.scratch_table(
    "term_spans",
    Column("procedure_id", Integer, primary_key=True, autoincrement=False),
    Column("valid_from", Date, primary_key=True),
    Column("valid_to", Date, nullable=False),
    Column("term_id", Integer, nullable=False),
    Column("amount", Integer, nullable=False),
    Column("unit", String(32), nullable=False),
)
"""The terms of procedures by days of receipt, without overlap."""
dues = bulk.scratch_table(
    "alike_dues",
    Column("received_at", WallTime(), primary_key=True),
    Column("received_precision", String(8), primary_key=True),
    Column("amount", Integer, primary_key=True, autoincrement=False),
    Column("unit", String(32), primary_key=True),
    Column("due_at", WallTime(), nullable=False),
    Column("precision", String(8), nullable=False),
)
"""The due moment of each receipt and term that occurs."""


@dataclass(frozen=True)
class Window:
    """Some cases in the order of their numbers: how many, the last, and those that were counted one by one."""

    cases: int
    last_id: int
    alone: Sequence[Counted]


@contextmanager
def counted_after(after_id: int, limit: int, rules: Rules, *conditions: Condition) -> Iterator[Window | None]:
    """Count the next cases under some conditions by ``rules``; None where no more are left.

    Their own counts, where they may be other ones than what is kept, stand in ``bulk.own`` inside the block; nothing is
    written but temporary tables.
    """
    within = select(Case.id).where(Case.id > after_id, *conditions).order_by(Case.id).limit(limit).subquery()
    count, last_id = db.session.execute(select(func.count(), func.max(within.c.id)).select_from(within)).one()
    if not count:
        yield None
        return
    asked = and_(Case.id > after_id, Case.id <= last_id, *conditions)
    with bulk.scratch(bulk.own):
        alone = _stands_alone(after_id, last_id)
        single = list(counted(rows_of(asked, alone), rules))
        _count_together(and_(asked, ~alone), rules)
        bulk.put_own_counts(one.own for one in single)
        yield Window(count, last_id, single)


def _stands_alone(after_id: int, last_id: int) -> ColumnElement[bool]:
    """Anything is recorded of the case, or its ruling moment is not what is printed."""
    recorded = [
        Case.id.in_(select(model.case_id).where(model.case_id > after_id, model.case_id <= last_id))
        for model in (Pause, CaseExtension)
    ]
    return or_(
        *recorded,
        Case.moved_by != "",
        Case.paused_since.is_not(None),
        Case.ruling_due_at.is_distinct_from(Case.due_at),
        Case.ruling_due_precision.is_distinct_from(Case.due_precision),
    )


def _count_together(wanted: ColumnElement[bool], rules: Rules) -> None:
    with bulk.scratch(receipt_days, spans, dues):
        bulk.fill_scratch(receipt_days, _receipt_days(rules))
        bulk.fill_scratch(spans, _spans(rules.terms))
        told = _told(wanted)
        bulk.fill_scratch(dues, _dues(told, rules))
        bulk.put_own_counts_of(_own(told))


def _receipt_days(rules: Rules) -> Iterator[tuple[Any, ...]]:
    for day in days(rules.calendar.first, rules.calendar.last):
        policy = rules.policy(day)
        until = takes_in_until(day, rules.calendar, policy)
        counts = [_begin_of_receipt(datetime.combine(day, at), rules, policy) for at in (time(), DAY_END)]
        yield day, until and until.replace(microsecond=0), *counts, policy.last_hour_rule


def _begin_of_receipt(at: datetime, rules: Rules, policy: TermPolicy) -> datetime | None:
    try:
        return datetime.combine(receipt_day(Moment(at), rules.calendar, policy), time())
    except DayOutsideCalendar:
        return None


def _spans(terms: Mapping[int, Sequence[ProcedureTerm]]) -> Iterator[tuple[Any, ...]]:
    """Each term for the days on which it is the one in force."""
    for procedure_id, rows in terms.items():
        ends = {row.valid_to + ONE_DAY for row in rows if row.valid_to is not None}
        cuts = sorted({row.valid_from for row in rows} | ends)
        for begin, end in zip(cuts, [*cuts[1:], FOREVER + ONE_DAY], strict=True):
            row = in_force(rows, begin)
            if row is not None:
                yield procedure_id, begin, end - ONE_DAY, row.id, row.amount, row.unit


def _told(wanted: ColumnElement[bool]) -> Subquery:
    """Cases with their term and the moment that stands for their receipt; without a term where they have none."""
    day = func.date(Case.received_at, type_=Date())
    stands_for = case(
        (or_(spans.c.unit == str(TermUnit.WORKING_HOURS), receipt_days.c.day.is_(None)), Case.received_at),
        (Case.received_at > receipt_days.c.until, func.coalesce(receipt_days.c.late, Case.received_at)),
        else_=func.coalesce(receipt_days.c.early, Case.received_at),
    )
    in_span = and_(spans.c.procedure_id == Case.procedure_id, day.between(spans.c.valid_from, spans.c.valid_to))
    columns = (
        Case.id, Case.ruling_due_at, Case.received_precision, stands_for.label("received_at"), receipt_days.c.last_hour,
        spans.c.term_id, spans.c.amount, spans.c.unit,
    )  # fmt: skip
    joined = select(*columns).outerjoin(spans, in_span).outerjoin(receipt_days, receipt_days.c.day == day)
    return joined.where(wanted).subquery("told")


def _dues(told: Subquery, rules: Rules) -> list[tuple[Any, ...]]:
    """Each receipt and term that occurs, counted once; those beyond the calendar have no due moment."""
    found = []
    columns = told.c.received_at, told.c.received_precision, told.c.amount, told.c.unit
    asked = db.session.execute(select(*columns).where(told.c.term_id.is_not(None)).distinct()).all()
    for at, precision, amount, unit in asked:
        due = plain_due(Moment(at, Precision(precision)), Term(amount, TermUnit(unit)), rules)
        if due is not None:
            found.append((at, precision, amount, unit, due.at, due.precision.value))
    return found


def _own(told: Subquery) -> Select[Any]:
    """The counts of those cases that are other ones than what is kept, as they are to be kept; NULL for none."""
    same = and_(
        dues.c.received_at == told.c.received_at,
        dues.c.received_precision == told.c.received_precision,
        dues.c.amount == told.c.amount,
        dues.c.unit == told.c.unit,
    )
    known = dues.c.due_at.is_not(None)
    counts = {
        "term_id": case((known, told.c.term_id)),
        "due_at": dues.c.due_at,
        "precision": dues.c.precision,
        "difference": _difference(told, dues.c.due_at, dues.c.precision),
        "last_hour_rule": case((known, told.c.last_hour)),
    }
    differs = or_(*(getattr(ComputedDue, name).is_distinct_from(value) for name, value in counts.items()))
    joined = told.outerjoin(dues, same).outerjoin(ComputedDue, ComputedDue.case_id == told.c.id)
    return select(told.c.id, *counts.values()).select_from(joined).where(differs)


def _difference(told: Subquery, due_at: Any, precision: Any) -> ColumnElement[Any]:
    """``counting.difference_of`` in SQL."""
    by_moment = and_(told.c.unit == str(TermUnit.WORKING_HOURS), precision != str(Precision.DAY))
    ruling, ours = told.c.ruling_due_at, due_at
    ruling_day, our_day = func.date(ruling, type_=Date()), func.date(ours, type_=Date())
    return case(
        (and_(by_moment, ruling < ours), literal("too_short")),
        (and_(by_moment, ruling > ours), literal("too_long")),
        (and_(~by_moment, ruling_day < our_day), literal("too_short")),
        (and_(~by_moment, ruling_day > our_day), literal("too_long")),
    )
