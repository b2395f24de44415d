"""Reading urging notes, and what units could be urged about. The only way in names the viewer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Self

from sqlalchemy import Select, and_, false, func, select
from sqlalchemy.orm import joinedload

from portal.accountability.apologies.models import Apology
from portal.accountability.apologies.rules import State as LetterState
from portal.accountability.explanations.queries import ExplanationQuery
from portal.cases.models import Case
from portal.cases.words import is_overdue, is_stale, word
from portal.database import db
from portal.directives.models import UrgedCase, UrgingNote
from portal.directives.rules import LAST_ROUND, State, Subject
from portal.directory.models import Unit
from portal.directory.queries import postings_on
from portal.directory.rules import Line as Lines
from portal.directory.rules import UnitTree
from portal.guard import Permission, Role, Viewer

PAGE = 50
OWED_LETTERS = [
    word(state) for state in (LetterState.WAITING, LetterState.DRAFT, LetterState.SIGNED, LetterState.NUMBERED)
]


@dataclass(frozen=True)
class NoteQuery:
    """Urging notes a viewer may read, narrowed step by step."""

    statement: Select[UrgingNote]

    @classmethod
    def visible_to(cls, viewer: Viewer) -> Self:
        """Those to the units the viewer reads by role or leads."""
        found = select(UrgingNote)
        if not viewer.may(Permission.READ_URGING):
            return cls(found.where(false()))
        if viewer.sees_all:
            return cls(found)
        return cls(found.where(UrgingNote.unit_id.in_(viewer.readable_units)))

    def unanswered(self) -> Self:
        """Open ones, within their term or past it."""
        return type(self)(self.statement.where(UrgingNote.state == word(State.ISSUED)))

    def past_term(self, today: date) -> Self:
        """Open ones whose term for the reply is over: who did not answer."""
        return type(self)(self.unanswered().statement.where(UrgingNote.reply_due_on < today))

    def of_last_round(self) -> Self:
        """Open ones of the third round: the chair's view."""
        return type(self)(self.unanswered().statement.where(UrgingNote.round == LAST_ROUND))

    def before(self, note_id: int) -> Self:
        """The page after one note, the newest first."""
        return type(self)(self.statement.where(UrgingNote.id < note_id))

    def count(self) -> int:
        """How many, exactly."""
        return db.session.scalar(select(func.count()).select_from(self.statement.subquery())) or 0

    def page(self, size: int = PAGE) -> Sequence[UrgingNote]:
        """The newest, and one more where there is another page."""
        found = self.statement.options(joinedload(UrgingNote.unit), joinedload(UrgingNote.person))
        return db.session.scalars(found.order_by(UrgingNote.id.desc()).limit(size + 1)).all()

    def get(self, note_id: int) -> UrgingNote | None:
        """One of them with its names; None when it is not among them."""
        names = (UrgingNote.unit, UrgingNote.issuer, UrgingNote.author, UrgingNote.replier, UrgingNote.person)
        found = self.statement.where(UrgingNote.id == note_id).options(*map(joinedload, names))
        return db.session.scalar(found)


@dataclass(frozen=True)
class Line:
    """One case a unit can be urged about; ``due_on``: the day on which the term ended, ``due_at`` its moment where the
    term is that of the case."""

    case_id: int
    code: str
    due_on: date
    due_at: datetime | None = None


def lines_of(subject: Subject, unit_id: int, viewer: Viewer, now: datetime, person_id: int | None = None) -> list[Line]:
    """The cases of one unit, the longest waiting first; with ``person_id`` those that this person owes."""
    found = _owed(subject, viewer, now, person_id).where(Case.resolving_unit_id == unit_id)
    rows = db.session.execute(found.order_by("due_on", Case.id))
    return [Line(ident, code, day_of(due), due if isinstance(due, datetime) else None) for ident, code, due in rows]


def units_to_urge(subject: Subject, viewer: Viewer, now: datetime) -> list[tuple[Unit, int, date]]:
    """Units of the viewer's scope with something to urge about: how many, and the oldest term; the most first."""
    rows = _owed(subject, viewer, now).add_columns(Case.resolving_unit_id.label("unit_id")).subquery()
    found = (
        select(Unit, func.count(), func.min(rows.c.due_on))
        .join(rows, rows.c.unit_id == Unit.id)
        .group_by(Unit.id)
        .order_by(func.count().desc(), Unit.id)
    )
    return [(unit, count, day_of(oldest)) for unit, count, oldest in db.session.execute(found)]


def units_where(subject: Subject, person_id: int, viewer: Viewer, now: datetime) -> Sequence[int]:
    """The units for which a person owes something of a subject."""
    owed = _owed(subject, viewer, now, person_id).with_only_columns(Case.resolving_unit_id)
    return db.session.scalars(owed.distinct().order_by(Case.resolving_unit_id)).all()


def day_of(term: date | datetime) -> date:
    """The day on which a term ended; a due moment has a time of day as well."""
    return term.date() if isinstance(term, datetime) else term


def _owed(subject: Subject, viewer: Viewer, now: datetime, person_id: int | None = None) -> Select[Any]:
    """The cases of a subject in the units the viewer reads by an own role; stale data urge nobody.

    ``person_id``: those that this person owes, in the units the viewer heads as well; of letters only those not handed
    in for signature, as theirs are.
    """
    who: Any
    if subject is Subject.OVERDUE:
        found: Any = select(Case.id, Case.code, Case.ruling_due_at.label("due_on")).where(is_overdue(now), ~is_stale())
        who = Case.officer_id == person_id
    elif subject is Subject.EXPLANATIONS:
        late = ExplanationQuery.visible_to(viewer).past_term(now.date()).statement.subquery()
        found = select(Case.id, Case.code, late.c.due_on.label("due_on")).join(late, late.c.case_id == Case.id)
        who = late.c.holder_id == person_id
    else:
        owed = (Apology.state.in_(OWED_LETTERS), Apology.legacy.is_(False), Apology.opened_on < now.date())
        found = select(Case.id, Case.code, Apology.opened_on.label("due_on")).join(Apology, Apology.case_id == Case.id)
        found = found.where(*owed)
        who = and_(Apology.officer_id == person_id, Apology.submitted_at.is_(None))
    found = found if person_id is None else found.where(who)
    reach = viewer.scope_units if person_id is None else viewer.own_reach
    scoped: Select[Any] = found if viewer.sees_all else found.where(Case.resolving_unit_id.in_(reach))
    return scoped


def latest_notes(
    subject: Subject, unit_ids: Sequence[int], person_id: int | None = None, issuer_id: int | None = None
) -> Mapping[int, UrgingNote]:
    """The newest note about a subject to each of some units; with ``person_id`` to this person there.

    ``issuer_id``: only of this issuer. The office and the head of a unit count their rounds to a person apart.
    """
    to = UrgingNote.person_id.is_(None) if person_id is None else UrgingNote.person_id == person_id
    newest = (
        select(func.max(UrgingNote.id))
        .where(UrgingNote.subject == subject, UrgingNote.unit_id.in_(unit_ids), to)
        .group_by(UrgingNote.unit_id)
    )
    if issuer_id is not None:
        newest = newest.where(UrgingNote.issuer_id == issuer_id)
    return {note.unit_id: note for note in db.session.scalars(select(UrgingNote).where(UrgingNote.id.in_(newest)))}


def cases_of(note_id: int) -> Sequence[UrgedCase]:
    """The lines of a note in its order."""
    return db.session.scalars(select(UrgedCase).where(UrgedCase.note_id == note_id).order_by(UrgedCase.place)).all()


def due_moments_of(note: UrgingNote) -> Sequence[Line]:
    """The cases of a note about overdue ones with the moments of their terms, left out where a term has moved since."""
    if note.subject != Subject.OVERDUE:
        return ()
    found = (
        select(Case.id, UrgedCase.code, UrgedCase.due_on, Case.ruling_due_at)
        .join(Case, Case.id == UrgedCase.case_id)
        .where(UrgedCase.note_id == note.id)
    )
    return [
        Line(*row) for row in db.session.execute(found) if row.ruling_due_at and day_of(row.ruling_due_at) == row.due_on
    ]


def issuer_of(viewer: Viewer, unit_id: int, person_id: int | None, on: date, tree: UnitTree) -> Unit | None:
    """The unit in whose name the viewer urges: that of the post as monitoring office, which watches the unit.

    A person is also urged by the head of the unit: in the name of the nearest unit that the viewer heads.
    """
    if viewer.person_id is None:
        return None
    held = postings_on(on, person_id=viewer.person_id)
    offices = [one.unit for one in held if one.role == Role.MONITORING_OFFICE]
    if offices and (viewer.sees_all or unit_id in viewer.scope_units):
        return offices[0]
    headed = {one.unit_id: one.unit for one in held if one.role == Role.HEAD} if person_id is not None else {}
    above: int | None = unit_id
    while above is not None and above not in headed:
        above = tree.parent(Lines.MANAGED_BY, above)
    return None if above is None else headed[above]


def may_answer(viewer: Viewer, note: UrgingNote) -> bool:
    """Whether the viewer answers for the unit, or records its letter for the office."""
    leads = viewer.may(Permission.ANSWER_URGING) and note.unit_id in viewer.led_units
    office = viewer.may(Permission.URGE_UNITS) and (viewer.sees_all or note.unit_id in viewer.scope_units)
    return note.state != State.ANSWERED and (leads or office)
