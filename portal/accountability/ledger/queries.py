"""The sum of all duties, and the list behind each of its numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    String,
    and_,
    column,
    exists,
    false,
    func,
    or_,
    select,
    table,
    true,
)
from sqlalchemy.orm import joinedload

from portal import clock
from portal.accountability.apologies.models import Apology
from portal.accountability.apologies.queries import seats_on
from portal.accountability.apologies.rules import State as LetterState
from portal.accountability.breaches.bulk import (
    count_overdue,
    has_breach,
    is_late_at,
    is_missing_at,
    is_overdue_at,
    is_stale_at,
)
from portal.accountability.breaches.models import Breach
from portal.accountability.breaches.queries import PAGE, BreachQuery
from portal.accountability.explanations.models import Explanation
from portal.accountability.explanations.queries import Deciders, ExplanationQuery, excluded_by
from portal.accountability.explanations.rules import WRITABLE
from portal.accountability.explanations.supplement_queries import SupplementQuery
from portal.accountability.incidents.queries import QuestionQuery
from portal.accountability.ledger.rules import APOLOGY_STATES, EXPLANATION_STATES, Coverage, every_state
from portal.accountability.violations.queries import ViolationQuery
from portal.cases.models import Case
from portal.cases.rules import Meaning
from portal.cases.words import is_late, is_open, is_overdue, word
from portal.database import Instant, db, tally
from portal.directory.queries import postings_on
from portal.guard import Permission, Role, Viewer

Condition = ColumnElement[bool]
LEADERS = frozenset({Role.HEAD, Role.CHAIR})
HANDED_OVER = 50
"""Explanations shown on a handover list; the count beside them is whole."""
PENDING_ROWS = table("pending_rows", column("id"), column("settled_at"))
"""Rows of the imports whose unit is unknown; the imports stand above this package, only their number is read."""


JOB_RUNS = table(
    "job_runs",
    column("id", Integer),
    column("job", String),
    column("state", String),
    column("finished_at", Instant()),
)
"""The runs of the night, kept above this package; only when the sum was last checked is read."""
CHECK = "check_ledger"


class Gap(StrEnum):
    """Cases that stand beside the breaches, each with its own reason."""

    WITHOUT_BREACH = "without_breach"
    NO_TERM = "no_term"
    STALE = "stale"
    GONE = "gone"


class Only(StrEnum):
    """Further parts of the breaches."""

    CANCELLED = "cancelled"
    WITHDRAWN = "withdrawn"
    PAST_TERM = "past_term"
    LEGACY = "legacy"
    WITH_SECTION = "with_section"


def _in_gap(gap: Gap, day_end: datetime) -> Condition:
    """The condition of a gap at the end of a day."""
    if gap is Gap.WITHOUT_BREACH:
        return and_(is_missing_at(day_end), Case.meaning != word(Meaning.WITHDRAWN))
    if gap is Gap.STALE:
        return and_(is_stale_at(day_end), ~has_breach())
    if gap is Gap.NO_TERM:
        counted = and_(Case.meaning != word(Meaning.NOT_COUNTED), Case.received_at <= day_end)
        return and_(Case.ruling_due_at.is_(None), counted)
    missed = or_(is_late_at(day_end), is_overdue_at(day_end))
    return and_(Case.gone_since.is_not(None), missed, ~has_breach())


def _reads_case(viewer: Viewer) -> Condition:
    if not viewer.may(Permission.READ_CASES):
        return false()
    if viewer.sees_all:
        return true()
    own = Case.officer_id.in_(viewer.person_ids)
    return or_(own, Case.resolving_unit_id.in_(viewer.readable_units))


def _count(found: Select[Any]) -> int:
    return db.session.scalar(found) or 0


def missed_cases(day_end: datetime) -> tuple[int, int]:
    """Cases late and cases overdue at the end of a day, withdrawn ones apart; both in their sources."""
    late = select(func.count()).select_from(Case).where(is_late(), Case.finished_at <= day_end)
    overdue = count_overdue(day_end, Case.gone_since.is_(None), Case.meaning != word(Meaning.WITHDRAWN))
    return _count(late.where(Case.gone_since.is_(None))), overdue


def standing_breaches(day_end: datetime) -> int:
    """Breaches of terms that were over by the end of a day and were not cancelled."""
    return BreachQuery.visible_to(Viewer.for_command()).due_before(day_end).standing().count()


def last_check() -> tuple[datetime, bool] | None:
    """When the nightly check of the sum last ended, and whether it held; None before the first night."""
    runs = select(JOB_RUNS.c.finished_at, JOB_RUNS.c.state)
    runs = runs.where(JOB_RUNS.c.job == CHECK, JOB_RUNS.c.finished_at.is_not(None)).order_by(JOB_RUNS.c.id.desc())
    found = db.session.execute(runs.limit(1)).first()
    return None if found is None else (found.finished_at, found.state == "done")


def coverage(on: date, viewer: Viewer | None = None) -> Coverage:
    """The ledger at the end of a day, for what a viewer reads; None: the whole (§3.14)."""
    viewer = viewer or Viewer.for_command()
    day_end = clock.end_of(on)
    breaches = BreachQuery.visible_to(viewer).due_before(day_end)
    ids = breaches.statement.with_only_columns(Breach.id)
    explanations = _states(Explanation.state, Explanation.breach_id, ids)
    apologies = _states(Apology.state, Apology.breach_id, ids)
    wanted = {
        "breaches": breaches.count_statement(),
        "cancelled": breaches.cancelled().count_statement(),
        "withdrawn_after_due": breaches.standing().withdrawn(day_end).count_statement(),
        "legacy": breaches.legacy().count_statement(),
        "pending": select(func.count()).select_from(PENDING_ROWS).where(PENDING_ROWS.c.settled_at.is_(None)),
        "with_section": ExplanationQuery.visible_to(viewer).with_section(on).count_statement(),
        "explanations_past_term": ExplanationQuery.visible_to(viewer).past_term(on).count_statement(),
    }
    counts: dict[str, Any] = tally(wanted | {str(gap): _gap_count(gap, on, viewer) for gap in Gap})
    return Coverage(
        **counts,
        explanations=every_state(explanations, EXPLANATION_STATES),
        apologies=every_state(apologies, APOLOGY_STATES),
    )


def _states(state: Any, breach_id: Any, breach_ids: Select[Any]) -> dict[str, int]:
    found = select(state, func.count()).where(breach_id.in_(breach_ids)).group_by(state)
    return {name: count for name, count in db.session.execute(found)}


def count_gap(gap: Gap, on: date, viewer: Viewer) -> int:
    """How many cases stand in a gap."""
    return _count(_gap_count(gap, on, viewer))


def _gap_count(gap: Gap, on: date, viewer: Viewer) -> Select[int]:
    wanted = and_(_in_gap(gap, clock.end_of(on)), _reads_case(viewer))
    return select(func.count()).select_from(Case).where(wanted)


def cases_in_gap(gap: Gap, on: date, viewer: Viewer, after_id: int = 0) -> Sequence[Case]:
    """One page of the cases of a gap by number, and one row more when there is another page."""
    found = select(Case).where(_in_gap(gap, clock.end_of(on)), _reads_case(viewer), Case.id > after_id)
    return db.session.scalars(found.order_by(Case.id).limit(PAGE + 1)).all()


def case_of(case_id: int, viewer: Viewer) -> Case | None:
    """A case the viewer may read."""
    return db.session.scalar(select(Case).where(Case.id == case_id, _reads_case(viewer)))


@dataclass(frozen=True)
class Duty:
    """A breach with both duties."""

    breach: Breach
    explanation: Explanation | None
    apology: Apology | None


def narrowed(
    breaches: BreachQuery, on: date, *, explanation: str = "", apology: str = "", only: Only | None = None
) -> BreachQuery:
    """The breaches behind one number of the coverage page."""
    day_end = clock.end_of(on)
    found = breaches.due_before(day_end)
    if only is Only.CANCELLED:
        found = found.cancelled()
    elif only is Only.WITHDRAWN:
        found = found.standing().withdrawn(day_end)
    elif only is Only.LEGACY:
        found = found.legacy()
    elif only is Only.WITH_SECTION:
        read = ExplanationQuery.visible_to(Viewer.for_command()).with_section(on).statement
        found = BreachQuery(found.statement.where(Breach.id.in_(read.with_only_columns(Explanation.breach_id))))
    elif only is Only.PAST_TERM:
        late = ExplanationQuery.visible_to(Viewer.for_command()).past_term(on).statement
        found = BreachQuery(found.statement.where(Breach.id.in_(late.with_only_columns(Explanation.breach_id))))
    if explanation in EXPLANATION_STATES:
        stands = exists().where(Explanation.breach_id == Breach.id, Explanation.state == word(explanation))
        found = BreachQuery(found.statement.where(stands))
    if apology in APOLOGY_STATES:
        stands = exists().where(Apology.breach_id == Breach.id, Apology.state == word(apology))
        found = BreachQuery(found.statement.where(stands))
    return found


def with_duties(breaches: Sequence[Breach]) -> list[Duty]:
    """Breaches with their explanations and letters, in two queries."""
    ids = [breach.id for breach in breaches]
    explained = db.session.scalars(
        select(Explanation).where(Explanation.breach_id.in_(ids)).options(joinedload(Explanation.holder))
    )
    by_breach = {row.breach_id: row for row in explained}
    letters = {row.breach_id: row for row in db.session.scalars(select(Apology).where(Apology.breach_id.in_(ids)))}
    return [Duty(breach, by_breach.get(breach.id), letters.get(breach.id)) for breach in breaches]


def duties_of_case(case_id: int, viewer: Viewer) -> list[Duty]:
    """The breaches of a case with both duties, oldest first."""
    return with_duties(BreachQuery.visible_to(viewer).of_case(case_id).page())


@dataclass(frozen=True)
class Handover:
    """What waits for one person: who stands in, or comes after them, takes it from here.

    Counts are whole; ``explanations`` are those the reader may see, in the order in which they fall due.
    """

    counts: dict[str, int]
    explanations: Sequence[Explanation]


def handover_of(person_id: int, viewer: Viewer, today: date, at: datetime) -> Handover:
    """The open cases, explanations and letters of a person, and what waits for their decision or signature."""
    whole = Viewer.for_command()
    own_cases = select(func.count()).select_from(Case).where(Case.officer_id == person_id)
    unfinished = Apology.state.in_([word(LetterState.WAITING), word(LetterState.DRAFT)])
    to_draft = and_(Apology.officer_id == person_id, unfinished, Apology.submitted_at.is_(None))
    owed = ExplanationQuery.visible_to(whole).held_by(person_id).in_states(*WRITABLE)
    counts = tally(
        {
            "open_cases": own_cases.where(is_open()),
            "overdue_cases": own_cases.where(is_overdue(at)),
            "explanations": owed.count_statement(),
            "supplements": SupplementQuery.visible_to(whole).owed_by([person_id]).count_statement(),
            "letters_to_draft": select(func.count()).select_from(Apology).where(to_draft),
            "questions": QuestionQuery.visible_to(whole).kept_by(person_id).waiting().count_statement(),
            "violations": ViolationQuery.visible_to(whole).owed_by(person_id).count_statement(),
        }
    )
    if any(posting.role in LEADERS for posting in postings_on(today, person_id=person_id)):
        counts["to_conclude"], counts["to_sign"] = _to_decide(person_id, today), _to_sign(person_id, today)
    mine = ExplanationQuery.visible_to(viewer).held_by(person_id).in_states(*WRITABLE)
    return Handover(counts, mine.by_due(HANDED_OVER))


def may_read_handover(person_id: int, viewer: Viewer, today: date) -> bool:
    """The person, their stand-in, and whoever reads or administers a unit they work in."""
    if viewer.sees_all or person_id in viewer.person_ids:
        return True
    reach = viewer.readable_units | viewer.admin_units
    return any(posting.unit_id in reach for posting in postings_on(today, person_id=person_id))


def _to_decide(person_id: int, today: date) -> int:
    deciders = Deciders.on(today)
    waiting = ExplanationQuery.visible_to(Viewer.for_command()).undecided(today).with_named()
    return sum(deciders.of(row.unit_id, excluded_by(row, named)).person_id == person_id for row, named in waiting)


def _to_sign(person_id: int, today: date) -> int:
    handed_in = and_(Apology.state == word(LetterState.DRAFT), Apology.submitted_at.is_not(None))
    found = select(Apology.unit_id, func.count()).where(handed_in).group_by(Apology.unit_id)
    seats, count = seats_on(today), 0
    for unit_id, letters in db.session.execute(found):
        signer = seats.signer(unit_id)
        count += letters if signer is not None and signer.person_id == person_id else 0
    return count
