"""Opening and joining duties in one statement each; safe to run any number of times."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, insert, literal, or_, select, update

from portal.accountability.apologies.models import Apology
from portal.accountability.apologies.rules import State
from portal.accountability.breaches.models import Breach
from portal.cases import words
from portal.cases.models import Case
from portal.database import db


def _same_term() -> ColumnElement[bool]:
    """The letter and the breach belong to the same case and term."""
    return and_(
        Apology.case_id == Breach.case_id,
        Apology.due_at == Breach.due_at,
        Apology.pauses_key == Breach.pauses_key,
    )


def open_for_breaches() -> int:
    """Give each breach that has none its waiting letter; gives how many were made. Inside the caller's ``commit()``.

    A letter that was opened before the breach (where policy opens it a working day before the due day) is joined to
    it instead. Who is responsible is taken from the frozen breach.
    """
    _join_breaches()
    waiting = select(
        Breach.case_id,
        Breach.due_at,
        Breach.due_precision,
        Breach.pauses_key,
        Breach.id,
        Breach.unit_id,
        Breach.officer_id,
        Breach.opened_on,
        Breach.legacy,
        literal(State.WAITING.value),
    ).where(~exists().where(Apology.breach_id == Breach.id), ~exists().where(_same_term()))
    # Sorted, so that all are found before the first is written: else PostgreSQL rereads what it just wrote.
    waiting = waiting.order_by(Breach.opened_on, Breach.id)
    columns = [
        "case_id", "due_at", "due_precision", "pauses_key", "breach_id", "unit_id", "officer_id", "opened_on", "legacy",
        "state",
    ]  # fmt: skip
    return _rows(insert(Apology).from_select(columns, waiting, include_defaults=True))


def _join_breaches() -> int:
    """Join letters opened before their breach to it."""
    breach = select(Breach.id).where(_same_term()).correlate(Apology).scalar_subquery()
    unjoined = update(Apology).where(Apology.breach_id.is_(None), exists().where(_same_term()))
    return _rows(unjoined.values(breach_id=breach, version=Apology.version + 1))


def open_before_due(first: datetime, last: datetime) -> int:
    """Open letters for running cases that fall due from ``first`` to ``last`` (wall moments): the decree's own moment.

    Only where policy opens the duty a working day before the due day; the breach joins it when there is one.
    """
    due = select(
        Case.id,
        Case.ruling_due_at,
        Case.ruling_due_precision,
        Case.moved_by,
        Case.resolving_unit_id,
        Case.officer_id,
        literal(first.date()),
        literal(False),
        literal(State.WAITING.value),
    ).where(
        words.is_running(first),
        Case.ruling_due_at >= first,
        Case.ruling_due_at <= last,
        ~exists().where(Apology.case_id == Case.id, Apology.due_at == Case.ruling_due_at),
    )
    columns = [
        "case_id", "due_at", "due_precision", "pauses_key", "unit_id", "officer_id", "opened_on", "legacy", "state",
    ]  # fmt: skip
    return _rows(insert(Apology).from_select(columns, due, include_defaults=True))


def drop_answered_before_due() -> int:
    """Cancel letters opened before the due day whose case then ended in time, or whose term a recorded pause has moved
    since: there is nothing to apologise for."""
    in_time = exists().where(
        Case.id == Apology.case_id,
        or_(
            and_(Case.finished_at.is_not(None), Case.finished_at <= Apology.due_at),
            and_(Case.moved_by != Apology.pauses_key, Case.ruling_due_at > Apology.due_at),
        ),
    )
    waiting = update(Apology).where(
        Apology.breach_id.is_(None), Apology.state.in_((State.WAITING.value, State.DRAFT.value)), in_time
    )
    return _rows(waiting.values(state=State.CANCELLED.value, cancel_reason="in_time", version=Apology.version + 1))


def drop_moved_before_due() -> int:
    """Cancel letters opened before the due day whose term a lawful pause has moved since: the new term gets its own."""
    moved = exists().where(Case.id == Apology.case_id, Case.ruling_due_at > Apology.due_at)
    waiting = update(Apology).where(
        Apology.breach_id.is_(None), Apology.state.in_((State.WAITING.value, State.DRAFT.value)), moved
    )
    return _rows(waiting.values(state=State.CANCELLED.value, cancel_reason="term_moved", version=Apology.version + 1))


def _rows(statement: object) -> int:
    result = db.session.execute(statement, execution_options={"synchronize_session": False, "preserve_rowcount": True})  # type: ignore[call-overload]
    count: int = result.rowcount
    return count
