"""Reading explanations: what a viewer may see, what he owes, what he decides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any, Self

from sqlalchemy import ColumnElement, Integer, Select, and_, false, func, literal, or_, select, union_all
from sqlalchemy.orm import aliased, joinedload, selectinload

from portal.access.models import Absence
from portal.access.rules import AbsenceReason
from portal.accountability.breaches.models import Breach
from portal.accountability.explanations.drafts import BatchMember, BatchState, ExplanationBatch, SideDraft
from portal.accountability.explanations.models import (
    Attachment,
    Conclusion,
    ConclusionShare,
    Explanation,
    ExplanationReturn,
    ExplanationText,
    Objection,
    Redirection,
    RedirectionAnswer,
    SectionReading,
)
from portal.accountability.explanations.notices import REMINDERS
from portal.accountability.explanations.rules import (
    WRITABLE,
    Blame,
    CauseClass,
    Decider,
    State,
    is_past_term,
    is_with_section,
    who_concludes,
    who_hears,
    who_reads_first,
)
from portal.cases.models import Case, CaseStep, Pause
from portal.cases.words import word
from portal.database import db
from portal.directory.queries import leaders_on, load_tree, postings_on
from portal.directory.rules import Line, UnitTree
from portal.guard import Permission, Role, Viewer
from portal.notices.models import NoticeItem

PAGE = 50
_WRITABLE = [word(state) for state in WRITABLE]


def responsible() -> ColumnElement[int | None]:
    """Whom a conclusion concerns: the holder, or whom the holder writes for."""
    return func.coalesce(Explanation.answers_for_id, Explanation.holder_id)


def concerns(person_ids: Iterable[int]) -> ColumnElement[bool]:
    """Explanations that are about some people, whoever writes them; by the two indexes."""
    people = list(person_ids)
    written = and_(Explanation.answers_for_id.is_(None), Explanation.holder_id.in_(people))
    return or_(written, Explanation.answers_for_id.in_(people))


def _is_answered(today: date) -> ColumnElement[bool]:
    """Handed in, and no longer with the head of a section."""
    with_section = and_(Explanation.section_due_on.is_not(None), Explanation.section_due_on >= today)
    return and_(Explanation.state == word(State.SUBMITTED), ~with_section)


def _is_redirected() -> ColumnElement[bool]:
    homeless = or_(Explanation.stopped_at.is_not(None), Explanation.holder_id.is_(None))
    return and_(Explanation.state.in_(_WRITABLE), homeless)


def _is_unanswered(today: date) -> ColumnElement[bool]:
    return and_(Explanation.state.in_(_WRITABLE), Explanation.stopped_at.is_(None), Explanation.due_on < today)


@dataclass(frozen=True)
class ExplanationQuery:
    """Explanations a viewer may see, narrowed step by step."""

    statement: Select[Explanation]

    @classmethod
    def visible_to(cls, viewer: Viewer) -> Self:
        """His own, those that conclude on him, and those of the units he reads; never without the permission."""
        found = select(Explanation)
        if not viewer.may(Permission.READ_EXPLANATIONS):
            return cls(found.where(false()))
        if viewer.sees_all:
            return cls(found)
        own = or_(Explanation.holder_id.in_(viewer.person_ids), Explanation.answers_for_id.in_(viewer.person_ids))
        shares = select(ConclusionShare.conclusion_id).where(ConclusionShare.person_id.in_(viewer.person_ids))
        upon = Explanation.conclusion_id.in_(shares)
        units = or_(Explanation.unit_id.in_(viewer.readable_units), Explanation.section_unit_id.in_(viewer.led_units))
        return cls(found.where(or_(own, upon, units)))

    def held_by(self, *person_ids: int) -> Self:
        """Those that people owe."""
        return type(self)(self.statement.where(Explanation.holder_id.in_(person_ids)))

    def in_states(self, *states: State) -> Self:
        """Those in one of the states."""
        return type(self)(self.statement.where(Explanation.state.in_([word(state) for state in states])))

    def of_case(self, case_id: int) -> Self:
        """Those of one case."""
        return type(self)(self.statement.where(Explanation.case_id == case_id))

    def among(self, explanation_ids: Iterable[int]) -> Sequence[Explanation]:
        """Those with these numbers, in the order in which they fall due."""
        return type(self)(self.statement.where(Explanation.id.in_(list(explanation_ids)))).by_due()

    def of_units(self, unit_ids: Iterable[int]) -> Self:
        """Those of some units."""
        return type(self)(self.statement.where(Explanation.unit_id.in_(unit_ids)))

    def redirected(self) -> Self:
        """Those that wait for a holder: he said "not mine", or the directory named nobody."""
        return type(self)(self.statement.where(_is_redirected()))

    def unanswered(self, today: date) -> Self:
        """Unanswered, the term over, the clock running: the decider may conclude."""
        return type(self)(self.statement.where(_is_unanswered(today)))

    def undecided(self, today: date) -> Self:
        """Those that wait for a decider: answered, without a holder, or not answered when the term was over."""
        return type(self)(self.statement.where(or_(_is_answered(today), _is_redirected(), _is_unanswered(today))))

    def with_section(self, today: date) -> Self:
        """Those that wait for the head of a section."""
        waits = and_(Explanation.section_due_on >= today, Explanation.state == word(State.SUBMITTED))
        return type(self)(self.statement.where(waits))

    def read_first_by(self, viewer: Viewer, heads: Mapping[int, int], today: date) -> Self:
        """Those that the viewer reads as the head of a section, or for whom they stand in; never their own.

        ``heads``: unit → today's head; the rule of ``reads_for_section``.
        """
        led = sorted(unit for unit, head in heads.items() if head in viewer.person_ids)
        waiting = self.with_section(today).statement.where(Explanation.section_unit_id.in_(led))
        own = (Explanation.holder_id, Explanation.answers_for_id)
        return type(self)(waiting.where(*(or_(who.is_(None), who != viewer.person_id) for who in own)))

    def for_decision(self, today: date) -> Self:
        """As ``undecided``, and those whose conclusion somebody objected to."""
        objected = Explanation.objection_due_on.is_not(None)
        waiting = self.undecided(today).statement.with_only_columns(Explanation.id)
        return type(self)(self.statement.where(or_(objected, Explanation.id.in_(waiting))))

    def past_term(self, today: date) -> Self:
        """Unanswered and late; those older than the portal never are (§3.9)."""
        legacy = select(Breach.id).where(Breach.id == Explanation.breach_id, Breach.legacy.is_(True)).exists()
        return type(self)(self.unanswered(today).statement.where(~legacy))

    def running(self) -> Self:
        """Those whose clock does not stand."""
        return type(self)(self.statement.where(Explanation.stopped_at.is_(None)))

    def due_between(self, first: date, last: date) -> Self:
        """Those whose answer is due on one of these days, both included."""
        return type(self)(self.statement.where(Explanation.due_on.between(first, last)))

    def get(self, explanation_id: int) -> Explanation | None:
        """One of them, with its case and breach; None when it is not among them."""
        return db.session.scalars(_with_facts(self.statement.where(Explanation.id == explanation_id))).first()

    def by_due(self, limit: int | None = None) -> Sequence[Explanation]:
        """In the order in which they fall due."""
        found = _with_facts(self.statement).order_by(Explanation.due_on, Explanation.id)
        return db.session.scalars(found.limit(limit) if limit else found).all()

    def with_named(self) -> list[tuple[Explanation, frozenset[int]]]:
        """Each with the persons its "not mine" named, in the order in which they fall due; one statement."""
        named = and_(Redirection.explanation_id == Explanation.id, Redirection.named_id.is_not(None))
        found = _with_facts(self.statement).add_columns(Redirection.named_id).outerjoin(Redirection, named)
        rows: dict[Explanation, set[int]] = {}
        for explanation, person_id in db.session.execute(found.order_by(Explanation.due_on, Explanation.id)):
            rows.setdefault(explanation, set()).update(() if person_id is None else (person_id,))
        return [(explanation, frozenset(people)) for explanation, people in rows.items()]

    def count(self) -> int:
        """How many."""
        return db.session.scalar(self.count_statement()) or 0

    def count_statement(self) -> Select[int]:
        """How many, for ``tally``."""
        return select(func.count()).select_from(self.statement.with_only_columns(Explanation.id).subquery())


def _with_facts(found: Select[Explanation]) -> Select[Explanation]:
    breach = joinedload(Explanation.breach)
    return found.options(
        breach.joinedload(Breach.end),
        breach.joinedload(Breach.officer),
        joinedload(Explanation.case).joinedload(Case.procedure),
        joinedload(Explanation.holder),
        joinedload(Explanation.answers_for),
        joinedload(Explanation.unit),
        joinedload(Explanation.cause),
        joinedload(Explanation.conclusion).options(joinedload(Conclusion.decider), joinedload(Conclusion.absent)),
    )


@dataclass(frozen=True)
class Deciders:
    """Who concludes on one day, for any explanation (§3.8): the tree of that day, heads and chairs by unit, names."""

    tree: UnitTree
    heads: Mapping[int, int]
    chairs: Mapping[int, int]
    names: Mapping[int, str] = field(default_factory=dict)

    @classmethod
    def on(cls, today: date) -> Self:
        """Read once for a page or an action, in two statements."""
        leaders = leaders_on(today)
        by_name = sorted(leaders, key=lambda posting: (posting.person.sort_key, posting.id))
        return cls(
            load_tree(today, with_ended=True),
            {posting.unit_id: posting.person_id for posting in leaders if posting.role == Role.HEAD},
            {posting.unit_id: posting.person_id for posting in by_name if posting.role == Role.CHAIR},
            {posting.person_id: posting.person.full_name for posting in leaders},
        )

    def of(self, unit_id: int, excluded: frozenset[int]) -> Decider:
        """Who concludes for a unit when some persons may not; for an ended unit the head of who took over from it."""
        line = self.tree.upward(Line.MANAGED_BY, unit_id)
        return who_concludes(line, self.heads, self.chair_of(unit_id), excluded)

    def above(self, unit_id: int, excluded: frozenset[int]) -> Decider:
        """Who decides an objection to what was concluded for a unit: the next head up."""
        line = self.tree.upward(Line.MANAGED_BY, unit_id)
        return who_hears(line, self.heads, self.chair_of(unit_id), excluded)

    def section_of(self, explanation: Explanation, excluded: frozenset[int], today: date) -> int | None:
        """The part of its unit whose head reads an answer first; None where there is none."""
        if explanation.holder_id is None:
            return None
        held = postings_on(today, person_id=explanation.holder_id)
        lines = [(one.unit_id, *self.tree.ancestors(Line.MANAGED_BY, one.unit_id)) for one in held]
        return who_reads_first(lines, explanation.unit_id, self.heads, excluded)

    def chair_of(self, unit_id: int) -> int | None:
        """The chair of the level a unit stands in, or of the next level above that has one."""
        above = (*self.tree.upward(Line.MANAGED_BY, unit_id), *self.tree.upward(Line.REPORTS_IN, unit_id))
        return next((self.chairs[unit] for unit in above if unit in self.chairs), None)

    def name_of(self, decider: Decider) -> str:
        """The name of who concludes; empty where that is the level above."""
        return self.names.get(decider.person_id, "") if decider.person_id is not None else ""


def excluded_by(explanation: Explanation, named: Iterable[int | None]) -> frozenset[int]:
    """Who may not decide an explanation: who writes it, whom it is about, the breach's officer, everybody it named."""
    people = (explanation.holder_id, explanation.answers_for_id, explanation.breach.officer_id, *named)
    return frozenset(person for person in people if person is not None)


def excluded_from_deciding(explanations: Sequence[Explanation]) -> dict[int, frozenset[int]]:
    """Per explanation who may not decide it; one statement for those they named.

    Whom a decider found wrongly named may decide again: naming one's head is no way to choose another judge.
    """
    named: dict[int, list[int | None]] = {explanation.id: [] for explanation in explanations}
    found = (
        select(Redirection.explanation_id, Redirection.named_id)
        .outerjoin(RedirectionAnswer, RedirectionAnswer.redirection_id == Redirection.id)
        .where(Redirection.explanation_id.in_(named))
        .where(or_(RedirectionAnswer.id.is_(None), RedirectionAnswer.accepted))
    )
    for explanation_id, person_id in db.session.execute(found):
        named[explanation_id].append(person_id)
    return {explanation.id: excluded_by(explanation, named[explanation.id]) for explanation in explanations}


def decider_of(explanation: Explanation, today: date, deciders: Deciders | None = None) -> Decider:
    """Who decides one explanation today. ``deciders``: of today, where they are read already."""
    return (deciders or Deciders.on(today)).of(
        explanation.unit_id, excluded_from_deciding([explanation])[explanation.id]
    )


def decides(viewer: Viewer, decider: Decider, excluded: frozenset[int]) -> bool:
    """Whether the viewer decides today: as the decider, or standing in for him and not excluded himself (§3.8)."""
    if viewer.person_id is None or decider.person_id is None:
        return False
    stands_in = decider.person_id in viewer.person_ids and viewer.person_id not in excluded
    return decider.person_id == viewer.person_id or stands_in


def was_written_by(explanation_id: int, person_id: int | None) -> bool:
    """Whether a person handed in a text of the explanation, for himself or as a stand-in."""
    texts = select(ExplanationText.id).where(
        ExplanationText.explanation_id == explanation_id, ExplanationText.by_id == person_id
    )
    return db.session.scalar(texts.limit(1)) is not None


@dataclass(frozen=True)
class Queue:
    """What waits for one decider: answers, objections, "not mine" to settle, and what nobody answered in time."""

    submitted: list[Explanation] = field(default_factory=list)
    objected: list[Explanation] = field(default_factory=list)
    redirected: list[Explanation] = field(default_factory=list)
    unanswered: list[Explanation] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.submitted) + len(self.objected) + len(self.redirected) + len(self.unanswered)


def queue_of(viewer: Viewer, today: date, deciders: Deciders | None = None) -> Queue:
    """The queue of a head or chair, each part in the order of due days. ``deciders``: where they are read already."""
    if viewer.person_id is None or not viewer.may(Permission.CONCLUDE):
        return Queue()
    deciders = deciders or Deciders.on(today)
    waiting = ExplanationQuery.visible_to(viewer).for_decision(today).with_named()
    to_decide = [row for row, named in waiting if _is_his_turn(row, named, viewer, deciders)]
    objected = [row for row in to_decide if row.objection_due_on is not None]
    submitted = sorted(
        (row for row in to_decide if row.state == State.SUBMITTED),
        key=lambda row: (row.decision_due_on or row.due_on, row.id),
    )
    open_ones = [row for row in to_decide if row.state in WRITABLE]
    redirected = [row for row in open_ones if row.stopped_at is not None or row.holder_id is None]
    unanswered = [row for row in open_ones if row.stopped_at is None and row.holder_id is not None]
    return Queue(submitted, sorted(objected, key=lambda row: (row.objection_due_on, row.id)), redirected, unanswered)


def _is_his_turn(row: Explanation, named: frozenset[int], viewer: Viewer, deciders: Deciders) -> bool:
    """Whether a viewer decides an explanation now: concludes it, or hears the objection to its conclusion."""
    excluded = excluded_by(row, named)
    if row.conclusion is None:
        return decides(viewer, deciders.of(row.unit_id, excluded), excluded)
    concluded = (row.conclusion.decided_by, row.conclusion.decided_for)
    excluded |= {person for person in concluded if person is not None}
    return decides(viewer, deciders.above(row.unit_id, excluded), excluded)


def concluded_today(viewer: Viewer, today: date) -> Sequence[Explanation]:
    """What a viewer concluded today and has not taken back, the last one first."""
    found = _with_facts(select(Explanation)).join(Conclusion, Conclusion.id == Explanation.conclusion_id)
    mine = (Conclusion.decided_on == today, Conclusion.decided_by == viewer.person_id)
    return db.session.scalars(found.where(*mine).order_by(Conclusion.id.desc())).all()


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


@dataclass(frozen=True)
class Road:
    """What stands beside an explanation, each oldest first: its way so far, its files, its case's pauses and steps.

    ``together``: the cases of the batches in which it was handed in, itself among them. ``beside``: drafts of windows
    that lost to another. ``before``: what else was explained before.
    """

    returns: list[ExplanationReturn] = field(default_factory=list)
    redirections: list[Redirection] = field(default_factory=list)
    texts: list[ExplanationText] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    pauses: list[Pause] = field(default_factory=list)
    reminders: list[NoticeItem] = field(default_factory=list)
    conclusions: list[Conclusion] = field(default_factory=list)
    objections: list[Objection] = field(default_factory=list)
    steps: list[CaseStep] = field(default_factory=list)
    together: list[BatchMember] = field(default_factory=list)
    beside: list[SideDraft] = field(default_factory=list)
    leaves: list[Absence] = field(default_factory=list)
    readings: list[SectionReading] = field(default_factory=list)
    before: list[Explanation] = field(default_factory=list)


def road_of(explanation: Explanation, before: Select[int] | None = None) -> Road:
    """Everything beside one explanation, in one statement: a list of what there is, each row with its own table.

    ``before``: numbers of other explanations to be read with it.
    """
    parts = _beside(explanation)
    if before is not None:
        told = before.subquery("told")
        parts.append((Before, select(told.c.id)))
    listed = (
        select(literal(place, Integer).label("place"), ids.subquery().c.id) for place, (_, ids) in enumerate(parts)
    )
    marks = union_all(*listed).subquery("marks")
    found: Select[Any] = select(marks.c.place, *(part for part, _ in parts)).select_from(marks)
    for place, (part, _) in enumerate(parts):
        found = found.outerjoin(part, and_(marks.c.place == place, part.id == marks.c.id))
    found = found.options(
        joinedload(ExplanationReturn.by),
        joinedload(Redirection.by),
        joinedload(Redirection.named),
        joinedload(Redirection.answer).joinedload(RedirectionAnswer.holder),
        joinedload(NoticeItem.notice),
        joinedload(NoticeItem.person),
        joinedload(Conclusion.decider),
        joinedload(Conclusion.absent),
        joinedload(Conclusion.withdrawal),
        selectinload(Conclusion.shares).joinedload(ConclusionShare.person),
        joinedload(Objection.person),
        joinedload(Objection.by),
        joinedload(SectionReading.by),
        joinedload(SectionReading.unit),
    )
    if before is not None:
        found = found.options(*(joinedload(beside) for beside in (Before.case, Before.cause, Before.conclusion)))
    road = Road()
    lists: tuple[list[Any], ...] = (
        road.returns, road.redirections, road.texts, road.attachments, road.pauses, road.reminders,
        road.conclusions, road.objections, road.steps, road.together, road.beside, road.leaves,
        road.readings, road.before,
    )  # fmt: skip
    for place, *rows in db.session.execute(found.order_by(marks.c.place, marks.c.id)):
        lists[place].append(rows[place])
    road.pauses.sort(key=lambda pause: pause.started_at)
    road.steps.sort(key=lambda step: (step.started_at or step.at, step.id))
    return road


Before = aliased(Explanation, name="explained_before")


def _beside(explanation: Explanation) -> list[tuple[Any, Select[int]]]:
    """The tables beside an explanation, each with the numbers of its rows, in the order of ``Road``."""
    ident = explanation.id
    handed_in = (
        select(BatchMember.batch_id)
        .join(ExplanationBatch, ExplanationBatch.id == BatchMember.batch_id)
        .where(BatchMember.explanation_id == ident, ExplanationBatch.state == word(BatchState.SUBMITTED))
    )
    parts: tuple[tuple[Any, ColumnElement[bool]], ...] = (
        (ExplanationReturn, ExplanationReturn.explanation_id == ident),
        (Redirection, Redirection.explanation_id == ident),
        (ExplanationText, ExplanationText.explanation_id == ident),
        (Attachment, Attachment.explanation_id == ident),
        (Pause, Pause.case_id == explanation.case_id),
        (NoticeItem, and_(NoticeItem.kind.in_(list(REMINDERS)), NoticeItem.entity_id == ident)),
        (Conclusion, Conclusion.explanation_id == ident),
        (Objection, Objection.explanation_id == ident),
        (CaseStep, CaseStep.case_id == explanation.case_id),
        (BatchMember, BatchMember.batch_id.in_(handed_in)),
        (SideDraft, SideDraft.explanation_id == ident),
        (Absence, _stood_for(explanation)),
        (SectionReading, SectionReading.explanation_id == ident),
    )
    return [(part, select(part.id).where(own)) for part, own in parts]


def _stood_for(explanation: Explanation) -> ColumnElement[bool]:
    """The leaves during which the running term stood; none where nothing moved it."""
    if explanation.base_due_on is None or explanation.state not in WRITABLE:
        return false()
    away = and_(Absence.cancelled.is_(False), Absence.reason != word(AbsenceReason.DELEGATED))
    within = and_(Absence.last_day > explanation.noticed_on, Absence.first_day <= explanation.due_on)
    return and_(Absence.person_id == explanation.holder_id, away, within)


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


def subjective_weight(person_id: int, first: date, last: date) -> tuple[int, int]:
    """How often a person was concluded to be at fault for terms that were over in a span: (full, shared).

    Of what stands: as whom an explanation is about, and as one of several who share a delay.
    """
    own = (
        select(Conclusion.blame)
        .join(Explanation, Explanation.conclusion_id == Conclusion.id)
        .where(concerns([person_id]), Conclusion.cause_class == word(CauseClass.SUBJECTIVE))
    )
    shared = (
        select(ConclusionShare.blame)
        .join(Explanation, Explanation.conclusion_id == ConclusionShare.conclusion_id)
        .where(ConclusionShare.person_id == person_id, ConclusionShare.cause_class == word(CauseClass.SUBJECTIVE))
    )
    of_span = (Breach.due_at >= datetime.combine(first, time()), Breach.due_at < datetime.combine(last, time.max))
    both = union_all(*(part.join(Breach, Breach.id == Explanation.breach_id).where(*of_span) for part in (own, shared)))
    found = both.subquery()
    counted = {
        blame: count for blame, count in db.session.execute(select(found.c.blame, func.count()).group_by(found.c.blame))
    }
    return counted.get(Blame.FULL, 0), counted.get(Blame.SHARED, 0)


def colleagues_of(unit_id: int, today: date, tree: UnitTree) -> list[tuple[int, str]]:
    """People posted today in the unit of an explanation, for naming and reassigning: (number, name and unit)."""
    near = tree.subtree(Line.MANAGED_BY, unit_id) | set(tree.ancestors(Line.MANAGED_BY, unit_id)[:1])
    held = [posting for posting in postings_on(today) if posting.unit_id in near]
    return list({posting.person_id: f"{posting.person.full_name} – {posting.unit.name}" for posting in held}.items())


def reads_for_section(explanation: Explanation, viewer: Viewer, deciders: Deciders, today: date) -> bool:
    """Whether the viewer is the head of the section that reads it now, or stands in for him; nobody reads his own."""
    reader = deciders.heads.get(explanation.section_unit_id or 0)
    own = (explanation.holder_id, explanation.answers_for_id)
    waits = explanation.state == State.SUBMITTED and is_with_section(explanation.section_due_on, today)
    return waits and reader in viewer.person_ids and viewer.person_id not in own
