"""A number on the home page leads to the list it counts."""

from __future__ import annotations

import re
from datetime import date, datetime
from html import unescape
from typing import Any

from portal import clock
from portal.access.models import Absence
from portal.directory.models import Person, Unit
from tests.factories import Make

MONDAY = date(2023, 10, 16)


def _missed(make: Make, unit: Unit, officers: tuple[Person, ...], on: date) -> list[str]:
    """Codes of cases that missed their term, one for each officer; told on a day, answered within three."""
    case = {"unit": unit, "as_of": "2023-10-09 08:00", "due": "2023-10-05 17:00", "on": on}
    return [make.breach(officer=officer, **case).case.code for officer in officers]


def _opened(client: Any, words: str, home: str) -> tuple[int, str]:
    """The number before some words of the page, and the list that it opens."""
    found = re.search(rf'href="([^"]+)"[^>]*>\s*<[^>]*>(\d+)</[^>]*>\s*<[^>]*>{words}<', home)
    assert found, words
    return int(found[2]), client.get(found[1]).text


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


def test_an_officer_s_numbers_open_exactly_their_lists(make: Make, signed_in: Any, at: Any) -> None:
    """Also of whoever stands in for somebody: the list of everything holds the duties of both."""
    at(datetime(2023, 10, 16, 9, 0))
    commune = make.unit(reports_in=make.unit(kind="district"))
    officer, absent = make.officer(commune), make.officer(commune)
    day = {"first_day": MONDAY, "last_day": MONDAY, "made_by": "", "made_at": clock.now()}
    make.add(Absence(person_id=absent.id, stand_in_id=officer.id, reason="leave", **day))
    past = _missed(make, commune, (officer, absent), date(2023, 10, 9))
    today = _missed(make, commune, (officer, absent), date(2023, 10, 11))
    client = signed_in(officer)
    home = unescape(client.get("/").text)

    everything = client.get("/explanations").text
    assert all(code in everything for code in past + today)
    for words, own, other in (
        ("giải trình quá hạn nộp", past[0], today[0]),
        ("giải trình đến hạn hôm nay", today[0], past[0]),
    ):
        count, listed = _opened(client, words, home)
        assert (count, own in listed, other in listed, past[1] in listed, today[1] in listed) == (
            1,
            True,
            False,
            False,
            False,
        )
    tomorrow = client.get("/explanations?show=due&from=17/10/2023&to=17/10/2023").text
    assert "Không có." in tomorrow and "Mọi giải trình tôi phải làm" in tomorrow

    figures = unescape(client.get("/my-figures").text)
    count, listed = _opened(client, "đang quá hạn", figures)
    assert (count, past[0] in listed, past[1] in listed) == (2, True, False)
