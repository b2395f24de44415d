"""Setting the term of a procedure: with a first day and its document; what was in force before ends the day before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy import func, select

from portal import clock
from portal.audit import actor_label, record
from portal.cases.events import TermSet, TermsImported
from portal.cases.messages import UNITS
from portal.cases.models import Case, Procedure, ProcedureTerm
from portal.cases.recounting import Effect, ask, rules_now, would_move
from portal.cases.term_sheet import TermLine
from portal.cases.terms import term_on, terms_of
from portal.cases.words import is_open
from portal.database import db, rehearsal
from portal.deadlines import TermUnit
from portal.directory.sheet import Problem
from portal.guard import Viewer
from portal.refusal import Refused

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class TermDraft:
    """A term as a person says it."""

    amount: int
    unit: TermUnit
    valid_from: date
    basis: str


@dataclass(frozen=True)
class SetTerm:
    """A term that a row sets, with what was in force on its first day before."""

    line: TermLine
    before: ProcedureTerm | None


@dataclass
class Imported:
    """What came of a file: rows set, rows that say what is known, rows refused. ``terms``: those that were set."""

    rows: int = 0
    set: int = 0
    unchanged: int = 0
    problems: list[Problem] = field(default_factory=list)
    terms: list[SetTerm] = field(default_factory=list)

    def as_json(self) -> dict[str, int]:
        """The counts; ``rows`` is the sum of the others."""
        return {"rows": self.rows, "set": self.set, "unchanged": self.unchanged, "rejected": len(self.problems)}


def set_term(procedure: Procedure, draft: TermDraft, *, by: Viewer | None, at: datetime) -> ProcedureTerm:
    """Set the term of a procedure from a day on, and let its open cases be counted anew. Refused where nothing changes.

    A term of the same first day is corrected: its row stays, out of force.
    """
    row = _set(procedure.id, draft, by, at)
    if row is None:
        raise Refused("terms.nothing_changed")
    event = TermSet(
        procedure=procedure.title, code=procedure.code or "", amount=draft.amount, unit=draft.unit.value,
        valid_from=draft.valid_from, basis=draft.basis,
    )  # fmt: skip
    record(event, entity_id=procedure.id, by=by, at=at)
    ask(
        f"{procedure.code or procedure.title[:100]}: {draft.amount} {UNITS[draft.unit]}",
        by=by,
        at=at,
        procedure_id=procedure.id,
    )
    return row


def _set(procedure_id: int, draft: TermDraft, by: Viewer | None, at: datetime) -> ProcedureTerm | None:
    """The new row; None where just this is in force already."""
    known = terms_of([procedure_id]).get(procedure_id, ())
    same = next((row for row in known if row.valid_from == draft.valid_from), None)
    if same is not None:
        if (same.amount, same.unit, same.basis) == (draft.amount, draft.unit.value, draft.basis):
            return None
        same.in_force = False
    before = [row for row in known if row.valid_from < draft.valid_from]
    after = [row for row in known if row.valid_from > draft.valid_from]
    if before:
        before[-1].valid_to = draft.valid_from - ONE_DAY
    row = ProcedureTerm(
        procedure_id=procedure_id,
        amount=draft.amount,
        unit=draft.unit.value,
        valid_from=draft.valid_from,
        valid_to=after[0].valid_from - ONE_DAY if after else None,
        basis=draft.basis,
        author=((by.label or by.name) if by else actor_label())[:200],
        recorded_at=at,
    )
    db.session.add(row)
    db.session.flush()
    return row


def import_terms(
    lines: Sequence[TermLine], problems: Sequence[Problem], file_name: str, *, by: Viewer | None, at: datetime
) -> Imported:
    """Set the terms of a file; a procedure nobody knows is refused by its row. All open cases are counted anew once."""
    done = Imported(rows=len(lines) + len(problems), problems=list(problems))
    codes = {line.code for line in lines}
    found = db.session.execute(select(Procedure.code, Procedure.id).where(Procedure.code.in_(codes)))
    known = {row.code: row.id for row in found}
    for line in sorted(lines, key=lambda each: (each.code, each.valid_from)):
        if line.code not in known:
            done.problems.append(Problem(line.row, "code", line.code, "term_procedure_unknown", {}))
            continue
        draft = TermDraft(line.amount, line.unit, line.valid_from, line.basis)
        before = term_on(known[line.code], line.valid_from)
        if _set(known[line.code], draft, by, at) is None:
            done.unchanged += 1
        else:
            done.set += 1
            done.terms.append(SetTerm(line, before))
    if done.set:
        record(TermsImported(file_name=file_name, **done.as_json()), entity_id=None, by=by, at=at)
        ask(file_name, by=by, at=at)
    return done


@dataclass(frozen=True)
class Rehearsed:
    """What a file would do: its rows, and what counting the open cases of its procedures anew would move."""

    made: Imported
    effect: Effect | None


def rehearse_terms(
    lines: Sequence[TermLine], problems: Sequence[Problem], *, most: int, by: Viewer | None, at: datetime
) -> Rehearsed:
    """Set the terms of a file and take them back again. Inside ``commit()``; nothing is left of it.

    ``most``: with more open cases than that the effect is not counted here (None): they follow off the request.
    """
    with rehearsal():
        made = import_terms(lines, problems, "", by=by, at=at)
        ids = select(Procedure.id).where(Procedure.code.in_({one.line.code for one in made.terms}))
        concerned = Case.procedure_id.in_(ids)
        open_now = select(func.count()).select_from(Case).where(is_open(), concerned)
        many = (db.session.scalar(open_now) or 0) > most
        effect = None if many else would_move(rules_now(), clock.in_vietnam(at), concerned)
    return Rehearsed(made, effect)


def terms_as_if(procedure_id: int, draft: TermDraft) -> dict[int, Sequence[ProcedureTerm]]:
    """The terms of a procedure as they would stand after setting one; nothing is written."""
    row = ProcedureTerm(
        id=-1, procedure_id=procedure_id, amount=draft.amount, unit=draft.unit.value, valid_from=draft.valid_from
    )
    known = [each for each in terms_of([procedure_id]).get(procedure_id, ()) if each.valid_from != draft.valid_from]
    later = [each.valid_from for each in known if each.valid_from > draft.valid_from]
    row.valid_to = min(later) - ONE_DAY if later else None
    # The newest first: of two whose dates overlap the younger rules, as it will.
    return {procedure_id: sorted([*known, row], key=lambda each: each.valid_from, reverse=True)}
