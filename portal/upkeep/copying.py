"""Whole, consistent copies of the database: the backup API of SQLite, pg_dump on an exported snapshot."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, func, inspect, select, table, text

from portal.upkeep.rules import ArchiveFault

DEBIAN_CLUSTERS = Path("/usr/lib/postgresql")
PATIENCE = ("statement_timeout", "idle_in_transaction_session_timeout", "lock_timeout")


@dataclass(frozen=True)
class Facts:
    """What is counted in the copy itself, so that it can be compared after a restore."""

    revision: str
    counts: dict[str, int]
    audit_seq: int
    audit_hash: str


def copy_out(engine: Engine, target: Path) -> Facts:
    """Write one consistent copy of the database to ``target`` while others go on working; say what is in it."""
    if engine.dialect.name == "sqlite":
        return _copy_sqlite(engine, target)
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        for setting in PATIENCE:
            connection.execute(text(f"SET LOCAL {setting} = 0"))
        snapshot = connection.execute(text("SELECT pg_export_snapshot()")).scalar_one()
        facts = facts_of(connection)
        _run(program("pg_dump"), engine.url, "--format=custom", f"--snapshot={snapshot}", f"--file={target}")
    return facts


def _copy_sqlite(engine: Engine, target: Path) -> Facts:
    source = engine.url.database
    if not source or source == ":memory:":
        raise ArchiveFault("cơ sở dữ liệu trong bộ nhớ không sao lưu được")
    with closing(sqlite3.connect(source)) as original, closing(sqlite3.connect(target)) as copy:
        original.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")
    return facts_of_file(target)


def copy_in(engine: Engine, source: Path) -> Facts:
    """Fill the empty database of ``engine`` from a copy; say what is in it now. Its connections are closed."""
    engine.dispose()
    if engine.dialect.name == "sqlite":
        return _place_sqlite(Path(engine.url.database or ""), source)
    _run(program("pg_restore"), engine.url, "--exit-on-error", "--single-transaction", "--no-owner", str(source))
    with engine.connect() as connection:
        return facts_of(connection)


def _place_sqlite(target: Path, source: Path) -> Facts:
    """Check the copy where it lies, then rename it into place; the log files of the empty database go."""
    with closing(sqlite3.connect(source)) as copy:
        verdict = copy.execute("PRAGMA integrity_check").fetchone()[0]
    if verdict != "ok":
        raise ArchiveFault(f"cơ sở dữ liệu trong đó không toàn vẹn ({verdict})")
    facts = facts_of_file(source)
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = target.with_name(target.name + ".restoring")
    shutil.copyfile(source, aside)
    with aside.open("rb") as file:
        os.fsync(file.fileno())
    for ending in ("-wal", "-shm"):
        target.with_name(target.name + ending).unlink(missing_ok=True)
    os.replace(aside, target)
    return facts


def facts_of(connection: Connection) -> Facts:
    """Count what a connection sees."""
    names = sorted(inspect(connection).get_table_names())
    counts = {name: connection.execute(select(func.count()).select_from(table(name))).scalar_one() for name in names}
    return _facts(
        connection.execute(text("SELECT version_num FROM alembic_version")).scalar(),
        counts,
        connection.execute(text("SELECT seq, hash FROM audit_events ORDER BY seq DESC LIMIT 1")).first(),
    )


def facts_of_file(path: Path) -> Facts:
    """Count what is in a SQLite file."""
    with closing(sqlite3.connect(path)) as connection:
        listed = connection.execute("SELECT name FROM sqlite_master WHERE type='table' AND name NOT LIKE 'sqlite_%'")
        names = sorted(name for (name,) in listed)
        counts = {name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names}
        revision = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        head = connection.execute("SELECT seq, hash FROM audit_events ORDER BY seq DESC LIMIT 1").fetchone()
    return _facts(revision[0] if revision else None, counts, head)


def _facts(revision: str | None, counts: dict[str, int], head: tuple[int, str] | None) -> Facts:
    seq, digest = head or (0, "")
    return Facts(revision or "", counts, seq, digest)


def program(name: str) -> str:
    """The newest client of PostgreSQL on this machine: a client reads every older server, not the reverse."""
    found = sorted(DEBIAN_CLUSTERS.glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]))
    on_path = str(found[-1]) if found else shutil.which(name)
    if on_path is None:
        raise ArchiveFault(f"chưa cài {name} (Debian: apt-get install postgresql-client)")
    return on_path


def _run(client: str, url: URL, *arguments: str) -> None:
    """Run a client; the password goes through the environment, where other users cannot read it."""
    address = url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
    environment = dict(os.environ)
    if url.password:
        environment["PGPASSWORD"] = str(url.password)
    done = subprocess.run(
        [client, f"--dbname={address}", *arguments], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise ArchiveFault(f"{Path(client).name}: {done.stderr.strip()}")
