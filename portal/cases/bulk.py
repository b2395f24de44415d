"""Set-based writing of what sources tell beside the facts of a case: pauses and steps. Inside the open ``commit()``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Integer,
    MetaData,
    Select,
    String,
    Table,
    func,
    insert,
    select,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import aliased

from portal.cases.models import Case, CaseChange, CaseStep, Pause
from portal.cases.moving import Own, Ruling
from portal.cases.narrowing import SUPPLEMENT_FIELD
from portal.database import WallTime, copy_rows, db, dialect

TOLD = ("started_at", "ended_at", "reason", "due_before", "due_after", "batch_id")
"""What a pause told again may say otherwise."""
AT_ONCE = 500
RULINGS = "case_rulings"
"""A temporary table."""
SCRATCH = MetaData()


def scratch_table(name: str, *columns: Column[Any]) -> Table:
    """A table that lives as long as its transaction."""
    return Table(name, SCRATCH, *columns, prefixes=["TEMPORARY"], postgresql_on_commit="DROP")


own = scratch_table(
    "case_own_counts",
    Column("case_id", Integer, primary_key=True, autoincrement=False),
    Column("term_id", Integer),
    Column("due_at", WallTime()),
    Column("precision", String(8)),
    Column("difference", String(16)),
    Column("last_hour_rule", Boolean),
)
"""Counts of our own, made and not yet kept, where they may be other ones; ``term_id`` NULL: there is none."""


def _insert(model: Any) -> Any:
    """An INSERT that knows ON CONFLICT, in the words of the database in use."""
    return (postgresql if dialect() == "postgresql" else sqlite).insert(model.__table__)


def _parts(rows: Sequence[Mapping[str, Any]]) -> Iterable[list[dict[str, Any]]]:
    return ([dict(row) for row in rows[start : start + AT_ONCE]] for start in range(0, len(rows), AT_ONCE))


def write_pauses(rows: Sequence[Mapping[str, Any]]) -> int:
    """Pauses by the source's own number (``case_id``, ``source_ref``): new ones are written, others told anew change.

    The same again writes nothing. Says how many were written.
    """
    table: Any = Pause.__table__
    statement = _insert(Pause)
    new = statement.excluded
    same = [table.c[name].is_not_distinct_from(new[name]) for name in TOLD if name != "batch_id"]
    differs = ~same[0]
    for one in same[1:]:
        differs = differs | ~one
    statement = statement.on_conflict_do_update(
        index_elements=["case_id", "source_ref"], set_={name: new[name] for name in TOLD}, where=differs
    )
    written = 0
    for part in _parts(rows):
        written += len(db.session.execute(statement.values(part).returning(table.c.id)).all())
    return written


def write_rulings(rows: Sequence[tuple[int, Ruling]]) -> int:
    """Set what rules some cases (case, ruling), in one statement; says how many. Raises their version."""
    if not rows:
        return 0
    kind = "timestamp" if dialect() == "postgresql" else "DATETIME"
    end = " ON COMMIT DROP" if dialect() == "postgresql" else ""
    db.session.execute(text(f"DROP TABLE IF EXISTS {RULINGS}"))
    db.session.execute(
        text(
            f"CREATE TEMP TABLE {RULINGS} (case_id INTEGER PRIMARY KEY, due_at {kind}, due_precision VARCHAR(8), "
            f"moved_by VARCHAR(200), since {kind}){end}"
        )
    )
    written = (
        (case_id, _raw(one.due_at), one.precision, one.moved_by, _raw(one.paused_since)) for case_id, one in rows
    )
    copy_rows(RULINGS, ("case_id", "due_at", "due_precision", "moved_by", "since"), written)
    result: Any = db.session.execute(
        text(
            "UPDATE cases SET ruling_due_at = r.due_at, ruling_due_precision = r.due_precision, "  # noqa: S608
            "moved_by = r.moved_by, paused_since = r.since, version = cases.version + 1 "
            f"FROM {RULINGS} r WHERE r.case_id = cases.id"
        )
    )
    db.session.execute(text(f"DROP TABLE {RULINGS}"))
    for loaded in db.session.identity_map.values():
        if isinstance(loaded, Case):
            db.session.expire(loaded)
    return int(result.rowcount)


def keep_own_counts(version_id: int) -> int:
    """Keep the counts that stand in ``own``, writing only what becomes another one; cases there without a count lose
    theirs. Says how many became another one."""
    changed = changed_own_counts()
    names = ("term_id", "due_at", "precision", "difference", "last_hour_rule")
    told = ", ".join((*names, "calendar_version_id"))
    sets = ", ".join(f"{name} = excluded.{name}" for name in (*names, "calendar_version_id"))
    differs = " OR ".join(f"computed_dues.{name} IS DISTINCT FROM excluded.{name}" for name in names)
    db.session.execute(
        text(
            f"INSERT INTO computed_dues (case_id, {told}) SELECT case_id, {', '.join(names)}, {int(version_id)} "  # noqa: S608
            f"FROM {own.name} WHERE term_id IS NOT NULL ON CONFLICT (case_id) DO UPDATE SET {sets} WHERE {differs}"
        )
    )
    gone = f"SELECT case_id FROM {own.name} WHERE term_id IS NULL"  # noqa: S608
    db.session.execute(text(f"DELETE FROM computed_dues WHERE case_id IN ({gone})"))  # noqa: S608
    return changed


def changed_own_counts() -> int:
    """How many of the counts that stand in ``own`` are another moment than what is kept, or stand otherwise to the
    moment that rules."""
    found = db.session.scalar(
        text(
            f"SELECT count(*) FROM {own.name} o LEFT JOIN computed_dues c ON c.case_id = o.case_id "  # noqa: S608
            "WHERE o.due_at IS DISTINCT FROM c.due_at OR o.difference IS DISTINCT FROM c.difference"
        )
    )
    return int(found or 0)


def put_own_counts(rows: Iterable[Own]) -> None:
    """Counts that were made one by one, beside those made together."""
    written = ((one.case_id, one.term_id, _raw(one.due_at), *one[3:]) for one in rows)
    copy_rows(own.name, tuple(column.name for column in own.columns), written)


def put_own_counts_of(counts: Select[Any]) -> None:
    """Counts that a statement makes; its columns are those of ``own``."""
    db.session.execute(insert(own).from_select(list(own.columns), counts))


def fill_scratch(table: Table, rows: Iterable[tuple[Any, ...]]) -> None:
    """Rows for a temporary table; moments and days as Python has them."""
    kept = dialect() == "postgresql"
    written = rows if kept else (tuple(map(_as_text, row)) for row in rows)
    copy_rows(table.name, tuple(column.name for column in table.columns), iter(written))


def _as_text(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds")
    return value.isoformat() if isinstance(value, date) else value


@contextmanager
def scratch(*tables: Table) -> Iterator[None]:
    """Temporary tables for the length of a block; where it fails they go with the transaction."""
    connection = db.session.connection()
    for table in tables:
        table.create(connection, checkfirst=False)
    yield
    for table in tables:
        table.drop(connection, checkfirst=False)


def _raw(moment: datetime | None) -> Any:
    """A moment for the driver without SQLAlchemy: SQLite keeps text of whole seconds."""
    if moment is None or dialect() == "postgresql":
        return moment
    return moment.isoformat(" ", "seconds")


def write_steps(rows: Sequence[Mapping[str, Any]]) -> set[tuple[int, str]]:
    """Steps of cases; one that was told before stays as it is. Gives (case, digest) of those that are new."""
    table: Any = CaseStep.__table__
    statement = _insert(CaseStep).on_conflict_do_nothing(index_elements=["case_id", "digest"])
    written: set[tuple[int, str]] = set()
    for part in _parts(rows):
        done = db.session.execute(statement.values(part).returning(table.c.case_id, table.c.digest))
        written.update((row.case_id, row.digest) for row in done)
    return written


def is_replaced() -> ColumnElement[bool]:
    """A further row stands in place of this pause."""
    later = aliased(Pause)
    return select(later.id).where(later.replaces_id == Pause.id).correlate(Pause).exists()


def note_repeated_supplements(case_ids: Iterable[int], batch_id: int | None) -> int:
    """Cases that were asked for a supplement more than once: the fact "again" stands once for each further asking.

    The citizen is asked for everything at once (Decree 118/2025); who asks again is seen, not judged, here.
    """
    wanted = sorted(set(case_ids))
    if not wanted:
        return 0
    place = func.row_number().over(partition_by=Pause.case_id, order_by=(Pause.started_at, Pause.id))
    before = func.lag(Pause.started_at, type_=WallTime()).over(
        partition_by=Pause.case_id, order_by=(Pause.started_at, Pause.id)
    )
    numbered = (
        select(Pause.case_id, Pause.started_at, place.label("place"), before.label("before"))
        .where(Pause.case_id.in_(wanted), Pause.kind == "supplement", Pause.voided.is_(False), ~is_replaced())
        .subquery()
    )
    found = db.session.execute(
        select(numbered.c.case_id, numbered.c.before, numbered.c.started_at).where(numbered.c.place > 1)
    ).all()
    noted = select(CaseChange.case_id, CaseChange.new)
    noted = noted.where(CaseChange.case_id.in_(wanted), CaseChange.kind == "supplement_again")
    known = {(row.case_id, row.new) for row in db.session.execute(noted)}
    rows = [
        {
            "case_id": row.case_id,
            "batch_id": batch_id,
            "field": SUPPLEMENT_FIELD,
            "old": f"{row.before:%Y-%m-%dT%H:%M:%S}",
            "new": f"{row.started_at:%Y-%m-%dT%H:%M:%S}",
            "kind": "supplement_again",
        }
        for row in found
    ]
    rows = [row for row in rows if (row["case_id"], row["new"]) not in known]
    if rows:
        db.session.execute(insert(CaseChange), rows)
    return len(rows)
