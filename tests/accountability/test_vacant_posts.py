"""The head's post is vacant, or somebody acts as head: explanations and letters find who decides, and are urged."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select

from portal import clock
from portal.access.queries import viewer_of
from portal.accountability.apologies.queries import reach_of, signer_posting
from portal.accountability.explanations.models import Conclusion, Explanation
from portal.accountability.explanations.queries import decider_of, queue_of
from portal.accountability.explanations.rules import Blame, CauseClass, Seat
from portal.database import commit, db
from portal.directory import actions as directory
from portal.directory.models import Person, Posting
from portal.directory.queries import open_postings_of
from portal.guard import Role
from portal.jobs.telling import make_notices
from portal.notices.models import Notice
from tests.accountability.conftest import MONDAY, TUESDAY, Place, Voices
from tests.accountability.road import conclude, submitted
from tests.factories import Make

WEDNESDAY = date(2023, 10, 18)


def leaves(person: Person) -> None:
    """A head's last day is Monday; nobody is named yet."""
    posting_id = open_postings_of(person.id)[0].id
    db.session.rollback()
    with commit():
        directory.end_posting(db.session.get_one(Posting, posting_id), MONDAY, by=None, at=clock.now())


def told(person: Person) -> list[tuple[str, str]]:
    rows = select(Notice.kind, Notice.stage).where(Notice.person_id == person.id).order_by(Notice.id)
    return [(kind.partition(".")[2], stage) for kind, stage in db.session.execute(rows) if "explanations" in kind]


def test_a_vacant_post_leaves_nothing_undecided(
    explanation: Explanation, place: Place, voices: Voices, make: Make
) -> None:
    """The next head up concludes and signs; is urged like any head; the chair of the level is told at last."""
    chair = make.in_role(Role.CHAIR, place.district)
    submitted(explanation, voices)
    leaves(place.head)
    up = viewer_of(make.user(place.district_head), TUESDAY)

    assert decider_of(explanation, TUESDAY).seat is Seat.NEXT_HEAD
    assert len(queue_of(up, TUESDAY)) == 1 and place.commune.id in reach_of(up, TUESDAY).signs
    for day in (17, 20, 24, 26):
        with clock.standing_at(datetime(2023, 10, day, 6)):
            db.session.rollback()
            make_notices(date(2023, 10, day), clock.now())
    assert told(place.district_head) == [
        ("to_conclude", "0"), *(("undecided", stage) for stage in ("first", "second", "next_head")),
    ]  # fmt: skip
    assert told(chair) == [("undecided_below", "")]
    assert explanation.state == "submitted"
    conclude(explanation, up, CauseClass.OBJECTIVE, Blame.NONE, "Chờ thuế.", today=TUESDAY)
    assert db.session.scalars(select(Conclusion.seat)).all() == ["next_head"]


def test_who_acts_as_head_decides_from_their_first_day(
    explanation: Explanation, place: Place, voices: Voices, make: Make
) -> None:
    """Acting is a dated posting as head, by a document, like any other."""
    submitted(explanation, voices)
    leaves(place.head)
    make.posting(place.colleague, place.commune, Role.HEAD, position="Quyền Trưởng phòng", valid_from=WEDNESDAY)
    before, acting = (viewer_of(make.user(place.colleague), day) for day in (TUESDAY, WEDNESDAY))

    assert len(queue_of(before, TUESDAY)) == 0 and len(queue_of(acting, WEDNESDAY)) == 1
    signer = signer_posting(place.commune.id, WEDNESDAY)
    assert signer is not None and signer.person_id == place.colleague.id
    conclude(explanation, acting, CauseClass.OBJECTIVE, Blame.NONE, "Chờ thuế.", today=WEDNESDAY)
    row = db.session.scalars(select(Conclusion)).one()
    assert (row.seat, row.decided_by, row.decided_for) == ("head", place.colleague.id, None)
