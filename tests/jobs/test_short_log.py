"""SQLite's log is copied back only while nobody can commit, and is kept short."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from portal.database import LOG_FULL, commit, db, shorten_log
from tests.databases import Sqlite, application

ROOM = "x" * 100_000


@pytest.fixture
def little(_sqlite: Sqlite, tmp_path: Path) -> Flask:
    """An application on SQLite only: PostgreSQL keeps its own log."""
    url = _sqlite.empty()
    with application(url, tmp_path / "files") as app, app.app_context():
        with commit():
            db.session.execute(text("CREATE TABLE notes (id INTEGER PRIMARY KEY, words TEXT)"))
        yield app
        db.session.remove()
    _sqlite.drop(url)


def database() -> Path:
    return Path(str(db.engine.url.database))


def log_size() -> int:
    return Path(f"{database()}-wal").stat().st_size


def write(times: int = 1) -> None:
    for _ in range(times):
        with commit():
            db.session.execute(text("INSERT INTO notes (words) VALUES (:words)"), {"words": ROOM})


def test_no_connection_copies_by_itself(little: Flask) -> None:
    for _ in range(3):
        with db.engine.connect() as connection:
            assert connection.execute(text("PRAGMA wal_autocheckpoint")).scalar() == 0


def test_the_log_stays_short(little: Flask) -> None:
    longest = 0
    for _ in range(300):
        write()
        longest = max(longest, log_size())

    assert longest < LOG_FULL + 2**20
    assert database().stat().st_size > 200 * len(ROOM)


def test_nothing_is_copied_while_another_may_commit(little: Flask) -> None:
    write(3)
    before = database().stat().st_size
    other = sqlite3.connect(database(), isolation_level=None)
    reading = sqlite3.connect(database(), isolation_level=None)
    try:
        reading.execute("BEGIN")
        reading.execute("SELECT count(*) FROM notes").fetchall()
        write(60)
        other.execute("BEGIN IMMEDIATE")
        held = database().stat().st_size
        shorten_log()
        assert log_size() > LOG_FULL
        assert database().stat().st_size == held
        other.execute("ROLLBACK")
    finally:
        other.close()
        reading.close()

    shorten_log()
    assert database().stat().st_size > max(before, held)


def test_a_connection_that_copied_waits_for_locks_again(little: Flask) -> None:
    write(100)
    shorten_log()

    with db.engine.connect() as connection:
        assert connection.execute(text("PRAGMA busy_timeout")).scalar() == 8000
