"""What the data suggest: closures without a result, due dates moved after they had passed, cases that stand still."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    String,
    Text,
    and_,
    cast,
    exists,
    func,
    literal,
    literal_column,
    or_,
    select,
)

from portal.accountability.breaches.bulk import insert_once
from portal.accountability.violations.models import Violation
from portal.accountability.violations.rules import Kind, Origin, State
from portal.cases import words
from portal.cases.models import Case, CaseChange, CaseStep, Pause
from portal.cases.words import word
from portal.database import Instant

COLUMNS = (
    "kind", "origin", "state", "case_id", "unit_id", "holder_id", "signal", "summary", "reporter", "call_number",
    "found_on", "cause", "answer", "returned_times", "made_at", "version",
)  # fmt: skip


def _row(kind: Kind, signal: Any, today: date, at: datetime) -> tuple[Any, ...]:
    empty = literal("", Text)
    return (
        literal(kind.value, Text),
        literal(Origin.PORTAL.value, Text),
        literal(State.SUSPECTED.value, Text),
        Case.id,
        Case.resolving_unit_id,
        Case.officer_id,
        signal,
        empty,
        empty,
        empty,
        literal(today),
        empty,
        empty,
        literal_column("0", Integer),
        literal(at, Instant()),
        literal_column("1", Integer),
    )


def insert_suspected_changes(today: date, at: datetime) -> int:
    """Suspect premature closures, and due dates moved later after they had passed without a recorded pause.

    What later data took back is not suspected. A case is suspected once of each; how many were new.
    """
    found = 0
    for kind, change in ((Kind.PREMATURE_CLOSURE, "premature_closure"), (Kind.FALSIFIED_DATA, "due_later")):
        signal = literal("change:", String) + cast(CaseChange.id, String)
        chosen = (
            select(*_row(kind, signal, today, at))
            .join(CaseChange, CaseChange.case_id == Case.id)
            .where(CaseChange.kind == word(change), _still_so(kind))
        )
        known = exists().where(Violation.case_id == Case.id, Violation.kind == word(kind)).correlate(Case)
        found += insert_once(Violation, COLUMNS, chosen.where(~known))
    return found


def _still_so(kind: Kind) -> ColumnElement[bool]:
    """The case still is as the change made it: closed without a result, or with a term moved after it was over."""
    if kind is Kind.PREMATURE_CLOSURE:
        return and_(Case.meaning == word("finished"), Case.result_ref.is_(None))
    paused = exists().where(Pause.case_id == Case.id).correlate(Case)
    return and_(CaseChange.new == _iso(Case.due_at), CaseChange.old < _iso(Case.data_as_of), ~paused)


def _iso(moment: Any) -> Any:
    return func.replace(cast(moment, String), " ", "T")


def insert_stalled(today: date, since: datetime, at: datetime) -> int:
    """Suspect cases accepted and then hung: overdue since before ``since`` (wall time) and no step told since then.

    Data that end before ``since`` say nothing about it. A case is suspected once for each ruling due moment.
    """
    moved = exists().where(CaseStep.case_id == Case.id, CaseStep.at >= since).correlate(Case)
    signal = literal("due:", String) + func.substr(cast(Case.ruling_due_at, String), 1, 16)
    known = (
        exists()
        .where(Violation.case_id == Case.id, Violation.kind == word(Kind.STALLED))
        .where(or_(Violation.signal == signal, Violation.state.in_([word(State.SUSPECTED), word(State.WAITING)])))
        .correlate(Case)
    )
    chosen = select(*_row(Kind.STALLED, signal, today, at)).where(
        and_(words.is_overdue(since), Case.data_as_of > since, Case.gone_since.is_(None)), ~moved, ~known
    )
    return insert_once(Violation, COLUMNS, chosen.order_by(Case.id))
