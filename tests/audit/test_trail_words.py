"""The trail in words: what each line is about, and names masked for the auditor."""

from __future__ import annotations

from portal.audit.actions import KINDS
from portal.audit.views import ENTITIES


def test_every_thing_that_has_a_trail_has_a_word() -> None:
    assert {event.entity for event in KINDS.values()} <= set(ENTITIES)


def test_an_auditor_reads_initials_with_the_post_and_vietnamese_words(make, signed_in) -> None:
    unit = make.unit("UBND xã Mẫu")
    signed_in(make.head(unit, "Lê Minh Phúc")).post("/sign-out")

    page = signed_in("auditor", unit).get("/trail").text

    assert "L. M. P. (" in page and "UBND xã Mẫu" in page
    assert "Lê Minh Phúc" not in page
    assert "tài khoản" in page and "account" not in page.replace("/account", "")
