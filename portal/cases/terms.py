"""The term of a procedure: what it is on a day, and its history. Reading only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select

from portal.cases.models import Procedure, ProcedureTerm
from portal.database import db
from portal.deadlines import Term, TermUnit

PAGE = 50


def in_force(rows: Iterable[ProcedureTerm], on: date) -> ProcedureTerm | None:
    """The row in force on a day."""
    return next((row for row in rows if row.valid_from <= on and (row.valid_to is None or on <= row.valid_to)), None)


def term_on(procedure_id: int | None, on: date) -> ProcedureTerm | None:
    """The term of a procedure on a day: that of the receipt rules a case (domain rules, facts in, 4)."""
    return in_force(terms_of([procedure_id]).get(procedure_id, ()), on) if procedure_id is not None else None


def terms_of(procedure_ids: Iterable[int | None] | None = None) -> Mapping[int, Sequence[ProcedureTerm]]:
    """The terms of some procedures, or of all, oldest first; rows that were corrected are left out."""
    wanted = select(ProcedureTerm).where(ProcedureTerm.in_force.is_(True))
    if procedure_ids is not None:
        wanted = wanted.where(ProcedureTerm.procedure_id.in_([each for each in procedure_ids if each is not None]))
    found: dict[int, list[ProcedureTerm]] = {}
    for row in db.session.scalars(wanted.order_by(ProcedureTerm.procedure_id, ProcedureTerm.valid_from)):
        found.setdefault(row.procedure_id, []).append(row)
    return found


def as_term(row: ProcedureTerm) -> Term:
    """A row as the arithmetic takes it."""
    return Term(row.amount, TermUnit(row.unit))


def history_of(procedure_id: int) -> Sequence[ProcedureTerm]:
    """Every row of a procedure, corrected ones too, newest first."""
    wanted = select(ProcedureTerm).where(ProcedureTerm.procedure_id == procedure_id)
    return db.session.scalars(wanted.order_by(ProcedureTerm.valid_from.desc(), ProcedureTerm.id.desc())).all()


@dataclass(frozen=True)
class Line:
    """A procedure with its term on a day."""

    procedure: Procedure
    term: ProcedureTerm | None


def procedures_matching(words: Sequence[str], on: date, after: str = "") -> Sequence[Line]:
    """Procedures by title or code, each with its term; one more than a page where there are more."""
    wanted = select(Procedure).order_by(Procedure.folded, Procedure.id).limit(PAGE + 1)
    for word in words:
        wanted = wanted.where(or_(Procedure.folded.contains(word, autoescape=True), Procedure.code.contains(word)))
    if after:
        wanted = wanted.where(Procedure.folded > after)
    rows = db.session.scalars(wanted).all()
    terms = terms_of([row.id for row in rows])
    return [Line(row, in_force(terms.get(row.id, ()), on)) for row in rows]
