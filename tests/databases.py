"""A migrated database for each test: a copy of a template that the real ``portal upgrade`` code made once."""

from __future__ import annotations

import itertools
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import Engine, event
from werkzeug.routing import Rule

from portal.app import create_app
from portal.config import Settings
from portal.database import db
from portal.migrate import migrate
from tests.postgres import AsMade, Cluster


class CompiledTemplates(BytecodeCache):
    """Templates compiled once a session instead of once an application."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self.kept:
            bucket.bytecode_from_string(self.kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.kept[bucket.key] = bucket.bytecode_to_string()


def compile_addresses_once() -> None:
    """Let every application of the session share what werkzeug compiles of their common addresses: half its start."""
    compiled: dict[tuple[Any, ...], dict[str, Any]] = {}
    plain = Rule.compile

    def once(rule: Rule) -> None:
        key = (
            rule.rule,
            rule.subdomain,
            rule.host,
            str(rule.defaults),
            rule.merge_slashes,
            *rule.map.converters.items(),
        )
        if key not in compiled:
            plain(rule)
            compiled[key] = {name: rule.__dict__[name] for name in ("_parts", "_trace", "_converters", "arguments")}
            compiled[key] |= {name: rule.__dict__[name].__func__ for name in ("_build", "_build_unknown")}
            return
        for name, value in compiled[key].items():
            setattr(rule, name, value.__get__(rule) if name.startswith("_build") else value)

    Rule.compile = once  # type: ignore[method-assign]


@event.listens_for(Engine, "connect")
def _spare_the_disk(connection: Any, _record: Any) -> None:
    """No test outlives a failure of power, only one of a process: SQLite need not wait for the disk, as PostgreSQL."""
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA synchronous=OFF")


@contextmanager
def as_in_earnest() -> Iterator[None]:
    """New connections are set up by the portal alone, as they are outside the tests."""
    event.remove(Engine, "connect", _spare_the_disk)
    try:
        yield
    finally:
        event.listen(Engine, "connect", _spare_the_disk)


class Engines:
    """Engines that the applications of a session use one after another, so that each statement is compiled once.

    Building the SQL of statements was half of what the tests with a database did, for an engine remembers it and each
    test had a new one. Whoever borrows an engine gets a view of it, so that no listener outlives its test.
    """

    def __init__(self) -> None:
        self.addresses: dict[Engine, Any] = {}
        self.free: dict[str, list[Engine]] = {}

    @contextmanager
    def lent_to(self, app: Flask) -> Iterator[None]:
        """The application connects through a borrowed engine, to its own database."""
        with app.app_context():
            own = db.engines[None]
            free = self.free.setdefault(own.dialect.name, [])
            engine = free.pop() if free else self.made_of(own)
            self.addresses[engine] = own.url
            seen = db.engines[None] = engine.execution_options()
            seen.url = own.url
        try:
            yield
        finally:
            engine.dispose()
            free.append(engine)

    def made_of(self, engine: Engine) -> Engine:
        """Let an engine connect to the address that its borrower has."""

        def connect(dialect: Any, _record: Any, _args: Any, _more: Any) -> Any:
            args, more = dialect.create_connect_args(self.addresses[engine])
            return dialect.connect(*args, **more)

        event.listen(engine, "do_connect", connect)
        return engine


ENGINES = Engines()
COMPILED = CompiledTemplates()
compile_addresses_once()
SECRET = "a secret of the tests, long enough to be taken"
TEMPLATE = "template_migrated"


def settings(url: str, data_dir: Path, **more: Any) -> Settings:
    """Settings of a test: nothing from the environment matters but what is said here."""
    return Settings(database_url=url, secret_key=SECRET, data_dir=data_dir, **more)


def close(app: Flask) -> None:
    """Give back every connection of an application."""
    with app.app_context():
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()


class Sqlite:
    """SQLite files under one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.numbers = itertools.count()
        self._template: Path | None = None

    def empty(self) -> str:
        """The address of a new, empty database."""
        return f"sqlite:///{self.folder / f'{next(self.numbers)}.db'}"

    def migrated(self) -> str:
        """The address of a new database at the present schema."""
        if self._template is None:
            url = f"sqlite:///{self.folder / TEMPLATE}.db"
            make_template(url, self.folder)
            self._template = self.folder / f"{TEMPLATE}.db"
            connection = sqlite3.connect(self._template)
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.close()
        url = self.empty()
        shutil.copyfile(self._template, url.removeprefix("sqlite:///"))
        return url

    def kept(self, url: str) -> str:
        """A copy of a database that nobody uses just now, to go back to with ``restore``."""
        connection = sqlite3.connect(url.removeprefix("sqlite:///"))
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        copy = self.empty()
        shutil.copyfile(url.removeprefix("sqlite:///"), copy.removeprefix("sqlite:///"))
        return copy

    def restore(self, url: str, kept: str) -> None:
        """Let a database that nobody uses just now be as it was kept."""
        self.drop(url)
        shutil.copyfile(kept.removeprefix("sqlite:///"), url.removeprefix("sqlite:///"))

    def drop(self, url: str) -> None:
        for ending in ("", "-wal", "-shm"):
            Path(url.removeprefix("sqlite:///") + ending).unlink(missing_ok=True)


class Postgresql:
    """Databases of the session's private cluster, which starts when the first test asks for it.

    A migrated database that a test gave back is emptied and given out again: a third of the work of making one.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.numbers = itertools.count()
        self._cluster: Cluster | None = None
        self._as_made: AsMade | None = None
        self._copies: set[str] = set()
        self._clean: list[str] = []

    @property
    def cluster(self) -> Cluster:
        if self._cluster is None:
            self._cluster = Cluster()
        return self._cluster

    def empty(self) -> str:
        """The address of a new, empty database."""
        return self.cluster.url(self._new(None))

    def migrated(self) -> str:
        """The address of a database at the present schema, with nothing but what is shipped."""
        if self._as_made is None:
            self.cluster.create(TEMPLATE)
            make_template(self.cluster.url(TEMPLATE), self.folder)
            with self.cluster.connected(TEMPLATE) as connection:
                self._as_made = AsMade.of(connection)
        if self._clean:
            return self.cluster.url(self._clean.pop())
        name = self._new(TEMPLATE)
        self._copies.add(name)
        return self.cluster.url(name)

    def _new(self, template: str | None) -> str:
        name = f"test_{next(self.numbers)}"
        self.cluster.create(name, template)
        return name

    def kept(self, url: str) -> str:
        """As with SQLite."""
        return self.cluster.url(self._new(name_of(url)))

    def restore(self, url: str, kept: str) -> None:
        """As with SQLite."""
        name = name_of(url)
        self._copies.discard(name)
        self.cluster.drop(name)
        self.cluster.create(name, name_of(kept))

    def drop(self, url: str) -> None:
        name = name_of(url)
        if name in self._copies and self._as_made is not None:
            with self.cluster.connected(name) as connection:
                was_emptied = self._as_made.restore(connection)
            if was_emptied:
                self._clean.append(name)
                return
        self._copies.discard(name)
        self.cluster.drop(name)

    def stop(self) -> None:
        if self._cluster is not None:
            self._cluster.stop()


def name_of(url: str) -> str:
    """The database name in an address."""
    return url.split("@/", 1)[1].split("?", 1)[0]


def make_template(url: str, folder: Path) -> None:
    """Run the migrations and load what is shipped, as ``portal upgrade`` does."""
    app = create_app(settings(url, folder))
    with app.app_context():
        migrate()
    close(app)


@contextmanager
def application(url: str, data_dir: Path, **more: Any) -> Iterator[Flask]:
    """An application on a database, closed afterwards."""
    app = create_app(settings(url, data_dir, **more))
    app.testing = True
    app.jinja_env.bytecode_cache = COMPILED
    with ENGINES.lent_to(app):
        try:
            yield app
        finally:
            close(app)
