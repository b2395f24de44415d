"""How many statements a list of duties costs, whatever the number of rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import event

from portal.database import db
from tests.accountability.conftest import Place
from tests.factories import Make


@contextmanager
def counted() -> Iterator[list[str]]:
    """Collect the statements of a block."""
    said: list[str] = []

    def hear(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
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
        ("head", "/explanations/queue?part=unanswered", 30),
        ("head", "/coverage", 18),
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
