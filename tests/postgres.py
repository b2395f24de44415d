"""A private PostgreSQL for one test session: own data folder, own socket, no network port, gone afterwards."""

from __future__ import annotations

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

MISSING = "{what} is missing: run `make test`, which installs it (the tests never skip a database)."
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "shared_buffers": "64MB",
    "max_connections": "60",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "checkpoint_timeout": "1h",
    "max_wal_size": "4GB",
    "logging_collector": "off",
}
PREFIX = "portal-pg-"
START_SECONDS = 60
_PR_SET_PDEATHSIG = 1


def bin_folder() -> Path:
    """The folder of ``initdb`` and ``postgres``: the newest of Debian's, or what is on the path."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    if on_path is None:
        raise RuntimeError(MISSING.format(what="PostgreSQL"))
    return Path(on_path).resolve().parent


def remove_leftovers() -> None:
    """Remove the folders of test processes that were killed."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*-*"):
        owner = folder.name.removeprefix(PREFIX).split("-")[0]
        if owner.isdigit() and not Path("/proc", owner).exists():
            shutil.rmtree(folder, ignore_errors=True)


def _die_with_parent() -> None:
    """In the child: stop at once when the test process is killed, so that no server is left behind."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGQUIT)


TABLES = "SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
SCHEMA = (
    "SELECT (SELECT (count(*), max(oid)) FROM pg_class WHERE relnamespace = 'public'::regnamespace)::text,"
    " (SELECT (count(*), max(oid)) FROM pg_trigger)::text, (SELECT (count(*), max(oid)) FROM pg_proc)::text,"
    " (SELECT (count(*), max(oid)) FROM pg_constraint)::text, (SELECT count(*) FROM pg_statistic_ext)::text"
)
SEQUENCES = (
    "SELECT d.refobjid::regclass::text, s.oid::regclass::text FROM pg_class s JOIN pg_depend d ON d.objid = s.oid"
    " WHERE s.relkind = 'S' AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')"
)
GUARDS = "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE tgenabled = 'A'"
"""The triggers of append-only tables: they fire for replicas too."""
ALONE = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> {pid}"
LARGEST_TABLE = 8 << 20
"""Bytes that are sooner dropped than emptied."""
WORN_TABLE = 64 << 10
"""Bytes of removed rows that are worth a VACUUM."""


@dataclass(frozen=True)
class AsMade:
    """What tells a copy of the template from one in which the schema, or a row that is shipped, was touched."""

    schema: Any
    shipped: str
    rows: Any
    others: frozenset[str]
    guards: dict[str, list[str]]
    sequences: dict[str, list[str]]
    """The counters of each table; asked once, for the catalogue takes longer over it than all removals together."""
    later: dict[str, str]
    """Of append-only tables that are not empty in the template: what tells the rows of a test from its own."""

    @classmethod
    def of(cls, connection: psycopg.Connection[Any]) -> AsMade:
        """Look at the template itself."""
        tables = [name for (name,) in connection.execute(TABLES)]
        filled = [name for name in tables if connection.execute(f"SELECT 1 FROM {name} LIMIT 1").fetchone()]  # noqa: S608
        guards: dict[str, list[str]] = {}
        for table, trigger in connection.execute(GUARDS):
            guards.setdefault(table, []).append(trigger)
        sequences: dict[str, list[str]] = {}
        for table, sequence in connection.execute(SEQUENCES):
            sequences.setdefault(table, []).append(sequence)
        newest = {
            name: connection.execute(f"SELECT max(xmin::text::bigint) FROM {name}").fetchone()[0]  # type: ignore[index]  # noqa: S608
            for name in filled
        }
        later = {name: f"xmin::text::bigint > {newest[name]}" for name in filled if name in guards}
        counts = [f"(SELECT count(*) FROM {name} WHERE NOT {condition})" for name, condition in later.items()]  # noqa: S608
        counts += [
            f"(SELECT (count(*), max(xmin::text::bigint)) FROM {name})::text"  # noqa: S608
            for name in filled
            if name not in later
        ]
        shipped = f"SELECT {', '.join(counts)}"
        schema, rows = connection.execute(SCHEMA).fetchone(), connection.execute(shipped).fetchone()
        return cls(schema, shipped, rows, frozenset(tables) - frozenset(filled), guards, sequences, later)

    def restore(self, connection: psycopg.Connection[Any]) -> bool:
        """Empty every table that the template has empty; False where that would not make it as the template is."""
        connection.execute(ALONE.format(pid=connection.info.backend_pid))
        if (
            connection.execute(SCHEMA).fetchone() != self.schema
            or connection.execute(self.shipped).fetchone() != self.rows
        ):
            return False
        sizes = dict(connection.execute(f"SELECT name, pg_relation_size(name) FROM ({TABLES}) AS t (name)").fetchall())  # noqa: S608
        filled = [name for name, size in sizes.items() if size and (name in self.others or name in self.later)]
        if any(sizes[name] > LARGEST_TABLE for name in filled):
            return False
        connection.execute("SET session_replication_role = replica")
        for name in filled:
            guards = self.guards.get(name, [])
            lifted = [f"ALTER TABLE {name} DISABLE TRIGGER {guard}" for guard in guards]
            set_again = [f"ALTER TABLE {name} ENABLE ALWAYS TRIGGER {guard}" for guard in guards]
            removal = f"DELETE FROM {name} WHERE {self.later.get(name, 'true')}"  # noqa: S608
            connection.execute("; ".join([*lifted, removal, *set_again]))
        counters = [each for name in filled if name not in self.later for each in self.sequences.get(name, [])]
        if counters:
            connection.execute("SELECT " + ", ".join(f"setval('{each}', 1, false)" for each in counters))
        if worn := [name for name in filled if sizes[name] > WORN_TABLE]:
            connection.execute(f"VACUUM {', '.join(worn)}")
        return True


class Cluster:
    """One running server, quick rather than durable unless ``settings`` say otherwise.

    As root it runs as the user ``postgres``, because PostgreSQL refuses root.
    """

    def __init__(self, settings: dict[str, str] | None = None) -> None:
        self.settings = {**SETTINGS, **(settings or {})}
        self.bin = bin_folder()
        remove_leftovers()
        self.folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
        self.user = "postgres" if os.geteuid() == 0 else None
        if self.user:
            account = pwd.getpwnam(self.user)
            os.chown(self.folder, account.pw_uid, account.pw_gid)
        self._run(
            "initdb",
            "-D",
            str(self.data),
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
        )
        self.server = self._start()
        self._admin: psycopg.Connection[tuple[object, ...]] | None = None

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def url(self, name: str) -> str:
        """The SQLAlchemy address of a database of this cluster."""
        return f"postgresql+psycopg://postgres@/{name}?host={self.folder}"

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [str(self.bin / program), *arguments],
            user=self.user,
            group=self.user,
            extra_groups=[] if self.user else None,
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{program}: {done.stderr}")

    def _start(self) -> subprocess.Popen[bytes]:
        settings = [part for name, value in self.settings.items() for part in ("-c", f"{name}={value}")]
        self.log = (self.folder / "log").open("wb")
        server = subprocess.Popen(
            [str(self.bin / "postgres"), "-D", str(self.data), "-k", str(self.folder), *settings],
            user=self.user,
            group=self.user,
            extra_groups=[] if self.user else None,
            cwd="/",
            stdout=self.log,
            stderr=self.log,
            preexec_fn=_die_with_parent,
        )
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and server.poll() is None:
            try:
                psycopg.connect(host=str(self.folder), user="postgres", dbname="postgres").close()
            except psycopg.OperationalError:
                time.sleep(0.05)
            else:
                return server
        raise RuntimeError("PostgreSQL did not start: " + (self.folder / "log").read_text(errors="replace")[-2000:])

    def admin(self) -> psycopg.Connection[tuple[object, ...]]:
        """A connection for making and dropping databases."""
        if self._admin is None or self._admin.closed:
            self._admin = psycopg.connect(host=str(self.folder), user="postgres", dbname="postgres", autocommit=True)
        return self._admin

    def create(self, name: str, template: str | None = None) -> None:
        """Make a database, empty or as a copy of another one to which nobody is connected."""
        # Copying files beats writing each page to the log, which nobody will replay.
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
            sql.Identifier(name), sql.Identifier(template or "template0")
        )
        self.admin().execute(statement)

    def connected(self, name: str) -> psycopg.Connection[Any]:
        """A connection to a database, for ``with``."""
        return psycopg.connect(host=str(self.folder), user="postgres", dbname=name, autocommit=True)

    def drop(self, name: str) -> None:
        """Drop a database, whoever is still connected."""
        self.admin().execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def stop(self) -> None:
        """Stop at once and remove every trace."""
        if self._admin is not None:
            self._admin.close()
        self.server.send_signal(signal.SIGQUIT)
        self.server.wait(timeout=30)
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)
