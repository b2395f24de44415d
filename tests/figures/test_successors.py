"""Rolled up to successors: the cases of merged communes stand under the commune of today, and no total changes."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal import clock
from portal.cli import main
from portal.database import commit, db
from portal.directory import reorganising
from portal.directory.models import Unit
from portal.directory.rules import SuccessionKind
from portal.figures.queries import summary
from portal.figures.rules import Counts
from portal.guard import Viewer
from tests.databases import SECRET
from tests.factories import Make

REFORM, FIRST, LAST = date(2025, 7, 1), date(2025, 1, 1), date(2025, 12, 31)
WHOLE = Viewer.for_command()


def taken_over(old: list[Unit], new: list[Unit], kind: SuccessionKind, on: date = REFORM) -> None:
    ids = [unit.id for unit in old], [unit.id for unit in new]
    db.session.rollback()
    with commit():
        units = [[db.session.get_one(Unit, ident) for ident in group] for group in ids]
        reorganising.succeed(
            *units, kind, on=on, document=reorganising.Document("NQ 1671"), keep={}, by=None, at=clock.now()
        )


@pytest.fixture
def merged(make: Make) -> tuple[list[Unit], Unit]:
    """Three communes with 1, 2 and 3 cases of June, one of them late each; the new one with 2 cases of July."""
    old, new = [make.unit(f"Xã Cũ {number}") for number in (1, 2, 3)], make.unit("Xã Mới", code="MOI")
    for count, unit in enumerate(old, start=1):
        for number in range(count):
            finished = "2025-06-12 09:00" if number == 0 else "2025-06-09 09:00"
            make.case(unit=unit, received="2025-06-02 08:00", due="2025-06-10 17:00", finished=finished)
    for _number in range(2):
        make.case(unit=new, received="2025-07-02 08:00", due="2025-07-10 17:00", finished="2025-07-09 09:00")
    taken_over(old, [new], SuccessionKind.MERGE)
    return old, new


def test_history_stays_with_the_unit_of_its_day(merged: tuple[list[Unit], Unit]) -> None:
    found = summary(FIRST, LAST, LAST, "unit", WHOLE)

    assert {row.name: row.counts.received for row in found.rows} == {
        "Xã Cũ 1": 1, "Xã Cũ 2": 2, "Xã Cũ 3": 3, "Xã Mới": 2,
    }  # fmt: skip


def test_rolled_up_the_successor_counts_all(merged: tuple[list[Unit], Unit]) -> None:
    found = summary(FIRST, LAST, LAST, "unit", WHOLE, successors=True)

    [row] = found.rows
    assert (row.name, row.counts.received, row.counts.late) == ("Xã Mới", 8, 3)
    assert [name for _id, name in row.of_day] == ["Xã Cũ 1", "Xã Cũ 2", "Xã Cũ 3", "Xã Mới"]
    assert row.counts == found.totals == summary(FIRST, LAST, LAST, "unit", WHOLE).totals


def test_before_the_day_nothing_is_rolled_up(merged: tuple[list[Unit], Unit]) -> None:
    found = summary(FIRST, date(2025, 6, 30), date(2025, 6, 30), "unit", WHOLE, successors=True)

    assert len(found.rows) == 3


def test_a_split_unit_keeps_its_row(make: Make) -> None:
    old, one, other = make.unit("Xã Gốc"), make.unit("Xã Đông"), make.unit("Xã Tây")
    make.case(unit=old, received="2025-06-02 08:00", due="2025-06-10 17:00", finished="2025-06-09 09:00")
    taken_over([old], [one, other], SuccessionKind.SPLIT)

    found = summary(FIRST, LAST, LAST, "unit", WHOLE, successors=True)

    assert [row.name for row in found.rows] == ["Xã Gốc"]


def test_the_command_rolls_up(merged: Any, database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_SECRET_KEY", SECRET)
    db.session.rollback()
    period = ["--from", "2025-01-01", "--to", "2025-12-31", "--on", "2025-12-31", "--json", "--db", database_url]

    by_unit = CliRunner().invoke(main, ["report", "summary", *period, "--by", "unit", "--successors"])
    refused = CliRunner().invoke(main, ["report", "summary", *period, "--by", "officer", "--successors"])

    answer = json.loads(by_unit.stdout)
    assert [(row["unit_code"], row["received"]) for row in answer["rows"]] == [("MOI", 8)]
    assert answer["totals"]["received"] == 8 and refused.exit_code == 2


def test_the_board_offers_both(merged: Any, signed_in: Any, make: Make, at: Any) -> None:
    at(datetime(2025, 12, 31, 12, 0))
    _old, new = merged
    reader = signed_in("head", new)

    of_day = reader.get("/figures/units?from=01/01/2025&to=31/12/2025").text
    rolled = reader.get("/figures/units?from=01/01/2025&to=31/12/2025&successors=1").text

    assert "Xã Cũ 1" in of_day and "Gộp theo đơn vị kế thừa" in of_day
    assert "Đơn vị đã kết thúc được tính gộp" in rolled and rolled.count("<tr>") == of_day.count("<tr>") - 3


@given(heirs=st.lists(st.sampled_from([None, 0, 1, 2, 3]), min_size=4, max_size=4))
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_every_total_is_kept(make: Make, heirs: list[int | None]) -> None:
    """Whatever takes over from whatever: the sum over successors is the sum over the units of their day."""
    units = [make.unit() for _number in range(4)]
    for count, unit in enumerate(units, start=1):
        for _number in range(count):
            make.case(unit=unit, received="2025-06-02 08:00", due="2025-06-10 17:00", finished="2025-06-09 09:00")
    for number, heir in enumerate(heirs):
        if heir is not None and heir > number:
            taken_over([units[number]], [units[heir]], SuccessionKind.MERGE, REFORM + timedelta(days=number))

    of_day, rolled = (summary(FIRST, LAST, LAST, "unit", WHOLE, successors=on) for on in (False, True))

    assert sum((row.counts for row in rolled.rows), Counts()) == sum((row.counts for row in of_day.rows), Counts())
    assert rolled.totals == of_day.totals
    merged_away = {units[number].id for number, heir in enumerate(heirs) if heir is not None and heir > number}
    assert merged_away.isdisjoint(row.id for row in rolled.rows)
