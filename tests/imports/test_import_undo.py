"""Taking a batch back: its cases say again what they said, or what stands on it is named; on both databases."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import select

from portal import clock
from portal.accountability.ledger.actions import open_breaches
from portal.audit.models import AuditEvent
from portal.cases.freshness import freshness
from portal.cases.models import Case, CaseChange, Pause
from portal.database import commit, db
from portal.directory.models import Unit
from portal.imports import mapping, queries, undoing
from portal.imports.models import Batch, BatchBefore, PendingRow, SourceName
from portal.imports.planning import RESTORED
from portal.refusal import Refused
from tests.factories import Make
from tests.imports.lists import open_row, row
from tests.imports.test_import_apply import AT, ROWS, Import, bring, case, changes, place, viewer

__all__ = ["bring", "place"]

DAY = datetime(2023, 10, 12, 8, 0)


def undo(batch: Batch) -> undoing.Undone:
    db.session.rollback()
    with commit():
        return undoing.undo_batch(db.session.get_one(Batch, batch.id), by=viewer(), at=AT)


def facts() -> list[Any]:
    """The case fields, the rows that wait and the names that wait, as undoing must leave them."""
    db.session.rollback()
    cases = Case.__table__
    columns = [cases.c[name] for name in ("code", *RESTORED, "data_as_of", "last_batch_id", "first_batch_id")]
    waiting = select(PendingRow.code, PendingRow.payload, PendingRow.batch_id, PendingRow.settled_at)
    names = select(SourceName.kind, SourceName.folded, SourceName.state)
    found = (select(*columns).order_by(cases.c.code), waiting.order_by(PendingRow.code), names.order_by(SourceName.id))
    return [db.session.execute(statement).all() for statement in found]


def test_undoing_gives_changed_cases_their_facts_back(place: Unit, bring: Import) -> None:
    bring(open_row("A"), open_row("B"), open_row("C"), as_of=DAY)
    before = facts()
    applied = bring(row("A"), open_row("B"), row("D"), as_of=DAY + timedelta(days=1), full_extract=True)

    done = undo(applied.batch)

    assert facts() == before
    assert (done.restored, done.moved_back, done.removed, done.unmarked) == (1, 1, 1, 1)
    batch = db.session.get_one(Batch, applied.batch.id)
    assert (batch.state, batch.undone_at) == ("undone", AT)
    assert ("finished_at", "2023-10-09T15:30:00", None, "undone") in changes("A")
    assert ("gone_since", "2023-10-13T08:00:00", None, "undone") in changes("C")
    assert not db.session.scalars(select(BatchBefore).where(BatchBefore.batch_id == batch.id)).all()
    (said,) = db.session.scalars(select(AuditEvent).where(AuditEvent.kind == "batch.undone")).all()
    assert said.payload["removed"] == 1


def test_undoing_puts_the_moment_of_the_newest_data_back(place: Unit, bring: Import) -> None:
    bring(open_row("A"), as_of=DAY)
    applied = bring(open_row("A"), as_of=DAY + timedelta(days=1))
    bring(open_row("B"), as_of=DAY - timedelta(days=1))
    assert [line.data_as_of for line in freshness()] == [DAY + timedelta(days=1)]

    undo(applied.batch)

    assert [line.data_as_of for line in freshness()] == [DAY]


def test_undoing_lets_rows_wait_again_that_it_settled_or_replaced(place: Unit, bring: Import) -> None:
    bring(open_row("A", unit="Phòng Lạ"), open_row("B", unit="Phòng Lạ"), as_of=DAY)
    before = facts()

    applied = bring(
        open_row("A"), open_row("B", unit="Phòng Khác"), open_row("C", unit="Phòng Mới"), as_of=DAY + timedelta(days=1)
    )
    undo(applied.batch)

    assert facts() == before


def test_a_batch_is_undone_once(place: Unit, bring: Import) -> None:
    applied = bring(open_row("A"))
    undo(applied.batch)

    with pytest.raises(Refused, match="already_decided"):
        undo(applied.batch)


def test_an_undone_file_can_be_applied_again(place: Unit, bring: Import) -> None:
    undo(bring(open_row("A")).batch)

    assert bring(open_row("A")).plan.counts.new == 1


def standing(batch: Batch) -> list[tuple[str, int]]:
    db.session.rollback()
    return undoing.built_on(db.session.get_one(Batch, batch.id))


def test_breaches_keep_a_batch(place: Unit, bring: Import) -> None:
    applied = bring(open_row("A"), as_of=datetime(2023, 10, 12))
    assert standing(applied.batch) == []
    with commit():
        assert open_breaches(date(2023, 10, 16), clock.now()).opened == 1

    assert standing(applied.batch) == [("breaches", 1)]
    with pytest.raises(Refused, match="built_on") as refused:
        undo(applied.batch)
    assert refused.value.facts == {"what": "breaches", "n": 1}


def test_a_later_batch_keeps_the_earlier_one_until_it_is_undone(place: Unit, bring: Import) -> None:
    first = bring(open_row("A"), as_of=DAY)
    second = bring(row("A"), as_of=DAY + timedelta(days=1))

    assert ("later_batches", 1) in standing(first.batch)
    with pytest.raises(Refused, match="built_on"):
        undo(first.batch)
    assert standing(second.batch) == []


def test_a_mapped_row_keeps_its_batch(place: Unit, bring: Import) -> None:
    applied = bring(open_row("A", unit="Xã Nậm Nđia"))
    (name,) = db.session.scalars(select(SourceName)).all()
    with commit():
        mapping.map_unit(name, place.id, by=viewer(), at=AT, today=AT.date())

    assert standing(applied.batch) == [("pending_mapped", 1), ("names_mapped", 1)]


def test_records_of_its_cases_keep_a_batch(place: Unit, bring: Import, make: Make) -> None:
    applied = bring(open_row("A"))
    make.add(Pause(case_id=case("A").id, started_at=DAY))

    assert standing(applied.batch) == [("records", 1)]


def test_after_ninety_days_a_batch_stays(place: Unit, bring: Import) -> None:
    bring(open_row("A"), as_of=DAY)
    applied = bring(row("A"), as_of=DAY + timedelta(days=1))
    later = AT + timedelta(days=91)

    with pytest.raises(Refused, match="too_late_to_undo"), commit():
        undoing.undo_batch(db.session.get_one(Batch, applied.batch.id), by=viewer(), at=later)
    with commit():
        assert undoing.prune(later) == 1


def test_an_undone_reopening_lets_no_second_breach_open(place: Unit, bring: Import) -> None:
    bring(row("A", due="05/10/2023 17:00"), as_of=datetime(2023, 10, 12))
    with commit():
        open_breaches(date(2023, 10, 16), clock.now())
    undo(bring(open_row("A", due="20/10/2023 17:00"), as_of=datetime(2023, 10, 13)).batch)

    bring(row("A", due="06/10/2023 17:00"), as_of=datetime(2023, 10, 14))
    with commit():
        assert open_breaches(date(2023, 10, 16), clock.now()).opened == 0


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(first=ROWS.filter(bool), second=ROWS.filter(bool))
def test_apply_and_undo_leave_what_was(
    place: Unit, bring: Import, first: list[dict[str, str]], second: list[dict[str, str]]
) -> None:
    bring(*(row(**cells) for cells in first))
    before = facts()

    applied = bring(*(row(**cells) for cells in second), full_extract=True)

    undo(applied.batch)
    assert facts() == before
    assert queries.pending_count() == len([line for line in before[1] if line[3] is None])
    undone = select(CaseChange).where(CaseChange.batch_id == applied.batch.id, CaseChange.kind == "undone")
    assert {change.kind for change in db.session.scalars(undone)} <= {"undone"}


def test_a_case_marked_gone_that_came_back_keeps_the_mark_from_being_undone(place: Unit, bring: Import) -> None:
    bring(open_row("A"), open_row("X"), as_of=DAY)
    extract = bring(open_row("A"), as_of=DAY + timedelta(days=1), full_extract=True)
    back = bring(open_row("X"), as_of=DAY + timedelta(days=2))

    with pytest.raises(Refused):
        undo(extract.batch)

    undo(back.batch)
    undo(extract.batch)
    assert case("X").gone_since is None


def test_rows_that_waited_before_come_back_one_batch_after_another(place: Unit, bring: Import) -> None:
    first = bring(open_row("A", unit="Phòng Lạ"), as_of=DAY)
    told = [facts()]
    batches = []
    for days in (1, 2, 3):
        batches.append(bring(open_row("A", unit="Phòng Lạ"), as_of=DAY + timedelta(days=days)).batch)
        told.append(facts())

    with pytest.raises(Refused):
        undo(first.batch)
    for batch in reversed(batches):
        assert facts() == told.pop()
        undo(batch)
    assert facts() == told.pop()
    undo(first.batch)
    assert facts()[1] == []
