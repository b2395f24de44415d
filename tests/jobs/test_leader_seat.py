"""The seat of the leader: one at a time, free again when its holder leaves or loses it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from portal.database import db, dialect
from portal.jobs.seat import SEAT_LOCK, Seat, seat_of
from tests.house.sources import ROOT


@pytest.fixture
def first(app: Flask) -> Seat:
    return seat_of(db.engine)


def take_away() -> None:
    """What an administrator or a broken network may do to the leader."""
    if dialect() == "sqlite":
        Path(f"{db.engine.url.database}.scheduler").unlink()
        return
    holder = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = :key AND granted"
    db.session.execute(text(f"SELECT pg_terminate_backend(pid, 5000) FROM ({holder}) h"), {"key": SEAT_LOCK})
    db.session.rollback()


def test_a_seat_is_kept_until_its_holder_leaves(first: Seat) -> None:
    assert first.take()
    assert first.is_held()

    first.leave()

    assert not first.is_held()
    assert first.take()
    first.leave()


def taken_elsewhere(url: str) -> bool:
    """Whether another process gets the seat."""
    program = (
        "import sys; from sqlalchemy import create_engine; from portal.jobs.seat import seat_of; "
        "sys.exit(not seat_of(create_engine(sys.argv[1])).take())"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run([sys.executable, "-c", program, url], env=environment, check=False).returncode == 0


def test_only_one_process_sits(first: Seat, database_url: str) -> None:
    assert first.take()
    assert not taken_elsewhere(database_url)

    first.leave()

    assert taken_elsewhere(database_url)
    assert first.take()
    first.leave()


def test_a_lost_seat_is_noticed_and_can_be_taken_again(first: Seat) -> None:
    assert first.take()

    take_away()

    assert not first.is_held()
    assert first.take()
    assert first.is_held()
    first.leave()
