"""Reading explanations: what a viewer may see, what he owes, what he decides."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Self

from sqlalchemy import Select, false, func, or_, select
from sqlalchemy.orm import joinedload

from portal.accountability.breaches.models import Breach
from portal.accountability.explanations.models import (
    Attachment,
    Conclusion,
    Explanation,
    ExplanationReturn,
    ExplanationText,
    Redirection,
)
from portal.accountability.explanations.rules import (
    WRITABLE,
    Blame,
    CauseClass,
    Decider,
    State,
    is_past_term,
    who_concludes,
)
from portal.cases.models import Case, Pause, Procedure
from portal.cases.words import word
from portal.database import db
from portal.directory.models import Person
from portal.directory.queries import heads_on, load_tree, postings_on
from portal.directory.rules import Line
from portal.guard import Permission, Role, Viewer

PAGE = 50
_WRITABLE = [word(state) for state in WRITABLE]


@dataclass(frozen=True)
class ExplanationQuery:
    """Explanations a viewer may see, narrowed step by step."""

    statement: Select[Explanation]

    @classmethod
    def visible_to(cls, viewer: Viewer) -> Self:
        """His own, and those of the units he reads by role; never for roles without the permission."""
        found = select(Explanation)
        if not viewer.may(Permission.READ_EXPLANATIONS):
            return cls(found.where(false()))
        if viewer.sees_all:
            return cls(found)
        own = Explanation.holder_id == viewer.person_id if viewer.person_id else false()
        return cls(found.where(or_(own, Explanation.unit_id.in_(viewer.readable_units))))

    def held_by(self, person_id: int | None) -> Self:
        """Those that a person owes."""
        return type(self)(self.statement.where(Explanation.holder_id == person_id))

    def in_states(self, *states: State) -> Self:
        """Those in one of the states."""
        return type(self)(self.statement.where(Explanation.state.in_([word(state) for state in states])))

    def of_case(self, case_id: int) -> Self:
        """Those of one case."""
        return type(self)(self.statement.where(Explanation.case_id == case_id))

    def of_units(self, unit_ids: Iterable[int]) -> Self:
        """Those of some units."""
        return type(self)(self.statement.where(Explanation.unit_id.in_(unit_ids)))

    def redirected(self) -> Self:
        """Those that wait for a holder: he said "not mine", or the directory named nobody."""
        homeless = or_(Explanation.stopped_at.is_not(None), Explanation.holder_id.is_(None))
        return type(self)(self.statement.where(Explanation.state.in_(_WRITABLE), homeless))

    def unanswered(self, today: date) -> Self:
        """Unanswered, the term over, the clock running: the decider may conclude."""
        running = (Explanation.state.in_(_WRITABLE), Explanation.stopped_at.is_(None))
        return type(self)(self.statement.where(*running, Explanation.due_on < today))

    def past_term(self, today: date) -> Self:
        """Unanswered and late; those older than the portal never are (§3.9)."""
        legacy = select(Breach.id).where(Breach.id == Explanation.breach_id, Breach.legacy.is_(True)).exists()
        return type(self)(self.unanswered(today).statement.where(~legacy))

    def get(self, explanation_id: int) -> Explanation | None:
        """One of them, with its case and breach; None when it is not among them."""
        return db.session.scalars(_with_facts(self.statement.where(Explanation.id == explanation_id))).first()

    def by_due(self, limit: int | None = None) -> Sequence[Explanation]:
        """In the order in which they fall due."""
        found = _with_facts(self.statement).order_by(Explanation.due_on, Explanation.id)
        return db.session.scalars(found.limit(limit) if limit else found).all()

    def count(self) -> int:
        """How many."""
        return db.session.scalar(select(func.count()).select_from(self.statement.subquery())) or 0


def _with_facts(found: Select[Explanation]) -> Select[Explanation]:
    breach = joinedload(Explanation.breach)
    return found.options(
        breach.joinedload(Breach.end),
        joinedload(Explanation.case),
        joinedload(Explanation.holder),
        joinedload(Explanation.unit),
        joinedload(Explanation.cause),
    )


class Deciders:
    """Who concludes today, for any explanation; loaded once (§3.8)."""

    def __init__(self, today: date) -> None:
        self._tree = load_tree(today, with_ended=True)
        self._heads = {unit_id: posting.person_id for unit_id, posting in heads_on(today).items()}
        self._chairs = {posting.unit_id: posting.person_id for posting in postings_on(today, role=Role.CHAIR)}

    def of(self, unit_id: int, excluded: frozenset[int]) -> Decider:
        """Who concludes for a unit when some persons may not."""
        line = (unit_id, *self._tree.ancestors(Line.MANAGED_BY, unit_id))
        above = (*line, *self._tree.ancestors(Line.REPORTS_IN, unit_id))
        chair = next((self._chairs[unit] for unit in above if unit in self._chairs), None)
        return who_concludes(line, self._heads, chair, excluded)


def excluded_from_deciding(explanations: Sequence[Explanation]) -> dict[int, frozenset[int]]:
    """Per explanation who may not decide it: its holder, the officer of the breach, and everybody it names."""
    found: dict[int, set[int]] = {
        explanation.id: {
            person for person in (explanation.holder_id, explanation.breach.officer_id) if person is not None
        }
        for explanation in explanations
    }
    named = select(Redirection.explanation_id, Redirection.named_id).where(
        Redirection.explanation_id.in_(found), Redirection.named_id.is_not(None)
    )
    for explanation_id, person_id in db.session.execute(named):
        if person_id is not None:
            found[explanation_id].add(person_id)
    return {explanation_id: frozenset(people) for explanation_id, people in found.items()}


def decider_of(explanation: Explanation, today: date) -> Decider:
    """Who decides one explanation today."""
    return Deciders(today).of(explanation.unit_id, excluded_from_deciding([explanation])[explanation.id])


def decided_by(viewer: Viewer, explanations: Sequence[Explanation], today: date) -> list[Explanation]:
    """Those among them that this viewer decides today."""
    if not explanations or viewer.person_id is None or not viewer.may(Permission.CONCLUDE):
        return []
    deciders = Deciders(today)
    excluded = excluded_from_deciding(explanations)
    return [
        explanation
        for explanation in explanations
        if deciders.of(explanation.unit_id, excluded[explanation.id]).person_id == viewer.person_id
    ]


@dataclass(frozen=True)
class Queue:
    """What waits for one decider: answers to conclude, "not mine" to settle, and what nobody answered in time."""

    submitted: list[Explanation]
    redirected: list[Explanation]
    unanswered: list[Explanation]

    def __len__(self) -> int:
        return len(self.submitted) + len(self.redirected) + len(self.unanswered)


def queue_of(viewer: Viewer, today: date) -> Queue:
    """The queue of a head or chair, each part in the order of due days."""
    if not viewer.may(Permission.CONCLUDE):
        return Queue([], [], [])
    mine = ExplanationQuery.visible_to(viewer)
    waiting = [*mine.in_states(State.SUBMITTED).by_due(), *mine.redirected().by_due(), *mine.unanswered(today).by_due()]
    to_decide = decided_by(viewer, list({row.id: row for row in waiting}.values()), today)
    submitted = sorted(
        (row for row in to_decide if row.state == State.SUBMITTED),
        key=lambda row: (row.decision_due_on or row.due_on, row.id),
    )
    open_ones = [row for row in to_decide if row.state != State.SUBMITTED]
    redirected = [row for row in open_ones if row.stopped_at is not None or row.holder_id is None]
    unanswered = [row for row in open_ones if row.stopped_at is None and row.holder_id is not None]
    return Queue(submitted, redirected, unanswered)


def may_conclude_unanswered(explanation: Explanation, today: date) -> bool:
    """Whether the term is over without an answer; also of a breach older than the portal, which is no late answer."""
    if explanation.state not in WRITABLE:
        return False
    return is_past_term(explanation.due_on, today, stopped_at=explanation.stopped_at, legacy=False)


def is_late(explanation: Explanation, today: date) -> bool:
    """Whether the answer is past its term today."""
    if explanation.state not in WRITABLE:
        return False
    legacy = explanation.breach.legacy
    return is_past_term(explanation.due_on, today, stopped_at=explanation.stopped_at, legacy=legacy)


def texts_of(explanation_id: int) -> Sequence[ExplanationText]:
    """What was submitted and what lost a race, oldest first."""
    found = select(ExplanationText).where(ExplanationText.explanation_id == explanation_id)
    return db.session.scalars(found.options(joinedload(ExplanationText.cause)).order_by(ExplanationText.id)).all()


def returns_of(explanation_id: int) -> Sequence[ExplanationReturn]:
    """The returns with their comments, oldest first."""
    found = select(ExplanationReturn).where(ExplanationReturn.explanation_id == explanation_id)
    return db.session.scalars(found.options(joinedload(ExplanationReturn.by)).order_by(ExplanationReturn.id)).all()


def redirections_of(explanation_id: int) -> Sequence[Redirection]:
    """Every "not mine" with its answer, oldest first."""
    found = select(Redirection).where(Redirection.explanation_id == explanation_id).order_by(Redirection.id)
    named = (joinedload(Redirection.by), joinedload(Redirection.named), joinedload(Redirection.answer))
    return db.session.scalars(found.options(*named)).all()


def attachments_of(explanation_id: int) -> Sequence[Attachment]:
    """The files beside an explanation, oldest first."""
    found = select(Attachment).where(Attachment.explanation_id == explanation_id).order_by(Attachment.id)
    return db.session.scalars(found).all()


def attachment_of(explanation_id: int, attachment_id: int) -> Attachment | None:
    """One file of an explanation."""
    found = select(Attachment).where(Attachment.explanation_id == explanation_id, Attachment.id == attachment_id)
    return db.session.scalar(found)


def explanation_of_breach(breach_id: int) -> Explanation | None:
    """The explanation of a breach."""
    return db.session.scalar(select(Explanation).where(Explanation.breach_id == breach_id))


def explanations_of_case(case_id: int, viewer: Viewer) -> Sequence[Explanation]:
    """The explanations of a case that a viewer may see."""
    return ExplanationQuery.visible_to(viewer).of_case(case_id).by_due()


def states_at(day_end: object) -> dict[str, int]:
    """How many explanations of breaches due before the end of a day are in each state."""
    found = (
        select(Explanation.state, func.count())
        .join(Breach, Breach.id == Explanation.breach_id)
        .where(Breach.due_at < day_end)
        .group_by(Explanation.state)
    )
    return {state: count for state, count in db.session.execute(found)}


def procedure_title(case: Case) -> str:
    """What was applied for."""
    procedure = db.session.get(Procedure, case.procedure_id) if case.procedure_id else None
    return procedure.title if procedure else ""


def pauses_of(case_id: int) -> Sequence[Pause]:
    """The recorded pauses of a case, in order."""
    return db.session.scalars(select(Pause).where(Pause.case_id == case_id).order_by(Pause.started_at)).all()


def subjective_weight(person_id: int, first: date, last: date) -> tuple[int, int]:
    """How often a person was concluded to be at fault for terms that were over in a span: (full, shared)."""
    found = (
        select(Conclusion.blame, func.count())
        .join(Explanation, Explanation.id == Conclusion.explanation_id)
        .join(Breach, Breach.id == Explanation.breach_id)
        .where(Explanation.holder_id == person_id, Conclusion.cause_class == word(CauseClass.SUBJECTIVE))
        .where(Breach.due_at >= datetime.combine(first, time()), Breach.due_at < datetime.combine(last, time.max))
        .group_by(Conclusion.blame)
    )
    counted = {blame: count for blame, count in db.session.execute(found)}
    return counted.get(Blame.FULL, 0), counted.get(Blame.SHARED, 0)


def colleagues_of(unit_id: int, today: date) -> list[tuple[int, str]]:
    """People posted today in the unit of an explanation, for naming and reassigning: (number, name and unit)."""
    tree = load_tree(today, with_ended=True)
    near = tree.subtree(Line.MANAGED_BY, unit_id) | set(tree.ancestors(Line.MANAGED_BY, unit_id)[:1])
    held = [posting for posting in postings_on(today) if posting.unit_id in near]
    return list({posting.person_id: f"{posting.person.full_name} – {posting.unit.name}" for posting in held}.items())


def person_name(person_id: int | None) -> str:
    """The name of a person; empty for nobody."""
    person = db.session.get(Person, person_id) if person_id is not None else None
    return person.full_name if person else ""
