"""A number on the home page leads to the list it counts."""

from __future__ import annotations

import re
from datetime import datetime
from html import unescape
from typing import Any

from portal import clock
from tests.factories import Make


def test_answers_past_their_term_are_listed_alone(make: Make, signed_in: Any) -> None:
    district = make.unit(kind="district")
    commune = make.unit(reports_in=district)
    late = {"unit": commune, "officer": make.officer(commune), "finished": "2023-10-12 09:00"}
    make.breach(**late)
    office = signed_in("monitoring_office", district)

    with clock.standing_at(datetime(2023, 10, 30, 9, 0)):
        make.breach(on=datetime(2023, 10, 30).date(), **late)
        home = unescape(office.get("/").text)
        links = set(re.findall(r'href="(/coverage/breaches\?[^"]*past_term[^"]*)"', home))

    assert links and all("part=past_term" in link for link in links)
