"""Pauses and steps as sources tell them: written once, told again is nothing new, shown to those who may read."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import func, select

from portal.cases import bulk
from portal.cases.models import Case, CaseChange, CaseStep, Pause
from portal.database import commit, db
from tests.cases.test_list_plans import statements
from tests.factories import Make

MOST_QUERIES = 12


@pytest.fixture
def case(make: Make) -> Case:
    return make.case(unit=make.unit("Xã Đắk Drô"), code="H01")


def pause(case: Case, ref: str, day: int, ended: int | None = None, **more: Any) -> dict[str, Any]:
    return {
        "case_id": case.id,
        "source_ref": ref,
        "started_at": datetime(2023, 10, day, 8),
        "ended_at": datetime(2023, 10, ended, 9) if ended else None,
        "reason": "bổ sung bản sao sổ đỏ",
        "document": "",
        "source": "api",
        "due_before": datetime(2023, 10, 10, 17),
        "due_after": datetime(2023, 10, 13, 17),
        "batch_id": 7,
        **more,
    }


def step(case: Case, digest: str = "a" * 64, **more: Any) -> dict[str, Any]:
    return {
        "case_id": case.id,
        "source_id": case.source_id,
        "officer": "Hoàng Thị Mơ",
        "title": "Chuyên viên",
        "unit": "Phòng TNMT",
        "content": "Thẩm định hồ sơ",
        "status": "4",
        "started_at": datetime(2023, 10, 3, 8),
        "due_at": datetime(2023, 10, 5, 17),
        "at": datetime(2023, 10, 4, 8),
        "digest": digest,
        **more,
    }


def count(model: Any) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def write(pauses: list[dict[str, Any]], batch: int = 7) -> tuple[int, int]:
    db.session.rollback()
    with commit():
        written = bulk.write_pauses(pauses)
        return written, bulk.note_repeated_supplements([row["case_id"] for row in pauses], batch)


def test_the_same_pause_told_again_writes_nothing(case: Case) -> None:
    assert write([pause(case, "1", 3)]) == (1, 0)
    assert write([pause(case, "1", 3, batch_id=8)]) == (0, 0)
    assert count(Pause) == 1


def test_a_pause_that_ended_since_is_the_same_pause(case: Case) -> None:
    write([pause(case, "1", 3)])

    assert write([pause(case, "1", 3, ended=5)]) == (1, 0)

    assert db.session.scalars(select(Pause.ended_at)).all() == [datetime(2023, 10, 5, 9)]


def test_asking_again_is_noted_once_for_each_further_asking(case: Case) -> None:
    first, second, third = pause(case, "1", 3, 4), pause(case, "2", 5, 6), pause(case, "3", 9)
    write([first])

    assert write([first, second])[1] == 1
    assert write([first, second])[1] == 0
    assert write([first, second, third])[1] == 1

    rows = db.session.execute(select(CaseChange.kind, CaseChange.old, CaseChange.new).order_by(CaseChange.id)).all()
    assert rows == [
        ("supplement_again", "2023-10-03T08:00:00", "2023-10-05T08:00:00"),
        ("supplement_again", "2023-10-05T08:00:00", "2023-10-09T08:00:00"),
    ]


def test_the_same_step_is_one_row(case: Case) -> None:
    with commit():
        assert bulk.write_steps([step(case), step(case, "b" * 64, content="Trình ký")]) == {
            (case.id, "a" * 64),
            (case.id, "b" * 64),
        }
    with commit():
        assert bulk.write_steps([step(case)]) == set()
    assert count(CaseStep) == 2


def test_the_case_page_shows_them_within_its_statements(make: Make, signed_in: Any, case: Case) -> None:
    unit, url = case.resolving_unit_id, f"/cases/{case.id}"
    write([pause(case, "1", 3, 4)])
    with commit():
        bulk.write_steps([step(case)])
    client = signed_in(make.posting(role="head", unit=db.session.get(type(make.unit()), unit)).person)
    client.get(url)

    with statements() as sent:
        text = client.get(url).text

    assert "bổ sung bản sao sổ đỏ" in text and "13/10/2023 17:00" in text
    assert "Thẩm định hồ sơ" in text and "Hoàng Thị Mơ" in text and "05/10/2023 17:00" in text
    reads = [sql for sql, _ in sent if not sql.startswith(("PRAGMA", "BEGIN", "SET", "SELECT 1"))]
    assert len(reads) <= MOST_QUERIES, "\n".join(sql[:120] for sql in reads)
