"""What single people owe, for a word by messenger, codes and dates to paste, or for a numbered note."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, select

from portal.accountability.apologies.models import Apology
from portal.accountability.explanations.queries import ExplanationQuery
from portal.cases.models import Case
from portal.cases.words import is_overdue, is_stale
from portal.database import db
from portal.directives.queries import OWED_LETTERS, Line, day_of
from portal.directives.rules import Subject
from portal.directory.models import Person
from portal.guard import Viewer

MOST_PEOPLE = 200


@dataclass(frozen=True)
class Owing:
    """A person with what they owe: how many of each subject, and the oldest term of all."""

    person_id: int
    name: str
    counts: Mapping[Subject, int]
    oldest: date

    @property
    def total(self) -> int:
        """All together."""
        return sum(self.counts.values())


def people_owing(viewer: Viewer, now: datetime) -> list[Owing]:
    """People who owe something in the units the viewer heads or watches, those who owe most first."""
    counts: dict[int, dict[Subject, int]] = {}
    oldest: dict[int, date] = {}
    for subject in Subject:
        rows = _owed(subject, viewer, now).subquery()
        found = select(rows.c.person_id, func.count(), func.min(rows.c.due_on)).group_by(rows.c.person_id)
        for person_id, count, first in db.session.execute(found):
            counts.setdefault(person_id, {})[subject] = count
            oldest[person_id] = min(oldest.get(person_id, date.max), day_of(first))
    named = select(Person.id, Person.full_name).where(Person.id.in_(counts))
    people = [Owing(ident, name, counts[ident], oldest[ident]) for ident, name in db.session.execute(named)]
    return sorted(people, key=lambda one: (-one.total, one.oldest, one.person_id))[:MOST_PEOPLE]


def lines_of_person(person_id: int, viewer: Viewer, now: datetime) -> dict[Subject, Sequence[Line]]:
    """The cases of one person by subject, the longest waiting first; a subject without any is left out."""
    found: dict[Subject, Sequence[Line]] = {}
    for subject in Subject:
        rows = _owed(subject, viewer, now).subquery()
        mine = select(rows.c.id, rows.c.code, rows.c.due_on).where(rows.c.person_id == person_id)
        lines = [
            Line(ident, code, day_of(due), due if isinstance(due, datetime) else None)
            for ident, code, due in db.session.execute(mine.order_by(rows.c.due_on))
        ]
        if lines:
            found[subject] = lines
    return found


def _owed(subject: Subject, viewer: Viewer, now: datetime) -> Select[Any]:
    """Cases of a subject with who owes them, in the viewer's own reach; stale data urge nobody."""
    found: Any
    if subject is Subject.OVERDUE:
        found = select(Case.id, Case.code, Case.ruling_due_at.label("due_on"), Case.officer_id.label("person_id"))
        found = found.where(is_overdue(now), ~is_stale(), Case.officer_id.is_not(None))
    elif subject is Subject.EXPLANATIONS:
        late = ExplanationQuery.visible_to(viewer).past_term(now.date()).statement.subquery()
        found = select(Case.id, Case.code, late.c.due_on.label("due_on"), late.c.holder_id.label("person_id"))
        found = found.join(late, late.c.case_id == Case.id).where(late.c.holder_id.is_not(None))
    else:
        found = select(Case.id, Case.code, Apology.opened_on.label("due_on"), Apology.officer_id.label("person_id"))
        found = found.join(Apology, Apology.case_id == Case.id).where(
            Apology.state.in_(OWED_LETTERS), Apology.legacy.is_(False), Apology.opened_on < now.date(),
            Apology.officer_id.is_not(None), Apology.submitted_at.is_(None),
        )  # fmt: skip
    scoped: Select[Any] = found if viewer.sees_all else found.where(Case.resolving_unit_id.in_(viewer.own_reach))
    return scoped
