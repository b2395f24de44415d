"""Rows of the road: a commune with its people, a district above, breaches opened by the real action."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pytest

from portal import clock
from portal.accountability.explanations.models import Explanation
from portal.accountability.explanations.queries import ExplanationQuery
from portal.accountability.explanations.rules import Answer
from portal.accountability.ledger.actions import open_breaches
from portal.accountability.ledger.rules import OpenResult
from portal.database import commit, db
from portal.directory.models import Person, Unit
from portal.guard import Role, Viewer, grants_of
from portal.imports.models import Batch
from portal.policy import queries as policy
from tests.factories import Make

MONDAY = date(2023, 10, 16)
TUESDAY = date(2023, 10, 17)
NEXT_MONDAY = date(2023, 10, 23)
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Place:
    """A commune managed by a district, with a head each, two officers and a monitoring office."""

    commune: Unit
    district: Unit
    officer: Person
    colleague: Person
    head: Person
    district_head: Person


@pytest.fixture
def place(make: Make) -> Place:
    district = make.unit("Huyện Thử", kind="district")
    commune = make.unit("Xã Thử", reports_in=district)
    return Place(
        commune,
        district,
        make.officer(commune, "Lê Thị An"),
        make.officer(commune, "Phạm Văn Bảo"),
        make.head(commune, "Trần Văn Chủ"),
        make.head(district, "Ngô Thị Dung"),
    )


def acting(person: Person, *roles: Role, heads: tuple[Unit, ...] = (), scope: tuple[Unit, ...] = ()) -> Viewer:
    """A viewer as ``access`` would build it."""
    return Viewer(
        user_id=None,
        person_id=person.id,
        name=person.full_name,
        roles=frozenset(roles),
        permissions=grants_of(frozenset(roles), is_clerk=False),
        headed_units=frozenset(unit.id for unit in heads),
        scope_units=frozenset(unit.id for unit in scope),
    )


@dataclass(frozen=True)
class Voices:
    """The people of the place as viewers."""

    officer: Viewer
    colleague: Viewer
    head: Viewer
    district_head: Viewer


@pytest.fixture
def voices(place: Place) -> Voices:
    return Voices(
        acting(place.officer, Role.OFFICER),
        acting(place.colleague, Role.OFFICER),
        acting(place.head, Role.HEAD, heads=(place.commune,)),
        acting(place.district_head, Role.HEAD, heads=(place.commune, place.district)),
    )


@pytest.fixture
def opened(app: Any) -> Callable[..., OpenResult]:
    """Open breaches at the end of a day, as a command would."""

    def run(on: date = MONDAY) -> OpenResult:
        db.session.rollback()
        with commit():
            return open_breaches(on, clock.now())

    return run


@pytest.fixture
def explanation(make: Make, place: Place, opened: Callable[..., OpenResult]) -> Explanation:
    """The waiting explanation of one late case of the officer."""
    make.case(unit=place.commune, officer=place.officer, finished="2023-10-12 09:00")
    opened()
    return ExplanationQuery.visible_to(Viewer.for_command()).by_due()[0]


def cause_id(code: str, on: date = MONDAY) -> int:
    """The number of a shipped cause."""
    found = policy.cause_of(code, on)
    assert found is not None
    return found.id


def answer(code: str = "QT", **changes: Any) -> Answer:
    """A whole answer, with a cause that needs no evidence unless said otherwise."""
    parts: dict[str, Any] = {
        "cause_id": cause_id(code),
        "happened": "Hồ sơ dồn vào cuối tháng, một người thụ lý.",
        "remedy": "Đã trả kết quả và phân công lại.",
        "commitment": "Không để lặp lại.",
        "commitment_on": date(2023, 10, 27),
    }
    return Answer(**{**parts, **changes})


@pytest.fixture
def batch(make: Make) -> Callable[[str], int]:
    """A batch of an import, of which only its moment matters here."""

    def make_batch(data_as_of: str) -> int:
        return make.add(
            Batch(
                source_id=make.source().id,
                file_name="a.xlsx",
                file_sha256=f"{next(_numbers):064x}",
                size=1,
                data_as_of=datetime.fromisoformat(data_as_of),
                state="applied",
                uploaded_at=clock.now(),
            )
        ).id

    return make_batch
