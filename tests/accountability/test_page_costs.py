"""How many statements a list of duties costs, whatever the number of rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import event

from portal import clock
from portal.accountability.explanations.actions import deciding, writing
from portal.accountability.explanations.models import Explanation
from portal.accountability.explanations.queries import road_of
from portal.accountability.explanations.rules import Blame, CauseClass
from portal.cases.models import Case
from portal.database import commit, db
from tests.accountability.conftest import MONDAY, Place, Voices, answer
from tests.factories import Make

MOST = 12
"""Statements of a page, those for the session, the rights and the date of the data among them."""


@contextmanager
def counted() -> Iterator[list[str]]:
    """Collect the statements of a block; the BEGIN of SQLite is none, PostgreSQL's driver says it unheard."""
    said: list[str] = []

    def hear(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if not statement.startswith("BEGIN"):
            said.append(statement)

    engine = db.engine
    event.listen(engine, "before_cursor_execute", hear)
    try:
        yield said
    finally:
        event.remove(engine, "before_cursor_execute", hear)


@pytest.mark.parametrize(
    ("who", "url", "most"),
    [
        ("officer", "/explanations", 12),
        ("head", "/coverage/breaches", 12),
        ("head", "/coverage/cases?gap=stale", 12),
        ("head", "/follow-ups", 12),
        ("head", "/explanations/queue?part=unanswered", 12),
        ("district_head", "/explanations/queue?part=unanswered", 12),
        ("head", "/explanations/queue?part=bulk", 12),
        ("head", "/coverage", 12),
    ],
)
def test_a_page_costs_few_statements_however_long_its_list(
    make: Make,
    place: Place,
    opened: Callable[..., Any],
    signed_in: Callable[..., Any],
    at: Callable[[datetime], None],
    who: str,
    url: str,
    most: int,
) -> None:
    at(datetime(2023, 10, 30, 16, 0))
    client = signed_in(getattr(place, who))
    client.get(url)
    costs = []
    for _ in range(2):
        for _ in range(6):
            breach = make.breach(unit=place.commune, officer=place.officer, finished="2023-10-12 09:00")
            make.followup(breach)
            make.case(unit=place.commune, as_of="2023-10-10 08:00")
        with counted() as said:
            assert client.get(url).status_code == 200
        costs.append(len(said))

    assert costs[0] == costs[1] <= most, costs


@dataclass(frozen=True)
class LongRoad:
    """An explanation that was returned twice, refused once as "not mine", and carries files and a pause."""

    ident: int
    voices: Voices

    def step(self, act: Callable[..., None], *args: Any, by: Any, versioned: bool = True, **more: Any) -> None:
        """One action of today, on the version of the moment."""
        db.session.rollback()
        with commit():
            row = db.session.get_one(Explanation, self.ident)
            more |= {"version": row.version} if versioned else {}
            act(row, *args, by=by, at=clock.now(), **more)

    def submit(self) -> None:
        """The officer answers."""
        self.step(writing.submit, answer(), by=self.voices.officer, today=MONDAY)


@pytest.fixture
def long_road(make: Make, place: Place, voices: Voices, explanation: Explanation) -> LongRoad:
    ident, breach = explanation.id, explanation.breach
    make.pause(db.session.get_one(Case, explanation.case_id), "2023-10-05 08:00", "2023-10-06 08:00")
    make.attachment(breach)
    make.attachment(breach, name="phieu-hai.txt")
    road = LongRoad(ident, voices)
    named = {"named_id": place.colleague.id, "step": "thẩm định", "reason": "Ông Bảo thụ lý."}
    road.step(writing.say_not_mine, by=voices.officer, versioned=False, **named)
    road.step(deciding.keep_holder, "Đúng người.", by=voices.head, versioned=False, today=MONDAY)
    for comment in ("Nêu rõ ngày chuyển.", "Nêu rõ người nhận."):
        road.submit()
        road.step(deciding.return_for_rework, comment, by=voices.head, today=MONDAY)
    return road


def costs_of(client: Any, url: str) -> tuple[int, str]:
    """The statements of a page that is shown not for the first time, and what it shows."""
    client.get(url)
    with counted() as said:
        shown = client.get(url)
    assert shown.status_code == 200
    return len(said), shown.text


@pytest.mark.parametrize("who", ["officer", "head", "district_head"])
@pytest.mark.parametrize("stage", ["written", "redirected", "submitted", "concluded"])
def test_an_explanation_costs_few_statements_however_long_its_road(
    place: Place,
    long_road: LongRoad,
    signed_in: Callable[..., Any],
    at: Callable[[datetime], None],
    who: str,
    stage: str,
) -> None:
    at(datetime(2023, 10, 16, 16, 0))
    voices = long_road.voices
    if stage == "redirected":
        named = {"named_id": place.head.id, "step": "", "reason": "Chờ ký."}
        long_road.step(writing.say_not_mine, by=voices.officer, versioned=False, **named)
    if stage in ("submitted", "concluded"):
        long_road.submit()
    if stage == "concluded":
        chosen = (CauseClass.SUBJECTIVE, Blame.FULL, "Đã rõ.")
        long_road.step(deciding.conclude, *chosen, by=voices.head, today=MONDAY)
    client = signed_in(getattr(place, who))

    count, shown = costs_of(client, f"/explanations/{long_road.ident}")

    assert count <= MOST
    for said in ("Nêu rõ ngày chuyển.", "Nêu rõ người nhận.", "Đúng người.", place.colleague.full_name):
        assert said in shown


@pytest.mark.parametrize("part", ["submitted", "redirected", "unanswered"])
def test_a_queue_costs_few_statements_with_an_explanation_open_beside_it(
    place: Place, long_road: LongRoad, signed_in: Callable[..., Any], at: Callable[[datetime], None], part: str
) -> None:
    if part == "submitted":
        long_road.submit()
    if part == "redirected":
        reason = {"named_id": place.colleague.id, "step": "", "reason": "Đã chuyển."}
        long_road.step(writing.say_not_mine, by=long_road.voices.officer, versioned=False, **reason)
    at(datetime(2023, 10, 30, 16, 0) if part == "unanswered" else datetime(2023, 10, 16, 16, 0))

    count, shown = costs_of(signed_in(place.head), f"/explanations/queue?part={part}")

    assert "Nêu rõ người nhận." in shown
    assert count <= MOST


def test_what_a_head_owes_himself_costs_few_statements(
    make: Make,
    place: Place,
    opened: Callable[..., Any],
    signed_in: Callable[..., Any],
    at: Callable[[datetime], None],
) -> None:
    """He writes like an officer and has the rights of a head: the dearest reader of the page."""
    at(datetime(2023, 10, 16, 16, 0))
    ident = make.explanation(unit=place.commune, finished="2023-10-12 09:00").id

    count, shown = costs_of(signed_in(place.head), f"/explanations/{ident}")

    assert 'name="happened"' in shown
    assert count <= MOST


def test_a_road_holds_each_kind_in_its_order(long_road: LongRoad, make: Make) -> None:
    db.session.rollback()
    explanation = db.session.get_one(Explanation, long_road.ident)
    make.pause(db.session.get_one(Case, explanation.case_id), "2023-10-03 08:00", "2023-10-04 08:00")

    road = road_of(explanation)

    assert [row.comment for row in road.returns] == ["Nêu rõ ngày chuyển.", "Nêu rõ người nhận."]
    assert [row.step for row in road.redirections] == ["thẩm định"]
    assert road.redirections[0].answer is not None
    assert [row.kind for row in road.texts] == ["submitted", "submitted"]
    assert [row.name for row in road.attachments] == ["phieu-chuyen.txt", "phieu-hai.txt"]
    assert [row.started_at.day for row in road.pauses] == [3, 5]
