"""What waits for a viewer, counted in few statements. Every number is the count of the list its link shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from portal.access import reach as rights
from portal.accountability.apologies.models import Apology
from portal.accountability.apologies.queries import Reach, signable_units
from portal.accountability.apologies.rules import who_signs
from portal.accountability.breaches.models import Breach, BreachCorrection
from portal.accountability.breaches.queries import BreachQuery
from portal.accountability.breaches.rules import CorrectionState
from portal.accountability.explanations.models import Conclusion, Explanation, Redirection
from portal.accountability.explanations.queries import Deciders, ExplanationQuery, decides
from portal.accountability.explanations.rules import WRITABLE, State, is_past_term
from portal.calendars.queries import current_calendar
from portal.cases.narrowing import paused_for_a_body, waiting_since
from portal.cases.queries import CaseQuery
from portal.cases.rules import Verdict
from portal.cases.words import is_overdue, is_stale, word
from portal.database import db
from portal.deadlines import WorkingCalendar
from portal.directory.models import Posting
from portal.directory.queries import load_tree
from portal.directory.rules import Line, UnitTree
from portal.guard import Permission, Role, Viewer
from portal.imports.models import PendingRow, SourceName
from portal.imports.rules import NameState

URGENT = 5
"""So many of the most urgent explanations are named on the home page; the rest is one click away."""


@dataclass(frozen=True)
class Span:
    """A stretch of days that ends with a working day: "tomorrow" on a Friday is Saturday to Monday."""

    first: date
    last: date

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and self.first <= day <= self.last


def days_ahead(today: date, calendar: WorkingCalendar) -> tuple[Span, Span, Span]:
    """Today, the next working day and the one after, without a day falling between two of them."""
    next_day = calendar.add_working_days(today, 1)
    after_next = calendar.add_working_days(next_day, 1)
    return (
        Span(today, today),
        Span(today + timedelta(days=1), next_day),
        Span(next_day + timedelta(days=1), after_next),
    )


@dataclass
class Owed:
    """The explanations somebody owes, by when."""

    late: int = 0
    ahead: list[int] = field(default_factory=lambda: [0, 0, 0])
    later: int = 0
    stopped: int = 0
    returned: int = 0

    @property
    def total(self) -> int:
        """All that still wait for an answer of this person."""
        return self.late + sum(self.ahead) + self.later


def owed_by(person_id: int, today: date, ahead: Sequence[Span]) -> Owed:
    """The explanations a person owes. One statement, grouped by due day."""
    columns = (Explanation.state, Explanation.due_on, Explanation.stopped_at.is_not(None), Breach.legacy)
    found = (
        select(*columns, func.count())
        .join(Breach, Breach.id == Explanation.breach_id)
        .where(Explanation.holder_id == person_id, Explanation.state.in_([word(state) for state in WRITABLE]))
        .group_by(*columns)
    )
    owed = Owed()
    for state, due_on, is_stopped, legacy, count in db.session.execute(found):
        if is_stopped:
            owed.stopped += count
            continue
        owed.returned += count if state == State.RETURNED else 0
        span = next((index for index, days in enumerate(ahead) if due_on in days), None)
        if is_past_term(due_on, today, stopped_at=None, legacy=legacy):
            owed.late += count
        elif span is not None:
            owed.ahead[span] += count
        else:
            owed.later += count
    return owed


@dataclass(frozen=True)
class Seats:
    """Who heads, chairs and stamps what on a day; read once for everything a home page asks of it."""

    tree: UnitTree
    heads: Mapping[int, int]
    chairs: Mapping[int, int]
    stamped: frozenset[int]

    def reach(self, viewer: Viewer) -> Reach:
        """What the viewer signs and numbers, as ``apologies.queries.reach_of`` says."""
        units = signable_units(viewer)
        if viewer.person_id is None or not viewer.may(Permission.SIGN_LETTERS):
            return Reach(numbers=viewer.clerk_units)
        leaders = {**self.chairs, **self.heads}
        signers = {unit: who_signs(self.tree.upward(Line.MANAGED_BY, unit), leaders) for unit in units}
        signs = frozenset(unit for unit, signer in signers.items() if signer and signer[1] in viewer.person_ids)
        return Reach(signs, viewer.clerk_units | (signs - self.stamped))


def seats_on(on: date) -> Seats:
    """The seats of a day, in two statements."""
    in_force = and_(Posting.valid_from <= on, or_(Posting.valid_to.is_(None), Posting.valid_to >= on))
    wanted = or_(Posting.role.in_((Role.HEAD, Role.CHAIR)), Posting.is_clerk)
    found = select(Posting.id, Posting.unit_id, Posting.person_id, Posting.role, Posting.is_clerk)
    rows = db.session.execute(found.where(in_force, wanted).order_by(Posting.valid_from, Posting.id)).all()
    tree = load_tree(on, with_ended=True)
    clerks = [rights.Held(row.id, row.unit_id, Role.OFFICER, True) for row in rows if row.is_clerk]
    return Seats(
        tree=tree,
        heads={row.unit_id: row.person_id for row in rows if row.role == Role.HEAD},
        chairs={row.unit_id: row.person_id for row in rows if row.role == Role.CHAIR},
        stamped=rights.reach_of(clerks, tree).clerk,
    )


@dataclass
class ToDecide:
    """The queue of a decider in numbers, as ``explanations.queries.queue_of`` lists it, with two nearest terms."""

    submitted: int = 0
    past_term: int = 0
    redirected: int = 0
    unanswered: int = 0
    objected: int = 0
    nearest: date | None = None
    objected_nearest: date | None = None


def to_decide(viewer: Viewer, seats: Seats, today: date) -> ToDecide:
    """What waits for this viewer's conclusion or answer. One statement, and the rule of who concludes."""
    counts = ToDecide()
    if viewer.person_id is None or not viewer.may(Permission.CONCLUDE):
        return counts
    deciders = Deciders(seats.tree, seats.heads, seats.chairs)
    for row, excluded in _undecided(viewer, today):
        concluded = frozenset(person for person in (row.decided_by, row.decided_for) if person is not None)
        is_heard = row.objection_due_on is not None
        decider = deciders.above(row.unit_id, excluded | concluded) if is_heard else deciders.of(row.unit_id, excluded)
        if not decides(viewer, decider, excluded | concluded):
            continue
        if is_heard:
            counts.objected += 1
            counts.objected_nearest = _earlier(counts.objected_nearest, row.objection_due_on)
        elif row.state == State.SUBMITTED:
            counts.submitted += 1
            counts.nearest = _earlier(counts.nearest, row.decision_due_on)
            counts.past_term += row.decision_due_on is not None and row.decision_due_on < today
        elif row.is_stopped or row.holder_id is None:
            counts.redirected += 1
        else:
            counts.unanswered += 1
    return counts


def _earlier(one: date | None, other: date | None) -> date | None:
    """The earlier of two days, one of which may not be."""
    return min((day for day in (one, other) if day is not None), default=None)


def _undecided(viewer: Viewer, today: date) -> Iterator[tuple[Any, frozenset[int]]]:
    """Explanations that wait for some decider, each with those who may not be it."""
    waiting = ExplanationQuery.visible_to(viewer).for_decision(today).statement
    found = (
        waiting.with_only_columns(
            Explanation.id, Explanation.unit_id, Explanation.state, Explanation.decision_due_on, Explanation.holder_id,
            Explanation.stopped_at.is_not(None).label("is_stopped"), Explanation.answers_for_id, Breach.officer_id,
            Redirection.named_id, Explanation.objection_due_on, Conclusion.decided_by, Conclusion.decided_for,
        )
        .join(Breach, Breach.id == Explanation.breach_id)
        .outerjoin(Conclusion, Conclusion.id == Explanation.conclusion_id)
        .outerjoin(Redirection, Redirection.explanation_id == Explanation.id)
        .order_by(Explanation.id)
    )  # fmt: skip
    for _, rows in groupby(db.session.execute(found), key=lambda row: row.id):
        same = list(rows)
        columns = attrgetter("holder_id", "answers_for_id", "officer_id", "named_id")
        people = (person for row in same for person in columns(row))
        yield same[0], frozenset(person for person in people if person is not None)


def cases_ahead(cases: CaseQuery, at: datetime, ahead: Sequence[Span]) -> dict[str, Select[Any]]:
    """Overdue cases, and cases due today, on the next working day and on the one after, for ``tally``."""
    return {
        "overdue": cases.overdue(at).count_statement(),
        "due_0": cases.with_verdict(Verdict.DUE_TODAY, at).count_statement(),
        "due_1": cases.due_between(ahead[1].first, ahead[1].last, at).count_statement(),
        "due_2": cases.due_between(ahead[2].first, ahead[2].last, at).count_statement(),
    }


def counted(wanted: Mapping[str, Select[Any]], beside: Select[Any] | None) -> dict[str, Any]:
    """Several values in one statement, by name, and with them the one row of ``beside``, by the names it has."""
    columns: list[Any] = [statement.scalar_subquery().label(name) for name, statement in wanted.items()]
    if beside is not None:
        columns += beside.subquery("beside").c
    return dict(db.session.execute(select(*columns)).one()._mapping) if columns else {}


def waits_too_long(viewer: Viewer, today: date, days: int, calendar: WorkingCalendar | None) -> Select[Any]:
    """Cases paused for another body for longer than it has to answer (§3.11), which nobody ended; for ``counted``.

    ``calendar``: where one is read already.
    """
    since = waiting_since(calendar or current_calendar(), today, days)
    return CaseQuery.visible_to(viewer).where(*paused_for_a_body(since)).count_statement()


def stale_cases(viewer: Viewer, at: datetime) -> Select[Any]:
    """Cases past their term of which the sources have told nothing since, for ``tally``."""
    return CaseQuery.visible_to(viewer).where(is_overdue(at), is_stale()).count_statement()


def explanations_past_term(viewer: Viewer, today: date) -> Select[Any]:
    """Explanations nobody answered in time in the units a viewer watches, for ``tally``."""
    return ExplanationQuery.visible_to(viewer).past_term(today).count_statement()


def corrections_waiting(viewer: Viewer) -> Select[Any]:
    """Proposals to cancel a breach that wait for a decision in the viewer's scope, for ``tally``."""
    visible = BreachQuery.visible_to(viewer).statement.with_only_columns(Breach.id)
    found = select(func.count()).select_from(BreachCorrection)
    return found.where(
        BreachCorrection.state == word(CorrectionState.PROPOSED), BreachCorrection.breach_id.in_(visible)
    )


def imports_waiting() -> dict[str, Select[Any]]:
    """Rows whose unit is unknown, and names that wait to be mapped, for ``tally``."""
    pending = select(func.count()).select_from(PendingRow).where(PendingRow.settled_at.is_(None))
    names = select(func.count()).select_from(SourceName).where(SourceName.state == word(NameState.WAITING))
    return {"pending_rows": pending, "names": names}


def duty_states(viewer: Viewer, day_end: datetime) -> tuple[dict[str, int], dict[str, int]]:
    """Explanations and letters by state, of the breaches a viewer may see whose term was over by the end of a day."""
    ids = BreachQuery.visible_to(viewer).due_before(day_end).statement.with_only_columns(Breach.id)
    return (
        _by_state(Explanation.state, Explanation.breach_id.in_(ids)),
        _by_state(Apology.state, Apology.breach_id.in_(ids)),
    )


def _by_state(state: InstrumentedAttribute[str], condition: ColumnElement[bool]) -> dict[str, int]:
    found = select(state, func.count()).where(condition).group_by(state)
    return {name: count for name, count in db.session.execute(found)}
