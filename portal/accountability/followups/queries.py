"""Reading follow-ups: one's own, and those of the units one answers for; the monitoring office reads none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from sqlalchemy import Select, and_, false, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from portal.accountability.breaches.models import Breach
from portal.accountability.breaches.words import is_cancelled
from portal.accountability.explanations.models import Conclusion, Explanation
from portal.accountability.explanations.queries import concerns, responsible
from portal.accountability.followups.models import Followup, FollowupCancellation, FollowupGround, FollowupViolation
from portal.accountability.violations.models import Violation, ViolationConclusion
from portal.cases.words import word
from portal.database import db
from portal.directory.models import Person, Unit
from portal.guard import Permission, Role, Viewer

PAGE = 50
WIDER = frozenset({Role.HOME_AFFAIRS, Role.CHAIR})


def is_machine(viewer: Viewer) -> bool:
    """Whether nobody in particular asks: a command or a job. A wide scope alone opens no record of discipline."""
    return viewer.sees_all and not viewer.roles


def reach_of(viewer: Viewer) -> frozenset[int]:
    """The units whose follow-ups a viewer reads by role: those he heads, and the scope of Home Affairs or chair."""
    return viewer.headed_units | (viewer.scope_units if viewer.roles & WIDER else frozenset())


@dataclass(frozen=True)
class FollowupQuery:
    """Follow-ups a viewer may see, narrowed step by step."""

    statement: Select[Followup]

    @classmethod
    def visible_to(cls, viewer: Viewer) -> Self:
        """His own, and those of the units he reads by role."""
        found = select(Followup)
        if not viewer.may(Permission.READ_FOLLOWUPS):
            return cls(found.where(false()))
        if is_machine(viewer):
            return cls(found)
        own = Followup.person_id == viewer.person_id if viewer.person_id else false()
        return cls(found.where(or_(own, Followup.unit_id.in_(reach_of(viewer)))))

    def of_person(self, person_id: int) -> Self:
        """Those against one person."""
        return type(self)(self.statement.where(Followup.person_id == person_id))

    def of_measure(self, measure: str) -> Self:
        """Those of one kind."""
        return type(self)(self.statement.where(Followup.measure == measure))

    def standing(self) -> Self:
        """Those that were not cancelled."""
        cancelled = select(FollowupCancellation.id).where(FollowupCancellation.followup_id == Followup.id).exists()
        return type(self)(self.statement.where(~cancelled))

    def before(self, followup_id: int) -> Self:
        """The page after one follow-up, the newest first."""
        return type(self)(self.statement.where(Followup.id < followup_id))

    def get(self, followup_id: int) -> Followup | None:
        """One of them with its grounds; None when it is not among them."""
        return db.session.scalars(_with_facts(self.statement.where(Followup.id == followup_id))).first()

    def page(self, size: int = PAGE) -> Sequence[Followup]:
        """The newest, and one row more when there is another page."""
        return db.session.scalars(_with_facts(self.statement).order_by(Followup.id.desc()).limit(size + 1)).all()

    def count(self) -> int:
        """How many, exactly."""
        return db.session.scalar(select(func.count()).select_from(self.statement.subquery())) or 0


def _with_facts(found: Select[Followup]) -> Select[Followup]:
    breach = selectinload(Followup.grounds).joinedload(FollowupGround.breach)
    return found.options(
        joinedload(Followup.person),
        joinedload(Followup.unit),
        joinedload(Followup.cancellation),
        breach.joinedload(Breach.case),
        breach.joinedload(Breach.end),
        selectinload(Followup.violations).joinedload(FollowupViolation.violation),
    )


@dataclass(frozen=True)
class Ground:
    """A breach on which a follow-up may rest, with what was concluded and how often it was used before."""

    breach: Breach
    cause_class: str | None
    blame: str | None
    used: int


def _answers_for(viewer: Viewer, person_id: int) -> Select[Breach]:
    """Standing breaches of a person in the viewer's reach: those he answers for.

    He does as whom the explanation is about, or as the frozen officer unless a decider gave the duty to somebody else.
    """
    holds = select(Explanation.breach_id).where(concerns([person_id]))
    given_away = select(Explanation.breach_id).where(responsible() != person_id)
    own = and_(Breach.officer_id == person_id, Breach.id.not_in(given_away))
    found = select(Breach).where(or_(own, Breach.id.in_(holds)), ~is_cancelled())
    return found if is_machine(viewer) else found.where(Breach.unit_id.in_(reach_of(viewer)))


def grounds_for(viewer: Viewer, person_id: int) -> list[Ground]:
    """What a follow-up against a person may rest on, the newest term first."""
    used = (
        select(func.count())
        .where(FollowupGround.breach_id == Breach.id)
        .where(
            ~select(FollowupCancellation.id)
            .where(FollowupCancellation.followup_id == FollowupGround.followup_id)
            .exists()
        )
        .correlate(Breach)
        .scalar_subquery()
    )
    found = (
        _answers_for(viewer, person_id)
        .add_columns(Conclusion.cause_class, Conclusion.blame, used)
        .outerjoin(Explanation, Explanation.breach_id == Breach.id)
        .outerjoin(Conclusion, Conclusion.id == Explanation.conclusion_id)
        .options(joinedload(Breach.case), joinedload(Breach.unit), joinedload(Breach.end))
        .order_by(Breach.due_at.desc(), Breach.id.desc())
    )
    return [Ground(*row) for row in db.session.execute(found)]


def breaches_among(viewer: Viewer, person_id: int, breach_ids: Sequence[int]) -> Sequence[Breach]:
    """Those of some breaches on which this viewer may base a follow-up against this person, by due moment."""
    found = _answers_for(viewer, person_id).where(Breach.id.in_(breach_ids)).order_by(Breach.due_at, Breach.id)
    return db.session.scalars(found).all()


def violations_for(viewer: Viewer, person_id: int) -> Sequence[Violation]:
    """Violations of a person found at least in part, in the viewer's reach: a follow-up may rest on them."""
    found = (
        select(Violation)
        .join(ViolationConclusion, ViolationConclusion.violation_id == Violation.id)
        .where(Violation.holder_id == person_id, ViolationConclusion.finding != word("unfounded"))
        .options(joinedload(Violation.case), joinedload(Violation.unit))
        .order_by(Violation.found_on, Violation.id)
    )
    if not is_machine(viewer):
        found = found.where(Violation.unit_id.in_(reach_of(viewer)))
    return db.session.scalars(found).all()


def violations_among(viewer: Viewer, person_id: int, violation_ids: Sequence[int]) -> list[Violation]:
    """Those of some violations on which this viewer may base a follow-up against this person."""
    if not violation_ids:
        return []
    return [one for one in violations_for(viewer, person_id) if one.id in set(violation_ids)]


@dataclass(frozen=True)
class Answerable:
    """A person with breaches in the viewer's reach."""

    person_id: int
    name: str
    unit: str
    breaches: int
    subjective: int
    followups: int


def people_with_breaches(viewer: Viewer, limit: int = 500) -> list[Answerable]:
    """People of the viewer's reach with standing breaches, those with most subjective ones first."""
    if not viewer.may(Permission.RECORD_FOLLOWUPS):
        return []
    subjective = func.count(Conclusion.id).filter(Conclusion.cause_class == word("subjective"))
    followups = select(func.count()).where(Followup.person_id == Person.id).correlate(Person).scalar_subquery()
    found = (
        select(Person.id, Person.full_name, func.min(Unit.name), func.count(Breach.id), subjective, followups)
        .join(Explanation, responsible() == Person.id)
        .join(Breach, Breach.id == Explanation.breach_id)
        .join(Unit, Unit.id == Breach.unit_id)
        .outerjoin(Conclusion, Conclusion.id == Explanation.conclusion_id)
        .where(~is_cancelled())
        .group_by(Person.id, Person.full_name)
        .order_by(subjective.desc(), func.count(Breach.id).desc(), Person.id)
        .limit(limit)
    )
    if not is_machine(viewer):
        found = found.where(Breach.unit_id.in_(reach_of(viewer)), Person.id != (viewer.person_id or 0))
    return [Answerable(*row) for row in db.session.execute(found)]


def person_of(viewer: Viewer, person_id: int) -> Person | None:
    """A person whose record the viewer may read: himself, or somebody with breaches or follow-ups in his reach."""
    person = db.session.get(Person, person_id)
    if person is None or is_machine(viewer) or person_id == viewer.person_id:
        return person
    if not viewer.may(Permission.READ_FOLLOWUPS):
        return None
    known = db.session.scalar(_answers_for(viewer, person_id).with_only_columns(Breach.id).limit(1))
    known = known or bool(violations_for(viewer, person_id))
    return person if known or FollowupQuery.visible_to(viewer).of_person(person_id).count() else None
