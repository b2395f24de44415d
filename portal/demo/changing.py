"""What people go through beside the plain road: one left, one is on leave, a section reads first, somebody objects.

Most of it happens in the land-registry branch, whose people stand on the cards of the sign-in page: a visitor finds
each duty on the home page of whom it concerns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Self

from sqlalchemy import and_, func, select

from portal import clock
from portal.access.actions import record_absence
from portal.access.rules import AbsenceReason
from portal.accountability.apologies import actions as letters
from portal.accountability.apologies.models import Apology
from portal.accountability.apologies.queries import signer_posting
from portal.accountability.apologies.rules import State as LetterState
from portal.accountability.explanations.actions import reconsidering, writing
from portal.accountability.explanations.leave import follow_leave
from portal.accountability.explanations.models import Conclusion, Explanation
from portal.accountability.explanations.rules import WRITABLE, Answer, Blame
from portal.calendars.queries import current_calendar
from portal.cases.words import word
from portal.database import commit, db
from portal.demo import places
from portal.demo.beside import unit_of, who_is
from portal.demo.details import details_of
from portal.demo.duties import Players
from portal.demo.further import busiest
from portal.demo.texts import LETTER_RETURNED, NOT_MINE, OBJECTION, STORIES
from portal.directory.actions import add_posting, create_unit, end_posting, set_parent
from portal.directory.models import Person, Posting, Unit
from portal.directory.rules import Line, UnitKind
from portal.guard import Role, Viewer
from portal.policy import queries as policy
from portal.policy.actions import set_value

SECTION = ("H16.40.117.1", "Tổ Đăng ký và cấp giấy chứng nhận")
SECTION_FROM = date(2023, 10, 2)
LEFT_AFTER = date(2023, 10, 13)
ON_LEAVE = (date(2023, 10, 16), date(2023, 10, 20))


@dataclass(frozen=True)
class Cast:
    """Who plays what in the branch; the busiest is the officer of the card, who also stands in for a colleague."""

    busiest: int
    reader: int
    writer: int
    leaver: int
    away: int

    @classmethod
    def choose(cls) -> Self:
        """Of the branch's officers, those with most to write first, without its clerk, its deputy and the two busiest.

        Who leaves is the one with least to hand over.
        """
        branch = unit_of(places.LAND_BRANCH).id
        serving = (Posting.unit_id == branch, Posting.role == Role.OFFICER)
        deputy = select(Posting.person_id).where(*serving).order_by(Posting.id.desc()).limit(1)
        to_write = Explanation.state.in_([word(state) for state in WRITABLE])
        found = (
            select(Posting.person_id)
            .outerjoin(Explanation, and_(Explanation.holder_id == Posting.person_id, to_write))
            .where(*serving, ~Posting.is_clerk, Posting.person_id != deputy.scalar_subquery())
            .where(Posting.person_id.not_in((busiest(0), busiest(1))))
            .group_by(Posting.id, Posting.person_id)
            .order_by(func.count(Explanation.id).desc(), Posting.id)
        )
        writer, reader, *others = db.session.scalars(found).all()
        return cls(busiest(0), reader, writer, leaver=others[-1], away=others[0])


def change_people(players: Players, by: Viewer) -> None:
    """Play all of it, on the day of the demonstration; ``by``: who keeps the directory and the rules."""
    cast = Cast.choose()
    _say_not_mine(cast, players)
    _read_in_section(cast, players, by)
    _leave(cast, by)
    _go_on_leave(cast, by)
    _object(players)
    _send_letter_back(cast, players)


def _person(person_id: int) -> Person:
    return db.session.get_one(Person, person_id)


def _to_write(person_id: int) -> Sequence[Explanation]:
    """What a person has to write and has not begun, the first due first."""
    waiting = (Explanation.holder_id == person_id, Explanation.state == word("waiting"))
    found = select(Explanation).where(*waiting, Explanation.stopped_at.is_(None))
    return db.session.scalars(found.order_by(Explanation.due_on, Explanation.id)).all()


def _say_not_mine(cast: Cast, players: Players) -> None:
    """An officer names a colleague; the head answers."""
    explanation = _to_write(cast.writer)[-1]
    with commit():
        writing.say_not_mine(
            explanation, named_id=cast.reader, step="", reason=NOT_MINE, by=players.of(cast.writer), at=clock.now()
        )


def _read_in_section(cast: Cast, players: Players, by: Viewer) -> None:
    """The branch has a section whose head reads first; one answer waits for them."""
    branch, at = unit_of(places.LAND_BRANCH).id, clock.now()
    with commit():
        code, name = SECTION
        section = create_unit(code, name, UnitKind.OFFICE, by=by, at=at, valid_from=SECTION_FROM)
        for line in Line:
            set_parent(section, line, db.session.get_one(Unit, branch), from_=SECTION_FROM, by=by, at=at)
        for person_id, role, position in (
            (cast.reader, Role.HEAD, "Tổ trưởng"), (cast.writer, Role.OFFICER, "Viên chức"),
        ):  # fmt: skip
            add_posting(_person(person_id), section, role, by=by, at=at, position=position, valid_from=SECTION_FROM)
        basis = "Quy chế giải trình của UBND huyện (minh hoạ)"
        set_value("explanation.section_step", True, valid_from=clock.today(), basis=basis, by=by, at=at)
    explanation, today = _to_write(cast.writer)[0], clock.today()
    story = next(story for story in STORIES if story.cause == "QT")
    cause = policy.cause_of(story.cause, today)
    answer = Answer(
        cause.id if cause else None, story.happened, story.remedy, story.commitment,
        current_calendar().add_working_days(today, 4), details=details_of(story, explanation.case),
    )  # fmt: skip
    writer = players.of(cast.writer)
    with commit():
        writing.submit(explanation, answer, version=explanation.version, by=writer, at=at, today=today)


def _leave(cast: Cast, by: Viewer) -> None:
    """An officer left on Friday; what they held waits until the head names somebody."""
    held = select(Posting).where(Posting.person_id == cast.leaver, Posting.valid_to.is_(None))
    with commit():
        for posting in db.session.scalars(held).all():
            end_posting(posting, LEFT_AFTER, by=by, at=clock.now())


def _go_on_leave(cast: Cast, by: Viewer) -> None:
    """An officer is on leave this week: the terms stand, and the officer of the card stands in."""
    today = clock.today()
    with commit():
        record_absence(
            _person(cast.away), _person(cast.busiest), AbsenceReason.LEAVE, *ON_LEAVE,
            document="Đơn xin nghỉ phép ngày 11/10/2023", by=by, at=clock.now(), today=today,
        )  # fmt: skip
        follow_leave(by=by, at=clock.now(), person_id=cast.away)


def _object(players: Players) -> None:
    """An officer of a commune objects to full blame; the chair of the district decides."""
    found = (
        select(Explanation)
        .join(Conclusion, Conclusion.id == Explanation.conclusion_id)
        .join(Unit, Unit.id == Explanation.unit_id)
        .where(Conclusion.blame == word(Blame.FULL), Unit.kind == UnitKind.COMMUNE)
        .order_by(Conclusion.decided_on.desc(), Explanation.id)
    )
    explanation = db.session.scalars(found.limit(1)).one()
    by, version = players.of(explanation.responsible_id or 0), explanation.version
    with commit():
        reconsidering.object_to(explanation, OBJECTION, version=version, by=by, at=clock.now(), today=clock.today())


def _send_letter_back(cast: Cast, players: Players) -> None:
    """The head gives a letter back, of somebody who stands on a card where one was handed in."""
    handed_in = (Apology.state == word(LetterState.DRAFT), Apology.submitted_at.is_not(None))
    on_card = Apology.officer_id.in_((cast.busiest, cast.reader))
    found = select(Apology).where(*handed_in).order_by(~on_card, Apology.due_at, Apology.id)
    apology = db.session.scalars(found.limit(1)).one()
    signer = signer_posting(apology.unit_id, clock.today())
    head = players.of(signer.person_id if signer else who_is(Role.CHAIR))
    with commit():
        letters.send_back(apology, LETTER_RETURNED, version=apology.version, by=head, at=clock.now(), on=clock.today())
