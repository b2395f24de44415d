"""Reading letters. The only way in names the viewer; lists say what waits for whom.

Who may not read applicants reads no letters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Self

from sqlalchemy import ColumnElement, and_, false, func, or_, select, true, tuple_
from sqlalchemy.orm import joinedload

from portal.accountability.apologies.models import Apology, ApologyReturn
from portal.accountability.apologies.rules import Standing, State, who_signs
from portal.accountability.explanations.models import Explanation
from portal.cases.models import Case, Procedure
from portal.database import db
from portal.directory import queries as directory
from portal.directory.models import Posting
from portal.directory.rules import Line, UnitTree, in_force
from portal.guard import Permission, Viewer
from portal.vietnamese import fold

PAGE = 50


class Desk(StrEnum):
    """The lists: what waits for me, step by step, and everything in my scope."""

    TO_DRAFT = "to_draft"
    TO_SIGN = "to_sign"
    TO_NUMBER = "to_number"
    TO_SEND = "to_send"
    ALL = "all"


@dataclass(frozen=True)
class ApologyRow:
    """A letter with the names a list shows."""

    apology: Apology
    case_code: str
    procedure: str
    unit: str
    officer: str


@dataclass(frozen=True)
class ApologyQuery:
    """Letters a viewer may read, narrowed step by step; then counted or read page by page."""

    viewer: Viewer
    conditions: tuple[ColumnElement[bool], ...] = ()

    @classmethod
    def visible_to(cls, viewer: Viewer) -> Self:
        """Their own letters, those of the units their roles read, and those of the units whose stamp they keep."""
        if viewer.sees_all:
            return cls(viewer)
        if viewer.masks_applicant:
            return cls(viewer, (false(),))
        units = viewer.readable_units | viewer.clerk_units
        own = (Apology.officer_id == viewer.person_id, Apology.drafted_by == viewer.person_id)
        mine = own if viewer.person_id is not None else ()
        return cls(viewer, (or_(Apology.unit_id.in_(sorted(units)), *mine),))

    def where(self, *conditions: ColumnElement[bool]) -> Self:
        """Narrow by further conditions."""
        return replace(self, conditions=(*self.conditions, *conditions))

    def on_desk(self, desk: Desk, on: date) -> Self:
        """The letters that wait for a step this viewer takes."""
        return self.where(_waits(desk, self.viewer, on))

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
            select(Apology, Case.code, Procedure.title)
            .join(Case, Case.id == Apology.case_id)
            .outerjoin(Procedure, Procedure.id == Case.procedure_id)
            .where(*self.conditions)
            .options(joinedload(Apology.unit), joinedload(Apology.officer))
            .order_by(Apology.due_at, Apology.id)
            .limit(size + 1)
        )
        return [
            ApologyRow(row, code, title or "", row.unit.name, row.officer.full_name if row.officer else "")
            for row, code, title in db.session.execute(found)
        ]

    def get(self, apology_id: int) -> Apology | None:
        """One letter of the scope with its case and unit; None when it is out of scope or does not exist."""
        found = (
            select(Apology)
            .join(Case, Case.id == Apology.case_id)
            .where(Apology.id == apology_id, *self.conditions)
            .options(joinedload(Apology.case), joinedload(Apology.unit), joinedload(Apology.officer))
        )
        return db.session.scalar(found)


def _waits(desk: Desk, viewer: Viewer, on: date) -> ColumnElement[bool]:
    if desk is Desk.TO_DRAFT:
        return and_(_with_drafter(), _drafts(viewer))
    if desk is Desk.TO_SIGN:
        units = signing_units(viewer, on)
        return and_(Apology.state == State.DRAFT, Apology.submitted_at.is_not(None), Apology.unit_id.in_(sorted(units)))
    if desk is Desk.ALL:
        return true()
    wanted = State.SIGNED if desk is Desk.TO_NUMBER else State.NUMBERED
    return and_(Apology.state == wanted, Apology.unit_id.in_(sorted(numbering_units(viewer, on))))


def _with_drafter() -> ColumnElement[bool]:
    draft = and_(Apology.state == State.DRAFT, Apology.submitted_at.is_(None))
    return or_(Apology.state == State.WAITING, draft)


def _drafts(viewer: Viewer) -> ColumnElement[bool]:
    """The officer's own; to a head also those of nobody known in the units directly his."""
    if not viewer.may(Permission.DRAFT_LETTERS) or viewer.person_id is None:
        return false()
    own = Apology.officer_id == viewer.person_id
    nobodys = and_(Apology.officer_id.is_(None), Apology.unit_id.in_(sorted(viewer.headed_units)))
    return or_(own, nobodys)


def clerk_unit_ids(on: date) -> frozenset[int]:
    """Units that have somebody keeping their stamp on a day."""
    held = select(Posting.unit_id, Posting.valid_from, Posting.valid_to).where(Posting.is_clerk)
    return frozenset(row.unit_id for row in db.session.execute(held) if in_force(row.valid_from, row.valid_to, on))


def signing_units(viewer: Viewer, on: date) -> frozenset[int]:
    """Units whose letters this viewer signs on a day: their own, and vacant ones below."""
    if not viewer.may(Permission.SIGN_LETTERS) or viewer.person_id is None:
        return frozenset()
    tree = directory.load_tree(on)
    heads = {unit_id: posting.person_id for unit_id, posting in directory.heads_on(on).items()}
    return frozenset(
        unit_id
        for unit_id in viewer.headed_units
        if (who_signs(_line(tree, unit_id), heads) or (0, 0))[1] == viewer.person_id
    )


def numbering_units(viewer: Viewer, on: date) -> frozenset[int]:
    """Units whose letters this viewer numbers and sends: as clerk, or as signing head where there is no clerk."""
    return frozenset(viewer.clerk_units) | (signing_units(viewer, on) - clerk_unit_ids(on))


def _line(tree: UnitTree, unit_id: int) -> tuple[int, ...]:
    return (unit_id, *tree.ancestors(Line.MANAGED_BY, unit_id))


def signer_posting(unit_id: int, on: date) -> Posting | None:
    """The posting from which letters of a unit are signed on a day: its head, or the next head upward."""
    heads = directory.heads_on(on)
    tree = directory.load_tree(on, with_ended=True)
    found = who_signs(_line(tree, unit_id), {headed: posting.person_id for headed, posting in heads.items()})
    return directory.posting_by_id(heads[found[0]].id) if found else None


def standing_of(viewer: Viewer, apology: Apology, on: date) -> Standing:
    """What the viewer is to a letter on a day; permissions included, so that pages and actions ask the same."""
    signer = signer_posting(apology.unit_id, on)
    person = viewer.person_id
    known = person is not None
    drafts, signs = viewer.may(Permission.DRAFT_LETTERS), viewer.may(Permission.SIGN_LETTERS)
    reaches = apology.unit_id in viewer.readable_units or viewer.sees_all
    return Standing(
        is_officer=known and drafts and apology.officer_id == person,
        is_drafter=known and drafts and apology.drafted_by == person,
        heads_unit=known and drafts and apology.unit_id in viewer.headed_units,
        is_signer=known and signs and signer is not None and signer.person_id == person,
        is_clerk=viewer.may(Permission.NUMBER_LETTERS) and apology.unit_id in viewer.clerk_units,
        unit_has_clerk=apology.unit_id in clerk_unit_ids(on),
        may_exempt=viewer.may(Permission.EXEMPT_LETTERS) and reaches,
    )


def stated_cause_id(apology: Apology) -> int | None:
    """The cause the officer stated in the explanation of the same breach; the letter proposes its sentence."""
    if apology.breach_id is None:
        return None
    return db.session.scalar(select(Explanation.cause_id).where(Explanation.breach_id == apology.breach_id))


def returns_of(apology: Apology) -> Sequence[ApologyReturn]:
    """How often the letter was sent back, with the text as it then was; the newest first."""
    found = select(ApologyReturn).where(ApologyReturn.apology_id == apology.id).options(joinedload(ApologyReturn.by))
    return db.session.scalars(found.order_by(ApologyReturn.id.desc())).all()


def apology_of_breach(breach_id: int) -> Apology | None:
    """The letter that belongs to a breach."""
    return db.session.scalar(select(Apology).where(Apology.breach_id == breach_id))


def of_case(case_id: int) -> Sequence[Apology]:
    """All letters of a case, the oldest term first."""
    found = select(Apology).where(Apology.case_id == case_id).order_by(Apology.due_at, Apology.id)
    return db.session.scalars(found).all()
