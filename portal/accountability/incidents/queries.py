"""Reading incidents with the cases they touch, and questions to other bodies."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Self

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select
from sqlalchemy.orm import joinedload

from portal.accountability.breaches.models import Breach
from portal.accountability.breaches.words import is_cancelled
from portal.accountability.incidents.models import BodyAnswer, BodyQuestion, Incident, IncidentCase, IncidentDecision
from portal.accountability.incidents.rules import (
    LINKING,
    QuestionState,
    Standstill,
    State,
    Stops,
    Touched,
    Unusual,
    touched,
)
from portal.cases.models import Case, Procedure
from portal.cases.words import word
from portal.database import db
from portal.deadlines import WorkingCalendar
from portal.directory.models import Unit
from portal.guard import Permission, Viewer
from portal.policy.queries import mass_overdue

PAGE = 50
LINES = 500
"""So many linked cases stand on a page; the count beside them is exact."""


def unusual(on: date) -> Unusual:
    """From how many missed terms a day is proposed as an incident, as in force on a day."""
    return Unusual(**mass_overdue(on))


@dataclass(frozen=True)
class IncidentQuery:
    """Incidents a viewer may see, narrowed step by step."""

    statement: Select[Incident]

    @classmethod
    def visible_to(cls, viewer: Viewer) -> Self:
        """Those of the units read by role, of one's own unit, of the IT authority's level, and of cases one holds."""
        found = select(Incident)
        if not viewer.may(Permission.READ_INCIDENTS):
            return cls(found.where(false()))
        if viewer.sees_all:
            return cls(found)
        units = viewer.readable_units | viewer.own_unit_ids | viewer.it_units
        held = (
            select(IncidentCase.id)
            .join(Case, Case.id == IncidentCase.case_id)
            .where(IncidentCase.incident_id == Incident.id, Case.officer_id.in_(viewer.person_ids))
            .exists()
        )
        return cls(found.where(or_(Incident.unit_id.in_(units), held)))

    def declarable_by(self, viewer: Viewer) -> Self:
        """Those a monitoring office or head may declare, dismiss, withdraw and link cases to."""
        if not viewer.may(Permission.DECLARE_INCIDENTS):
            return type(self)(self.statement.where(false()))
        own = self.statement if viewer.sees_all else self.statement.where(Incident.unit_id.in_(viewer.own_reach))
        return type(self)(own)

    def confirmable_by(self, viewer: Viewer) -> Self:
        """Those of the level whose IT authority the viewer is."""
        if not viewer.may(Permission.CONFIRM_INCIDENTS):
            return type(self)(self.statement.where(false()))
        return type(self)(self.statement.where(Incident.unit_id.in_(viewer.it_units)))

    def in_states(self, *states: State | str) -> Self:
        """Those in one of the states."""
        return type(self)(self.statement.where(Incident.state.in_([word(state) for state in states])))

    def get(self, incident_id: int) -> Incident | None:
        """One of them; None when it is not among them."""
        return db.session.scalars(_named(self.statement.where(Incident.id == incident_id))).first()

    def newest(self, limit: int = PAGE) -> Sequence[Incident]:
        """The last to begin first."""
        found = _named(self.statement).order_by(Incident.started_at.desc(), Incident.id.desc())
        return db.session.scalars(found.limit(limit)).all()

    def count_statement(self) -> Select[int]:
        """How many, for ``tally``."""
        return select(func.count()).select_from(self.statement.with_only_columns(Incident.id).subquery())

    def count(self) -> int:
        """How many."""
        return db.session.scalar(self.count_statement()) or 0


def _named(found: Select[Incident]) -> Select[Incident]:
    return found.options(joinedload(Incident.unit), joinedload(Incident.source), joinedload(Incident.declarer))


def decisions_of(incident_id: int) -> Sequence[IncidentDecision]:
    """Everything decided about an incident, oldest first."""
    found = select(IncidentDecision).where(IncidentDecision.incident_id == incident_id)
    return db.session.scalars(found.order_by(IncidentDecision.id)).all()


def standing_links(incident_ids: Iterable[int]) -> dict[int, int]:
    """How many cases each of some incidents is said to have touched."""
    found = (
        select(IncidentCase.incident_id, func.count())
        .where(IncidentCase.incident_id.in_(incident_ids), IncidentCase.removed_at.is_(None))
        .group_by(IncidentCase.incident_id)
    )
    return {incident_id: count for incident_id, count in db.session.execute(found)}


@dataclass(frozen=True)
class Line:
    """A linked case as the IT authority may read it: code and system facts, nothing of the applicant (rules §5)."""

    link: IncidentCase
    code: str
    procedure: str
    unit: str
    received_at: datetime
    received_precision: str
    due_at: datetime | None
    due_precision: str | None
    finished_at: datetime | None
    finished_precision: str | None
    touched: Touched


def lines_of(incident: Incident, now: datetime, calendar: WorkingCalendar) -> list[Line]:
    """The cases linked to an incident with what its interval touched of each; taken off ones too, last."""
    found = (
        select(IncidentCase, Case, Procedure.title, Unit.name)
        .join(Case, Case.id == IncidentCase.case_id)
        .join(Unit, Unit.id == Case.resolving_unit_id)
        .outerjoin(Procedure, Procedure.id == Case.procedure_id)
        .where(IncidentCase.incident_id == incident.id)
        .order_by(IncidentCase.removed_at.is_not(None), Case.ruling_due_at, Case.id)
        .limit(LINES)
    )
    return [
        Line(
            link,
            case.code,
            title or "",
            unit,
            case.received_at,
            case.received_precision,
            case.ruling_due_at,
            case.ruling_due_precision,
            case.finished_at,
            case.finished_precision,
            touched_of(incident, case, now, calendar),
        )
        for link, case, title, unit in db.session.execute(found)
    ]


def touched_of(incident: Incident, case: Case, now: datetime, calendar: WorkingCalendar) -> Touched:
    """What an incident touched of a case: by the confirmed interval, by the declared one until there is any."""
    confirmed = incident.confirmed_from is not None
    begun = incident.confirmed_from if confirmed else incident.started_at
    until = incident.confirmed_to if confirmed else incident.ended_at
    assert begun is not None
    return touched((begun, until), (case.received_at, case.ruling_due_at), case.finished_at, now, calendar)


def link_of(incident_id: int, link_id: int) -> IncidentCase | None:
    """One link of an incident with its case."""
    found = select(IncidentCase).where(IncidentCase.incident_id == incident_id, IncidentCase.id == link_id)
    return db.session.scalars(found.options(joinedload(IncidentCase.case))).first()


def incidents_of_case(case_id: int, viewer: Viewer) -> Sequence[Incident]:
    """The incidents a case is linked to, as far as the viewer sees them."""
    linked = select(IncidentCase.incident_id).where(IncidentCase.case_id == case_id, IncidentCase.removed_at.is_(None))
    visible = IncidentQuery.visible_to(viewer).statement.where(Incident.id.in_(linked))
    return db.session.scalars(_named(visible).order_by(Incident.started_at, Incident.id)).all()


def incidents_beside(case: Case, viewer: Viewer) -> Sequence[Incident]:
    """Incidents a holder may link a case of theirs to: of their sight, in its time, not linked yet."""
    linked = select(IncidentCase.incident_id).where(IncidentCase.case_id == case.id)
    found = IncidentQuery.visible_to(viewer).in_states(*LINKING).statement.where(Incident.id.not_in(linked))
    found = found.where(or_(Incident.ended_at.is_(None), Incident.ended_at >= case.received_at))
    if case.ruling_due_at is not None:
        found = found.where(Incident.started_at <= (case.finished_at or case.ruling_due_at))
    return db.session.scalars(_named(found).order_by(Incident.started_at.desc()).limit(PAGE)).all()


def missed_in(incident: Incident, units: frozenset[int] | None) -> Select[Any]:
    """Breaches whose case lay open while an incident lasted and that are not linked to it yet.

    Its system and its unit with what reports to it decide which; ``units``: None for every unit.
    """
    linked = select(IncidentCase.case_id).where(IncidentCase.incident_id == incident.id)
    found = (
        select(Breach.case_id)
        .join(Case, Case.id == Breach.case_id)
        .where(~is_cancelled(), Case.id.not_in(linked), Breach.due_at >= incident.started_at)
    )
    if incident.ended_at is not None:
        found = found.where(Case.received_at <= incident.ended_at)
    if incident.source_id is not None:
        found = found.where(Case.source_id == incident.source_id)
    if units is not None:
        found = found.where(Breach.unit_id.in_(units))
    return found.distinct()


def count_missed_in(incident: Incident, units: frozenset[int] | None) -> int:
    """How many cases ``missed_in`` names."""
    return db.session.scalar(select(func.count()).select_from(missed_in(incident, units).subquery())) or 0


def _own_side(viewer: Viewer) -> ColumnElement[bool]:
    """Questions about one's own breaches, or those of units one reads by role."""
    of_units = select(Breach.id).where(Breach.id == BodyQuestion.breach_id)
    of_units = of_units.where(Breach.unit_id.in_(viewer.readable_units))
    return or_(is_kept_by(viewer.person_ids), BodyQuestion.asked_by.in_(viewer.person_ids), of_units.exists())


def is_kept_by(person_ids: Iterable[int]) -> ColumnElement[bool]:
    """Questions that some people follow up now: who asked, or who took over from them; by the index of who asked."""
    people = list(person_ids)
    asked = and_(BodyQuestion.followed_by.is_(None), BodyQuestion.asked_by.in_(people))
    return or_(asked, BodyQuestion.followed_by.in_(people))


def bodies_of(viewer: Viewer) -> frozenset[int]:
    """The units for which a viewer answers as the body that was asked."""
    return viewer.led_units | viewer.own_unit_ids if viewer.may(Permission.ANSWER_QUESTIONS) else frozenset()


@dataclass(frozen=True)
class QuestionQuery:
    """Questions a viewer may see, narrowed step by step."""

    statement: Select[BodyQuestion]

    @classmethod
    def visible_to(cls, viewer: Viewer) -> Self:
        """Those of one's own side, and those put to a unit one answers for."""
        found = select(BodyQuestion)
        if not viewer.may(Permission.READ_INCIDENTS):
            return cls(found.where(false()))
        if viewer.sees_all:
            return cls(found)
        return cls(found.where(or_(_own_side(viewer), BodyQuestion.unit_id.in_(bodies_of(viewer)))))

    def put_to(self, viewer: Viewer) -> Self:
        """Those the viewer answers as the body."""
        return type(self)(self.statement.where(BodyQuestion.unit_id.in_(bodies_of(viewer))))

    def from_side_of(self, viewer: Viewer) -> Self:
        """Those asked from the viewer's side: theirs, and of units they read by role."""
        return self if viewer.sees_all else type(self)(self.statement.where(_own_side(viewer)))

    def waiting(self) -> Self:
        """Those without an answer."""
        return type(self)(self.statement.where(BodyQuestion.state == word(QuestionState.ASKED)))

    def silent(self, today: date) -> Self:
        """Those whose body let its term pass without an answer."""
        return type(self)(self.waiting().statement.where(BodyQuestion.due_on < today))

    def kept_by(self, *person_ids: int) -> Self:
        """Those that people follow up: they asked, or took over from who did."""
        return type(self)(self.statement.where(is_kept_by(person_ids)))

    def of_breach(self, breach_id: int) -> Self:
        """Those about one breach."""
        return type(self)(self.statement.where(BodyQuestion.breach_id == breach_id))

    def get(self, question_id: int) -> BodyQuestion | None:
        """One of them with its facts; None when it is not among them."""
        return db.session.scalars(_with_facts(self.statement.where(BodyQuestion.id == question_id))).first()

    def by_due(self, limit: int = PAGE) -> Sequence[BodyQuestion]:
        """Waiting ones first, in the order in which they fall due."""
        answered = BodyQuestion.state != word(QuestionState.ASKED)
        found = _with_facts(self.statement).order_by(answered, BodyQuestion.due_on, BodyQuestion.id)
        return db.session.scalars(found.limit(limit)).all()

    def count_statement(self) -> Select[int]:
        """How many, for ``tally``."""
        return select(func.count()).select_from(self.statement.with_only_columns(BodyQuestion.id).subquery())

    def count(self) -> int:
        """How many."""
        return db.session.scalar(self.count_statement()) or 0


def _with_facts(found: Select[BodyQuestion]) -> Select[BodyQuestion]:
    return found.options(
        joinedload(BodyQuestion.case).joinedload(Case.procedure),
        joinedload(BodyQuestion.breach).joinedload(Breach.unit),
        joinedload(BodyQuestion.asker),
        joinedload(BodyQuestion.follower),
        joinedload(BodyQuestion.unit),
        joinedload(BodyQuestion.answer),
    )


def questions_about(breach_id: int) -> Sequence[BodyQuestion]:
    """Every question about a breach with its answer, oldest first; whose they may be read is the caller's to know."""
    found = select(BodyQuestion).where(BodyQuestion.breach_id == breach_id).order_by(BodyQuestion.id)
    return db.session.scalars(found.options(joinedload(BodyQuestion.answer))).all()


@dataclass(frozen=True)
class Confirmation:
    """By what a competent body confirmed a cause: for the head who concludes, and beside the evaluation."""

    cause_class: str
    body: str
    document: str
    on: date


def confirmations_of(breach: Breach) -> list[Confirmation]:
    """What the IT authority and the bodies asked confirmed of a breach: incidents of its case, answers "yes"."""
    last = (
        select(func.max(IncidentDecision.id))
        .where(IncidentDecision.incident_id == Incident.id)
        .correlate(Incident)
        .scalar_subquery()
    )
    incidents = (
        select(Incident.system, IncidentDecision.document, IncidentDecision.at)
        .join(IncidentCase, and_(IncidentCase.incident_id == Incident.id, IncidentCase.removed_at.is_(None)))
        .join(IncidentDecision, IncidentDecision.id == last)
        .where(IncidentCase.case_id == breach.case_id, Incident.state == word(State.CONFIRMED))
        .where(Incident.confirmed_from <= breach.due_at)
    )
    answers = (
        select(BodyQuestion.body, BodyAnswer.document, BodyAnswer.answered_on)
        .join(BodyAnswer, BodyAnswer.question_id == BodyQuestion.id)
        .where(BodyQuestion.breach_id == breach.id, BodyAnswer.confirms != word("no"))
    )
    return [
        *(Confirmation("technical", row.system, row.document, row.at.date()) for row in db.session.execute(incidents)),
        *(Confirmation("other_body", *row) for row in db.session.execute(answers)),
    ]


def stopping(
    questions: Iterable[BodyQuestion], stops: Stops, due_before: date, supplement_id: int | None
) -> list[BodyQuestion]:
    """Those of some questions that stopped one clock in one run of it (from the same due day).

    ``supplement_id``: of a further explanation; None for the first one.
    """
    return [
        one
        for one in questions
        if one.stops == stops and one.due_before == due_before and one.supplement_id == supplement_id
    ]


def standstills(questions: Iterable[BodyQuestion]) -> list[Standstill]:
    """While whom the clock stood: from asking to the answer, at most to the end of the body's term."""
    return [Standstill(one.asked_on, min(one.due_on, _ended_on(one) or one.due_on)) for one in questions]


def answer_standstills(breach_id: int, due_before: date, supplement_id: int | None = None) -> list[Standstill]:
    """While which questions the clock of an answer stood, in one run of it; of a further explanation by its number."""
    return standstills(stopping(questions_about(breach_id), Stops.ANSWER, due_before, supplement_id))


def _ended_on(question: BodyQuestion) -> date | None:
    return question.answer.answered_on if question.answer else question.withdrawn_on
