"""Who is told what, and how often: once a stage, in one line a day, and the stand-in too."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask

from portal import clock
from portal.access.models import Absence
from portal.access.queries import viewer_of
from portal.calendars.telling import tell_of_calendar
from portal.database import commit
from portal.notices import actions, bulk, queries
from portal.notices.queries import notices_of
from portal.refusal import Refused
from tests.factories import Make
from tests.notices.conftest import DUTY, MONDAY, NEWS, say


def test_a_thing_is_told_once_a_stage(make: Make) -> None:
    officer = make.officer()

    counts = [say(1, 2, to=officer), say(1, 2, 3, to=officer), say(3, to=officer), say(3, to=officer, stage="first")]

    assert counts == [2, 1, 0, 1]


def test_what_is_new_within_a_day_joins_the_notice_that_was_not_read(make: Make) -> None:
    officer = make.officer()
    say(1, to=officer)
    say(2, to=officer)
    with commit():
        bulk.mark_read(officer.id, clock.now())
    say(3, to=officer)

    told = notices_of(officer.id)

    assert [(one.notice.things, [item.label for item in one.items]) for one in told] == [(1, ["H3"]), (2, ["H1", "H2"])]


def absence(make: Make, person: Any, stand_in: Any, first: date, last: date) -> None:
    facts = {"reason": "leave", "document": "", "note": "", "made_by": "thử", "made_at": clock.now()}
    make.add(Absence(person_id=person.id, stand_in_id=stand_in.id, first_day=first, last_day=last, **facts))


def test_whoever_stands_in_is_told_of_duties_and_of_nothing_else(make: Make) -> None:
    officer, stand_in = make.officer(), make.officer()
    absence(make, officer, stand_in, MONDAY.date(), MONDAY.date())
    say(1, to=officer)
    say(2, to=officer, kind=NEWS)

    told = notices_of(stand_in.id)

    assert [(one.notice.kind, one.notice.for_id) for one in told] == [("test.duty", officer.id)]


def test_a_stand_in_who_comes_later_is_told_of_what_still_stands(make: Make) -> None:
    officer, stand_in = make.officer(), make.officer()
    tomorrow = MONDAY + timedelta(days=1)
    absence(make, officer, stand_in, tomorrow.date(), tomorrow.date())

    assert say(1, to=officer) == 1
    assert say(1, to=officer, on=tomorrow) == 1
    assert queries.unread_of(stand_in.id) == 1


def test_nobody_is_told_in_the_place_of_another_about_their_own_thing(make: Make) -> None:
    head, officer = make.head(), make.officer()
    absence(make, head, officer, MONDAY.date(), MONDAY.date())
    own = actions.Item(entity_id=1, person_id=head.id, label="H1", never=frozenset({officer.id}))

    with commit():
        actions.tell(DUTY, [own], on=MONDAY.date(), at=clock.now())

    assert (queries.unread_of(head.id), queries.unread_of(officer.id)) == (1, 0)


def test_news_can_be_switched_off_and_duties_cannot(make: Make) -> None:
    officer = make.officer()
    me = viewer_of(make.user(officer), MONDAY.date())
    with commit():
        actions.choose(["test.news"], by=me)
    with pytest.raises(Refused, match="is_a_duty"), commit():
        actions.choose(["test.duty"], by=me)

    assert (say(1, to=officer, kind=NEWS), say(1, to=officer)) == (0, 1)


@pytest.mark.parametrize(("day", "told"), [(date(2030, 9, 30), 0), (date(2030, 10, 1), 1), (date(2030, 11, 1), 1)])
def test_a_year_without_calendar_is_told_from_october_on(app: Flask, make: Make, day: date, told: int) -> None:
    make.in_role("administrator")

    assert sum(len(one.items) for one in tell_of_calendar(day, (10, 1))) == told
