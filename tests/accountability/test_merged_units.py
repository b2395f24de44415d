"""After a merger: duties stay with the commune of their day, the successor's head sees and concludes them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest

from portal import clock
from portal.accountability.explanations import queries
from portal.accountability.explanations.models import Explanation
from portal.database import commit, db
from portal.directory import reorganising
from portal.directory.models import Person, Unit
from portal.directory.rules import SuccessionKind
from tests.accountability.conftest import Place
from tests.factories import Make

TAKEN_OVER = date(2023, 10, 16)


@pytest.fixture
def new_head(make: Make, place: Place, explanation: Explanation, at: Callable[[datetime], None]) -> Person:
    """The head of the commune that took over on Monday; the commune of the case has ended, its head is gone."""
    at(datetime(2023, 10, 16, 16, 0))
    new = make.unit("Xã Mới", reports_in=place.district)
    ids = place.commune.id, new.id
    db.session.rollback()
    with commit():
        old, successor = (db.session.get_one(Unit, ident) for ident in ids)
        reorganising.succeed(
            [old], [successor], SuccessionKind.MERGE, on=TAKEN_OVER, document=reorganising.Document("NQ 1"), keep={},
            by=None, at=clock.now(),
        )  # fmt: skip
    return make.head(db.session.get_one(Unit, ids[1]), "Đinh Thị Kế")


def test_the_successor_s_head_decides(explanation: Explanation, new_head: Person) -> None:
    decider = queries.decider_of(explanation, TAKEN_OVER)

    assert decider.person_id == new_head.id and explanation.unit.name == "Xã Thử"


def test_the_day_before_it_was_the_old_head(explanation: Explanation, new_head: Person, place: Place) -> None:
    assert queries.decider_of(explanation, date(2023, 10, 13)).person_id == place.head.id


def test_nothing_is_invisible_to_the_successor(explanation: Explanation, new_head: Person, signed_in: Any) -> None:
    client = signed_in(new_head)

    assert client.get(f"/explanations/{explanation.id}").status_code == 200
    assert client.get(f"/cases/{explanation.case_id}").status_code == 200
    assert explanation.case.code in client.get("/cases?show=all").text


def test_the_old_head_reads_it_no_longer(
    explanation: Explanation, new_head: Person, place: Place, signed_in: Any
) -> None:
    assert signed_in(place.head).get(f"/cases/{explanation.case_id}").status_code in (403, 404)
