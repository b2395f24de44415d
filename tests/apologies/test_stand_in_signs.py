"""Letters while the head is away: the stand-in signs in their own name, and the letter says by what authority."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from portal import clock
from portal.access import actions as access
from portal.access.rules import AbsenceReason
from portal.accountability.apologies.models import Apology
from portal.accountability.apologies.rules import authority_of_stand_in
from portal.audit.models import AuditEvent
from portal.database import commit, db
from portal.directory.models import Person, Posting
from portal.guard import Viewer
from portal.refusal import Refused
from tests.apologies.conftest import TODAY


@pytest.fixture
def stand_in(world: Any) -> Person:
    """A deputy of the unit."""
    person: Person = world.make.posting(world.make.person("Vũ Thị Phó"), world.unit, position="Phó trưởng phòng").person
    return person


def away(world: Any, person: Person, stand_in: Person) -> None:
    ids = (person.id, stand_in.id)
    db.session.rollback()
    with commit():
        who, other = (db.session.get(Person, ident) for ident in ids)
        assert who and other
        access.record_absence(
            who, other, AbsenceReason.TRAVEL, TODAY, TODAY, by=Viewer.for_command(), at=clock.now(), today=TODAY
        )


def test_a_deputy_signs_for_the_head(world: Any, stand_in: Person) -> None:
    apology = world.handed_in(world.waiting())
    away(world, world.head, stand_in)

    signed: Apology = world.signed(apology, by=stand_in)

    assert (signed.signer_id, signed.signed_for) == (stand_in.id, world.head.id)
    assert signed.content is not None and "Vũ Thị Phó" in str(signed.content)
    assert "KT. TRƯỞNG PHÒNG" in str(signed.content)
    actor = db.session.scalars(select(AuditEvent.actor).where(AuditEvent.kind == "apology.signed")).one()
    assert actor.startswith(f"Vũ Thị Phó thay {world.head.full_name}")


def test_nobody_signs_without_an_absence(world: Any, stand_in: Person) -> None:
    apology = world.handed_in(world.waiting())

    with pytest.raises(Refused):
        world.signed(apology, by=stand_in)


def test_the_absent_officer_s_letter_is_drafted_by_the_stand_in(world: Any, stand_in: Person, signed_in: Any) -> None:
    apology = world.waiting()
    away(world, world.officer, stand_in)

    world.handed_in(apology, by=stand_in)

    found = world.found(apology.id)
    assert found.drafted_by == stand_in.id and found.handed_in
    actors = db.session.scalars(select(AuditEvent.actor).where(AuditEvent.kind == "apology.handed_in")).all()
    assert actors and actors[-1].startswith(f"Vũ Thị Phó thay {world.officer.full_name}")


def test_the_page_says_who_signed_for_whom(world: Any, stand_in: Person, signed_in: Any) -> None:
    apology = world.handed_in(world.waiting())
    away(world, world.head, stand_in)
    world.signed(apology, by=stand_in)

    shown = signed_in(world.officer).get(f"/apologies/{apology.id}").text

    assert f"Vũ Thị Phó thay {world.head.full_name}" in shown


@pytest.mark.parametrize(
    ("position", "head", "leads", "lines"),
    [
        ("Phó trưởng phòng", "Trưởng phòng", False, ("KT. TRƯỞNG PHÒNG", "PHÓ TRƯỞNG PHÒNG")),
        ("Phó Chủ tịch", "Chủ tịch", True, ("TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH")),
        ("Chuyên viên", "Trưởng phòng", False, ("TUQ. TRƯỞNG PHÒNG", "CHUYÊN VIÊN")),
        ("", "Giám đốc", False, ("TUQ. GIÁM ĐỐC",)),
    ],
)
def test_by_what_authority_a_stand_in_signs(position: str, head: str, leads: bool, lines: tuple[str, ...]) -> None:
    assert authority_of_stand_in(position, head, leads_a_level=leads) == lines


def test_the_posting_of_the_stand_in_in_the_unit_is_preferred(world: Any, stand_in: Person) -> None:
    elsewhere = world.make.unit()
    world.make.posting(stand_in, elsewhere, position="Chuyên viên biệt phái")
    apology = world.handed_in(world.waiting())
    away(world, world.head, stand_in)

    signed = world.signed(apology, by=stand_in)

    assert "KT. TRƯỞNG PHÒNG" in str(signed.content)
    assert len(db.session.scalars(select(Posting).where(Posting.person_id == stand_in.id)).all()) == 2
