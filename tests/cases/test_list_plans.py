"""At 100,000 cases no list reads the whole table: plans of each role's default list and of each single filter."""

from __future__ import annotations

import itertools
import json
import random
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event

from portal.accountability.breaches.bulk import count_missing
from portal.cases.filters import CaseFilters, Show, Sort
from portal.cases.narrowing import Now
from portal.cases.queries import CaseQuery
from portal.database import commit, copy_rows, db, dialect
from portal.deadlines import AgeBucket, WorkingCalendar
from portal.guard import Permission, Role, Viewer
from tests.factories import Make

CASES, UNITS, OFFICERS, PROCEDURES = 100_000, 40, 400, 200
AT = datetime(2023, 10, 16, 16, 0)
NOW = Now(AT, WorkingCalendar(date(2019, 12, 1), date(2027, 12, 31)))
TITLE = "dang ky bien dong quyen su dung dat, quyen so huu tai san gan lien voi dat trong cac truong hop chuyen doi"
COLUMNS = (
    "code procedure_id resolving_unit_id officer_id received_at due_at finished_at meaning data_as_of source_id search "
    "applicant_name applicant_folded data_fault ruling_due_at"
).split()


def ids(make: Make) -> dict[str, list[int]]:
    """Units, officers and procedures to spread the cases over."""
    unit = make.unit()
    make.procedure()
    with commit():
        copy_rows(
            "units",
            ("code", "name", "folded", "sort_key", "kind", "valid_from", "made_by_import", "version"),
            ((f"X{n}", f"Xã {n}", f"xa {n}", f"xa {n}", "commune", "2020-01-01", False, 1) for n in range(UNITS)),
        )
        copy_rows(
            "people",
            ("full_name", "folded", "sort_key", "made_by_import", "version"),
            ((f"Người {n}", f"nguoi {n}", f"nguoi {n}", False, 1) for n in range(OFFICERS)),
        )
        copy_rows(
            "procedures",
            ("code", "title", "folded", "field", "field_folded", "made_by_import"),
            ((f"T{n}", f"Thủ tục {n}", f"thu tuc {n}", f"F{n % 10}", f"f{n % 10}", False) for n in range(PROCEDURES)),
        )
    found = {}
    for table in ("units", "people", "procedures"):
        rows = db.session.connection().exec_driver_sql(f"SELECT id FROM {table} ORDER BY id")
        found[table] = [row[0] for row in rows]
    assert unit.id in found["units"]
    return found


def rows_of(known: dict[str, list[int]], source: int) -> Iterator[tuple[Any, ...]]:
    """A year of cases: 5 % late, 4 % open, of which a quarter overdue."""
    chance = random.Random(7)
    for number in range(CASES):
        received = AT - timedelta(minutes=chance.randrange(60, 400_000))
        due = received + timedelta(days=14)
        finished = (
            due + timedelta(days=chance.randrange(1, 60))
            if number % 20 == 0
            else due - timedelta(days=number % 3, hours=1)
        )
        meaning = "finished"
        if number % 25 == 1:
            meaning, finished, due = "open", None, AT + timedelta(hours=chance.randrange(-400, 1200))
        elif number % 1000 == 7:
            meaning, finished = chance.choice(["paused", "withdrawn", "not_counted"]), None
        yield (
            f"H{number:06d}",
            chance.choice(known["procedures"]),
            chance.choice(known["units"]),
            None if number % 50 == 3 else chance.choice(known["people"]),
            text(received),
            None if number % 400 == 9 else text(due),
            text(finished),
            meaning,
            text(AT),
            source,
            f"h{number:06d} {TITLE} nguoi thu ly",
            "Trần Thị Bình",
            "tran thi binh",
            "at_odds" if number % 500 == 11 else None,
            None if number % 400 == 9 else text(due),
        )


def text(moment: datetime | None) -> str | None:
    return f"{moment:%Y-%m-%d %H:%M:%S.000000}" if moment else None


def refresh_statistics() -> None:
    """What autovacuum does in production."""
    db.session.rollback()
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if dialect() == "sqlite":
            connection.exec_driver_sql("ANALYZE")
            return
        for _ in range(25):  # pages count as visible to all once no older transaction is left
            connection.exec_driver_sql("VACUUM (FREEZE, ANALYZE)")
            if connection.exec_driver_sql("SELECT relallvisible FROM pg_class WHERE relname = 'cases'").scalar():
                return
            time.sleep(0.2)


@contextmanager
def statements() -> Iterator[list[tuple[str, Any]]]:
    """Every statement sent inside the block, with its values."""
    sent: list[tuple[str, Any]] = []

    def listen(_connection: Any, _cursor: Any, statement: str, values: Any, *_rest: Any) -> None:
        sent.append((statement, values))

    event.listen(Engine, "before_cursor_execute", listen)
    try:
        yield sent
    finally:
        event.remove(Engine, "before_cursor_execute", listen)


def scans(statement: str, values: Any) -> list[str]:
    """The steps of the plan that read all of ``cases``."""
    connection = db.session.connection()
    if dialect() == "sqlite":
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
        return [row[3] for row in plan if row[3].startswith("SCAN cases") and "INDEX" not in row[3]]
    plan = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", values).scalar()
    return list(seq_scans((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]))


def scans_when_prepared(statement: str, values: dict[str, Any]) -> list[str]:
    """The same under a plan made without the values, as PostgreSQL may use for a statement it meets often."""
    names = re.findall(r"%\((\w+)\)s", statement)
    number = itertools.count(1)
    prepared = re.sub(r"%\(\w+\)s", lambda _match: f"${next(number)}", statement)
    given = ", ".join(str(values[name]) if isinstance(values[name], int) else f"'{values[name]}'" for name in names)
    given = f" ({given})" if given else ""
    connection = db.session.connection()
    connection.exec_driver_sql(f"PREPARE listed AS {prepared}")
    plan = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) EXECUTE listed{given}").scalar()
    connection.exec_driver_sql("DEALLOCATE listed")
    return list(seq_scans((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]))


def seq_scans(node: dict[str, Any]) -> Iterator[str]:
    if node["Node Type"] == "Seq Scan" and node.get("Relation Name") == "cases":
        yield f"Seq Scan on cases {node.get('Filter', '')}"
    for child in node.get("Plans", ()):
        yield from seq_scans(child)


def viewers(known: dict[str, list[int]]) -> dict[str, Viewer]:
    """One viewer per kind of scope."""

    def viewer(name: str, role: Role, **scope: Any) -> Viewer:
        rights = frozenset({Permission.READ_CASES})
        return Viewer(user_id=1, name=name, roles=frozenset({role}), permissions=rights, **{"person_id": None, **scope})

    units, people = known["units"], known["people"]
    return {
        "officer": viewer("officer", Role.OFFICER, person_id=people[3]),
        "head": viewer("head", Role.HEAD, person_id=people[4], headed_units=frozenset(units[:1])),
        "chief": viewer("chief", Role.HEAD, person_id=people[5], headed_units=frozenset(units[:6])),
        "office": viewer("office", Role.MONITORING_OFFICE, person_id=people[6], scope_units=frozenset(units[:30])),
        "chair": viewer("chair", Role.CHAIR, sees_all=True),
    }


def single_filters(known: dict[str, list[int]]) -> dict[str, CaseFilters]:
    """The default list, and each filter alone."""
    lists = {f"show {show}": CaseFilters(show=show) for show in Show}
    lists |= {f"sort {sort}": CaseFilters(sort=sort) for sort in Sort}
    lists |= {f"late sort {sort}": CaseFilters(show=Show.LATE, sort=sort) for sort in Sort}
    lists |= {f"age {age}": CaseFilters(age=age) for age in AgeBucket}
    lists |= {f"late age {age}": CaseFilters(show=Show.LATE, age=age) for age in AgeBucket}
    lists |= {f"{show} text": CaseFilters(show=show, q="H000123") for show in (Show.OVERDUE, Show.LATE)}
    lists |= {f"{show} field": CaseFilters(show=show, field="F3") for show in (Show.OVERDUE, Show.LATE)}
    for show in (Show.OVERDUE, Show.LATE, Show.ALL):
        lists |= {
            f"{show} unit": CaseFilters(show=show, unit=known["units"][2]),
            f"{show} officer": CaseFilters(show=show, officer=known["people"][2]),
            f"{show} no officer": CaseFilters(show=show, no_officer=True),
            f"{show} procedure": CaseFilters(show=show, procedure=known["procedures"][2]),
            f"{show} period": CaseFilters(show=show, from_=date(2023, 9, 1), to=date(2023, 9, 30)),
            f"{show} second page": CaseFilters(show=show, after="2023-10-01T08:00:00~500"),
            f"{show} page before": CaseFilters(show=show, before="2023-10-01T08:00:00~500"),
        }
    return lists


@pytest.mark.slow
def test_no_list_reads_the_whole_table(make: Make) -> None:
    known, source = ids(make), make.source().id
    with commit():
        if dialect() == "postgresql":  # the tests commit asynchronously; VACUUM trusts only flushed commits
            db.session.connection().exec_driver_sql("SET LOCAL synchronous_commit = on")
        copy_rows("cases", tuple(COLUMNS), rows_of(known, source))
    refresh_statistics()
    faults: list[str] = []

    for role, viewer in viewers(known).items():
        for name, filters in single_filters(known).items():
            with statements() as sent:
                CaseQuery.visible_to(viewer).filtered(filters, NOW).page(filters)
            faults += [f"{role}, {name}: {step}" for sql, values in sent for step in scans(sql, values)]

    if dialect() == "postgresql":
        db.session.connection().exec_driver_sql("SET LOCAL plan_cache_mode = force_generic_plan")
        for role, viewer in viewers(known).items():
            for show in (Show.OVERDUE, Show.LATE):
                filters = CaseFilters(show=show)
                with statements() as sent:
                    CaseQuery.visible_to(viewer).filtered(filters, NOW).page(filters)
                faults += [
                    f"{role}, {show}: {step}" for sql, values in sent for step in scans_when_prepared(sql, values)
                ]

    with statements() as sent:
        count_missing(AT)
    faults += [f"breaches to open: {step}" for sql, values in sent for step in scans(sql, values)]

    assert faults == [], "\n".join(faults)
