"""The trail in words: what each line is about, and names masked for the auditor."""

from __future__ import annotations

from datetime import datetime

from portal import clock
from portal.accountability.apologies.events import ApologyMailed
from portal.audit import record
from portal.audit.actions import KINDS
from portal.audit.queries import events_of, events_of_case
from portal.audit.views import ENTITIES
from portal.database import commit, db
from portal.guard import Viewer


def test_every_thing_that_has_a_trail_has_a_word() -> None:
    assert {event.entity for event in KINDS.values()} <= set(ENTITIES)


def test_an_auditor_reads_initials_with_the_post_and_vietnamese_words(make, signed_in) -> None:
    unit = make.unit("UBND xã Mẫu")
    signed_in(make.head(unit, "Lê Minh Phúc")).post("/sign-out")

    page = signed_in("auditor", unit).get("/trail").text

    assert "L. M. P. (" in page and "UBND xã Mẫu" in page
    assert "Lê Minh Phúc" not in page
    assert "tài khoản" in page and "account" not in page.replace("/account", "")


def test_a_trail_goes_by_the_moments_it_shows(make) -> None:
    """Also where they were told later: the demonstration plays letters after conclusions of a later day."""
    case_id = make.case().id
    db.session.rollback()
    for day in (5, 2):
        with clock.standing_at(datetime(2023, 10, day, 9, 0)), commit():
            told = ApologyMailed(sha256=str(day))
            record(told, entity_id=1, by=Viewer.for_command(), at=clock.now(), case_id=case_id)

    for trail in (events_of("apology", 1), events_of_case(case_id)):
        assert [event.business_at.day for event in trail] == [2, 5]
