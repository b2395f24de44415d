"""Source files and kept cell values are erased after the policy's days; hashes, counts and cases stay."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from portal import clock
from portal.audit.models import AuditEvent
from portal.cases.models import Case
from portal.database import commit, db
from portal.directory.models import Unit
from portal.imports.jobs import erase_uploads
from portal.imports.keeping import uploads
from portal.imports.models import Batch, BatchChange, BatchRow
from portal.policy.actions import set_value
from tests.imports.bringing import bring, count, newest
from tests.imports.lists import row, text


def brought(days_ago: int) -> None:
    """Let the last batch be so old."""
    batch = newest()
    with commit():
        batch.uploaded_at = clock.now() - timedelta(days=days_ago)


def run() -> dict[str, int]:
    db.session.rollback()
    return erase_uploads(clock.today(), clock.now())


def test_what_is_old_is_erased_and_the_hash_stays(office: FlaskClient, unit: Unit, tmp_path: Path) -> None:
    bring(office, text(tmp_path / "l.csv", [row("A"), row("B", due="sai")]))
    office.post("/imports/1/apply")
    sha256 = newest().file_sha256
    db.session.rollback()
    with commit():
        db.session.add(BatchChange(batch_id=1, code="A", field="subject", old="a", new="b", kind="changed"))
    brought(91)

    assert run() == {"erased": 1, "pruned": 0, "orphans": 0}

    assert not uploads().has(sha256)
    batch = newest()
    assert (batch.file_sha256, batch.counts["rejected"], batch.erased_at is not None) == (sha256, 1, True)
    assert db.session.scalars(select(BatchRow.value)).all() == [None]
    assert db.session.execute(select(BatchChange.old, BatchChange.new)).all() == [(None, None)]
    assert count(Case) == 1
    assert count(AuditEvent, AuditEvent.kind == "batch.erased") == 1
    assert run() == {"erased": 0, "pruned": 0, "orphans": 0}


@pytest.mark.parametrize(("days", "erased"), [(29, 0), (31, 1)])
def test_the_policy_says_how_long(office: FlaskClient, unit: Unit, tmp_path: Path, days: int, erased: int) -> None:
    with commit():
        first = clock.today() - timedelta(days=1)
        set_value("uploads.keep_days", 30, valid_from=first, basis="QĐ 1", by=None, at=clock.now())
    bring(office, text(tmp_path / "l.csv", [row("A")]))
    brought(days)

    assert run() == {"erased": erased, "pruned": 0, "orphans": 0}


def test_a_file_brought_again_stays_until_then(office: FlaskClient, unit: Unit, tmp_path: Path) -> None:
    path = text(tmp_path / "l.csv", [row("A")])
    bring(office, path)
    brought(200)
    bring(office, path)

    assert run() == {"erased": 0, "pruned": 0, "orphans": 0}
    brought(95)
    assert run() == {"erased": 2, "pruned": 0, "orphans": 0}


def test_a_batch_under_work_is_left_alone(office: FlaskClient, unit: Unit, tmp_path: Path) -> None:
    bring(office, text(tmp_path / "l.csv", [row("A")]))
    with commit():
        db.session.get_one(Batch, 1).state = "applying"
    brought(95)

    assert run() == {"erased": 0, "pruned": 0, "orphans": 0}


def test_an_erased_preview_can_no_longer_be_applied(office: FlaskClient, unit: Unit, tmp_path: Path) -> None:
    bring(office, text(tmp_path / "l.csv", [row("A")]))
    brought(95)
    run()

    assert office.post("/imports/1/apply").status_code == 409
    assert "đã xoá ngày" in office.get("/imports/1").text


def test_a_file_no_batch_speaks_of_goes_as_well(office: FlaskClient, unit: Unit, tmp_path: Path) -> None:
    bring(office, text(tmp_path / "l.csv", [row("A")]))
    refused, young = (uploads().put(data, "") for data in (b"refused", b"young"))
    old = (clock.now() - timedelta(days=91)).timestamp()
    for sha256 in (refused.sha256, newest().file_sha256):
        os.utime(uploads().path(sha256), (old, old))

    assert run() == {"erased": 0, "pruned": 0, "orphans": 1}

    assert not uploads().has(refused.sha256)
    assert uploads().has(young.sha256) and uploads().has(newest().file_sha256)
