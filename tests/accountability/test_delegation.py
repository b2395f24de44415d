"""Power delegated while the person is there: both may act, and whoever acts stands in the trail as himself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import select

from portal import clock
from portal.access import actions as access
from portal.access.models import Absence
from portal.access.queries import viewer_of
from portal.access.rules import AbsenceReason
from portal.accountability.explanations.models import Conclusion, Explanation
from portal.accountability.explanations.rules import Blame, CauseClass
from portal.audit.models import AuditEvent
from portal.database import commit, db
from portal.directory.models import Person
from portal.guard import Role, Viewer
from portal.refusal import Refused
from tests.accountability.conftest import MONDAY, Place, Voices, acting
from tests.accountability.road import conclude, state, submitted
from tests.factories import Make

FULL = (CauseClass.SUBJECTIVE, Blame.FULL, "Để lâu.")


@pytest.fixture(autouse=True)
def _on_the_day(at: Callable[[datetime], None]) -> None:
    at(datetime(2023, 10, 16, 16, 0))


def delegated(head: Person, deputy: Person, by: Viewer, document: str = "GUQ 12/UBND ngày 13/10/2023") -> Absence:
    ids = (head.id, deputy.id)
    db.session.rollback()
    with commit():
        people: list[Any] = [db.session.get(Person, ident) for ident in ids]
        return access.record_absence(
            *people, AbsenceReason.DELEGATED, MONDAY, date(2023, 10, 20), document=document, by=by, at=clock.now(),
            today=MONDAY,
        )  # fmt: skip


def test_the_deputy_concludes_for_the_head_who_is_there(
    explanation: Explanation, voices: Voices, place: Place, make: Make
) -> None:
    deputy = make.officer(place.commune, "Vũ Thị Phó")
    delegated(place.head, deputy, voices.head)
    submitted(explanation, voices)

    conclude(explanation, viewer_of(make.user(deputy), MONDAY), *FULL, today=MONDAY)

    assert state(explanation) == "concluded"
    found = db.session.scalars(select(Conclusion)).one()
    assert (found.decided_by, found.decided_for) == (deputy.id, place.head.id)
    event = db.session.scalars(select(AuditEvent).where(AuditEvent.kind == "explanation.concluded")).one()
    assert event.actor.startswith("Vũ Thị Phó thay Trần Văn Chủ")


def test_the_head_who_delegated_concludes_himself_as_well(
    explanation: Explanation, voices: Voices, place: Place, make: Make
) -> None:
    delegated(place.head, make.officer(place.commune), voices.head)
    submitted(explanation, voices)

    conclude(explanation, voices.head, *FULL, today=MONDAY)

    assert db.session.scalars(select(Conclusion.decided_for)).one() is None


def test_nobody_names_himself_and_no_delegation_is_without_a_document(voices: Voices, place: Place, make: Make) -> None:
    administrator = make.in_role(Role.ADMINISTRATOR, place.district)
    by = acting(administrator, Role.ADMINISTRATOR)

    with pytest.raises(Refused, match="names_himself"):
        delegated(place.head, administrator, by)
    with pytest.raises(Refused, match="delegation_document"):
        delegated(place.head, make.officer(place.commune), voices.head, document=" ")
    assert db.session.scalars(select(Absence)).all() == []


def test_who_delegated_may_stand_in_for_somebody_else(voices: Voices, place: Place, make: Make) -> None:
    delegated(place.head, place.colleague, voices.head)
    other = make.officer(place.commune)
    db.session.rollback()
    with commit():
        people: list[Any] = [db.session.get(Person, ident) for ident in (other.id, place.head.id)]
        access.record_absence(
            *people, AbsenceReason.LEAVE, MONDAY, MONDAY, by=Viewer.for_command(), at=clock.now(), today=MONDAY
        )

    assert len(db.session.scalars(select(Absence)).all()) == 2
