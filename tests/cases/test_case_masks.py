"""Who may not read an applicant's name reads it nowhere, and cannot find it by searching either."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from portal.cases.filters import CaseFilters, Show
from portal.cases.lines import line_of
from portal.cases.narrowing import now_at
from portal.cases.queries import CaseQuery
from portal.guard import Viewer
from tests.factories import Make

AT = datetime(2023, 10, 16, 16, 0)
OPEN_EYES = Viewer.for_command()
MASKED = replace(OPEN_EYES, masks_applicant=True)


def found(viewer: Viewer, text: str) -> list[str]:
    """The codes a search finds."""
    query = CaseQuery.visible_to(viewer).matching(text)
    return [row.case.code for row in query.page(CaseFilters(show=Show.ALL)).rows]


def test_the_line_is_masked(make: Make) -> None:
    case = make.case(applicant="Nguyễn Văn An")
    row = CaseQuery.visible_to(MASKED).get(case.id)
    assert row is not None

    assert line_of(row, now_at(AT), MASKED).applicant == "Nguyễn V. A."
    assert line_of(row, now_at(AT), OPEN_EYES).applicant == "Nguyễn Văn An"


def test_a_masked_name_cannot_be_found(make: Make) -> None:
    make.case(code="H01", applicant="Nguyễn Văn An")

    assert found(OPEN_EYES, "nguyen van an") == ["H01"]
    assert found(MASKED, "nguyen van an") == []
    assert found(MASKED, "h01") == ["H01"]


@pytest.mark.parametrize("text", ["100%", "_", "a%b", "\\"])
def test_signs_of_the_pattern_are_plain_text(make: Make, text: str) -> None:
    make.case(code="H01")

    assert found(OPEN_EYES, text) == []


def test_nobody_sees_nothing(make: Make) -> None:
    make.case()

    assert CaseQuery.visible_to(Viewer.nobody()).count() == 0
