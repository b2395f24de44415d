"""Set-based writing of an import, inside the open ``commit()``. Reviewed SQL; names of tables and columns are ours."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert, text, update
from sqlalchemy.dialects import postgresql, sqlite

from portal.cases.models import Case, Procedure
from portal.database import copy_rows, db, dialect
from portal.directory.models import Person, Posting, Unit, UnitLink
from portal.directory.rules import SINCE_EVER, Line
from portal.guard import Role
from portal.imports.models import BatchRow, PendingRow, SourceName
from portal.imports.placing import NewPerson, NewProcedure, NewUnit, WaitingName
from portal.imports.planning import COMPARED, WRITTEN, Change
from portal.imports.rules import NameKind, NameState, Remark
from portal.vietnamese import fold, name_sort_key, sort_key

LOCK = 7_061_850
LONGEST_HEADING = 300
LONGEST_KEY = 1_000
STATEMENT_TIMEOUT = "120s"


def take_turn() -> None:
    """One import writes at a time. SQLite has its write lock; PostgreSQL gets an advisory one and more time."""
    if dialect() == "postgresql":
        db.session.execute(text(f"SET LOCAL statement_timeout = '{STATEMENT_TIMEOUT}'"))
        db.session.execute(text("SET LOCAL lock_timeout = '60s'"))
        db.session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})


def _raw() -> Callable[[Any], Any]:
    """How a value goes to the driver without SQLAlchemy: SQLite keeps moments as text of one form."""
    if dialect() == "postgresql":
        return lambda value: value
    return lambda value: value.isoformat(" ", "microseconds") if isinstance(value, datetime) else value


def _stage(name: str, columns: Sequence[str], rows: Iterator[tuple[Any, ...]], like: str = "cases") -> None:
    """A temporary table with some columns of a real one, filled; gone at the end of the transaction."""
    wanted = ", ".join(columns)
    if dialect() == "postgresql":
        db.session.execute(text(f"DROP TABLE IF EXISTS {name}"))
        db.session.execute(text(f"CREATE TEMP TABLE {name} ON COMMIT DROP AS SELECT {wanted} FROM {like} LIMIT 0"))
    else:
        db.session.execute(text(f"DROP TABLE IF EXISTS temp.{name}"))
        db.session.execute(text(f"CREATE TEMP TABLE {name} AS SELECT {wanted} FROM {like} LIMIT 0"))  # noqa: S608
    copy_rows(name, tuple(columns), rows)


def _unstage(name: str) -> None:
    db.session.execute(text(f"DROP TABLE IF EXISTS {name}"))


def write_cases(rows: Sequence[Mapping[str, Any]], batch_id: int) -> int:
    """Insert new cases, update changed ones; says how many were written. Raises the version of what it updates."""
    if not rows:
        return 0
    raw = _raw()
    taken = ("first_batch_id", "last_batch_id")
    staged = (tuple(batch_id if name in taken else raw(row.get(name)) for name in WRITTEN) for row in rows)
    _stage("import_stage", WRITTEN, staged)
    columns = ", ".join(WRITTEN)
    updated = [name for name in WRITTEN if name not in ("code", "first_batch_id")]
    sets = ", ".join(f"{name} = excluded.{name}" for name in updated)
    differs = " OR ".join(f"cases.{name} IS DISTINCT FROM excluded.{name}" for name in COMPARED)
    result = db.session.execute(
        text(
            f"INSERT INTO cases ({columns}, version) SELECT {columns}, 1 FROM import_stage WHERE true "  # noqa: S608
            f"ON CONFLICT (code) DO UPDATE SET {sets}, version = cases.version + 1 WHERE {differs}"
        )
    )
    _unstage("import_stage")
    return int(result.rowcount)  # type: ignore[attr-defined]


def confirm(case_ids: Sequence[int], data_as_of: datetime, batch_id: int) -> None:
    """Newer data say the same of these cases: only their moment moves on."""
    if not case_ids:
        return
    _stage("import_seen", ("id",), ((case_id,) for case_id in case_ids))
    table: Any = Case.__table__
    db.session.execute(
        update(table)
        .where(text("id IN (SELECT id FROM import_seen)"), table.c.data_as_of < data_as_of)
        .values(data_as_of=data_as_of, last_batch_id=batch_id, version=table.c.version + 1)
    )
    _unstage("import_seen")


def write_changes(changes: Iterable[Change], batch_id: int | None) -> None:
    """The differences of known cases, append-only."""
    columns = ("case_id", "batch_id", "field", "old", "new", "kind")
    rows = ((item.case_id, batch_id, item.field, item.old, item.new, item.kind) for item in changes)
    copy_rows("case_changes", columns, rows)


def mark_gone(source_id: int, codes: Iterable[str], data_as_of: datetime, batch_id: int) -> int:
    """Cases of a source that its full extract no longer has; says how many (domain rules, facts in, 8)."""
    _stage("import_codes", ("code",), ((code,) for code in codes))
    missing = (
        "source_id = :source AND gone_since IS NULL AND data_as_of < :as_of "
        "AND NOT EXISTS (SELECT 1 FROM import_codes i WHERE i.code = cases.code)"
    )
    raw = _raw()
    values = {"source": source_id, "as_of": raw(data_as_of), "batch": batch_id, "iso": data_as_of.isoformat()}
    db.session.execute(
        text(
            "INSERT INTO case_changes (case_id, batch_id, field, old, new, kind) "  # noqa: S608
            f"SELECT id, :batch, 'gone_since', NULL, :iso, 'gone' FROM cases WHERE {missing}"
        ),
        values,
    )
    result = db.session.execute(
        text(f"UPDATE cases SET gone_since = :as_of, version = version + 1 WHERE {missing}"),  # noqa: S608
        values,
    )
    _unstage("import_codes")
    return int(result.rowcount)  # type: ignore[attr-defined]


# --- what an import makes in the directory


def insert_units(units: Sequence[NewUnit], parent_id: int | None) -> dict[int, int]:
    """Units made by an import, below ``parent_id`` on both lines if there is one; negative id to real id."""
    if not units:
        return {}
    rows = [
        {
            "code": unit.code,
            "name": unit.name[:300],
            "folded": fold(unit.name)[:300],
            "sort_key": sort_key(unit.name)[:LONGEST_KEY],
            "kind": unit.kind.value,
            "valid_from": SINCE_EVER,
            "made_by_import": True,
        }
        for unit in units
    ]
    ids = _inserted(Unit, rows)
    if parent_id is not None:
        links = [
            {"unit_id": unit_id, "kind": line.value, "parent_id": parent_id, "valid_from": SINCE_EVER}
            for unit_id in ids
            for line in Line
        ]
        db.session.execute(insert(UnitLink), links)
    return {unit.id: unit_id for unit, unit_id in zip(units, ids, strict=True)}


def insert_people(people: Sequence[NewPerson], units: Mapping[int, int]) -> dict[int, int]:
    """People made by an import, each with an officer's posting and no account; ``units``: ids of units just made."""
    if not people:
        return {}
    rows = [
        {
            "full_name": person.name,
            "folded": fold(person.name)[:200],
            "sort_key": name_sort_key(person.name)[:LONGEST_KEY],
            "made_by_import": True,
        }
        for person in people
    ]
    ids = _inserted(Person, rows)
    postings = [
        {
            "person_id": person_id,
            "unit_id": units.get(person.unit_id, person.unit_id),
            "position": "",
            "role": Role.OFFICER.value,
            "valid_from": SINCE_EVER,
        }
        for person, person_id in zip(people, ids, strict=True)
    ]
    db.session.execute(insert(Posting), postings)
    return {person.id: person_id for person, person_id in zip(people, ids, strict=True)}


def insert_procedures(procedures: Sequence[NewProcedure]) -> dict[int, int]:
    """Procedures the portal did not know."""
    if not procedures:
        return {}
    rows = [
        {
            "code": made.code,
            "title": made.title,
            "folded": fold(made.title),
            "field": made.field[:300],
            "field_folded": fold(made.field)[:300],
            "made_by_import": True,
        }
        for made in procedures
    ]
    return {made.id: real for made, real in zip(procedures, _inserted(Procedure, rows), strict=True)}


def _inserted(model: Any, rows: list[dict[str, Any]]) -> Sequence[int]:
    """Insert rows and give their ids in the same order."""
    return db.session.scalars(insert(model).returning(model.id, sort_by_parameter_order=True), rows).all()


# --- what waits for people


def write_remarks(batch_id: int, remarks: Iterable[tuple[str, Remark]]) -> None:
    """What a batch says of its rows: (kind, remark) pairs."""
    columns = ("batch_id", "kind", "row_number", "heading", "value", "reason", "facts")
    rows = (
        (
            batch_id,
            kind,
            remark.row,
            (remark.column or "")[:LONGEST_HEADING] or None,
            remark.value,
            remark.reason,
            json.dumps(remark.facts, ensure_ascii=False),
        )
        for kind, remark in remarks
    )
    copy_rows("batch_rows", columns, rows)


def forget_remarks(batch_id: int) -> None:
    """Remove what an earlier preview of the same batch said."""
    table: Any = BatchRow.__table__
    db.session.execute(table.delete().where(table.c.batch_id == batch_id))


def _insert(model: Any) -> Any:
    """An INSERT that knows ON CONFLICT, in the words of the database in use."""
    return (postgresql if dialect() == "postgresql" else sqlite).insert(model)


def write_pending(rows: Sequence[Mapping[str, Any]]) -> None:
    """Rows without a unit: one a code, the newer data win, the same again writes nothing."""
    if not rows:
        return
    table: Any = PendingRow.__table__
    statement = _insert(table)
    new = statement.excluded
    told = ("unit_text", "unit_folded", "batch_id", "source_id", "data_as_of", "payload")
    differs = (
        (table.c.payload != new.payload)
        | (table.c.unit_folded != new.unit_folded)
        | (table.c.data_as_of < new.data_as_of)
        | table.c.settled_at.is_not(None)
    )
    statement = statement.on_conflict_do_update(
        index_elements=[table.c.code],
        set_={**{name: new[name] for name in told}, "settled_at": None},
        where=(table.c.data_as_of <= new.data_as_of) & differs,
    )
    db.session.execute(statement, list(rows))


def settle_pending(codes: Iterable[str], at: datetime) -> None:
    """Rows that waited and have become cases."""
    _stage("import_codes", ("code",), ((code,) for code in codes))
    table: Any = PendingRow.__table__
    db.session.execute(
        update(table)
        .where(table.c.settled_at.is_(None), text("code IN (SELECT code FROM import_codes)"))
        .values(settled_at=at)
    )
    _unstage("import_codes")


def queue_names(names: Iterable[WaitingName], batch_id: int, at: datetime) -> None:
    """Put names into the queue; those that stand in it already stay as they are."""
    rows = [
        {
            "kind": (NameKind.UNIT if name.unit_id is None else NameKind.OFFICER).value,
            "scope": "" if name.unit_id is None else str(name.unit_id),
            "unit_id": name.unit_id,
            "text": name.text,
            "folded": name.key[:300],
            "state": NameState.WAITING.value,
            "batch_id": batch_id,
            "made_at": at,
            "version": 1,
        }
        for name in names
    ]
    if rows:
        statement = _insert(SourceName.__table__)
        db.session.execute(statement.on_conflict_do_nothing(index_elements=["kind", "scope", "folded"]), rows)


def assign_officer(case_ids: Sequence[int], person_id: int) -> None:
    """The officer of cases whose printed name a person has mapped."""
    if not case_ids:
        return
    _stage("import_seen", ("id",), ((case_id,) for case_id in case_ids))
    table: Any = Case.__table__
    db.session.execute(
        update(table)
        .where(text("id IN (SELECT id FROM import_seen)"), table.c.officer_id.is_(None))
        .values(officer_id=person_id, version=table.c.version + 1)
    )
    _unstage("import_seen")
