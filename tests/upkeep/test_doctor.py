"""The doctor sees what was broken."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import text

from portal import clock
from portal.database import db, dialect
from portal.documents.models import StoredFile
from tests.databases import as_in_earnest
from tests.factories import Make

# The test server runs without fsync, which the doctor rightly calls bad.
OF_THE_TEST_SERVER = {"durability"}


def checks_of(done: Any) -> dict[str, dict[str, str]]:
    return {check["name"]: check for check in done.json["checks"] if check["name"] not in OF_THE_TEST_SERVER}


def test_a_new_portal_is_well(portal: Callable[..., Any]) -> None:
    with as_in_earnest():
        checks = checks_of(portal("doctor"))

    assert [check for check in checks.values() if check["state"] == "bad"] == []
    assert checks["append-only"]["state"] == "good"
    assert checks["calendar"]["state"] == "good"


def test_a_missing_trigger_is_seen(portal: Callable[..., Any], app: Any) -> None:
    drop = {
        "sqlite": "DROP TRIGGER audit_events_no_delete",
        "postgresql": "ALTER TABLE audit_events DISABLE TRIGGER audit_events_no_change",
    }[dialect()]
    administer(drop)

    done = portal("doctor")

    assert done.exit_code == 2
    assert checks_of(done)["append-only"]["state"] == "bad"


def test_a_changed_trail_is_seen(portal: Callable[..., Any], signed_in: Callable[..., Any]) -> None:
    signed_in("auditor")
    unlock, lock = {
        "sqlite": ("DROP TRIGGER audit_events_no_update", "SELECT 1"),
        "postgresql": ("ALTER TABLE audit_events DISABLE TRIGGER ALL", "ALTER TABLE audit_events ENABLE TRIGGER ALL"),
    }[dialect()]
    administer(unlock, "UPDATE audit_events SET actor = 'somebody else' WHERE seq = 1", lock)

    trail_check = checks_of(portal("doctor"))["trail"]

    assert trail_check["state"] == "bad"
    assert "sự kiện 1" in trail_check["detail"]


def test_an_empty_database_is_told_what_to_do(portal: Callable[..., Any], empty_url: str) -> None:
    done = portal("doctor", url=empty_url)

    assert done.exit_code == 2
    assert "portal upgrade" in done.stderr


def test_a_lost_file_is_seen(portal: Callable[..., Any], make: Make, tmp_path: Path) -> None:
    make.add(StoredFile(sha256="0" * 64, size=8, media_type="application/pdf", made_at=clock.now()))

    assert checks_of(portal("doctor"))["files"]["state"] == "bad"


def administer(*statements: str) -> None:
    """Do what only the owner of the database can."""
    with db.engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
