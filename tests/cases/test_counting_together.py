"""Cases counted together get what each would get alone; work that is killed goes on from its last batch."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import select

from portal import clock
from portal.calendars.models import CalendarVersion
from portal.calendars.queries import content_of_version, current_version_id
from portal.calendars.rules import DayKind, NamedDay
from portal.cases import recounting
from portal.cases.counting import counted, rows_of
from portal.cases.models import ComputedDue, Procedure, Projection
from portal.cases.setting_terms import TermDraft, set_term
from portal.database import commit, db
from portal.deadlines import TermUnit
from portal.policy.models import PolicyValue
from portal.policy.queries import LAST_HOUR
from tests.databases import SECRET
from tests.factories import Make

AT = datetime(2023, 10, 16, 9, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[2]
KILLED = """
import os, signal, sys
from pathlib import Path
from sqlalchemy import event
from portal import clock
from portal.app import create_app
from portal.cases import recounting
from portal.config import Settings
from portal.database import db

app = create_app(Settings(database_url=sys.argv[1], secret_key=sys.argv[2], data_dir=Path(sys.argv[3])))
recounting.AT_ONCE = 4
writes = []

def die(connection, cursor, statement, *more):
    writes.append("INSERT INTO computed_dues" in statement)
    if sum(writes) == 3:
        os.kill(os.getpid(), signal.SIGKILL)

with app.app_context():
    event.listen(db.engine, "after_cursor_execute", die)
    recounting.work(clock.now())
"""
HOURS = ("00:00", "06:30", "11:45", "16:00", "16:01", "17:00", "17:01", "23:59")


def set_to(procedure: Procedure, amount: int, since: date, unit: TermUnit) -> None:
    db.session.rollback()
    with commit():
        set_term(procedure, TermDraft(amount, unit, since, "QĐ 1/QĐ-UBND"), by=None, at=AT)


def add_day_off(day: date) -> None:
    content = content_of_version(current_version_id())
    more = replace(content, days=(*content.days, NamedDay(day, DayKind.OFF, "Bão", "CĐ 01")))
    db.session.rollback()
    with commit():
        db.session.add(
            CalendarVersion(made_at=AT, author="x", reason="x", content_hash=more.hash(), content=more.as_json())
        )


def kept() -> dict[int, tuple[Any, ...]]:
    db.session.rollback()
    rows = db.session.scalars(select(ComputedDue))
    return {row.case_id: (row.term_id, row.due_at, row.precision, row.difference, row.last_hour_rule) for row in rows}


def one_by_one() -> dict[int, tuple[Any, ...]]:
    found = counted(rows_of(), recounting.rules_now())
    return {one.row.id: tuple(one.own[1:]) for one in found if one.own.term_id is not None}


def test_what_is_counted_together_is_what_each_case_gets_alone(make: Make, monkeypatch: Any) -> None:
    monkeypatch.setattr(recounting, "AT_ONCE", 40)
    chance, procedures = Random(4), [make.procedure() for _ in range(5)]  # noqa: S311 - the same draw in every run
    for place in range(120):
        day = date(2023, 9, 20) + timedelta(days=chance.randrange(25)) if place else date(2019, 12, 31)
        received = f"{day} {chance.choice(HOURS)}" if place % 7 else f"{day}"
        due = [None, f"{day + timedelta(days=9)} 10:00", f"{day + timedelta(days=7)}"][place % 3]
        case = make.case(procedure=procedures[place % 5], received=received, due=due, finished=None)
        if place % 11 == 3:
            make.pause(case, f"{day}", f"{day + timedelta(days=4)}")
    for procedure, unit in zip(procedures, TermUnit, strict=False):
        set_to(procedure, 6, date(2000, 1, 1), unit)
    set_to(procedures[0], 4, date(2023, 10, 1), TermUnit.CALENDAR_DAYS)
    with commit():
        rule = {"key": LAST_HOUR, "value": True, "basis": "QĐ", "set_by": "x", "set_at": AT}
        db.session.add(PolicyValue(valid_from=date(2023, 10, 3), **rule))
    db.session.rollback()

    first = recounting.work(clock.now())
    was = kept()
    add_day_off(date(2023, 10, 5))
    told = recounting.would_move(recounting.rules_now(), datetime(2023, 10, 16))
    recounting.keep_up(AT)
    done = recounting.work(clock.now())

    assert first.own_changed == len(was) > 80 and {row[3] for row in was.values()} == {None, "too_short", "too_long"}
    assert kept() == one_by_one()
    changed = sum(kept()[case_id][1:4:2] != row[1:4:2] for case_id, row in was.items())
    assert told.own_changed == done.own_changed == changed > 0


def test_killed_in_the_middle_it_goes_on_and_ends_as_if_it_had_not(
    make: Make, database_url: str, tmp_path: Path
) -> None:
    procedure = make.procedure()
    cases = [make.case(procedure=procedure, received=f"2023-10-{day:02} 09:00") for day in range(2, 13)]
    make.pause(cases[5], "2023-10-08", "2023-10-12")
    set_to(procedure, 6, date(2020, 1, 1), TermUnit.WORKING_DAYS)
    command = [sys.executable, "-c", KILLED, database_url, SECRET, str(tmp_path)]

    died = subprocess.run(command, cwd=ROOT, env={**os.environ}, check=False)
    db.session.rollback()
    row = db.session.scalars(select(Projection)).one()
    stopped = (row.state, row.cases_done, len(kept()))
    recounting.work(clock.now())

    assert died.returncode == -signal.SIGKILL and stopped == ("running", 8, 8)
    db.session.refresh(row)
    assert (row.state, row.cases_done, row.cases_moved) == ("done", 11, 1)
    assert kept() == one_by_one() and len(kept()) == 11
