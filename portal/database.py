"""The only door for writing: Base, column types, ``commit()`` and ``transition()``."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import lru_cache
from itertools import chain, islice, repeat
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import DateTime, Engine, MetaData, Select, event, inspect, select, text, update
from sqlalchemy.dialects.sqlite import DATETIME as SQLITE_DATETIME
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, MappedColumn, mapped_column, registry
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.types import TypeDecorator, TypeEngine

from portal.refusal import Conflict

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class WallTime(TypeDecorator[datetime]):
    """A Vietnam wall-clock moment as printed on the receipt: naive, whole seconds, stored without zone.

    SQLite keeps it as text ``YYYY-MM-DD HH:MM:SS``: raw SQL and bulk rows must write just that, so that text order
    is time order.
    """

    impl = DateTime(timezone=False)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(SQLITE_DATETIME(truncate_microseconds=True))
        return dialect.type_descriptor(DateTime(timezone=False))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is not None:
            raise TypeError("a wall-clock column takes naive Vietnam time, not an instant")
        return value


class Instant(TypeDecorator[datetime]):
    """A moment of the machine: aware, UTC; for audit, sessions and jobs."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise TypeError("an instant column takes an aware moment, not wall time")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Parent of every model. Models subclass it directly, so that type checkers see through them."""

    registry = registry(metadata=MetaData(naming_convention=NAMES))


def col(*args: Any, personal: str | None = None, **kwargs: Any) -> MappedColumn[Any]:
    """A mapped column that says whether it is personal data.

    ``personal`` is None, ``"officer"``, ``"applicant"`` or ``"secret"``; the mark drives masking, logs and exports.
    """
    return mapped_column(*args, info={"personal": personal}, **kwargs)


db = SQLAlchemy(
    metadata=Base.metadata,
    # A fault is logged with its statement; the values in it may be names of applicants. Building the SQL of a statement
    # takes up to 20 ms, and the pages together ask more of them than the 500 that SQLAlchemy would remember.
    engine_options={"pool_pre_ping": True, "hide_parameters": True, "query_cache_size": 1_000},
    session_options={"autoflush": True, "expire_on_commit": True},
)

SQLITE_PRAGMAS = {
    "journal_mode": "WAL",
    "synchronous": "FULL",
    "foreign_keys": "ON",
    "recursive_triggers": "ON",
    "busy_timeout": "8000",
    "trusted_schema": "OFF",
    # Nothing copies the log back by itself: see shorten_log().
    "wal_autocheckpoint": "0",
    "journal_size_limit": str(1 << 20),
}
LOG_FULL = 4 << 20
"""Bytes of write-ahead log after which a commit copies it back into the database (SQLite's own measure, 1000 pages)."""
POSTGRESQL_SETTINGS = {
    "lock_timeout": "5s",
    "idle_in_transaction_session_timeout": "60s",
    "timezone": "UTC",
    # A statement over all cases costs so much on paper that it would be compiled first: seconds for tenths of one.
    "jit": "off",
}


WEB_STATEMENT_TIMEOUT = "15s"
COMMAND_STATEMENT_TIMEOUT = "15min"
_statement_timeout: ContextVar[str] = ContextVar("statement_timeout", default=WEB_STATEMENT_TIMEOUT)


def allow_long_statements() -> None:
    """Let commands and jobs of this context run statements longer than a web request may (PostgreSQL)."""
    _statement_timeout.set(COMMAND_STATEMENT_TIMEOUT)


@event.listens_for(Engine, "connect")
def _prepare_connection(connection: Any, _record: Any) -> None:
    """Set what durability and isolation rest on, for every new connection."""
    if isinstance(connection, sqlite3.Connection):
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma, value in SQLITE_PRAGMAS.items():
            cursor.execute(f"PRAGMA {pragma}={value}")
        cursor.close()
        return
    was_autocommit = connection.autocommit
    connection.autocommit = True
    with connection.cursor() as cursor:
        for setting, value in {**POSTGRESQL_SETTINGS, "statement_timeout": _statement_timeout.get()}.items():
            cursor.execute(f"SET {setting} = '{value}'")
    connection.autocommit = was_autocommit


@event.listens_for(Engine, "begin")
def _begin(connection: Connection) -> None:
    """SQLite: a write transaction must take its lock at once, or busy_timeout cannot save it (measured)."""
    if connection.dialect.name == "sqlite":
        writing = connection.get_execution_options().get("portal_writing", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


@contextmanager
def commit() -> Iterator[None]:
    """Run one unit of work: commit it whole, or leave no trace of it.

    Ends the read that came before (loaded rows are read again when touched), begins the write, and commits at the end.
    Raises RuntimeError when nested, Conflict when another writer changed a versioned row first.
    """
    session = db.session
    if session.info.get("writing"):
        raise RuntimeError("commit() inside commit(): one unit of work has one commit")
    if session.new or session.dirty or session.deleted:
        raise RuntimeError("rows were changed before commit() began")
    session.commit()
    session.info["writing"] = True
    try:
        session.connection(execution_options={"portal_writing": True})
        for prepare in session.info.pop("before_write", ()):
            prepare()
        yield
        session.commit()
    except StaleDataError as error:
        session.rollback()
        raise Conflict() from error
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info.pop("writing", None)
    if dialect() == "sqlite":
        shorten_log()


def shorten_log() -> None:
    """Copy a long write-ahead log of SQLite back into the database, while nobody can commit.

    Before 3.51.3 a checkpoint may lose pages when another connection, of whatever thread or process, commits and so
    begins the log anew while it runs. Therefore one connection holds the write lock while a second one checkpoints.
    Where somebody else holds the lock just now, the next commit will do it.
    """
    engine = db.engine
    try:
        if os.stat(f"{engine.url.database}-wal").st_size < LOG_FULL:
            return
    except OSError:
        return
    guard, copier = engine.raw_connection(), engine.raw_connection()
    try:
        guard.cursor().execute("PRAGMA busy_timeout=0")
        guard.cursor().execute("BEGIN IMMEDIATE")
        copier.cursor().execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
    except sqlite3.OperationalError:
        pass
    finally:
        guard.rollback()
        guard.cursor().execute(f"PRAGMA busy_timeout={SQLITE_PRAGMAS['busy_timeout']}")
        guard.close()
        copier.close()


@contextmanager
def rehearsal() -> Iterator[None]:
    """Inside ``commit()``: what is written here is seen until the end of the block, and then undone."""
    with db.session.begin_nested() as trial:
        yield
        trial.rollback()


def before_write(action: Callable[[], None]) -> None:
    """Run ``action`` at the start of the next ``commit()`` of this session, in its transaction."""
    db.session.info.setdefault("before_write", []).append(action)


def is_writing() -> bool:
    """Whether a ``commit()`` is open; actions that must not run outside one may ask."""
    return bool(db.session.info.get("writing"))


def transition(
    model: type[Base], ident: int, *, where: Mapping[str, Any], to: Mapping[str, Any], version: int | None = None
) -> None:
    """Change the state of one row by one conditional UPDATE; raise its version.

    ``where`` is the state it must be in, ``to`` what changes. Raises Conflict when the row is not in that state or
    version any more: of two who decide at once, one wins and the other reads why.
    """
    table: Any = model.__table__
    statement = update(table).where(table.c.id == ident)
    for name, value in where.items():
        wanted = table.c[name]
        statement = statement.where(
            wanted.in_(value) if isinstance(value, (tuple, list, set, frozenset)) else wanted == value
        )
    values = dict(to)
    if "version" in table.c:
        if version is not None:
            statement = statement.where(table.c.version == version)
        values["version"] = table.c.version + 1
    db.session.flush()
    result = db.session.execute(statement.values(**values), execution_options={"synchronize_session": False})
    if result.rowcount != 1:  # type: ignore[attr-defined]
        raise Conflict()
    identity = inspect(model).identity_key_from_primary_key((ident,))
    loaded = db.session.identity_map.get(identity)
    if loaded is not None:
        db.session.expire(loaded)


def tally(wanted: Mapping[str, Select[Any]]) -> dict[str, int]:
    """Several counts in one statement, by name. Each select gives one number."""
    if not wanted:
        return {}
    columns = [statement.scalar_subquery().label(name) for name, statement in wanted.items()]
    return dict(db.session.execute(select(*columns)).one()._mapping)


def copy_rows(table: str, columns: tuple[str, ...], rows: Iterator[tuple[Any, ...]]) -> None:
    """Stream rows into a table inside the open ``commit()``: COPY on PostgreSQL, executemany on SQLite.

    ``table`` and ``columns`` are names from code, never from users.
    """
    connection = db.session.connection()
    cursor = connection.connection.cursor()
    try:
        if connection.dialect.name == "postgresql":
            with cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            marks = ", ".join("?" * len(columns))
            cursor.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", rows)  # type: ignore[arg-type]
    finally:
        cursor.close()


def copy_columns(
    table: str, columns: Mapping[str, Sequence[Any]], same: Mapping[str, int | str | None], *, at_once: int = 1
) -> None:
    """As ``copy_rows`` for columns of one length, and values that all rows share (``same``).

    SQLite is given each value of a row by a call of its own: a column that stands under two names is given once, what
    all rows share, nothing included, stands in the statement. ``at_once``: how many rows a statement has. Where a
    trigger may refuse a row, as in append-only tables, SQLite prepares the undoing of each statement, which costs more
    than the row; where rows go to many places of many indexes, it would copy all of these before a longer statement.
    """
    if dialect() == "postgresql":
        shared = (repeat(value) for value in same.values())
        copy_rows(table, (*columns, *same), zip(*columns.values(), *shared, strict=False))
        return
    written, given = numbered(columns)
    written |= {name: in_sql(value) for name, value in same.items()}
    head, row = f"INSERT INTO {table} ({', '.join(written)}) VALUES ", tuple(written.values())
    connection = db.session.connection()
    cursor = connection.connection.cursor()
    rows = zip(*given, strict=True)
    try:
        if at_once == 1:
            cursor.executemany(head + _row_after(row, 0), rows)  # type: ignore[arg-type]
        while more := list(islice(rows, at_once)):
            values = ", ".join(_row_after(row, place * len(given)) for place in range(len(more)))
            cursor.execute(head + values, tuple(chain.from_iterable(more)))
    finally:
        cursor.close()


@lru_cache(maxsize=1_024)
def _row_after(row: tuple[str, ...], n: int) -> str:
    """A row of ``numbered`` columns, as it stands in a statement after ``n`` other values were given."""
    return f"({', '.join(f'?{int(said[1:]) + n}' if said.startswith('?') else said for said in row)})"


def numbered(columns: Mapping[str, Sequence[Any]]) -> tuple[dict[str, str], list[Sequence[Any]]]:
    """Columns for a statement of SQLite: name to what stands for it, and the columns to be given, each once."""
    places: dict[int, int] = {}
    written, given = {}, []
    for name, column in columns.items():
        if len(column) == column.count(None):
            written[name] = "NULL"
            continue
        if id(column) not in places:
            given.append(column)
            places[id(column)] = len(given)
        written[name] = f"?{places[id(column)]}"
    return written, given


def in_sql(value: int | str | None) -> str:
    """A value of ours as a literal."""
    if value is None:
        return "NULL"
    return str(int(value)) if isinstance(value, int) else "'" + value.replace("'", "''") + "'"


def note_growth(table: str) -> None:
    """Let PostgreSQL plan the rest of the open ``commit()`` by what a table holds now.

    Its statistics are of earlier, and after a large INSERT they say that the table is as good as empty. ``table`` is a
    name from code, never from users.
    """
    if dialect() == "postgresql":
        db.session.execute(text(f"ANALYZE {table}"))


def dialect() -> str:
    """``sqlite`` or ``postgresql``."""
    return db.engine.dialect.name


def is_busy(error: OperationalError) -> bool:
    """Whether an operational error means "try again in a moment": locked, timed out, or no room on the disk."""
    said = str(error.orig).lower()
    return any(word in said for word in ("locked", "timeout", "full", "could not connect", "terminat"))
