"""Who leads: one lock that goes with its holder, whatever end the process comes to.

PostgreSQL: an advisory lock of a session, on a connection of its own. SQLite: a lock on a file beside the database,
which is where two schedulers of one portal certainly meet.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from portal.logs import logger

SEAT_LOCK = 7_061_900
# A machine that lost its power says no good-bye: the server asks, and gives the lock free after a minute.
ASK_FOR_LIFE = {"tcp_keepalives_idle": 30, "tcp_keepalives_interval": 10, "tcp_keepalives_count": 3}
HELD = text(
    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = 0 AND objid = :key AND objsubid = 1"
    " AND granted AND pid = pg_backend_pid()"
)
log = logger(__name__)


class Seat(Protocol):
    """The one seat of the leader."""

    def take(self) -> bool:
        """Sit down if nobody does; whether it worked."""

    def is_held(self) -> bool:
        """Whether we still sit; asked again and again, since a connection can break."""

    def leave(self) -> None:
        """Stand up, so that a stand-by takes over at once."""


def seat_of(engine: Engine) -> Seat:
    """The seat of the database of an engine."""
    if engine.dialect.name == "postgresql":
        return SessionLock(engine)
    return FileLock(Path(f"{engine.url.database}.scheduler"))


class SessionLock:
    """An advisory lock: the server gives it free when the connection ends. Needs a real session, no pool between."""

    def __init__(self, engine: Engine) -> None:
        self._engine = create_engine(engine.url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        self._connection: Connection | None = None

    def take(self) -> bool:
        try:
            if self._connection is None:
                self._connection = self._engine.connect()
                for setting, value in ASK_FOR_LIFE.items():
                    self._connection.exec_driver_sql(f"SET {setting} = {value}")
            asked = text("SELECT pg_try_advisory_lock(:key)")
            return bool(self._connection.execute(asked, {"key": SEAT_LOCK}).scalar())
        except DBAPIError as error:
            log.warning("the database does not answer", error=type(error.orig).__name__)
            self.leave()
            return False

    def is_held(self) -> bool:
        if self._connection is None:
            return False
        try:
            return self._connection.execute(HELD, {"key": SEAT_LOCK}).scalar() == 1
        except DBAPIError:
            self.leave()
            return False

    def leave(self) -> None:
        if self._connection is not None:
            self._connection.invalidate()
            self._connection.close()
            self._connection = None


class FileLock:
    """A lock of this process on a file; the system gives it free when the process ends. Children do not inherit it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: int | None = None

    def take(self) -> bool:
        if self._file is not None:
            return True
        file = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(file)
            return False
        self._file = file
        return self.is_held()

    def is_held(self) -> bool:
        """The lock is worth nothing once the file has been removed: another process would lock a new one."""
        if self._file is None:
            return False
        try:
            found = os.stat(self.path)
        except OSError:
            found = None
        mine = os.fstat(self._file)
        if found is not None and (found.st_ino, found.st_dev) == (mine.st_ino, mine.st_dev):
            return True
        self.leave()
        return False

    def leave(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None
