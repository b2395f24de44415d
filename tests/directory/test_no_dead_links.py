"""Links lead somewhere: nobody is offered a page that would refuse them."""

from __future__ import annotations

from typing import Any

from tests.factories import Make


def test_the_account_button_stands_only_beside_people_one_manages(make: Make, signed_in: Any) -> None:
    district, elsewhere = make.unit(kind="district"), make.unit(kind="district")
    mine, foreign = make.officer(make.unit(reports_in=district)), make.officer(elsewhere)
    client = signed_in("administrator", district)

    shown = {person.id: client.get(f"/people/{person.id}").text for person in (mine, foreign)}

    assert f"/people/{mine.id}/account" in shown[mine.id]
    assert f"/people/{foreign.id}/account" not in shown[foreign.id]


def test_the_auditor_reads_their_unit_without_a_link_to_the_directory(make: Make, signed_in: Any) -> None:
    unit = make.unit("Thanh tra huyện")

    page = signed_in("auditor", unit).get("/account").text

    assert "Thanh tra huyện" in page and f"/directory/units/{unit.id}" not in page
