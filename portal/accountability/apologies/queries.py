"""Reading letters. The only way in names the viewer; lists say what waits for whom.

Who may not read applicants reads no letters.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Self

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, or_, select, true, tuple_
from sqlalchemy.orm import joinedload

from portal.access import reach as rights
from portal.accountability.apologies.models import Apology, ApologyReturn, LetterTemplate, SignedCopy
from portal.accountability.apologies.rules import PROMISED, Standing, State, who_signs
from portal.accountability.explanations.models import Explanation
from portal.cases import words
from portal.cases.models import Case, Procedure
from portal.database import db
from portal.directory import queries as directory
from portal.directory.models import Posting
from portal.directory.rules import Line, UnitTree
from portal.guard import Permission, Role, Viewer
from portal.vietnamese import fold

PAGE = 50


class Desk(StrEnum):
    """The lists: what waits for me, step by step, and everything in my scope."""

    TO_DRAFT = "to_draft"
    TO_SIGN = "to_sign"
    TO_NUMBER = "to_number"
    TO_SEND = "to_send"
    RETURNED = "returned"
    MISSED = "missed"
    PROMISED = "promised"
    ALL = "all"


@dataclass(frozen=True)
class ApologyRow:
    """A letter with the names a list shows."""

    apology: Apology
    case_code: str
    procedure: str
    unit: str
    officer: str
    finished_at: datetime | None


@dataclass(frozen=True)
class ApologyQuery:
    """Letters a viewer may read, narrowed step by step; then counted or read page by page."""

    viewer: Viewer
    conditions: tuple[ColumnElement[bool], ...] = ()

    @classmethod
    def visible_to(cls, viewer: Viewer) -> Self:
        """Their own letters, those of the units their roles read, and those of the units whose stamp they keep."""
        if viewer.masks_applicant:
            return cls(viewer, (false(),))
        if viewer.sees_all:
            return cls(viewer)
        units = viewer.readable_units | viewer.clerk_units
        own = (Apology.officer_id.in_(viewer.person_ids), Apology.drafted_by == viewer.person_id)
        mine = own if viewer.person_id is not None else ()
        return cls(viewer, (or_(Apology.unit_id.in_(sorted(units)), *mine),))

    def where(self, *conditions: ColumnElement[bool]) -> Self:
        """Narrow by further conditions."""
        return replace(self, conditions=(*self.conditions, *conditions))

    def on_desk(self, desk: Desk, reach: Reach, on: date) -> Self:
        """The letters that wait for a step this viewer takes, or whose new date was missed before ``on``."""
        return self.where(_waits(desk, self.viewer, reach, on))

    def in_state(self, state: str) -> Self:
        """Letters in one state."""
        return self.where(Apology.state == state)

    def of_unit(self, unit_id: int) -> Self:
        """Letters of one resolving unit."""
        return self.where(Apology.unit_id == unit_id)

    def matching(self, text: str) -> Self:
        """Letters of cases whose code, procedure or officer holds every word typed."""
        words = [Case.search.contains(word, autoescape=True) for word in fold(text).split()]
        return self.where(*words)

    def after(self, due_at: datetime, apology_id: int) -> Self:
        """The page after a letter, the oldest terms first."""
        return self.where(tuple_(Apology.due_at, Apology.id) > (due_at, apology_id))

    def count(self) -> int:
        """How many there are, exactly."""
        found = select(func.count()).select_from(Apology).join(Case, Case.id == Apology.case_id)
        return db.session.scalar(found.where(*self.conditions)) or 0

    def page(self, size: int = PAGE) -> Sequence[ApologyRow]:
        """The first page, and one row more when there is another."""
        found = (
            select(Apology, Case.code, Procedure.title, Case.finished_at)
            .join(Case, Case.id == Apology.case_id)
            .outerjoin(Procedure, Procedure.id == Case.procedure_id)
            .where(*self.conditions)
            .options(joinedload(Apology.unit), joinedload(Apology.officer), joinedload(Apology.signer))
            .order_by(Apology.due_at, Apology.id)
            .limit(size + 1)
        )
        return [
            ApologyRow(row, code, title or "", row.unit.name, row.officer.full_name if row.officer else "", finished)
            for row, code, title, finished in db.session.execute(found)
        ]

    def letters(self) -> Select[Apology]:
        """The letters with case, unit and officer, the oldest terms first; for a step that many take together."""
        found = select(Apology).join(Case, Case.id == Apology.case_id).where(*self.conditions)
        loaded = (joinedload(Apology.case), joinedload(Apology.unit), joinedload(Apology.officer))
        return found.options(*loaded).order_by(Apology.due_at, Apology.id)

    def get(self, apology_id: int) -> Apology | None:
        """One letter of the scope with its case and unit; None when it is out of scope or does not exist."""
        found = (
            select(Apology)
            .join(Case, Case.id == Apology.case_id)
            .where(Apology.id == apology_id, *self.conditions)
            .options(joinedload(Apology.case), joinedload(Apology.unit), joinedload(Apology.officer))
        )
        return db.session.scalar(found)


@dataclass(frozen=True)
class Reach:
    """The units whose letters a viewer signs today, and those whose letters they number and send."""

    signs: frozenset[int] = frozenset()
    numbers: frozenset[int] = frozenset()


def reach_of(viewer: Viewer, on: date) -> Reach:
    """What a viewer signs (their own units and vacant ones below) and numbers (as clerk, or where no clerk serves)."""
    units = signable_units(viewer)
    if viewer.person_id is None or not viewer.may(Permission.SIGN_LETTERS) or not units:
        return Reach(numbers=viewer.clerk_units)
    seats = seats_on(on)
    signers = {unit_id: seats.signer(unit_id) for unit_id in units}
    signs = frozenset(unit for unit, signer in signers.items() if signer and signer.person_id in viewer.person_ids)
    return Reach(signs, viewer.clerk_units | (signs - seats.stamped))


def signable_units(viewer: Viewer) -> frozenset[int]:
    """The units among which are those whose letters the viewer signs, by an own role or as a stand-in."""
    found = viewer.led_units | (viewer.scope_units if Role.CHAIR in viewer.roles else frozenset())
    return found.union(*(one.scope_units for one in viewer.acting_for if Role.CHAIR in one.roles))


@dataclass(frozen=True)
class OnDesk:
    """The letters on one desk: how many, and of those in use since the portal the first opened, the first due day.

    ``promised``: the nearest new date among them.
    """

    count: int = 0
    opened: date | None = None
    due_at: datetime | None = None
    promised: date | None = None


def desk_counts(viewer: Viewer, reach: Reach, on: date) -> dict[Desk, OnDesk]:
    """The letters that wait on each desk of this viewer on a day, and all there are; one query."""
    return desks_in(dict(db.session.execute(desks_statement(viewer, reach, on)).one()._mapping))


def desks_in(row: Mapping[str, Any]) -> dict[Desk, OnDesk]:
    """What a row of ``desks_statement`` says."""
    return {desk: OnDesk(*(row[name] for name in _names_of(desk))) for desk in Desk}


def _names_of(desk: Desk) -> tuple[str, ...]:
    return tuple(f"letters_{desk}_{part}" for part in ("count", "opened", "due_at", "promised"))


def desks_statement(viewer: Viewer, reach: Reach, on: date) -> Select[Any]:
    """The one row of ``desk_counts``, to be read along with something else."""
    query = ApologyQuery.visible_to(viewer)
    columns: list[ColumnElement[Any]] = []
    for desk in Desk:
        waits = _waits(desk, viewer, reach, on)
        timed = and_(waits, Apology.legacy.is_(False))
        values: tuple[ColumnElement[Any], ...] = (
            func.count().filter(waits),
            func.min(Apology.opened_on).filter(timed),
            func.min(Apology.due_at).filter(timed),
            func.min(Apology.new_date).filter(waits),
        )
        columns += [value.label(name) for name, value in zip(_names_of(desk), values, strict=True)]
    return select(*columns).select_from(Apology).where(*query.conditions)


def _waits(desk: Desk, viewer: Viewer, reach: Reach, on: date) -> ColumnElement[bool]:
    if desk is Desk.TO_DRAFT:
        return and_(_with_drafter(), _drafts(viewer))
    if desk is Desk.TO_SIGN:
        handed_in = and_(Apology.state == State.DRAFT, Apology.submitted_at.is_not(None))
        return and_(handed_in, Apology.unit_id.in_(sorted(reach.signs)))
    if desk is Desk.RETURNED:
        sent_back = exists().where(ApologyReturn.apology_id == Apology.id).correlate(Apology)
        return and_(_with_drafter(), _drafts(viewer), sent_back)
    if desk is Desk.MISSED:
        return _promise_broken(on)
    if desk is Desk.PROMISED:
        return and_(_promised(), Apology.new_date >= on, _keeps(viewer))
    if desk is Desk.ALL:
        return true()
    wanted = State.SIGNED if desk is Desk.TO_NUMBER else State.NUMBERED
    return and_(Apology.state == wanted, Apology.unit_id.in_(sorted(reach.numbers)))


def _promise_broken(on: date) -> ColumnElement[bool]:
    """The new date that a letter promised has gone by and the case is still open (§3.1): no second one is possible."""
    return and_(_promised(), Apology.new_date < on)


def _promised() -> ColumnElement[bool]:
    """A new date stands in an issued letter, and its case is still open."""
    still_open = exists().where(Case.id == Apology.case_id, words.is_open()).correlate(Apology)
    return and_(Apology.state.in_((State.NUMBERED, State.SENT)), Apology.new_date.is_not(None), still_open)


def _keeps(viewer: Viewer) -> ColumnElement[bool]:
    """Who keeps a promise: the officer of the case, and the head of its unit."""
    return or_(Apology.officer_id.in_(viewer.person_ids), Apology.unit_id.in_(sorted(viewer.led_units)))


def promised_before(apology: Apology) -> Apology | None:
    """Another letter that already promised a new date for the same due moment of the case."""
    found = select(Apology).where(
        Apology.case_id == apology.case_id, Apology.due_at == apology.due_at, Apology.id != apology.id,
        Apology.new_date.is_not(None), Apology.state.in_(PROMISED),
    )  # fmt: skip
    return db.session.scalars(found).first()


def _with_drafter() -> ColumnElement[bool]:
    draft = and_(Apology.state == State.DRAFT, Apology.submitted_at.is_(None))
    return or_(Apology.state == State.WAITING, draft)


def _drafts(viewer: Viewer) -> ColumnElement[bool]:
    """The officer's own; to a head also those of nobody known in the units directly his."""
    if not viewer.may(Permission.DRAFT_LETTERS) or viewer.person_id is None:
        return false()
    own = Apology.officer_id.in_(viewer.person_ids)
    nobodys = and_(Apology.officer_id.is_(None), Apology.unit_id.in_(sorted(viewer.led_units)))
    return or_(own, nobodys)


@dataclass(frozen=True)
class Seats:
    """The tree of a day, who leads each unit, and the units whose stamp somebody keeps; read once, asked often.

    ``leaders``: the head of a unit, or the chair of a People's Committee that has no other head.
    """

    tree: UnitTree
    leaders: Mapping[int, Posting]
    stamped: frozenset[int]
    stand_in: StandIn | None = None

    def signer(self, unit_id: int) -> Posting | None:
        """The posting from which letters of a unit are signed: its leader's, or the next one's upward."""
        line = self.tree.upward(Line.MANAGED_BY, unit_id)
        found = who_signs(line, {led: posting.person_id for led, posting in self.leaders.items()})
        return self.leaders[found[0]] if found else None


@dataclass(frozen=True)
class StandIn:
    """From which posting the viewer signs for people who are absent, one posting for each unit led by them."""

    absent: frozenset[int]
    postings: tuple[Posting, ...]

    def posting_for(self, signer: Posting) -> Posting | None:
        """The stand-in's posting for an absent signer: in the same unit where there is one; None: no stand-in."""
        if signer.person_id not in self.absent or not self.postings:
            return None
        return next((row for row in self.postings if row.unit_id == signer.unit_id), self.postings[0])


def seats_on(on: date, by: Viewer | None = None) -> Seats:
    """The seats of a day, in two statements; one more for ``by`` who stands in for somebody."""
    tree = directory.load_tree(on, with_ended=True)
    wanted = or_(Posting.role.in_((Role.HEAD, Role.CHAIR)), Posting.is_clerk)
    lasting = or_(Posting.valid_to.is_(None), Posting.valid_to >= on)
    held = db.session.scalars(
        select(Posting)
        .where(wanted, Posting.valid_from <= on, lasting)
        .options(joinedload(Posting.person), joinedload(Posting.unit))
        .order_by(Posting.valid_from, Posting.id)
    ).all()
    chairs = {posting.unit_id: posting for posting in held if posting.role == Role.CHAIR}
    heads = {posting.unit_id: posting for posting in held if posting.role == Role.HEAD}
    clerks = [rights.Held(row.id, row.unit_id, Role.OFFICER, True) for row in held if row.is_clerk]
    stand_in = None
    if by is not None and by.acting_for and by.person_id is not None:
        own = tuple(directory.postings_on(on, person_id=by.person_id))
        stand_in = StandIn(by.person_ids - {by.person_id}, own)
    return Seats(tree, {**chairs, **heads}, rights.reach_of(clerks, tree).clerk, stand_in)


def signer_posting(unit_id: int, on: date) -> Posting | None:
    """The posting from which letters of a unit are signed on a day."""
    return seats_on(on).signer(unit_id)


def standing_of(viewer: Viewer, apology: Apology, seats: Seats) -> Standing:
    """What the viewer is to a letter on the day of ``seats``; permissions included: pages and actions ask the same."""
    signer, person = seats.signer(apology.unit_id), viewer.person_id
    drafts = viewer.may(Permission.DRAFT_LETTERS) and person is not None
    reaches = viewer.sees_all or apology.unit_id in viewer.own_reach
    return Standing(
        is_officer=drafts and apology.officer_id in viewer.person_ids,
        is_drafter=drafts and apology.drafted_by == person,
        heads_unit=drafts and apology.unit_id in viewer.led_units,
        is_signer=viewer.may(Permission.SIGN_LETTERS) and signer is not None and signer.person_id in viewer.person_ids,
        is_clerk=viewer.may(Permission.NUMBER_LETTERS) and apology.unit_id in viewer.clerk_units,
        unit_has_clerk=apology.unit_id in seats.stamped,
        may_exempt=viewer.may(Permission.EXEMPT_LETTERS) and reaches,
    )


def stated_cause_id(apology: Apology) -> int | None:
    """The cause the officer stated in the explanation of the same breach; the letter proposes its sentence."""
    if apology.breach_id is None:
        return None
    return db.session.scalar(select(Explanation.cause_id).where(Explanation.breach_id == apology.breach_id))


def explanation_id(apology: Apology) -> int | None:
    """The explanation of the same breach."""
    if apology.breach_id is None:
        return None
    return db.session.scalar(select(Explanation.id).where(Explanation.breach_id == apology.breach_id))


def procedure_title(case: Case) -> str:
    """What was applied for."""
    procedure = db.session.get(Procedure, case.procedure_id) if case.procedure_id else None
    return procedure.title if procedure else ""


def returns_of(apology: Apology) -> Sequence[ApologyReturn]:
    """How often the letter was sent back, with the text as it then was; the newest first."""
    found = select(ApologyReturn).where(ApologyReturn.apology_id == apology.id).options(joinedload(ApologyReturn.by))
    return db.session.scalars(found.order_by(ApologyReturn.id.desc())).all()


def template_in_force(unit_id: int, kind: str, on: date) -> LetterTemplate | None:
    """The own Word file for letters of a unit on a day: its own, else that of the nearest unit that manages it."""
    line = directory.load_tree(on, with_ended=True).upward(Line.MANAGED_BY, unit_id)
    running = or_(LetterTemplate.withdrawn_on.is_(None), LetterTemplate.withdrawn_on > on)
    found = select(LetterTemplate).where(
        LetterTemplate.unit_id.in_(line), LetterTemplate.kind == kind, LetterTemplate.valid_from <= on, running
    )
    rows = db.session.scalars(found.order_by(LetterTemplate.valid_from.desc(), LetterTemplate.id.desc())).all()
    return min(rows, key=lambda row: list(line).index(row.unit_id), default=None)


def templates_of(unit_ids: Sequence[int]) -> Sequence[LetterTemplate]:
    """The Word files of some units, the newest first."""
    found = select(LetterTemplate).where(LetterTemplate.unit_id.in_(unit_ids)).options(joinedload(LetterTemplate.unit))
    return db.session.scalars(found.order_by(LetterTemplate.id.desc())).all()


def copies_of(apology: Apology) -> Sequence[SignedCopy]:
    """The signed copies of the letter as it is issued now, the newest first; those of a cancelled number are none."""
    found = select(SignedCopy).where(SignedCopy.apology_id == apology.id)
    current = found.where(SignedCopy.base_sha256 == apology.file_sha256).options(joinedload(SignedCopy.by))
    return db.session.scalars(current.order_by(SignedCopy.id.desc())).all()


def electronic_copies(apology_ids: Sequence[int]) -> Sequence[SignedCopy]:
    """The electronically signed copies of letters, the oldest first; of cancelled numbers too."""
    found = select(SignedCopy).where(SignedCopy.apology_id.in_(apology_ids), SignedCopy.signatures.is_not(None))
    return db.session.scalars(found.order_by(SignedCopy.id)).all()


def copy_of(apology: Apology, copy_id: int) -> SignedCopy | None:
    """One signed copy of a letter, also of a number that was cancelled."""
    copy = db.session.get(SignedCopy, copy_id)
    return copy if copy is not None and copy.apology_id == apology.id else None


def apology_of_breach(breach_id: int) -> Apology | None:
    """The letter that belongs to a breach."""
    return db.session.scalar(select(Apology).where(Apology.breach_id == breach_id))


def of_case(case_id: int) -> Sequence[Apology]:
    """All letters of a case, the oldest term first."""
    found = select(Apology).where(Apology.case_id == case_id).order_by(Apology.due_at, Apology.id)
    return db.session.scalars(found).all()


def promises() -> Select[int | None, date | None]:
    """Breach and day of every new date that a letter promised."""
    given = Apology.state.in_((State.NUMBERED, State.SENT))
    found = select(Apology.breach_id, Apology.new_date.label("promised_on"))
    return found.where(given, Apology.new_date.is_not(None), Apology.breach_id.is_not(None))
